-- What an article's short blocks left behind, to see which of them a host repeats. Only the most
-- recent pages of a host are kept, in the order in which they were first read.
create table footprints (
    id integer primary key,
    host text not null,                     -- that answered
    page_id integer not null references pages (id),
    sketch blob not null,                   -- hashes of sentences, 4 bytes each: tells reprints
    signatures blob not null,               -- of its short blocks, 8 bytes each
    unique (host, page_id)
) strict;
create index footprints_page on footprints (page_id);

-- A block that was learned to be boilerplate on its host.
create table learned_blocks (
    host text not null,
    signature text not null,                -- hash of its text, or of its slot in the template
    place text not null,                    -- where it stood when it was learned
    sample text not null,                   -- how it read
    articles integer not null,              -- different articles that showed it
    first_seen_at text not null,            -- when it was learned
    last_seen_at text not null,
    forgotten_at text,                      -- a user took it back: it is not learned again
    primary key (host, signature)
) strict, without rowid;
