"""Each harm that the doctor finds is mended by the very command that it names; retention."""

from __future__ import annotations

import json
import logging
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper.archive import Archive, Finding
from scraper.cli import main
from scraper.cli.logs import JsonLines, Lines, OncePerHour
from scraper.errors import ArchiveError, NotFound
from scraper.models import Attempt
from tests.archiving import HOUR, START, TEXT, URL, article, opened, rejected
from tests.crash_work import contents, work
from tests.old_schemas import aged


def run(folder: Path, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["--archive", str(folder), *arguments], input=stdin)


def doctor(folder: Path) -> list[Finding]:
    with opened(folder) as archive:
        return [finding for finding in archive.doctor(least_free=0) if finding.level != "note"]


def sql(script: str) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)

    return harm


def flip(path: Path) -> None:
    """Damage the second half of the file, where the content is."""
    raw = bytearray(path.read_bytes())
    for at in range(len(raw) // 2, len(raw), 512):
        raw[at] ^= 255
    path.write_bytes(raw)


FIRST = "(select min(id) from articles)"
HARMS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "another's version": (
        "archive.db",
        sql(f"update articles set version_id = (select max(id) from versions) where id = {FIRST}"),
        "scraper mend",
    ),
    "a wrong count": ("archive.db", sql("update articles set version_count = 9"), "scraper mend"),
    "another text": (
        "archive.db", sql(f"update articles set text = 'x' where id = {FIRST}"), "scraper mend",
    ),
    "no article": (
        "archive.db",
        sql(f"pragma foreign_keys = off; delete from candidates; delete from removed_blocks;"
            f" delete from articles where id = {FIRST}"),
        "scraper reindex",
    ),
    "an index without an article": (
        "archive.db", sql("delete from articles_fts_docsize where id = 1"), "scraper reindex",
    ),
    "an index of the published text": (
        "archive.db",
        sql("insert into articles_fts (articles_fts) values ('rebuild')"),
        "scraper reindex",
    ),
    "an index with a torn page": (
        "archive.db",
        sql("update articles_fts_data set block = x'00' where id > 10"),
        "scraper reindex",
    ),
    "a record that is lost": (
        "archive.db", sql("update extractions set record = x'00'"), "scraper mend --from BACKUP",
    ),
    "a damaged body": (
        "bodies.db",
        sql("update bodies set data = x'00' where id = 2"),
        "scraper mend --from BACKUP",
    ),
    "a missing body": (
        "bodies.db",
        sql("delete from bodies where id = (select max(id) from bodies)"),
        "scraper mend --from BACKUP",
    ),
    "an altered version": (
        "archive.db",
        sql("update versions set first_observed_at = '2020-01-01T00:00:00Z' where number = 1"),
        "scraper restore BACKUP",
    ),
    "an altered ledger": (
        "archive.db", sql("delete from changes where id = 2"), "scraper restore BACKUP",
    ),
    "a fetch that is lost": (
        "archive.db", sql("delete from fetches where class = 'ok'"), "scraper restore BACKUP",
    ),
    "damaged pages": ("archive.db", flip, "scraper restore BACKUP"),
    "damaged pages of bodies": ("bodies.db", flip, "scraper restore BACKUP"),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An archive and its backup; tests take copies."""
    folder = tmp_path_factory.mktemp("sound")
    work(folder / "archive", 0, 30, lambda n: None)
    done = run(folder / "archive", "backup", str(folder / "backup"))
    assert done.exit_code == 0, done.output
    return folder / "archive", folder / "backup"


@pytest.mark.parametrize("name", HARMS)
def test_the_command_that_is_named_mends(
    sound: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    file, harm, remedy = HARMS[name]
    archive = Path(shutil.copytree(sound[1], tmp_path / "archive"))
    harm(archive / file)
    found = run(archive, "doctor")
    assert found.exit_code == 1, found.output
    assert f"→ {remedy}" in found.output, found.output
    # What the doctor names is done until it names nothing more: each time something else is left.
    for _ in range(3):
        named = [line.split("→ ")[1] for line in run(archive, "doctor").output.splitlines()
                 if line.startswith("error")]  # fmt: skip
        if not named:
            break
        command = shlex.split(named[0].replace("BACKUP", str(sound[1])))
        assert command[0] == "scraper"
        run(archive, *command[1:])
    assert doctor(archive) == []
    assert contents(archive) == contents(sound[0])


def test_a_backup_beside_a_writer_is_whole(sound: tuple[Path, Path], tmp_path: Path) -> None:
    """Copies that are made between any two steps hold by themselves, each file with the other."""
    with opened(tmp_path / "archive") as writer, opened(tmp_path / "archive") as other:
        for n in range(3):
            writer.record(article(TEXT * (n + 1), url=f"{URL}{n}", at=START + n * HOUR))
            reader = Archive(tmp_path / "archive", readonly=True)
            with reader, other._store.transaction():  # a writer in the middle of its work
                copy = reader.backup(tmp_path / f"copy{n}")
            with Archive(copy, readonly=True) as kept:
                assert kept.doctor(least_free=0) == ()
                assert kept.status(START).counts["articles"] == n + 1


def test_a_backup_names_itself(sound: tuple[Path, Path], tmp_path: Path) -> None:
    archive = Path(shutil.copytree(sound[1], tmp_path / "archive"))
    assert "backup   none yet\n" in run(archive, "status").output
    done = run(archive, "backup")
    assert "backup   verified 2" in run(archive, "status").output
    assert json.loads(run(archive, "status", "--json").output)["last_backup_at"]
    assert done.exit_code == 0, done.output
    (made,) = tmp_path.glob("archive-backup-*Z")
    assert str(made) in done.output
    assert "verified: " in done.output
    assert contents(made) == contents(archive)


def test_the_latest_backups_beside_the_archive_stay(
    sound: tuple[Path, Path], tmp_path: Path
) -> None:
    archive = Path(shutil.copytree(sound[1], tmp_path / "archive"))
    older = [tmp_path / f"archive-backup-2025120{day}T000000Z" for day in (1, 2, 3)]
    others = [tmp_path / name for name in ("archive-backup-mine", "other-backup-20251201T000000Z")]
    for path in (*older, *others):
        path.mkdir()
    done = run(archive, "backup", "--keep", "2")
    assert done.exit_code == 0, done.output
    left = sorted(path.name for path in tmp_path.glob("*-backup-2*"))
    assert left[0] == older[2].name and left[2] == others[1].name and len(left) == 3
    assert others[0].exists()
    assert f"deleted: {older[0]}" in done.output
    # A failed backup deletes nothing, nor does one that has a folder of its own.
    assert run(archive, "backup", str(tmp_path / "own"), "--keep", "1").exit_code == 2
    (archive / "bodies.db").unlink()
    assert run(archive, "backup", "--keep", "1").exit_code != 0
    assert sorted(path.name for path in tmp_path.glob("*-backup-2*")) == left


def test_a_damaged_backup_is_not_restored(sound: tuple[Path, Path], tmp_path: Path) -> None:
    archive = Path(shutil.copytree(sound[1], tmp_path / "archive"))
    copy = Path(shutil.copytree(sound[1], tmp_path / "copy"))
    sql("update bodies set data = x'00' where id = 2")(copy / "bodies.db")
    done = run(archive, "restore", str(copy))
    assert done.exit_code == 1
    assert "is not sound" in done.output
    assert contents(archive) == contents(sound[0])


def test_an_archive_of_a_later_version_names_the_way_back_and_takes_it(
    sound: tuple[Path, Path], tmp_path: Path
) -> None:
    archive = Path(shutil.copytree(sound[0], tmp_path / "archive"))
    sql("pragma user_version = 999")(archive / "archive.db")
    done = run(archive, "status")
    assert done.exit_code == 1
    assert "go back to a backup from before with `scraper restore`" in done.output
    done = run(archive, "restore", str(sound[1]))
    assert done.exit_code == 0, done.output
    assert contents(archive) == contents(sound[1])
    [aside] = archive.glob("replaced-*")
    assert (aside / "archive.db").exists()


@pytest.mark.parametrize("command", ["restore", "mend"])
def test_a_backup_of_an_earlier_version_is_taken_and_stays_as_it_is(
    sound: tuple[Path, Path], tmp_path: Path, command: str
) -> None:
    archive = Path(shutil.copytree(sound[1], tmp_path / "archive"))
    old = aged(sound[1], tmp_path / "old", archive=24, bodies=1)
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    sql("delete from bodies where id = 2")(archive / "bodies.db")
    words = ["restore", str(old)] if command == "restore" else ["mend", "--from", str(old)]
    done = run(archive, *words)
    assert done.exit_code == 0, done.output
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before
    assert [one for one in doctor(archive) if one.level == "error"] == []
    assert list(archive.glob(".*.part")) == []
    with Archive(archive, readonly=True) as now, Archive(sound[1], readonly=True) as then:
        assert now.status(START).counts["versions"] == then.status(START).counts["versions"]


def test_a_damaged_backup_of_an_earlier_version_is_not_restored(
    sound: tuple[Path, Path], tmp_path: Path
) -> None:
    archive = Path(shutil.copytree(sound[1], tmp_path / "archive"))
    old = aged(sound[1], tmp_path / "old", archive=24, bodies=1)
    flip(old / "archive.db")
    done = run(archive, "restore", str(old))
    assert done.exit_code == 1, done.output
    assert "damaged" in done.output
    assert contents(archive) == contents(sound[0])
    assert list(archive.glob(".*.part")) == []


# -- retention --------------------------------------------------------------------------------


def fetched(n: int, text: str = TEXT) -> Attempt:
    """Return the nth daily fetch of a page whose frame changes each time."""
    return article(text, at=START + timedelta(days=n), body=f"<html><!-- {n} --><p>{text * 9}")


def grown(folder: Path) -> dict[int, str]:
    """Archive a page that is fetched on twelve days and edited on the sixth; bodies by day."""
    with opened(folder) as archive:
        for n in range(12):
            if n == 9:
                archive.record(rejected("blocked_page", at=START + timedelta(days=n)))
                continue
            archive.record(fetched(n, TEXT if n < 6 else TEXT.replace("3 weeks", "5 weeks")))
        return {(f.at - START).days: f.body for f in archive.fetches(URL)}


def there(archive: Archive, bodies: dict[int, str]) -> list[int]:
    kept = []
    for n, body in bodies.items():
        try:
            archive.body(body)
            kept.append(n)
        except NotFound:
            continue
    return kept


def test_retention_thins_unchanged_fetches_alone(tmp_path: Path) -> None:
    bodies = grown(tmp_path)
    now = START + timedelta(days=11, hours=1)
    with opened(tmp_path) as archive:
        before = START + timedelta(days=10)
        preview = archive.prune_bodies(before, now, dry_run=True)
        assert there(archive, bodies) == list(range(12)), "a preview writes nothing"
        gone = archive.prune_bodies(before, now, dry_run=False)
        assert gone == preview
        # 0 is the first and a version's, 6 a version's, 9 a wall, 10 too young, 11 the last.
        assert there(archive, bodies) == [0, 6, 9, 10, 11]
        assert (gone.bodies, gone.fetches, gone.pages) == (7, 7, 1)
        assert gone.stored > 0 and gone.raw > gone.stored
        assert gone.oldest == START + timedelta(days=1)
        # The fetches stay, with the address of what was fetched; nothing counts as lost.
        assert [f.body for f in archive.fetches(URL)] == list(bodies.values())
        assert archive.doctor(least_free=0) == ()
        assert archive.prune_bodies(before, now, dry_run=False).bodies == 0
        for number in (1, 2):
            assert archive.version(URL, number).article.text
        # What comes again is kept again.
        archive.record(fetched(2, TEXT.replace("3 weeks", "5 weeks")))
        archive.vacuum()
        assert archive.doctor(least_free=0) == ()


def test_retention_lets_go_of_nothing_of_young_archives(tmp_path: Path) -> None:
    bodies = grown(tmp_path)
    with opened(tmp_path) as archive:
        assert archive.prune_bodies(START, START, dry_run=False).bodies == 0
        assert there(archive, bodies) == list(range(12))


def test_retain_shows_asks_and_vacuums(tmp_path: Path) -> None:
    grown(tmp_path)
    days = (datetime.now(UTC) - START).days - 10
    keep = ("--keep-days", str(max(days, 1)))
    shown = run(tmp_path, "retain", *keep, "--dry-run")
    if days < 1:
        assert "0 raw pages" in shown.output
        return
    assert shown.exit_code == 0, shown.output
    assert "raw pages of 1 article," in shown.output and "nothing was written" in shown.output
    refused = run(tmp_path, "retain", *keep)
    assert refused.exit_code == 2
    assert "cannot be undone" in refused.output
    done = run(tmp_path, "retain", *keep, "--yes")
    assert done.exit_code == 0, done.output
    assert "raw pages deleted" in done.output
    assert "0 raw pages" in run(tmp_path, "retain", *keep, "--dry-run").output
    assert doctor(tmp_path) == []


def test_vacuum_sweeps_what_interruptions_left(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        with archive._bodies_store.transaction():
            archive._bodies.put(b"left over" * 99, site="s", address="a", at=START)
        archive.record(article())
        (tmp_path / ".archive.db.999999999.part").write_bytes(bytes(5000))
        notes = {f.remedy for f in archive.doctor(least_free=0)}
        assert notes == {"scraper vacuum"}
        archive.vacuum()
        assert archive.doctor(least_free=0) == ()
        assert not list(tmp_path.glob(".*.part"))


def test_a_body_that_was_swept_before_it_was_named_is_written_again(tmp_path: Path) -> None:
    with opened(tmp_path) as archive, opened(tmp_path) as other:
        archive.record(article(url=f"{URL}0"))
        keep = archive._store_bodies

        def swept(*arguments: object) -> list[str]:
            digests = keep(*arguments)  # type: ignore[arg-type]
            archive._store_bodies = keep  # type: ignore[method-assign]
            # Another body comes after it, so that it is not the newest, which is never swept.
            with other._bodies_store.transaction():
                other._bodies.put(b"another", site="s", address="b", at=START)
            assert other.delete_orphans() >= 1
            return digests

        archive._store_bodies = swept  # type: ignore[method-assign]
        archive.record(article("Something else happened.\n" * 20, url=f"{URL}1"))
        assert [f.what for f in archive.doctor(least_free=0) if f.level == "error"] == []


def test_no_room_to_vacuum_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
        monkeypatch.setattr("scraper.archive.database._free", lambda path: 1000)
        with pytest.raises(ArchiveError) as caught:
            archive.vacuum()
        assert caught.value.error_class == "db_full"


# -- the log ----------------------------------------------------------------------------------


def test_an_event_is_one_line_whatever_the_web_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    record = logging.LogRecord(
        "scraper.daemon", logging.WARNING, "", 1, "%s: %s", ("a\n2026 ERROR", "\x1b[31mx\r\n"), None
    )
    line = Lines().format(record)
    assert "\n" not in line and "\x1b" not in line and "\r" not in line
    assert json.loads(JsonLines().format(record))["level"] == "warning"
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    assert Lines().format(record).startswith("<4>a 2026 ERROR")
    now = [0.0]
    once = OncePerHour(lambda: now[0])

    def said() -> bool | logging.LogRecord:
        return once.filter(logging.LogRecord("s", logging.ERROR, "", 1, "disk", (), None))

    assert [said(), said(), said()] == [True, False, False]
    now[0] = 3601.0
    again = logging.LogRecord("s", logging.ERROR, "", 1, "disk", (), None)
    assert once.filter(again)
    assert "2 more times" in again.getMessage()
