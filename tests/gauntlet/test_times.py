"""Gauntlet 10 to 13, 15: what may take its time. Bounds are those of `trial`, scaled down."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import ExitStack

import pytest

from scraper.errors import FetchError
from scraper.fetching import Client
from scraper.models import Page
from tests.gauntlet.server import Asked, Server, forever
from tests.gauntlet.trial import attempt, settings_for, trial, unharmed

# Seconds: the bound on the whole exchange in a trial, and what a busy machine may add to it.
TOTAL, SLACK = 3.0, 1.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def took(server: Server) -> float:
    """Return the seconds until the client gave up on the page, as the server saw it."""
    (page,) = (asked for asked in server.asked if asked.path == "/b")
    return page.done - page.at


async def silence(asked: Asked) -> None:
    """Accept the request and never answer."""
    await asyncio.sleep(3600)


def test_g10_dripped_body() -> None:
    # Each byte comes well within the bound on silence: only the bound on the whole ends it.
    found, server = trial({"/b": forever(b"x", head=HEAD, pause=0.1)}, "/b", read_timeout=2.0)
    assert found == ["timeout"]
    assert server.paths("127.0.0.1") == ["/b"], "what timed out is not asked for again at once"
    assert took(server) < TOTAL + SLACK


def test_g11_dripped_header() -> None:
    start = b"HTTP/1.1 200 OK\r\nX-Drip: "
    found, server = trial({"/b": forever(b"x", head=start, pause=0.1)}, "/b", read_timeout=2.0)
    assert found == ["timeout"]
    assert took(server) < TOTAL + SLACK


def test_g12_endless_interim_responses() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    found, _ = trial(
        {"/slow": forever(hints, pause=0.1), "/fast": forever(hints * 1000)}, "/slow", "/fast"
    )
    assert found == ["timeout", "timeout"]


def test_g13_silence() -> None:
    begun = time.monotonic()
    found, server = trial({"/b": silence}, "/b", read_timeout=0.3, total_timeout=60.0)
    assert found == ["timeout"]
    assert server.paths("127.0.0.1") == ["/b"]
    assert time.monotonic() - begun < 0.3 + 2 * SLACK, (
        "silence ends it long before the bound on the whole"
    )


def test_g13_the_bound_is_on_the_chain_of_redirects_not_on_each_hop() -> None:
    async def slow(asked: Asked) -> None:
        await asyncio.sleep(0.4)
        number = int(asked.path.strip("/")) + 1
        await asked.say(f"HTTP/1.1 302 Go\r\nLocation: /{number}\r\n\r\n".encode())

    routes = {f"/{number}": slow for number in range(30)}
    found, server = trial(routes, "/0", total_timeout=1.5, read_timeout=5.0)
    assert found == ["timeout"]
    assert len(server.paths("127.0.0.1")) < 10


def test_g15_fifty_hung_hosts() -> None:
    async def run(server: Server) -> tuple[Page | str, float, list[bool], list[Page | str]]:
        settings = settings_for(server.port, read_timeout=5.0, total_timeout=5.0, concurrency=16)
        async with Client(settings) as client, unharmed(client):
            hung = [
                asyncio.create_task(attempt(client, server.url("/hang", f"h{n}.localhost")))
                for n in range(50)
            ]
            await asyncio.sleep(0)
            begun = asyncio.get_running_loop().time()
            well = await attempt(client, server.url("/well", "healthy.localhost"))
            waited = asyncio.get_running_loop().time() - begun
            over = [task.done() for task in hung]
            return well, waited, over, await asyncio.gather(*hung)

    with Server({"/hang": silence}) as server:
        well, waited, over, outcome = asyncio.run(run(server))
    assert isinstance(well, Page)
    assert waited < 2.0, "the gauntlet's own bound"
    assert not any(over), "the healthy host did not wait for any that hung to give up"
    assert outcome == ["timeout"] * 50


@pytest.mark.parametrize("alive", [0, 1])
def test_dead_addresses_of_a_host_share_its_time(
    alive: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server({}) as server, ExitStack() as open_:
        dead = [f"127.0.0.{n}" for n in range(2, 6 - alive)]
        for address in dead:
            full = open_.enter_context(socket.create_server((address, server.port), backlog=0))
            # Whoever comes when the queue is full gets no answer at all.
            open_.enter_context(socket.create_connection(full.getsockname()))
        found = [(2, 1, 6, "", (a, 0)) for a in [*dead, "127.0.0.1"][:4]]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        async def run() -> Page | FetchError:
            settings = settings_for(server.port, connect_timeout=1.0, obey_robots=False)
            async with Client(settings) as client:
                try:
                    return await client.get(server.url("/a", "many.example"))
                except FetchError as error:
                    return error

        outcome = asyncio.run(run())
    if alive:
        assert isinstance(outcome, Page)
    else:
        assert isinstance(outcome, FetchError)
        assert outcome.error_class == "timeout"
        assert "no answer in time" in str(outcome), "the bound on the whole was not needed"
