-- The first article that is known to have a name, by the time that it gives. The articles of a name
-- are sorted; those of a name that very many have are not: one of the oldest articles has it.
with few as (
    select count(*) <= 20000 as so from (
        select 1 from mentions where entity_id = :id limit 20001
    )
)
select * from (
    select a.id, a.title, a.outlet, a.language, a.script, a.published_at, a.first_seen_at
    from few cross join mentions m join articles a on a.version_id = m.version_id
    where few.so and m.entity_id = :id
    order by coalesce(a.published_at, a.first_seen_at), a.id limit 1
)
union all
select * from (
    select a.id, a.title, a.outlet, a.language, a.script, a.published_at, a.first_seen_at
    from articles a
    where not (select so from few) and exists (
        select 1 from mentions m
        where m.entity_id = :id and m.page_id = a.id and m.version_id = a.version_id
    )
    order by coalesce(a.published_at, a.first_seen_at), a.id limit 1
)
