"""Rate limits, decided on values: robots.txt, waits, gaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from scraper.errors import FetchError
from scraper.fetching.host_state import InMemoryHostStore
from scraper.fetching.rate_limit import (
    LONGEST_DELAY,
    LONGEST_WAIT,
    SLOW_AFTER,
    ConcurrencyLimit,
    HostRateLimiter,
    backoff,
    crawl_delay,
    retry_after,
    robots_due,
    robots_outcome,
)
from scraper.fetching.robots_rules import may_fetch, parse_robots
from scraper.models import HostState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = (
    "User-agent: *\nDisallow: /private\nAllow: /private/open\n\nUser-agent: scraper\nDisallow: /x\n"
)
HOST = HostState(host="h.example")


def allowed(text: str, path: str, agent: str = "scraper") -> bool:
    return may_fetch(parse_robots(text), f"http://h.example{path}", agent)


def test_our_own_group_counts_and_else_that_of_all() -> None:
    assert not allowed(RULES, "/x/1")
    assert allowed(RULES, "/private/1")
    assert not allowed(RULES, "/private/1", "other")
    assert allowed(RULES, "/private/open/1", "other")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_hides_no_rule(mark: str) -> None:
    assert not allowed(f"{mark}User-agent: *\nDisallow: /\n", "/a")


@pytest.mark.parametrize(
    "text", ["", "<html>Not found</html>", "\0\x01", "Disallow: /", "a" * 9999]
)
def test_what_holds_no_rule_forbids_nothing(text: str) -> None:
    assert allowed(text, "/a")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5.0), ("0.5", 0.5), ("0", 0.0), ("3600", 3600.0), ("999999999", LONGEST_DELAY),
     ("-5", 0.0), ("nan", 0.0), ("inf", 0.0), ("1e400", 0.0), ("soon", 0.0), ("²", 0.0)],
)  # fmt: skip
def test_crawl_delay_is_a_number_up_to_an_hour(value: str, seconds: float) -> None:
    rules = parse_robots(f"User-agent: *\nCrawl-delay: {value}\n")
    assert crawl_delay(rules, "scraper") == seconds


@pytest.mark.parametrize(
    ("status", "text", "known"),
    [(200, RULES, RULES), (206, RULES, RULES), (404, "x", ""), (403, "x", ""), (410, "x", ""),
     (401, "x", ""), (429, "x", None), (500, "x", None), (503, "x", None), (0, "", None),
     (301, "", None), (304, "", None)],
)  # fmt: skip
def test_robots_outcome_without_a_copy(status: int, text: str, known: str | None) -> None:
    state = robots_outcome(HOST, status, text, NOW)
    assert state.robots == known
    assert state.robots_at == NOW
    assert state.robots_class == ("robots_unreachable" if known is None else "")


@pytest.mark.parametrize("status", [429, 500, 0])
def test_a_copy_serves_for_thirty_days_where_none_can_be_had(status: int) -> None:
    def outcome(age: timedelta) -> HostState:
        copy = HostState(host="h.example", robots=RULES, robots_at=NOW - age)
        return robots_outcome(copy, status, "", NOW)

    assert outcome(timedelta(days=29)).robots == RULES
    assert outcome(timedelta(days=29)).robots_at == NOW - timedelta(days=29), (
        "it does not grow young"
    )
    assert outcome(timedelta(days=31)).robots is None


@pytest.mark.parametrize(
    ("age", "unreachable", "due"),
    [(timedelta(hours=23), "", False), (timedelta(hours=24), "", True),
     (timedelta(minutes=9), "robots_unreachable", False),
     (timedelta(minutes=10), "robots_unreachable", True),
     (timedelta(hours=-1), "", True)],
)  # fmt: skip
def test_robots_is_due_after_a_day_or_soon_after_a_failure(
    age: timedelta, unreachable: str, due: bool
) -> None:
    state = HostState(host="h", robots="", robots_at=NOW - age, robots_class=unreachable)
    assert robots_due(state, NOW) is due
    assert robots_due(HOST, NOW)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        (" 30 ", timedelta(seconds=30)),
        ("86400", LONGEST_WAIT),
        ("9" * 5000, LONGEST_WAIT),
        ("Sun, 01 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 20:01:00 +0800", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 12:01:00", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        *((garbage, None) for garbage in (
            "", "soon", "-5", "1.5", "30, 30", "²", "٣٠", "1e9", "Sun, 99 Mar 2026 12:01:00 GMT",
            "Sun, 01 Mar 2026 12:01:00 +9999999", "0000-00-00", "\0", "请稍后",
            "1 Jan 99999999 1:1:1",
        )),
    ],
)  # fmt: skip
def test_retry_after(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait


def test_backoff_doubles_up_to_a_day_with_jitter_of_half() -> None:
    assert [backoff(n, 2.0, 1.0).total_seconds() for n in (1, 2, 3)] == [4, 8, 16]
    assert backoff(3, 2.0, 0.0).total_seconds() == 8
    assert backoff(1, 0.0, 0.0) > timedelta(0)
    assert backoff(10**9, 2.0, 1.0) == LONGEST_WAIT


class Timeline(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while everybody sleeps, and then at once."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 1000.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0].when())
        super()._run_once()

    _ready: object
    _scheduled: list[asyncio.TimerHandle]


def on_timeline(body: Callable[[Timeline], object]) -> None:
    loop = Timeline()
    try:
        loop.run_until_complete(body(loop))  # type: ignore[arg-type]
    finally:
        loop.close()


def pace(loop: Timeline, delay: float, memory: InMemoryHostStore | None = None) -> HostRateLimiter:
    start = loop.time()
    return HostRateLimiter(
        delay=delay,
        hosts=memory or InMemoryHostStore(),
        clock=lambda: NOW + timedelta(seconds=loop.time() - start),
    )


def test_a_host_is_asked_one_at_a_time_with_a_gap_and_others_meanwhile() -> None:
    async def body(loop: Timeline) -> None:
        limiter = pace(loop, 2.0)
        log: list[tuple[str, float, float]] = []

        async def ask(host: str) -> None:
            async with limiter.turn(host):
                begun = loop.time()
                await asyncio.sleep(0.5)
                log.append((host, begun, loop.time()))

        await asyncio.gather(*(ask(host) for host in ("a", "a", "a", "b", "b")))
        for host in "ab":
            times = [(begun, ended) for name, begun, ended in log if name == host]
            for (_, ended), (begun, _) in pairwise(times):
                assert begun - ended == pytest.approx(2.0)
        assert {host for host, begun, _ in log if begun == 1000.0} == {"a", "b"}

    on_timeline(body)


@pytest.mark.parametrize(("own", "gap"), [(5.0, 5.0), (0.5, 2.0), (0.0, 2.0), (3600.0, 3600.0)])
def test_the_longer_of_two_gaps_counts(own: float, gap: float) -> None:
    async def body(loop: Timeline) -> None:
        limiter = pace(loop, 2.0)
        async with limiter.turn("h", own):
            ended = loop.time()
        async with limiter.turn("h", own):
            assert loop.time() - ended == pytest.approx(gap)

    on_timeline(body)


def test_a_gap_is_kept_after_a_failure_too() -> None:
    async def body(loop: Timeline) -> None:
        limiter = pace(loop, 2.0)
        with pytest.raises(ValueError, match="broken"):
            async with limiter.turn("h"):
                raise ValueError("broken")
        ended = loop.time()
        async with limiter.turn("h"):
            assert loop.time() - ended == pytest.approx(2.0)

    on_timeline(body)


def test_a_short_wait_is_sat_out_and_a_long_one_is_an_error_that_tells_it() -> None:
    async def body(loop: Timeline) -> None:
        memory = InMemoryHostStore()
        limiter = pace(loop, 2.0, memory)
        limiter.answered("h", 503, "20")
        asked = loop.time()
        async with limiter.turn("h"):
            assert loop.time() - asked == pytest.approx(20.0)
        limiter.answered("h", 429, "3000")
        asked = loop.time()
        with pytest.raises(FetchError) as caught:
            async with limiter.turn("h"):
                pass
        assert caught.value.error_class == "rate_limited"
        assert caught.value.retry_after == pytest.approx(3000.0)
        assert loop.time() == asked
        # Another process, with the same memory, honours it as well.
        with pytest.raises(FetchError):
            async with pace(loop, 2.0, memory).turn("h"):
                pass

    on_timeline(body)


def test_what_another_process_is_told_while_we_wait_holds_for_us() -> None:
    async def body(loop: Timeline) -> None:
        memory = InMemoryHostStore()
        limiter = pace(loop, 2.0, memory)
        async with limiter.turn("h"):
            ended = loop.time()
        # In the middle of our gap.
        loop.call_later(1.0, pace(loop, 2.0, memory).answered, "h", 503, "20")
        async with limiter.turn("h"):
            assert loop.time() - ended == pytest.approx(21.0)

    on_timeline(body)


def test_a_clock_put_back_stops_nobody_for_longer_than_a_day() -> None:
    async def body(loop: Timeline) -> None:
        memory = InMemoryHostStore()
        memory.save(HostState(host="h", not_before=NOW + timedelta(days=4000), failures=1))
        assert pace(loop, 2.0, memory).rest("h") == LONGEST_WAIT.total_seconds()

    on_timeline(body)


def test_a_wait_is_sat_out_once_though_the_clock_is_put_back_meanwhile() -> None:
    async def body(loop: Timeline) -> None:
        limiter = HostRateLimiter(delay=2.0, hosts=InMemoryHostStore(), clock=lambda: NOW)
        limiter.answered("h", 503, "20")
        asked = loop.time()
        async with limiter.turn("h"):
            assert loop.time() - asked == pytest.approx(20.0)

    on_timeline(body)


def test_bad_answers_add_up_and_a_good_one_clears_them() -> None:
    async def body(loop: Timeline) -> None:
        memory = InMemoryHostStore()
        limiter = pace(loop, 2.0, memory)
        for failures, retry in ((1, ""), (2, "garbage"), (3, "0")):
            limiter.answered("h", 500, retry)
            state = memory.load("h")
            assert state.failures == failures
            assert state.not_before is not None
            assert state.not_before >= NOW + timedelta(seconds=2), "never less than the gap"
        limiter.answered("h", 404, "")
        assert memory.load("h") == HostState(host="h")

    on_timeline(body)


def test_requests_that_drag_on_make_room_and_cannot_make_it_twice() -> None:
    async def body(loop: Timeline) -> None:
        slots = ConcurrencyLimit(2)
        begun: list[float] = []

        async def one(seconds: float) -> None:
            async with slots.one():
                begun.append(loop.time() - 1000.0)
                await asyncio.sleep(seconds)

        await asyncio.gather(*(one(60.0) for _ in range(6)), one(0.1), one(0.1), one(0.1))
        assert begun[:6] == pytest.approx(
            [0, 0, SLOW_AFTER, SLOW_AFTER, 2 * SLOW_AFTER, 2 * SLOW_AFTER]
        )
        assert begun[6:] == pytest.approx([3 * SLOW_AFTER, 3 * SLOW_AFTER, 3 * SLOW_AFTER + 0.1])

    on_timeline(body)


def test_a_date_in_any_zone_is_the_same_moment() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=8)))
    assert retry_after("Sun, 01 Mar 2026 12:01:00 GMT", east) == timedelta(minutes=1)
