-- Bodies that are not what the server sent.

-- 1: the body is what a browser drew of the response.
alter table fetches add column rendered integer not null default 0;
