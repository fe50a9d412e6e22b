-- The first article that is known to have a name, by the time that it gives.
select a.id, a.title, a.outlet, a.language, a.script, a.published_at, a.first_seen_at
from mentions m join articles a on a.version_id = m.version_id
where m.entity_id = :id order by coalesce(a.published_at, a.first_seen_at), a.id limit 1
