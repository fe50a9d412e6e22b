"""An archive that may be read but not written: other users' folders, read-only disks."""

from __future__ import annotations

import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archiving import TEXT, URL, article, opened
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.browse.server import application
from scraper.cli import main
from scraper.errors import ArchiveError

NOBODY = 65534
READING = (
    ["search", "harbour"],
    ["show", "1"],
    ["history", "1"],
    ["changes"],
    ["status"],
    ["doctor"],
    ["verify", "--archive"],
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An archive that everybody may read and only we may write; others reach its folder."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    with opened(root / "archive") as archive:
        archive.record(article())
        archive.record(article(TEXT + "More.", url=URL + "0"))
    yield root / "archive"
    for path in (root / "archive", *(root / "archive").iterdir()):
        path.chmod(0o755)
    shutil.rmtree(root)


def protected(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)


def as_nobody(work: Callable[[], object]) -> None:
    """Run in a process of a user to whom modes apply: they mean nothing to root."""
    work_id = os.fork()
    if not work_id:
        status = 1
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            work()
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(work_id, 0)[1]) == 0


def ran(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--archive", str(folder), *arguments])
    return done.exit_code, done.output


@pytest.mark.parametrize("arguments", READING, ids=lambda a: a[0])
def test_it_can_be_read(folder: Path, arguments: list[str]) -> None:
    wanted = ran(folder, *arguments)
    assert wanted[0] == 0
    protected(folder)

    def read() -> None:
        code, output = ran(folder, *arguments)
        assert code == 0, output
        if arguments[0] != "status":  # which tells of free space
            assert output == wanted[1]

    as_nobody(read)


def test_it_can_be_browsed(folder: Path) -> None:
    application(folder)  # imports what the other user may not
    protected(folder)
    as_nobody(lambda: application(folder))


def test_a_write_is_refused_for_want_of_permission(folder: Path) -> None:
    protected(folder)

    def write() -> None:
        with Archive(folder) as archive:
            assert archive.readonly and archive.find(1).title
            with pytest.raises(ArchiveError) as caught:
                archive.record(article(TEXT + "Yet more."))
        assert caught.value.error_class == "db_denied"
        assert "no permission to write" in caught.value.message

    as_nobody(write)


def test_what_may_not_be_read_is_no_failing_disk(folder: Path) -> None:
    (folder / "archive.db").chmod(0o000)

    def read() -> None:
        with pytest.raises(ArchiveError) as caught:
            Archive(folder)
        assert caught.value.error_class == "db_denied"
        assert "may not be read" in caught.value.message

    as_nobody(read)


def test_a_folder_in_which_no_archive_may_be_made(folder: Path) -> None:
    protected(folder)

    def make() -> None:
        code, output = ran(folder / "new", "reindex")
        assert code == 1 and "no archive" in output
        with pytest.raises(ArchiveError) as caught:
            Archive(folder / "new")
        assert caught.value.error_class == "db_denied"

    as_nobody(make)


def test_a_writer_who_is_at_work_is_read_too(folder: Path) -> None:
    """The owner has the archive open; what is in the log only is seen, or it is refused."""
    with opened(folder) as owner:
        owner.record(article(TEXT + "At the last moment.", url=URL + "9"))
        for path in folder.iterdir():
            path.chmod(0o644)

        def read() -> None:
            with Archive(folder, create=False) as archive:
                assert archive.find(URL + "9").text.endswith("At the last moment.")
                assert not archive.immutable

        as_nobody(read)
