"""The archive after kill -9 at any moment; `doctor` and `backup`."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, opened
from crashing import attempt

from scraper.archive import Archive
from scraper.errors import ArchiveError

KILLS = int(os.environ.get("SCRAPER_KILLS", "10"))


def started(folder: Path, first: int, count: str) -> subprocess.Popen[str]:
    here = Path(__file__)
    return subprocess.Popen(
        [sys.executable, str(here.with_name("crashing.py")), str(folder), str(first), count],
        stdout=subprocess.PIPE,
        text=True,
        cwd=here.parent.parent,
        env={**os.environ, "PYTHONPATH": str(here.parent.parent)},
    )


def killed(folder: Path, first: int, acks: int, pause: float) -> int:
    """Run the writer, kill it a moment after some acknowledgements; return the last one."""
    with started(folder, first, "inf") as writer:
        assert writer.stdout is not None
        last = first - 1
        for _ in range(acks):
            last = int(writer.stdout.readline().split()[1])
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout:
            if line.endswith("\n"):
                last = int(line.split()[1])
    return last


def test_nothing_acknowledged_is_lost_and_nothing_is_torn(tmp_path: Path) -> None:
    chance = random.Random(1)
    folder = tmp_path / "archive"
    done = 0
    for _ in range(KILLS):
        last = killed(folder, done, chance.randint(1, 12), chance.random() * 0.05)
        with opened(folder) as archive:
            wrong = [f for f in archive.doctor() if f.level != "note"]
            assert wrong == []
            recorded = archive.status(START).counts["fetches"]
            # The one that was under way is either there or not.
            assert recorded in (last + 1, last + 2)
            done = recorded
    with opened(tmp_path / "calm") as calm:
        for n in range(done):
            calm.record(attempt(n))
    assert contents(folder) == contents(tmp_path / "calm")


def test_writers_take_turns(tmp_path: Path) -> None:
    """Several processes make one archive and write to it at once; nothing is lost or torn."""
    writers = [started(tmp_path, first, "20") for first in (0, 1000, 2000)]
    with opened(tmp_path) as reader:
        for writer in writers:
            output, _ = writer.communicate()
            assert writer.returncode == 0
            assert output.count("ACK") == 20
            assert reader.status(START).counts["fetches"] >= 20
        assert reader.status(START).counts["fetches"] == 60
        assert reader.doctor() == ()


def test_vacuum_keeps_everything(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        archive.record(article(TEXT * 500, url=URL + "long"))
        connection = archive._store.connection
        connection.execute("update articles set text = 'x' where length > 9999")
        assert archive.vacuum() > 0
        assert archive.find(URL).version_count == 2
        assert archive.search("港口")


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(folder / "archive.db")
    tables = ("pages", "fetches", "versions", "articles", "changes", "removed_blocks", "page_urls")
    try:
        return {name: connection.execute(f"select * from {name}").fetchall() for name in tables}
    finally:
        connection.close()


def filled(folder: Path) -> Archive:
    archive = opened(folder)
    archive.record(article())
    archive.record(article(TEXT.replace("3", "4"), at=START + HOUR))
    archive.record(article(TEXT + "港口。", url=URL + "x", title="港口重新开放"))
    return archive


def test_a_sound_archive_has_no_findings(tmp_path: Path) -> None:
    steps: list[str] = []
    with filled(tmp_path) as archive:
        assert archive.doctor(steps.append) == ()
    assert steps == ["files", "rules", "index", "bodies", "records", "chain", "room"]


@pytest.mark.parametrize(
    ("file", "harm", "told"),
    [
        ("archive.db", "update versions set body = 'x' where number = 1", "bodies are missing"),
        (
            "archive.db",
            "update versions set first_observed_at = '2020-01-01T00:00:00Z' where number = 1",
            "altered",
        ),
        ("archive.db", "update articles set text = 'x'", "does not say"),
        ("archive.db", "update articles set version_id = 3 where id = 1", "not its own"),
        ("archive.db", "delete from articles_fts_docsize where id = 2", "index holds 1"),
        ("archive.db", "insert into articles_fts (articles_fts) values ('rebuild')", "find"),
        ("archive.db", "update extractions set record = x'00'", "cannot be read"),
        ("archive.db", "delete from changes", "ledger"),
        ("bodies.db", "update bodies set data = x'00'", "damaged"),
        ("bodies.db", "delete from site_references; delete from bodies where id = 1", "missing"),
    ],
)
def test_harm_is_found(tmp_path: Path, file: str, harm: str, told: str) -> None:
    with filled(tmp_path) as archive:
        connection = sqlite3.connect(tmp_path / file)
        connection.executescript(harm)
        connection.close()
        archive._bodies.forget_cached()
        archive._extractions.forget_cached()
        found = archive.doctor()
    assert any(told in finding.what for finding in found), found


def test_an_orphan_is_only_noted(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        with archive._bodies_store.transaction():
            archive._bodies.put(b"left over", site="s", address="a", at=START)
        (finding,) = archive.doctor()
    assert finding.level == "note"


def test_a_backup_is_an_archive(tmp_path: Path) -> None:
    with filled(tmp_path / "archive") as archive:
        target = archive.backup(tmp_path / "backup")
        with pytest.raises(ArchiveError, match="exists"):
            archive.backup(target)
        with Archive(target, readonly=True) as copy:
            assert copy.find(URL) == archive.find(URL)
            assert copy.search("港口")
            assert copy.doctor() == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "backup"]
