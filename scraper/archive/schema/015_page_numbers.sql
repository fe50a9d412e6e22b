-- The number of a page that was merged into another is not given to a new one.
create index fetches_merged on fetches (merged_from) where merged_from is not null;
