"""How well sources are covered, for pages that are about something else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scraper.archive import Archive
from scraper.coverage import TROUBLE
from scraper.coverage.report import (
    CoverageReport,
    history_days,
    report,
    troubles,
)
from scraper.coverage.summary import (
    format_entries,
    format_watched,
    usual_rate,
)
from scraper.models import SourceHistory

__all__ = ["DAYS", "CoverageCache", "CoverageSummary", "read_histories"]

DAYS = 30
# Seconds for which an overview is shown again: what it tells moves by the day.
_KEPT = 30.0

Read = Callable[
    [Callable[[Archive], tuple[SourceHistory, ...]]], Awaitable[tuple[SourceHistory, ...]]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSummary:
    """The coverage of all sources in words.

    Attributes:
        since, until: the days of which the denominators are told.
        watched, entries: the denominators.
        troubles: a sentence for each source in trouble.
        idle: that nothing was visited for days, or "".
        missing: names of the sources in trouble.
        by_source: how each source stands: its kind and sentence, and what it usually brings.
    """

    since: str
    until: str
    watched: str
    entries: str
    troubles: Sequence[str]
    idle: str
    missing: frozenset[str]
    by_source: Mapping[str, tuple[str, str, str]]


class CoverageCache:
    """Makes overviews, and remembers the last one for half a minute."""

    def __init__(self) -> None:
        self._last: tuple[float, CoverageSummary | None] | None = None

    async def get(self, read: Read) -> CoverageSummary | None:
        """Return the coverage of the last month; None where no source is watched.

        Args:
            read: asks the archive.
        """
        now = time.monotonic()
        if self._last is None or now - self._last[0] > _KEPT:
            found = report(await read(read_histories), DAYS)
            self._last = (now, _overview(found) if found else None)
        return self._last[1]


def read_histories(archive: Archive) -> tuple[SourceHistory, ...]:
    """Return what came of all sources, as of now."""
    at = _now()
    return archive.coverage(at, days=history_days(at.date()))


def _overview(found: CoverageReport) -> CoverageSummary:
    return CoverageSummary(
        since=found.begun.isoformat(),
        until=found.until.isoformat(),
        watched=format_watched(found),
        entries=format_entries(found.counts),
        troubles=troubles(found),
        idle=found.idle_sentence,
        missing=frozenset(s.history.name for s in found.standings if s.kind in TROUBLE),
        by_source={
            one.history.name: (one.kind, one.sentence, usual_rate(one)) for one in found.standings
        },
    )


def _now() -> datetime:
    return datetime.now(UTC)
