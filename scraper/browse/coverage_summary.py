"""A summary of coverage, which pages on other subjects show."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
from scraper.record import record

__all__ = ["DAYS", "CoverageCache", "CoverageSummary", "read_histories"]

DAYS = 30
# Seconds for which a summary is shown again; it changes once a day.
_KEPT = 60.0

Read = Callable[
    [Callable[[Archive], tuple[SourceHistory, ...]]], Awaitable[tuple[SourceHistory, ...]]
]


@record
class CoverageSummary:
    """The coverage of all sources in words.

    Attributes:
        since, until: first and last day.
        watched, entries: the numbers of sources and entries that it is based on.
        troubles: a sentence for each source in trouble.
        idle: a sentence where nothing was visited for days, or "".
        missing: names of the sources in trouble.
        by_source: for each source, the kind and sentence of its assessment, and its usual rate.
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
    """Makes reports and summaries, and keeps the last one for a while."""

    def __init__(self) -> None:
        self._last: tuple[float, CoverageReport | None, CoverageSummary | None] | None = None

    async def get(self, read: Read) -> CoverageSummary | None:
        """Return the coverage of the last month; None where no source is watched.

        Args:
            read: asks the archive.
        """
        return (await self._fresh(read))[2]

    async def report(self, read: Read) -> CoverageReport | None:
        """Return the same as a report."""
        return (await self._fresh(read))[1]

    async def _fresh(
        self, read: Read
    ) -> tuple[float, CoverageReport | None, CoverageSummary | None]:
        now = time.monotonic()
        if self._last is None or now - self._last[0] > _KEPT:
            found = report(await read(read_histories), DAYS)
            self._last = (now, found, _summary(found) if found else None)
        return self._last


def read_histories(archive: Archive) -> tuple[SourceHistory, ...]:
    """Return the histories of all sources up to now."""
    at = _now()
    return archive.coverage(at, days=history_days(at.date()))


def _summary(found: CoverageReport) -> CoverageSummary:
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
