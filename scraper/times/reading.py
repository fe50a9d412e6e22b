"""Reads a time out of a text: each form in turn, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from scraper.times.completing import ParsedTime, Reader, clock_of, stated_zone
from scraper.times.forms import (
    AGO,
    COMPACT,
    DAY_MONTH,
    DAY_WORD,
    DAYS_BACK,
    DMY,
    EPOCH,
    HINT,
    MONTH_DAY,
    MONTHS,
    NO_YEAR,
    NUMERALS,
    REPUBLIC,
    SECONDS,
    YMD,
)

__all__ = ["parse_time"]

# No time that a site prints is longer; what follows belongs to something else.
_MAX_LENGTH: Final = 400


def _numeral(text: str) -> int:
    """Return the value of a number below a hundred in Chinese numerals, or of a digit string."""
    values = {char: place for place, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
    if len(text) == 4 and "十" not in text:
        return sum(values.get(char, 0) * 10**place for place, char in enumerate(reversed(text)))
    total = 0
    for char in text:
        if char in "十廿卅":
            total = {"十": max(total, 1) * 10, "廿": 20, "卅": 30}[char]
        else:
            total += values[char]
    return total


def _epoch(reader: Reader) -> Iterator[ParsedTime | None]:
    if match := EPOCH.fullmatch(reader.text):
        value = datetime.fromtimestamp(int(match[1][:10]), UTC)
        if reader.plausible(value):
            yield ParsedTime(value=value, precision="second", raw=match[1], start=match.start(1))


def _compact(reader: Reader) -> Iterator[ParsedTime | None]:
    if match := COMPACT.fullmatch(reader.text):
        year, month, day, hour, minute, second = (int(match[i] or 0) for i in range(1, 7))
        precision = "second" if match[6] else "minute" if match[4] else "day"
        stated = stated_zone(match[7] or "", reader.local)
        parts = (year, month, day, hour, minute, second)
        yield reader.check(parts, precision, stated, match.start(1), match.end())


def _numeric(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in YMD.finditer(reader.text):
        month, day = int(match["m"] or match["m2"]), int(match["d"] or match["d2"])
        yield reader.finish(int(match["y"]), month, day, match.start(), match.end())


def _republic(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in REPUBLIC.finditer(reader.text):
        # Year 1 of the Republic of China is 1912.
        yield reader.finish(
            int(match["y"]) + 1911, int(match["m"]), int(match["d"]), match.start(), match.end()
        )


def _numerals(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in NUMERALS.finditer(reader.text):
        year, month, day = (_numeral(match[name]) for name in "ymd")
        yield reader.finish(year, month, day, match.start(), match.end())


def _named(reader: Reader) -> Iterator[ParsedTime | None]:
    for pattern in (MONTH_DAY, DAY_MONTH):
        for match in pattern.finditer(reader.text):
            month = MONTHS.get(match["m"].lower())
            if not month:
                continue
            group = match.groupdict()
            year, day = int(match["y"]), int(match["d"])
            if not group.get("hour"):
                yield reader.finish(year, month, day, match.start(), match.end())
                continue
            clock = clock_of(match)  # asctime: the clock stands between day and year
            if clock:
                stated = stated_zone(group.get("zone") or "", reader.local)
                yield reader.check(
                    (year, month, day, *clock[:3]), clock[3], stated, match.start(), match.end()
                )


def _day_first(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in DMY.finditer(reader.text):
        day, month = int(match["d"]), int(match["m"])
        if match["s"] != ".":
            if month > 12 or (day <= 12 and reader.local.startswith("America/")):
                day, month = month, day
            elif day <= 12 and day != month and not reader.local.startswith(("Europe/", "Aust")):
                continue  # 3/4/2025 is two days, and nothing here says which
        yield reader.finish(int(match["y"]), month, day, match.start(), match.end())


def _yearless(reader: Reader) -> Iterator[ParsedTime | None]:
    if reader.moment is None:
        return
    for match in NO_YEAR.finditer(reader.text):
        month, day = int(match["m"] or match["m2"]), int(match["d"] or match["d2"])
        local = reader.moment.astimezone(reader.default)
        for year in (local.year + 1, local.year, local.year - 1):
            # The year's turn: in January a December is last year's.
            if found := reader.finish(year, month, day, match.start(), match.end()):
                yield found
                break


def _ago(reader: Reader) -> Iterator[ParsedTime | None]:
    if reader.moment is None:
        return
    moment = reader.moment.astimezone(reader.default)
    if match := AGO.search(reader.text):
        number = match["n"].lower()
        count = 0.5 if number == "半" else float(number) if number.isdecimal() else 1.0
        seconds = SECONDS[match["unit"][0].lower()] * count
        value = moment - timedelta(seconds=seconds)
        precision = "minute" if seconds < 86400 else "day"
        if precision == "day":
            value = value.replace(hour=0, minute=0, second=0)
        value = value.replace(microsecond=0)
        if reader.plausible(value):
            yield ParsedTime(
                value=value,
                precision=precision,
                zone_assumed=reader.local or "UTC",
                raw=match[0],
                start=match.start(),
                relative=True,
            )
    for match in DAY_WORD.finditer(reader.text):
        back = DAYS_BACK.get(match["w"].lower())
        day = moment if back is None else moment - timedelta(days=back)
        if back is None:
            found = reader.check(
                (day.year, day.month, day.day, day.hour, day.minute, 0),
                "minute", None, match.start(), match.end(),
            )  # fmt: skip
        else:
            found = reader.finish(day.year, day.month, day.day, match.start(), match.end())
        if found:
            yield ParsedTime(
                value=found.value,
                precision=found.precision,
                zone_assumed=found.zone_assumed,
                raw=found.raw,
                start=found.start,
                relative=True,
            )


_READERS: Final[tuple[Callable[[Reader], Iterator[ParsedTime | None]], ...]] = (
    _epoch, _compact, _numeric, _republic, _numerals, _named, _day_first, _ago, _yearless,
)  # fmt: skip


def parse_time(
    text: str, *, zone: str = "", relative_to: datetime | None = None
) -> ParsedTime | None:
    """Return the first time that a text states, or None.

    Words around the time are allowed (``Updated Nov. 13, 2025 9:05 a.m. ET``). A time without a
    zone is taken in `zone`; without that, in Asia/Shanghai when the text is Chinese (Asia/Taipei
    for years of the Republic), else in UTC; `ParsedTime.zone_assumed` says so. ``CST`` means China
    Standard Time where the zone is Asian.

    Args:
        text: what the site printed, or the value of an attribute.
        zone: IANA time zone of the site, or "".
        relative_to: moment of reading, aware: what ``3小时前`` and days without a year count from,
            and 48 hours before the latest time that is believed. Without it neither is read.

    Returns:
        The time, or None when there is none, when it is ambiguous (``3/4/2025``), before 1990 or
        more than 48 hours after `relative_to`.
    """
    text = text[:_MAX_LENGTH]
    if not HINT.search(text):
        return None
    reader = Reader(text, zone, relative_to)
    for read in _READERS:
        for found in read(reader):
            if found is not None:
                return found
    return None
