-- The articles that changed, were taken down, or are on topic, by time: the front page's filters.
create index articles_changed on articles (coalesce(published_at, first_seen_at))
    where version_count > 1;
create index articles_gone on articles (coalesce(published_at, first_seen_at))
    where state = 'gone';
create index articles_topic_at on articles (on_topic, coalesce(published_at, first_seen_at));
create index articles_language_at on articles (
    language, coalesce(published_at, first_seen_at)
);
create index articles_outlet_at on articles (
    outlet, coalesce(published_at, first_seen_at)
);
-- What publishers did, without the articles that came in.
create index changes_edits on changes (id) where kind <> 'new';
create index changes_kind on changes (kind);

-- Numbers of rows that the front page shows, kept as rows come and go: to count a million takes a
-- second.
create table counts (
    name text primary key,                  -- articles, versions
    number integer not null
) strict, without rowid;
insert into counts (name, number) values
    ('articles', (select count(*) from articles)), ('versions', (select count(*) from versions));
create trigger articles_counted after insert on articles begin
    update counts set number = number + 1 where name = 'articles';
end;
create trigger articles_uncounted after delete on articles begin
    update counts set number = number - 1 where name = 'articles';
end;
create trigger versions_counted after insert on versions begin
    update counts set number = number + 1 where name = 'versions';
end;
create trigger versions_uncounted after delete on versions begin
    update counts set number = number - 1 where name = 'versions';
end;

-- By source, the pages that it was the first to show, and those that became articles.
create table source_counts (
    source_id integer primary key references sources (id),
    pages integer not null,
    articles integer not null
) strict;
insert into source_counts (source_id, pages, articles)
    select p.source_id, count(*), count(a.id) from pages p left join articles a on a.id = p.id
    where p.source_id is not null group by p.source_id;
create trigger pages_counted after insert on pages when new.source_id is not null begin
    insert into source_counts (source_id, pages, articles) values (new.source_id, 1, 0)
    on conflict (source_id) do update set pages = pages + 1;
end;
create trigger pages_uncounted after delete on pages when old.source_id is not null begin
    update source_counts set pages = pages - 1 where source_id = old.source_id;
end;
create trigger pages_moved after update of source_id on pages
when old.source_id is not new.source_id begin
    update source_counts set pages = pages - 1,
        articles = articles - (select count(*) from articles where id = new.id)
    where source_id = old.source_id;
    insert into source_counts (source_id, pages, articles)
        select new.source_id, 1, (select count(*) from articles where id = new.id)
        where new.source_id is not null
    on conflict (source_id) do update set pages = pages + 1, articles = articles + excluded.articles;
end;
create trigger articles_of_source after insert on articles begin
    insert into source_counts (source_id, pages, articles)
        select source_id, 0, 1 from pages where id = new.id and source_id is not null
    on conflict (source_id) do update set articles = articles + 1;
end;
create trigger articles_left_source after delete on articles begin
    update source_counts set articles = articles - 1
    where source_id = (select source_id from pages where id = old.id);
end;
