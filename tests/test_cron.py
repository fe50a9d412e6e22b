"""Cron lines and hours of the day: the next time that they name, on both nights of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.cron import cron_line, hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "zone", "after", "expected"),
    [
        ("0 7 * * *", "UTC", "2026-03-01 06:59", "2026-03-01 07:00"),
        ("0 7 * * *", "UTC", "2026-03-01 07:00", "2026-03-02 07:00"),
        ("0 7 * * *", "Asia/Shanghai", "2026-03-01 00:00", "2026-03-01 23:00"),
        ("*/15 9-17 * * mon-fri", "UTC", "2026-03-06 17:46", "2026-03-09 09:00"),
        ("0 0 29 2 *", "UTC", "2026-03-01 00:00", "2028-02-29 00:00"),
        # Either day is enough where both are restricted (crontab(5)).
        ("0 0 13 * 5", "UTC", "2026-03-01 00:00", "2026-03-06 00:00"),
        ("5/20 1 * * 7", "UTC", "2026-03-01 01:06", "2026-03-01 01:25"),
        # Summer time begins: 02:30 is left out and comes as the clock goes on.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:30"),
        # It ends: 02:30 comes twice, and is the first of the two.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:30"),
    ],
)
def test_the_next_time(line: str, zone: str, after: str, expected: str) -> None:
    read = cron_line(line)
    assert read is not None
    assert read.next_after(at(after), zone) == at(expected)


@pytest.mark.parametrize(
    "line",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a b c d e",
     "5-1 * * * *", "*/0 * * * *", "0 0 30 2 *", "*-5 * * * *", "1,,2 * * * *", "@daily",
     "0 7 * * *" * 50],
)  # fmt: skip
def test_what_is_no_cron_line(line: str) -> None:
    assert cron_line(line) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
))  # fmt: skip
def test_an_hourly_line_comes_within_the_hour_and_never_in_the_past(
    when: datetime, zone: str
) -> None:
    moment = when.replace(tzinfo=UTC)
    line = cron_line("0 * * * *")
    assert line is not None
    found = line.next_after(moment, zone)
    assert found is not None
    # As summer time ends an hour has two names of which the first counts.
    assert timedelta(0) < found - moment <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("text", "zone", "moment", "holds"),
    [
        ("22:00-07:00", "UTC", "2026-03-01 23:00", True),
        ("22:00-07:00", "UTC", "2026-03-01 06:59", True),
        ("22:00-07:00", "UTC", "2026-03-01 07:00", False),
        ("12:00-14:30", "Asia/Shanghai", "2026-03-01 05:00", True),
        ("20:00-24:00", "UTC", "2026-03-01 23:59", True),
        ("00:00-06:00", "UTC", "2026-03-01 00:00", True),
    ],
)
def test_hours_hold(text: str, zone: str, moment: str, holds: bool) -> None:
    read = hours(text)
    assert read is not None
    assert read.hold(at(moment), zone) is holds
    end = read.end_after(at(moment), zone)
    assert not read.hold(end, zone)
    assert (end > at(moment)) is holds


@pytest.mark.parametrize(
    ("text", "zone", "moment", "expected"),
    [
        # The clock goes back over the end: it comes again within the hour, not a day later.
        ("22:00-02:30", "Europe/Berlin", "2026-10-25 01:10", "2026-10-25 01:30"),
        ("22:00-02:30", "Europe/Berlin", "2026-10-25 00:10", "2026-10-25 00:30"),
        ("00:00-01:30", "America/New_York", "2026-11-01 06:05", "2026-11-01 06:30"),
        # The clock leaves the end out: the hours are over as it goes on.
        ("22:00-02:30", "Europe/Berlin", "2026-03-29 00:20", "2026-03-29 01:30"),
        ("22:00-03:00", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 02:00"),
    ],
)
def test_quiet_hours_end_once_where_the_clock_is_put_back(
    text: str, zone: str, moment: str, expected: str
) -> None:
    read = hours(text)
    assert read is not None and read.hold(at(moment), zone)
    assert read.end_after(at(moment), zone) == at(expected)


@given(
    moment=st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    begin=st.integers(0, 47), end=st.integers(0, 47),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)  # fmt: skip
def test_quiet_hours_end_within_a_day(moment: datetime, begin: int, end: int, zone: str) -> None:
    read = hours("{}:{:02}-{}:{:02}".format(*divmod(begin * 30, 60), *divmod(end * 30, 60)))
    if read is None:
        return
    over = read.end_after(moment, zone)
    assert not read.hold(over, zone)
    assert timedelta(0) <= over - moment <= timedelta(hours=25)


@pytest.mark.parametrize(
    "text", ["", "22-7", "25:00-07:00", "22:60-07:00", "07:00-07:00", "00:00-24:00", "1:00-24:30"]
)
def test_what_are_no_hours(text: str) -> None:
    assert hours(text) is None
