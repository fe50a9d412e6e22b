"""Mends what can be had again: from the archive itself, or from a backup of it."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from scraper.archive import search as searching
from scraper.archive.bodies import BodyStore, compress
from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import ExtractionStore
from scraper.archive.current import CurrentArticles
from scraper.errors import ArchiveError

__all__ = ["BackupParts", "RepairResult", "repair"]

# What an article shows is that of the version that was last observed; of several, the newest.
_SHOWN = (
    "select p.id as page_id, (select v.id from versions v where v.page_id = p.id"
    " order by v.last_observed_at desc, v.number desc limit 1) as latest,"
    " (select v.id from articles a join versions v on v.id = a.version_id and v.page_id = a.id"
    " where a.id = p.id) as shown from pages p where p.id in (select page_id from versions)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupParts:
    """The opened parts of a backup that lost content is taken from."""

    connection: sqlite3.Connection
    bodies: BodyStore
    extractions: ExtractionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairResult:
    """What was put right.

    Attributes:
        articles: rows of articles that were shown anew from their version.
        indexed: articles in the search index, which was made anew.
        bodies: raw bodies taken from the backup.
        records: records of versions taken from the backup.
    """

    articles: int = 0
    indexed: int = 0
    bodies: int = 0
    records: int = 0


def repair(store: DatabaseFile, bodies: BodyStore, extractions: ExtractionStore, source: BackupParts | None) -> RepairResult:
    """Put right what can be had again; what was published stays as it was archived.

    Args:
        store: of `archive.db`.
        bodies: the bodies.
        extractions: the records.
        source: an archive that holds what this one lost, or None.

    Raises:
        ArchiveError: nothing was written.
    """
    for one in (store, bodies.store):
        with one.reading() as connection:
            connection.execute("reindex")
    found = 0 if source is None else _bodies(store, bodies, source.bodies)
    bodies.forget_cached()
    extractions.forget_cached()
    with store.transaction() as connection:
        records = 0 if source is None else _records(connection, extractions, source)
        extractions.forget_cached()
        indexed = searching.reindex(connection)
        shown = _articles(connection, extractions)
        if shown:
            indexed = searching.reindex(connection)
    return RepairResult(articles=shown, indexed=indexed, bodies=found, records=records)


def _articles(connection: sqlite3.Connection, extractions: ExtractionStore) -> int:
    """Show each article anew that does not show its version."""
    shown, count = CurrentArticles(connection, extractions), 0
    for row in connection.execute(_SHOWN).fetchall():
        version_id = row["shown"] or row["latest"]
        try:
            count += shown.write_anew(row["page_id"], version_id)
        except (ArchiveError, ValueError):
            continue  # its record is lost: `doctor` tells
    return count


def _bodies(store: DatabaseFile, bodies: BodyStore, source: BodyStore) -> int:
    """Take bodies that are damaged or missing from a backup."""
    with store.reading() as connection:
        named = {
            str(row[0])
            for row in connection.execute(
                "select body from fetches where body is not null union select body from versions"
                " except select sha256 from thinned"
            )
            if row[0]
        }
    count = 0
    with bodies.store.transaction() as kept:
        there = {row["sha256"]: row["id"] for row in kept.execute("select id, sha256 from bodies")}
        # By number: what others are written against comes before them.
        for digest in sorted(named | there.keys(), key=lambda d: (there.get(d, 0), d)):
            content = None if _sound(bodies, digest) else _content(source, digest)
            if content is None:
                continue
            if digest in there:
                kept.execute(
                    "update bodies set data = ?, base_id = null, role = iif(role = 'delta',"
                    " 'keyframe', role) where sha256 = ?",
                    [compress(content), digest],
                )
            else:
                row = source.store.connection.execute(
                    "select * from bodies where sha256 = ?", [digest]
                ).fetchone()
                taken = kept.execute("select 1 from bodies where id = ?", [row["id"]]).fetchone()
                kept.execute(
                    "insert into bodies (id, sha256, site, address, role, size, added_at, data)"
                    " values (?, ?, ?, ?, 'keyframe', ?, ?, ?)",
                    [
                        None
                        if taken
                        else row["id"],  # under which others may be written against it
                        digest,
                        row["site"],
                        row["address"],
                        row["size"],
                        row["added_at"],
                        compress(content),
                    ],
                )
            bodies.forget_cached()
            count += 1
    return count


def _sound(bodies: BodyStore, digest: str) -> bool:
    try:
        bodies.get(digest)
    except ArchiveError:
        return False
    return True


def _content(source: BodyStore, digest: str) -> bytes | None:
    try:
        content = source.get(digest)
    except ArchiveError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def _records(connection: sqlite3.Connection, extractions: ExtractionStore, source: BackupParts) -> int:
    """Take records that cannot be read from a backup: the same one of the same body."""
    count = 0
    for row in connection.execute("select * from extractions order by id").fetchall():
        try:
            extractions.get(row["id"])
            continue
        except (ArchiveError, ValueError):
            there = source.connection.execute(
                "select id, page_id, body, parts, extractor from extractions where id = ?",
                [row["id"]],
            ).fetchone()
        same = ("page_id", "body", "parts", "extractor")
        if there is None or any(there[name] != row[name] for name in same):
            continue
        try:
            content = source.extractions.content(row["id"])
            base = extractions.dictionary_of(row["base_id"], row["body"])
        except ArchiveError:
            continue
        connection.execute(
            "update extractions set record = ? where id = ?", [compress(content, base), row["id"]]
        )
        count += 1
    return count
