-- The figures of one version of an article, in order.
select e.id, e.name as about, q.kind, q.detail, q.unit, q.low, q.high, q.qualifier, q.printed,
    q.sentence
from quantities q join entities e on e.id = q.entity_id
where q.version_id = :version_id order by q.in_title desc, q.place limit 60
