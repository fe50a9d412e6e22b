"""The coverage of all sources together: what any answer of the archive rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from scraper.coverage import (
    KINDS,
    PAUSED,
    TROUBLE,
    SourceAssessment,
    UnreadPeriod,
    assess_source,
    total,
)
from scraper.coverage.holidays import FESTIVAL, kind_of
from scraper.coverage.wording import format_gap, number, plural
from scraper.models import EntryCounts, SourceHistory
from scraper.record import record

__all__ = ["CoverageReport", "history_days", "labels", "past_gaps", "report", "troubles"]

DAYS = 30
# Days of history: half a year, and so many that the last festival is among them; the festival plays
# a part in the gaps of so many days after it.
_HALF_YEAR, _YEAR, _NEAR_FESTIVAL = 184, 400, 45
# The program has not been running when no source was visited for so many days.
_IDLE_DAYS = 2


@record
class CoverageReport:
    """The coverage of a period.

    Attributes:
        since, until: first and last day of it.
        standings: the sources, in the order in which their histories came.
        counts: what became of the entries that they first showed in these days.
        idle: days since any source was visited, where the program does not seem to be running;
            else 0. The period then ends with the last of its visits.
    """

    since: date
    until: date
    standings: tuple[SourceAssessment, ...]
    counts: EntryCounts
    idle: int = 0

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many sources are of each kind of `scraper.coverage.KINDS`."""
        found = [standing.kind for standing in self.standings]
        return {kind: found.count(kind) for kind in KINDS if kind in found}

    @property
    def begun(self) -> date:
        """The first day of the period on which any source was watched."""
        first = [s.history.since for s in self.standings if s.history.since]
        return max(self.since, min(first)) if first else self.since

    @property
    def idle_sentence(self) -> str:
        """That nothing was visited for days, or "": of the demo, that its clock is simulated."""
        if not self.idle:
            return ""
        if all(standing.history.own for standing in self.standings):
            return f"These sources are on this machine; their simulated clock shows {self.until}"
        return f"Nothing was visited for {plural(self.idle, 'day')}"

    @property
    def watched(self) -> int:
        """Sources that are not paused."""
        return sum(standing.kind != PAUSED for standing in self.standings)


def report(histories: Iterable[SourceHistory], days: int = DAYS) -> CoverageReport | None:
    """Weigh all sources, and count what became of their entries in the last days.

    Args:
        histories: of the sources that are asked about.
        days: of the period, today included.

    Returns:
        The report, or None where there is no source.
    """
    standings = tuple(assess_source(history) for history in histories)
    if not standings:
        return None
    today = max(standing.history.today for standing in standings)
    last = max((max(s.history.ran, default=date.min) for s in standings), default=date.min)
    idle = (today - last).days if last > date.min else 0
    until = last if idle >= _IDLE_DAYS else today
    since = until - timedelta(days=days - 1)
    counts = total(
        day for standing in standings for day in standing.history.days if since <= day.day <= until
    )
    return CoverageReport(
        since=since,
        until=until,
        standings=standings,
        counts=counts,
        idle=idle if idle >= _IDLE_DAYS else 0,
    )


def history_days(today: date) -> int:
    """Return how many days of history to ask the archive for.

    Half a year tells a rhythm; near the Spring Festival the one of the year before must be seen.
    """
    near = (today - timedelta(days=number) for number in range(-1, _NEAR_FESTIVAL))
    # It falls between January 19 and February 28: in other months no calendar is loaded for it.
    near = (day for day in near if day.month <= 2)
    return _YEAR if any(kind_of(day, "Asia/Shanghai") == FESTIVAL for day in near) else _HALF_YEAR


def labels(standings: Sequence[SourceAssessment]) -> list[str]:
    """Return what sources are called: by their outlet, or by both where it has several."""
    outlets = [standing.history.outlet for standing in standings]
    return [
        s.history.outlet if outlets.count(s.history.outlet) == 1
        else f"{s.history.outlet} ({s.history.name})"
        for s in standings
    ]  # fmt: skip


def troubles(found: CoverageReport, kinds: Collection[str] = TROUBLE) -> list[str]:
    """Return a sentence for each source in trouble, or of other kinds: most missed first."""
    named = [
        (_missed(standing), f"{label}: {standing.sentence}")
        for label, standing in zip(labels(found.standings), found.standings, strict=True)
        if standing.kind in kinds
    ]
    return [sentence for _, sentence in sorted(named, key=lambda pair: -pair[0])]


def past_gaps(found: CoverageReport) -> list[str]:
    """Return a sentence for each gap and absence in the period that is over."""
    told = []
    for label, standing in zip(labels(found.standings), found.standings, strict=True):
        for first, sentence in _over(standing, found):
            told.append((first, f"{label}: {sentence}"))
        told += [
            (
                day,
                f"{label}: all {entries:,} entries that it showed were new, {day}: some before"
                " them may be missed",
            )
            for day, entries in standing.history.overruns
            if found.since <= day <= found.until
        ]
    told += [(away.first, f"the program {_was_away(away)}") for away in _not_running(found)]
    return [sentence for _, sentence in sorted(told)]


def _missed(standing: SourceAssessment) -> float:
    if standing.gap is not None:
        return standing.gap.expected - standing.gap.count
    last = standing.away[-1] if standing.away else None
    return (last.expected or 0.0) if last else 0.0


def _over(standing: SourceAssessment, found: CoverageReport) -> Iterator[tuple[date, str]]:
    for gap in standing.gaps:
        if not gap.open and gap.last >= found.since:
            after = "; that is its pace since" if gap.settled else ""
            yield gap.first, f"{format_gap(gap)}, {_days(gap.first, gap.last)}{after}"
    for away in standing.away:
        if _is_over(away, standing, found) and (away.failed or away.running):
            yield away.first, _was_away(away)


def _is_over(away: UnreadPeriod, standing: SourceAssessment, found: CoverageReport) -> bool:
    over = away.last < standing.history.today - timedelta(days=1)
    return over and found.since <= away.last <= found.until


def _not_running(found: CoverageReport) -> list[UnreadPeriod]:
    """Return the stretches in which nothing was visited, each with what was missed of all."""
    stretches: list[UnreadPeriod] = []
    away = sorted(
        (
            away
            for standing in found.standings
            for away in standing.away
            if _is_over(away, standing, found) and not away.failed and not away.running
        ),
        key=lambda away: away.first,
    )
    for one in away:
        if stretches and one.first <= stretches[-1].last:
            before = stretches.pop()
            last = max(before.last, one.last)
            one = replace(
                before,
                last=last,
                days=(last - before.first).days + 1,
                expected=(before.expected or 0.0) + (one.expected or 0.0),
            )
        stretches.append(one)
    return stretches


def _was_away(away: UnreadPeriod) -> str:
    why = (
        f"could not be read ({away.error_class})"
        if away.failed
        else "was not visited"
        if away.running
        else "was not running"
    )
    usual = f"; {number(away.expected)} usually come then" if away.expected else ""
    return f"{why}, {_days(away.first, away.last)}{usual}"


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
