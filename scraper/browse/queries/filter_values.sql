-- Outlets with the most articles among the latest, to filter by.
select outlet as name, count(*) as articles from (
    select outlet from articles order by coalesce(published_at, first_seen_at) desc limit 500
) group by outlet order by articles desc, outlet limit 8
