-- Best first; a hit in the headline weighs four times one in the text. The hits are ranked before
-- their texts are read: a common word is in half the archive.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.first_seen_at, a.language, a.script,
    a.text, a.state, a.version_count
from (
    select articles_fts.rowid as id, bm25(articles_fts, 4.0, 1.0) as rank
    from articles_fts
    where articles_fts match :match and (
        :outlet = '' or exists (
            select 1 from articles a where a.id = articles_fts.rowid and a.outlet = :outlet
        )
    )
    order by 2, 1 limit :limit offset :offset
) hit join articles a on a.id = hit.id
order by hit.rank, a.id
