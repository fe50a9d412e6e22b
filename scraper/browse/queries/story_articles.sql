-- The articles of some stories, each story's latest first.
select m.story_id, a.id, a.title, a.outlet, a.language, a.script, a.state, a.version_count,
    a.published_at, a.published_offset, a.first_seen_at,
    coalesce(a.published_at, a.first_seen_at) as at
from story_members m join articles a on a.id = m.article_id
where m.story_id in (select value from json_each(:stories))
order by m.story_id, at desc, a.id desc
