"""`doctor` compares an archive with its schema, and reads every time."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, article, opened

from scraper.archive import Archive


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown")
    with opened(folder) as archive:
        archive.record(article())
        archive.record(article(TEXT + "More.", at=START + HOUR))
        archive.end_run(archive.begin_run("x", START), START, {})
        assert archive.doctor(least_free=0) == ()
    return folder


def objects(kind: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        from sqlite_utils import Database

        from scraper.archive.schema import ARCHIVE, BODIES

        found = []
        for file, migrations in (("archive.db", ARCHIVE), ("bodies.db", BODIES)):
            with closing(sqlite3.connect(":memory:")) as connection:
                migrations.apply(Database(connection))
                rows = connection.execute(
                    "select name from sqlite_master where type = ? and sql is not null"
                    " and name not like '\\_%' escape '\\' and name not like 'sqlite_%'"
                    " and name not like '%_fts_%'",
                    [kind],
                )
                found += [(file, str(name)) for (name,) in rows]
        return found


def harmed(folder: Path, target: Path, file: str, sql: str) -> Path:
    copy = Path(shutil.copytree(folder, target / "harmed"))
    with closing(sqlite3.connect(copy / file, isolation_level=None)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.executescript(sql)
    return copy


@pytest.mark.parametrize(("file", "name"), objects("view") + objects("index"))
def test_a_dropped_view_or_index_is_found_and_mended(
    grown: Path, tmp_path: Path, file: str, name: str
) -> None:
    kind = "view" if (file, name) in objects("view") else "index"
    folder = harmed(grown, tmp_path, file, f"drop {kind} {name}")
    with opened(folder) as archive:
        (found,) = archive.doctor(least_free=0)
        assert f"the {kind} {name} is missing" in found.what and found.remedy == "scraper mend"
        archive.repair()
        assert archive.doctor(least_free=0) == ()


@pytest.mark.parametrize(("file", "name"), objects("table"))
def test_a_dropped_table_is_found(grown: Path, tmp_path: Path, file: str, name: str) -> None:
    folder = harmed(grown, tmp_path, file, f"drop table {name}")
    with Archive(folder, readonly=True) as archive:
        found = archive.doctor(least_free=0)
    assert any(f"table {name} is missing" in finding.what for finding in found)
    assert found[0].remedy == "scraper restore BACKUP"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("alter table versions add column more text", "table versions is not the one"),
        ("drop index versions_text; create index versions_text on versions (title)",
         "index versions_text is not the one"),
        ("drop view change_list; create view change_list as select 'nothing' as title",
         "view change_list is not the one"),
        ("create trigger sly after insert on articles begin update articles set title = 'X'; end",
         "trigger sly is not ours"),
    ],
)  # fmt: skip
def test_another_definition_is_found(grown: Path, tmp_path: Path, sql: str, told: str) -> None:
    with Archive(harmed(grown, tmp_path, "archive.db", sql), readonly=True) as archive:
        assert any(told in finding.what for finding in archive.doctor(least_free=0))


def test_a_table_of_the_user_is_a_note(grown: Path, tmp_path: Path) -> None:
    folder = harmed(grown, tmp_path, "archive.db", "create table mine (a text)")
    with Archive(folder, readonly=True) as archive:
        assert [finding.level for finding in archive.doctor(least_free=0)] == ["note"]


@pytest.mark.parametrize("time", ["soon", "2026-02-31T00:00:00Z", "2026-03-01 08:00:00", "5", ""])
@pytest.mark.parametrize(
    "column",
    ["runs.started_at", "pages.last_fetch_at", "pages.next_check_at", "outlets.first_seen_at"],
)
def test_a_time_that_cannot_be_read(grown: Path, tmp_path: Path, column: str, time: str) -> None:
    table, name = column.split(".")
    sql = f"update {table} set {name} = '{time}'"
    with Archive(harmed(grown, tmp_path, "archive.db", sql), readonly=True) as archive:
        found = archive.doctor(least_free=0)
    assert any(f"{column} holds" in finding.what for finding in found), found
