-- By source, the pages that it was the first to show, and those that became articles.
select p.source_id, count(*) as pages, count(a.id) as articles
from pages p left join articles a on a.id = p.id
where p.source_id is not null group by p.source_id
