-- The archive in figures.
select (select count(*) from articles) as articles,
    (select count(*) from versions) as versions,
    (select count(distinct outlet_id) from articles) as outlets,
    (select count(*) from articles where state = 'gone') as gone,
    (select count(*) from sources where enabled) as sources,
    (select count(*) from sources where enabled and failures > 0) as failing,
    (select max(at) from fetches) as last_fetch_at
