-- Shards of an import that ran on several machines, each of which was merged once.
create table merged_shards (
    sha256 text primary key,                -- of the file
    name text not null,
    part text not null,                     -- I/N, as it was asked for
    rows integer not null,
    merged_at text not null
) strict;
