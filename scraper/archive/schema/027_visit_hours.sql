-- When sources may be visited, as sources.toml says: the next visit is due at such a time.
alter table sources add column cron text not null default '';   -- cron line, or ''
alter table sources add column quiet text not null default '';  -- hours of the day, or ''
alter table sources add column clock text not null default '';  -- zone whose clock both mean

-- A page's looks: each new one replaces the former.
create index page_looks_page on page_looks (page_id);
