-- The articles that have a name, newest first.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.first_seen_at, a.language, a.script,
    a.excerpt, a.state, a.version_count
from mentions m join articles a on a.version_id = m.version_id
where m.entity_id = :id
order by coalesce(a.published_at, a.first_seen_at) desc limit :limit offset :offset
