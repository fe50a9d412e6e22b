-- Of a name that very many articles have: its first among the oldest articles, by whose order it is
-- found without looking at each that has it. No row: it is not among them, or has fewer articles.
with early as materialized (
    select a.id, coalesce(a.published_at, a.first_seen_at) as at from articles a
    order by coalesce(a.published_at, a.first_seen_at), a.id
    limit (
        select 10000 * (count(*) > 1000)
        from (select 1 from mentions where entity_id = :id limit 1001)
    )
), first as (
    select e.id as page_id, v.number, iif(v.number = 1, e.at, v.first_observed_at) as at
    from early e cross join mentions m on m.entity_id = :id and m.page_id = e.id
    cross join versions v on v.id = m.version_id
    order by 3, 1 limit 1
)
select a.id, a.title, a.outlet, a.language, a.script, a.published_at, a.published_offset,
    a.first_seen_at, f.number as version, v.first_observed_at as seen_at, exists (
        select 1 from mentions m where m.version_id = a.version_id and m.entity_id = :id
    ) as still
from first f join articles a on a.id = f.page_id
join versions v on v.page_id = f.page_id and v.number = f.number
where f.at <= (select max(at) from early)
