"""The ledger as it is followed, and how long articles stand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, failed, opened
from click.testing import CliRunner

from scraper.archive.survival import median_life
from scraper.cli import main
from scraper.cli.changes import follow


@pytest.mark.parametrize(
    ("times", "median", "left"),
    [
        ([], None, 1.0),
        ([(5.0, False)] * 3, None, 1.0),
        ([(1.0, True), (2.0, True), (3.0, True), (4.0, True)], 2.0, 0.0),
        ([(1.0, True), (2.0, False), (3.0, True), (4.0, False)], 3.0, 0.375),
        ([(2.0, True), (2.0, False)], 2.0, 0.5),
        # Freireich and others (1963), the arm treated with 6-MP: a median of 23 weeks
        (
            [(float(w), True) for w in (6, 6, 6, 7, 10, 13, 16, 22, 23)]
            + [(float(w), False) for w in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)],
            23.0,
            0.4482,
        ),
    ],
)
def test_median_life(times: list[tuple[float, bool]], median: float | None, left: float) -> None:
    found, share = median_life(times)
    assert found == median and share == pytest.approx(left, abs=1e-4)


def test_survival_counts_each_outlet(tmp_path: Path) -> None:
    day = 24 * HOUR
    with opened(tmp_path) as archive:
        for n in "123":
            archive.record(article(TEXT + n, url=URL + n))
            archive.record(article(TEXT + n, url=URL + n, at=START + 4 * day))
        archive.record(article(TEXT + "1, later", url=URL + "1", at=START + 5 * day))
        archive.record(article(TEXT + "1, later", url=URL + "1", at=START + 6 * day + HOUR))
        for hours in (1, 2):
            archive.record(failed("gone", url=URL + "2", at=START + 6 * day + hours * HOUR))
        archive.record(article("On another site.", url="https://other.example/1"))
        other = "https://other.example/1"
        ledger, foreign = sorted(archive.survival(), key=lambda one: one.articles != 3)
        assert (ledger.articles, ledger.takedown.events, ledger.edit.events) == (3, 1, 1)
        assert ledger.takedown.median == pytest.approx(6.083)
        assert ledger.edit.standing == pytest.approx(0)  # the last that was still looked at
        assert foreign.takedown.median is None and foreign.takedown.standing == 1
        assert [one.articles for one in archive.survival("other.example")] == [1]
        assert archive.find(other).id
    runner = CliRunner().invoke(main, ["--archive", str(tmp_path), "survival"])
    assert runner.exit_code == 0 and "Kaplan" in runner.output
    told = CliRunner().invoke(main, ["-q", "--archive", str(tmp_path), "survival", "--json"])
    assert json.loads(told.output)["outlets"][0]["takedown"]["events"] in (0, 1)


def test_following_misses_nothing_that_another_writes(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, opened(tmp_path) as reader:
        writer.record(article())
        seen = follow(reader, 0, 0, 0.01)
        assert [c.kind for c in islice(seen, 1)] == ["new"]
        for turn in range(1, 4):
            writer.record(article(TEXT + "More. " * turn, at=START + turn * HOUR))
        assert [c.cursor for c in islice(seen, 3)] == [2, 3, 4]
        writer.record(article(TEXT.replace("3 weeks", "30 weeks"), at=START + 5 * HOUR))
        writer.record(article(url=URL + "0", text="Another."))
        severe = follow(reader, 4, 2, 0.01)
        assert next(severe).cursor == 5
        assert next(follow(reader, 5, 0, 0.01)).kind == "new"


def test_following_on_the_command_line_ends_quietly(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.record(article())
        process = subprocess.Popen(
            [sys.executable, "-m", "scraper", "--archive", str(tmp_path), "changes", "--follow",
             "--since", "0", "--json", "--every", "0.05"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        with process:
            first = json.loads(process.stdout.readline())
            writer.record(article(TEXT + "More.", at=START + HOUR))
            second = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=60)
    assert (first["cursor"], first["kind"], second["cursor"], second["kind"]) == (
        1, "new", 2, "edited",
    )  # fmt: skip
    assert process.returncode == 0 and out == "" and "Traceback" not in errors


def test_cursors_are_stable(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for n in range(5):
            archive.record(article(TEXT + str(n), url=f"{URL}{n}"))
        whole = [c.cursor for c in archive.changes()]
        paged = [c.cursor for after in (0, 2, 4) for c in archive.changes(after, 2)]
        assert whole == paged == [1, 2, 3, 4, 5]
        archive.vacuum()
        assert [c.cursor for c in archive.changes()] == whole


def test_outlets_that_were_seen_only_once_say_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
        archive.record(article(at=START + 30 * HOUR))
        archive.record(article(TEXT + "Elsewhere.", url="https://once.example/news/1"))
    told = CliRunner().invoke(main, ["--archive", str(tmp_path), "survival"])
    assert told.exit_code == 0
    assert "ledger.example" in told.output and "once.example" not in told.output
    assert "1 outlet left out" in told.output
