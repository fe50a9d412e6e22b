"""Integrity: `doctor` checks that an archive is sound, and names a fix for each problem."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scraper.archive.database import DatabaseFile, leftovers
from scraper.archive.verification import MEND, RESTORE, Finding, VerifyMixin
from scraper.errors import ArchiveError
from scraper.search.terms import row_terms

__all__ = ["LEAST_FREE", "Finding", "IntegrityMixin", "finding_for"]


# What to do about an archive that cannot even be opened, by the class of the error.
_REMEDIES = {
    "db_corrupt": RESTORE,
    "not_ours": "scraper --archive FOLDER doctor",
    "newer_schema": "pip install --upgrade scraper",
    "older_schema": "scraper status",
    "db_full": "free some space on its disk, then: scraper doctor",
    "db_denied": "run as the archive's owner, then: scraper doctor",
    "db_io": "look at the disk (dmesg, smartctl), then: scraper doctor",
    "db_busy": "wait for the program that holds it, then: scraper doctor",
}


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
        "versions that are not numbered from 1 without gaps",
        "select page_id from versions group by page_id"
        " having min(number) <> 1 or max(number) <> count(*)",
        RESTORE,
    ),
)


class IntegrityMixin(VerifyMixin):
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
            problems = [*self._damage(progress)]
            if any(p.level == "error" and p.remedy != MEND for p in problems):
                return tuple(problems)  # what a damaged file says of its contents means nothing
            progress("index")
            problems += _index(self._store)
            with self._snapshot() as connection:
                for what, sql, remedy in _RULES:
                    broken = connection.execute(sql).fetchall()
                    if broken:
                        what = f"{what}: {len(broken)}, first {broken[0][0]}"
                        problems.append(Finding(level="error", what=what, remedy=remedy))
                problems += self._altered(progress)
                problems += self._altered_parts(progress)
            problems += _times(self._store)
            problems += _times(self._bodies_store)
            problems += self._unlisted()
            progress("room")
            return (*problems, *_room(self.folder, (self._store, self._bodies_store), least_free))

    def _unlisted(self) -> Iterator[Finding]:
        """Yield what a rollover that was interrupted has left among the parts."""
        folder = self._parts.folder
        if not folder.is_dir() or self._store.sealed:
            return
        left = leftovers(folder)
        left += [
            path
            for path in sorted(folder.iterdir())
            if not path.name.startswith(".")
            and path.name not in {part.row["folder"] for part in self._parts}
        ]
        if left:
            yield Finding(
                level="note",
                what=f"{len(left)} folders of {folder} are not listed as parts of this archive,"
                f" first {left[0].name}: a rollover or a merge that was interrupted leaves such",
                remedy="look at it, then delete it",
            )

    def _damage(self, progress: Callable[[str], None]) -> Iterator[Finding]:
        progress("files")
        for store in (self._store, self._bodies_store):
            yield from _file(store)
            yield from _schema(store)


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


def _schema(store: DatabaseFile) -> Iterator[Finding]:
    """Yield tables, views, indexes and triggers that are not those of the schema."""
    found, expected = store.schema(), store.expected_schema()
    for name, (kind, sql) in expected.items():
        if name not in found:
            what = f"{store.path}: the {kind} {name} is missing"
        elif normal_sql(found[name][1]) != normal_sql(sql):
            what = f"{store.path}: the {found[name][0]} {name} is not the one of the schema"
        else:
            continue
        remedy = MEND if kind in ("view", "index") else RESTORE
        yield Finding(level="error", what=what, remedy=remedy)
    for name in found.keys() - expected.keys():
        kind = found[name][0]
        if kind == "trigger":
            yield Finding(
                level="error",
                what=f"{store.path}: the trigger {name} is not ours: it changes what is written",
                remedy=RESTORE,
            )
        else:
            what = f"{store.path}: the {kind} {name} is not ours, harmless"
            yield Finding(level="note", what=what)


def normal_sql(sql: str) -> str:
    """Return a definition without comments, and without what spaces and quotes make different."""
    plain = re.sub(r"--[^\n]*|[\s\"]+", " ", sql)
    return re.sub(r"(?:(?<!\s)\s++)?([(),=])\s*", r"\1", plain).strip().lower()


def _times(store: DatabaseFile) -> Iterator[Finding]:
    """Yield the columns that hold times which cannot be read."""
    with store.reading() as connection:
        for table, (kind, _) in store.expected_schema().items():
            if kind != "table" or table.startswith(("articles_fts", "versions_fts")):
                continue
            for row in connection.execute(f"pragma table_info({table})").fetchall():
                column = str(row["name"])
                if not column.endswith("_at") and column not in ("at", "since"):
                    continue
                # Adding nothing makes every release of SQLite count the days of the month.
                bad = connection.execute(
                    f"select count(*), min({column}) from {table} where"
                    f" strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '+0 days') is not {column}"
                ).fetchone()
                if bad[0]:
                    yield Finding(
                        level="error",
                        what=f"{table}.{column} holds {bad[0]} times that cannot be read,"
                        f" first {bad[1]!r}",
                        remedy=MEND if table == "articles" else RESTORE,
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
        in_title, _ = row_terms(row["title"], "")
        match = " AND ".join(f'"{term}"' for term in in_title.replace('"', '""').split())
        if (
            match
            and not connection.execute(
                "select 1 from articles_fts where articles_fts match ? and rowid = ?",
                [match, row["id"]],
            ).fetchone()
        ):
            yield Finding(
                level="error",
                what=f"the index does not find article {row['id']} by its title",
                remedy=remedy,
            )
            return
