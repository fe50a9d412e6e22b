"""The full-text index: which terms each article has (`scraper.search.terms`), and its upkeep."""

from __future__ import annotations

import sqlite3

from scraper.archive.extractions import ExtractionStore
from scraper.errors import ArchiveError
from scraper.search.terms import row_terms

__all__ = [
    "SEGMENTATION",
    "index_version",
    "is_current",
    "merge",
    "reindex",
    "reindex_versions",
    "set_memory",
]

# Raise it whenever `scraper.search.terms` gives other terms than before: the index is then made
# again when the archive is next opened for writing.
SEGMENTATION = 3

# Pages of the index that are merged at a time: some milliseconds.
_MERGED = 500
# Bytes of terms that are held in memory while all of it is made: fewer, larger parts to merge.
_BULK_BYTES, _USUAL_BYTES = 64 * 1024 * 1024, 1024 * 1024


def is_current(connection: sqlite3.Connection) -> bool:
    """Return whether the index was written with the terms of `SEGMENTATION`."""
    known = connection.execute("select value from facts where key = 'segmentation'").fetchone()
    return known is not None and known[0] == str(SEGMENTATION)


def merge(connection: sqlite3.Connection, *, whole: bool = False) -> None:
    """Let the index drop what was written over, within a transaction.

    An edited article stands in it twice, with a note that the first is void, until the parts that
    were written at different times are merged: FTS5 does so by itself only now and then.

    Args:
        connection: of the archive file.
        whole: go through all of it, rather than do what is most worth while.
    """
    if whole:
        for index in ("articles_fts", "versions_fts"):
            connection.execute(f"insert into {index} ({index}) values ('optimize')")
        return
    # Two parts are enough: an archive that grows by a few articles an hour seldom has four.
    for index in ("articles_fts", "versions_fts"):
        for setting, value in (("usermerge", 2), ("merge", _MERGED)):
            connection.execute(
                f"insert into {index} ({index}, rank) values (?, ?)", [setting, value]
            )


def reindex(connection: sqlite3.Connection) -> int:
    """Make the index anew from the articles, within a transaction; return how many there are.

    FTS5's own ``rebuild`` would index the published text instead of its terms.
    """
    (create,) = connection.execute(
        "select sql from sqlite_master where name = 'articles_fts'"
    ).fetchone()
    connection.execute("drop table articles_fts")
    connection.execute(create)
    set_memory(connection, _BULK_BYTES)
    count = 0
    for article_id, *words in connection.execute("select id, title, text, authors from articles"):
        connection.execute(
            "insert into articles_fts (rowid, title, text) values (?, ?, ?)",
            [article_id, *row_terms(*words)],
        )
        count += 1
    set_memory(connection, _USUAL_BYTES)
    connection.execute(
        "insert or replace into facts (key, value) values ('segmentation', ?)", [str(SEGMENTATION)]
    )
    return count


def set_memory(connection: sqlite3.Connection, size: int) -> None:
    """Set how many bytes of new terms the index holds in memory before it writes a part."""
    connection.execute(
        "insert into articles_fts (articles_fts, rank) values ('hashsize', ?)", [size]
    )


def index_version(connection: sqlite3.Connection, version_id: int, terms: tuple[str, str]) -> None:
    """Enter a version that is no longer current, within a transaction.

    Args:
        connection: of the archive file.
        version_id: the version; one that is there already gains terms.
        terms: as `row_terms` gives them.
    """
    connection.execute(
        "insert into versions_fts (rowid, title, text) values (?, ?, ?)", [version_id, *terms]
    )


def reindex_versions(connection: sqlite3.Connection, extractions: ExtractionStore) -> int:
    """Make the index of earlier versions anew, within a transaction.

    Returns:
        How many there are; those whose records are lost are left out.
    """
    connection.execute("insert into versions_fts (versions_fts) values ('delete-all')")
    rows = connection.execute(
        "select v.id, v.extraction_id from versions v join articles a on a.id = v.page_id"
        " where a.version_count > 1 and v.id <> a.version_id"
    ).fetchall()
    for version_id, extraction_id in rows:
        try:
            article = extractions.get(extraction_id)
        except ArchiveError:
            continue  # `doctor` names the damaged record
        terms = row_terms(article.title, article.text, ", ".join(article.authors))
        index_version(connection, version_id, terms)
    return len(rows)
