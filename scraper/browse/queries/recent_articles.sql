-- The articles of some days before the newest one.
select id from articles
where coalesce(published_at, first_seen_at) >= (
    select strftime('%Y-%m-%dT%H:%M:%SZ', max(coalesce(published_at, first_seen_at)), :days)
    from articles where coalesce(published_at, first_seen_at)
        <= strftime('%Y-%m-%dT%H:%M:%SZ', :last, '+1 day')
)
order by coalesce(published_at, first_seen_at) desc limit :limit
