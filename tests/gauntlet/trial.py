"""One trial: what hostile paths do to the client while it also fetches from a healthy site.

Asserts for every trial that the healthy site was read, that the event loop was never held up by
computing for 250 ms, and that memory grew by less than 64 MB.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scraper.errors import FetchError
from scraper.fetch import Client, HostMemory
from scraper.models import FetchSettings, Page
from tests.gauntlet.server import Script, Server

__all__ = ["attempt", "settings_for", "trial", "watch"]

_LONGEST_LAG = 0.250
_MOST_GROWTH = 64 << 20
# Seconds; those of the defaults, scaled down.
_TIMES = {"delay": 0.0, "connect_timeout": 2.0, "read_timeout": 1.5, "total_timeout": 3.0}


def settings_for(port: int, **changes: Any) -> FetchSettings:
    """Return settings that let a loopback server be dialled, with short bounds in time."""
    ports = (port, *changes.pop("more_ports", ()))
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


async def watch(seen: dict[str, float]) -> None:
    """Note the most that this thread computed between two turns of the loop, and memory."""
    before = time.thread_time()
    while True:
        await asyncio.sleep(0.002)
        now = time.thread_time()
        seen["lag"] = max(seen["lag"], now - before)
        seen["memory"] = max(seen["memory"], _resident())
        before = time.thread_time()


def trial(
    routes: Mapping[str, Script],
    *paths: str,
    host: str = "127.0.0.1",
    server_ssl: ssl.SSLContext | None = None,
    client_ssl: ssl.SSLContext | None = None,
    hosts: HostMemory | None = None,
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
    healthy = "healthy.localhost" if server_ssl is None else "127.0.0.1"
    server = Server(routes, ssl_context=server_ssl)

    async def run() -> list[Page | str]:
        settings = settings_for(server.port, **changes)
        async with Client(settings, hosts=hosts, ssl_context=client_ssl) as client:
            watcher = asyncio.create_task(watch(seen))
            well = asyncio.create_task(visit(client)) if server_ssl is None else None
            found: list[Page | str] = []
            for path in paths:
                url = path if path.startswith("http") else server.url(path, host)
                found.append(await attempt(client, url))
            if well is not None:
                await well
            watcher.cancel()
        return found

    async def visit(client: Client) -> None:
        for number in range(3):
            page = await client.get(server.url(f"/healthy{number}", healthy))
            assert (page.status, page.body) == (200, b"<p>A page</p>")
            await asyncio.sleep(0.05)

    with server:
        start = _resident()
        seen = {"lag": 0.0, "memory": float(start)}
        found = asyncio.run(run())
    assert seen["lag"] < _LONGEST_LAG, f"the loop was held up for {seen['lag']:.3f} s"
    assert seen["memory"] - start < _MOST_GROWTH, "memory grew by more than 64 MB"
    return found, server
