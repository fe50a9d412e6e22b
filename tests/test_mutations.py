"""Documents that were damaged on the way: whatever the damage, a parser reads it or refuses it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from scraper.discovery.feed import parse_feed
from scraper.discovery.listing import parse_listing
from scraper.discovery.sitemap import parse_sitemap
from scraper.discovery.url_list import parse_addresses
from scraper.errors import ScraperError
from scraper.exchange.opml import read_opml
from scraper.models import Source

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SITE = "https://harbour-press.example"

DOCUMENTS = [
    "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
    f"<channel><title>T</title><link>{SITE}</link><item><title>Ferry &amp; quay</title>"
    f"<link>{SITE}/1?a=1&amp;b=2</link><guid isPermaLink='false'>7</guid>"
    "<pubDate>Mon, 23 Nov 2026 08:30:00 +0800</pubDate>"
    "<content:encoded><![CDATA[<p>Whole text.</p>]]></content:encoded></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom'><title>港口</title><link rel='self' href='/atom'/>"
    "<entry><title>渡輪</title><link href='/2'/><id>tag:x,2026:2</id>"
    "<updated>2026-11-22T08:00:00Z</updated><summary>摘要</summary></entry></feed>",
    '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "3", "url": "/3",'
    ' "title": "Three", "date_published": "2026-11-20T10:00:00+08:00", "content_text": "x"}]}',
    "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    " xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url>"
    f"<loc>{SITE}/4</loc><lastmod>2026-11-22</lastmod><news:news><news:title>Four</news:title>"
    "<news:publication_date>2026-11-22T08:00+08:00</news:publication_date></news:news></url></urlset>",
    "<html><body><ul>"
    + "".join(
        f"<li><a href='/a/2026/112{n}/{n}.html'>港口船票系统第{n}次换用开放权重模型</a>"
        f"<span>11-2{n}</span></li>"
        for n in range(4)
    )
    + "</ul><a rel='next' href='?page=2'>2</a></body></html>",
    f"{SITE}/5\n{SITE}/6 # six\n",
    "<opml version='2.0'><body><outline text='Press'><outline type='rss' text='H'"
    f" xmlUrl='{SITE}/feed'/></outline></body></opml>",
]
DAMAGE = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"\x00", b"\xff", b"\xed\xa0\x80", b"&#xD800;",
    b"9" * 20, b"http://[", b"http://a:99999/", b"//", b"\\", b"2026-02-30", b"31 11\xe6\x9c\x88",
    b'"', b"'", b"{", b"[", b":", b"xmlns:a='", b"%", b"</link>", b"<links>", b"</entry>",
]  # fmt: skip


def _feed(body: bytes, source: Source) -> Any:
    return parse_feed(body, f"{SITE}/x", "", source, NOW)


def _sitemap(body: bytes, source: Source) -> Any:
    return parse_sitemap(body, f"{SITE}/x", "", source, NOW)


def _listing(body: bytes, source: Source) -> Any:
    return parse_listing(body, f"{SITE}/x", "", source, NOW)


def _addresses(body: bytes, source: Source) -> Any:
    return parse_addresses(body, f"{SITE}/x", "", source, NOW)


def _opml(body: bytes, source: Source) -> Any:
    return read_opml(body, "x.opml")


def _damaged(chance: random.Random) -> bytes:
    body = bytearray(chance.choice(DOCUMENTS).encode())
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)
        how = chance.random()
        if how < 0.4:
            body[at:at] = chance.choice(DAMAGE)
        elif how < 0.7:
            del body[at : at + chance.randint(1, 30)]
        else:
            body[at:at] = body[other : other + chance.randint(1, 60)]
    return bytes(body)


@pytest.mark.parametrize("parse", [_feed, _sitemap, _listing, _addresses, _opml])
def test_a_damaged_document_is_read_or_refused(parse: Callable[[bytes, Source], Any]) -> None:
    chance = random.Random(11)
    read = refused = 0
    for _ in range(1500):
        body = _damaged(chance)
        zone = chance.choice(["", "Asia/Shanghai"])
        source = Source(name="s", kind="feed", url=f"{SITE}/x", outlet="S", zone=zone)
        try:
            found = parse(body, source)
        except ScraperError as error:
            assert str(error), body
            refused += 1
        else:
            assert found is not None, body
            read += 1
    assert read and refused
