"""Times as feeds and sitemaps print them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.models import Source
from scraper.text.dates.feed_dates import parse_feed_date

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def read(raw: str, *, language: str = "", zone: str = "") -> str | None:
    """Return the time that a feed printed, in UTC, to the second."""
    source = Source(
        name="s", kind="feed", url="https://feeds.example/rss", outlet="", language=language,
        zone=zone,
    )  # fmt: skip
    found = parse_feed_date(raw, source, NOW)
    return found.astimezone(UTC).isoformat()[:19] if found else None


PRINTED = [
    ("Wed, 18 Nov 2026 09:12:33 GMT", "2026-11-18T09:12:33"),
    ("Wed, 18 Nov 2026\n   09:12:33 GMT", "2026-11-18T09:12:33"),
    ("Wed, 18 Nov 2026\r\n\t09:12:33 +0000", "2026-11-18T09:12:33"),
    ("Tue, 17 Nov 2026 24:00:00 GMT", "2026-11-18T00:00:00"),
    ("Tue, 17 Nov 2026 24:00:00 +0100", "2026-11-17T23:00:00"),
    ("2026-11-17T24:00:00Z", "2026-11-18T00:00:00"),
    ("Wednesday, 18-Nov-26 09:12:33 GMT", "2026-11-18T09:12:33"),
    ("Wed, 18 Nov 26 09:12 +0100", "2026-11-18T08:12:00"),
    ("Wed Nov 18 09:12:33 2026", "2026-11-18T09:12:33"),
    ("Wed, 18 Nov 2026 09:12:33 0800", "2026-11-18T01:12:33"),
    ("2026-11-18T09:12:33 08:00", "2026-11-18T01:12:33"),
    ("Wed, 18 Nov 2026 09:12:33 Europe/Brussels", "2026-11-18T08:12:33"),
    ("Wed, 18 Nov 2026 09:12:33 EST", "2026-11-18T14:12:33"),
    ("Wed, 18 Nov 2026 09:12:33 PDT", "2026-11-18T16:12:33"),
    ("Wed, 18 Nov 2026 09:12:33 GMT+8", "2026-11-18T01:12:33"),
    ("Wed, 18 Nov 2026 09:12:33 UT", "2026-11-18T09:12:33"),
    ("Wed, 18 Nov 2026 09:12:60 GMT", "2026-11-18T09:12:59"),
    ("mer., 18 nov. 2026 09:12:33 +0100", "2026-11-18T08:12:33"),
    ("Mi, 18 Nov 2026 09:12:33 +0100", "2026-11-18T08:12:33"),
    ("2026-11-18T09:12:33.250Z", "2026-11-18T09:12:33"),
    ("2026-11-18 09:12:33", "2026-11-18T09:12:33"),
    ("1794993153", "2026-11-18T09:12:33"),
    # What can be no time of an article, or can't be read with certainty.
    ("Wed, 18 Nov 2026 25:00:00 GMT", None),
    ("Wed, 18 Nov 2026 24:30:00 GMT", None),
    ("Tue, 31 Nov 2026 09:12:33 GMT", None),
    ("Fri, 27 Nov 2026 09:12:33 GMT", None),
    ("Mon, 01 Jan 1900 00:00:00 GMT", None),
    ("November 2026", None),
    ("", None),
]


@pytest.mark.parametrize(("raw", "utc"), PRINTED)
def test_times_as_feeds_print_them(raw: str, utc: str | None) -> None:
    assert read(raw) == utc


def test_cst_is_that_of_china_in_a_chinese_feed() -> None:
    raw = "Wed, 18 Nov 2026 09:12:33 CST"
    assert read(raw, language="zh-Hans") == "2026-11-18T01:12:33"
    assert read(raw, language="en", zone="America/Chicago") == "2026-11-18T15:12:33"


def test_the_sources_language_settles_the_order_of_day_and_month() -> None:
    assert read("03/11/2026 09:12", language="en-GB") == "2026-11-03T09:12:00"
    assert read("03/11/2026 09:12", language="en-US") == "2026-03-11T09:12:00"
    assert read("03/11/2026 09:12", language="en") is None
