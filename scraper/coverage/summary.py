"""What is stamped on answers and exports: the denominators, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scraper.coverage import PAUSED, SHORT, TROUBLE, SourceAssessment
from scraper.coverage.days import DayStatus
from scraper.coverage.gaps import Gap
from scraper.coverage.report import CoverageReport, past_gaps, troubles
from scraper.coverage.wording import format_rhythm, outcome_counts, plural
from scraper.models import EntryCounts

__all__ = [
    "assessment_as_dict",
    "coverage_note",
    "day_as_dict",
    "format_entries",
    "format_watched",
    "report_as_dict",
    "usual_rate",
]

# Sentences that a footnote has room for.
_SHOWN = 3
_FARE = {"gap": "with a gap", SHORT: f"with {SHORT}"}


def coverage_note(found: CoverageReport | None) -> str:
    """Return in one line what an answer rests on.

    Args:
        found: the report, or None where no source is watched.
    """
    if found is None:
        return "rests on what was fetched and imported by hand: no source is watched"
    seen = format_entries(found.counts)
    text = f"rests on {plural(found.watched, 'source')}, {found.begun} to {found.until}: {seen}"
    wrong = troubles(found)
    if wrong:
        more = f"; {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        text += f". In trouble: {'; '.join(_short(s) for s in wrong[:_SHOWN])}{more}"
    over = len(past_gaps(found))
    if over:
        text += f". {plural(over, 'gap')} before"
    short = found.kinds.get(SHORT, 0)
    if short:
        text += f". Of {plural(short, 'source')} too little is known to tell gaps"
    if found.idle:
        text += f". {found.idle_sentence}"
    return text


def format_watched(found: CoverageReport) -> str:
    """Return how many sources fare how: ``3 watched: 1 with a gap, 2 fine``."""
    kinds = [f"{n:,} {_FARE.get(kind, kind)}" for kind, n in found.kinds.items() if kind != PAUSED]
    paused = found.kinds.get(PAUSED, 0)
    said = f"{found.watched:,} watched" + (f": {', '.join(kinds)}" if kinds else "")
    return f"{said}; {paused:,} paused" if paused else said


def format_entries(counts: EntryCounts) -> str:
    """Return what became of entries: ``12 entries seen = 9 kept, 3 rejected``."""
    seen = f"{plural(counts.seen, 'entry', 'entries')} seen"
    return f"{seen} = {outcome_counts(counts)}" if counts.seen else seen


def report_as_dict(found: CoverageReport | None) -> dict[str, Any] | None:
    """Return a report as plain values, for JSON."""
    if found is None:
        return None
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "sources": len(found.standings),
        "watched": found.watched,
        "standings": dict(found.kinds),
        "entries": asdict(found.counts),
        "idle_days": found.idle,
        "in_trouble": [
            {
                "source": standing.history.name,
                "outlet": standing.history.outlet,
                "kind": standing.kind,
                "sentence": standing.sentence,
                "gap": _told_gap(standing.gap, standing.of) if standing.gap else None,
            }
            for standing in found.standings
            if standing.kind in TROUBLE
        ],
        "gaps": [
            {"source": standing.history.name, "outlet": standing.history.outlet}
            | _told_gap(gap, "article")
            for standing in found.standings
            for gap in standing.gaps
            if gap.last >= found.since
        ],
        "not_read": [
            {
                "source": standing.history.name,
                "outlet": standing.history.outlet,
                "first": away.first.isoformat(),
                "last": away.last.isoformat(),
                "days": away.days,
                "why": away.error_class or ("not visited" if away.running else "not running"),
                "expected": _rounded(away.expected),
            }
            for standing in found.standings
            for away in standing.away
            if found.since <= away.last <= found.until
        ],
    }


def day_as_dict(day: DayStatus) -> dict[str, Any]:
    """Return a day of a source as plain values, for JSON and CSV."""
    return {
        **asdict(day.day),
        "day": day.day.day.isoformat(),
        "seen": day.day.seen,
        "expected": _rounded(day.expected),
        "verdict": day.verdict,
    }


def _told_gap(gap: Gap, of: str) -> dict[str, Any]:
    """Return a gap as plain values, for JSON."""
    return {
        "of": of,
        "first": gap.first.isoformat(),
        "last": gap.last.isoformat(),
        "days": gap.days,
        "count": gap.count,
        "expected": _rounded(gap.expected),
        "chance": float(f"{gap.chance:.2g}"),
        "open": gap.open,
        "resumed": gap.resumed.isoformat() if gap.resumed else None,
        "settled": gap.settled,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _short(sentence: str) -> str:
    """Return a sentence of trouble without its reasons, which `scraper status` gives."""
    return sentence.partition("; ")[0]


def usual_rate(standing: SourceAssessment) -> str:
    """Return a source's rhythm in words, or "" where too little is known."""
    return format_rhythm(standing.rhythm) if standing.rhythm else ""


def assessment_as_dict(standing: SourceAssessment) -> dict[str, Any]:
    """Return how a source stands as plain values, for JSON."""
    rhythm = standing.rhythm
    return {
        "source": standing.history.name,
        "outlet": standing.history.outlet,
        "kind": standing.kind,
        "sentence": standing.sentence,
        "rhythm": {
            "in_words": format_rhythm(rhythm),
            "monday_to_sunday": [round(rate, 2) for rate in rhythm.week],
            "holiday": _rounded(rhythm.holiday),
            "festival": _rounded(rhythm.festival),
            "dispersion": round(rhythm.dispersion, 2),
            "days": rhythm.days,
            "articles": rhythm.articles,
        }
        if rhythm
        else None,
    }
