"""Which addresses are one article, and which are two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, article, opened

from scraper.archive import Archive
from scraper.errors import FetchError
from scraper.models import Article, Attempt, Discovery, Hop, Link, Source
from scraper.urls import canonical, identity

SITE = "https://www.ledger.example"
STORY = f"{SITE}/news/1"
OTHER = "A quite different story was told that day, of other people and of another place.\n" * 3


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path) as opened_archive:
        yield opened_archive


def ids(archive: Archive, *urls: str) -> list[int]:
    return [archive.find(url).id for url in urls]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/x/../y/./z", "http://a.example/y/z"),
        ("http://a.example/../..", "http://a.example/"),
        ("http://a.example/a/%2e%2E/b", "http://a.example/b"),
        ("http://a.example/a/.", "http://a.example/a/"),
        ("http://a.example/...", "http://a.example/..."),
        ("http://a.example/a/.b", "http://a.example/a/.b"),
        ("http://[2001:0db8::0001]:80/", "http://[2001:db8::1]/"),
    ],
)
def test_dot_segments_and_brackets(url: str, expected: str) -> None:
    assert canonical(url) == expected == canonical(expected)


@pytest.mark.parametrize("url", ["http://[v1.a]/", "http://[::1%25eth0]/", "http://[1.2.3.4]/"])
def test_brackets_that_hold_no_address(url: str) -> None:
    with pytest.raises(FetchError):
        canonical(url)


@pytest.mark.parametrize(
    "twin",
    [
        "http://www.ledger.example/news/1",
        "https://ledger.example/news/1",
        "https://m.ledger.example/news/1",
        "https://amp.ledger.example/news/1",
        f"{STORY}/",
        f"{STORY}/amp",
        f"{STORY}/amp/",
        f"{STORY}.amp",
        f"{STORY}?amp=1",
        f"{STORY}?outputType=AMP",
        f"{STORY}?utm_source=a&fbclid=b",
        f"{STORY}#comments",
        f"{SITE}/news/../news/%31",
        "https://WWW.Ledger.example:443/news/1",
    ],
)
def test_twins_are_one_article(archive: Archive, twin: str) -> None:
    archive.record(article(url=STORY))
    archive.record(article(url=twin, at=START + HOUR))
    assert ids(archive, STORY) == ids(archive, twin)
    assert len(archive.versions(STORY)) == 1
    assert archive.find(STORY).url == STORY


@pytest.mark.parametrize(
    "other",
    [
        f"{SITE}/news/2",
        f"{SITE}/news/1?page=2",
        f"{SITE}/News/1",
        "https://sports.ledger.example/news/1",
        f"{SITE}/news/1.html",
        f"{SITE}/news/1%2F2",
    ],
)
def test_different_addresses_are_two(archive: Archive, other: str) -> None:
    archive.record(article(url=STORY))
    archive.record(article(OTHER, url=other, title="Other"))
    assert len(set(ids(archive, STORY, other))) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://touch.com.cn/1", "https://mobile.com.cn/1"),
        ("https://m.co.uk/1", "https://co.uk/1"),
    ],
)
def test_a_registered_name_has_no_label_to_spare(one: str, other: str) -> None:
    assert identity(one) != identity(other)


@pytest.mark.parametrize("claimed", [f"{SITE}/", f"{SITE}/index.html", f"{SITE}/news", STORY])
def test_a_canonical_address_shared_by_a_site_joins_nothing(archive: Archive, claimed: str) -> None:
    archive.record(article(url=STORY, canonical_url=claimed))
    archive.record(article(OTHER, url=f"{SITE}/news/2", title="Other", canonical_url=claimed))
    assert len(set(ids(archive, STORY, f"{SITE}/news/2"))) == 2
    assert archive.find(f"{SITE}/news/2").text == OTHER


def test_a_canonical_address_is_believed_with_the_same_text(archive: Archive) -> None:
    archive.record(article(url=STORY))
    archive.record(article(url=f"{SITE}/print?id=1", canonical_url=STORY, at=START + HOUR))
    assert ids(archive, f"{SITE}/print?id=1") == ids(archive, STORY)
    assert len(archive.versions(STORY)) == 1


def test_a_syndicated_copy_stays_its_publishers(archive: Archive) -> None:
    copy = "https://partner.example/reprints/9"
    archive.record(article(url=STORY))
    archive.record(article(url=copy, canonical_url=STORY))
    assert len(set(ids(archive, STORY, copy))) == 2


def redirected(url: str, to: str, *statuses: int, hours: int = 0, text: str = TEXT) -> Attempt:
    attempt = article(text, url=url, final_url=to, at=START + hours * HOUR)
    assert attempt.page is not None
    hops = tuple(Hop(status=status, url=to) for status in statuses)
    return replace(attempt, page=replace(attempt.page, hops=hops))


def test_a_redirect_for_good_names_the_article(archive: Archive) -> None:
    archive.record(redirected(f"{SITE}/?p=1", STORY, 301, 308))
    assert archive.find(f"{SITE}/?p=1").url == STORY


def test_a_redirect_for_the_moment_is_adopted_when_it_is_seen_again(archive: Archive) -> None:
    short = f"{SITE}/?p=1"
    archive.record(redirected(short, STORY, 301, 302))
    assert archive.find(short).url == short
    assert archive.page_state(STORY).article_id is None
    archive.record(redirected(short, STORY, 302, hours=1, text=TEXT + "More."))
    assert archive.page_state(STORY).article_id == archive.find(short).id
    assert archive.find(short).url == short and len(archive.versions(short)) == 2


def test_a_redirect_to_another_site_for_the_moment_names_nothing(archive: Archive) -> None:
    partner = "https://partner.example/story"
    for hours in (0, 1):
        archive.record(redirected(STORY, partner, 302, hours=hours))
    assert archive.find(STORY).url == STORY
    assert archive.page_state(partner).article_id is None


def test_a_link_by_way_of_another_site_leads_to_the_publishers_address(archive: Archive) -> None:
    archive.record(redirected("https://feeds.example/r/1", STORY, 301))
    assert archive.find("https://feeds.example/r/1").url == STORY


def test_aliases_are_kept(archive: Archive) -> None:
    archive.record(article(url=STORY))
    for twin in (f"{STORY}/amp", "https://m.ledger.example/news/1"):
        archive.record(article(url=twin, at=START + HOUR))
    rows = archive._store.connection.execute("select url, how from page_urls").fetchall()
    assert {row["url"]: row["how"] for row in rows} == {
        STORY: "seen",
        f"{STORY}/amp": "twin",
        "https://m.ledger.example/news/1": "twin",
    }


def listed(archive: Archive, hours: int, *urls: str) -> None:
    at = START + hours * HOUR
    links = [Link(url=url, source="harbour") for url in urls]
    archive.record_visit("harbour", at, discovery=Discovery(pages=(), links=links))


@pytest.mark.parametrize(
    ("published", "title", "paths", "together", "articles"),
    [
        (START, "Quays open", ("/news/1.html", "/p/0b41"), False, 1),
        # A report of another hour.
        (START + HOUR, "Quays open", ("/news/1.html", "/p/0b41"), False, 2),
        (START, "Quays close", ("/news/1.html", "/p/0b41"), False, 2),
        # Two editions, side by side.
        (START, "Quays open", ("/news/1.html", "/p/0b41"), True, 2),
        # The number of the article says what its new headline does not.
        (START, "Quays close", ("/news/108469.html", "/stories/108469.html"), False, 1),
        (START, "Quays close", ("/news/108469.html", "/stories/108470.html"), False, 2),
        (START + HOUR, "Quays close", ("/news/108469.html", "/stories/108469.html"), False, 2),
    ],
)
def test_an_article_that_was_edited_before_it_moved_is_one(
    archive: Archive,
    published: datetime,
    title: str,
    paths: tuple[str, str],
    *,
    together: bool,
    articles: int,
) -> None:
    old, new = (SITE + path for path in paths)
    text = "\n".join(
        f"The harbour opened quay {n} on Monday, after {n} weeks of work in the old bay."
        for n in range(3, 14)
    )
    source = Source(name="harbour", kind="feed", url=f"{SITE}/feed", outlet="Harbour")
    archive.sync_sources([source], START)

    def shown(url: str, hours: int, text: str, title: str, published: datetime) -> Attempt:
        made = Article(url=url, title=title, text=text, published=published)
        attempt = article(url=url, at=START + hours * HOUR, made=made)
        return replace(attempt, link=Link(url=url, source="harbour"))

    listed(archive, 0, *((old, new) if together else (old,)))
    archive.record(shown(old, 1, text, "Quays open", START))
    listed(archive, 2, new)
    edited = f"{text}\nMore was said on Tuesday."
    archive.record(shown(new, 2, edited, title, published))
    assert len(set(ids(archive, old, new))) == articles
