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
