-- Who wrote what a search finds.
select a.outlet, count(*) as hits
from articles_fts join articles a on a.id = articles_fts.rowid
where articles_fts match :match
group by a.outlet order by hits desc, a.outlet
