"""Feeds as they are in the wild: whose address an entry has, what is new, what a title says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.discovery import discover
from scraper.discovery.feed import MAX_ITEMS, MAX_PAGES, Feed, parse_feed
from scraper.discovery.sitemap import parse_sitemap
from scraper.errors import DiscoverError
from scraper.models import Discovery, Page, Source

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SITE = "https://quay.example"
ATOM = "http://www.w3.org/2005/Atom"


def parsed(body: str, url: str = f"{SITE}/feed") -> Feed:
    source = Source(name="s", kind="feed", url=url, outlet="Quay")
    return parse_feed(body.encode(), url, "", source, NOW)


def urls(body: str, url: str = f"{SITE}/feed") -> list[str]:
    return [entry.url for entry in parsed(body, url).entries]


def titles(body: str) -> list[str]:
    return [entry.title for entry in parsed(body).entries]


def rss(items: str, link: str = f"{SITE}/", head: str = "") -> str:
    return (
        f"<rss version='2.0' xmlns:atom='{ATOM}'><channel><title>Quay</title><link>{link}</link>"
        f"{head}{items}</channel></rss>"
    )


def atom(entries: str, head: str = "") -> str:
    return f"<feed xmlns='{ATOM}'><title>Quay</title><id>q</id>{head}{entries}</feed>"


# Whose address an entry has


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("<guid isPermaLink='false'>{0}/s/1</guid>", "https://blog.example/1"),
        ('<guid isPermaLink="FALSE"><![CDATA[{0}/s/1]]></guid>', "https://blog.example/1"),
        ("<guid ispermalink = 'false' >\n{0}/s/1 </guid>", "https://blog.example/1"),
        ("<guid>{0}/s/1</guid><comments>{0}/s/1/story#c</comments>", "https://blog.example/1"),
        # A link that only counts clicks, and the article on the feed's own site.
        ("<guid>{0}/s/1</guid>", f"{SITE}/s/1"),
        ("<guid isPermaLink='true'>{0}/s/1</guid>", f"{SITE}/s/1"),
        ("<guid>{0}/s/1</guid><comments>{0}/talk/9</comments>", f"{SITE}/s/1"),
    ],
)
def test_a_guid_that_is_no_permalink_never_stands_for_the_article(guid: str, expected: str) -> None:
    link = "<link>https://blog.example/1</link>"
    for parts in (link + guid.format(SITE), guid.format(SITE) + link):
        assert urls(rss(f"<item><title>A</title>{parts}</item>")) == [expected]


def test_an_atom_id_is_no_address() -> None:
    entry = (
        f"<entry><title>A</title><id>{SITE}/s/1</id><link href='https://blog.example/1'/></entry>"
    )
    assert urls(atom(entry)) == ["https://blog.example/1"]


def test_a_guid_that_is_no_permalink_is_all_there_is() -> None:
    guid = f"<guid isPermaLink='false'>{SITE}/a/1</guid>"
    assert urls(rss(f"<item><title>A</title>{guid}</item>")) == [f"{SITE}/a/1"]


@pytest.mark.parametrize(
    ("served_at", "expected"),
    [
        ("https://feeds.proxy.example/quay", [f"{SITE}/a/1", f"{SITE}/b/2"]),
        ("https://feeds.quay.example/all", [f"{SITE}/a/1", f"{SITE}/b/2"]),
        (f"{SITE}/news/feed.xml", [f"{SITE}/a/1", f"{SITE}/news/b/2"]),
    ],
)
def test_relative_links_belong_to_the_site_of_the_feed(
    served_at: str, expected: Sequence[str]
) -> None:
    items = "".join(f"<item><title>A</title><link>{p}</link></item>" for p in ("/a/1", "b/2"))
    assert urls(rss(items), served_at) == expected
    items_ = [{"id": str(n), "title": "A", "url": p} for n, p in enumerate(("/a/1", "b/2"))]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Q", "items": items_}
    assert urls(json.dumps(document | {"home_page_url": f"{SITE}/"}), served_at) == expected


def test_a_base_that_the_feed_declares_goes_before_its_site() -> None:
    body = rss("<item><title>A</title><link>a/1</link></item>").replace(
        "<rss ", "<rss xml:base='https://base.example/x/' "
    )
    assert urls(body, "https://feeds.proxy.example/q") == ["https://base.example/x/a/1"]


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u2060", "\xa0", "\u3000", "\u200e", "\xad"])
def test_unseen_characters_around_an_address_are_not_part_of_it(mark: str) -> None:
    href = f"{mark}{SITE}/a/1{mark}"
    assert urls(rss(f"<item><title>A</title><link>{href}</link></item>")) == [f"{SITE}/a/1"]
    assert urls(rss(f"<item><title>A</title><guid>{href}</guid></item>")) == [f"{SITE}/a/1"]
    assert urls(atom(f"<entry><title>A</title><link href='{href}'/></entry>")) == [f"{SITE}/a/1"]
    item = {"id": "1", "title": "A", "url": href}
    assert urls(json.dumps({"version": "1.1", "items": [item]})) == [f"{SITE}/a/1"]
    source = Source(name="s", kind="sitemap", url=f"{SITE}/s.xml", outlet="Q")
    body = f"<urlset><url><loc>{href}</loc></url></urlset>".encode()
    assert [e.url for e in parse_sitemap(body, source.url, "", source, NOW).entries] == [
        f"{SITE}/a/1"
    ]


# What breaks off


WHOLE = rss(
    f"<item><title>One &amp; all</title><link>{SITE}/a/1</link><guid>{SITE}/a/1</guid></item>"
    f"<item><title>Two</title><link>{SITE}/a/2</link><guid>{SITE}/a/2</guid></item>"
)


def test_a_feed_that_breaks_off_anywhere_gives_no_address_that_is_none() -> None:
    real = {f"{SITE}/a/1", f"{SITE}/a/2"}
    for end in range(WHOLE.index("<item>"), len(WHOLE)):
        try:
            found = parsed(WHOLE[:end])
        except DiscoverError:
            continue
        assert {entry.url for entry in found.entries} <= real, end
        assert {entry.title for entry in found.entries} <= {"One & all", "Two", ""}, end


def test_an_atom_feed_that_breaks_off_within_an_attribute_gives_no_stump() -> None:
    whole = atom(
        f"<entry><title>A</title><link href='{SITE}/a/1'/></entry>"
        f"<entry><title>B</title><link rel='alternate' href='{SITE}/a/2'/></entry>"
    )
    for end in range(whole.index("</entry>"), len(whole)):
        assert set(urls(whole[:end])) <= {f"{SITE}/a/1", f"{SITE}/a/2"}, end


# What a title says


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("What the &lt;think&gt; block costs", "What the <think> block costs"),
        ("What the &amp;lt;think&amp;gt; block costs", "What the <think> block costs"),
        ("<![CDATA[What the <think> block costs]]>", "What the <think> block costs"),
        ("Vec&lt;T&gt; 与 &lt;思考&gt; 标签", "Vec<T> 与 <思考> 标签"),
        ("&lt;b&gt;Bold&lt;/b&gt; moves &lt;em&gt;now&lt;/em&gt;", "Bold moves now"),
        ("&lt;script&gt;track(1);&lt;/script&gt;Night", "Night"),
        ("3 &lt; 5 &amp;amp; 7 &gt; 2", "3 < 5 & 7 > 2"),
        ("One&lt;br&gt;two", "One two"),
    ],
)
def test_words_in_angle_brackets_stay_in_titles_and_markup_goes(markup: str, expected: str) -> None:
    link = f"<link>{SITE}/a</link>"
    assert titles(rss(f"<item><title>{markup}</title>{link}</item>")) == [expected]
    for kind in ("", " type='text'", " type='html'"):
        entry = f"<entry><title{kind}>{markup}</title><link href='{SITE}/a'/></entry>"
        assert titles(atom(entry)) == [expected], kind
    news = f"<n:news><n:title>{markup}</n:title></n:news>"
    head = "xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'"
    body = f"<urlset {head}><url><loc>{SITE}/a</loc>{news}</url></urlset>".encode()
    source = Source(name="s", kind="sitemap", url=f"{SITE}/s.xml", outlet="Q")
    assert parse_sitemap(body, source.url, "", source, NOW).entries[0].title == expected


def test_titles_of_xhtml_and_of_json_feeds_keep_words_in_angle_brackets() -> None:
    xhtml = "<div xmlns='http://www.w3.org/1999/xhtml'>Why <b>R1</b> prints &lt;think&gt;</div>"
    entry = f"<entry><title type='xhtml'>{xhtml}</title><link href='{SITE}/a'/></entry>"
    assert titles(atom(entry)) == ["Why R1 prints <think>"]
    item = {"id": "1", "url": f"{SITE}/a", "title": "Why R1 prints <think> & <b>more</b>"}
    assert titles(json.dumps({"version": "1.1", "items": [item]})) == [
        "Why R1 prints <think> & more"
    ]


# What is new


def at(hour: int) -> datetime:
    return NOW - timedelta(hours=5_000 - hour)


def dated(numbers: Sequence[int]) -> str:
    return "".join(
        f"<item><title>S{n}</title><link>{SITE}/a/{n}</link>"
        f"<pubDate>{at(n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n in numbers
    )


@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_of_a_feed_beyond_the_bound_the_newest_entries_are_read(order: int) -> None:
    count = MAX_ITEMS + 500
    numbers = list(range(count))[::order]
    found = parsed(rss(dated(numbers)))
    assert {int(url.rsplit("/", 1)[1]) for url in (e.url for e in found.entries)} == set(
        range(500, count)
    )
    assert found.notes == (f"only the newest {MAX_ITEMS} entries were read",)
    items = [
        {"id": str(n), "url": f"{SITE}/a/{n}", "date_published": f"{at(n):%Y-%m-%dT%H:%M:%SZ}"}
        for n in numbers
    ]  # fmt: skip
    found = parsed(json.dumps({"version": "1.1", "items": items}))
    assert {int(e.url.rsplit("/", 1)[1]) for e in found.entries} == set(range(500, count))


def visited(
    answers: Mapping[str, str], known: frozenset[str], since: datetime | None
) -> tuple[Discovery, list[str]]:
    asked: list[str] = []

    async def get(url: str, **options: Any) -> Page:
        asked.append(url.removeprefix(SITE))
        body = answers.get(asked[-1])
        return Page(
            url=url, final_url=url, status=404 if body is None else 200, headers={},
            body=(body or "").encode(), fetched_at=NOW,
        )  # fmt: skip

    async def were_met(urls: Sequence[str]) -> frozenset[str]:
        return known & set(urls)

    source = Source(name="s", kind="feed", url=f"{SITE}/feed", outlet="Quay")
    found = asyncio.run(discover(source, get, at=NOW, since=since, known=were_met))
    return found, asked


def page_of(number: int, relation: str = "next", form: str = "rss") -> str:
    following = f"{SITE}/feed?page={number + 1}"
    if form == "json":
        items = [{"id": str(n), "url": f"{SITE}/p{number}/{n}", "title": "A"} for n in range(3)]
        return json.dumps({"version": "1.1", "items": items, "next_url": following})
    link = f"<atom:link rel='{relation}' href='{following}'/>".replace("&", "&amp;")
    entries = "".join(
        f"<item><title>A</title><link>{SITE}/p{number}/{n}</link></item>" for n in range(3)
    )
    return rss(entries, head=link)


def many(relation: str = "next", form: str = "rss") -> dict[str, str]:
    pages = {f"/feed?page={n}": page_of(n, relation, form) for n in range(2, 30)}
    return {"/feed": page_of(1, relation, form), **pages}


@pytest.mark.parametrize(
    ("relation", "form"), [("next", "rss"), ("prev-archive", "rss"), ("next", "json")]
)
def test_after_an_overrun_older_documents_of_the_feed_are_read_until_something_is_known(
    relation: str, form: str
) -> None:
    known = frozenset({f"{SITE}/p3/1"})
    found, asked = visited(many(relation, form), known, NOW - timedelta(hours=1))
    assert asked == ["/feed", "/feed?page=2", "/feed?page=3"]
    assert len(found.links) == 9 and found.window == 9
    assert not found.notes


def test_older_documents_are_left_alone_where_nothing_was_missed_or_nothing_was_read_before() -> (
    None
):
    known = frozenset({f"{SITE}/p1/2"})
    assert visited(many(), known, NOW - timedelta(hours=1))[1] == ["/feed"]
    assert visited(many(), frozenset(), None)[1] == ["/feed"]


def test_older_documents_are_bounded_end_in_a_circle_and_stay_on_the_site() -> None:
    since = NOW - timedelta(hours=1)
    assert len(visited(many(), frozenset(), since)[1]) == MAX_PAGES
    circle = {"/feed": page_of(1), "/feed?page=2": page_of(1)}
    assert visited(circle, frozenset(), since)[1] == ["/feed", "/feed?page=2"]
    away = {"/feed": page_of(1).replace(f"{SITE}/feed?page", "https://else.example/feed?page")}
    assert visited(away, frozenset(), since)[1] == ["/feed"]
    found, asked = visited({"/feed": page_of(1)}, frozenset(), since)
    assert asked == ["/feed", "/feed?page=2"] and "404" in found.notes[0]
    assert len(found.links) == 3, "what was read stays"
