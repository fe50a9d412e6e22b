-- Hash chains over what an archive shows beside its versions and its ledger: see hash_chain.py.

-- SHA-256 over this fetch and the chain of the fetch before it.
alter table fetches add column chain text not null default '';
-- SHA-256 over this record, what it was made from, and the chain of the record before it; '' for a
-- record that is older than this column.
alter table extractions add column chain text not null default '';
-- SHA-256 over classes, severity, added and removed sentences, and the chain of this version.
alter table versions add column change_chain text not null default '';
-- "FETCH RECORD": the last fetch and the last record that were there when this entry was written;
-- its chain covers theirs. '' for an entry that is older than this column.
alter table changes add column covers text not null default '';

-- The last row of each chain, so that a chain that was cut off shows.
create table seals (
    name text primary key,                  -- changes, extractions, fetches
    last_id integer not null,
    chain text not null,                    -- of the row with that id
    older integer not null                  -- rows up to this id are older than their seal
) strict, without rowid;

-- The page that a fetch was recorded for, where that page was merged into another since.
alter table fetches add column merged_from integer;
