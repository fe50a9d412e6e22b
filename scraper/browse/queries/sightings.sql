-- Where an article was seen: the sources that showed it, and under which headline.
select s.name as source, o.name as outlet, g.title, g.published_at, g.published_raw,
    g.first_seen_at, g.last_seen_at, g.times
from sightings g join sources s on s.id = g.source_id join outlets o on o.id = s.outlet_id
where g.page_id = :article_id order by g.first_seen_at, g.id limit 50
