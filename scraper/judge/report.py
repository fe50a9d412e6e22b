"""The coverage of all sources together: what any answer of the archive rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from scraper.judge.coverage import KINDS, PAUSED, TROUBLE, Standing, sum_up, weigh
from scraper.judge.gaps import Gap
from scraper.judge.holidays import FESTIVAL, kind_of
from scraper.judge.saying import became, gap_in_words, many, number, rhythm_in_words
from scraper.models import Counts, SourceHistory

__all__ = [
    "Report",
    "about",
    "footnote",
    "labels",
    "past_gaps",
    "report",
    "told",
    "told_gap",
    "troubles",
]

DAYS = 30
# Days of history: half a year, and so many that the last festival is among them; the festival plays
# a part in the gaps of so many days after it.
_HALF_YEAR, _YEAR, _NEAR_FESTIVAL = 184, 400, 45
# Sentences that a footnote has room for.
_SHOWN = 3
# The program has not been running when no source was visited for so many days.
_IDLE_DAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
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
    standings: tuple[Standing, ...]
    counts: Counts
    idle: int = 0

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many sources are of each kind of `scraper.judge.coverage.KINDS`."""
        found = [standing.kind for standing in self.standings]
        return {kind: found.count(kind) for kind in KINDS if kind in found}

    @property
    def watched(self) -> int:
        """Sources that are not paused."""
        return sum(standing.kind != PAUSED for standing in self.standings)


def report(histories: Iterable[SourceHistory], days: int = DAYS) -> Report | None:
    """Weigh all sources, and count what became of their entries in the last days.

    Args:
        histories: of the sources that are asked about.
        days: of the period, today included.

    Returns:
        The report, or None where there is no source.
    """
    standings = tuple(weigh(history) for history in histories)
    if not standings:
        return None
    today = max(standing.history.today for standing in standings)
    last = max((max(s.history.ran, default=date.min) for s in standings), default=date.min)
    idle = (today - last).days if last > date.min else 0
    until = last if idle >= _IDLE_DAYS else today
    since = until - timedelta(days=days - 1)
    counts = sum_up(
        day for standing in standings for day in standing.history.days if since <= day.day <= until
    )
    return Report(
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
    return _YEAR if any(kind_of(day, "Asia/Shanghai") == FESTIVAL for day in near) else _HALF_YEAR


def labels(standings: Sequence[Standing]) -> list[str]:
    """Return what sources are called: by their outlet, or by both where it has several."""
    outlets = [standing.history.outlet for standing in standings]
    return [
        s.history.outlet if outlets.count(s.history.outlet) == 1
        else f"{s.history.outlet} ({s.history.name})"
        for s in standings
    ]  # fmt: skip


def troubles(found: Report) -> list[str]:
    """Return a sentence for each source in trouble: most missed first."""
    named = [
        (_missed(standing), f"{label}: {standing.sentence}")
        for label, standing in zip(labels(found.standings), found.standings, strict=True)
        if standing.kind in TROUBLE
    ]
    return [sentence for _, sentence in sorted(named, key=lambda pair: -pair[0])]


def past_gaps(found: Report) -> list[str]:
    """Return a sentence for each gap and absence in the period that is over."""
    told = []
    for label, standing in zip(labels(found.standings), found.standings, strict=True):
        for first, sentence in _over(standing, found):
            told.append((first, f"{label}: {sentence}"))
    return [sentence for _, sentence in sorted(told)]


def footnote(found: Report | None) -> str:
    """Return in one line what an answer rests on.

    Args:
        found: the report, or None where no source is watched.
    """
    if found is None:
        return "rests on what was fetched and imported by hand: no source is watched"
    counts = found.counts
    seen = f"{many(counts.seen, 'entry', 'entries')} seen"
    if counts.seen:
        seen += f" = {became(counts)}"
    text = f"rests on {many(found.watched, 'source')}, {found.since} to {found.until}: {seen}"
    wrong = troubles(found)
    if wrong:
        more = f"; {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        text += f". In trouble: {'; '.join(_short(s) for s in wrong[:_SHOWN])}{more}"
    over = len(past_gaps(found))
    if over:
        text += f". {many(over, 'gap')} before"
    short = found.kinds.get("too little history", 0)
    if short:
        text += f". Of {short} too little is known to tell gaps"
    if found.idle:
        text += f". Nothing was visited for {many(found.idle, 'day')}"
    return text


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
                "gap": told_gap(standing.gap, standing.of) if standing.gap else None,
            }
            for standing in found.standings
            if standing.kind in TROUBLE
        ],
        "gaps": [
            {"source": standing.history.name, "outlet": standing.history.outlet}
            | told_gap(gap, "article")
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


def told_gap(gap: Gap, of: str) -> dict[str, Any]:
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


def _missed(standing: Standing) -> float:
    if standing.gap is not None:
        return standing.gap.expected - standing.gap.count
    last = standing.away[-1] if standing.away else None
    return (last.expected or 0.0) if last else 0.0


def _over(standing: Standing, found: Report) -> Iterator[tuple[date, str]]:
    history = standing.history
    for gap in standing.gaps:
        if not gap.open and gap.last >= found.since:
            after = "; that is its pace since" if gap.settled else ""
            yield gap.first, f"{gap_in_words(gap)}, {_days(gap.first, gap.last)}{after}"
    for away in standing.away:
        over = away.last < history.today - timedelta(days=1)
        if over and found.since <= away.last <= found.until:
            why = (
                f"could not be read ({away.error_class})" if away.failed
                else "was not visited" if away.running else "the program was not running"
            )  # fmt: skip
            usual = "" if away.expected is None else f"; {number(away.expected)} usually come then"
            yield away.first, f"{why}, {_days(away.first, away.last)}{usual}"


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _short(sentence: str) -> str:
    """Return a sentence of trouble without its reasons, which `scraper status` gives."""
    return sentence.partition("; ")[0]


def about(standing: Standing) -> str:
    """Return a source's rhythm in words, or "" where too little is known."""
    return rhythm_in_words(standing.rhythm) if standing.rhythm else ""
