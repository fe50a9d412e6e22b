-- What publishers changed or took down after a row of the ledger, the gravest first; of very many
-- the last ones.
select c.id as cursor, c.at, c.kind, c.title, c.severity, c.classes, c.page_id as article_id,
    a.outlet, a.language, a.script
from (
    select * from changes where id > :after and kind <> 'new' order by id desc limit 2000
) c
left join articles a on a.id = c.page_id
order by c.severity desc, c.id desc limit :limit
