"""Pages of edits that were taken back, and of captures that came out of order."""

from __future__ import annotations

import pytest
from archiving import HOUR, START, opened
from test_archive_ledger_edits import OLD_CAPTURE, TAKEN_BACK, WALL

from tests.test_browse_pages import Browser, text_of
from tests.test_browse_reading_room import save

BACK, LATE = 1, 2


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    folder = tmp_path_factory.mktemp("archive")
    with opened(folder) as archive:
        for number, looks in ((BACK, TAKEN_BACK), (LATE, OLD_CAPTURE)):
            for hours, years in looks:
                at, text = START + hours * HOUR, WALL.format(years)
                save(archive, number, f"Harbour {number}", text, "Elin Post", at, published=START)
    return Browser(folder)


def test_what_changed_is_what_was_taken_back(browser: Browser) -> None:
    page = browser.get(f"/-/article/{BACK}/diff")
    assert "<del>50</del><ins>40</ins>" in page.text
    seen = text_of(page)
    assert "Version 3, seen 2026-03-01 12:00" in seen
    assert "→ version 2, seen 2026-03-01 10:00 – 2026-03-02 20:00" in seen


def test_what_changed_is_told_in_the_order_of_time(browser: Browser) -> None:
    page = browser.get(f"/-/article/{LATE}/diff")
    assert "<del>30</del><ins>40</ins>" in page.text
    assert "Version 2, seen 2026-03-01 09:00" in text_of(page)
    article = browser.get(f"/-/article/{LATE}").text
    assert f'href="/-/article/{LATE}/diff?a=2&amp;b=1">what changed' in article
    assert "a=1&amp;b=2" not in article
    seen = text_of(browser.get(f"/-/article/{LATE}"))
    assert "last edited, seen 2026-03-03 08:00" in seen
    assert seen.index("Version 1 current") < seen.index("Version 2 2026-03-01 09:00")


def test_a_comparison_against_the_order_of_time_says_so(browser: Browser) -> None:
    seen = text_of(browser.get(f"/-/article/{LATE}/diff?a=1&b=2"))
    assert "Version 1 is the later of the two: what is struck out came later." in seen
    assert "the later of the two" not in text_of(browser.get(f"/-/article/{LATE}/diff?a=2&b=1"))


@pytest.mark.parametrize(("asked", "shown"), [("a=2&b=2", "a=2&b=1"), ("a=1&b=1", "a=2&b=1")])
def test_a_version_is_compared_with_its_neighbour_in_time(
    browser: Browser, asked: str, shown: str
) -> None:
    answer = browser.get(f"/-/article/{LATE}/diff?{asked}", follow_redirects=False)
    assert answer.headers["location"].endswith(shown)


@pytest.mark.parametrize("path", ["/-/changes?kind={}", "/-/changes.atom?kind={}", "/"])
def test_lists_of_changes_name_the_two_texts(browser: Browser, path: str) -> None:
    taken_back = browser.get(path.format("reverted")).text
    assert f'/-/article/{BACK}/diff?a=3&amp;b=2"' in taken_back
    edited = browser.get(path.format("edited")).text
    assert f"/-/article/{LATE}/diff?a=2&amp;b=1" in edited
    assert f"/-/article/{LATE}/diff?a=1&amp;b=2" not in edited


def test_the_list_of_changes_marks_what_was_taken_back(browser: Browser) -> None:
    page = browser.get("/-/changes?kind=reverted").text
    assert "<del>50</del><ins>40</ins>" in page and "<ins>50</ins>" not in page
    edits = browser.get("/-/changes?kind=edited").text
    assert "<del>30</del><ins>40</ins>" in edits and "<del>40</del><ins>30</ins>" not in edits
