-- By error class, how often pages gave no article in the week before the last fetch, and the last one.
with counted as (
    select c.value as class, (
        select count(*) from fetches f
        where f.class = c.value and f.at >= strftime('%Y-%m-%dT%H:%M:%SZ', :last, '-7 days')
    ) as number
    from json_each(:classes) c
)
select n.class, n.number, f.at, f.url, f.message, f.page_id as article_id, a.title
from counted n
join fetches f on f.id = (select id from fetches where class = n.class order by at desc limit 1)
left join articles a on a.id = f.page_id
where n.number > 0
order by n.number desc, n.class
