-- Best first; a hit in the headline weighs four times one in the text.
select a.id, a.title, a.outlet, a.credited, a.published_at, a.first_seen_at, a.language, a.script,
    a.text, a.state, a.version_count
from articles_fts join articles a on a.id = articles_fts.rowid
where articles_fts match :match and (:outlet = '' or a.outlet = :outlet)
order by bm25(articles_fts, 4.0, 1.0), a.id limit :limit offset :offset
