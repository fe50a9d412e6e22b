"""How well each source is covered: does it keep its rhythm, and if not, at which stage is it lost?

A source's history becomes a standing with a sentence for people, such as "no article for 3 days,
expected 12; 9 visits showed nothing new"; all standings together become a report with the
denominators.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from types import MappingProxyType

from scraper.judge.gaps import Gap, Walk
from scraper.judge.rhythm import LEAST_ARTICLES, LEAST_DAYS, Rhythm
from scraper.judge.saying import became, gap_in_words, many, number, rhythm_in_words
from scraper.judge.visits import Away, days_away, days_read, walk_through
from scraper.models import Counts, CoverageDay, SourceHistory

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
    "Standing",
    "sum_up",
    "weigh",
]

FAILING, GAP, UNWATCHED, BARREN = "failing", "gap", "not visited", "nothing kept"
SHORT, QUIET, FINE, PAUSED, NEW = "too little history", "quiet", "fine", "paused", "never visited"
LOW = "lower than usual"
KINDS = (FAILING, GAP, UNWATCHED, BARREN, LOW, NEW, SHORT, QUIET, FINE, PAUSED)
TROUBLE = frozenset({FAILING, GAP, UNWATCHED, BARREN})

# Messages name the address that failed; the line has named the source.
_ADDRESS = re.compile(r"^https?://\S+: ")
_DAY = timedelta(days=1)
# Without an article for so many days a source that misses nothing is called quiet.
_QUIET_DAYS = 7
# Entries and days after which a source that gave no article at all is told.
_BARREN_ENTRIES, _BARREN_DAYS = 10, 3
# Of a source that shows nothing for so long its former rhythm is out of sight.
_DEAD_DAYS = 60
# Where a source shows so many entries for one article, entries have a rhythm of their own.
_SPARSE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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
    away: tuple[Away, ...] = ()


def sum_up(days: Iterable[CoverageDay]) -> Counts:
    """Add up what became of the entries of several days, of one source or of many."""
    sums = dict.fromkeys((f.name for f in fields(Counts)), 0)
    for day in days:
        for name in sums:
            sums[name] += getattr(day, name)
    return Counts(**sums)


def weigh(history: SourceHistory) -> Standing:
    """Tell how a source stands.

    Args:
        history: what came of it, day by day. Days before its first visit, and that day itself with
            its backlog, teach nothing.
    """
    observed = days_read(history)
    articles = walk_through(history, observed, _articles)
    away = days_away(history, observed, articles.rhythm)
    gap, of = _open(articles), "article"
    if gap is None and _is_sparse(history.days):
        gap, of = _open(walk_through(history, observed, _seen)), "entry"
    kind, sentence = _verdict(history, observed, articles, away, gap, of)
    return Standing(
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


def _open(found: Walk) -> Gap | None:
    return found.gaps[-1] if found.gaps and found.gaps[-1].open else None


# -- verdicts ------------------------------------------------------------------------------------


def _verdict(
    history: SourceHistory,
    observed: Sequence[CoverageDay],
    articles: Walk,
    away: Sequence[Away],
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
        return UNWATCHED, f"not visited for {many(last.days, 'day')}{_expecting(last.expected)}"
    if gap is not None:
        said = f"{gap_in_words(gap, of)}; {_why(history, gap)}"
        # A source that writes of something else for a while is not missing.
        return LOW if _is_off_topic(history, gap) else GAP, said
    if articles.rhythm is None:
        return _without_rhythm(history, articles)
    if articles.doubt is not None:
        said = f"{gap_in_words(articles.doubt)}, which may be chance"
        return LOW, f"{said}; {_why(history, articles.doubt)}"
    quiet = _silent_days(history, observed)
    if quiet >= _QUIET_DAYS:
        rhythm = rhythm_in_words(articles.rhythm)
        return QUIET, f"no article for {quiet} days, which is not unusual ({rhythm})"
    return FINE, rhythm_in_words(articles.rhythm)


def _failing(history: SourceHistory, away: Away | None) -> str:
    visits = f"{many(history.failures, 'visit')} failed in a row"
    message = _ADDRESS.sub("", history.last_message)
    why = f"{visits}: {message}" if message else visits
    if away is None:
        return why
    return f"not read for {many(away.days, 'day')}{_expecting(away.expected)}; {why}"


def _expecting(expected: float | None) -> str:
    return "" if expected is None else f", expected {number(expected)}"


def _is_off_topic(history: SourceHistory, gap: Gap) -> bool:
    counts = sum_up(day for day in history.days if gap.first <= day.day <= gap.last)
    return counts.off_topic > 0.8 * counts.seen


def _why(history: SourceHistory, gap: Gap) -> str:
    """Say at which stage the articles of a gap were lost."""
    counts = sum_up(day for day in history.days if gap.first <= day.day <= gap.last)
    if not counts.seen:
        return f"{many(counts.visits - counts.visits_failed, 'visit')} showed nothing new"
    if counts.seen == counts.kept + counts.known:
        return f"{many(counts.visits - counts.visits_failed, 'visit')} showed no more"
    return f"of {many(counts.seen, 'entry', 'entries')} {became(counts)}"


def _without_rhythm(history: SourceHistory, articles: Walk) -> tuple[str, str]:
    counts = sum_up(history.days)
    watched = (history.today - history.since).days if history.since else 0
    lost = counts.rejected + counts.failed
    if (
        counts.seen >= _BARREN_ENTRIES
        and watched >= _BARREN_DAYS
        and not counts.kept + counts.known
        and 2 * lost >= counts.seen
    ):
        said = f"no article in {watched} days: of {counts.seen:,} entries {became(counts)}"
        return BARREN, said
    if not counts.seen and articles.days >= _DEAD_DAYS:
        return BARREN, f"nothing new in {articles.days} days"
    if articles.days < LEAST_DAYS:
        return SHORT, f"too little history: {articles.days} of {LEAST_DAYS} days"
    few = many(articles.articles, "article")
    return SHORT, f"too little history: {few} in {articles.days} days, {LEAST_ARTICLES} are needed"


def _silent_days(history: SourceHistory, observed: Sequence[CoverageDay]) -> int:
    """Return the days on end without an article, up to the last one on which it was read."""
    last = next((day.day for day in reversed(history.days) if day.articles), history.since)
    until = min(history.today - _DAY, observed[-1].day) if observed else history.today - _DAY
    return (until - last).days if last else 0
