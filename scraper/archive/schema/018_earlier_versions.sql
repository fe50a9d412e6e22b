-- Terms of versions that are no longer current, by the number of the version: what an article said
-- can be searched for. Without a table of contents of its own; texts are read from the records.
create virtual table versions_fts using fts5 (
    title, text, content="", detail=none,
    tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\]^_`{|}~'"
);
delete from facts where key = 'segmentation';
