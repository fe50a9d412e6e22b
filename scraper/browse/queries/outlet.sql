-- An outlet in figures.
select o.id, o.name, o.language, o.first_seen_at,
    (select count(*) from articles a where a.outlet_id = o.id) as articles,
    (select count(*) from pages p join articles a on a.id = p.id
        where p.outlet_id = o.id and p.state = 'gone') as gone,
    (select min(a.published_at) from articles a where a.outlet = o.name) as oldest_at,
    (select max(a.published_at) from articles a where a.outlet = o.name) as newest_at
from outlets o where o.name = :name
