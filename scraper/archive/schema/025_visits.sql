-- The successful visits of each source by time, so that the breaks between them are found without
-- the fetches of its pages.
create index fetches_visits on fetches (source_id, at)
    where page_id is null and source_id is not null and class in ('ok', 'unchanged');
