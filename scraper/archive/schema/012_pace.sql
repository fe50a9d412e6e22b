-- How often a source is visited by what it brings: its interval is where this starts from.
alter table sources add column rate real not null default 0;  -- new entries per hour, of late
alter table sources add column entries integer not null default 0;
    -- entries that it holds at a time, 0 where that is not known
alter table sources add column wait integer not null default 0;
    -- seconds from the last visit to the next as its rate asks, 0 before the first

-- Visits at which all that a source showed was new: more may have come and gone since the one before.
create table overruns (
    source_id integer not null references sources (id),
    at text not null,                       -- of the visit
    since text not null,                    -- of the last visit before it that was not in vain
    entries integer not null,               -- that it showed, all of them new
    primary key (source_id, at)
) strict, without rowid;
