"""The days on which a source was read, and those on which it was not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

from scraper.judge.gaps import Walk, walk
from scraper.judge.rhythm import Rhythm, Sample, rate_on
from scraper.models import CoverageDay, SourceHistory

__all__ = ["Away", "days_away", "days_read", "walk_through"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Days on which a source was not read.

    Attributes:
        first, last: the days, both included.
        days: how many.
        failed: whether it was tried; else it was not visited.
        running: whether other sources were visited meanwhile.
        error_class: of the last failed visit, or "".
        expected: articles that usually come in such days; None where that is not known.
    """

    first: date
    last: date
    days: int
    failed: bool
    running: bool
    error_class: str
    expected: float | None


def _span(history: SourceHistory, usual: float) -> int:
    """Return the days that may lie between two visits of a source that is visited as it should.

    Where it is visited but once a day, a visit a little before midnight may be followed by one a
    little after the next.
    """
    return max(1 if usual >= 2 else 2, ceil(1.5 * history.interval / 86400))


def days_read(history: SourceHistory) -> list[CoverageDay]:
    """Return the days on which a source was read, in order, today included."""
    return [day for day in history.days if day.visits > day.visits_failed]


def walk_through(
    history: SourceHistory, observed: Sequence[CoverageDay], count: Callable[[CoverageDay], int]
) -> Walk:
    """Walk through the days of a source.

    What came after the last visit of a day is counted on the next one. Where that is most of a day,
    both are one sample: on a day with far fewer visits than usual, little is no news.
    """
    samples: list[Sample] = []
    usual = _usual_visits(history, observed)
    span = _span(history, usual)
    before = observed[0].day if observed else None
    days: tuple[date, ...] = ()
    came = 0
    for day in observed[1:]:
        if before is None or day.day >= history.today:
            break
        between = (day.day - before).days
        late = between > span
        first = 1 if not late else between
        days += tuple(before + _DAY * number for number in range(first, between + 1))
        came += count(day)
        before = day.day
        if not late and 2 * (day.visits - day.visits_failed) < usual:
            continue
        samples.append(Sample(days[-1:] if late else days, came, late))
        days, came = (), 0
    today = history.days[-1] if history.days and history.days[-1].day == history.today else None
    until = Sample((history.today,), count(today)) if today is not None else None
    return walk(samples, history.zone, until=until)


def _usual_visits(history: SourceHistory, observed: Sequence[CoverageDay]) -> float:
    """Return the visits that a day usually has, or should have by now if that is fewer."""
    if not observed:
        return 0.0
    found = median(day.visits - day.visits_failed for day in observed)
    return min(float(found), 86400 / history.interval)


def days_away(
    history: SourceHistory, observed: Sequence[CoverageDay], rhythm: Rhythm | None
) -> tuple[Away, ...]:
    """Return the stretches between visits that worked that are longer than they should be."""
    by_day = {day.day: day for day in history.days}
    read = [day.day for day in observed]
    stretches: list[Away] = []
    span = _span(history, _usual_visits(history, observed))
    for before, after in pairwise([*read, history.today]):
        if (after - before).days <= span:
            continue
        days = [before + _DAY * number for number in range(1, (after - before).days)]
        tried = [by_day[day] for day in days if day in by_day and by_day[day].visits]
        stretches.append(
            Away(
                first=days[0],
                last=days[-1],
                days=len(days),
                failed=bool(tried),
                running=2 * sum(day in history.ran for day in days) > len(days),
                error_class=tried[-1].error_class if tried else "",
                expected=sum(rate_on(rhythm, day, history.zone) for day in days)
                if rhythm
                else None,
            )
        )
    return tuple(stretches)
