-- The story of an article, with the number of its articles and outlets.
select s.story_id as id, count(*) as articles, count(distinct a.outlet) as outlets
from story_members m join story_members s on s.story_id = m.story_id
join articles a on a.id = s.article_id
where m.article_id = :article_id group by s.story_id
