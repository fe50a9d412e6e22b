"""Fetches, caches and obeys robots.txt (RFC 9309); `rate_limit` has the decisions."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.host_state import MOST_HOSTS, HostStore
from scraper.fetching.rate_limit import (
    LONGEST_DELAY,
    ROBOTS_RETRY,
    crawl_delay,
    robots_due,
    robots_outcome,
)
from scraper.fetching.robots_rules import RobotsRules, may_fetch, parse_robots
from scraper.models import HostState
from scraper.urls import host_of

__all__ = ["Robots"]

log = logging.getLogger(__name__)

_KEPT = 256
_KEPT_CHARACTERS = 4_000_000
# More rules than this are matched in a thread.
_MANY_RULES = 500
# Longer texts are parsed in a thread: half a megabyte takes most of a second.
_LONG = 20_000
# The host itself is unreachable: this says nothing about robots.txt, and the next try is cheap.
_UNREACHED = frozenset(
    {
        ErrorClass.DNS,
        ErrorClass.CONNECT,
        ErrorClass.TLS,
        ErrorClass.BLOCKED_ADDRESS,
        ErrorClass.RATE_LIMITED,
    }
)
# More than five redirects may count as absence (2.3.1.2); a capture may lack the file.
_ABSENT = frozenset({ErrorClass.NOT_CAPTURED, ErrorClass.REDIRECT_LOOP})


class Robots:
    """Applies each host's robots.txt to one agent.

    Args:
        agent: product token, such as ``scraper``.
        memory: stored state of hosts.
        clock: function that returns the present time.
        read: function that fetches a robots.txt; it returns status and text, or raises
            `FetchError`.
    """

    def __init__(
        self,
        *,
        agent: str,
        memory: HostStore,
        clock: Callable[[], datetime],
        read: Callable[[str], Awaitable[tuple[int, str]]],
    ) -> None:
        self._agent = agent
        self._memory = memory
        self._clock = clock
        self._read = read
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tried: dict[str, datetime] = {}
        self._why: dict[str, str] = {}
        self._slow: set[str] = set()
        self._parsed: OrderedDict[str, tuple[str, RobotsRules]] = OrderedDict()

    async def ask(self, url: str) -> None:
        """Return if the host's robots.txt allows an address; otherwise raise an error.

        Raises:
            FetchError: ``robots_denied``; ``robots_unreachable``; or why the host is unreachable.
        """
        host = host_of(url)
        async with self._locks.setdefault(host, asyncio.Lock()):
            state = self._memory.load(host)
            if robots_due(state, self._clock()) and not self._just_tried(host, state):
                state = await self._renew(url, host)
            rules = await self._rules(host, state.robots)
        if state.robots is None:
            raise FetchError(
                f"{url}: robots.txt of {host} cannot be read{self._why.get(host, '')}, "
                "so nothing may be fetched (RFC 9309)",
                url=url,
                error_class=ErrorClass.ROBOTS_UNREACHABLE,
            )
        if rules is not None and not await self._allows(rules, url):
            raise FetchError(
                f"{url}: robots.txt of {host} forbids it",
                url=url,
                error_class=ErrorClass.ROBOTS_DENIED,
            )

    async def _allows(self, rules: RobotsRules, url: str) -> bool:
        if len(rules.rules_of(self._agent)) < _MANY_RULES:
            return may_fetch(rules, url, self._agent)
        return await asyncio.to_thread(may_fetch, rules, url, self._agent)

    async def delay(self, host: str) -> float:
        """Return the Crawl-delay of a host in seconds, 0 if none is known."""
        rules = await self._rules(host, self._memory.load(host).robots)
        if rules is None:
            return 0.0
        delay = crawl_delay(rules, self._agent)
        if delay >= LONGEST_DELAY and host not in self._slow:
            self._slow.add(host)
            log.warning("%s: Crawl-delay is limited to an hour", host)
        return delay

    def _just_tried(self, host: str, state: HostState) -> bool:
        """Return whether an old copy is used because a recent attempt to renew it failed."""
        tried = self._tried.get(host)
        return (
            state.robots is not None
            and tried is not None
            and timedelta(0) <= self._clock() - tried < ROBOTS_RETRY
        )

    async def _renew(self, url: str, host: str) -> HostState:
        scheme = url.partition("://")[0]
        status, text, failure = 0, "", None
        try:
            status, text = await self._read(f"{scheme}://{host}/robots.txt")
            self._why[host] = f" (status {status})"
        except FetchError as error:
            self._why[host] = f" ({error.error_class})"
            if error.error_class in _ABSENT:
                status = 404
            elif error.error_class in _UNREACHED:
                failure = error
        self._tried[host] = self._clock()
        for table in (self._tried, self._why):
            while len(table) > MOST_HOSTS:
                del table[next(iter(table))]
        state = self._memory.load(host)
        outcome = robots_outcome(state, status, text, self._clock())
        if failure is not None and outcome.robots is None:
            again = FetchError(failure.message, url=url, error_class=failure.error_class)
            again.retry_after = failure.retry_after
            raise again from failure
        if outcome != state:
            self._memory.save(outcome)
        return outcome

    async def _rules(self, host: str, text: str | None) -> RobotsRules | None:
        if not text:
            return None
        known = self._parsed.get(host)
        if known is None or known[0] != text:
            if len(text) < _LONG:
                rules = self._parse(text)
            else:
                rules = await asyncio.to_thread(self._parse, text)
            known = self._parsed[host] = (text, rules)
        self._parsed.move_to_end(host)
        while len(self._parsed) > 1 and (
            len(self._parsed) > _KEPT
            or sum(len(kept) for kept, _ in self._parsed.values()) > _KEPT_CHARACTERS
        ):
            self._parsed.popitem(last=False)
        return known[1]

    def _parse(self, text: str) -> RobotsRules:
        rules = parse_robots(text)
        rules.rules_of(self._agent)  # Fills the cache: sorting many rules takes time, too.
        return rules
