"""Gauntlet 42 to 47: hostile feeds and sitemaps, from the socket through the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper import Archive
from scraper.config import load_config
from scraper.discovery import discover
from scraper.discovery.feed import MAX_ITEMS
from scraper.errors import ScraperError
from scraper.fetching import Client
from scraper.models import Discovery, Source
from scraper.pipeline import Pipeline, RunCounts
from scraper.workers import ParserPool
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.test_bodies import packed_zeros
from tests.gauntlet.trial import settings_for, unharmed

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
XML = {"Content_Type": "application/rss+xml; charset=utf-8"}


def visit(
    feed: bytes | str, *, kind: str = "feed", zone: str = "Asia/Shanghai", **more: Script
) -> tuple[Discovery | str, Server]:
    """Visit a source that answers with these bytes, in a worker, unharmed; or return its class."""
    routes: Mapping[str, Script] = {"/feed": reply(feed, **XML), **more}

    async def run(server: Server) -> Discovery | str:
        source = Source(
            name="hostile", kind=kind, url=server.url("/feed"), outlet="Hostile", zone=zone
        )
        with ParserPool(workers=1, preload=("scraper.discovery",)) as pool:
            async with Client(settings_for(server.port)) as client, unharmed(client):
                try:
                    return await discover(source, client.get, pool.run, at=NOW)
                except ScraperError as error:
                    return error.error_class

    with Server(routes) as server:
        return asyncio.run(run(server)), server


def rss(items: str, head: str = "") -> str:
    return f"<?xml version='1.0'?>{head}<rss version='2.0'><channel>{items}</channel></rss>"


def item(title: str, link: str = "https://a.example/1", extra: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{extra}</item>"


def _laughs(count: int) -> str:
    names = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, count))
    return f"<!DOCTYPE r [<!ENTITY l0 'HAHAHAHAHA'>{names}]>"


EXPANDING: dict[str, Callable[[Path], str]] = {
    "a file": lambda file: rss(
        item("&x;"), f"<!DOCTYPE r [<!ENTITY x SYSTEM 'file://{file}'>]>"
    ),
    "a file, by a parameter": lambda file: rss(
        item("&x;"), f"<!DOCTYPE r [<!ENTITY % p SYSTEM 'file://{file}'> %p;]>"
    ),
    "billion laughs": lambda file: rss(item("&l9;"), _laughs(10)),
    "laughs in a link": lambda file: rss(item("A", "https://a.example/&l9;"), _laughs(10)),
    "quadratic": lambda file: rss(
        item("&q;" * 10_000), f"<!DOCTYPE r [<!ENTITY q '{'HAHAHAHAHA' * 5_000}'>]>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
@pytest.mark.parametrize("attack", EXPANDING)
def test_g42_entities_are_not_expanded(attack: str, kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    body = EXPANDING[attack](secret)
    if kind == "sitemap":
        body = body.replace("rss", "urlset").replace("<item>", "<url>").replace("link>", "loc>")
        body = body.replace("</item>", "</url>").replace("<channel>", "").replace("</channel>", "")
    found, _ = visit(body, kind=kind)
    said = found if isinstance(found, str) else str(found.links) + str(found.notes)
    assert "SECRET" not in said and said.count("HAHA") < 10 and len(said) < 5_000


@pytest.mark.parametrize("form", ["{path}", "file://{path}", "{url}", "  {path}\n"])
def test_g43_a_feed_that_reads_like_a_path_or_an_address_is_never_opened(
    form: str, tmp_path: Path
) -> None:
    local = tmp_path / "feed.xml"
    local.write_text(rss(item("from the disk")))
    with Server({"/other": reply(rss(item("from elsewhere")), **XML)}) as other:
        found, _ = visit(form.format(path=local, url=other.url("/other")))
        assert found == "not_a_feed"
        assert other.paths() == []


def test_g44_of_twenty_thousand_items_the_first_two_thousand_are_taken() -> None:
    items = "".join(item(f"Story {n}", f"https://a.example/{n}") for n in range(20_000))
    found, _ = visit(rss(items))
    assert isinstance(found, Discovery)
    assert [link.url.rsplit("/", 1)[1] for link in found.links] == [
        str(n) for n in range(MAX_ITEMS)
    ]


def test_g44_of_a_cut_feed_the_whole_items_are_kept() -> None:
    body = rss("".join(item(f"Story {n}", f"https://a.example/{n}") for n in range(100)))
    found, _ = visit(body[: body.index("Story 60")])
    assert isinstance(found, Discovery)
    assert [link.title for link in found.links][:60] == [f"Story {n}" for n in range(60)]
    assert "malformed" in found.notes[0]


def test_g44_surrogates_cost_no_item() -> None:
    items = "".join(
        item(f"A&#xD800;B&#56832; {n}", f"https://a.example/{n}") for n in range(MAX_ITEMS)
    )
    found, _ = visit(rss(items))
    assert isinstance(found, Discovery)
    assert len(found.links) == MAX_ITEMS
    assert {link.title.split()[0] for link in found.links} == {"AB"}


def test_g44_raw_surrogates_and_nul_bytes_cost_no_item() -> None:
    body = rss(item("A@B#C") + item("whole", "https://a.example/2")).encode()
    found, _ = visit(body.replace(b"@", b"\xed\xa0\x80").replace(b"#", b"\x00"))
    assert isinstance(found, Discovery)
    assert [link.title for link in found.links][1] == "whole"
    assert not any(0xD800 <= ord(c) < 0xE000 or c == "\0" for c in found.links[0].title)


def test_g45_a_web_page_for_a_feed_is_an_error_of_the_source_and_hurts_no_other(
    tmp_path: Path,
) -> None:
    page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Hello</body></html>"
    routes: dict[str, Script] = {
        "/feed": reply(page),
        "/good": reply(rss(""), **XML),
    }

    async def run(server: Server) -> list[RunCounts]:
        sources = tuple(
            Source(name=name, kind="feed", url=server.url(f"/{name}"), outlet=name)
            for name in ("feed", "good")
        )
        config = replace(load_config(), fetch=settings_for(server.port), sources=sources)
        async with Pipeline(config, open_archive=lambda: Archive(tmp_path)) as pipeline:
            return [await pipeline.collect(("feed", "good")) for _ in range(2)]

    with Server(routes) as server:
        for tally in asyncio.run(run(server)):
            assert "not a feed" in tally.of("feed").error and not tally.of("good").error
    with Archive(tmp_path) as archive:
        failures = {s.name: (s.failures, s.last_class) for s in archive.status(NOW).sources}
    assert failures == {"feed": (2, "not_a_feed"), "good": (0, "")}


# As printed by a source in Shanghai, seen at NOW; UTC, or None where it must not be guessed.
DATES = {
    "Tue, 10 Mar 2026 08:30:00 +0800": "2026-03-10T00:30",
    "Tue, 10 Mar 2026 08:30:00 GMT": "2026-03-10T08:30",
    "Tue, 10 Mar 2026 08:30:00 CST": "2026-03-10T00:30",
    "2026-03-10T08:30:00Z": "2026-03-10T08:30",
    "2026-03-10T08:30:00+08:00": "2026-03-10T00:30",
    "2026-03-10 08:30:00": "2026-03-10T00:30",
    "2026年03月10日 08:30": "2026-03-10T00:30",
    "2026/03/10 08:30": "2026-03-10T00:30",
    "2026-03-10 08:30:00 GMT+8": "2026-03-10T00:30",
    "1773102600": "2026-03-10T00:30",
    "1773102600000": "2026-03-10T00:30",
    "Thu, 01 Jan 1970 00:00:00 GMT": None,
    "Fri, 13 Mar 2026 12:00:00 GMT": None,
    "soon": None,
}


def test_g46_fourteen_odd_dates_are_right_or_absent() -> None:
    assert len(DATES) == 14
    items = "".join(
        item("A", f"https://a.example/{n}", f"<pubDate>{raw}</pubDate>")
        for n, raw in enumerate(DATES)
    )
    found, _ = visit(rss(items))
    assert isinstance(found, Discovery)
    read = {
        link.published_raw: link.published.astimezone(UTC).isoformat()[:16]
        if link.published
        else None
        for link in found.links
    }
    assert read == DATES


def test_g47_circles_of_indexes_are_read_once_each_however_they_are_spelt() -> None:
    index = "<sitemapindex><sitemap><loc>{}</loc></sitemap><sitemap><loc>{}</loc></sitemap>"
    with Server({}) as server:
        server.routes = {
            "/feed": reply(index.format(server.url("/b"), server.url("/feed#x"))),
            "/b": reply(index.format(server.url("/feed"), server.url("/b?utm_source=x"))),
        }
        source = Source(name="s", kind="sitemap", url=server.url("/feed"), outlet="S")

        async def run() -> Discovery:
            async with Client(settings_for(server.port)) as client, unharmed(client):
                return await discover(source, client.get, at=NOW)

        assert asyncio.run(run()).links == ()
        assert sorted(server.paths()) == ["/b", "/feed"]


def test_g47_a_source_that_is_a_bomb_is_too_large() -> None:
    found, _ = visit(packed_zeros(1024), kind="sitemap")
    assert found == "too_large"
