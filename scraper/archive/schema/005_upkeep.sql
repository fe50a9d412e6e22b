-- The process that a run belongs to: boot, number and start. A number alone is given again.
alter table runs add column process text not null default '';

-- A raw body that retention let go: its fetches keep its address, and this says why it is not there.
create table thinned (
    sha256 text primary key,
    size integer not null,                  -- bytes of the body
    thinned_at text not null
) strict, without rowid;
