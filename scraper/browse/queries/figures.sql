-- The archive in figures, each from an index or a small table.
select (select count(*) from articles) as articles,
    (select count(*) from versions) as versions,
    (select count(distinct outlet_id) from articles) as outlets,
    (select count(*) from pages p join articles a on a.id = p.id where p.state = 'gone') as gone,
    (select max(at) from fetches) as last_fetch_at
