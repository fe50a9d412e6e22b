-- How long each article stood: days from when it was first archived to its first edit, its takedown,
-- and the last time that it was seen. NULL: it did not happen while it was watched.
create view survival_list as
select a.id as article_id, a.title, a.outlet, a.state, f.first_at as first_archived_at,
    f.last_at as last_seen_at,
    round(julianday(f.last_at) - julianday(f.first_at), 3) as watched_days,
    round(julianday((select min(c.at) from changes c where c.page_id = a.id
        and c.kind in ('edited', 'retitled'))) - julianday(f.first_at), 3) as days_to_edit,
    round(julianday((select min(c.at) from changes c where c.page_id = a.id and c.kind = 'gone'))
        - julianday(f.first_at), 3) as days_to_takedown
from articles a join (
    select page_id, min(first_observed_at) as first_at, max(last_observed_at) as last_at
    from versions group by page_id
) f on f.page_id = a.id;
