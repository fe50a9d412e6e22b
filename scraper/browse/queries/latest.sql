-- The newest articles by the time that they give, or at which they were found where they give none.
-- A time that lies more than a day after the last fetch is a slip of the page, not news: left out.
-- Two scans along an index, so that the whole archive is never sorted.
with picked as (
    select * from (
        select id from articles where published_at is not null and published_at <= (
            select strftime('%Y-%m-%dT%H:%M:%SZ', max(at), '+1 day') from fetches
        )
        order by published_at desc limit :limit
    )
    union all
    select * from (
        select id from articles where published_at is null order by id desc limit :limit
    )
)
select a.id, a.title, a.outlet, a.credited, a.published_at, a.first_seen_at, a.language, a.script,
    a.excerpt, a.state, a.version_count,
    coalesce(a.published_at, a.first_seen_at) as at
from picked join articles a on a.id = picked.id
order by at desc, a.id desc limit :limit
