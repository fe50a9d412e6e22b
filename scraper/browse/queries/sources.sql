-- State of the sources; those in trouble first.
select s.id, s.name, o.name as outlet, o.language, s.kind, s.url, s.enabled, s.interval, s.failures,
    s.last_class, s.last_message, s.last_visit_at, s.last_ok_at, s.last_new_at, s.next_due_at
from sources s join outlets o on o.id = s.outlet_id
order by s.enabled desc, s.failures desc, (s.last_ok_at is null) desc, s.name
limit :limit
