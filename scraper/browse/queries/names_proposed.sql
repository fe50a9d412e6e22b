-- Names that the lexicon does not list, told by their form, which several new articles have.
select e.id, e.kind, e.name, count(distinct m.page_id) as articles,
    min(a.first_seen_at) as first_at, max(a.first_seen_at) as last_at
from (
    select id, version_id, first_seen_at from articles
    order by coalesce(published_at, first_seen_at) desc limit 2000
) a
cross join mentions m on m.version_id = a.version_id
join entities e on e.id = m.entity_id
where e.listed = 0
group by e.id having count(distinct m.page_id) >= 3
order by articles desc, e.name limit 10
