"""Looks whether anything was altered or lost since it was archived: pages, records, ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from scraper.archive.bodies import Bodies
from scraper.archive.extractions import Extractions, glance
from scraper.archive.findings import MEND, MEND_FROM, RESTORE, Finding
from scraper.archive.retention import orphans
from scraper.archive.sealing import altered_entries, altered_versions
from scraper.errors import ArchiveError

__all__ = ["vouch"]


def vouch(
    connection: sqlite3.Connection,
    bodies: Bodies,
    extractions: Extractions,
    progress: Callable[[str], None] = lambda step: None,
) -> Iterator[Finding]:
    """Yield what is no longer as it was archived: raw bodies, records, versions, ledger.

    Args:
        connection: of `archive.db`.
        bodies: the bodies.
        extractions: the records.
        progress: is told each step.
    """
    progress("bodies")
    yield from _missing(connection, bodies)
    progress("records")
    yield from _contents(connection, bodies, extractions)
    progress("chain")
    yield from _chain(connection)


def _missing(connection: sqlite3.Connection, bodies: Bodies) -> Iterator[Finding]:
    kept = {row[0] for row in bodies.store.connection.execute("select sha256 from bodies")}
    named = {
        row[0]
        for row in connection.execute(
            "select body from fetches where body is not null union select body from versions"
        )
    }
    let_go = {row[0] for row in connection.execute("select sha256 from thinned")}
    missing = named - kept - let_go - {""}
    if missing:
        yield Finding(
            level="error",
            what=f"{len(missing)} raw bodies are missing, first {min(missing)}",
            remedy=MEND_FROM,
        )
    spare = orphans(connection, bodies)
    if spare:
        yield Finding(
            level="note",
            what=f"{len(spare)} raw bodies belong to no fetch: left by an interruption, harmless",
            remedy="scraper vacuum",
        )


def _contents(
    connection: sqlite3.Connection, bodies: Bodies, extractions: Extractions
) -> Iterator[Finding]:
    """Yield bodies that are damaged, and records that are, or that versions do not agree with.

    Bodies come in the order of their file, since neighbours lean on one page, and each is followed
    by the records that lean on it: everything is read and unpacked once.
    """
    waiting: dict[str, list[int]] = {}
    for page_id, body in connection.execute(
        "select v.page_id, coalesce((select e.body from extractions e where e.page_id = v.page_id"
        " and e.base_id is null), '') from versions v group by v.page_id"
    ):
        waiting.setdefault(body, []).append(page_id)
    kept = bodies.store.connection.execute("select sha256 from bodies order by id").fetchall()
    for (digest,) in kept:
        try:
            bodies.hold(digest)
        except ArchiveError as error:
            yield Finding(level="error", what=error.message, remedy=MEND_FROM)
        for page_id in waiting.pop(digest, ()):
            yield from _records(connection, extractions, page_id)
    for pages in waiting.values():  # of bodies that are missing
        for page_id in pages:
            yield from _records(connection, extractions, page_id)


def _records(
    connection: sqlite3.Connection, extractions: Extractions, page_id: int
) -> Iterator[Finding]:
    rows = connection.execute(
        "select v.id, v.extraction_id, v.title, v.length, a.text from versions v"
        " left join articles a on a.version_id = v.id where v.page_id = ? order by v.number",
        [page_id],
    )
    for row in rows:
        try:
            title, text = glance(extractions.content(row["extraction_id"]))
        except (ArchiveError, ValueError) as error:
            yield Finding(
                level="error",
                what=f"the record of version {row['id']} cannot be read: {error}",
                remedy=MEND_FROM,
            )
            continue
        wrong = title != row["title"] or len(text) != row["length"]
        if wrong or (row["text"] is not None and row["text"] != text):
            yield Finding(
                level="error",
                what=f"version {row['id']} does not say what its record says",
                remedy=RESTORE if wrong else MEND,
            )


def _chain(connection: sqlite3.Connection) -> Iterator[Finding]:
    for tampering in (*altered_versions(connection), *altered_entries(connection)):
        yield Finding(level="error", what=tampering.what, remedy=RESTORE)
