"""Looks at everything that must hold in an archive, and names the command that mends it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scraper.archive.bodies import Bodies
from scraper.archive.connection import Store
from scraper.archive.extractions import Extractions
from scraper.archive.files import leftovers
from scraper.archive.findings import MEND, RESTORE, Finding
from scraper.archive.vouching import vouch
from scraper.hanzi import query

__all__ = ["LEAST_FREE", "examine"]

LEAST_FREE = 200 * 1024 * 1024
_SAMPLES = 200
_LARGE_LOG = 64 * 1024 * 1024

# Each query returns what breaks a rule; the text says which, with the first offender. What is wrong
# in `articles` alone can be had from the versions again.
_RULES = (
    (
        "an article whose current version is not its own",
        "select a.id from articles a left join versions v on v.id = a.version_id"
        " where v.id is null or v.page_id <> a.id",
        MEND,
    ),
    (
        "an article whose count of versions is wrong",
        "select a.id from articles a where a.version_count <>"
        " (select count(*) from versions v where v.page_id = a.id)",
        MEND,
    ),
    (
        "a page with versions that is no article",
        "select distinct page_id from versions where page_id not in (select id from articles)",
        MEND,
    ),
    (
        "versions that are not numbered from 1 without gaps",
        "select page_id from versions group by page_id"
        " having min(number) <> 1 or max(number) <> count(*)",
        RESTORE,
    ),
    (
        "an article that was not shown as its current version",
        "select a.id from articles a join versions v on v.id = a.version_id"
        " where a.title <> v.title or a.length <> v.length",
        MEND,
    ),
    (
        "a version that no fetch shows",
        "select id from versions where id not in"
        " (select version_id from fetches where version_id is not null)",
        RESTORE,
    ),
    (
        "a version without an entry in the ledger",
        "select id from versions where id not in"
        " (select version_id from changes where version_id is not null)",
        RESTORE,
    ),
)


def examine(
    store: Store,
    bodies: Bodies,
    extractions: Extractions,
    folder: Path,
    progress: Callable[[str], None] = lambda step: None,
    *,
    least_free: int = LEAST_FREE,
) -> Iterator[Finding]:
    """Yield what is wrong with an archive: files, references, index, bodies, hash chain, room.

    Args:
        store: of `archive.db`.
        bodies: the bodies.
        extractions: the records.
        folder: where the files lie.
        progress: is told each step.
        least_free: bytes that should be free on the archive's disk.
    """
    progress("files")
    damage = [finding for one in (store, bodies.store) for finding in _file(one)]
    yield from damage
    if any(finding.level == "error" for finding in damage):
        return  # what a damaged file answers to any other question means nothing
    progress("rules")
    connection = store.connection
    for what, sql, remedy in _RULES:
        broken = connection.execute(sql).fetchall()
        if broken:
            yield Finding(
                level="error",
                what=f"{what}: {len(broken)}, first {broken[0][0]}",
                remedy=remedy,
            )
    progress("index")
    yield from _index(store)
    yield from vouch(connection, bodies, extractions, progress)
    progress("room")
    yield from _room(folder, (store, bodies.store), least_free)


def _room(folder: Path, stores: Sequence[Store], least_free: int) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    if free < least_free:
        yield Finding(
            level="warning",
            what=f"only {free // 2**20} MB are free on the archive's disk",
            remedy=f"free some space: collecting pauses below {least_free // 2**20} MB",
        )
    for store in stores:
        size = store.log_bytes()
        if size > _LARGE_LOG:
            yield Finding(
                level="warning",
                what=f"the write-ahead log of {store.path} holds {size // 2**20} MB: a reader"
                " held it back",
                remedy="end what reads the archive for long, then: scraper vacuum",
            )
    left = leftovers(folder)
    if left:
        yield Finding(
            level="note",
            what=f"{len(left)} files were left by an interruption, first {left[0].name}",
            remedy="scraper vacuum",
        )


def _file(store: Store) -> Iterator[Finding]:
    connection = store.connection
    told: list[str] = [row[0] for row in connection.execute("pragma integrity_check(20)")]
    if told != ["ok"]:
        # An index of SQLite's can be made anew from its table; a page of a table cannot.
        indexes = all("index" in line for line in told)
        yield Finding(
            level="error",
            what=f"{store.path} is damaged: {told[0]}"
            + (f" (and {len(told) - 1} more)" if len(told) > 1 else ""),
            remedy=MEND if indexes else RESTORE,
        )
    for row in connection.execute("pragma foreign_key_check").fetchmany(5):
        yield Finding(
            level="error",
            what=f"{store.path}: row {row[1]} of {row[0]} refers to a missing row of {row[2]}",
            remedy=RESTORE,
        )


def _index(store: Store) -> Iterator[Finding]:
    connection, remedy = store.connection, "scraper reindex"
    in_index = connection.execute("select count(*) from articles_fts_docsize").fetchone()[0]
    articles = connection.execute("select count(*) from articles").fetchone()[0]
    if in_index != articles:
        yield Finding(
            level="error",
            what=f"the index holds {in_index} articles of {articles}",
            remedy=remedy,
        )
        return
    if not store.readonly:
        try:
            # Without a rank of 1: the index holds other words than the published text.
            connection.execute("insert into articles_fts (articles_fts) values ('integrity-check')")
        except sqlite3.DatabaseError as error:
            yield Finding(
                level="error", what=f"the index is damaged inside: {error}", remedy=remedy
            )
            return
    rows = connection.execute(
        "select id, title from articles where title <> '' order by random() limit ?", [_SAMPLES]
    ).fetchall()
    for row in rows:
        match = query(f'"{row["title"]}"'.replace('""', '"'))
        if (
            match
            and not connection.execute(
                "select 1 from articles_fts where articles_fts match ? and rowid = ?",
                [f"title : ({match})", row["id"]],
            ).fetchone()
        ):
            yield Finding(
                level="error",
                what=f"the index does not find article {row['id']} by its title",
                remedy=remedy,
            )
            return
