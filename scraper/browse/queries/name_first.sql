-- The first article that is known to have had a name, in any version, with that version, and whether
-- its current one still has it: in the order of the times that articles give, or of when the version
-- was seen where an edit put the name in. The articles of a name are sorted; those of a name that
-- very many have are not: one of the oldest articles has it. An index has all that the order takes of
-- articles, whose rows are long.
with few as (
    select count(*) <= 20000 as so from (
        select 1 from mentions where entity_id = :id limit 20001
    )
), first as (
    select * from (
        select m.page_id, iif(a.version_count = 1, 1, v.number) as number
        from few cross join mentions m
        cross join articles a indexed by articles_search on a.id = m.page_id
        left join versions v on v.id = m.version_id and a.version_count > 1
        where few.so and m.entity_id = :id
        order by iif(
            a.version_count = 1 or v.number = 1,
            coalesce(a.published_at, a.first_seen_at),
            v.first_observed_at
        ), a.id
        limit 1
    )
    union all
    select * from (
        select a.id, 1 from articles a
        where exists (
            select 1 from mentions m join versions v on v.id = m.version_id
            where m.page_id = a.id and m.entity_id = :id and v.number = 1
        )
        order by coalesce(a.published_at, a.first_seen_at), a.id
        limit (select not so from few)
    )
)
select a.id, a.title, a.outlet, a.language, a.script, a.published_at, a.published_offset,
    a.first_seen_at, f.number as version, v.first_observed_at as seen_at, exists (
        select 1 from mentions m where m.version_id = a.version_id and m.entity_id = :id
    ) as still
from first f join articles a on a.id = f.page_id
join versions v on v.page_id = f.page_id and v.number = f.number
