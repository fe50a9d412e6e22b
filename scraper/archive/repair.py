"""Repair of damaged content: rebuilt from the archive itself, or copied from a backup."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from scraper.archive.base import ArchiveBase
from scraper.archive.bodies import BodyStore, compress, compress_alone
from scraper.archive.current import CurrentArticles
from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import ExtractionStore
from scraper.archive.integrity import normal_sql
from scraper.archive.older_backups import brought_up_to_date
from scraper.archive.search_index import reindex, reindex_versions
from scraper.errors import ArchiveError
from scraper.record import record

__all__ = ["RepairMixin", "RepairResult"]

# An article shows the version that was last observed; of several, the newest.
_SHOWN = (
    "select p.id as page_id, (select v.id from versions v where v.page_id = p.id"
    " order by v.last_observed_at desc, v.number desc limit 1) as latest,"
    " (select v.id from articles a join versions v on v.id = a.version_id and v.page_id = a.id"
    " where a.id = p.id) as shown from pages p where p.id in (select page_id from versions)"
)


@record
class RepairResult:
    """Numbers of repaired rows.

    Attributes:
        articles: articles rewritten from their versions.
        indexed: articles in the rebuilt search index.
        bodies: raw bodies copied from the backup.
        records: records of versions copied from the backup.
    """

    articles: int = 0
    indexed: int = 0
    bodies: int = 0
    records: int = 0


class RepairMixin(ArchiveBase):
    """Repairs the archive."""

    def repair(self, source: Path | None = None) -> RepairResult:
        """Repair what can be rebuilt; archived publications are never changed.

        Args:
            source: folder of a backup from which lost content is copied, or None.

        Raises:
            ArchiveError: the backup cannot be read, or nothing could be written.
        """
        if source is None:
            return self._repair(None)
        with (
            brought_up_to_date(source, self.folder) as found,
            ArchiveBase(found, readonly=True) as backup,
        ):
            return self._repair(backup)

    def _repair(self, backup: ArchiveBase | None) -> RepairResult:
        for one in (self._store, self._bodies_store):
            _restore_schema(one)
            with one.reading() as connection:
                connection.execute("reindex")
        found = 0 if backup is None else self._repair_bodies(backup._bodies)
        self._bodies.clear_cache()
        self._extractions.clear_cache()
        with self._writing() as connection:
            records = (
                0
                if backup is None
                else _records(
                    connection, self._extractions, backup._store.connection, backup._extractions
                )
            )
            self._extractions.clear_cache()
            reindex_versions(connection, self._extractions)
            indexed = reindex(connection)
            shown = _articles(connection, self._extractions)
            if shown:
                reindex_versions(connection, self._extractions)
                indexed = reindex(connection)
        return RepairResult(articles=shown, indexed=indexed, bodies=found, records=records)

    def _repair_bodies(self, source: BodyStore) -> int:
        """Copy damaged or missing bodies from a backup; return their number."""
        bodies = self._bodies
        with self._reading() as connection:
            named = {
                str(row[0])
                for row in connection.execute(
                    "select body from fetches where body is not null"
                    " union select body from versions except select sha256 from thinned"
                )
                if row[0]
            }
        count = 0
        with bodies.store.transaction() as kept:
            there = {
                row["sha256"]: row["id"] for row in kept.execute("select id, sha256 from bodies")
            }
            # By id: dictionaries come before the bodies that are compressed against them.
            for digest in sorted(named | there.keys(), key=lambda d: (there.get(d, 0), d)):
                content = None if _sound(bodies, digest) else _content(source, digest)
                if content is None:
                    continue
                if digest in there:
                    kept.execute(
                        "update bodies set data = ?, base_id = null, role = iif(role = 'delta',"
                        " 'keyframe', role) where sha256 = ?",
                        [compress_alone(content), digest],
                    )
                else:
                    row = source.store.connection.execute(
                        "select * from bodies where sha256 = ?", [digest]
                    ).fetchone()
                    taken = kept.execute(
                        "select 1 from bodies where id = ?", [row["id"]]
                    ).fetchone()
                    kept.execute(
                        "insert into bodies (id, sha256, site, address, role, size, added_at, data)"
                        " values (?, ?, ?, ?, 'keyframe', ?, ?, ?)",
                        [
                            None
                            if taken
                            else row["id"],  # others may refer to it as their dictionary
                            digest,
                            row["site"],
                            row["address"],
                            row["size"],
                            row["added_at"],
                            compress_alone(content),
                        ],
                    )
                bodies.clear_cache()
                count += 1
        return count


def _restore_schema(store: DatabaseFile) -> None:
    """Recreate views and indexes that are missing or differ from the schema."""
    found = store.schema()
    with store.transaction() as connection:
        for name, (kind, sql) in store.expected_schema().items():
            if kind not in ("view", "index"):
                continue
            if name in found and normal_sql(found[name][1]) == normal_sql(sql):
                continue
            if name in found:
                connection.execute(f"drop {found[name][0]} {name}")
            connection.execute(sql)


def _articles(connection: sqlite3.Connection, extractions: ExtractionStore) -> int:
    """Rewrite each article that does not show its version; return their number."""
    shown, count = CurrentArticles(connection, extractions), 0
    for row in connection.execute(_SHOWN).fetchall():
        version_id = row["shown"] or row["latest"]
        try:
            count += shown.rewrite_if_stale(row["page_id"], version_id)
        except (ArchiveError, ValueError):
            continue  # its record is lost: `doctor` reports it
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


def _records(
    connection: sqlite3.Connection,
    extractions: ExtractionStore,
    source: sqlite3.Connection,
    source_extractions: ExtractionStore,
) -> int:
    """Copy unreadable records from a backup, where it has the same record of the same body."""
    count = 0
    for row in connection.execute("select * from extractions order by id").fetchall():
        try:
            extractions.get(row["id"])
            continue
        except (ArchiveError, ValueError):
            there = source.execute(
                "select id, page_id, body, parts, extractor from extractions where id = ?",
                [row["id"]],
            ).fetchone()
        same = ("page_id", "body", "parts", "extractor")
        if there is None or any(there[name] != row[name] for name in same):
            continue
        try:
            content = source_extractions.content(row["id"])
            base = extractions.dictionary_of(row["base_id"], row["body"])
        except ArchiveError:
            continue
        connection.execute(
            "update extractions set record = ? where id = ?", [compress(content, base), row["id"]]
        )
        count += 1
    return count
