-- How likely the text of an article is whole and clean, so that a reader knows where to look.

-- Share (0 to 1) of held-out pages with such signs whose text is right; NULL: not judged.
alter table articles add column confidence real;
-- The latest articles by it, without a look at their texts.
create index articles_confidence on articles (first_seen_at, confidence);

drop view article_list;
create view article_list as
select a.id, a.title, a.outlet, a.authors, a.published_at, a.language, a.script, a.length,
    a.confidence, a.version_count as versions, a.state, a.url, a.excerpt
from articles a order by coalesce(a.published_at, a.first_seen_at) desc;
