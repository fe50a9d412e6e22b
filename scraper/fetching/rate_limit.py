"""Rate limits: one request at a time per host, a gap between two, and waits that hosts ask for.

Decisions are pure functions; `HostRateLimiter` holds the state. The rules are those of RFC 9309
(robots.txt) and RFC 9110, section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from weakref import WeakValueDictionary

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.host_state import MOST_HOSTS, HostStore, evict
from scraper.fetching.robots_rules import RobotsRules
from scraper.models import HostState

__all__ = [
    "MOST_AT_ONCE",
    "ConcurrencyLimit",
    "HostRateLimiter",
    "crawl_delay",
    "retry_after",
    "robots_due",
    "robots_outcome",
]

ROBOTS_AGE = timedelta(hours=24)  # RFC 9309, section 2.4
ROBOTS_RETRY = timedelta(minutes=10)
ROBOTS_GIVEN_UP = timedelta(days=30)
LONGEST_DELAY = 3600.0
LONGEST_WAIT = timedelta(hours=24)
# Longest wait in seconds; a longer one is an error with the time of the next try.
LONGEST_SLEEP = 30.0
# Seconds to wait for another process's lock of a host, and (least, most) between two tries.
LONGEST_FOREIGN_LOCK = 120.0
POLL_SECONDS = (0.01, 0.06)
# Seconds by which a sleep may end too early.
TICK = 0.001
# Seconds after which a request no longer counts towards the setting `concurrency`; MOST_AT_ONCE
# times the setting limits all requests, including those that hang.
SLOW_AFTER = 0.25
MOST_AT_ONCE = 16


def crawl_delay(rules: RobotsRules, agent: str) -> float:
    """Return the Crawl-delay for an agent in seconds, 0 without one, at most an hour."""
    delay = rules.crawl_delay(agent)
    return min(float(delay or 0.0), LONGEST_DELAY)


def robots_due(state: HostState, now: datetime) -> bool:
    """Return whether robots.txt must be fetched (again)."""
    if state.robots_at is None:
        return True
    age = now - state.robots_at
    return age >= (ROBOTS_RETRY if state.robots_class else ROBOTS_AGE) or age < timedelta(0)


def robots_outcome(state: HostState, status: int, text: str, now: datetime) -> HostState:
    """Return a host's state after its robots.txt was requested.

    RFC 9309, section 2.3.1: 2xx counts, 4xx allows everything, 5xx (and no response, status 0)
    forbids everything unless an earlier copy is still valid. 429 forbids everything, too.
    """
    if 200 <= status < 300:
        return replace(state, robots=text, robots_at=now, robots_class="")
    if 400 <= status < 500 and status != 429:
        return replace(state, robots="", robots_at=now, robots_class="")
    if state.robots is not None and state.robots_at and now - state.robots_at < ROBOTS_GIVEN_UP:
        return replace(state, robots_class="")
    return replace(state, robots=None, robots_at=now, robots_class="robots_unreachable")


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Return the wait of a Retry-After header, at most 24 h; None if it is invalid."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:9]), 10**8)), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(timedelta(0), min(moment - now, LONGEST_WAIT))


def backoff(failures: int, delay: float, chance: float) -> timedelta:
    """Return the wait after `failures` errors in a row: 2^n times the gap, with jitter.

    Args:
        failures: number of 429 and 5xx responses in a row, from 1.
        delay: the host's gap in seconds.
        chance: a random number from 0 to 1; the wait is between half and the whole of 2^n gaps.
    """
    power = max(delay, 0.01) * 2.0 ** min(failures, 20)
    return min(timedelta(seconds=power * (0.5 + chance / 2)), LONGEST_WAIT)


class HostRateLimiter:
    """One request at a time per host, with a gap between the end of one and the start of the next.

    The gap is counted from the end, so that a slow host, busy or with large pages, rests as long as
    any other; counted from the start it would not rest at all.

    Args:
        delay: minimum gap in seconds.
        hosts: stored state of hosts, and their locks.
        clock: function that returns the present time.
    """

    def __init__(self, *, delay: float, hosts: HostStore, clock: Callable[[], datetime]) -> None:
        self._delay = delay
        self._hosts = hosts
        self._clock = clock
        # Locks that a request holds or waits for.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # End of each host's last request by the loop's clock, the oldest first.
        self._ended: OrderedDict[str, float] = OrderedDict()

    @asynccontextmanager
    async def turn(self, host: str, delay: float = 0.0, *, gap: bool = True) -> AsyncIterator[None]:
        """Wait for a host's turn and hold its lock.

        Args:
            host: ``name:port``.
            delay: the host's Crawl-delay; the longer of the two gaps counts.
            gap: whether to keep the gap since the last response; a Retry-After holds in any case.

        Raises:
            FetchError: (``rate_limited``) the host's wait exceeds `LONGEST_SLEEP`.
        """
        async with self._locks.setdefault(host, asyncio.Lock()):
            # Computed now: the last response may have brought a Crawl-delay.
            rest = max(self._delay, delay) if gap else 0.0
            await self._acquire(host, rest)
            try:
                self._hosts.begin(host)
                yield
            finally:
                self._note_end(host)
                self._hosts.release(host, asked=True)

    def _note_end(self, host: str) -> None:
        now = asyncio.get_running_loop().time()
        self._ended[host] = now
        self._ended.move_to_end(host)
        # No gap is longer, so older ends are dropped.
        evict(self._ended, MOST_HOSTS, lambda old: now - self._ended[old] > LONGEST_DELAY)

    async def _acquire(self, host: str, rest: float) -> None:
        """Wait until no process uses the host and its gap is over, then take its lock."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            waited_for = await self._wait(host, rest)
            if self._hosts.acquire(host):
                ready = False
                try:
                    # Another process may have made a request, or got a Retry-After, while we
                    # waited.
                    await self._hosts.recall(host)
                    rested = self._hosts.idle_seconds(host) + TICK >= rest
                    told = self._hosts.load(host).not_before != waited_for
                    ready = rested and not (told and self.rest(host))
                finally:
                    if not ready:
                        self._hosts.release(host, asked=False)
                if ready:
                    return
            elif loop.time() - begun > LONGEST_FOREIGN_LOCK:
                raise FetchError(
                    f"{host} has been in use by another process for {LONGEST_FOREIGN_LOCK:.0f} s",
                    error_class=ErrorClass.RATE_LIMITED,
                )
            # Random, so that waiting processes do not always take turns in the same order.
            await asyncio.sleep(random.uniform(*POLL_SECONDS))

    async def _wait(self, host: str, rest: float) -> datetime | None:
        """Sleep until a host's wait is over, as far as this process knows.

        Returns:
            The end of the wait that the host had set, now past by the loop's clock even if the wall
            clock was changed meanwhile.
        """
        loop = asyncio.get_running_loop()
        not_before = self._hosts.load(host).not_before
        wait = self._ended.get(host, -rest) + rest - loop.time()
        wait = max(wait, rest - self._hosts.idle_seconds(host), self.rest(host))
        if wait > max(LONGEST_SLEEP, rest):
            error = FetchError(
                f"{host} allows no requests for another {wait:.0f} s",
                error_class=ErrorClass.RATE_LIMITED,
            )
            error.retry_after = wait
            raise error
        if wait > 0:
            await asyncio.sleep(wait)
        return not_before

    def has_met(self, host: str) -> bool:
        """Return whether this client made a request to a host recently."""
        return host in self._ended

    def rest(self, host: str) -> float:
        """Return the remaining seconds of the wait that a host's responses imposed."""
        not_before = self._hosts.load(host).not_before
        if not_before is None:
            return 0.0
        # Limited to our longest wait: the clock may have been set back.
        return max(0.0, min(not_before - self._clock(), LONGEST_WAIT).total_seconds())

    def answered(self, host: str, status: int, retry: str) -> None:
        """Record a response: an error imposes a wait, a success clears the record.

        Args:
            host: ``name:port``.
            status: HTTP status.
            retry: value of its Retry-After header, or "".
        """
        state, now = self._hosts.load(host), self._clock()
        if status != 429 and status < 500:
            if state.failures or state.not_before is not None:
                self._hosts.save(replace(state, failures=0, not_before=None))
            return
        failures = state.failures + 1
        asked = retry_after(retry, now) if retry else None
        wait = asked if asked is not None else backoff(failures, self._delay, random.random())
        wait = max(wait, timedelta(seconds=self._delay))
        self._hosts.save(replace(state, failures=failures, not_before=now + wait))


class ConcurrencyLimit:
    """Limits the number of simultaneous requests.

    A slow request stops counting after a while, so that hosts that hang do not block the others.

    Args:
        most: maximum number of counted requests.
    """

    def __init__(self, most: int) -> None:
        self._running = asyncio.Semaphore(most)
        self._open = asyncio.Semaphore(most * MOST_AT_ONCE)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait until a request may run, and count it while it runs."""
        async with self._open:
            await self._running.acquire()
            counts = True

            def cease() -> None:
                nonlocal counts
                if counts:
                    counts = False
                    self._running.release()

            slow = asyncio.get_running_loop().call_later(SLOW_AFTER, cease)
            try:
                yield
            finally:
                slow.cancel()
                cease()
