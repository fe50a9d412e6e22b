-- By source, the stretches without a successful visit of more than three times the interval, within
-- the 30 days before the last fetch. The clock plays no part: an old archive shows its own last month.
with visits as (
    select f.source_id, strftime('%s', f.at)
        - strftime('%s', lag(f.at) over (partition by f.source_id order by f.at)) as seconds
    from sources s cross join fetches f indexed by fetches_visits
    where f.source_id = s.id and f.page_id is null and f.class in ('ok', 'unchanged')
        and f.at >= strftime('%Y-%m-%dT%H:%M:%SZ', :last, '-30 days')
)
select v.source_id, count(*) as gaps, max(v.seconds) as longest_gap
from visits v join sources s on s.id = v.source_id
where v.seconds > 3 * s.interval
group by v.source_id
