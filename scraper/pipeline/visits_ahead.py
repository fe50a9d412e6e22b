"""Whether a source is left alone now, and the visits that are to come: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scraper.archive.schedule import SHORTEST
from scraper.cron import visit_hours
from scraper.models import Source

__all__ = ["is_quiet", "visits_ahead"]


def is_quiet(source: Source, at: datetime) -> bool:
    """Return whether a source, and its articles, are not to be asked for at a time."""
    return visit_hours(source.cron, source.quiet, source.zone).is_quiet(at)


def visits_ahead(
    source: Source, due: datetime | None, wait: int, now: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield when a source is to be visited, as its pace is now.

    Args:
        source: the source.
        due: when its next visit is due, or None where it was never visited.
        wait: seconds that its pace asks for between two visits; 0 for its interval.
        now: the present moment.
        until: the end.
    """
    when = visit_hours(source.cron, source.quiet, source.zone)
    least = timedelta(seconds=min(SHORTEST, source.interval))
    pause = timedelta(seconds=wait or source.interval)
    if due is None:
        at = when.next_visit(now, now, least=timedelta())
    else:
        at = when.after_quiet(max(due, now))
    while source.enabled and at < until:
        yield at
        at = when.next_visit(at, at + pause, least=least)
