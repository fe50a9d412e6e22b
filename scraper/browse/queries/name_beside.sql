-- Other names in the latest articles that have a name, with the number of those articles.
with latest as (
    select a.version_id from mentions m join articles a on a.version_id = m.version_id
    where m.entity_id = :id order by m.page_id desc limit :latest
)
select e.id, e.kind, e.name, count(*) as articles
from latest l cross join mentions m on m.version_id = l.version_id
join entities e on e.id = m.entity_id
where m.entity_id <> :id
group by e.id order by articles desc, e.name limit 16
