-- By source, the stretches without a successful visit of more than three times the interval, within
-- the 30 days before the last fetch. The clock plays no part: an old archive shows its own last month.
with visits as (
    select source_id, strftime('%s', at)
        - strftime('%s', lag(at) over (partition by source_id order by at)) as seconds
    from fetches
    where source_id is not null and class in ('ok', 'unchanged') and at >= (
        select strftime('%Y-%m-%dT%H:%M:%SZ', max(at), '-30 days') from fetches
    )
)
select v.source_id, count(*) as gaps, max(v.seconds) as longest_gap
from visits v join sources s on s.id = v.source_id
where v.seconds > 3 * s.interval
group by v.source_id
