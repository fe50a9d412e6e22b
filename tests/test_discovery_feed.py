"""Feeds: every dialect gives links, and nothing that a feed holds can hurt."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.discovery import discover
from scraper.discovery.feed import MAX_ITEMS, NO_ENTRIES, parse_feed
from scraper.discovery.visit import Entry
from scraper.errors import DiscoverError, FetchError
from scraper.models import Discovery, Page, Source

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
URL = "https://news.example/feeds/main.xml"
SOURCE = Source(name="main", kind="feed", url=URL, outlet="News", zone="Asia/Shanghai")
REAL = Path(__file__).resolve().parents[2] / "shared" / "real" / "feeds"


def parse(body: bytes | str, source: Source = SOURCE, kind: str = "") -> tuple[Entry, ...]:
    raw = body if isinstance(body, bytes) else body.encode()
    entries: tuple[Entry, ...] = parse_feed(raw, URL, kind, source, NOW).entries
    return entries


def rss(*items: str, head: str = "<?xml version='1.0' encoding='utf-8'?>") -> str:
    return f"{head}<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>"


def item(n: int, extra: str = "") -> str:
    return f"<item><title>Story {n}</title><link>https://news.example/{n}</link>{extra}</item>"


DIALECTS = {
    "rss-0.91": "<rss version='0.91'><channel><item><title>A</title><link>/a</link></item>"
    "</channel></rss>",
    "rss-2.0": rss("<item><title>A</title><link>https://news.example/a</link></item>"),
    "rdf": "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
    "xmlns='http://purl.org/rss/1.0/'><channel/><item rdf:about='https://news.example/a'>"
    "<title>A</title><link>https://news.example/a</link></item></rdf:RDF>",
    "atom": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title>"
    "<link rel='replies' href='/a/comments'/><link href='/a'/></entry></feed>",
    "atom-self-only": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title>"
    "<link rel='self' href='/a'/></entry></feed>",
    "guid-only": rss("<item><title>A</title><guid>https://news.example/a</guid></item>"),
    "proxy-link": "<rss version='2.0' xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>"
    "<channel><item><title>A</title><link>https://proxy.example/~r/1</link>"
    "<feedburner:origLink>https://news.example/a</feedburner:origLink></item></channel></rss>",
    "json": json.dumps(
        {"version": "https://jsonfeed.org/version/1.1",
         "items": [{"id": "7", "url": "/a", "title": "A"}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_address_and_headline(dialect: str) -> None:
    [entry] = parse(DIALECTS[dialect])
    assert (entry.url, entry.title) == ("https://news.example/a", "A")


DATES = [
    ("Thu, 20 Nov 2025 08:30:00 +0800", "2025-11-20T00:30"),
    ("Thu, 20 Nov 2025 08:30:00 GMT", "2025-11-20T08:30"),
    ("2025-11-20T08:30:00Z", "2025-11-20T08:30"),
    ("2025-11-20 08:30:00", "2025-11-20T00:30"),  # none stated: the source's own
    ("Thu, 20 Nov 2025 08:30:00 CST", "2025-11-20T00:30"),  # China's, not Chicago's
    ("2025年11月20日 08:30", "2025-11-20T00:30"),
    ("2025/11/20 08:30", "2025-11-20T00:30"),
    ("Sat, 20 Nov 1979 08:30:00 GMT", None),
    ("2031-01-01T00:00:00Z", None),
    ("soon", None),
]


@pytest.mark.parametrize(("printed", "utc"), DATES)
def test_dates_are_right_or_absent(printed: str, utc: str | None) -> None:
    [entry] = parse(rss(item(1, f"<pubDate>{printed}</pubDate>")))
    got = entry.published.astimezone(UTC).isoformat()[:16] if entry.published else None
    assert (got, entry.published_raw) == (utc, printed)


def test_links_are_absolute_filtered_and_each_once() -> None:
    source = Source(
        name="main", kind="feed", url=URL, outlet="News", include=(r"/20\d\d/",),
        exclude=(r"/sport/",),
    )  # fmt: skip
    addresses = [
        "../2025/a?utm_source=rss",
        "https://news.example/2025/a",
        "/2025/b#comments",
        "/2025/sport/c",
        "/about",
        "javascript:alert(1)",
        "",
    ]
    items = [f"<item><title>x</title><link>{a}</link></item>" for a in addresses]
    assert [link.url for link in visit(rss(*items).encode(), source=source).links] == [
        "https://news.example/2025/a?utm_source=rss",
        "https://news.example/2025/b",
    ]


@pytest.mark.parametrize("encoding", ["gb2312", "gbk", "big5", "utf-16", "gb18030"])
def test_characters_survive_whatever_the_declaration_means(encoding: str) -> None:
    title = "開源模型" if encoding == "big5" else "开源模型"
    body = rss(
        f"<item><title>{title}</title><link>/a</link></item>",
        head=f"<?xml version='1.0' encoding='{encoding}'?>",
    ).encode(encoding)
    assert parse(body)[0].title == title


def test_one_wrong_byte_costs_one_character() -> None:
    body = rss("<item><title>开源模型X竞赛</title><link>/a</link></item>").encode()
    assert parse(body.replace(b"X", b"\xff"))[0].title == "开源模型\ufffd竞赛"


def test_surrogates_and_control_characters_are_dropped() -> None:
    [entry] = parse(
        rss("<item><title>A&#xD800;B\x08&#0;C&#55357;\x1b</title><link>/a</link></item>")
    )
    assert entry.title == "ABC"


def test_headlines_are_plain_text() -> None:
    [entry] = parse(
        rss("<item><title><![CDATA[<b>AT&amp;T</b> &lt; rivals]]></title><link>/a</link></item>")
    )
    assert entry.title == "AT&T < rivals"


def test_entities_are_never_expanded_or_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 9))
    head = f"<!DOCTYPE r [<!ENTITY x SYSTEM 'file://{secret}'><!ENTITY l0 'ha'>{laughs}]>"
    entries = parse(rss("<item><title>&x;&l8;</title><link>/a</link></item>", head=head))
    assert all("SECRET" not in e.title and len(e.title) < 100 for e in entries)


def test_a_body_that_is_a_path_is_not_opened(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(rss(item(1)))
    with pytest.raises(DiscoverError, match="not a feed"):
        parse(str(feed))


def test_of_twenty_thousand_items_the_first_two_thousand_are_read() -> None:
    feed = parse_feed(rss(*map(item, range(20_000))).encode(), URL, "", SOURCE, NOW)
    entries, notes = feed.entries, feed.notes
    assert len(entries) == MAX_ITEMS
    assert entries[-1].url == f"https://news.example/{MAX_ITEMS - 1}"
    assert notes == (f"only the first {MAX_ITEMS} entries were read",)


def test_a_truncated_feed_gives_its_whole_items() -> None:
    whole = rss(*map(item, range(10)))
    feed = parse_feed(whole[: whole.index("Story 7")].encode(), URL, "", SOURCE, NOW)
    entries, notes = feed.entries, feed.notes
    assert [e.url[-1] for e in entries][:7] == list("0123456")
    assert "malformed" in notes[0]


def test_a_feed_without_entries_is_no_error() -> None:
    feed = parse_feed(rss().encode(), URL, "", SOURCE, NOW)
    assert (feed.entries, feed.notes) == ((), (NO_ENTRIES,))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"<!DOCTYPE html><html><body><a href='/a'>A</a></body></html>",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        b"<?xml version='1.0'?><urlset><url><loc>https://news.example/a</loc></url></urlset>",
        b'{"items": 3}',
        b'{"broken": ',
        b"[1, 2]",
        b'{"items": [], "n": ' + b"9" * 5000 + b"}",
        b"\x89PNG\r\n\x1a\n",
        b"Just a moment...",
    ],
)
def test_what_is_no_feed_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(DiscoverError) as caught:
        parse(body)
    assert caught.value.error_class == "not_a_feed"
    assert "\n" not in caught.value.message


def test_json_items_that_are_no_items_are_passed_over() -> None:
    items = [1, None, {"id": 7}, {"url": 3, "title": ["x"]}, {"url": "/a", "title": None}]
    assert [e.url for e in parse(json.dumps({"items": items}))] == ["https://news.example/a"]


def visit(body: bytes, *, status: int = 200, source: Source = SOURCE, etag: str = "") -> Discovery:
    async def get(
        url: str, *, etag: str = "", last_modified: str = "", max_bytes: int | None = None
    ) -> Page:
        answer = 304 if etag == '"1"' else status
        return Page(url=url, final_url=url, status=answer, headers={}, body=body, fetched_at=NOW)

    return asyncio.run(discover(source, get, etag=etag, at=NOW))


def test_a_visit_gives_links_with_their_rank_and_the_page() -> None:
    found = visit(rss(item(1), item(2)).encode())
    assert [(link.position, link.source, link.title) for link in found.links] == [
        (0, "main", "Story 1"),
        (1, "main", "Story 2"),
    ]
    assert found.pages[0].status == 200 and not found.unchanged


def test_not_modified_means_nothing_new() -> None:
    found = visit(b"", etag='"1"')
    assert found.unchanged and not found.links


@pytest.mark.parametrize(("status", "kind"), [(404, "gone"), (410, "gone"), (500, "http_error")])
def test_another_status_is_a_failure_of_its_class(status: int, kind: str) -> None:
    with pytest.raises(FetchError) as caught:
        visit(rss(item(1)).encode(), status=status)
    assert (caught.value.error_class, caught.value.status) == (kind, status)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real feeds are not here")
@pytest.mark.parametrize(
    ("name", "count"), [("feed.json", 25), ("feed1.atom", 2), ("feed2.rss", 1)]
)
def test_real_feeds_read_as_they_should(name: str, count: int) -> None:
    entries = parse((REAL / name).read_bytes())
    assert len(entries) == count
    assert all(entry.title and entry.published for entry in entries)
