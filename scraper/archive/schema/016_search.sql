-- The index is made of other terms, and knows which an article has rather than where they stand: it
-- is dropped here and made when the archive is opened. What results are filtered and sorted by is
-- read from an index of its own, without a look at the articles, whose texts part them.
drop table articles_fts;
create virtual table articles_fts using fts5 (
    title, text, content="articles", content_rowid="id", detail=none,
    tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\]^_`{|}~'"
);
delete from facts where key = 'segmentation';
create index articles_search on articles (
    id, published_at, first_seen_at, outlet_id, authors, language, script, state, gone_at, on_topic,
    topic_score, version_count, version_id
);
