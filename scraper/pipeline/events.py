"""Counts of what became of links, by source: what can't be counted can't be trusted.

What a pass tells of as it happens, and what became of a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scraper.models import Attempt, Recorded
from scraper.record import record

__all__ = ["BY_HAND", "COLUMNS", "Event", "LinkOutcome", "RunCounts", "SourceCounts", "utcnow"]


# The name under which addresses that no source showed are counted.
BY_HAND = "(by hand)"


@record
class Event:
    """Something that a user may want to see as it happens.

    Attributes:
        kind: ``visit`` (a source was read) or ``link`` (a link was recorded).
        source: name of the source.
        url: address of the source or link.
        outcome: ``ok`` or ``failed`` for a visit; kept, unchanged, rejected, failed for a link.
        detail: why, in words.
        expected: for a visit, the number of links that will be processed because of it.
    """

    kind: str
    source: str
    url: str
    outcome: str
    detail: str = ""
    expected: int = 0


@record
class LinkOutcome:
    """What became of one link."""

    attempt: Attempt
    recorded: Recorded


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


COLUMNS = ("seen", "known", "kept", "unchanged", "rejected", "failed")


@dataclass(slots=True)
class SourceCounts:
    """Counts of one source in one pass.

    Attributes:
        seen: links that the source showed, and pages of it that were due for another look.
        known: links among them that are archived and not due.
        kept: new articles and new versions.
        unchanged: pages that say what they said.
        rejected: pages that are not an article.
        failed: links that gave an error.
        error: why the source itself could not be read, or "".
    """

    seen: int = 0
    known: int = 0
    kept: int = 0
    unchanged: int = 0
    rejected: int = 0
    failed: int = 0
    error: str = ""

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name, in the order of `COLUMNS`."""
        return {name: int(getattr(self, name)) for name in COLUMNS}


@dataclass(slots=True)
class RunCounts:
    """Counts of a pass.

    Attributes:
        by_source: the counts, by name of source.
        left: pages that were due and were not begun, since the time of the pass was over; the pass
            that takes them up counts them.
    """

    by_source: dict[str, SourceCounts] = field(default_factory=dict)
    left: int = 0

    def of(self, source: str) -> SourceCounts:
        """Return the counts of a source, made at the first call."""
        return self.by_source.setdefault(source, SourceCounts())

    def add(self, source: str, outcome: str) -> None:
        """Count one outcome (kept, unchanged, rejected, failed)."""
        counts = self.of(source)
        setattr(counts, outcome, getattr(counts, outcome) + 1)

    def total(self) -> Mapping[str, int]:
        """Return the sums over all sources, and `failed_sources`."""
        sums = {name: sum(getattr(c, name) for c in self.by_source.values()) for name in COLUMNS}
        sums["failed_sources"] = sum(bool(c.error) for c in self.by_source.values())
        return sums

    @property
    def ok(self) -> bool:
        """Whether no link and no source failed."""
        sums = self.total()
        return not sums["failed"] and not sums["failed_sources"]
