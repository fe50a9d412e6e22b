-- Where the page of newer articles begins: so many of them, from a place of `front_articles` on.
select coalesce(a.published_at, a.first_seen_at) as at, a.id from articles a
where coalesce(a.published_at, a.first_seen_at) >= :at
    and (coalesce(a.published_at, a.first_seen_at) > :at or a.id >= :id)
    and coalesce(a.published_at, a.first_seen_at)
        <= coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', :last, '+1 day'), '9999')
    and /* filters */ true
order by coalesce(a.published_at, a.first_seen_at), a.id limit 1 offset :many
