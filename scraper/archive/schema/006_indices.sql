-- `article_list` sorts by it: without an index, every page of the browser sorted the whole archive.
create index articles_shown on articles (coalesce(published_at, first_seen_at));

-- No query asks for the fetches of a run, and every fetch had to write its entry.
drop index fetches_run;
