"""What came of a source, day by day."""

from __future__ import annotations

from datetime import date

from scraper.record import record

__all__ = ["CoverageDay", "EntryCounts", "SourceHistory"]


@record
class EntryCounts:
    """What became of entries, and how often sources were visited; see `CoverageDay`."""

    seen: int = 0
    kept: int = 0
    known: int = 0
    rejected: int = 0
    off_topic: int = 0
    held: int = 0
    failed: int = 0
    waiting: int = 0
    visits: int = 0
    visits_failed: int = 0


@record
class CoverageDay:
    """What came of a source on one day of its outlet's zone.

    An entry is a page that a source shows; it belongs to the day on which this source showed it
    first, and to that day alone, whatever time it gives itself.

    Attributes:
        day: the day.
        kept: entries that this source was the first to show, and that are articles of the archive.
        known: articles that were archived from elsewhere before this source showed them.
        rejected: pages that are no article or may not be kept.
        off_topic: articles that the source's choice of topic passes over.
        held: pages that wait until it is settled whether their host drifts.
        failed: pages that could not be had.
        waiting: pages not fetched yet.
        visits, visits_failed: visits to the source itself, and those among them that failed.
        error_class: class of the last failed visit, or "".
    """

    day: date
    kept: int = 0
    known: int = 0
    rejected: int = 0
    off_topic: int = 0
    held: int = 0
    failed: int = 0
    waiting: int = 0
    visits: int = 0
    visits_failed: int = 0
    error_class: str = ""

    @property
    def seen(self) -> int:
        """All entries of the day: the denominator of the others."""
        return (
            self.kept + self.known + self.rejected + self.off_topic + self.held + self.failed
            + self.waiting
        )  # fmt: skip

    @property
    def articles(self) -> int:
        """Entries that are articles of the archive."""
        return self.kept + self.known


@record
class SourceHistory:
    """What came of a source, day by day: what its rhythm is learned from.

    Attributes:
        name, outlet: the source and its publisher.
        zone: IANA zone of its days, or "" for UTC.
        interval: seconds between two visits, as set, as its pace asks, or as its cron line allows:
            the longest.
        enabled: whether it is visited.
        since: day of its first visit that did not fail, or None.
        today: the day that is not over yet.
        days: days on which anything happened, in order.
        ran: days on which anything was fetched: on others the program was not running.
        failures: failed visits in a row, up to now.
        last_message: why the last one failed, or "".
        overruns: days of visits at which all that it showed was new, with how many entries: more
            may have come and gone since the visit before.
        own: whether its address is plainly one of this machine's own, as the demo's are.
    """

    name: str
    outlet: str
    zone: str
    interval: int
    enabled: bool
    since: date | None
    today: date
    days: tuple[CoverageDay, ...]
    ran: frozenset[date] = frozenset()
    failures: int = 0
    last_message: str = ""
    overruns: tuple[tuple[date, int], ...] = ()
    own: bool = False
