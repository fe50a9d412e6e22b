-- The names in one version of an article, the most frequent first.
select e.id, e.kind, e.name, m.count, m.in_title, m.matched
from mentions m join entities e on e.id = m.entity_id
where m.version_id = :version_id order by m.count desc, e.kind, e.name limit 60
