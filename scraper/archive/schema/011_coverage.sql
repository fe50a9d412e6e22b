-- Visits to a source by day of its outlet's zone: what tells a day without articles from one on which
-- nobody looked. A row is there for each day with a visit.
create table source_days (
    source_id integer not null references sources (id),
    day text not null,                      -- YYYY-MM-DD in the zone that the outlet had then
    visits integer not null,
    failed integer not null,                -- of these
    last_class text not null default '',    -- error class of the last that failed, or ''
    primary key (source_id, day)
) strict, without rowid;

-- Entries by the time at which they were first shown, without a look at the sightings themselves.
create index sightings_first on sightings (first_seen_at, source_id, page_id);
