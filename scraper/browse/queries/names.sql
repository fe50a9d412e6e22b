-- Names by the current versions that have them.
select e.id, e.kind, e.name, e.family, e.maker, e.listed, count(*) as articles,
    sum(m.count) as mentions,
    (select count(*) from quantities q where q.entity_id = e.id) as figures
from entities e join mentions m on m.entity_id = e.id join articles a on a.version_id = m.version_id
where :kind in ('', e.kind)
group by e.id order by articles desc, mentions desc, e.name limit :limit
