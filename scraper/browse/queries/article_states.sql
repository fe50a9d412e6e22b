-- Whether articles still stand, and how often their publishers edited them.
select id, state, version_count, published_at, published_offset, first_seen_at from articles
where id in (select value from json_each(:ids))
