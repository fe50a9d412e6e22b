"""Every earlier schema comes to the newest with all its rows, and with a copy made before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from scraper.archive import Archive
from scraper.archive.database import DatabaseFile
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID
from scraper.errors import ArchiveError
from tests.archiving import START, URL, article, opened
from tests.crash_work import broken, work
from tests.old_schemas import LATEST, LATEST_BODIES, STEPS, aged, first, rows, version


@pytest.fixture(scope="module")
def modern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modern")
    work(folder, 0, STEPS, lambda n: None)
    return folder


@pytest.mark.parametrize("number", range(1, LATEST))
def test_an_earlier_schema_keeps_its_rows(modern: Path, tmp_path: Path, number: int) -> None:
    old = aged(modern, tmp_path / "old", archive=number)
    path = old / "archive.db"
    before = rows(path)
    assert all(before[table] for table in ("articles", "versions", "fetches", "changes", "runs"))
    with pytest.raises(ArchiveError) as caught:
        Archive(old, readonly=True)
    assert caught.value.error_class == "older_schema"
    assert version(path) == number, "a reader changes nothing"

    with opened(old) as archive:
        copy = old / f"archive-schema-{number}.db"
        assert version(copy) == number
        assert rows(copy) == before
        assert version(path) == LATEST
        assert rows(path, copy) == before
        assert archive.search("港口")
        late = START + timedelta(days=30)
        assert archive.record(article("A new text.\n" * 30, url=f"{URL}1", at=late)).version
    assert broken(old) == []


def test_earlier_stores_of_bodies_keep_their_rows(modern: Path, tmp_path: Path) -> None:
    for number in range(1, LATEST_BODIES + 1):
        old = aged(modern, tmp_path / f"old{number}", bodies=number)
        with opened(old) as archive:
            assert version(old / "bodies.db") == LATEST_BODIES
            copy = old / f"bodies-schema-{number}.db"
            assert copy.exists() == (number < LATEST_BODIES)
            for row in archive.versions(1):
                assert archive.body(row.body)
        assert broken(old) == []


def test_no_room_for_the_copy_leaves_the_old_schema(
    modern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = aged(modern, tmp_path / "old", archive=1)
    before = (old / "archive.db").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(ArchiveError) as caught:
            Archive(old)
    assert caught.value.error_class == "db_full"
    assert "ENOSPC" in caught.value.message
    assert (old / "archive.db").read_bytes() == before
    assert [path.name for path in old.glob("*schema*")] == []
    with Archive(old):
        assert version(old / "archive.db") == LATEST


def test_an_upgrade_is_rolled_back_by_the_copy_that_it_made(modern: Path, tmp_path: Path) -> None:
    number = LATEST - 4
    old = aged(modern, tmp_path / "old", archive=number)
    path, copy = old / "archive.db", old / f"archive-schema-{number}.db"
    before = rows(path)

    def older_program() -> None:
        DatabaseFile(path, first(ARCHIVE, number), ARCHIVE_ID).close()

    late = START + timedelta(days=30)
    with opened(old) as archive:
        assert archive.record(article("A new text.\n" * 30, url=f"{URL}1", at=late)).version
    newer = path.read_bytes()
    with pytest.raises(ArchiveError) as caught:
        older_program()
    assert caught.value.error_class == "newer_schema"
    assert path.read_bytes() == newer, "an older program changes nothing"
    # As docs/guides/operate.md says: what the older program had is there again.
    path.rename(old / "archive-newer.db")
    copy.rename(path)
    older_program()
    assert version(path) == number
    assert rows(path) == before
    # And the upgrade can be made anew; the body of the article that was lost names nothing.
    with opened(old) as archive:
        assert archive.record(article("A new text.\n" * 30, url=f"{URL}1", at=late)).version
    assert broken(old) == []
