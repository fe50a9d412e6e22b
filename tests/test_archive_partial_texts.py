"""What a page shows in place of its text: its beginning, a notice that all pages show, a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from archiving import HOUR, START, article, opened, page

from scraper.archive import Archive
from scraper.models import Attempt, Hop, Link, Recorded, Verdict

SITE = "https://harbour.example"
DAY = 24 * HOUR
SENTENCES = (
    "The harbour board approved the repair of the eastern quay on Monday.",
    "Divers had found cracks in eleven of the piles that carry it.",
    "The contractor Meridian Works asks for 2.4 million crowns and nine weeks.",
    "Fishermen fear that they lose the whole of the spring season.",
    "Councillor Ada Lind voted against the plan and asked for an inquiry.",
    "The ferry to Saltney leaves from the northern pier until September.",
    "Insurers expect claims from forty owners of boats that were damaged.",
    "A second report on the lighthouse is due before the end of the month.",
)
TEXT = "\n".join(
    f"{first} {second}" for first, second in zip(SENTENCES[::2], SENTENCES[1::2], strict=True)
)
NOTICE = "\n".join(
    (
        "Our engineers are carrying out planned work on the systems behind this website tonight.",
        "During that time stories cannot be opened and accounts cannot be reached by anybody.",
        "Print subscribers receive their paper as usual, and newsletters are sent in the morning.",
        "Everything returns to where you left it once the migration to new machines has ended.",
        "Thank you for your patience, and for staying with us through this long weekend.",
        "Questions are answered by telephone between eight and six on all working days.",
        "Advertisers whose campaigns are interrupted are compensated without having to ask for it.",
    )
)
ANOTHER = NOTICE.replace("stories", "songs").replace("Print", "Choir")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        for number in range(3):
            made.record(seen(number, START))
        yield made


def own(number: int) -> str:
    return f"{TEXT}\nIt is report number {number} of the harbour."


def seen(number: int, at: datetime, text: str = "", title: str = "") -> Attempt:
    shown, head = text or own(number), title or f"Quay report {number}"
    return article(shown, url=f"{SITE}/{number}", title=head, at=at, body=f"{at}{shown}")


def show(archive: Archive, number: int, at: datetime, text: str = "", title: str = "") -> Recorded:
    return archive.record(seen(number, at, text, title))


def kinds(archive: Archive) -> list[str]:
    return [change.kind for change in archive.changes() if change.kind != "new"]


def test_a_notice_that_all_pages_show_is_no_edit_of_any(archive: Archive) -> None:
    """However long it is, however long it lasts, and in whatever words."""
    for hours in (5, 12, 30):
        for number in range(3):
            told = show(archive, number, START + hours * HOUR, NOTICE, "Back soon")
            assert told.outcome == "rejected"
    for number in range(3):
        assert show(archive, number, START + 2 * DAY).reason == "same_text"
    assert kinds(archive) == []


def test_an_address_that_shows_another_article_is_told_when_it_lasts(archive: Archive) -> None:
    first = show(archive, 0, START + DAY, ANOTHER, "Songs of the sea")
    assert (first.outcome, first.reason) == ("rejected", "shrunk")
    # The others are asked, and show their own texts.
    due = {link.url for link in archive.due_pages(START + DAY, 10)}
    assert due >= {f"{SITE}/1", f"{SITE}/2"}
    for number in (1, 2):
        show(archive, number, START + DAY + HOUR)
    assert show(archive, 0, START + DAY + 7 * HOUR, ANOTHER, "Songs of the sea").reason == "edited"


def test_a_few_words_under_another_headline_are_a_takedown(archive: Archive) -> None:
    words = ("It may have expired, or our licence to show it ended.", "This item is unavailable")
    for hours in (24, 31):
        told = show(archive, 0, START + hours * HOUR, *words)
        assert told.outcome == "rejected"
        for number in (1, 2):
            show(archive, number, START + (hours + 1) * HOUR)
    show(archive, 0, START + 2 * DAY, *words)
    assert kinds(archive) == ["gone"]
    show(archive, 0, START + 3 * DAY)
    assert kinds(archive) == ["gone", "returned"]


@pytest.mark.parametrize(
    "gate", ["", "\nJoin us from one crown a week to go on. Cancel at any time."]
)
def test_most_of_a_text_that_is_missing_is_a_gate(archive: Archive, gate: str) -> None:
    for days in (1, 2, 7, 20):
        told = show(archive, 0, START + days * DAY, TEXT.splitlines()[0] + gate)
        assert (told.outcome, told.reason) == ("rejected", "shrunk")
        for number in (1, 2):
            show(archive, number, START + days * DAY + HOUR)
    assert show(archive, 0, START + 21 * DAY).reason == "same_text"
    assert kinds(archive) == []


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("It speaks of violence. Please confirm that you are 18 or older.", "How old are you?"),
        ("You use an ad blocker. Switch it off and load this page again.", "Quay report 0"),
        ("本文含有暴力内容，请确认您已满18岁。", "年龄确认"),
    ],
)
def test_what_asks_the_reader_for_something_is_a_gate(
    archive: Archive, words: str, title: str
) -> None:
    for days in (1, 2, 7):
        told = show(archive, 0, START + days * DAY, words, title)
        assert told.outcome == "rejected"
        for number in (1, 2):
            show(archive, number, START + days * DAY + HOUR)
    assert kinds(archive) == []


def test_a_cut_of_which_the_editor_tells_is_an_edit(archive: Archive) -> None:
    note = "Correction: an earlier version of this article misstated what the board decided."
    cut = "\n".join(TEXT.splitlines()[:2])
    assert show(archive, 0, START + DAY, f"{cut}\n{note}").reason == "edited"


def test_a_text_that_breaks_off_is_none(archive: Archive) -> None:
    for hours in (1, 8, 30):
        told = show(archive, 0, START + hours * HOUR, own(0)[:400])
        assert (told.outcome, told.reason) == ("rejected", "shrunk")
    assert kinds(archive) == []


def test_a_text_that_lacks_its_end_for_an_hour_is_none(archive: Archive) -> None:
    part = "\n".join(TEXT.splitlines()[:3])
    assert show(archive, 0, START + HOUR, part).reason == "shrunk"
    assert show(archive, 0, START + 3 * HOUR).reason == "same_text"
    # It lacks it again, days later: that look is the first anew.
    assert show(archive, 0, START + 2 * DAY, part).reason == "shrunk"
    show(archive, 1, START + 2 * DAY + HOUR)
    assert show(archive, 0, START + 2 * DAY + 7 * HOUR, part).reason == "edited", "it lasts"


def test_an_address_that_leads_to_a_list_is_a_takedown(archive: Archive) -> None:
    url, section = f"{SITE}/0", f"{SITE}/world"
    for hours in (24, 31, 38):
        at = START + hours * HOUR
        made = replace(
            page("<h1>World", url=url, final_url=section, at=at),
            hops=(Hop(status=302, url=section),),
        )
        verdict = Verdict(kind="listing", evidence=("20 headlines that are links",))
        archive.record(Attempt(link=Link(url=url), at=at, page=made, verdict=verdict))
        for number in (1, 2):
            show(archive, number, at + HOUR)
    assert [(change.kind, change.classes) for change in archive.changes()][-1] == (
        "gone",
        ("redirected elsewhere",),
    )
