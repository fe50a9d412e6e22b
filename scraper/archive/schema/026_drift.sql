-- How a host's pages were read, so that a change of its layout shows.

-- A look at a page of a host: the latest ones are what the next is compared with.
create table page_looks (
    id integer primary key,
    host text not null,                     -- that answered
    page_id integer not null,
    at text not null,
    kind text not null,                     -- article, barred, empty
    shape text,                             -- JSON: models.PageShape; NULL: no article was found
    state text not null,                    -- good, held, released, refused
    url text not null,                      -- as it was asked for
    source text not null,                   -- that showed it, or ''
    body text                               -- sha256 of what is held, in bodies.db
) strict;
create index page_looks_host on page_looks (host, id);
create index page_looks_waiting on page_looks (state, host) where state in ('held', 'released');

-- What is remembered of a host between looks.
create table drift_hosts (
    host text primary key,
    state text not null                     -- JSON: coverage.drift.DriftState
) strict, without rowid;

-- A host whose pages are no longer read as they were.
create table drift_events (
    id integer primary key autoincrement,
    host text not null,
    kind text not null,                     -- redesign, wall, empty, slow
    at text not null,
    good_page integer,                      -- the last page that was read well
    bad_page integer,                       -- the first that was not
    good_url text not null,
    bad_url text not null,
    reasons text not null,                  -- JSON: what is odd, in words
    ended_at text,                          -- NULL: it lasts
    ended text not null default ''          -- proven, over, released, refused
) strict;
create index drift_events_host on drift_events (host, id);
create index drift_events_open on drift_events (host) where ended_at is null;
