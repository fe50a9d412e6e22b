-- Other names in the latest articles that have a name, with the number of those articles.
select e.id, e.kind, e.name, count(distinct m.page_id) as articles
from mentions m join articles a on a.version_id = m.version_id
join entities e on e.id = m.entity_id
where m.page_id in (
    select page_id from mentions where entity_id = :id order by page_id desc limit 300
) and m.entity_id <> :id
group by e.id order by articles desc, e.name limit 16
