"""Discovery as a whole: kinds, lists of addresses, and what goes through the worker."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pkgutil import resolve_name
from typing import Any

import pytest

from scraper.discovery import discover
from scraper.discovery.url_list import parse_addresses
from scraper.errors import DiscoverError
from scraper.models import Page, Source
from scraper.models.source_kinds import SOURCE_KINDS
from scraper.workers import ParserPool

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
URL = "https://news.example/list"
BODIES = {
    "feed": b"<rss version='2.0'><channel><item><title>A</title><link>/2025/a</link></item>"
    b"</channel></rss>",
    "sitemap": b"<urlset><url><loc>https://news.example/2025/a</loc></url></urlset>",
    "listing": b"<main>"
    + b"".join(
        b"<h2><a href='/2025/11/20/%s'>A headline that is long enough</a></h2>" % x
        for x in (b"a", b"b")
    )
    + b"</main>",
    "urls": b"https://news.example/2025/a\n",
}  # fmt: skip


def page(url: str, body: bytes) -> Page:
    return Page(url=url, final_url=url, status=200, headers={}, body=body, fetched_at=NOW)


def source(kind: str, **options: Any) -> Source:
    return Source(name="s", kind=kind, url=URL, outlet="News", **options)


def test_every_kind_but_captures_has_a_reader_that_is_there() -> None:
    readers = {name: kind.reader for name, kind in SOURCE_KINDS.items()}
    assert readers.pop("warc") == "", "captures are imported by the pipeline"
    assert all(callable(resolve_name(reader)) for reader in readers.values())


@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_parses_through_the_runner_with_what_can_be_pickled(kind: str) -> None:
    calls: list[Callable[..., Any]] = []

    async def get(url: str, **options: Any) -> Page:
        return page(url, BODIES[kind])

    async def run(function: Callable[..., Any], *args: object) -> Any:
        calls.append(function)
        there, given = pickle.loads(pickle.dumps((function, args)))
        return pickle.loads(pickle.dumps(there(*given)))

    found = asyncio.run(discover(source(kind), get, run, at=NOW))
    assert found.links[0].url.startswith("https://news.example/2025/")
    assert calls


def test_a_hostile_document_costs_itself_only() -> None:
    bodies = iter([b"<main>" + b"<div>" * 200_000, BODIES["listing"]])

    async def get(url: str, **options: Any) -> Page:
        return page(url, next(bodies))

    async def both() -> tuple[str, int]:
        with ParserPool(workers=1, timeout=3.0) as pool:
            try:
                await discover(source("listing"), get, pool.run, at=NOW)
                first = ""
            except Exception as error:  # noqa: BLE001 - whatever it is, it must have a class
                first = getattr(error, "error_class", "")
            second = await discover(source("listing"), get, pool.run, at=NOW)
            return first, len(second.links)

    first, links = asyncio.run(both())
    assert first in ("parse_timeout", "parse_crash", "no_links")
    assert links == 2


def test_an_unknown_kind_is_told() -> None:
    async def get(url: str, **options: Any) -> Page:
        raise AssertionError("nothing is fetched")

    with pytest.raises(DiscoverError, match="no such kind"):
        asyncio.run(discover(source("telepathy"), get))


def test_lists_of_addresses() -> None:
    body = (
        "\ufeff# our list\n\nhttps://news.example/a\tA title of ours\n"
        "  http://b.test/x?y=1#top \r\nftp://c.test/\nnot an address\nhttps://news.example/a\nhttps://\n"
    )
    entries = parse_addresses(body.encode(), URL, "text/plain", source("urls"), NOW)
    assert [(e.url, e.title) for e in entries][:2] == [
        ("https://news.example/a", "A title of ours"),
        ("http://b.test/x?y=1", ""),
    ]
    assert all(e.url.startswith("http") for e in entries)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>https://news.example/a</body></html>", b"a b c"]
)
def test_what_is_no_list_is_told(body: bytes) -> None:
    with pytest.raises(DiscoverError) as caught:
        parse_addresses(body, URL, "", source("urls"), NOW)
    assert caught.value.error_class == "no_links"
