"""What is told of a source's coverage, in words: gaps, what became of entries, rhythms."""

from __future__ import annotations

from scraper.coverage.gaps import Gap
from scraper.coverage.rhythm import Rhythm
from scraper.models import EntryCounts

__all__ = ["format_gap", "format_rhythm", "number", "outcome_counts", "plural"]

_WEEKS_A_MONTH = 4.35


def format_gap(gap: Gap, of: str = "article") -> str:
    """Return a gap as a sentence: ``no article for 3 days, expected 12``.

    Args:
        gap: the gap.
        of: what is missing: ``article`` or ``entry``.
    """
    days, expected = plural(gap.days, "day"), number(gap.expected)
    if gap.count:
        more = "entries" if of == "entry" else "articles"
        return f"{plural(gap.count, of, more)} in {days}, expected {expected}"
    said = f"no {of} for {days}, expected {expected}"
    return f"{said}; again since {gap.resumed}" if gap.resumed and gap.open else said


def outcome_counts(counts: EntryCounts) -> str:
    """Return what became of entries: ``38 rejected, 3 failed``."""
    parts = (
        (counts.kept, "kept"),
        (counts.known, "known before"),
        (counts.rejected, "rejected"),
        (counts.off_topic, "off topic"),
        (counts.held, "held as their host drifts"),
        (counts.failed, "failed"),
        (counts.waiting, "waiting"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in parts if count)


def format_rhythm(rhythm: Rhythm) -> str:
    """Return a rhythm as ``about 12 a workday, 3 at weekends``."""
    week = sum(rhythm.week)
    if week < 1:
        return f"about {number(week * _WEEKS_A_MONTH)} a month"
    if week < 5:
        return f"about {number(week)} a week"
    workday, weekend = rhythm.workday, rhythm.weekend
    if 0.7 * workday <= weekend <= 1.3 * workday:
        return f"about {number(week / 7)} a day"
    at_weekends = number(weekend) if weekend >= max(0.05 * workday, 0.05) else "hardly any"
    return f"about {number(workday)} a workday, {at_weekends} at weekends"


def number(value: float) -> str:
    """Return an expectation as it is said: 12, 3, 0.4."""
    return f"{value:,.0f}" if value >= 1.95 else f"{value:.1f}"


def plural(count: int, one: str, more: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
