-- The ledger, newest first. What an edit changed stands in `scraper.archive.ledger_edits`.
select c.id as cursor, c.at, c.kind, c.title, c.severity, c.classes, c.page_id as article_id,
    a.outlet, a.language, a.script, a.url
from changes c
left join articles a on a.id = c.page_id
where /* filters */ true
order by c.id desc limit :limit
