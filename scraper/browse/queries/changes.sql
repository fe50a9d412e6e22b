-- The ledger backwards from a cursor, whole or of one kind; 'edits' is all but what is new.
select c.id as cursor, c.at, c.kind, c.title, c.severity, c.classes, c.page_id as article_id,
    v.number, v.added, v.removed, a.outlet, a.language, a.script
from changes c
left join versions v on v.id = c.version_id
left join articles a on a.id = c.page_id
where (:before = 0 or c.id < :before)
    and (:kind = '' or c.kind = :kind or (:kind = 'edits' and c.kind <> 'new'))
order by c.id desc limit :limit
