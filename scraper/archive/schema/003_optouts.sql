-- What publishers reserve, and bodies of which nothing tells whether they are whole.

-- JSON: [kind, origin, value] each, as in models.Reservation; NULL where no page was read.
alter table fetches add column reservations text;
-- 1: the body ended with its connection (RFC 9112, section 6.3).
alter table fetches add column close_delimited integer not null default 0;
create index fetches_reservations on fetches (page_id, id)
    where reservations is not null and reservations <> '[]';

-- Of a page whose publisher asks that it be not archived this is all that is kept.
alter table pages add column title text not null default '';
alter table pages add column published_at text;

-- Files of a host that reserve rights: texts as they were read, '' where there is none.
alter table hosts add column reserved_at text;
alter table hosts add column ai_txt text not null default '';
alter table hosts add column tdmrep text not null default '';

create view metadata_only as
select p.id, p.title, p.published_at, p.host, p.last_class as why, p.first_seen_at, p.url,
    (select f.message from fetches f where f.page_id = p.id order by f.id desc limit 1) as evidence
from pages p left join articles a on a.id = p.id
where a.id is null and p.title <> '' order by coalesce(p.published_at, p.first_seen_at) desc;

create view reservation_list as
select p.id as page_id, coalesce(a.title, p.title) as title, p.host,
    json_extract(r.value, '$[0]') as kind, json_extract(r.value, '$[1]') as origin,
    json_extract(r.value, '$[2]') as value, f.at, p.url
from fetches f join json_each(f.reservations) r join pages p on p.id = f.page_id
    left join articles a on a.id = p.id
where f.reservations is not null and f.reservations <> '[]' and f.id =
    (select max(g.id) from fetches g where g.page_id = f.page_id and g.part = 1
        and g.reservations is not null)
order by f.at desc;
