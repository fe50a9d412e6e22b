"""What the archive does with files that are not as they should be, and with other processes."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, failed, opened
from datasette.app import Datasette

from scraper.archive import Archive, schema
from scraper.archive.database import DatabaseFile
from scraper.browse.archive_database import archive_of
from scraper.errors import ArchiveError, NotFound


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def made(folder: Path) -> Path:
    with opened(folder) as archive:
        archive.record(article())
    return folder / "archive.db"


def refused(folder: Path) -> ArchiveError:
    """Open what must be refused, for writing and for reading; the file must stay as it is."""
    path = folder / "archive.db"
    before = digest(path)
    errors = []
    for readonly in (False, True):
        with pytest.raises(ArchiveError) as caught:
            Archive(folder, readonly=readonly)
        errors.append(caught.value)
    assert digest(path) == before
    assert errors[0].error_class == errors[1].error_class
    assert str(path) in errors[0].message
    return errors[0]


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 99")
    connection.close()
    error = refused(tmp_path)
    assert error.error_class == "newer_schema"
    assert "update the program" in error.message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"text file\n" * 50, "not an SQLite"),
        (b"SQLite format 3\0", "not an SQLite"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "archive.db").write_bytes(content)
    error = refused(tmp_path)
    assert error.error_class == "not_ours"
    assert what in error.message
    assert "--archive" in error.message


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "archive.db")
    connection.execute("create table t (x)")
    connection.close()
    error = refused(tmp_path)
    assert (error.error_class, "another program" in error.message) == ("not_ours", True)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    assert refused(tmp_path).error_class == "db_corrupt"


def test_a_flipped_page_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = bytes(255 - byte for byte in raw[4096:8192])
    path.write_bytes(raw)
    assert refused(tmp_path).error_class == "db_corrupt"


def test_half_an_archive_is_refused(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "bodies.db").unlink()
    assert "bodies.db is missing" in refused(tmp_path).message
    assert not (tmp_path / "bodies.db").exists()


def test_nothing_is_made_where_nothing_may_be(tmp_path: Path) -> None:
    for options in ({"create": False}, {"readonly": True}):
        with pytest.raises(NotFound, match="no archive"):
            Archive(tmp_path / "none", **options)
    assert not (tmp_path / "none").exists()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveError):
        Archive(tmp_path / "file")


def test_no_traces_of_making(tmp_path: Path) -> None:
    made(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.db", "bodies.db"]


def test_reading_beside_a_writer(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.record(article())
        with Archive(tmp_path, readonly=True) as reader:
            assert reader.find(URL).text == TEXT
            writer.record(article(url=URL + "x"))
            assert reader.find(URL + "x").text == TEXT
            assert reader.body(reader.versions(URL)[0].body)
            with pytest.raises(ArchiveError, match="read-only"):
                reader.save_host(reader.host_state("a"))
        # What Datasette and any tool sees: the file itself, opened for reading.
        plain = sqlite3.connect(f"file:{tmp_path / 'archive.db'}?mode=ro", uri=True)
        assert plain.execute("select count(*) from article_list").fetchone() == (2,)
        plain.close()


# Another process writes, and closes as the last one does that uses a database.
_WRITE_AND_CLOSE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("update sources set name = 'written' where 0")
connection.execute("create table written (x)")
connection.commit()
connection.close()
"""


@pytest.mark.parametrize("look", ["again", "datasette"])
def test_looking_at_a_file_keeps_the_locks_of_this_process(tmp_path: Path, look: str) -> None:
    with opened(tmp_path / "archive"):
        pass
    file = tmp_path / "archive" / "archive.db"
    with Archive(tmp_path / "archive", create=False) as archive:
        archive.record(article(TEXT))
        if look == "again":
            Archive(tmp_path / "archive", create=False, readonly=True).close()
        else:
            found = archive_of(Datasette([str(file)]))
            assert found is not None
            assert found.folder == tmp_path / "archive"
        subprocess.run([sys.executable, "-c", _WRITE_AND_CLOSE, file], check=True)
        # Had the other one found no lock it would have deleted the log from which this one reads.
        assert (tmp_path / "archive" / "archive.db-wal").exists()
        assert archive.find(URL).version_count == 1
        archive.record(article(f"{TEXT}\nA tug was late.\n", at=START + HOUR))
    with sqlite3.connect(file) as connection:
        assert connection.execute("select count(*) from versions").fetchone() == (2,)
        assert connection.execute("select count(*) from written").fetchone() == (0,)
    connection.close()


def test_a_file_whose_checkpoint_was_killed_is_read_with_its_log(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        for number in range(20):
            archive.record(article(TEXT * 20, url=f"{URL}{number}", at=START + number * HOUR))
        shutil.copytree(tmp_path / "archive", tmp_path / "killed")
    file = tmp_path / "killed" / "archive.db"
    raw = bytearray(file.read_bytes())
    assert (tmp_path / "killed" / "archive.db-wal").stat().st_size
    # The first page was written back, which says how large the file is; the last ones were not.
    raw[28:32] = (len(raw) // 4096 + 100).to_bytes(4, "big")
    raw[92:96] = raw[24:28]
    file.write_bytes(raw)
    with opened(tmp_path / "killed") as killed:
        assert killed.find(f"{URL}19").version_count == 1
        assert killed.doctor(least_free=0) == ()


def test_a_locked_archive_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.archive.database.BUSY_SECONDS", 0.05)
    with opened(tmp_path) as archive:
        other = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(ArchiveError) as caught:
            archive.record(article())
        assert caught.value.error_class == "db_busy"
        other.execute("rollback")
        other.close()
        assert archive.record(article()).outcome == "kept"


def test_a_full_disk_is_told_and_passes(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        connection = archive._store.connection
        (pages,) = connection.execute("pragma page_count").fetchone()
        connection.execute(f"pragma max_page_count = {pages + 2}")
        with pytest.raises(ArchiveError) as caught:
            archive.record(article(TEXT * 500))
        assert caught.value.error_class == "db_full"
        connection.execute("pragma max_page_count = 1000000")
        assert archive.record(article(TEXT * 500)).outcome == "kept"
        assert len(archive.fetches(URL)) == 1


def test_a_damaged_body_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
        body = archive.versions(URL)[0].body
        archive._bodies_store.connection.execute("update bodies set data = x'28b52ffd0000000000'")
        with pytest.raises(ArchiveError) as caught:
            archive.body(body)
        assert caught.value.error_class == "db_corrupt"
        with pytest.raises(NotFound):
            archive.body("0" * 64)


def test_a_migration_makes_a_copy_first(tmp_path: Path) -> None:
    path = made(tmp_path)
    later = schema.Migrations("scraper.archive")
    later._migrations = list(schema.ARCHIVE._migrations)

    @later()
    def later_still(db: object) -> None:
        db.conn.execute("create table later (x int) strict")  # type: ignore[attr-defined]

    with pytest.raises(ArchiveError, match="older schema"):
        DatabaseFile(path, later, schema.ARCHIVE_ID, readonly=True)
    DatabaseFile(path, later, schema.ARCHIVE_ID).close()
    known = schema.schema_number(schema.ARCHIVE)
    connection = sqlite3.connect(tmp_path / f"archive-schema-{known}.db")
    assert connection.execute("select count(*) from articles").fetchone() == (1,)
    assert connection.execute("pragma user_version").fetchone() == (known,)
    connection.close()
    with pytest.raises(ArchiveError) as caught:
        Archive(tmp_path)
    assert caught.value.error_class == "newer_schema"


def test_a_migration_that_fails_leaves_the_old_schema(tmp_path: Path) -> None:
    path = made(tmp_path)
    later = schema.Migrations("scraper.archive")
    later._migrations = list(schema.ARCHIVE._migrations)

    @later()
    def broken(db: object) -> None:
        schema._run(db, "create table half (x int) strict;\nselect no_such_function();\n")  # type: ignore[arg-type]

    with pytest.raises(ArchiveError):
        DatabaseFile(path, later, schema.ARCHIVE_ID)
    with opened(tmp_path) as archive:
        assert archive.record(failed("dns")).outcome == "failed"
        tables = archive._store.connection.execute("select name from sqlite_master").fetchall()
    assert "half" not in {row["name"] for row in tables}
