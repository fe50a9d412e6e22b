-- Which elements of a host's pages stand beside its articles, so that doubtful pages can be settled.

-- Elements that held the text of a page that was read with confidence, and those that did not: the
-- hashes of their paths, 8 bytes each.
alter table footprints add column within blob not null default x'';
alter table footprints add column beside blob not null default x'';
-- line: cut wherever its text is met; element: cut from doubtful pages.
alter table learned_blocks add column kind text not null default 'line';
