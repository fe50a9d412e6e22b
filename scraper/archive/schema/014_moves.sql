-- Where a page is read since its own address fails: its text stood there later than at its own.
alter table pages add column moved_to text not null default '';  -- '' while its own address is asked
alter table pages add column moved_at text;                      -- when it was read there first
