-- Other articles on the names that stand out in an article, the newest that name several first. Of
-- each name the last ones only: a common name has many thousand.
with names as (
    select entity_id from mentions
    where version_id = (select version_id from articles where id = :article_id)
    order by in_title desc, count desc, entity_id limit 4
), near as (
    select n.entity_id, o.page_id, o.version_id from names n join mentions o
        on o.entity_id = n.entity_id and o.page_id in (
            select page_id from mentions x where x.entity_id = n.entity_id
            and x.page_id <> :article_id order by page_id desc limit 40
        )
)
select a.id, a.title, a.outlet, a.language, a.script, a.published_at, a.first_seen_at, a.state,
    a.version_count, a.credited, count(*) as names
from near join articles a on a.id = near.page_id and a.version_id = near.version_id
group by a.id order by names desc, coalesce(a.published_at, a.first_seen_at) desc limit :limit
