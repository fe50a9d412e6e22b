-- Of the articles with a name that came in last, the newest first: a common name has many thousand.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.first_seen_at, a.language, a.script,
    a.excerpt, a.state, a.version_count
from (
    select version_id from mentions where entity_id = :id order by page_id desc limit 2000
) m join articles a on a.version_id = m.version_id
order by coalesce(a.published_at, a.first_seen_at) desc, a.id desc limit :limit offset :offset
