"""The moment of a capture, as WARC-Date gives it and as tools write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scraper.text.patterns import lazy_compile

__all__ = ["FAR_PAST", "capture_date", "date_of_response"]

# What stands for moments at the ends of time, which no capture has.
FAR_PAST = datetime.min.replace(tzinfo=UTC)
_LONGEST = 80
# Digits alone, by their number: WARC 0.17 and CDX write 14, shorter ones are less exact.
_DIGITS = {
    4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S",
}  # fmt: skip
_DATE = lazy_compile(
    r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[Tt ]\s*(\d{1,2}):(\d{2})"
    r"(?::(\d{2})([.,]\d{1,12})?)?\s*([Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?)?)?)?"
)


def capture_date(text: str) -> datetime | None:
    """Return the moment that a WARC-Date gives, the first one of a less exact date; None if none.

    W3C's profile of ISO 8601 (WARC 1.1, section 5.4: also a month or a year alone), digits without
    signs between them, seconds or milliseconds since 1970, and the date of HTTP. A moment without
    a zone is in UTC, as the standard asks. One at the ends of time is `FAR_PAST`.
    """
    text = text.strip()[:_LONGEST]
    try:
        moment = _of_digits(text) if text.isascii() and text.isdigit() else _written(text)
        if moment is None:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None
    except OverflowError:
        # At the ends of time, the zone leads beyond them.
        return FAR_PAST


def _of_digits(text: str) -> datetime | None:
    # Fractions of a second stand behind 14 digits.
    digits = text[:14]
    form = _DIGITS.get(len(digits))
    if form is not None:
        try:
            return datetime.strptime(digits, form)
        except ValueError:
            pass
    if len(text) in (10, 13):
        return datetime.fromtimestamp(int(text) / 10 ** (len(text) - 10), UTC)
    return None


def _written(text: str) -> datetime | None:
    found = _DATE.fullmatch(text)
    if found is None:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return _of_http(text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    # 24:00 is the end of the day, and second 60 is a leap second.
    late = (
        timedelta(days=1) if hour == "24" and int(minute) == int(second or 0) == 0 else timedelta()
    )
    moment = datetime(
        int(year), int(month or 1), int(day or 1), 0 if late else int(hour or 0), int(minute or 0),
        min(int(second or 0), 59) if second == "60" else int(second or 0),
        int((fraction or ".0")[1:7].ljust(6, "0")),
    )  # fmt: skip
    if zone and zone[0] in "+-":
        away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        moment -= away if zone[0] == "+" else -away
    return moment + late


def _of_http(text: str) -> datetime | None:
    if not re.search(r"[A-Za-z]{3}", text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def date_of_response(headers: Mapping[str, str]) -> datetime | None:
    """Return when a server says that it answered (``Date``, later by ``Age`` where a cache did).

    Args:
        headers: of the response, lower-case names.
    """
    sent = capture_date(headers.get("date", ""))
    age = headers.get("age", "").strip()
    if sent is None or sent == FAR_PAST:
        return None
    late = int(age) if age.isascii() and age.isdigit() and len(age) < 9 else 0
    try:
        return sent + timedelta(seconds=late)
    except OverflowError:
        return None
