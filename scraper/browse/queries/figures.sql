-- The archive in figures, each from an index or a small table.
select (select number from counts where name = 'articles') as articles,
    (select number from counts where name = 'versions') as versions,
    (select count(*) from outlets o where exists (
        select 1 from articles a where a.outlet_id = o.id
    )) as outlets,
    (select count(*) from articles where state = 'gone') as gone
