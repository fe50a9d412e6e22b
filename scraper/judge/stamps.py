"""What is stamped on answers and exports: the denominators, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scraper.judge.coverage import PAUSED, SHORT, TROUBLE, Standing
from scraper.judge.days import DayStanding
from scraper.judge.gaps import Gap
from scraper.judge.report import Report, past_gaps, troubles
from scraper.judge.saying import became, many, rhythm_in_words
from scraper.models import Counts

__all__ = [
    "about",
    "entries_in_words",
    "footnote",
    "told",
    "told_day",
    "told_standing",
    "watched_in_words",
]

# Sentences that a footnote has room for.
_SHOWN = 3
_FARE = {"gap": "with a gap", SHORT: f"with {SHORT}"}


def footnote(found: Report | None) -> str:
    """Return in one line what an answer rests on.

    Args:
        found: the report, or None where no source is watched.
    """
    if found is None:
        return "rests on what was fetched and imported by hand: no source is watched"
    seen = entries_in_words(found.counts)
    text = f"rests on {many(found.watched, 'source')}, {found.begun} to {found.until}: {seen}"
    wrong = troubles(found)
    if wrong:
        more = f"; {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        text += f". In trouble: {'; '.join(_short(s) for s in wrong[:_SHOWN])}{more}"
    over = len(past_gaps(found))
    if over:
        text += f". {many(over, 'gap')} before"
    short = found.kinds.get(SHORT, 0)
    if short:
        text += f". Of {many(short, 'source')} too little is known to tell gaps"
    if found.idle:
        text += f". Nothing was visited for {many(found.idle, 'day')}"
    return text


def watched_in_words(found: Report) -> str:
    """Return how many sources fare how: ``3 watched: 1 with a gap, 2 fine``."""
    kinds = [f"{n:,} {_FARE.get(kind, kind)}" for kind, n in found.kinds.items() if kind != PAUSED]
    paused = found.kinds.get(PAUSED, 0)
    said = f"{found.watched:,} watched" + (f": {', '.join(kinds)}" if kinds else "")
    return f"{said}; {paused:,} paused" if paused else said


def entries_in_words(counts: Counts) -> str:
    """Return what became of entries: ``12 entries seen = 9 kept, 3 rejected``."""
    seen = f"{many(counts.seen, 'entry', 'entries')} seen"
    return f"{seen} = {became(counts)}" if counts.seen else seen


def told(found: Report | None) -> dict[str, Any] | None:
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


def told_day(day: DayStanding) -> dict[str, Any]:
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


def about(standing: Standing) -> str:
    """Return a source's rhythm in words, or "" where too little is known."""
    return rhythm_in_words(standing.rhythm) if standing.rhythm else ""


def told_standing(standing: Standing) -> dict[str, Any]:
    """Return how a source stands as plain values, for JSON."""
    rhythm = standing.rhythm
    return {
        "source": standing.history.name,
        "outlet": standing.history.outlet,
        "kind": standing.kind,
        "sentence": standing.sentence,
        "rhythm": {
            "in_words": rhythm_in_words(rhythm),
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
