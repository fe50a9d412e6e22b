-- The ledger, newest first.
select c.id as cursor, c.at, c.kind, c.title, c.severity, c.classes, c.page_id as article_id,
    v.number, v.added, v.removed, a.outlet, a.language, a.script, a.url,
    p.title as old_title, v.title as new_title
from changes c
left join versions v on v.id = c.version_id
left join versions p on p.page_id = v.page_id and p.number = v.number - 1
left join articles a on a.id = c.page_id
where /* filters */ true
order by c.id desc limit :limit
