-- The newest articles by the time that they give, or at which they were found where they give none,
-- from a place in that order on. A time that lies more than a day after the last fetch is a slip of
-- the page, not news: left out. One scan along an index, so that the archive is never sorted.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.published_offset, a.first_seen_at,
    a.language, a.script, a.excerpt, a.state, a.version_count, a.on_topic, m.story_id,
    coalesce(a.published_at, a.first_seen_at) as at
from articles a left join story_members m on m.article_id = a.id
where coalesce(a.published_at, a.first_seen_at)
        <= coalesce(nullif(:at, ''), strftime('%Y-%m-%dT%H:%M:%SZ', :last, '+1 day'), '9999')
    and (coalesce(a.published_at, a.first_seen_at) < :at or :at = '' or a.id < :id)
    and /* filters */ true
order by coalesce(a.published_at, a.first_seen_at) desc, a.id desc limit :limit
