"""Gauntlet 61 and 62: a clock that is set while the daemon works, stopped minutes, its end.

The clock of the whole daemon, its workers included, is libfaketime's (Debian: ``libfaketime``);
where the library is not to be had these tests skip, saying so.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from scraper.archive import Archive
from tests.gauntlet.server import Asked, Script, Server
from tests.gauntlet.test_locks import Daemon, feed, routes, settings

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
pytestmark = pytest.mark.timeout(400)
faked = pytest.mark.skipif(
    _LIBRARY is None, reason="libfaketime is not installed: apt-get install libfaketime"
)
# Seconds: between two looks at what is due, between two visits of the source.
TICK, INTERVAL = 5, 600
# Seconds in which the daemon notices what the clock does (it compares each 30), and a busy machine.
NOTICED, BUSY = 30.0 + 2 * TICK, 40.0


# What a Python process does first. libfaketime 0.9.10 takes its offset off the absolute monotonic
# time until which `time.sleep` waits, so that each sleep fails; waits on locks are right.
_FIRST = """
import threading, time
time.sleep = lambda seconds: (threading.Event().wait(seconds), None)[1]
"""


class Clock:
    """The clock of a daemon: that of the machine, put forward or back.

    Args:
        file: tells libfaketime by how much.
        begins: what it shows first.
        zone: IANA name of the zone in which the daemon runs.
    """

    def __init__(self, file: Path, begins: datetime, zone: str) -> None:
        self._file = file
        self._customized = file.with_suffix(".python")
        self._customized.mkdir()
        (self._customized / "sitecustomize.py").write_text(_FIRST)
        self._zone = zone
        self._ahead = 0
        self.set(begins)

    @property
    def now(self) -> datetime:
        """What it shows."""
        return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    def set(self, moment: datetime) -> None:
        """Let it show a moment from now on."""
        self._ahead = round(moment.timestamp() - time.time())
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self._ahead:+d}\n")
        fresh.replace(self._file)

    def advance(self, seconds: float) -> None:
        """Put it forward, or back."""
        self.set(datetime.fromtimestamp(self.now.timestamp() + seconds, UTC))

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that goes by it; monotonic time stays true."""
        return {
            **os.environ,
            "TZ": self._zone,
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(self._customized),
        }


class Watched:
    """A daemon that visits one feed by a clock of ours; see `watched`."""

    def __init__(self, server: Server, daemon: Daemon, clock: Clock) -> None:
        self._server = server
        self.daemon = daemon
        self.clock = clock

    def visits(self) -> int:
        """Return how often its feed was visited."""
        return self._server.paths().count("/one")

    def until(self, visits: int, seconds: float) -> bool:
        """Wait for so many visits; return whether they came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.daemon.process.poll() is None, self.daemon.lines
            if self.visits() >= visits:
                return True
            time.sleep(0.2)
        return False

    def rested(self) -> int:
        """Return how often the feed was visited once the daemon had time for several ticks."""
        time.sleep(3 * TICK)
        return self.visits()


@contextmanager
def watched(
    folder: Path, begins: datetime, zone: str, extra: dict[str, Script] | None = None
) -> Iterator[Watched]:
    """Run a daemon with one source, by a clock of ours, until its first visit is over."""
    with Server({**routes(), **(extra or {})}) as server:
        config = settings(folder / "config", server, ["one"], least_free=0)
        clock = Clock(folder / "clock", begins, zone)
        daemon = Daemon(folder / "archive", config, env=clock.environment())
        try:
            found = Watched(server, daemon, clock)
            assert found.until(1, 2 * BUSY), daemon.lines
            daemon.until("pass: ")
            yield found
            if daemon.process.poll() is None:
                assert daemon.end() == 0
        finally:
            if daemon.process.poll() is None:
                daemon.end(signal.SIGKILL)
    with Archive(folder / "archive", create=False) as archive:
        assert archive.doctor(least_free=0) == ()


# The two nights of a zone in which an hour is missing, or comes twice; the clock changes at the
# moment given here, in UTC.
NIGHTS = {
    "spring": (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin"),
    "autumn": (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "Europe/Berlin"),
    "autumn, America": (datetime(2026, 11, 1, 6, 0, tzinfo=UTC), "America/New_York"),
}


def _night(night: str, folder: Path) -> None:
    change, zone = NIGHTS[night]
    begins = datetime.fromtimestamp(change.timestamp() - INTERVAL / 2, UTC)
    with watched(folder, begins, zone) as found:
        # Half an interval before the change: it is not due, whatever the hour is called.
        found.clock.set(change)
        assert found.rested() == 1
        # What is visited each ten minutes is visited within twenty, and once.
        for interval in range(2):
            before = found.visits()
            found.clock.advance(INTERVAL)
            assert found.until(before + 1, NOTICED + BUSY), (night, interval, found.daemon.lines)
            assert found.rested() == before + 1, "no burst"


def _jumps(folder: Path) -> None:
    with watched(folder, datetime(2026, 3, 10, 8, 0, tzinfo=UTC), "Asia/Shanghai") as found:
        found.clock.advance(-3600)
        found.daemon.until("the clock jumped")
        # Within two intervals by the clock as it is now, though what is due lies an hour ahead.
        came = found.until(2, 2 * TICK + BUSY)
        for _ in range(2):
            if not came:
                found.clock.advance(INTERVAL)
                came = found.until(2, NOTICED + BUSY)
        assert came, found.daemon.lines
        assert found.rested() == 2, "no burst"
        found.clock.advance(86_400)
        assert found.until(3, NOTICED + BUSY)
        assert found.rested() == 3, "144 visits were missed, one makes up for them"


def _stopped(folder: Path) -> None:
    with watched(folder, datetime(2026, 3, 10, 8, 0, tzinfo=UTC), "UTC") as found:
        os.kill(found.daemon.process.pid, signal.SIGSTOP)
        found.clock.advance(INTERVAL + 60)
        assert found.rested() == 1
        os.kill(found.daemon.process.pid, signal.SIGCONT)
        assert found.until(2, NOTICED + BUSY)
        assert found.rested() == 2


@pytest.fixture(scope="module")
def clocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[None]]]:
    """Run a daemon by each clock, all at once: they do nothing but wait for it most of the time."""
    runs: dict[str, Callable[[Path], None]] = {
        **{night: partial(_night, night) for night in NIGHTS},
        "jumps": _jumps,
        "stopped": _stopped,
    }
    with ThreadPoolExecutor(len(runs)) as pool:
        yield {
            name: pool.submit(run, tmp_path_factory.mktemp("clock")) for name, run in runs.items()
        }


@faked
@pytest.mark.parametrize("night", NIGHTS)
def test_g61_the_night_in_which_the_hour_changes_is_as_any_other(
    night: str, clocks: dict[str, Future[None]]
) -> None:
    assert clocks[night].result() is None


@faked
def test_g61_a_clock_put_back_an_hour_or_forward_a_day_delays_nothing_and_makes_no_burst(
    clocks: dict[str, Future[None]],
) -> None:
    assert clocks["jumps"].result() is None


@faked
def test_g62_ten_stopped_minutes_are_made_up_for_once(clocks: dict[str, Future[None]]) -> None:
    assert clocks["stopped"].result() is None


def test_g62_an_end_in_the_middle_of_a_fetch_leaves_no_torn_row(tmp_path: Path) -> None:
    async def slow(asked: Asked) -> None:
        """Say half of a page, and the rest only after a while."""
        await asked.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Half")
        await asyncio.sleep(60)

    feeds: dict[str, Script] = {"/one": feed("one"), "/news/one.html": slow}
    with Server(feeds) as server:
        config = settings(tmp_path / "config", server, ["one"], least_free=0)
        daemon = Daemon(tmp_path / "archive", config)
        try:
            for _ in range(400):
                if "/news/one.html" in server.paths():
                    break
                time.sleep(0.1)
            begun = time.monotonic()
            assert daemon.end() == 0
            assert time.monotonic() - begun <= 25.0, "the gauntlet's own bound"
        finally:
            if daemon.process.poll() is None:
                daemon.process.kill()
    with Archive(tmp_path / "archive", create=False) as archive:
        assert archive.doctor(least_free=0) == ()
        rows = archive.fetches(server.url("/news/one.html"))
        assert all(row.error_class for row in rows), "an attempt is a whole row or none"
        assert [row for row in rows if row.version is not None] == []
        status = archive.status(datetime.now(UTC))
        assert status.counts["articles"] == 0
