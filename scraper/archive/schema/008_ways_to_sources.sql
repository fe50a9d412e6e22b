-- How a source was read at its last visit, and where it says that it is to be found.
alter table sources add column served_by text not null default '';
    -- entry of its fallbacks that gave the links, or '' for its own address
alter table sources add column notes text not null default '';  -- what was odd, or why others failed
alter table sources add column moved_to text not null default '';
    -- address to which it says that it has moved for good
alter table sources add column moved_times integer not null default 0;  -- visits in a row that said so
alter table sources add column unchanged_streak integer not null default 0;  -- 304 in a row

-- What a source's own entry said of an article whose page could not be had, or says something else.
-- Evidence beside the page: it is never shown or searched as the page's text.
create table entry_texts (
    id integer primary key,
    page_id integer not null references pages (id),
    source_id integer references sources (id),
    text text not null,
    why text not null,                      -- what was wrong with the page
    first_seen_at text not null,
    last_seen_at text not null,
    unique (page_id, text)
) strict;
