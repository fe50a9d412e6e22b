"""The archive after kill -9 at any moment; `doctor` and `backup`."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, opened
from crash_work import rows

from scraper.archive import Archive
from scraper.archive.extractions import dump, load
from scraper.errors import ArchiveError
from scraper.models import Article, RemovedBlock

ROOT = Path(__file__).resolve().parents[1]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_nothing_acknowledged_is_lost_and_nothing_is_torn() -> None:
    """Twenty-five kills; ``python -m tests.crashing --kills 200`` is the long run."""
    ended = python("tests.crashing", "--kills", "25", "--longest", "0.3")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = ended.stdout.splitlines()
    assert told[0].startswith("25 kills: 13 at random moments, 12 at a write")
    assert int(told[1].split()[0].replace(",", "")) > 50, "the writers got somewhere"
    assert told[2].startswith("1 archives equal")
    assert told[3].startswith("0 violations")


def test_writers_take_turns(tmp_path: Path) -> None:
    """Several processes make one archive and write to it at once; nothing is lost or torn."""
    firsts, each = (0, 1000, 2000), 20
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.crash_work", str(tmp_path), str(n), str(n + each)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for n in firsts
    ]  # fmt: skip
    with opened(tmp_path) as reader:
        for writer in writers:
            output, _ = writer.communicate()
            assert writer.returncode == 0
            assert len(output.splitlines()) == each
            assert reader.status(START).counts["fetches"] >= each
        expected = sum(rows(n) for first in firsts for n in range(first, first + each))
        assert reader.status(START).counts["fetches"] == expected
        assert reader.doctor() == ()


def test_vacuum_keeps_everything(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        archive.record(article(TEXT * 500, url=URL + "long"))
        connection = archive._store.connection
        connection.execute("update articles set text = 'x' where length > 9999")
        assert archive.vacuum() > 0
        assert archive.find(URL).version_count == 2
        assert archive.search("港口")


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
    assert steps == ["files", "index", "bodies", "records", "chain", "rules", "room"]


@pytest.mark.parametrize(
    ("file", "harm", "told"),
    [
        ("archive.db", "update versions set body = 'x' where number = 1", "bodies are missing"),
        (
            "archive.db",
            "update versions set first_observed_at = '2020-01-01T00:00:00Z' where number = 1",
            "altered",
        ),
        ("archive.db", "update articles set text = 'x'", "differs from its record"),
        ("archive.db", "update articles set version_id = 3 where id = 1", "observed last"),
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
        archive._bodies.clear_cache()
        archive._extractions.clear_cache()
        found = archive.doctor()
    assert any(told in finding.what for finding in found), found


def test_a_damaged_record_is_never_read_as_a_whole_one() -> None:
    blocks = tuple(
        RemovedBlock(position=n, rule="nav", place="body > p", text=f"block {n}") for n in range(9)
    )
    whole = dump(Article(title="標題", text="First.\nSecond.", removed=blocks))
    assert load(whole).removed == blocks
    assert load(whole, without=frozenset({"removed"})) == Article(
        title="標題", text="First.\nSecond."
    )
    for harm in (whole[:-1], whole.replace(b'"block 3",', b""), whole.replace(b"[0,0,", b"[0,7,")):
        assert harm != whole
        with pytest.raises((ValueError, IndexError)):
            load(harm)


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
