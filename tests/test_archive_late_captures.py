"""Captures that are imported out of order: what came before says nothing of what is so now."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from archiving import START, TEXT, URL, article, failed, opened
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.cli import main
from scraper.models import Attempt

DAY = timedelta(days=1)
EDITED = f"{TEXT}\nThe mayor thanked the divers, who had worked through the night."


def text(day: int, words: str = TEXT) -> Attempt:
    return article(words, at=START + day * DAY, capture=f"text-{day}")


def missing(day: int) -> Attempt:
    return replace(failed("gone", at=START + day * DAY), capture=f"missing-{day}")


def told(archive: Archive) -> set[tuple[str, str]]:
    entries = archive.changes(limit=100)
    return {
        (entry.kind, f"{entry.at:%Y-%m-%d}")
        for entry in entries
        if entry.kind in ("gone", "returned")
    }


def recorded(folder: Path, attempts: list[Attempt]) -> tuple[str, set[tuple[str, str]]]:
    with opened(folder) as archive:
        for attempt in attempts:
            archive.record(attempt)
        return archive.find(URL).state, told(archive)


def test_what_was_missing_before_its_text_was_last_seen_is_no_takedown(tmp_path: Path) -> None:
    state, said = recorded(tmp_path, [text(0), text(60), missing(30), missing(40), missing(50)])
    assert (state, said) == ("live", set())


@pytest.mark.parametrize("words", [TEXT, EDITED], ids=["same text", "another text"])
def test_a_text_of_before_a_takedown_is_no_return(tmp_path: Path, words: str) -> None:
    history = [text(0), missing(90), missing(100), text(20, words)]
    state, said = recorded(tmp_path, history)
    assert (state, [kind for kind, _ in said]) == ("gone", ["gone"])


def test_a_text_of_before_two_misses_hides_no_takedown(tmp_path: Path) -> None:
    state, said = recorded(tmp_path, [text(0), missing(90), text(20), missing(100)])
    assert (state, [kind for kind, _ in said]) == ("gone", ["gone"])


def test_a_capture_leaves_the_checks_of_a_watched_page(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article(at=START + 10 * DAY, headers={"etag": '"2"'}))
        later = START + 400 * DAY
        due = archive.due_pages(later, 9)
        assert [link.url for link in due] == [URL]
        assert archive.page_state(URL).etag == '"2"'
        archive.record(text(2))
        archive.record(missing(3))
        assert archive.due_pages(later, 9) == due
        assert archive.page_state(URL).etag == '"2"'


@pytest.mark.parametrize("seed", range(30))
def test_in_any_order_the_latest_capture_says_how_it_stands(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    history = [text(0)] + [
        missing(day) if chance.random() < 0.5 else text(day, chance.choice((TEXT, EDITED)))
        for day in range(10, 110, 10)
    ]
    latest = chance.choice([one for one in history if one.article is not None])
    others = [one for one in history if one is not latest and one.at < latest.at]
    chance.shuffle(others)
    state, _ = recorded(tmp_path / "first", [latest, *others])
    assert state == "live"
    state, said = recorded(tmp_path / "last", [*others, latest])
    assert state == "live"
    gone = sum(kind == "gone" for kind, _ in said)
    assert gone == sum(kind == "returned" for kind, _ in said)


def test_an_edit_whose_earlier_text_came_later_is_told_in_the_order_of_time(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(text(90, EDITED))
        archive.record(text(2))
        for entries in (archive.changes(), archive.latest_changes(9), archive.article_changes(1)):
            assert [entry.kind for entry in entries] == ["new", "edited"]
            edit = entries[1]
            assert (edit.at, edit.version) == (START + 90 * DAY, 1)
            assert edit.classes == ("addition",)
    printed = CliRunner().invoke(main, ["--archive", str(tmp_path), "history", URL])
    assert printed.exit_code == 0
    assert "an older text" in printed.output and "removal" not in printed.output


def test_a_late_version_tells_no_change_that_leads_back_to_it(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(text(90, EDITED))
        archive.record(text(2))
        archive.record(text(120))
        archive.record(text(150, f"{EDITED}\nHe named all nine of them."))
        versions = archive.versions(1)
        assert [version.late for version in versions] == [False, True, False]
        late, last = versions[1:]
        assert (late.classes, late.severity, late.added, late.removed) == ((), 0, "", "")
        assert last.classes == ("addition",)
        assert [archive.version(1, row.number).row for row in versions] == [*versions]
    lines = CliRunner().invoke(main, ["--archive", str(tmp_path), "export", "--format", "jsonl"])
    told = json.loads(lines.stdout)["versions"]
    assert [version["classes"] for version in told] == [[], [], ["addition"]]


def test_a_late_text_that_was_added_to_is_not_cut_short(tmp_path: Path) -> None:
    longer = "\n".join(f"Diver {n} told of what lay below the hull." for n in range(4))
    with opened(tmp_path) as archive:
        archive.record(text(90, f"{longer}\n{TEXT}"))
        archive.record(text(2))
        (edit,) = (entry for entry in archive.changes() if entry.kind == "edited")
        assert (edit.classes, edit.severity) == (("addition",), 1)
        assert not archive.changes(least_severity=2)
