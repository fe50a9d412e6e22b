"""A source's coverage day by day: what came, what was expected, and what is to be made of it."""

from __future__ import annotations

from datetime import date, timedelta

from scraper.coverage import SourceAssessment
from scraper.coverage.rhythm import rate_on
from scraper.models import CoverageDay
from scraper.record import record

__all__ = ["DayStatus", "day_by_day"]

AS_EXPECTED, FEW, SILENT = "as expected", "few", "gap"
TODAY, FIRST = "so far", "first visit"
FAILED, NOT_VISITED, NOT_RUNNING, BEFORE, LEARNING = (
    "failed", "not visited", "not running", "not watched yet", "",
)  # fmt: skip

# Less is missed on a day every now and then.
_FEW = 2


@record
class DayStatus:
    """One day of a source.

    Attributes:
        day: what came of it.
        expected: articles that were expected, or None where that was not known.
        verdict: ``as expected`` (or more), ``few`` (less than half of what was expected: by itself
            no gap), ``gap``, ``failed``, ``not visited``, ``not running``, ``not watched yet``,
            ``first visit``, ``so far`` (today), or "" where too little was known.
    """

    day: CoverageDay
    expected: float | None
    verdict: str


def day_by_day(standing: SourceAssessment, since: date, until: date) -> tuple[DayStatus, ...]:
    """Return every day of a period, also those on which nothing happened."""
    history = standing.history
    by_day = {day.day: day for day in history.days}
    gaps = {
        gap.first + timedelta(days=number)
        for gap in (*standing.gaps, *((standing.gap,) if standing.gap else ()))
        for number in range((gap.last - gap.first).days + 1)
    }
    away = {
        away.first + timedelta(days=number): FAILED
        if away.failed
        else NOT_VISITED
        if away.running
        else NOT_RUNNING
        for away in standing.away
        for number in range(away.days)
    }
    days = []
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        expected = standing.expected.get(day)
        if history.since is None or day < history.since:
            verdict = BEFORE
        elif day == history.since:
            verdict = FIRST
        elif day == history.today:
            verdict = TODAY
        elif day in away:
            verdict = away[day]
        elif day in gaps:
            verdict = SILENT
        elif expected is None:
            verdict = LEARNING
        else:
            came = by_day[day].articles if day in by_day else 0
            verdict = FEW if expected - came >= _FEW and 2 * came < expected else AS_EXPECTED
        if expected is None and standing.rhythm and verdict in (*away.values(), TODAY):
            expected = rate_on(standing.rhythm, day, history.zone)
        days.append(
            DayStatus(day=by_day.get(day, CoverageDay(day=day)), expected=expected, verdict=verdict)
        )
    return tuple(days)
