"""Figures that a page computes amid its text, told from those that its publisher edits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, opened

from scraper.archive import Archive
from scraper.models import Article, Attempt

LINES = (
    "Meridian Works, which costs {} crowns a share, did not answer questions.",
    "据港务局介绍，报名人数为{}人，名额有限。",
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


def seen(line: str, figure: int, at: datetime, *, modified: datetime | None = None) -> Attempt:
    text = f"{TEXT}{line.format(figure)}"
    made = Article(url=URL, title="Harbour reopens", text=text, modified=modified)
    return article(at=at, made=made, body=f"{at}{text}")


def edits(archive: Archive) -> int:
    return sum(change.kind == "edited" for change in archive.changes())


@pytest.mark.parametrize("line", LINES)
def test_a_figure_that_is_another_at_each_look_is_no_edit_any_more(
    archive: Archive, line: str
) -> None:
    for look in range(12):
        archive.record(seen(line, 100 + 37 * look % 50, START + look * HOUR))
    assert edits(archive) == 4
    # What its publisher changes beside it is told.
    changed = seen(line, 300, START + 12 * HOUR)
    assert changed.article is not None
    text = changed.article.text.replace("3 weeks", "5 weeks")
    archive.record(replace(changed, article=replace(changed.article, text=text)))
    assert edits(archive) == 5
    assert archive.verify().findings == ()


def test_a_figure_that_only_grows_may_be_a_toll_and_is_edited(archive: Archive) -> None:
    for look in range(8):
        archive.record(seen("The storm killed {} people.", 100 + 7 * look, START + look * HOUR))
    assert edits(archive) == 7


def test_a_figure_with_which_the_page_says_that_it_was_modified_is_edited(archive: Archive) -> None:
    for look in range(8):
        at = START + look * HOUR
        archive.record(seen(LINES[0], 100 + 7 * look, at, modified=at))
    assert edits(archive) == 7


def test_a_figure_that_stood_for_two_looks_is_edited(archive: Archive) -> None:
    for look in range(16):
        archive.record(seen(LINES[0], 100 + 7 * (look // 2), START + look * HOUR))
    assert edits(archive) == 7
