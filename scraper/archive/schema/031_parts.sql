-- A sealed part of the archive: an archive of its own below parts/, which is never written again.
create table parts (
    number integer primary key,             -- 1 for the first
    name text not null unique,
    folder text not null,                   -- below parts/
    sealed_at text not null,
    before text not null,                   -- what happened last to its resting pages is older
    first_at text,                          -- first and last time of its resting articles:
    last_at text,                           -- of publication, or when they were first seen
    pages integer not null,                 -- resting pages; the others go on in a later file
    articles integer not null,
    versions integer not null,
    fetches integer not null,
    changes integer not null,
    last_page integer not null,             -- numbers that were given when it was sealed:
    last_version integer not null,          -- none of them is given again
    last_fetch integer not null,
    last_record integer not null,
    last_change integer not null,
    fetch_chain text not null,              -- ends of its hash chains, with which the next begins
    record_chain text not null,
    change_chain text not null,
    archive_bytes integer not null,         -- size and SHA-256 of its files
    archive_sha256 text not null,
    bodies_bytes integer not null,
    bodies_sha256 text not null,
    chain text not null                     -- hash of this row and of the one before it
) strict;

-- A page of sealed parts that goes on in a later file, so that those parts do not show it.
create table carried (
    page_id integer primary key,
    until integer not null                  -- number of the last part that does not show it
) strict;
