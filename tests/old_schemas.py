"""Archives as earlier versions of this program left them: the first migrations, and real rows.

``python -m tests.old_schemas`` kills migrations at their writes and prints what came of each.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from scraper.archive import Archive
from scraper.archive.database import DatabaseFile
from scraper.archive.hash_chain import seal_ledger
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, BODIES, BODIES_ID, Migrations
from scraper.archive.search_index import reindex
from tests.crash_work import broken, work
from tests.crashing import Child, traced

__all__ = ["LATEST", "LATEST_BODIES", "STEPS", "aged", "first", "rows", "version"]

LATEST, LATEST_BODIES = len(ARCHIVE._migrations), len(BODIES._migrations)
STEPS = 60
# Of the writes of a migration, every so manyth is killed.
STRIDE = 11


def first(migrations: Migrations, count: int) -> Migrations:
    """Return the first migrations of several."""
    some = Migrations(migrations.name)
    some._migrations = migrations._migrations[:count]
    return some


def tables(connection: sqlite3.Connection, schema: str = "main") -> list[str]:
    """Return the tables that hold rows of ours."""
    found = connection.execute(
        f"select name from {schema}.sqlite_master where type = 'table' and sql not like"
        " 'create virtual%' and name not like 'sqlite_%' and name not like '\\_%' escape '\\'"
        " and name not like '%_fts%' order by name"
    )
    return [str(row[0]) for row in found]


def columns(connection: sqlite3.Connection, table: str, schema: str = "main") -> list[str]:
    """Return the names of a table's columns."""
    return [str(row[1]) for row in connection.execute(f"pragma {schema}.table_info({table})")]


def version(path: Path) -> int:
    """Return the number of a file's schema."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def rows(path: Path, like: Path | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a file, of the tables and columns that another one has too.

    Of the facts, the one that tells how the search index was made is left out: a migration that
    lays another index takes it away, and whoever opens the archive next makes that index.
    """
    own = {"facts": " where key <> 'segmentation'"}
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("attach ? as other", [str(like or path)])
        return {
            table: connection.execute(
                f"select {', '.join(columns(connection, table, 'other'))} from {table}"
                f"{own.get(table, '')} order by 1"
            ).fetchall()
            for table in tables(connection, "other")
        }


def aged(modern: Path, folder: Path, *, archive: int = LATEST, bodies: int = LATEST_BODIES) -> Path:
    """Make an archive of earlier schemas with the rows of a modern one.

    Args:
        modern: folder of the archive whose rows it gets, as far as its columns were there then.
        folder: where it is made.
        archive, bodies: number of the migrations that the two files have seen.
    """
    folder.mkdir(parents=True)
    for name, migrations, mark, count in (
        ("archive.db", ARCHIVE, ARCHIVE_ID, archive),
        ("bodies.db", BODIES, BODIES_ID, bodies),
    ):
        DatabaseFile(folder / name, first(migrations, count), mark).close()
        with closing(sqlite3.connect(folder / name, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("attach ? as modern", [str(modern / name)])
            connection.execute("begin immediate")
            for table in tables(connection):
                here = columns(connection, table)
                names = ", ".join(n for n in columns(connection, table, "modern") if n in here)
                if names:
                    connection.execute(f"delete from {table}")
                    connection.execute(
                        f"insert into {table} ({names}) select {names} from modern.{table}"
                    )
            if name == "archive.db":
                reindex(connection)
                # An entry of an earlier schema covers no fetches.
                if {"chain"} == {"chain", "covers"} & set(columns(connection, "changes")):
                    seal_ledger(connection)
            connection.execute("commit")
    return folder


def _schema(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            str(row[0])
            for row in connection.execute("select sql from sqlite_master where sql is not null")
        }


def killed_migrations(folder: Path) -> dict[str, object]:
    """Kill the way from the first schema to the newest at its writes, one after another."""
    work(folder / "modern", 0, STEPS, lambda n: None)
    old = aged(folder / "modern", folder / "old", archive=1, bodies=1)
    with Archive(shutil.copytree(old, folder / "new")):
        pass
    states = {False: _schema(old / "archive.db"), True: _schema(folder / "new" / "archive.db")}
    before = rows(old / "archive.db")
    wrong: list[str] = []
    kept = {1: 0, LATEST: 0}
    at = 1
    while True:
        place = Path(shutil.copytree(old, folder / "killed"))

        def migrate(tell: Callable[[int], None], place: Path = place) -> None:
            with Archive(place):
                tell(1)

        child = Child(migrate)
        with traced(child, f"pwrite64:signal=SIGKILL:when={at}"):
            child.start()
            status, _ = child.end()
        if status == 0:
            break
        number = version(place / "archive.db")
        kept[number] = kept.get(number, 0) + 1
        if status != -signal.SIGKILL or number not in (1, LATEST):
            wrong.append(f"write {at}: status {status}, schema {number}")
        if _schema(place / "archive.db") != states[number == LATEST]:
            wrong.append(f"write {at}: half a schema")
        if rows(place / "archive.db", old / "archive.db") != before:
            wrong.append(f"write {at}: rows are not what they were")
        # The next start goes on without a hand.
        wrong += [f"write {at}: {what}" for what in broken(place)]
        copy = place / "archive-schema-1.db"
        if number == 1 and (not copy.exists() or version(copy) != 1):
            wrong.append(f"write {at}: no copy of the old file")
        shutil.rmtree(place)
        at += STRIDE
    return {"writes": at, "kept": kept, "wrong": wrong}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(killed_migrations(Path(name))), flush=True)
