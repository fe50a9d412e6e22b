-- Names by the newest articles that have them. `cross join`: the planner would read all mentions.
with newest as (
    select id, version_id from articles
    order by coalesce(published_at, first_seen_at) desc limit :newest
)
select e.id, e.kind, e.name, e.family, e.maker, e.listed, n.articles, n.mentions,
    coalesce(f.figures, 0) as figures
from (
    select m.entity_id, count(*) as articles, sum(m.count) as mentions
    from newest a cross join mentions m on m.version_id = a.version_id group by m.entity_id
) n join entities e on e.id = n.entity_id
left join (
    select q.entity_id, count(*) as figures
    from newest a cross join quantities q on q.version_id = a.version_id group by q.entity_id
) f on f.entity_id = n.entity_id
where :kind in ('', e.kind)
order by n.articles desc, n.mentions desc, e.name limit :limit
