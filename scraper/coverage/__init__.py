"""How well each source is covered: does it keep its rhythm, and if not, at which stage is it lost?

A source's history becomes a standing with a sentence for people, such as "no article for 3 days,
expected 12; 9 visits showed nothing new"; all standings together become a report with the
denominators.

The days on which a source was read, and those on which it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from types import MappingProxyType

from scraper.coverage.gaps import Gap, GapScan, scan_gaps
from scraper.coverage.rhythm import LEAST_ARTICLES, LEAST_DAYS, Rhythm, Sample, rate_on
from scraper.coverage.wording import format_gap, format_rhythm, number, outcome_counts, plural
from scraper.models import CoverageDay, EntryCounts, SourceHistory
from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = [
    "BARREN",
    "FAILING",
    "FINE",
    "GAP",
    "KINDS",
    "LOW",
    "PAUSED",
    "QUIET",
    "SHORT",
    "TROUBLE",
    "UNWATCHED",
    "SourceAssessment",
    "UnreadPeriod",
    "assess_source",
    "days_read",
    "scan_source",
    "total",
    "unread_periods",
]


_ONE_DAY = timedelta(days=1)


@record
class UnreadPeriod:
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


def scan_source(
    history: SourceHistory, observed: Sequence[CoverageDay], count: Callable[[CoverageDay], int]
) -> GapScan:
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
        days += tuple(before + _ONE_DAY * number for number in range(first, between + 1))
        came += count(day)
        before = day.day
        if not late and 2 * (day.visits - day.visits_failed) < usual:
            continue
        samples.append(Sample(days[-1:] if late else days, came, late))
        days, came = (), 0
    today = history.days[-1] if history.days and history.days[-1].day == history.today else None
    until = Sample((history.today,), count(today)) if today is not None else None
    return scan_gaps(samples, history.zone, until=until)


def _usual_visits(history: SourceHistory, observed: Sequence[CoverageDay]) -> float:
    """Return the visits that a day usually has, or should have by now if that is fewer."""
    if not observed:
        return 0.0
    found = median(day.visits - day.visits_failed for day in observed)
    return min(float(found), 86400 / history.interval)


def unread_periods(
    history: SourceHistory, observed: Sequence[CoverageDay], rhythm: Rhythm | None
) -> tuple[UnreadPeriod, ...]:
    """Return the stretches between visits that worked that are longer than they should be."""
    by_day = {day.day: day for day in history.days}
    read = [day.day for day in observed]
    stretches: list[UnreadPeriod] = []
    span = _span(history, _usual_visits(history, observed))
    for before, after in pairwise([*read, history.today]):
        if (after - before).days <= span:
            continue
        days = [before + _ONE_DAY * number for number in range(1, (after - before).days)]
        tried = [by_day[day] for day in days if day in by_day and by_day[day].visits]
        stretches.append(
            UnreadPeriod(
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


FAILING, GAP, UNWATCHED, BARREN = "failing", "gap", "not visited", "nothing kept"
SHORT, QUIET, FINE, PAUSED, NEW = "too little history", "quiet", "fine", "paused", "never visited"
LOW = "lower than usual"
KINDS = (FAILING, GAP, UNWATCHED, BARREN, LOW, NEW, SHORT, QUIET, FINE, PAUSED)
TROUBLE = frozenset({FAILING, GAP, UNWATCHED, BARREN})

# Messages name the address that failed; the line has named the source.
_ADDRESS = lazy_compile(r"^https?://\S+: ")
_DAY = timedelta(days=1)
# Without an article for so many days a source that misses nothing is called quiet.
_QUIET_DAYS = 7
# Entries and days after which a source that gave no article at all is told.
_BARREN_ENTRIES, _BARREN_DAYS = 10, 3
# Of a source that shows nothing for so long its former rhythm is out of sight.
_DEAD_DAYS = 60
# Where a source shows so many entries for one article, entries have a rhythm of their own.
_SPARSE = 2


@record
class SourceAssessment:
    """How a source stands.

    Attributes:
        history: what that is told from.
        kind: one of `KINDS`.
        sentence: the same with figures, without the source's name.
        rhythm: of its articles, or None where there is too little history.
        expected: articles that were expected, by day, by what was known then.
        gap: the gap that lasts, or None.
        of: what the gap is of: ``article`` or ``entry``.
        gaps: gaps in its articles, the open one included, in order.
        away: stretches of days on which it was not read, in order.
    """

    history: SourceHistory
    kind: str
    sentence: str
    rhythm: Rhythm | None
    expected: Mapping[date, float]
    gap: Gap | None = None
    of: str = "article"
    gaps: tuple[Gap, ...] = ()
    away: tuple[UnreadPeriod, ...] = ()


def total(days: Iterable[CoverageDay]) -> EntryCounts:
    """Add up what became of the entries of several days, of one source or of many."""
    sums = dict.fromkeys((f.name for f in fields(EntryCounts)), 0)
    for day in days:
        for name in sums:
            sums[name] += getattr(day, name)
    return EntryCounts(**sums)


def assess_source(history: SourceHistory) -> SourceAssessment:
    """Tell how a source stands.

    Args:
        history: what came of it, day by day. Days before its first visit, and that day itself with
            its backlog, teach nothing.
    """
    observed = days_read(history)
    articles = scan_source(history, observed, _articles)
    away = unread_periods(history, observed, articles.rhythm)
    gap, of = _open(articles), "article"
    if gap is None and _is_sparse(history.days):
        gap, of = _open(scan_source(history, observed, _seen)), "entry"
    kind, sentence = _verdict(history, observed, articles, away, gap, of)
    return SourceAssessment(
        history=history,
        kind=kind,
        sentence=sentence,
        rhythm=articles.rhythm,
        expected=MappingProxyType(dict(articles.expected)),
        gap=gap if kind == GAP else None,
        of=of,
        gaps=articles.gaps,
        away=away,
    )


# -- days ---------------------------------------------------------------------------------------


def _articles(day: CoverageDay) -> int:
    return day.articles


def _seen(day: CoverageDay) -> int:
    return day.seen


def _is_sparse(days: Sequence[CoverageDay]) -> bool:
    articles = sum(day.articles for day in days)
    return sum(day.seen for day in days) >= _SPARSE * max(1, articles)


def _open(found: GapScan) -> Gap | None:
    return found.gaps[-1] if found.gaps and found.gaps[-1].open else None


# -- verdicts ------------------------------------------------------------------------------------


def _verdict(
    history: SourceHistory,
    observed: Sequence[CoverageDay],
    articles: GapScan,
    away: Sequence[UnreadPeriod],
    gap: Gap | None,
    of: str,
) -> tuple[str, str]:
    """Return what a source's days come to: a kind of `KINDS`, and the sentence."""
    if not history.enabled:
        return PAUSED, "paused"
    last = away[-1] if away and away[-1].last == history.today - _DAY else None
    if history.failures:
        return FAILING, _failing(history, last)
    if history.since is None:
        return NEW, "never visited"
    if last is not None and last.running:
        return UNWATCHED, f"not visited for {plural(last.days, 'day')}{_expecting(last.expected)}"
    if gap is not None:
        said = f"{format_gap(gap, of)}; {_why(history, gap)}"
        # A source that writes of something else for a while is not missing.
        return LOW if _is_off_topic(history, gap) else GAP, said
    if articles.rhythm is None:
        return _without_rhythm(history, articles)
    if articles.doubt is not None:
        said = f"{format_gap(articles.doubt)}, which may be chance"
        return LOW, f"{said}; {_why(history, articles.doubt)}"
    quiet = _silent_days(history, observed)
    if quiet >= _QUIET_DAYS:
        rhythm = format_rhythm(articles.rhythm)
        return QUIET, f"no article for {quiet} days, which is not unusual ({rhythm})"
    return FINE, format_rhythm(articles.rhythm)


def _failing(history: SourceHistory, away: UnreadPeriod | None) -> str:
    visits = f"{plural(history.failures, 'visit')} failed in a row"
    message = _ADDRESS.sub("", history.last_message)
    why = f"{visits}: {message}" if message else visits
    if away is None:
        return why
    return f"not read for {plural(away.days, 'day')}{_expecting(away.expected)}; {why}"


def _expecting(expected: float | None) -> str:
    return "" if expected is None else f", expected {number(expected)}"


def _is_off_topic(history: SourceHistory, gap: Gap) -> bool:
    counts = total(day for day in history.days if gap.first <= day.day <= gap.last)
    return counts.off_topic > 0.8 * counts.seen


def _why(history: SourceHistory, gap: Gap) -> str:
    """Say at which stage the articles of a gap were lost."""
    counts = total(day for day in history.days if gap.first <= day.day <= gap.last)
    if not counts.seen:
        return f"{plural(counts.visits - counts.visits_failed, 'visit')} showed nothing new"
    if counts.seen == counts.kept + counts.known:
        return f"{plural(counts.visits - counts.visits_failed, 'visit')} showed no more"
    return f"of {plural(counts.seen, 'entry', 'entries')} {outcome_counts(counts)}"


def _without_rhythm(history: SourceHistory, articles: GapScan) -> tuple[str, str]:
    counts = total(history.days)
    watched = (history.today - history.since).days if history.since else 0
    lost = counts.rejected + counts.failed
    if (
        counts.seen >= _BARREN_ENTRIES
        and watched >= _BARREN_DAYS
        and not counts.kept + counts.known
        and 2 * lost >= counts.seen
    ):
        said = f"no article in {watched} days: of {counts.seen:,} entries {outcome_counts(counts)}"
        return BARREN, said
    if not counts.seen and articles.days >= _DEAD_DAYS:
        return BARREN, f"nothing new in {articles.days} days"
    if articles.days < LEAST_DAYS:
        return SHORT, f"too little history: {articles.days} of {LEAST_DAYS} days"
    few = plural(articles.articles, "article")
    return SHORT, f"too little history: {few} in {articles.days} days, {LEAST_ARTICLES} are needed"


def _silent_days(history: SourceHistory, observed: Sequence[CoverageDay]) -> int:
    """Return the days on end without an article, up to the last one on which it was read."""
    last = next((day.day for day in reversed(history.days) if day.articles), history.since)
    until = min(history.today - _DAY, observed[-1].day) if observed else history.today - _DAY
    return (until - last).days if last else 0
