-- Names with the articles whose current version has them, kept as texts come and go: of a million
-- articles they are too many to be counted when a list is asked for.
create table entity_counts (
    entity_id integer primary key,
    articles integer not null,
    mentions integer not null
) strict;
insert into entity_counts (entity_id, articles, mentions)
    select m.entity_id, count(*), sum(m.count)
    from articles a cross join mentions m on m.version_id = a.version_id group by m.entity_id;
create index entity_counts_articles on entity_counts (articles desc, mentions desc);
create trigger mentions_counted after insert on mentions
when exists (select 1 from articles where version_id = new.version_id) begin
    insert into entity_counts (entity_id, articles, mentions)
        values (new.entity_id, 1, new.count)
    on conflict (entity_id) do update set articles = articles + 1,
        mentions = mentions + excluded.mentions;
end;
create trigger mentions_uncounted after delete on mentions
when exists (select 1 from articles where version_id = old.version_id) begin
    update entity_counts set articles = articles - 1, mentions = mentions - old.count
    where entity_id = old.entity_id;
end;
create trigger articles_named after insert on articles begin
    insert into entity_counts (entity_id, articles, mentions)
        select entity_id, 1, count from mentions where version_id = new.version_id
    on conflict (entity_id) do update set articles = articles + 1,
        mentions = mentions + excluded.mentions;
end;
create trigger articles_unnamed after delete on articles begin
    update entity_counts set articles = articles - 1, mentions = mentions - (
        select m.count from mentions m
        where m.version_id = old.version_id and m.entity_id = entity_counts.entity_id
    ) where entity_id in (select entity_id from mentions where version_id = old.version_id);
end;
create trigger articles_renamed after update of version_id on articles
when old.version_id <> new.version_id begin
    update entity_counts set articles = articles - 1, mentions = mentions - (
        select m.count from mentions m
        where m.version_id = old.version_id and m.entity_id = entity_counts.entity_id
    ) where entity_id in (select entity_id from mentions where version_id = old.version_id);
    insert into entity_counts (entity_id, articles, mentions)
        select entity_id, 1, count from mentions where version_id = new.version_id
    on conflict (entity_id) do update set articles = articles + 1,
        mentions = mentions + excluded.mentions;
end;
create trigger entities_uncounted after delete on entities begin
    delete from entity_counts where entity_id = old.id;
end;

-- Lists whose first rows are found without a look at all others.
drop view entity_list;
create view entity_list as
select e.id, e.kind, e.name, e.family, e.maker, e.listed, c.articles, c.mentions
from entity_counts c join entities e on e.id = c.entity_id where c.articles > 0
order by c.articles desc, c.mentions desc;

drop view quantity_list;
create view quantity_list as
select q.id, e.name as about, q.kind, q.detail, q.qualifier, q.low, q.high, q.unit, q.printed,
    a.outlet, v.number as version, v.id = a.version_id as current,
    coalesce(a.published_at, a.first_seen_at) as at, q.sentence, q.link, a.id as article_id, a.url
from quantities q join versions v on v.id = q.version_id join articles a on a.id = q.page_id
join entities e on e.id = q.entity_id order by q.id desc;

drop view quote_list;
create view quote_list as
select q.id, q.speaker, q.words, q.direct, a.outlet, v.number as version,
    v.id = a.version_id as current, coalesce(a.published_at, a.first_seen_at) as at, a.title,
    a.id as article_id, a.url
from quotes q join versions v on v.id = q.version_id join articles a on a.id = q.page_id
order by q.id desc;

drop view source_health;
create view source_health as
select s.id, s.name, o.name as outlet, s.kind, s.enabled, s.failures, s.last_class,
    s.last_message, s.last_visit_at, s.last_ok_at, s.last_new_at, s.next_due_at,
    coalesce(c.pages, 0) as pages, coalesce(c.articles, 0) as articles, s.url
from sources s join outlets o on o.id = s.outlet_id
left join source_counts c on c.source_id = s.id order by s.name;

-- `+`: the planner would read all takedowns for each article.
drop view survival_list;
create view survival_list as
select f.id as article_id, f.title, f.outlet, f.state, f.first_at as first_archived_at,
    f.last_at as last_seen_at,
    round(julianday(f.last_at) - julianday(f.first_at), 3) as watched_days,
    round(julianday((select min(c.at) from changes c where c.page_id = f.id
        and +c.kind in ('edited', 'retitled'))) - julianday(f.first_at), 3) as days_to_edit,
    round(julianday((select min(c.at) from changes c where c.page_id = f.id and +c.kind = 'gone'))
        - julianday(f.first_at), 3) as days_to_takedown
from (
    select a.id, a.title, a.outlet, a.state,
        (select min(v.first_observed_at) from versions v where v.page_id = a.id) as first_at,
        (select max(v.last_observed_at) from versions v where v.page_id = a.id) as last_at
    from articles a
) f;
