"""Looks at everything that must hold in an archive, and copies it while it is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scraper.archive.bodies import Bodies
from scraper.archive.connection import Store
from scraper.archive.extractions import Extractions
from scraper.archive.sealing import altered_entries, altered_versions
from scraper.errors import ArchiveError
from scraper.hanzi import query

__all__ = ["Finding", "backup", "examine", "vouch"]

LEAST_FREE = 200 * 1024 * 1024
_SAMPLES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        level: ``error`` (something is lost or wrong), ``warning`` or ``note``.
        what: what was found, in one sentence.
        remedy: the command or the deed that mends it.
    """

    level: str
    what: str
    remedy: str = ""


# Each query returns what breaks a rule; the text says which, with the first offender.
_RULES = (
    (
        "an article whose current version is not its own",
        "select a.id from articles a left join versions v on v.id = a.version_id"
        " where v.id is null or v.page_id <> a.id",
    ),
    (
        "an article whose count of versions is wrong",
        "select a.id from articles a where a.version_count <>"
        " (select count(*) from versions v where v.page_id = a.id)",
    ),
    (
        "a page with versions that is no article",
        "select distinct page_id from versions where page_id not in (select id from articles)",
    ),
    (
        "versions that are not numbered from 1 without gaps",
        "select page_id from versions group by page_id"
        " having min(number) <> 1 or max(number) <> count(*)",
    ),
    (
        "an article that was not shown as its current version",
        "select a.id from articles a join versions v on v.id = a.version_id"
        " where a.title <> v.title or a.length <> v.length",
    ),
    (
        "a version that no fetch shows",
        "select id from versions where id not in"
        " (select version_id from fetches where version_id is not null)",
    ),
    (
        "a version without an entry in the ledger",
        "select id from versions where id not in"
        " (select version_id from changes where version_id is not null)",
    ),
)


def examine(
    store: Store,
    bodies: Bodies,
    extractions: Extractions,
    folder: Path,
    progress: Callable[[str], None] = lambda step: None,
) -> Iterator[Finding]:
    """Yield what is wrong with an archive: files, references, index, bodies, hash chain, room.

    Args:
        store: of `archive.db`.
        bodies: the bodies.
        extractions: the records.
        folder: where the files lie.
        progress: is told each step.
    """
    progress("files")
    damage = [finding for one in (store, bodies.store) for finding in _file(one)]
    yield from damage
    if damage:
        return  # what a damaged file answers to any other question means nothing
    progress("rules")
    connection = store.connection
    for what, sql in _RULES:
        broken = connection.execute(sql).fetchall()
        if broken:
            yield Finding(
                level="error",
                what=f"{what}: {len(broken)}, first {broken[0][0]}",
                remedy="scraper backup, then report it: the program should not do this",
            )
    progress("index")
    yield from _index(connection)
    yield from vouch(connection, bodies, extractions, progress)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        yield Finding(
            level="warning",
            what=f"only {free // 2**20} MB are free on the archive's disk",
            remedy="free some space; collecting pauses below 200 MB",
        )


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
    yield from _bodies(connection, bodies)
    progress("records")
    yield from _records(connection, extractions)
    progress("chain")
    yield from _chain(connection)


def _file(store: Store) -> Iterator[Finding]:
    connection = store.connection
    for row in connection.execute("pragma integrity_check(5)"):
        if row[0] != "ok":
            yield Finding(
                level="error", what=f"{store.path} is damaged: {row[0]}", remedy="restore a backup"
            )
    for row in connection.execute("pragma foreign_key_check").fetchmany(5):
        yield Finding(
            level="error",
            what=f"{store.path}: row {row[1]} of {row[0]} refers to a missing row of {row[2]}",
            remedy="restore a backup",
        )


def _index(connection: sqlite3.Connection) -> Iterator[Finding]:
    remedy = "scraper reindex"
    in_index = connection.execute("select count(*) from articles_fts_docsize").fetchone()[0]
    articles = connection.execute("select count(*) from articles").fetchone()[0]
    if in_index != articles:
        yield Finding(
            level="error",
            what=f"the index holds {in_index} articles of {articles}",
            remedy=remedy,
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


def _bodies(connection: sqlite3.Connection, bodies: Bodies) -> Iterator[Finding]:
    kept = {row[0] for row in bodies.store.connection.execute("select sha256 from bodies")}
    named = {
        row[0]
        for row in connection.execute(
            "select body from fetches where body is not null union select body from versions"
        )
    }
    missing = named - kept - {""}
    if missing:
        yield Finding(
            level="error",
            what=f"{len(missing)} raw bodies are missing, first {min(missing)}",
            remedy="restore bodies.db from a backup",
        )
    spare = kept - named
    if spare:
        yield Finding(
            level="note",
            what=f"{len(spare)} raw bodies belong to no fetch: left by an interruption, harmless",
        )
    for digest in sorted(kept):
        try:
            bodies.get(digest)
        except ArchiveError as error:
            yield Finding(level="error", what=error.message, remedy="restore a backup")


def _records(connection: sqlite3.Connection, extractions: Extractions) -> Iterator[Finding]:
    rows = connection.execute(
        "select v.id, v.extraction_id, v.title, v.length, a.text from versions v"
        " left join articles a on a.version_id = v.id"
    )
    for row in rows:
        try:
            article = extractions.get(row["extraction_id"])
        except (ArchiveError, ValueError) as error:
            yield Finding(
                level="error",
                what=f"the record of version {row['id']} cannot be read: {error}",
                remedy="restore a backup",
            )
            continue
        wrong = article.title != row["title"] or len(article.text) != row["length"]
        if wrong or (row["text"] is not None and row["text"] != article.text):
            yield Finding(
                level="error",
                what=f"version {row['id']} does not say what its record says",
                remedy="restore a backup",
            )


def _chain(connection: sqlite3.Connection) -> Iterator[Finding]:
    for tampering in (*altered_versions(connection), *altered_entries(connection)):
        yield Finding(level="error", what=tampering.what, remedy="compare with a backup")


def backup(store: Store, bodies: Store, target: Path) -> Path:
    """Write a complete copy of an archive into a new folder while it is in use, and check it.

    Args:
        store: of `archive.db`.
        bodies: of `bodies.db`.
        target: the folder; it must not exist.

    Returns:
        The folder: an archive like any other.

    Raises:
        ArchiveError: the copy could not be written, or does not hold what it should.
    """
    if target.exists():
        raise ArchiveError(f"{target} exists already", error_class="not_ours")
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    partial.mkdir(parents=True)
    try:
        # In this order every body that the first copy names is in the second.
        for one in (store, bodies):
            one.copy_to(partial / one.path.name)
        _check_copy(partial / store.path.name, partial / bodies.path.name)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _check_copy(archive: Path, bodies: Path) -> None:
    copy = sqlite3.connect(archive)
    try:
        copy.execute("attach ? as kept", [str(bodies)])
        (missing,) = copy.execute(
            "select count(*) from versions where body <> ''"
            " and body not in (select sha256 from kept.bodies)"
        ).fetchone()
    finally:
        copy.close()
    if missing:
        raise ArchiveError(f"the copy lacks {missing} raw bodies", error_class="db_corrupt")
