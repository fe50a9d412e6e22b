-- An outlet's articles, newest first; sorted before the rest of their rows is read.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.published_offset, a.first_seen_at,
    a.language, a.script, a.excerpt, a.state, a.version_count
from (
    select id, coalesce(published_at, first_seen_at) as at from articles
    where outlet_id = :outlet_id order by 2 desc, 1 desc limit :limit offset :offset
) picked join articles a on a.id = picked.id
order by picked.at desc, a.id desc
