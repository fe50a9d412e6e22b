"""How often a source is visited: by its interval, by what it brings, and by how much it shows.

A feed shows its newest entries and forgets the others. What came and went between two visits is
lost, and so the time between them follows the rate at which entries come. Decisions only; they are
written in watching.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Pace", "Seen", "pace_after", "span_of", "wait_for"]

# No source is asked more often than this, unless its own interval is shorter.
SHORTEST = 600
# To see articles early, a lively source is visited up to so many times as often as its interval
# says; so that none is missed, as often as it takes.
_MOST_OFTEN = 4
# New entries that one visit should bring on average.
_A_HANDFUL = 4
# Of the time in which all entries of a feed are replaced, the share after which it is read again.
_SHARE_OF_WINDOW = 0.5
# Days without anything new, and how many times as long the interval is then: never over a day.
_QUIET = ((30, 4), (7, 2))
_LONGEST_QUIET = 86400
# Fewer entries than these may well all be new.
_LEAST_WINDOW = 5
# A rate is forgotten by and by: what came in a rush by day comes so again tomorrow.
_MEMORY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a visit showed, as far as it tells of what may be missing.

    Attributes:
        window: entries that the source holds at a time, or 0 where that is not known.
        fresh: those of them that it had not shown before.
        since: hours since it was last read, or None when it never was, or elsewhere.
        span: hours that its entries span by their own times, or 0 where they have none.
    """

    window: int
    fresh: int
    since: float | None
    span: float = 0.0

    @property
    def overrun(self) -> bool:
        """Whether all of it is new, so that more may have come and gone since the last visit."""
        return self.since is not None and self.fresh >= self.window >= _LEAST_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """New entries per hour, and the entries that the source holds at a time (0: not known)."""

    rate: float = 0.0
    window: int = 0


def pace_after(before: float, seen: Seen) -> Pace:
    """Return the pace of a source after a visit.

    A rate that rises counts at once, one that falls by and by. At the first visit, and where all is
    new, what was counted is too low; then the times of the entries tell.

    Args:
        before: new entries per hour so far.
        seen: what the visit showed.
    """
    rate = 0.0 if seen.since is None else seen.fresh / max(seen.since, 0.1)
    if (seen.since is None or seen.overrun) and seen.window > 1 and seen.span > 0:
        rate = max(rate, (seen.window - 1) / max(seen.span, 0.5))
    if rate < before:
        rate = _MEMORY * before + (1 - _MEMORY) * rate
    return Pace(rate=rate, window=seen.window)


def span_of(times: Sequence[datetime]) -> float:
    """Return the hours that entries span: twice those of the newer half, so that one that is
    pinned, or revived, does not count.

    Args:
        times: of the entries, in any order.
    """
    if len(times) < _LEAST_WINDOW:
        return 0.0
    ordered = sorted(times, reverse=True)
    return 2 * (ordered[0] - ordered[len(ordered) // 2]).total_seconds() / 3600


def wait_for(pace: Pace, *, interval: int, last_new_at: datetime | None, at: datetime) -> int:
    """Return seconds until the next visit to a source that can be read.

    Args:
        pace: at which entries come.
        interval: seconds between two visits, from the configuration.
        last_new_at: when it last showed anything new, or when it was added.
        at: the present moment.
    """
    floor = min(SHORTEST, interval)
    if last_new_at is not None:
        for days, times in _QUIET:
            if at - last_new_at >= timedelta(days=days):
                return max(interval, min(times * interval, _LONGEST_QUIET))
    if pace.rate <= 0:
        return interval
    early = max(interval / _MOST_OFTEN, min(interval, 3600 * _A_HANDFUL / pace.rate))
    if pace.window:
        early = min(early, 3600 * _SHARE_OF_WINDOW * pace.window / pace.rate)
    return int(max(floor, early))
