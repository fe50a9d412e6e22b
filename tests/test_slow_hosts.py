"""A host that wants long pauses and has much to read: the others do not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archiving import HOUR, START, opened

from scraper import Archive
from scraper.config import load_config
from scraper.models import Discovery, Link, Source
from scraper.pipeline import Pipeline, RunCounts
from tests.gauntlet.server import Server, reply
from tests.gauntlet.trial import settings_for

LINES = [
    "The tide office said on Monday that its model of the estuary would be published in full.",
    "Its head, Oona Bright, told the harbour that the weights had been paid for by the public.",
    "A copy will be kept at the school of navigation, with the tables that it was trained on.",
    "The pilots, who had asked for it in writing, may now run it on the bridge of each ship.",
    "Whoever grounds a boat because of the model is still asked the questions of every inquest.",
]
HOSTS = ("slow.localhost", "quick.localhost")
ARTICLES = 5


def story(title: str) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in (f"{title}, its board said.", *LINES))
    return reply(
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}"
        "</article></body></html>"
    )


def routes(server: Server, host: str) -> dict[str, bytes]:
    """Return a site's pages: a feed and its articles, which have headlines of their own."""
    addresses = {
        f"/{n}": f"Estuary model {n} opened by the {host[:4]} office" for n in range(ARTICLES)
    }
    items = "".join(
        f"<item><title>{title}</title><link>{server.url(path, host)}</link></item>"
        for path, title in addresses.items()
    )
    feed = reply(f"<rss version='2.0'><channel>{items}</channel></rss>", Content_Type="text/xml")
    pages = {host + path: story(title) for path, title in addresses.items()}
    return {f"{host}/feed": feed, **pages}


def done(tally: RunCounts) -> int:
    sums = tally.total()
    return sum(sums[name] for name in ("known", "kept", "unchanged", "rejected", "failed"))


def test_a_pass_of_limited_time_leaves_a_slow_host_to_the_next_one(tmp_path: Path) -> None:
    with Server({}) as server:
        for host in HOSTS:
            server.routes |= routes(server, host)
        server.routes["slow.localhost/robots.txt"] = reply("User-agent: *\nCrawl-delay: 1\n")
        sources = tuple(
            Source(name=host[:4], kind="feed", url=server.url("/feed", host), outlet=host)
            for host in HOSTS
        )
        config = replace(load_config(), fetch=settings_for(server.port), sources=sources)

        async def run() -> tuple[RunCounts, list[str], RunCounts]:
            async with Pipeline(config, open_archive=lambda: Archive(tmp_path)) as pipeline:
                first = await pipeline.collect(at_most=2.0)
                asked = server.paths("slow")
                return first, asked, await pipeline.collect()

        first, asked, second = asyncio.run(run())
    assert len(asked) < ARTICLES + 1
    for tally in (first, second):
        assert tally.total()["seen"] == done(tally)
    for name in ("slow", "quic"):
        assert first.of(name).kept + second.of(name).kept == ARTICLES
        # Each was asked for once.
        wanted = [f"/{n}" for n in range(ARTICLES)]
        assert sorted(path for path in server.paths(name) if path in wanted) == wanted


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


def links_of(host: str, count: int) -> tuple[Link, ...]:
    return tuple(Link(url=f"https://{host}/news/{n}", source="ledger") for n in range(count))


def test_the_pages_of_a_host_that_lags_behind_do_not_fill_a_pass(archive: Archive) -> None:
    source = Source(name="ledger", kind="feed", url="https://a.example/rss", outlet="The Ledger")
    archive.sync_sources([source], START)
    archive.record_visit("ledger", START, discovery=Discovery(links=links_of("a.example", 60)))
    later = START + HOUR
    archive.record_visit("ledger", later, discovery=Discovery(links=links_of("b.example", 4)))
    due = [link.url for link in archive.due_pages(later, 20)]
    assert len(due) == len(set(due)) == 20
    assert sum("b.example" in url for url in due) == 4 - 2
    # Where there is room, all are taken.
    assert len(archive.due_pages(later, 100)) == 64
