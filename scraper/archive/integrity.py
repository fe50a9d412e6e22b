"""Integrity: `doctor` checks that an archive is sound, `verify` that nothing in it was altered."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper.archive.bodies import BodyStore
from scraper.archive.database import DatabaseFile, leftovers
from scraper.archive.extractions import ExtractionStore, title_and_text
from scraper.archive.hash_chain import LedgerHead, altered_entries, altered_versions
from scraper.archive.queries import QueryMixin
from scraper.archive.retention import orphans
from scraper.errors import ArchiveError
from scraper.text.chinese import query

__all__ = ["LEAST_FREE", "Finding", "IntegrityMixin", "finding_for"]


MEND = "scraper mend"
MEND_FROM = "scraper mend --from BACKUP"
RESTORE = "scraper restore BACKUP"

# What to do about an archive that cannot even be opened, by the class of the error.
_REMEDIES = {
    "db_corrupt": RESTORE,
    "not_ours": "scraper --archive FOLDER doctor",
    "newer_schema": "pip install --upgrade scraper",
    "older_schema": "scraper status",
    "db_full": "free some space on its disk, then: scraper doctor",
    "db_io": "look at the disk (dmesg, smartctl), then: scraper doctor",
    "db_busy": "wait for the program that holds it, then: scraper doctor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        level: ``error`` (something is lost or wrong), ``warning`` or ``note``.
        what: what was found, in one sentence.
        remedy: the command that mends it, or what has to be done first.
    """

    level: str
    what: str
    remedy: str = ""


def finding_for(error: ArchiveError) -> Finding:
    """Return the finding for an archive that could not be opened or read to the end."""
    return Finding(
        level="error", what=error.message, remedy=_REMEDIES.get(error.error_class, RESTORE)
    )


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


class IntegrityMixin(QueryMixin):
    """Checks of the whole archive."""

    def check(self) -> None:
        """Check both files for damage.

        Raises:
            ArchiveError: (``db_corrupt``) the message says in which file and where.
        """
        self._store.check()
        self._bodies_store.check()

    def doctor(
        self,
        progress: Callable[[str], None] = lambda step: None,
        *,
        least_free: int = LEAST_FREE,
    ) -> tuple[Finding, ...]:
        """Check the archive's integrity: files, references, index, bodies, hash chain, free space.

        Args:
            progress: is called with the name of each step.
            least_free: bytes that should be free on the archive's disk.

        Returns:
            The problems, each with a fix; nothing if there is none.
        """
        with self._reading():
            return tuple(self._problems(progress, least_free))

    def _problems(self, progress: Callable[[str], None], least_free: int) -> Iterator[Finding]:
        connection, stores = self._store.connection, (self._store, self._bodies_store)
        progress("files")
        damage = [finding for one in stores for finding in _file(one)]
        yield from damage
        if any(finding.level == "error" for finding in damage):
            return  # what a damaged file answers to any other question means nothing
        progress("rules")
        for what, sql, remedy in _RULES:
            broken = connection.execute(sql).fetchall()
            if broken:
                yield Finding(
                    level="error",
                    what=f"{what}: {len(broken)}, first {broken[0][0]}",
                    remedy=remedy,
                )
        progress("index")
        yield from _index(self._store)
        yield from _altered(connection, self._bodies, self._extractions, progress)
        progress("room")
        yield from _room(self.folder, stores, least_free)

    def verify(
        self, progress: Callable[[str], None] = lambda step: None
    ) -> tuple[LedgerHead, tuple[Finding, ...]]:
        """Check that nothing was altered since it was archived: a part of what `doctor` checks.

        Args:
            progress: is called with the name of each step.

        Returns:
            The end of the ledger, whose hash covers all that is behind it, and what was altered.
        """
        with self._reading() as connection:
            found = tuple(_altered(connection, self._bodies, self._extractions, progress))
            return self.head(), tuple(f for f in found if f.level == "error")


def _room(folder: Path, stores: Sequence[DatabaseFile], least_free: int) -> Iterator[Finding]:
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


def _file(store: DatabaseFile) -> Iterator[Finding]:
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


def _index(store: DatabaseFile) -> Iterator[Finding]:
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


def _altered(
    connection: sqlite3.Connection,
    bodies: BodyStore,
    extractions: ExtractionStore,
    progress: Callable[[str], None],
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


def _missing(connection: sqlite3.Connection, bodies: BodyStore) -> Iterator[Finding]:
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
    connection: sqlite3.Connection, bodies: BodyStore, extractions: ExtractionStore
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
            bodies.preload(digest)
        except ArchiveError as error:
            yield Finding(level="error", what=error.message, remedy=MEND_FROM)
        for page_id in waiting.pop(digest, ()):
            yield from _records(connection, extractions, page_id)
    for pages in waiting.values():  # of bodies that are missing
        for page_id in pages:
            yield from _records(connection, extractions, page_id)


def _records(
    connection: sqlite3.Connection, extractions: ExtractionStore, page_id: int
) -> Iterator[Finding]:
    rows = connection.execute(
        "select v.id, v.extraction_id, v.title, v.length, a.text from versions v"
        " left join articles a on a.version_id = v.id where v.page_id = ? order by v.number",
        [page_id],
    )
    for row in rows:
        try:
            title, text = title_and_text(extractions.content(row["extraction_id"]))
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
