-- The same outlet's articles before and after a given one.
select * from (
    select 'previous' as which, id, title, language, script from articles
    where outlet = :outlet and coalesce(published_at, first_seen_at) <= :at and id <> :id
    and (coalesce(published_at, first_seen_at) < :at or id < :id)
    order by coalesce(published_at, first_seen_at) desc, id desc limit 1
)
union all
select * from (
    select 'next' as which, id, title, language, script from articles
    where outlet = :outlet and coalesce(published_at, first_seen_at) >= :at and id <> :id
    and (coalesce(published_at, first_seen_at) > :at or id > :id)
    order by coalesce(published_at, first_seen_at), id limit 1
)
