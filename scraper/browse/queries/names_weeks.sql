-- The names of a kind that most of the newest articles have, by week.
with newest as (
    select id, version_id, coalesce(published_at, first_seen_at) as at from articles
    order by coalesce(published_at, first_seen_at) desc limit :newest
), counted as materialized (
    select e.id, e.name, date(n.at, 'weekday 0', '-6 days') as week, count(*) as articles
    from newest n cross join mentions m on m.version_id = n.version_id
    join entities e on e.id = m.entity_id
    where :kind in ('', e.kind) group by 1, 3
), most as (
    select id from counted group by id order by sum(articles) desc, name limit 5
)
select c.week, c.name, c.articles from most join counted c on c.id = most.id order by 1, 2
