"""A whole archive as rows, and rows as an archive: what `scraper export --whole` writes.

Rows are read from all tables that the file has, so that a table that is added later is carried
too. What is derived is made again: the search index and how raw pages are compressed. Raw pages
stand first, since records are compressed against them.
"""

from __future__ import annotations

import base64
import binascii
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scraper.archive.database import partial_path, sync_folder, translate
from scraper.archive.hash_chain import LedgerHead
from scraper.archive.integrity import IntegrityMixin
from scraper.archive.queries import QueryMixin
from scraper.archive.schema import ARCHIVE, schema_number
from scraper.archive.searching import SearchMixin
from scraper.archive.verification import VerifyMixin
from scraper.errors import ArchiveError, ErrorClass, UsageError

__all__ = ["TransferMixin", "load_archive"]

BODIES = "bodies"
# Rows of one transaction.
_MOST_ROWS = 2_000
# Tables of which a value may stand in one row only, beside what the schema itself writes.
_OWN_TABLES = (
    "select name from pragma_table_list where schema = 'main' and type = 'table'"
    " and name not like 'sqlite\\_%' escape '\\' and name not like '\\_%' escape '\\'"
    " order by name"
)


class TransferMixin(QueryMixin):
    """All rows of an archive."""

    def all_rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield table and row of all that the archive holds, as it is at one moment.

        Values are those of JSON; bytes are ``{"base64": …}``.

        Raises:
            UsageError: the archive has sealed parts: its rows lie in several files.
        """
        if self._parts:
            raise UsageError(
                f"{self.folder} has sealed parts ({', '.join(self.part_names)}), which --whole does"
                " not write: `scraper backup` copies all of it, `scraper rollover --merge` puts the"
                " parts back"
            )
        with self._snapshot() as connection:
            yield from self._raw_pages()
            for (table,) in connection.execute(_OWN_TABLES).fetchall():
                cursor = connection.execute(f'select * from "{table}"')
                names = [column[0] for column in cursor.description]
                for row in cursor:
                    yield table, {n: _json(v) for n, v in zip(names, row, strict=True)}

    def _raw_pages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        with self._bodies_store.reading() as connection:
            rows = connection.execute(
                "select sha256, site, address, added_at from bodies order by id"
            )
            for row in rows:
                content = self._bodies.get(row["sha256"])
                yield BODIES, {**dict(row), "data": _json(content)}

    @property
    def schema_version(self) -> int:
        """Number of the archive's schema."""
        return schema_number(ARCHIVE)


class _NewArchive(SearchMixin, IntegrityMixin, VerifyMixin):
    """An archive that is being made of rows."""

    def load(self, rows: Iterator[tuple[str, dict[str, Any]]], tell: Callable[[int], None]) -> int:
        """Write rows; return how many there were."""
        connection: sqlite3.Connection = self._store.connection
        tables = {row[0] for row in connection.execute(_OWN_TABLES)}
        columns = {
            table: {row[1] for row in connection.execute(f'pragma table_info("{table}")')}
            for table in tables
        }
        # Rows refer to later ones, and what triggers count is among the rows.
        connection.execute("pragma foreign_keys = off")
        triggers = connection.execute(
            "select name, sql from sqlite_master where type = 'trigger'"
        ).fetchall()
        with self._writing() as connection:
            for name, _ in triggers:
                connection.execute(f'drop trigger "{name}"')
            for table in tables:
                connection.execute(f'delete from "{table}"')
        count = 0
        while batch := _some(rows):
            with self._bodies_store.transaction(), self._writing() as connection:
                for table, row in batch:
                    if table == BODIES:
                        self._put_body(row)
                    elif table in tables and row.keys() <= columns[table]:
                        _insert(connection, table, row)
                    else:
                        raise ArchiveError(
                            f"this program knows no table {table!r} with the columns"
                            f" {', '.join(sorted(row))[:200]}: the export is damaged or newer",
                            error_class=ErrorClass.NEWER_SCHEMA,
                        )
            count += len(batch)
            tell(count)
        with self._writing() as connection:
            for _, sql in triggers:
                connection.execute(sql)
        connection.execute("pragma foreign_keys = on")
        self.reindex()
        return count

    def _put_body(self, row: Mapping[str, Any]) -> None:
        content = _value(row.get("data"))
        texts = {name: row.get(name) for name in ("sha256", "site", "address", "added_at")}
        if not isinstance(content, bytes) or not all(isinstance(t, str) for t in texts.values()):
            raise _damaged("a raw page")
        digest = self._bodies.put(
            content,
            site=str(texts["site"]),
            address=str(texts["address"]),
            at=datetime.fromisoformat(str(texts["added_at"])),
        )
        if digest != texts["sha256"]:
            raise _damaged(f"the raw page {str(texts['sha256'])[:64]}")


def load_archive(
    folder: Path,
    rows: Iterator[tuple[str, dict[str, Any]]],
    head: LedgerHead,
    tell: Callable[[int], None] = lambda done: None,
) -> int:
    """Make an archive of rows in a folder that holds none; return how many rows there were.

    It is made beside the folder, verified from the raw pages up, and then renamed.

    Args:
        folder: of the new archive.
        rows: table and row, as `TransferMixin.all_rows` yields them.
        head: the last entry of the ledger that it must end with.
        tell: is called with how many rows are written.

    Raises:
        UsageError: the folder holds other things.
        ArchiveError: the rows make no sound archive; nothing is left of it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is not empty: a whole archive is imported into a new folder; name one with"
            " --archive"
        )
    partial = partial_path(folder)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        count = _load_into(partial, rows, head, tell)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
        sync_folder(folder.parent)
    except (OSError, sqlite3.Error) as error:
        raise translate(error, partial / "archive.db") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return count


def _load_into(
    folder: Path,
    rows: Iterator[tuple[str, dict[str, Any]]],
    head: LedgerHead,
    tell: Callable[[int], None],
) -> int:
    with _NewArchive(folder) as archive:
        try:
            count = archive.load(rows, tell)
        except (KeyError, TypeError, ValueError, sqlite3.Error) as error:
            raise _damaged(f"a row ({error})") from error
        found = archive.verify(lambda step: None)
        wrong = [finding.what for finding in found.findings]
        if found.head.chain != head.chain or found.head.cursor != head.cursor:
            wrong.insert(0, "its ledger ends otherwise than the file says")
        wrong += [one.what for one in archive.doctor(least_free=0) if one.level == "error"]
    if wrong:
        raise ArchiveError(
            f"what the file holds is no sound archive: {wrong[0]}; nothing was imported",
            error_class=ErrorClass.DB_CORRUPT,
        )
    return count


def _some(rows: Iterator[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Return the next rows for one transaction: bounded in number, and in bytes of raw pages."""
    some: list[tuple[str, dict[str, Any]]] = []
    pages = 0
    for table, row in rows:
        some.append((table, row))
        pages += table == BODIES
        if len(some) >= _MOST_ROWS or pages >= 50:
            break
    return some


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(
        f'insert into "{table}" ({names}) values ({", ".join("?" * len(row))})',
        [_value(value) for value in row.values()],
    )


def _json(value: object) -> object:
    """Return a value of SQLite as one of JSON."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value


def _value(value: object) -> object:
    """Return the value of SQLite that `_json` was given."""
    if isinstance(value, dict):
        try:
            return base64.b64decode(value["base64"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            raise _damaged("a value in base64") from None
    return value


def _damaged(what: str) -> ArchiveError:
    return ArchiveError(
        f"the export is damaged: {what}; nothing was imported", error_class=ErrorClass.DB_CORRUPT
    )
