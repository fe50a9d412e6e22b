"""What the trials assert besides: that harm done to the client would be seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from scraper.fetching import Client
from tests.gauntlet.server import Server, reply
from tests.gauntlet.trial import settings_for, unharmed


def during(harm: Callable[[], object], well: str = "", port: int = 0) -> None:
    """Do some harm in the middle of a trial."""

    async def run() -> None:
        async with Client(settings_for(port)) as client, unharmed(client, well):
            await asyncio.sleep(0.05)
            kept = harm()
            await asyncio.sleep(0.05)
            del kept

    asyncio.run(run())


def test_no_harm_is_no_harm() -> None:
    during(lambda: None)


def test_a_loop_that_waits_for_something_else_is_held_up() -> None:
    with pytest.raises(AssertionError, match="held up"):
        during(lambda: time.sleep(0.4))


def test_a_loop_that_computes_is_held_up() -> None:
    def compute() -> None:
        until = time.thread_time() + 0.4
        while time.thread_time() < until:
            pass

    with pytest.raises(AssertionError, match="held up"):
        during(compute)


def test_memory_is_measured() -> None:
    with pytest.raises(AssertionError, match="memory grew"):
        during(lambda: b"x" * (80 << 20))


def test_a_healthy_site_that_is_not_read_well_fails_the_trial() -> None:
    with (
        Server({f"/well{n}": reply("something else") for n in range(9)}) as server,
        pytest.raises(AssertionError),
    ):
        during(lambda: None, server.url("/well"), server.port)
