-- A distinct raw body, addressed by its SHA-256.
create table bodies (
    id integer primary key,
    sha256 text not null unique,
    site text not null,                     -- registered domain
    address text not null,                  -- key of the page that it was first met under
    role text not null,                     -- reference, keyframe, delta: see bodies.py
    base_id integer references bodies (id), -- the body that is its dictionary
    size integer not null,                  -- bytes of the body
    added_at text not null,
    data blob not null                      -- zstd
) strict;
create index bodies_address on bodies (address, role, id);
create index bodies_base on bodies (base_id);

-- Bodies that stand as dictionary for a site's other pages.
create table site_references (
    body_id integer primary key references bodies (id),
    site text not null,
    uses integer not null default 0,
    ratio real not null default 0           -- mean of stored size to size
) strict;
create index site_references_site on site_references (site);
