"""A page that could not be had and was given up, while a source goes on listing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, failed, opened, rejected

from scraper.archive import Archive
from scraper.models import Discovery, Link, Source

SOURCE = Source(name="ledger", kind="feed", url="https://ledger.example/rss", outlet="The Ledger")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


@pytest.mark.parametrize(
    ("error_class", "again"),
    [("gone", True), ("http_error", True), ("dns", True), ("bad_url", False), ("listing", False)],
)
def test_a_page_that_was_given_up_is_asked_again_while_it_is_listed(
    archive: Archive, error_class: str, *, again: bool
) -> None:
    """An article that was down when it was found can be had later, and is listed then."""
    archive.sync_sources([SOURCE], START)
    link = Link(url=URL, source="ledger")
    seen = Discovery(links=(link,))
    assert archive.record_visit("ledger", START, discovery=seen) == (link,)
    at = START
    while archive.due_pages(at, 10):
        made = rejected if error_class == "listing" else failed
        archive.record(made(error_class, at=at))
        at += 24 * HOUR
    last = at - 24 * HOUR
    for hours, wanted in ((1, False), (24, False), (96, again)):
        found = archive.record_visit("ledger", last + hours * HOUR, discovery=seen)
        assert (found == (link,)) is wanted
    archive.record(article(TEXT, at=last + 97 * HOUR))
    assert archive.record_visit("ledger", last + 400 * HOUR, discovery=seen) == ()


def test_a_dead_link_that_stays_listed_is_asked_ever_more_rarely(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)
    seen = Discovery(links=(Link(url=URL, source="ledger"),))
    asked = []
    for day in range(365):
        at = START + day * 24 * HOUR
        wanted = archive.record_visit("ledger", at, discovery=seen)
        if wanted or archive.due_pages(at, 10):
            archive.record(failed("gone", at=at))
            asked.append(day)
    assert len(asked) < 25
    assert asked[-1] - asked[-2] > 30


@pytest.mark.parametrize("error_class", ["region_blocked", "truncated", "login_wall"])
@pytest.mark.parametrize("unchanged", [True, False])
def test_a_page_that_was_given_up_is_asked_again_though_its_list_has_not_changed(
    archive: Archive, error_class: str, *, unchanged: bool
) -> None:
    """Of a sitemap only what is new is returned, and a list under a 304 is not read at all."""
    archive.sync_sources([SOURCE], START)
    link = Link(url=URL, source="ledger")
    archive.record_visit("ledger", START, discovery=Discovery(links=(link,)))
    at = START
    while archive.due_pages(at, 10):
        archive.record(failed(error_class, at=at))
        at += 24 * HOUR
    nothing = Discovery(links=(), unchanged=unchanged)
    asked = []
    for hour in range(1, 400 * 24, 6):
        now = at + hour * HOUR
        if archive.record_visit("ledger", now, discovery=nothing):
            archive.record(failed(error_class, at=now))
            asked.append(hour)
    # Ever more rarely, and not for ever.
    assert 5 < len(asked) < 20
    assert asked[-1] - asked[-2] > 5 * 24
    assert asked[-1] < 60 * 24
    archive.record(article(TEXT, at=at + 9600 * HOUR))
    assert archive.record_visit("ledger", at + 9700 * HOUR, discovery=nothing) == ()
