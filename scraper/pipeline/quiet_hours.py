"""Hours in which a source is left alone, and the visits that are to come: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scraper.cron import hours
from scraper.models import Source

__all__ = ["is_quiet", "visits_ahead"]


def is_quiet(source: Source, at: datetime) -> bool:
    """Return whether a source, and its articles, are not to be asked for at a time."""
    quiet = hours(source.quiet) if source.quiet else None
    return quiet is not None and quiet.hold(at, source.zone or "UTC")


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
    quiet = hours(source.quiet) if source.quiet else None
    at = max(due or now, now)
    while source.enabled:
        if quiet is not None:
            at = quiet.end_after(at, source.zone or "UTC")
        if at >= until:
            return
        yield at
        at += timedelta(seconds=wait or source.interval)
