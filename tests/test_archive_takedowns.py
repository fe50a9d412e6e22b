"""What is a takedown, what a move, what an outage: by status, by host, by where the text stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, article, failed, opened, page

from scraper.archive import Archive
from scraper.errors import ErrorClass
from scraper.models import Attempt, Discovery, Hop, Link, Source, Verdict
from scraper.verdict import judge_page

SITE = "https://harbour.example"
STORY = f"{SITE}/a/0"
NOTICES = {
    "court": "<html><body><h1>Removed after an order of a court</h1></body></html>",
    "region": "<html><body><h1>Not available in your region</h1></body></html>",
    "empty": "<html><body><h1>No such page</h1></body></html>",
}
LONG = "\n".join(
    f"The harbour opened its quay number {n} on Monday, after {n} weeks of work in the bay."
    for n in range(3, 14)
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


def story(number: int, at: datetime, *, path: str = "a") -> Attempt:
    url = f"{SITE}/{path}/{number}"
    return article(f"{TEXT}Number {number}.", url=url, title=f"Story {number}", at=at)


def answered(url: str, at: datetime, *, status: int = 404, body: str = NOTICES["empty"]) -> Attempt:
    """Return the attempt that the pipeline makes of an answer that is no article."""
    verdict = judge_page(status=status, url=url, final_url=url, headers={}, html=body)
    failed = verdict.kind in ("gone", "http_error", "rate_limited", "truncated")
    return Attempt(
        link=Link(url=url),
        at=at,
        page=page(body, url=url, at=at, status=status),
        verdict=verdict,
        error_class=ErrorClass(verdict.kind) if failed else ErrorClass.NONE,
        message=f"the server answered {status}" if failed else "",
    )


def sent_home(url: str, at: datetime, status: int = 302) -> Attempt:
    home = f"{SITE}/"
    made = page("<h1>Harbour</h1>", url=url, final_url=home, at=at)
    return Attempt(
        link=Link(url=url),
        at=at,
        page=replace(made, hops=(Hop(status=status, url=home),)),
        verdict=Verdict(kind="soft_404", evidence=("redirected to the front page",)),
    )


def told(archive: Archive, *kinds: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(c.kind, c.classes) for c in archive.changes() if c.kind in (kinds or ("gone",))]


# By status: what the ledger says of a page that answered so twice while the rest of its site works.
@pytest.mark.parametrize(
    ("status", "body", "ledger"),
    [
        (404, "empty", "not found"),
        (410, "empty", "removed for good"),
        (451, "court", "withheld for legal reasons"),
        (451, "region", None),
        *[
            (status, "empty", None)
            for status in (
                201, 202, 204, 205, 206, 300, 303, 305, 400, 401, 402, 403, 405, 406, 407, 408,
                409, 411,
                412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431,
                440, 444,
                449, 450, 456, 460, 463, 494, 495, 499, 500, 501, 502, 503, 504, 505, 506, 507,
                508, 510,
                511, 520, 521, 522, 523, 524, 525, 526, 527, 530, 567, 599,
            )
        ],
    ],
)  # fmt: skip
def test_what_a_status_says_of_a_page_that_was_there(
    archive: Archive, status: int, body: str, ledger: str | None
) -> None:
    for n in range(3):
        archive.record(story(n, START))
    for turn in (6, 8, 30):
        at = START + turn * HOUR
        archive.record(story(1, at))
        archive.record(story(2, at))
        archive.record(answered(STORY, at, status=status, body=NOTICES[body]))
    assert told(archive) == ([("gone", (ledger,))] if ledger else [])
    assert archive.find(STORY).state == ("gone" if ledger else "live")
    assert archive.find(STORY).text == f"{TEXT}Number 0."


@pytest.mark.parametrize("status", [404, 410, 301, 302, 307])
@pytest.mark.parametrize("pages", [2, 3, 7])
def test_a_site_that_fails_as_a_whole_takes_nothing_down(
    archive: Archive, status: int, pages: int
) -> None:
    for n in range(pages):
        archive.record(story(n, START))
    for turn in (6, 7, 13, 25, 49):
        for n in range(pages):
            url, at = f"{SITE}/a/{n}", START + turn * HOUR
            archive.record(
                answered(url, at, status=status) if status >= 400 else sent_home(url, at, status)
            )
    assert told(archive) == []
    for n in range(pages):
        archive.record(story(n, START + 50 * HOUR))
    assert told(archive, "gone", "returned") == []
    assert {archive.find(f"{SITE}/a/{n}").state for n in range(pages)} == {"live"}


def test_what_is_still_gone_after_an_outage_is_told(archive: Archive) -> None:
    for n in range(4):
        archive.record(story(n, START))
    for turn in (6, 7):
        for n in range(4):
            archive.record(answered(f"{SITE}/a/{n}", START + turn * HOUR))
    assert told(archive) == []
    for n in range(1, 4):
        archive.record(story(n, START + 13 * HOUR))
    archive.record(answered(STORY, START + 13 * HOUR))
    assert told(archive) == [("gone", ("not found",))]


def test_a_site_that_never_comes_back_is_told_after_a_week(archive: Archive) -> None:
    for n in range(3):
        archive.record(story(n, START))
    for turn in range(6, 24 * 8, 12):
        for n in range(3):
            archive.record(answered(f"{SITE}/a/{n}", START + turn * HOUR))
        gone = len(told(archive))
        assert gone == (0 if turn < 6 + 24 * 7 else 3), turn
    assert len(told(archive)) == 3


def test_other_pages_are_asked_before_a_takedown_is_told(archive: Archive) -> None:
    """A quiet host: nobody would ask its other pages, and its outage would pass for a takedown."""
    for n in range(3):
        archive.record(story(n, START - 60 * 24 * HOUR))
        archive.record(story(n, START - 24 * HOUR))
    archive.record(story(3, START))
    archive.record(answered(f"{SITE}/a/3", START + 6 * HOUR))
    due = {link.url for link in archive.due_pages(START + 6 * HOUR, 10)}
    assert len(due) == 2 and due < {f"{SITE}/a/{n}" for n in range(3)}
    archive.record(answered(f"{SITE}/a/3", START + 7 * HOUR))
    assert told(archive) == [], "not while none of them was asked"
    for url in due:
        archive.record(story(int(url[-1]), START + 8 * HOUR))
    archive.record(answered(f"{SITE}/a/3", START + 13 * HOUR))
    assert told(archive) == [("gone", ("not found",))]


def test_a_page_found_missing_does_not_wait_for_all_others(archive: Archive) -> None:
    """Where more is due than a pass can look at, whether a page was taken down stays open long."""
    for n in range(12):
        archive.record(story(n, START - 24 * HOUR))
        archive.record(story(n, START - 24 * HOUR + n * HOUR))
    for n in (11, 10, 9):
        archive.record(answered(f"{SITE}/a/{n}", START - n * HOUR / 60))
    everything = archive.due_pages(START + 40 * 24 * HOUR, 100)
    assert len(everything) == 12 == len({link.url for link in everything})
    due = [link.url for link in archive.due_pages(START + 40 * 24 * HOUR, 4)]
    missing = {f"{SITE}/a/{n}" for n in (9, 10, 11)}
    assert len(due) == 4 == len(set(due)) and len(set(due) & missing) == 2


def test_a_page_found_missing_is_asked_until_it_answers(archive: Archive) -> None:
    """Its calendar is over, and each look since fails: it would be taken to be there for ever."""
    for n in range(2):
        archive.record(story(n, START))
    at = START + 31 * 24 * HOUR
    archive.record(answered(STORY, at))
    for look in range(12):
        at += 24 * HOUR
        assert STORY in {link.url for link in archive.due_pages(at, 10)}, look
        archive.record(answered(STORY, at, status=503))
    archive.record(story(1, at + HOUR))
    archive.record(answered(STORY, at + 24 * HOUR))
    assert told(archive) == [("gone", ("not found",))]


def test_the_only_page_of_a_host_is_told_at_the_second_look(archive: Archive) -> None:
    archive.record(story(0, START))
    archive.record(answered(STORY, START + HOUR))
    assert told(archive) == []
    archive.record(answered(STORY, START + 2 * HOUR))
    assert told(archive) == [("gone", ("not found",))]


def test_the_only_page_of_a_host_whose_new_pages_are_missing_too_is_not_told(
    archive: Archive,
) -> None:
    archive.record(story(0, START))
    archive.record(answered(f"{SITE}/a/1", START + 5 * HOUR))
    for turn in (6, 12, 19):
        archive.record(answered(STORY, START + turn * HOUR))
    assert told(archive) == []
    archive.record(story(1, START + 29 * HOUR))
    archive.record(answered(STORY, START + 30 * HOUR))
    assert told(archive) == [("gone", ("not found",))], "for the other has come since"


def test_a_link_that_was_never_there_holds_no_takedown_for_ever(archive: Archive) -> None:
    archive.record(story(0, START))
    for day in range(3):
        assert told(archive) == []
        archive.record(answered(f"{SITE}/a/1", START + (5 + 24 * day) * HOUR))
        archive.record(answered(STORY, START + (6 + 24 * day) * HOUR))
    assert told(archive) == [("gone", ("not found",))]


def test_pages_that_answered_before_the_site_failed_prove_nothing(archive: Archive) -> None:
    for n in range(3):
        archive.record(story(n, START))
    archive.record(answered(STORY, START + timedelta(minutes=5), status=410))
    due = {link.url for link in archive.due_pages(START + timedelta(minutes=5), 10)}
    assert due == {f"{SITE}/a/1", f"{SITE}/a/2"}, "they are asked again, however lately they were"
    archive.record(answered(f"{SITE}/a/1", START + timedelta(minutes=6), status=410))
    archive.record(answered(STORY, START + HOUR, status=410))
    assert told(archive) == []


def visited(archive: Archive, at: datetime, *urls: str, error: str = "") -> None:
    links = tuple(Link(url=url, source="harbour") for url in urls)
    read = page(" ".join(urls), url=f"{SITE}/feed", at=at)
    discovery = None if error else Discovery(pages=(read,), links=links)
    archive.record_visit("harbour", at, discovery=discovery, error_class=ErrorClass(error))


@pytest.fixture
def listed(archive: Archive) -> Archive:
    """A site of one page, which a source shows."""
    source = Source(name="harbour", kind="feed", url=f"{SITE}/feed", outlet="Harbour")
    archive.sync_sources([source], START)
    visited(archive, START, STORY)
    first = story(0, START)
    archive.record(replace(first, link=replace(first.link, source="harbour")))
    return archive


def test_the_only_page_of_a_site_whose_lists_fail_too_is_not_told(listed: Archive) -> None:
    for turn in (1, 2, 8, 30):
        visited(listed, START + turn * HOUR, error="gone")
        listed.record(answered(STORY, START + turn * HOUR, status=410))
    assert told(listed) == []
    visited(listed, START + 31 * HOUR)
    listed.record(answered(STORY, START + 32 * HOUR, status=410))
    assert told(listed) == [("gone", ("removed for good",))]


def test_the_only_page_of_a_site_whose_list_failed_just_before_is_not_told(listed: Archive) -> None:
    """Lists and pages are asked by turns: the list is not asked again before the second look."""
    visited(listed, START + HOUR, error="gone")
    for turn in (2, 8):
        listed.record(answered(STORY, START + turn * HOUR))
    assert told(listed) == []
    listed.record(article(TEXT + "Number 0.", url=STORY, title="Story 0", at=START + 20 * HOUR))
    assert told(listed) == []


def test_the_only_page_of_a_site_is_held_while_its_list_shows_it(listed: Archive) -> None:
    for turn in (1, 2, 8, 30, 70):
        listed.record(answered(STORY, START + turn * HOUR))
        visited(listed, START + turn * HOUR + timedelta(minutes=5), STORY)
    assert told(listed) == [], "its publisher may not know that it is missing"
    listed.record(answered(STORY, START + 74 * HOUR))
    assert told(listed) == [("gone", ("not found",))]


def test_its_lists_are_visited_and_new_links_read_before_a_page_is_told(listed: Archive) -> None:
    for turn in (1, 2):
        listed.record(answered(STORY, START + turn * HOUR))
    assert told(listed) == []
    assert [s.source.name for s in listed.due_sources(START + 2 * HOUR)] == ["harbour"]
    visited(listed, START + 2 * HOUR, f"{SITE}/archive/0.html")
    at = START + 2 * HOUR + timedelta(minutes=10)
    assert STORY in {link.url for link in listed.due_pages(at, 10)}, "soon, not in hours"
    listed.record(answered(STORY, at))
    assert told(listed) == [], "the new link is not read yet"
    other = story(1, at)
    listed.record(replace(other, link=Link(url=f"{SITE}/archive/0.html")))
    listed.record(answered(STORY, at + timedelta(minutes=10)))
    assert told(listed) == [("gone", ("not found",))]


def test_what_a_list_shows_that_was_unread_for_hours_is_read_before_a_page_is_told(
    listed: Archive,
) -> None:
    """A site moves, and its list cannot be read for longer than a takedown waits otherwise."""
    for turn in (1, 2):
        listed.record(answered(STORY, START + turn * HOUR))
    visited(listed, START + 9 * HOUR, f"{SITE}/archive/0.html")
    at = START + 9 * HOUR + timedelta(minutes=2)
    listed.record(answered(STORY, at))
    assert told(listed) == [], "the new link is not read yet"
    other = story(1, at)
    listed.record(replace(other, link=Link(url=f"{SITE}/archive/0.html")))
    listed.record(answered(STORY, at + timedelta(minutes=10)))
    assert told(listed) == [("gone", ("not found",))]


@pytest.mark.parametrize(
    ("headline", "answer", "held"),
    [("Story 0", "connect", True), ("Story 0", "gone", False), ("Another", "connect", False)],
)
def test_a_page_that_is_listed_under_its_headline_elsewhere_is_read_before_it_is_told(
    listed: Archive, headline: str, answer: str, *, held: bool
) -> None:
    """A site moves without redirects, and its new address cannot be had for days."""
    for n in (1, 2, 3):
        listed.record(story(n, START))
    new = f"{SITE}/archive/0.html"
    for url, title, at in ((STORY, "Story 0", START), (new, headline, START + HOUR)):
        links = (Link(url=url, source="harbour", title=title),)
        feed = page(url, url=f"{SITE}/feed", at=at)
        listed.record_visit("harbour", at, discovery=Discovery(pages=(feed,), links=links))
    at = START + 2 * HOUR
    while listed.due_pages(at, 10, without=()) and at < START + 72 * HOUR:
        listed.record(failed(answer, url=new, at=at))
        for n in (1, 2, 3):
            listed.record(story(n, at))
        listed.record(answered(STORY, at))
        at += 12 * HOUR
    assert (told(listed) == []) is held
    if held:
        assert new in {link.url for link in listed.due_pages(at, 10)}, "though it was given up"
        listed.record(failed("gone", url=new, at=at))
        listed.record(answered(STORY, at + HOUR))
        assert told(listed) == [("gone", ("not found",))]


# Moves


def moved(url: str, at: datetime, text: str = LONG, title: str = "Quays open") -> Attempt:
    return article(text, url=url, title=title, at=at)


@pytest.mark.parametrize("chinese", [False, True])
def test_a_page_whose_text_stands_elsewhere_has_moved(archive: Archive, chinese: bool) -> None:
    old, new = f"{SITE}/old/quays", f"{SITE}/new/quays"
    text = "港口周一开放了新的码头，船只不再需要在湾外等候数周之久。" * 10 if chinese else LONG
    archive.record(moved(old, START, text))
    archive.record(moved(new, START + HOUR, text))
    assert archive.find(new).id == archive.find(old).id, "one article, two addresses"
    for turn in (2, 3):
        archive.record(answered(old, START + turn * HOUR))
    assert told(archive, "gone", "moved") == []
    (link,) = archive.due_pages(START + 4 * HOUR, 10)
    assert link.url == new, "it is asked where it stands"
    archive.record(moved(new, START + 4 * HOUR, text))
    assert told(archive, "gone", "moved") == [("moved", (new,))]
    # There it may be taken down after all.
    for turn in (5, 6):
        archive.record(answered(new, START + turn * HOUR))
    assert told(archive, "gone", "moved")[-1] == ("gone", ("not found",))
    assert archive.verify().findings == () and archive.doctor(least_free=0) == ()


def test_a_page_that_comes_back_to_its_address_is_asked_there(archive: Archive) -> None:
    old, new = f"{SITE}/old/quays", f"{SITE}/new/quays"
    archive.record(moved(old, START))
    archive.record(moved(new, START + HOUR))
    for turn in (2, 3):
        archive.record(answered(old, START + turn * HOUR))
    archive.record(moved(old, START + 5 * HOUR))
    assert {link.url for link in archive.due_pages(START + 40 * 24 * HOUR, 10)} == {old}
    assert told(archive, "gone", "moved", "returned") == []


def test_another_article_with_the_text_is_where_it_moved(archive: Archive) -> None:
    """Where the two were not known to be one when the second came: its headline is another."""
    old, new = f"{SITE}/old/quays", f"{SITE}/new/quays"
    archive.record(moved(old, START))
    archive.record(moved(new, START + HOUR, title="New quays open"))
    archive.record(answered(old, START + 2 * HOUR))
    archive.record(moved(new, START + 3 * HOUR, title="New quays open"))
    archive.record(answered(old, START + 4 * HOUR))
    assert told(archive, "gone", "moved") == [("moved", (new,))]


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        (f"{LONG}\nThe mayor spoke of a new beginning.", "moved"),
        (LONG.replace("Monday", "Friday"), "gone"),
    ],
)
def test_an_article_that_came_with_most_of_the_sentences_is_where_it_moved(
    archive: Archive, text: str, told_as: str
) -> None:
    """It was given another address, another headline and one more sentence at once."""
    old, new = f"{SITE}/old/quays", f"{SITE}/new/quays"
    archive.record(moved(old, START))
    for turn in (24, 25, 33):
        archive.record(answered(old, START + turn * HOUR))
        archive.record(moved(new, START + turn * HOUR, text, title="Mayor opens quays"))
        archive.record(story(1, START + turn * HOUR))
    assert [kind for kind, _ in told(archive, "gone", "moved")] == [told_as]


@pytest.mark.parametrize("beside", [True, False], ids=["beside it", "of another day"])
def test_a_report_of_the_same_kind_is_not_where_an_article_moved(
    archive: Archive, beside: bool
) -> None:
    """Reports by a template have most of their sentences in common."""
    old, other = f"{SITE}/reports/1", f"{SITE}/reports/2"
    text = f"{LONG}\nThe mayor spoke of a new beginning."

    def dated(url: str, at: datetime, text: str, day: datetime) -> Attempt:
        attempt = moved(url, at, text, title=f"Report {url[-1]}")
        assert attempt.article is not None
        return replace(attempt, article=replace(attempt.article, published=day))

    archive.record(dated(old, START, LONG, START))
    if beside:
        archive.record(dated(other, START, text, START))
    for turn in (24, 25, 33):
        at = START + turn * HOUR
        archive.record(answered(old, at))
        archive.record(dated(other, at, text, START if beside else START + 48 * HOUR))
        archive.record(story(1, at))
    assert [kind for kind, _ in told(archive, "gone", "moved")] == ["gone"]


def test_a_redirect_that_ends_leads_to_where_it_led(archive: Archive) -> None:
    old, new = f"{SITE}/story.php?id=1", f"{SITE}/2026/quays"
    archive.record(moved(old, START))
    for turn in (1, 2):
        attempt = article(LONG, url=old, final_url=new, title="Quays open", at=START + turn * HOUR)
        assert attempt.page is not None
        hops = (Hop(status=302, url=new),)
        archive.record(replace(attempt, page=replace(attempt.page, hops=hops)))
    for turn in (3, 4):
        archive.record(answered(old, START + turn * HOUR))
    archive.record(moved(new, START + 5 * HOUR))
    assert told(archive, "gone", "moved") == [("moved", (new,))]
