-- An outlet in figures.
select o.id, o.name, o.language, o.first_seen_at,
    (select count(*) from articles a where a.outlet_id = o.id) as articles,
    (select count(*) from articles a where a.outlet_id = o.id and a.state = 'gone') as gone,
    (select count(*) from articles a where a.outlet_id = o.id and a.version_count > 1) as edited,
    (select min(a.published_at) from articles a where a.outlet_id = o.id) as oldest_at,
    (select max(a.published_at) from articles a where a.outlet_id = o.id) as newest_at
from outlets o where o.name = :name
