"""A text that was there before: taken back, in turn with another, or handed out by a cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, opened

from scraper.archive import Archive
from scraper.models import Article, Attempt, Link, Source

DAY = 24 * HOUR
EDITED = TEXT.replace("3 weeks", "5 weeks")
CHINESE = "港口周一重新开放。船只在湾外等候了三周。\n市长出席了仪式，并发表讲话。"
OTHER_SCRIPT = "港口週一重新開放。船隻在灣外等候了三週。\n市長出席了儀式，並發表講話。"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


def kinds(archive: Archive) -> list[str]:
    return [change.kind for change in archive.changes()]


def seen(
    text: str,
    at: datetime,
    *,
    title: str = "Harbour reopens",
    modified: datetime | None = None,
    language: str = "",
    script: str = "",
    headers: dict[str, str] | None = None,
) -> Attempt:
    made = Article(
        url=URL, title=title, text=text, modified=modified, language=language, script=script
    )
    return article(at=at, made=made, body=f"<p>{at}{title}{text}", headers=headers)


@pytest.mark.parametrize(
    ("headers", "modified"),
    [
        ({}, START),
        ({"age": "200000"}, None),
        ({"age": "200000", "x-cache": "HIT"}, START),
        ({"last-modified": "Sun, 01 Mar 2026 08:00:00 GMT"}, None),
    ],
)
def test_a_caches_copy_is_no_return(
    archive: Archive, headers: dict[str, str], modified: datetime | None
) -> None:
    archive.record(seen(TEXT, START, modified=modified))
    at = START + DAY
    later = {"last-modified": "Mon, 02 Mar 2026 08:00:00 GMT"}
    archive.record(seen(EDITED, at, modified=at, headers=later))
    stale = archive.record(seen(TEXT, at + DAY, modified=modified, headers=headers))
    assert (stale.outcome, stale.reason) == ("rejected", "stale_copy")
    assert archive.find(URL).text == EDITED
    archive.record(seen(EDITED, at + 2 * DAY, modified=at))
    assert kinds(archive) == ["new", "edited"]
    assert archive.verify().findings == ()


def test_what_comes_right_after_an_edit_is_told_when_it_lasts(archive: Archive) -> None:
    for hours, text in ((0, TEXT), (1, EDITED), (2, TEXT)):
        archive.record(seen(text, START + hours * HOUR))
    assert kinds(archive) == ["new", "edited"]
    archive.record(seen(TEXT, START + 6 * HOUR))
    assert kinds(archive) == ["new", "edited", "reverted"]
    assert archive.find(URL).text == TEXT


def test_an_edit_that_is_taken_back_is_told(archive: Archive) -> None:
    """Its page says that it was modified again."""
    archive.record(seen(TEXT, START, modified=START))
    archive.record(seen(EDITED, START + DAY, modified=START + DAY))
    fresh = {"age": "60"}
    archive.record(seen(TEXT, START + 2 * DAY, modified=START + 2 * DAY, headers=fresh))
    assert kinds(archive) == ["new", "edited", "reverted"]


@pytest.mark.parametrize("headers", [{}, {"age": "3600"}])
def test_an_earlier_text_is_told_when_two_looks_hours_apart_show_it(
    archive: Archive, headers: dict[str, str]
) -> None:
    """One look cannot tell a publisher from a cache; the second comes three hours later."""
    archive.record(seen(TEXT, START))
    archive.record(seen(EDITED, START + DAY))
    first = START + 5 * DAY
    held = archive.record(seen(TEXT, first, headers=headers))
    assert (held.outcome, held.reason) == ("rejected", "stale_copy")
    assert not archive.due_pages(first + 2.9 * HOUR, 10)
    assert [link.url for link in archive.due_pages(first + 3 * HOUR, 10)] == [URL]
    archive.record(seen(TEXT, first + HOUR, headers=headers))
    assert kinds(archive) == ["new", "edited"]
    archive.record(seen(TEXT, first + 3 * HOUR, headers=headers))
    assert kinds(archive) == ["new", "edited", "reverted"]
    assert archive.find(URL).text == TEXT


def test_what_a_cache_hands_out_at_times_is_never_told(archive: Archive) -> None:
    archive.record(seen(TEXT, START))
    for day in range(1, 8):
        archive.record(seen(EDITED, START + day * DAY))
        archive.record(seen(TEXT, START + day * DAY + 5 * HOUR))
    archive.record(seen(EDITED, START + 8 * DAY))
    assert kinds(archive) == ["new", "edited"]
    assert archive.find(URL).text == EDITED
    assert archive.verify().findings == ()


def test_captures_are_told_as_they_come(archive: Archive) -> None:
    """No second look at what a capture shows can be had."""
    for day, text in enumerate((TEXT, EDITED, TEXT)):
        archive.record(replace(seen(text, START + day * DAY), capture=f"file:{day}"))
    assert kinds(archive) == ["new", "edited", "reverted"]


def test_a_copy_that_a_cache_has_held_is_what_the_publisher_shows_after_a_week(
    archive: Archive,
) -> None:
    archive.record(seen(TEXT, START))
    archive.record(seen(EDITED, START + DAY))
    for day in (2, 5, 8):
        archive.record(seen(TEXT, START + day * DAY, headers={"age": "864000"}))
        assert kinds(archive) == ["new", "edited"]
    archive.record(seen(TEXT, START + 9 * DAY, headers={"age": "864000"}))
    assert kinds(archive) == ["new", "edited", "reverted"]


def test_a_page_that_is_dated_before_the_edit_is_what_the_publisher_shows_after_a_month(
    archive: Archive,
) -> None:
    """A site that is set back to a backup shows its former pages with their former dates."""
    archive.record(seen(TEXT, START, modified=START))
    archive.record(seen(EDITED, START + DAY, modified=START + DAY))
    for day in (2, 5, 10, 20, 31):
        archive.record(seen(TEXT, START + day * DAY, modified=START))
        assert kinds(archive) == ["new", "edited"]
    archive.record(seen(TEXT, START + 32 * DAY, modified=START))
    assert kinds(archive) == ["new", "edited", "reverted"]


def test_looks_at_a_copy_that_lasts_come_ever_later(archive: Archive) -> None:
    archive.record(seen(TEXT, START, modified=START))
    at = START + DAY
    archive.record(seen(EDITED, at, modified=at))
    looks = 0
    while at < START + 20 * DAY:
        at += 3 * HOUR
        if archive.due_pages(at, 10):
            archive.record(seen(TEXT, at, modified=START))
            looks += 1
    assert kinds(archive) == ["new", "edited"]
    assert 4 <= looks <= 12


def test_an_unknown_text_that_is_dated_before_the_current_one_waits(archive: Archive) -> None:
    """The first look came after an edit, and a later one meets the copy of before it."""
    archive.record(seen(EDITED, START, modified=START))
    older = START - DAY
    held = archive.record(seen(TEXT, START + 5 * HOUR, modified=older))
    assert (held.outcome, held.reason) == ("rejected", "stale_copy")
    archive.record(seen(EDITED, START + 9 * HOUR, modified=START))
    assert kinds(archive) == ["new"]
    # A publisher whose clock goes wrong is believed after a week.
    for day in (2, 4, 7, 9):
        assert kinds(archive) == ["new"]
        archive.record(seen(TEXT, START + day * DAY, modified=older))
    assert kinds(archive) == ["new", "edited"]
    assert archive.find(URL).text == TEXT


def test_a_date_that_lay_in_the_future_says_nothing(archive: Archive) -> None:
    archive.record(seen(TEXT, START, modified=START + 400 * DAY))
    archive.record(seen(EDITED, START + DAY, modified=START + DAY))
    assert kinds(archive) == ["new", "edited"]


@pytest.mark.parametrize("order", ["abababab", "abbaabba", "abacabca"])
def test_headlines_in_turn_are_told_once(archive: Archive, order: str) -> None:
    titles = {"a": "Harbour reopens", "b": "The harbour is back", "c": "At last: the harbour"}
    for day, letter in enumerate(order):
        for hours in (0, 3):
            at = START + day * DAY + hours * HOUR
            archive.record(seen(TEXT, at, title=titles[letter]))
    assert kinds(archive).count("reverted") == 1
    assert kinds(archive).count("retitled") == len(set(order)) - 1
    assert archive.find(URL).title == titles[order[-1]]
    assert archive.verify().findings == () and archive.doctor(least_free=0) == ()


def test_a_second_edit_that_is_taken_back_is_told_too(archive: Archive) -> None:
    third = TEXT.replace("Monday", "Tuesday")
    for day, text in enumerate((TEXT, EDITED, TEXT, third, TEXT)):
        for hours in (0, 3):
            archive.record(seen(text, START + day * DAY + hours * HOUR))
    assert kinds(archive) == ["new", "edited", "reverted", "edited", "reverted"]


@pytest.mark.parametrize(
    ("other", "language", "script", "outcome"),
    [
        (CHINESE, "zh", "Hans", ("rejected", "other_language")),
        ("Der Hafen ist am Montag wieder offen. Schiffe warteten.", "de", "Latn",
         ("rejected", "other_language")),
    ],
)  # fmt: skip
def test_languages_in_turn_are_no_edit(
    archive: Archive, other: str, language: str, script: str, outcome: tuple[str, str]
) -> None:
    for day in range(6):
        own = day % 2 == 0
        attempt = seen(TEXT, START + day * DAY, language="en", script="Latn") if own else seen(
            other, START + day * DAY, language=language, script=script, title="港口"
        )  # fmt: skip
        recorded = archive.record(attempt)
        assert own or (recorded.outcome, recorded.reason) == outcome
    assert kinds(archive) == ["new"]
    assert archive.find(URL).text == TEXT


def test_scripts_in_turn_are_no_edit(archive: Archive) -> None:
    for day, (text, script) in enumerate([(CHINESE, "Hans"), (OTHER_SCRIPT, "Hant")] * 2):
        recorded = archive.record(seen(text, START + day * DAY, language="zh", script=script))
        assert recorded.reason == ("new" if day == 0 else "same_text")
    edited = CHINESE.replace("三周", "五周")
    archive.record(seen(edited, START + 9 * DAY, language="zh", script="Hans"))
    assert kinds(archive) == ["new", "edited"]


@pytest.mark.parametrize(
    ("usual", "headline", "kept_at"),
    [
        ("en", "", 48),  # until four looks agree, the first of them days ago
        ("en", "Harbour reopens after three weeks", 48),
        ("en", "港口周一重新开放", 0),  # its source shows it so
        ("zh-Hant", "", 48),
        ("zh-Hant", "港口周一重新开放，船只等候", 0),
        ("zh-Hans", "", 0),
        ("zh", "", 0),
        ("", "", 0),
    ],
)
def test_a_first_text_in_a_foreign_language_waits(
    archive: Archive, usual: str, headline: str, kept_at: int
) -> None:
    source = Source(
        name="harbour", kind="feed", url=f"{URL}/feed", outlet="Harbour", language=usual
    )
    archive.sync_sources([source], START)
    link = Link(url=URL, source="harbour", title=headline)
    outcomes = {}
    for hours in (0, 1, 24, 48):
        looked = seen(CHINESE, START + hours * HOUR, language="zh", script="Hans", title="港口")
        recorded = archive.record(replace(looked, link=link))
        outcomes[hours] = (recorded.outcome, recorded.reason)
    held = {hours for hours, outcome in outcomes.items() if outcome[1] == "other_language"}
    assert held == {hours for hours in outcomes if hours < kept_at}
    assert outcomes[kept_at] == ("kept", "new")


def test_a_translation_at_the_first_look_is_not_the_article(archive: Archive) -> None:
    source = Source(name="harbour", kind="sitemap", url=f"{URL}/s", outlet="Harbour", language="en")
    archive.sync_sources([source], START)
    for hours in range(6):
        own = hours % 2 == 1
        looked = seen(TEXT, START + hours * HOUR, language="en", script="Latn") if own else seen(
            CHINESE, START + hours * HOUR, language="zh", script="Hans", title="港口"
        )  # fmt: skip
        archive.record(replace(looked, link=Link(url=URL, source="harbour")))
    assert kinds(archive) == ["new"]
    assert archive.find(URL).text == TEXT
