-- Of the articles with a name that came in last, the newest first: a common name has many thousand.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.published_offset, a.first_seen_at,
    a.language, a.script, a.excerpt, a.state, a.version_count
from (
    select id from (
        select a.id, coalesce(a.published_at, a.first_seen_at) as at
        from mentions m cross join articles a indexed by articles_search
            on a.id = m.page_id and a.version_id = m.version_id
        where m.entity_id = :id order by m.page_id desc limit :newest
    ) order by at desc, id desc limit :limit offset :offset
) m join articles a on a.id = m.id
order by coalesce(a.published_at, a.first_seen_at) desc, a.id desc
