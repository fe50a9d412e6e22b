"""What a pass remembers of hosts, and whether it says who asks."""

from __future__ import annotations

import asyncio
import gc
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper import Archive
from scraper.config import load_config
from scraper.fetching.host_state import MOST_HOSTS, InMemoryHostStore
from scraper.fetching.rate_limit import HostRateLimiter
from scraper.fetching.robots import Robots
from scraper.models import FetchSettings, HostState, Source
from scraper.pipeline import Pipeline
from scraper.pipeline.archive_hosts import ArchiveHostStore
from scraper.urls import is_own_machine


@pytest.mark.parametrize(
    ("url", "own"),
    [("http://localhost/a", True), ("http://news.localhost:8001/a", True),
     ("http://127.0.0.1:8001/", True), ("http://[::1]:80/", True),
     ("http://localhost.example/", False), ("http://news.example/", False),
     ("http://127.example/", False), ("http://10.0.0.1/", False)],
)  # fmt: skip
def test_which_addresses_are_ones_own(url: str, own: bool) -> None:
    assert is_own_machine(url) is own


def test_what_is_read_of_a_host_never_replaces_something_newer() -> None:
    saved: list[HostState] = []

    async def read(host: str) -> HostState:
        if host == "b":
            hosts.save(HostState(host="b", failures=2))
        await asyncio.sleep(0)
        return HostState(host=host, failures=1)

    hosts = ArchiveHostStore(read, saved.append)

    async def run() -> None:
        await asyncio.gather(hosts.recall("a"), hosts.recall("b"))

    asyncio.run(run())
    assert (hosts.load("a").failures, hosts.load("b").failures) == (1, 2)
    assert [state.host for state in saved] == ["b"]


def test_a_wait_that_another_process_was_told_of_holds_for_a_host_that_is_known() -> None:
    until = datetime(2026, 11, 1, 12, tzinfo=UTC)
    archived = HostState(host="a")

    async def read(host: str) -> HostState:
        return archived

    hosts = ArchiveHostStore(read, lambda state: None)

    async def run() -> None:
        nonlocal archived
        await hosts.recall("a")
        hosts.save(HostState(host="a", robots="", robots_at=until))
        archived = HostState(host="a", not_before=until)
        await hosts.recall("a")
        assert hosts.load("a") == HostState(host="a", robots="", robots_at=until, not_before=until)
        # What this run was told itself holds though the archive could not be written.
        archived = HostState(host="a")
        await hosts.recall("a")
        assert hosts.load("a").not_before == until
        # Nothing is left of it once a good answer cleared it.
        hosts.save(replace(hosts.load("a"), not_before=None))
        await hosts.recall("a")
        assert hosts.load("a").not_before is None

    asyncio.run(run())


@pytest.mark.parametrize(
    ("contact", "host", "warned"),
    [("", "news.invalid", 1), ("desk@h.example", "news.invalid", 0), ("", "news.localhost", 0)],
)
def test_a_pass_over_others_sites_without_a_contact_is_warned_about(
    contact: str, host: str, warned: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source(name="s", kind="feed", url=f"http://{host}/feed.xml", outlet="News")
    settings = FetchSettings(contact=contact, connect_timeout=0.5, total_timeout=2.0)
    config = replace(load_config(), fetch=settings, sources=(source,))

    async def run() -> None:
        async with Pipeline(config, open_archive=lambda: Archive(tmp_path)) as pipeline:
            await pipeline.collect(["s"])
            await pipeline.collect(["s"])

    with caplog.at_level(logging.WARNING, logger="scraper"):
        asyncio.run(run())
    assert caplog.text.count("no contact is set") == warned


def test_a_crawl_delay_beyond_an_hour_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    memory = InMemoryHostStore()
    now = datetime(2026, 3, 1, tzinfo=UTC)
    text = "User-agent: *\nCrawl-delay: 999999999\n"
    memory.save(HostState(host="h.example", robots=text, robots_at=now))

    async def read(address: str) -> tuple[int, str]:
        raise AssertionError("it is known")

    robots = Robots(agent="scraper", memory=memory, clock=lambda: now, read=read)

    async def run() -> list[float]:
        return [await robots.delay("h.example") for _ in range(3)]

    assert asyncio.run(run()) == [3600.0] * 3
    assert caplog.text.count("is limited to an hour") == 1


def test_of_many_hosts_only_those_used_lately_stay_in_memory() -> None:
    read: list[str] = []

    async def run() -> tuple[ArchiveHostStore, int]:
        async def from_archive(host: str) -> HostState:
            read.append(host)
            return HostState(host=host, robots="User-agent: *\n" + "#" * 500_000)

        store = ArchiveHostStore(from_archive, lambda state: None)
        await store.recall("held.example")
        assert store.acquire("held.example")
        for number in range(3 * MOST_HOSTS):
            await store.recall(f"h{number}.example")
        return store, sum(
            store.load(f"h{number}.example").robots is not None for number in range(3 * MOST_HOSTS)
        )

    store, kept = asyncio.run(run())
    assert MOST_HOSTS // 2 < kept <= MOST_HOSTS
    assert store.load(f"h{3 * MOST_HOSTS - 1}.example").robots
    assert store.load("held.example").robots, "its request is under way"


def test_a_store_in_memory_forgets_old_hosts_but_not_their_waits() -> None:
    store = InMemoryHostStore(most=10)
    later = datetime(2026, 3, 1, tzinfo=UTC)
    store.save(HostState(host="waits.example", not_before=later))
    for number in range(100):
        store.save(HostState(host=f"h{number}.example", robots=""))
    assert store.load("waits.example").not_before == later
    assert sum(store.load(f"h{n}.example").robots is not None for n in range(100)) <= 10


def test_locks_of_hosts_end_with_their_requests() -> None:
    limiter = HostRateLimiter(
        delay=0.0, hosts=InMemoryHostStore(), clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)
    )

    async def one(host: str) -> None:
        async with limiter.turn(host):
            await asyncio.sleep(0)

    async def run() -> int:
        await asyncio.gather(*(one(f"h{number % 50}.example") for number in range(200)))
        gc.collect()
        return sum(isinstance(thing, asyncio.Lock) for thing in gc.get_objects())

    assert asyncio.run(run()) < 50


def test_a_wait_is_never_cut_short_by_what_is_stored(tmp_path: Path) -> None:
    until = datetime(2026, 3, 1, 8, 0, 5, 900_000, tzinfo=UTC)
    with Archive(tmp_path / "archive") as archive:
        archive.save_hosts([HostState(host="busy.example", not_before=until)])
        kept = archive.host_state("busy.example").not_before
    assert kept is not None and until <= kept < until + timedelta(seconds=1)
