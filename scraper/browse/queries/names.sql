-- Names by the newest articles that have them. `cross join`: the planner would read all mentions.
with newest as (
    select id, version_id from articles
    order by coalesce(published_at, first_seen_at) desc limit :newest
)
select e.id, e.kind, e.name, e.family, e.maker, e.listed, n.articles, n.mentions,
    (select count(*) from (select 1 from quantities q where q.entity_id = e.id limit 1000)) as figures
from (
    select m.entity_id, count(*) as articles, sum(m.count) as mentions
    from newest a cross join mentions m on m.version_id = a.version_id group by m.entity_id
) n join entities e on e.id = n.entity_id
where :kind in ('', e.kind)
order by n.articles desc, n.mentions desc, e.name limit :limit
