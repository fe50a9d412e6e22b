"""Times as feeds, sitemaps and listings print them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from scraper.models import Source
from scraper.text.dates import parse_time
from scraper.text.languages import zone_of

__all__ = ["parse_feed_date"]

# Nothing on the web is older; a date further ahead than two days is a mistake, not a plan.
EARLIEST_YEAR = 1990
FURTHEST_AHEAD = timedelta(hours=48)


def parse_feed_date(raw: str, source: Source, at: datetime) -> datetime | None:
    """Return a time as a source printed it, or None when it can't be one of an article.

    Args:
        raw: the time in words.
        source: its zone holds for times printed without one; where it has none, that of its
            language and of its address's country.
        at: the present moment.
    """
    if not raw:
        return None
    value = _unmistakable(raw)
    if value is None:
        zone = source.zone or zone_of(source.url, source.language)
        found = parse_time(with_year(raw, at, zone), zone=zone, relative_to=at)
        value = found.value if found else None
    if value is None or value.year < EARLIEST_YEAR:
        return None
    return value if value <= at + FURTHEST_AHEAD else None


# Days without a year, alone as in a column of dates.
_DAY_ALONE = re.compile(
    r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})|(?P<name>[A-Za-z]{3,9})\.? (?P<d2>\d{1,2})|"
    r"(?P<d3>\d{1,2}) (?P<name2>[A-Za-z]{3,9})\.?"
)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RFC 5322 as programs with a Chinese locale print it, and with the years of RFC 822.
_CHINESE_MONTH = re.compile(
    r"(?<!\d)(\d{1,2}) (十[一二]?|[一二三四五六七八九]|\d{1,2})月 (\d{4})(?!\d)"
)
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{1,2}) ([A-Z][a-z]{2}) ([0-4]\d) (?=\d\d:\d\d)")
_WEEKDAY = re.compile(r"^\s*(?:星期|[周週])[一二三四五六日天][,，]?\s*")
_NUMERALS = ("", *"一二三四五六七八九", "十", "十一", "十二")


def with_year(raw: str, at: datetime, zone: str) -> str:
    """Return a printed time in a form that every reader of times knows.

    Args:
        raw: the time in words.
        at: the present moment: a day without a year is the last one of its name.
        zone: in which that day is counted, or "".
    """
    text = raw.strip()
    if (match := _DAY_ALONE.fullmatch(text)) is not None:
        name = (match["name"] or match["name2"] or "").lower()[:3]
        month = _ENGLISH.index(name) + 1 if name in _ENGLISH else int(match["m"] or 0)
        day = int(match["d"] or match["d2"] or match["d3"])
        latest = (at + timedelta(days=1)).astimezone(ZoneInfo(zone) if zone else UTC)
        year = latest.year if (month, day) <= (latest.month, latest.day) else latest.year - 1
        return f"{year}-{month:02}-{day:02}" if month else text
    text = _WEEKDAY.sub("", text)
    if (match := _CHINESE_MONTH.search(text)) is not None:
        number = match[2] if match[2].isdigit() else str(_NUMERALS.index(match[2]))
        return f"{match[3]}-{int(number):02}-{int(match[1]):02}{text[match.end() :]}"
    return _SHORT_YEAR.sub(r"\1 \2 20\3 ", text)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# RFC 5322, section 3.3, as nearly all feeds have it.
_RFC_5322 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)"
    r" (?:GMT|([+-])(\d\d)(\d\d))"
)
_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


def _unmistakable(raw: str) -> datetime | None:
    """Return a time in one of the two forms that leave no question; reading others takes longer."""
    try:
        if _ISO_8601.fullmatch(raw):
            return datetime.fromisoformat(raw)
        if (match := _RFC_5322.fullmatch(raw)) and match[2] in _MONTHS:
            day, _, year, hour, minute, second, sign, hours, minutes = match.groups()
            ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
            zone = timezone(-ahead if sign == "-" else ahead)
            clock = (int(hour), int(minute), int(second))
            return datetime(int(year), _MONTHS.index(match[2]) + 1, int(day), *clock, tzinfo=zone)
    except ValueError:
        pass
    return None
