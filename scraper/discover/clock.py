"""Reads times in the two standard forms of feeds and sitemaps: RFC 2822 and ISO 8601."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

__all__ = ["parse_time"]


def parse_time(
    text: str, *, zone: str = "", relative_to: datetime | None = None
) -> datetime | None:
    """Return the aware time that a text states, or None; `zone` holds where it names none."""
    text = text.strip()
    local = ZoneInfo(zone) if zone else UTC
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
    if "CST" in text and zone:
        moment = moment.replace(tzinfo=None)
    return moment if moment.tzinfo else moment.replace(tzinfo=local)
