"""Sealed parts of an archive: found, checked, searched for pages, and pages taken back from them.

A sealed part lies in ``parts/NAME`` beside the current files and is an archive of its own, which is
never written again. It was a copy of the whole current archive; the pages that rested were then
deleted there (`rollover.py`), the others go on in the current file, and the part does not show them
(`carried`). Whatever happens to a page that rests takes all its rows back first, under the numbers
that they had: so history, identity and stories never begin anew.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.archive.database import CHECKED_BYTES, ArchiveConnection
from scraper.archive.part_rows import copy_rows, stories_of, together
from scraper.archive.search_index import index_version
from scraper.errors import ArchiveError, ErrorClass
from scraper.record import record
from scraper.search.terms import row_terms

if TYPE_CHECKING:
    from scraper.archive.base import ArchiveBase

__all__ = [
    "PARTS", "Part", "Parts", "altered_files", "altered_list", "hidden_articles", "make_readonly",
    "part_files", "part_link", "parts_of", "sha256_of",
]  # fmt: skip

# The folder of the parts, beside the current files.
PARTS = "parts"
_FILES = (
    ("archive.db", "archive_bytes", "archive_sha256"),
    ("bodies.db", "bodies_bytes", "bodies_sha256"),
)
# What the hash of its row covers, in this order.
_LISTED = (
    "number", "name", "folder", "sealed_at", "before", "first_at", "last_at", "pages",
    "articles", "versions", "fetches", "changes",
    "last_page", "last_version", "last_fetch", "last_record", "last_change",
    "fetch_chain", "record_chain", "change_chain", "archive_bytes", "archive_sha256",
    "bodies_bytes", "bodies_sha256",
)  # fmt: skip
_CHAINS = {"fetches": "fetch", "extractions": "record", "changes": "change"}


@record
class Part:
    """A sealed part that is open.

    Attributes:
        number: its number, 1 for the first.
        name: of its folder.
        row: of the table `parts`.
        archive: its files.
    """

    number: int
    name: str
    row: sqlite3.Row
    archive: Any

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of its `archive.db`."""
        connection: sqlite3.Connection = self.archive._store.connection
        return connection


def part_files(folder: Path) -> Path:
    """Return the folder in which the parts of an archive lie; a part's own is theirs, too."""
    return folder.parent if folder.absolute().parent.name == PARTS else folder / PARTS


def part_link(before: str, row: Mapping[str, Any]) -> str:
    """Return the hash that chains the row of a part to that of the part before.

    Args:
        before: hash of the part before, "" for the first.
        row: the other columns.
    """
    listed = json.dumps([before, *(row[name] for name in _LISTED)], ensure_ascii=False)
    return hashlib.sha256(listed.encode()).hexdigest()


def altered_list(parts: Parts) -> Iterator[str]:
    """Yield what shows that the list of parts was altered."""
    before = ""
    for number, part in enumerate(parts, start=1):
        if part.row["chain"] != part_link(before, dict(part.row)):
            yield f"the list of sealed parts was altered: {part.name}"
        elif part.number != number:
            yield f"the list of sealed parts lacks part {number}"
        before = part.row["chain"]


def hidden_articles(parts: Parts) -> Iterator[str]:
    """Yield the parts with articles that they do not show, and that no later file has."""
    later: list[sqlite3.Connection] = [parts.current]
    for part in reversed(parts):
        rows = part.connection.execute(
            "select a.id from main.articles a join later.carried c on c.page_id = a.id"
            " where c.until >= ?",
            [part.number],
        )
        for (number,) in rows:
            sql = "select 1 from main.articles where id = ?"
            if not any(file.execute(sql, [number]).fetchone() for file in later):
                yield f"article {number} of the sealed part {part.name} is hidden, but in no other"
                break
        later.append(part.connection)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Hashes of files that this process has read, with what shows that they are the same still.
_HASHES: dict[Path, tuple[tuple[int, int, int], str]] = {}


def _sha256_once(path: Path) -> str:
    """Return the SHA-256 of a file, which is read again once its time or place has changed."""
    state = path.stat()
    seen = (state.st_ino, state.st_mtime_ns, state.st_ctime_ns)
    known = _HASHES.get(path)
    if known is None or known[0] != seen:
        known = _HASHES[path] = (seen, sha256_of(path))
    return known[1]


class Parts:
    """The sealed parts of an archive, in the order in which they were sealed.

    Args:
        connection: of the current `archive.db`.
        folder: in which the parts lie.
        open_part: opens the files of a part.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        folder: Path,
        open_part: Callable[[Path, int], ArchiveBase],
    ) -> None:
        self._connection = connection
        self.folder = folder
        self._open_part = open_part
        self._known: tuple[int, int] = (0, 0)
        self._parts: list[Part] = []
        self._replaced: list[Part] = []

    @property
    def current(self) -> sqlite3.Connection:
        """The connection of the current file."""
        return self._connection

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    def __reversed__(self) -> Iterator[Part]:
        return reversed(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def refresh(self) -> None:
        """Open the parts that were sealed since the last time, by whatever process.

        Raises:
            ArchiveError: (``db_corrupt``) a part is missing, or is not the one that was sealed.
        """
        try:
            row = self._connection.execute("select count(*), coalesce(max(number), 0) from parts")
            known = tuple(row.fetchone())
        except sqlite3.OperationalError:
            # `doctor` tells that the table is missing; without parts nothing else is.
            if self.folder.is_dir() or _has_list(self._connection):
                raise
            return
        if known == self._known:
            return
        # Who reads them at this moment goes on with those that were open.
        self._replaced += self._parts
        self._parts, self._known = [], (0, 0)
        try:
            for row in self._connection.execute("select * from parts order by number").fetchall():
                self._parts.append(self._open(row))
        except BaseException:
            self.close()
            raise
        self._known = known

    def close(self) -> None:
        """Close all parts."""
        for part in (*self._parts, *self._replaced):
            part.archive.close()
        self._parts, self._replaced = [], []
        self._known = (0, 0)

    def _open(self, row: sqlite3.Row) -> Part:
        folder = self.folder / row["folder"]
        for what in altered_files(folder, row, whole=False):
            raise ArchiveError(what, error_class=ErrorClass.DB_CORRUPT)
        try:
            archive = self._open_part(folder, row["number"])
        except ArchiveError as error:
            if error.error_class != ErrorClass.OLDER_SCHEMA:
                raise
            here = shlex.quote(str(self.folder.parent))
            raise ArchiveError(
                f"the sealed part {row['name']} has the older schema of an earlier version:"
                f" open the archive for writing once, for instance with"
                f" `scraper --archive {here} status`",
                error_class=ErrorClass.OLDER_SCHEMA,
            ) from error
        part = Part(number=row["number"], name=row["name"], row=row, archive=archive)
        wrong = _is_another(part)
        if wrong:
            archive.close()
            raise ArchiveError(wrong, error_class=ErrorClass.DB_CORRUPT)
        return part

    # Which pages rest in them

    def shows(self, part: Part, page_id: int) -> bool:
        """Return whether a part shows a page that it has: no later file goes on with it."""
        found = self._connection.execute(
            "select 1 from carried where page_id = ? and until >= ?", [page_id, part.number]
        ).fetchone()
        return found is None

    def resting(self, sql: str, values: Sequence[object]) -> Iterator[tuple[Part, int]]:
        """Yield the pages whose numbers a query returns of a part that shows them, newest first."""
        for part in reversed(self._parts):
            for (page_id,) in part.connection.execute(sql, values).fetchall():
                if page_id is not None and self.shows(part, page_id):
                    yield part, page_id

    def holder(self, table: str, row_id: int) -> Part | None:
        """Return the part that shows a row of a table by its number, or None.

        Args:
            table: ``articles``, ``pages`` or ``versions``.
            row_id: its number.
        """
        column = "page_id" if table == "versions" else "id"
        sql = f"select {column} from {table} where id = ?"
        return next((part for part, _ in self.resting(sql, [row_id])), None)

    # Taking pages back

    def take_back(self, sql: str, values: Sequence[object]) -> bool:
        """Take the resting pages that a query names back into the current file.

        Only within a write transaction; else nothing is done. With a page come those of its story
        and of its copies: what is told of either names the other.

        Args:
            sql: returns numbers of pages; it is asked of every part.
            values: of its parameters.

        Returns:
            Whether there were any.
        """
        found: dict[int, list[int]] = {}
        if isinstance(self._connection, ArchiveConnection) and self._connection.writing:
            for part, page_id in self.resting(sql, values):
                found.setdefault(part.number, []).append(page_id)
        for part in reversed(self._parts):
            ids = [i for i in found.get(part.number, ()) if self.shows(part, i)]
            if ids:
                self._carry(
                    part, [i for i in together(part.connection, ids) if self.shows(part, i)]
                )
        return bool(found)

    def put_back(self, part: Part) -> None:
        """Take all that rests in a part back into the current file, within a write transaction."""
        rows = part.connection.execute("select id from pages").fetchall()
        self._carry(part, [row["id"] for row in rows if self.shows(part, row["id"])])
        names = [row[1] for row in part.connection.execute("pragma table_info(fetches)")]
        self._connection.executemany(
            f"insert or ignore into fetches ({', '.join(names)})"
            f" values ({', '.join('?' * len(names))})",
            part.connection.execute(
                f"select {', '.join(names)} from fetches where page_id is null"
            ),
        )

    def _carry(self, part: Part, ids: Sequence[int]) -> None:
        run = self._connection
        run.execute("pragma defer_foreign_keys = on")
        run.executemany(
            "insert into carried (page_id, until) values (?, ?) on conflict (page_id)"
            " do update set until = excluded.until",
            [(page_id, part.number) for page_id in ids],
        )
        chosen = json.dumps(list(ids))
        stories_of(part.connection, run, chosen)
        copy_rows(part.connection, run, chosen)
        for row in part.connection.execute(
            "select id, title, text, authors from articles where id in"
            " (select value from json_each(?))",
            [chosen],
        ):
            run.execute(
                "insert into articles_fts (rowid, title, text) values (?, ?, ?)",
                [row["id"], *row_terms(row["title"], row["text"], row["authors"])],
            )
        for row in part.connection.execute(
            "select v.id, v.extraction_id from versions v join articles a on a.id = v.page_id"
            " where v.id <> a.version_id and v.page_id in (select value from json_each(?))",
            [chosen],
        ).fetchall():
            earlier = part.archive._extractions.get(row["extraction_id"])
            terms = row_terms(earlier.title, earlier.text, ", ".join(earlier.authors))
            index_version(self._connection, row["id"], terms)

    # Hash chains

    def end(self, name: str) -> tuple[int, str]:
        """Return number and hash of the last sealed row of a chain; 0 and "" where none is."""
        if not self._parts:
            return 0, ""
        row, key = self._parts[-1].row, _CHAINS[name]
        return row[f"last_{key}"], row[f"{key}_chain"]

    def chain_before(self, name: str, row_id: int) -> str:
        """Return the hash of the sealed row before one in a chain, "" for the first."""
        rows = [
            part.connection.execute(
                f"select id, chain from {name} where id < ? order by id desc limit 1", [row_id]
            ).fetchone()
            for part in self._parts
        ]
        found = max(((row["id"], row["chain"]) for row in rows if row), default=(0, ""))
        return str(found[1])

    def chain_of(self, name: str, row_id: object) -> str:
        """Return the hash of a sealed row, or ""."""
        for part in reversed(self._parts):
            row = part.connection.execute(
                f"select chain from {name} where id = ?", [row_id]
            ).fetchone()
            if row:
                return str(row["chain"])
        return ""


def _has_list(connection: sqlite3.Connection) -> bool:
    found = connection.execute("select 1 from sqlite_master where name = 'parts'")
    return found.fetchone() is not None


class _NoParts(Parts):
    """Those of a file that has none."""

    def __init__(self) -> None:
        super().__init__(sqlite3.connect(":memory:"), Path(), _never)

    def refresh(self) -> None:
        """Do nothing."""


def _never(folder: Path, number: int) -> ArchiveBase:
    raise AssertionError(f"{folder} is part {number} of no archive")


_NONE: list[Parts] = []


def parts_of(connection: sqlite3.Connection) -> Parts:
    """Return the sealed parts beside the file of a connection."""
    if isinstance(connection, ArchiveConnection) and isinstance(connection.parts, Parts):
        return connection.parts
    if not _NONE:
        _NONE.append(_NoParts())
    return _NONE[0]


def altered_files(folder: Path, row: sqlite3.Row, *, whole: bool) -> Iterable[str]:
    """Yield what shows that the files of a part are not those that were sealed.

    Args:
        folder: of the part.
        row: of the table `parts`.
        whole: whether files of any size are read to the end, not only small ones.
    """
    for name, size, digest in _FILES:
        path = folder / name
        try:
            found = path.stat().st_size
        except FileNotFoundError:
            yield f"{path}, of the sealed part {row['name']}, is missing: put it back"
            continue
        logs = [log for end in ("-wal", "-journal") if (log := Path(f"{path}{end}")).exists()]
        if any(log.stat().st_size for log in logs):
            yield f"{logs[0]} stands beside a sealed file, which is never written: take it away"
        if found != row[size]:
            yield (
                f"{path} is not the file that was sealed: {found:,} bytes instead of {row[size]:,};"
                " put that one back"
            )
        elif (whole or found <= CHECKED_BYTES) and row[digest] != (
            sha256_of(path) if whole else _sha256_once(path)
        ):
            yield f"{path} was altered after it was sealed: put the file back that was sealed"


def _is_another(part: Part) -> str:
    """Return what tells that a part of the same size is another one, or ""."""
    ends = {
        row["name"]: (row["last_id"], row["chain"])
        for row in part.connection.execute("select name, last_id, chain from seals")
    }
    sealed = {
        name: (part.row[f"last_{key}"], part.row[f"{key}_chain"])
        for name, key in _CHAINS.items()
        if part.row[f"last_{key}"]
    }
    if part.archive._store.sealed and {name: ends.get(name) for name in sealed} == sealed:
        return ""
    place = part.archive.folder
    return f"{place} is not the part that was sealed as {part.name}: put that one back"


def make_readonly(folder: Path) -> None:
    """Take the permission to write the files of a part."""
    for name, _, _ in _FILES:
        (folder / name).chmod(0o444)
