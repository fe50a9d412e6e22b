"""Times as feeds, sitemaps and listings print them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

from scraper.models import Source
from scraper.text.dates.date_parser import is_plausible, parse_time
from scraper.text.languages import date_order, zone_of
from scraper.text.patterns import lazy_compile

__all__ = ["parse_feed_date"]


def parse_feed_date(raw: str, source: Source, at: datetime) -> datetime | None:
    """Return a time as a source printed it, or None when it can't be one of an article.

    Args:
        raw: the time in words; it may be folded over several lines.
        source: its zone holds for times printed without one; where it has none, that of its
            language and of its address's country. Its language settles the order of ``3/4/2025``.
        at: the present moment.
    """
    text = " ".join(raw.split())
    if not text:
        return None
    if _ISO_8601.fullmatch(text) or _RFC_5322.fullmatch(text):
        value = _standard_time(text)
        return value if value and is_plausible(value, at) else None
    zone = source.zone or zone_of(source.url, source.language)
    if (match := _DAY_ALONE.fullmatch(text)) is not None:
        text = _with_year(match, source, at, zone)
    found = parse_time(text, zone=zone, relative_to=at, language=source.language)
    return found.value if found else None


# Days without a year, alone as in a column of dates.
_DAY_ALONE = lazy_compile(r"(\d{1,2})[-/](\d{1,2})")


def _with_year(match: re.Match[str], source: Source, at: datetime, zone: str) -> str:
    """Return the last day of its name, in ISO 8601; no day where the order can't be told."""
    month, day = int(match[1]), int(match[2])
    if date_order(source.language) == "dmy" and "/" in match[0]:
        month, day = day, month
    latest = (at + timedelta(days=1)).astimezone(ZoneInfo(zone) if zone else UTC)
    year = latest.year if (month, day) <= (latest.month, latest.day) else latest.year - 1
    return f"{year}-{month:02}-{day:02}"


_ISO_8601 = lazy_compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
# RFC 5322, section 3.3, and its elders RFC 822 and 850, with the sign of the offset lost or not.
# Zones by other names than these are read elsewhere: `email.utils` takes CST for that of Chicago.
_RFC_5322 = lazy_compile(
    r"(?:[A-Za-z]{3,9},? )?\d{1,2}[ -][A-Za-z]{3}[ -](?:\d\d|\d{4}) \d{1,2}:\d\d(?::\d\d)?"
    r" (?:GMT|UTC?|[+-]?\d{4})"
)


def _standard_time(text: str) -> datetime | None:
    """Return a time in one of the forms that leave no question, or None for an impossible one."""
    parsed = None if "T" in text[8:12] else parsedate_tz(text)
    try:
        if parsed is None:
            # Hour 24 ends the day (ISO 8601:2000, section 5.3.2).
            late = "T24:00:00" in text
            value = datetime.fromisoformat(text.replace("T24:00:00", "T00:00:00"))
            return value + timedelta(days=late)
        year, month, day, hour, minute, second, *_, offset = parsed
        if hour > 24 or (hour == 24 and (minute or second)):
            return None
        zone = timezone(timedelta(seconds=offset or 0))
        value = datetime(year, month, day, hour % 24, minute, min(second, 59), tzinfo=zone)
        return value + timedelta(days=hour // 24)
    except (ValueError, OverflowError):
        return None
