"""One trial: what hostile paths do to the client while it also fetches from a healthy site.

Asserts for every trial (`unharmed`) that a healthy site was read all the while, that the event loop
was never held up for 250 ms, and that memory grew by less than 64 MB.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from scraper.errors import FetchError
from scraper.fetching import Client, HostStore
from scraper.models import FetchSettings, Page
from tests.gauntlet.server import Script, Server

__all__ = ["attempt", "healthy", "settings_for", "trial", "unharmed"]

_LONGEST_HOLD = 0.250
_MOST_GROWTH = 64 << 20
_TICK = 0.002
# Seconds; those of the defaults, scaled down.
_TIMES = {"delay": 0.0, "connect_timeout": 2.0, "read_timeout": 1.5, "total_timeout": 3.0}


@cache
def healthy() -> Server:
    """Return the site that nobody attacks; it runs until the tests end."""
    server = Server({}).__enter__()
    atexit.register(server.__exit__)
    return server


def settings_for(port: int, **changes: Any) -> FetchSettings:
    """Return settings that let a loopback server be dialled, with short bounds in time."""
    ports = (port, healthy().port, *changes.pop("more_ports", ()))
    values = {"allow_private": ("127.0.0.0/8",), "ports": ports, **_TIMES, **changes}
    return FetchSettings(**values)


async def attempt(client: Client, url: str, **arguments: Any) -> Page | str:
    """Return the page, or the class of the error."""
    try:
        return await client.get(url, **arguments)
    except FetchError as error:
        assert str(error), "an error says what is wrong"
        assert error.url, "an error names its address"
        return error.error_class


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def _queued() -> dict[str, float]:
    """Return the seconds that each thread was ready to run while others had the processor."""
    waits = {}
    for path in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):
            waits[path.parent.name] = int(path.read_text().split()[1]) / 1e9
    return waits


async def _watch(seen: dict[str, float]) -> None:
    """Note the longest that the loop was held up between two turns, and the most memory.

    What a thread waited for a processor is the machine's doing, and does not count: the loop waits
    with a thread that is put aside while it holds the interpreter.
    """
    while True:
        begun, before = time.monotonic(), _queued()
        await asyncio.sleep(_TICK)
        held = time.monotonic() - begun - _TICK
        if held > seen["held"]:
            held -= sum(max(0.0, wait - before.get(one, 0.0)) for one, wait in _queued().items())
        seen["held"] = max(seen["held"], held)
        seen["memory"] = max(seen["memory"], _resident())


async def _visit(client: Client, well: str, over: asyncio.Event) -> int:
    """Read a healthy site again and again until the trial is over; return how often."""
    times = 0
    while not (times and over.is_set()):
        page = await client.get(f"{well}{times}")
        assert (page.status, page.body) == (200, b"<p>A page</p>")
        times += 1
        await asyncio.sleep(0.05)
    return times


@asynccontextmanager
async def unharmed(client: Client, well: str = "") -> AsyncIterator[None]:
    """Assert that what happens in the block does no harm.

    Args:
        client: fetches from the healthy site meanwhile.
        well: the beginning of addresses of a healthy site; by default that of `healthy`.
    """
    well = well or healthy().url("/well", "healthy.localhost")
    start, over = _resident(), asyncio.Event()
    seen = {"held": 0.0, "memory": float(start)}
    # The collector goes over what the client makes: the objects of all tests are not its doing.
    gc.freeze()
    watcher = asyncio.create_task(_watch(seen))
    visits = asyncio.create_task(_visit(client, well, over))
    try:
        yield
        over.set()
        assert await visits >= 1
    finally:
        visits.cancel()
        watcher.cancel()
        await asyncio.gather(visits, watcher, return_exceptions=True)
        gc.unfreeze()
    grown = seen["memory"] - start
    assert grown < _MOST_GROWTH, f"memory grew by {grown / (1 << 20):.0f} MiB"
    assert seen["held"] < _LONGEST_HOLD, f"the loop was held up for {seen['held']:.3f} s"


def trial(
    routes: Mapping[str, Script],
    *paths: str,
    host: str = "127.0.0.1",
    server_ssl: ssl.SSLContext | None = None,
    client_ssl: ssl.SSLContext | None = None,
    hosts: HostStore | None = None,
    **changes: Any,
) -> tuple[list[Page | str], Server]:
    """Fetch paths of a hostile server, one after another, and a healthy site at the same time.

    Args:
        routes: the server's scripts.
        paths: what is asked for; a path that begins with ``http`` is a whole address.
        host: name in the addresses.
        changes: settings other than those of `settings_for`.

    Returns:
        For each path the page or the class of its error, and the server with its log.
    """
    server = Server(routes, ssl_context=server_ssl)

    async def run() -> list[Page | str]:
        settings = settings_for(server.port, **changes)
        async with (
            Client(settings, hosts=hosts, ssl_context=client_ssl) as client,
            unharmed(client),
        ):
            urls = [path if path.startswith("http") else server.url(path, host) for path in paths]
            return [await attempt(client, url) for url in urls]

    with server:
        return asyncio.run(run()), server
