-- How the sources fare; those in trouble first. A gap is a stretch without a successful visit of
-- more than three times the interval.
with visits as (
    select source_id, strftime('%s', at)
        - strftime('%s', lag(at) over (partition by source_id order by at)) as seconds
    from fetches
    where source_id is not null and class in ('ok', 'unchanged') and at >= :since
),
gaps as (
    select v.source_id, count(*) as gaps,
        max(v.seconds) as longest_gap
    from visits v join sources s on s.id = v.source_id
    where v.seconds > 3 * s.interval
    group by v.source_id
)
select h.*, s.interval, coalesce(g.gaps, 0) as gaps, coalesce(g.longest_gap, 0) as longest_gap
from source_health h join sources s on s.id = h.id left join gaps g on g.source_id = h.id
order by h.enabled desc, h.failures desc, (h.last_ok_at is null) desc, h.name
limit :limit
