-- Stories by the time of their latest article, newest first; those to which an article came last. Of
-- a time that lies more than a day after the last fetch, a slip of the page, when it was found counts.
-- The latest articles are walked until there are enough stories; to group all takes 100 ms a million.
with shown as (
    select m.story_id, count(*) as articles, count(distinct a.outlet) as outlets,
        group_concat(distinct nullif(a.language, '')) as languages,
        max(iif(
            a.published_at <= coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', :last, '+1 day'), '9999'),
            a.published_at, a.first_seen_at
        )) as last_at
    from story_members m join articles a on a.id = m.article_id
    where m.story_id in (
        select l.story_id from story_members l
        where not exists (
            select 1 from story_members n
            where n.story_id = l.story_id and n.article_id > l.article_id
        )
        order by l.article_id desc limit :latest
    )
    group by m.story_id order by last_at desc, m.story_id desc limit :limit offset :offset
)
select shown.*, f.id as article_id, f.title, f.outlet, f.language, f.script
from shown join articles f on f.id = (
    select a.id from story_members m join articles a on a.id = m.article_id
    where m.story_id = shown.story_id
    order by coalesce(a.published_at, a.first_seen_at), a.id limit 1
)
order by shown.last_at desc, shown.story_id desc
