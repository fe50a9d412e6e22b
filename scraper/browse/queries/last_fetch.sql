-- The time of the latest fetch: captures are imported in any order, so not of the last row. From one
-- class to the next along the index by class and time: no more rows are read than there are classes.
with recursive classes (class) as (
    select min(class) from fetches
    union all
    select (select min(f.class) from fetches f where f.class > c.class)
    from classes c where c.class is not null
)
select max((select max(f.at) from fetches f where f.class = c.class)) as at
from classes c where c.class is not null
