"""Search in the texts that articles had before their current version.

Terms of a version enter an index of their own when it is no longer current; its text is read from
its record, so what the index remembers of an earlier extraction only costs a look.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from scraper.archive.extractions import ExtractionStore
from scraper.archive.records import SearchHit
from scraper.archive.search import hit_of, parse
from scraper.archive.search_filters import condition_of, define_functions, filters_of, parted
from scraper.search.match import match_of
from scraper.search.occurrences import holds, score
from scraper.search.query import Node

__all__ = ["earlier_hits"]

# Records that are read for a query, and candidates that are taken from the index.
_MOST_READ, _MOST_CANDIDATES = 500, 2_000

_VERSIONS = """
select v.id as version_id, v.extraction_id, v.number, a.id, a.url, a.outlet, a.credited,
    a.published_at, a.published_offset, a.first_seen_at, a.language, a.script, a.state,
    a.version_count, a.title, a.text
from versions v join articles a on a.id = v.page_id
where v.id in (select value from json_each(?)) and v.id <> a.version_id
"""


def earlier_hits(
    connection: sqlite3.Connection,
    extractions: ExtractionStore,
    typed: str,
    *,
    most: int,
    shown: str = "true",
) -> tuple[list[SearchHit], tuple[str, ...]]:
    """Return the earlier versions that a query finds where the current one is not: best first.

    Of an article only the newest of them.

    Args:
        connection: of the archive file.
        extractions: its records.
        typed: the query as typed.
        most: how many at most.
        shown: SQL condition on rows ``a`` of `articles` that are shown at all.

    Returns:
        The hits, and a note where not all candidates were read.
    """
    tree = parse(typed).tree
    words = parted(tree)[1] if tree else None
    if tree is None or words is None:
        return [], ()
    match = match_of(words)
    if not match.expression or filters_of(words):
        return [], ("earlier versions are found by words that must be there, with conditions beside"
                    " them",)  # fmt: skip
    ids = [
        row[0]
        for row in connection.execute(
            "select rowid from versions_fts where versions_fts match ? order by rowid desc limit ?",
            [match.expression, _MOST_CANDIDATES],
        )
    ]
    found: dict[int, SearchHit] = {}
    read = 0
    for row in _candidates(connection, tree, ids, shown):
        if row["id"] in found:
            continue
        if read >= _MOST_READ:
            note = f"of earlier versions with these words only {read:,} were read"
            return _best(found, most), (note,)
        read += 1
        article = extractions.get(row["extraction_id"])
        if holds(words, article.title, article.text) and not holds(
            words, row["title"], row["text"]
        ):
            text = {"title": article.title, "text": article.text}
            rank = -score(tree, article.title, article.text)
            found[row["id"]] = hit_of({**row, **text}, tree, rank, version=row["number"])
    return _best(found, most), ()


def _best(found: dict[int, SearchHit], most: int) -> list[SearchHit]:
    return sorted(found.values(), key=lambda hit: hit.rank)[:most]


def _candidates(
    connection: sqlite3.Connection, tree: Node, ids: list[int], shown: str
) -> Iterator[dict[str, Any]]:
    """Yield versions that fulfil the conditions on their articles, the newest first."""
    define_functions(connection)
    conditions, _ = parted(tree)
    where = condition_of(conditions, connection) if conditions else None
    cursor = connection.execute(
        f"{_VERSIONS} and {shown}" + (f" and {where.sql}" if where else "") + " order by v.id desc",
        [json.dumps(ids), *(where.values if where else ())],
    )
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        yield dict(zip(names, row, strict=True))
