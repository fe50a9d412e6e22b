-- SHA-256 over this entry of the ledger, the seal of its version, and the entry before: see sealing.py.
alter table changes add column chain text not null default '';
