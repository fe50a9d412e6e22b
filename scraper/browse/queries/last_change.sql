-- The number of the newest row of the ledger.
select coalesce(max(id), 0) as id from changes
