"""Feeds as programs in the wild write them: nearly right, and read as they were meant."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from scraper.discovery.feed import Feed, parse_feed
from scraper.discovery.xml_repair import repair_xml
from scraper.errors import DiscoverError
from scraper.models import Source

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SITE = "https://news.harbour-press.com"


def parse(
    body: str | bytes, *, zone: str = "", language: str = "", url: str = f"{SITE}/feed"
) -> Feed:
    source = Source(name="s", kind="feed", url=url, outlet="S", zone=zone, language=language)
    return parse_feed(body if isinstance(body, bytes) else body.encode(), url, "", source, NOW)


def rss(*items: str, head: str = "", before: str = "", after: str = "") -> str:
    return (
        f"{before}<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>"
        f"<link>{SITE}/</link>{head}{''.join(items)}</channel></rss>{after}"
    )


def item(title: str, link: str, more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def test_an_element_called_as_a_list_is_passes_for_none() -> None:
    feed = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><links>here</links>"
        "<entry><title>A</title><links>there</links><content>x</content><id>/a</id></entry>"
        "<entry><title>B</title><link href='/b'/></entry></feed>"
    )
    assert [entry.url for entry in feed.entries] == [f"{SITE}/a", f"{SITE}/b"]


def test_a_feed_that_its_parser_falls_over_is_refused_as_such() -> None:
    broken = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link>x</entry></link></feed>"
    with pytest.raises(DiscoverError, match="malformed") as caught:
        parse(broken)
    assert caught.value.error_class == "not_a_feed"


def test_a_packed_feed_is_unpacked() -> None:
    body = rss(item("A", "/a"), item("B", "/b")).encode()
    for packed in (gzip.compress(body), gzip.compress(gzip.compress(body))):
        assert [entry.title for entry in parse(packed).entries] == ["A", "B"]
    with pytest.raises(DiscoverError, match="broken gzip") as caught:
        parse(b"\x1f\x8b" + b"no gzip at all")
    assert caught.value.error_class == "not_a_feed"


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("Bread & water", "Bread & water"),
        ("AT&T sells", "AT&T sells"),
        ("Rise&nbsp;&mdash; and fall&hellip;", "Rise — and fall…"),
        ("Tom &amp;amp; Ann", "Tom & Ann"),
        ("a&#11;b&#x0;c", "abc"),
        ("<![CDATA[Tom & Ann &copy; <em>2026</em>]]>", "Tom & Ann © 2026"),
    ],
)
def test_references_that_xml_does_not_know(printed: str, meant: str) -> None:
    feed = parse(rss(item(printed, "/a?x=1&amp;y=2"), item("B", "/b?x=1&y=2"), item("C", "/c")))
    assert [entry.title for entry in feed.entries] == [meant, "B", "C"]
    assert [entry.url for entry in feed.entries] == [
        f"{SITE}/a?x=1&y=2", f"{SITE}/b?x=1&y=2", f"{SITE}/c",
    ]  # fmt: skip
    assert "malformed" in feed.notes[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<br />\n<b>Warning</b>: headers already sent in <b>/srv/x.php</b> on line <b>3</b>", ""),
        ("Notice: Undefined index: page\n", ""),
        ("\ufeff\n\n  ", "\n"),
        ("", "\n<!-- cached in 0.2 s --><script>count()</script>"),
    ],
)
def test_what_stands_around_a_feed_is_passed_over(before: str, after: str) -> None:
    feed = parse(rss(item("AT&T", "/a"), before=before, after=after))
    assert [(entry.title, entry.url) for entry in feed.entries] == [("AT&T", f"{SITE}/a")]


def test_text_marked_as_data_is_not_mended() -> None:
    assert repair_xml("<rss><![CDATA[a & b &nbsp;]]>&lt; & &copy;</rss>") == (
        "<rss><![CDATA[a & b &nbsp;]]>&lt; &amp; ©</rss>"
    )
    assert (
        repair_xml("<rss>&ltbr; &unknown; &#38;</rss>") == "<rss>&lt;br; &amp;unknown; &#38;</rss>"
    )


def test_entries_that_all_lead_home_are_told_apart_by_their_guids() -> None:
    def guid(n: int, host: str = SITE) -> str:
        return f"<guid>{host}/p/{n}</guid>"

    told = parse(rss(*(item(f"S{n}", f"{SITE}/", guid(n)) for n in range(3))))
    assert [entry.url for entry in told.entries] == [f"{SITE}/p/{n}" for n in range(3)]
    # Another site's addresses, or the same one for all, tell nothing.
    away = parse(rss(*(item(f"S{n}", f"{SITE}/", guid(n, "https://else.com")) for n in range(3))))
    same = parse(rss(*(item(f"S{n}", f"{SITE}/", guid(1)) for n in range(3))))
    for feed in (away, same):
        assert {entry.url for entry in feed.entries} == {f"{SITE}/"}
        assert feed.notes == ("3 entries, but only 1 different addresses",)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        (item("A", "www.harbour-press.com/a"), "https://www.harbour-press.com/a"),
        (item("A", "//m.harbour-press.com/a"), "https://m.harbour-press.com/a"),
        (item("A", "www-archive/a"), f"{SITE}/www-archive/a"),
        (item("A", "http://x.test/apiclick.aspx?a=1&amp;url=https%3a%2f%2fb.test%2f1"), "https://b.test/1"),
    ],
)  # fmt: skip
def test_links_as_they_are_written(entry: str, url: str) -> None:
    assert [e.url for e in parse(rss(entry)).entries] == [url]


def test_content_that_lies_elsewhere_is_the_article() -> None:
    feed = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><title>A</title>"
        "<id>tag:x,2026:1</id><content type='text/html' src='/a.html'/></entry></feed>"
    )
    assert [entry.url for entry in feed.entries] == [f"{SITE}/a.html"]


@pytest.mark.parametrize(
    ("printed", "utc"),
    [
        ("星期一, 23 十一月 2026 08:30:00 +0800", "2026-11-23T00:30"),
        ("Mon, 23 11月 2026 08:30:00 +0800", "2026-11-23T00:30"),
        ("Mon, 23 Nov 26 08:30:00 +0800", "2026-11-23T00:30"),
        ("2026/11/22 下午 08:30:12", "2026-11-22T12:30"),
        ("Mon Nov 23 08:30:00 CST 2026", "2026-11-23T00:30"),
        ("1795422600000", "2026-11-23T08:30"),
        ("Mon, 30 Nov -0001 00:00:00 +0000", None),
        ("Mon, 23 十三月 2026 08:30:00 +0800", None),
    ],
)
def test_times_as_programs_print_them(printed: str, utc: str | None) -> None:
    [entry] = parse(
        rss(item("A", "/a", f"<pubDate>{printed}</pubDate>")), zone="Asia/Taipei"
    ).entries
    assert (entry.published.astimezone(UTC).isoformat()[:16] if entry.published else None) == utc


@pytest.mark.parametrize(
    ("head", "title", "language", "utc"),
    [
        ("<language>zh-cn</language>", "A", "", "2026-11-22T16:30"),
        ("", "港口船票系统换用开放权重的模型", "", "2026-11-22T16:30"),
        ("", "A", "zh-Hant", "2026-11-22T16:30"),
        ("<language>en-gb</language>", "A", "", "2026-11-23T00:30"),
        ("", "A", "", "2026-11-23T00:30"),
    ],
)
def test_without_a_zone_the_feeds_own_language_tells_it(
    head: str, title: str, language: str, utc: str
) -> None:
    body = rss(item(title, "/a", "<pubDate>2026-11-23 00:30:00</pubDate>"), head=head)
    [entry] = parse(body, language=language).entries
    assert entry.published is not None
    assert entry.published.astimezone(UTC).isoformat()[:16] == utc


def test_wrong_times_are_told() -> None:
    times = ("Mon, 23 Nov 2026 15:00:00 GMT", "2091-01-01", "some day", "2026-11-22T10:00:00Z")
    body = rss(*(item(t, f"/{n}", f"<pubDate>{t}</pubDate>") for n, t in enumerate(times)))
    assert parse(body).notes == (
        "impossible or unreadable times: 2, such as '2091-01-01'",
        "dated in the future: 1 entries; their zone may be wrong",
    )
