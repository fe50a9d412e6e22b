"""Full-text search over both Chinese scripts, with the hits marked in what was published."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta, timezone

from scraper.archive.base import ArchiveBase
from scraper.archive.records import SearchHit
from scraper.archive.sql_values import from_utc_text, storable_text
from scraper.text.chinese import fold, query, segment

__all__ = ["SEARCH", "SEGMENTATION", "SearchMixin", "marks", "merge", "reindex", "snippet"]

# Raise it whenever `scraper.text.chinese.segment` gives other terms than before: the index is then
# made again when the archive is next opened for writing.
SEGMENTATION = 1

# Best first: a hit in the headline weighs four times one in the text. The hits are ranked before
# their texts are read, since a common word is in half the archive. `scraper.browse` runs it, too.
SEARCH = """
select a.id, a.url, a.title, a.outlet, a.credited, a.published_at, a.published_offset,
    a.first_seen_at, a.language,
    a.script, a.text, a.state, a.version_count, hit.rank
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
"""

_LONGEST_QUERY = 400
# Pages of the index that are merged at a time: some milliseconds.
_MERGED = 500
_WORDS = re.compile(r'"([^"]*)"|([^\s"]+)')
_BREAK = re.compile(r"[\n。！？!?]|(?<=[a-z0-9])\. ")
_ELLIPSIS = "…"


def _needles(text: str) -> list[re.Pattern[str]]:
    """Return patterns of a query's terms over folded text, longest first.

    Between Chinese and letters a space may stand or not (``R1模型``, ``R1 模型``), and letters
    match whole words, as in the index.
    """
    found = []
    for quoted, plain in _WORDS.findall(fold(text)):
        term = (quoted or plain).strip()
        prefix = not quoted and term.endswith("*")
        parts = re.findall(r"[^\W_]+", term)
        parts = [
            piece
            for part in parts
            for piece in re.findall(r"[\u3400-\U000323af]+|[^\u3400-\U000323af]+", part)
        ]
        if not parts:
            continue
        pattern = r"[\W_]*".join(map(re.escape, parts))
        if parts[0].isascii():
            pattern = r"(?<![a-z0-9])" + pattern
        if parts[-1].isascii() and not prefix:
            pattern += r"(?![a-z0-9])"
        found.append((len(term), pattern))
    return [re.compile(pattern) for _, pattern in sorted(found, reverse=True)]


def marks(text: str, typed: str) -> tuple[tuple[int, int], ...]:
    """Return where a query's terms stand in `text`: ``[start, end)``, in order, not overlapping.

    Folding keeps the length of a text, so places found in the folded form hold in `text`.
    """
    folded = fold(text)
    taken: list[tuple[int, int]] = []
    for needle in _needles(typed):
        for match in needle.finditer(folded):
            if all(match.end() <= start or match.start() >= end for start, end in taken):
                taken.append(match.span())
    return tuple(sorted(taken))


def snippet(text: str, typed: str, *, width: int = 160) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the stretch of `text` with most hits, and where they stand in it.

    Args:
        text: the published text.
        typed: the query as typed.
        width: characters of the stretch, at most; ellipses come on top.
    """
    spans = marks(text, typed)
    best = max(
        range(len(spans)),
        key=lambda i: (sum(e <= spans[i][0] + width * 2 // 3 for _, e in spans[i:]), -i),
        default=None,
    )
    start = 0 if best is None else max(0, spans[best][0] - width // 3)
    if start:
        # Begin with a sentence where one begins near.
        broken = [m.end() for m in _BREAK.finditer(text, start, spans[best or 0][0])]
        start = broken[0] if broken else start
    end = min(len(text), start + width)
    head = _ELLIPSIS if start else ""
    tail = _ELLIPSIS if end < len(text) else ""
    shift = len(head) - start
    inside = tuple((s + shift, e + shift) for s, e in spans if s >= start and e <= end)
    return head + text[start:end].replace("\n", " ") + tail, inside


class SearchMixin(ArchiveBase):
    """Full-text search, and its index."""

    def search(self, typed: str, limit: int = 20) -> list[SearchHit]:
        """Return the articles that hold all terms of a query, best first.

        Chinese is found in both scripts, whichever the query uses.

        Args:
            typed: the query as typed; one without a word finds nothing.
            limit: how many articles at most.
        """
        typed = storable_text(typed)[:_LONGEST_QUERY]
        match = query(typed)
        if not match:
            return []
        with self._reading() as connection:
            rows = connection.execute(
                SEARCH, {"match": match, "outlet": "", "limit": limit, "offset": 0}
            ).fetchall()
        return [_hit(row, typed) for row in rows]

    def reindex(self) -> int:
        """Make the search index again; return the number of articles in it."""
        with self._writing() as connection:
            return reindex(connection)

    def _refresh_index(self) -> None:
        """Make the index again if it was written with other terms than `SEGMENTATION`."""
        with self._reading() as connection:
            known = connection.execute(
                "select value from facts where key = 'segmentation'"
            ).fetchone()
        if known is None or known["value"] != str(SEGMENTATION):
            self.reindex()


def _hit(row: sqlite3.Row, typed: str) -> SearchHit:
    stretch, inside = snippet(row["text"], typed)
    published = from_utc_text(row["published_at"])
    # The zone in which the page gave it, as everywhere else.
    zone = timezone(timedelta(minutes=row["published_offset"] or 0))
    return SearchHit(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        published=published and published.astimezone(zone),
        language=row["language"],
        script=row["script"],
        snippet=stretch,
        title_marks=marks(row["title"], typed),
        snippet_marks=inside,
        rank=row["rank"],
    )


def merge(connection: sqlite3.Connection, *, whole: bool = False) -> None:
    """Let the index drop what was written over, within a transaction.

    An edited article stands in it twice, with a note that the first is void, until the parts that
    were written at different times are merged: FTS5 does so by itself only now and then.

    Args:
        connection: of the archive file.
        whole: go through all of it, rather than do what is most worth while.
    """
    if whole:
        connection.execute("insert into articles_fts (articles_fts) values ('optimize')")
        return
    # Two parts are enough: an archive that grows by a few articles an hour seldom has four.
    for setting, value in (("usermerge", 2), ("merge", _MERGED)):
        connection.execute(
            "insert into articles_fts (articles_fts, rank) values (?, ?)", [setting, value]
        )


def reindex(connection: sqlite3.Connection) -> int:
    """Make the index anew from the articles, within a transaction; return how many there are.

    FTS5's own ``rebuild`` would index the published text instead of the segmented one.
    """
    connection.execute("drop table articles_fts")
    connection.execute(
        'create virtual table articles_fts using fts5 (title, text, content="articles",'
        " content_rowid=\"id\", tokenize='unicode61')"
    )
    count = 0
    for row in connection.execute("select id, title, text from articles"):
        connection.execute(
            "insert into articles_fts (rowid, title, text) values (?, ?, ?)",
            [row["id"], segment(row["title"]), segment(row["text"])],
        )
        count += 1
    connection.execute(
        "insert or replace into facts (key, value) values ('segmentation', ?)", [str(SEGMENTATION)]
    )
    return count
