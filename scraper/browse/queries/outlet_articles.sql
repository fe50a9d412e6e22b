-- An outlet's articles, newest first.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.first_seen_at, a.language, a.script,
    a.excerpt, a.state, a.version_count, coalesce(a.published_at, a.first_seen_at) as at
from articles a where a.outlet_id = :outlet_id
order by at desc, a.id desc limit :limit offset :offset
