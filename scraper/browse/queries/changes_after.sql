-- What publishers changed or took down after a row of the ledger, the gravest first.
select c.id as cursor, c.at, c.kind, c.title, c.severity, c.classes, c.page_id as article_id,
    v.number, v.added, v.removed, a.outlet, a.language, a.script
from changes c
left join versions v on v.id = c.version_id
left join articles a on a.id = c.page_id
where c.id > :after and c.id > (select max(id) from changes) - 2000 and c.kind <> 'new'
order by c.severity desc, c.id desc limit :limit
