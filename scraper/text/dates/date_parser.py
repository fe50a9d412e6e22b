"""Reads a time out of a text: each form in turn, the surest first.

A day that a text states, completed by the clock and the zone that stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scraper.text.dates.patterns import (
    AFTER,
    AGO,
    BEFORE,
    CHINESE,
    CHINESE_TIME,
    COMPACT,
    DAY_MONTH,
    DAY_WORD,
    DAY_ZONE,
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
    ZONES,
)

__all__ = ["ParsedTime", "Reader", "clock_of", "parse_time", "stated_zone"]


EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks of servers are wrong, and papers are dated ahead; more than this is no time of publication.
TOLERANCE: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedTime:
    """A time that a text states.

    Attributes:
        value: the time, aware, in the zone that was stated or assumed.
        precision: ``day``, ``minute`` or ``second``: how exactly the text states it. A day stands
            at midnight.
        zone_assumed: name of the zone that was assumed because the text states none, or "".
        raw: the part of the text that was read.
        start: where that part begins in the text.
        relative: whether the text counts from the moment of reading (``3小时前``).
    """

    value: datetime
    precision: str
    zone_assumed: str = ""
    raw: str = ""
    start: int = 0
    relative: bool = False


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def stated_zone(text: str, local: str) -> tzinfo | None:
    """Return the zone that a text such as ``+0800``, ``GMT+8`` or ``ET`` names."""
    name = text.strip().lower().replace("−", "-")
    if name == "cst" and local.startswith("Asia/"):
        return timezone(timedelta(hours=8))
    if name in ZONES:
        return _zone(ZONES[name])
    digits = re.sub(r"[^\d+-]", "", name)
    if len(digits) < 2 or digits[0] not in "+-":
        return None
    number = digits[1:]
    hours, minutes = (int(number[:-2]), int(number[-2:])) if len(number) > 2 else (int(number), 0)
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if digits[0] == "-" else offset)


def clock_of(match: re.Match[str]) -> tuple[int, int, int, str] | None:
    """Return hour, minute, second and precision of a clock that `forms` matched."""
    group = match.groupdict()
    hour = int(group["hour"])
    minute_text = next(
        (group[k] for k in ("minute", "minute2", "minute3", "minute4") if group.get(k)), "0"
    )
    second_text = group.get("second") or group.get("second2")
    half = group.get("half") or ""
    late = (group.get("ampm") or "").lower() == "p" or half[:1] in ("下", "傍", "晚", "夜")
    if late and hour < 12:
        hour += 12
    elif (group.get("ampm") or "").lower() == "a" and hour == 12:
        hour = 0
    elif half == "中午" and hour < 11:
        hour += 12
    minute, second = int(minute_text), int(second_text or 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour, minute, min(second, 59), "second" if second_text else "minute"


class Reader:
    """What holds for one text: zone, moment of reading, and the text itself."""

    __slots__ = ("default", "local", "moment", "text")

    def __init__(self, text: str, zone: str, moment: datetime | None) -> None:
        self.text = text
        self.moment = moment
        if CHINESE_TIME.search(text):
            zone = "Asia/Shanghai"
        self.local = zone if _zone(zone) else ""
        if not self.local and CHINESE.search(text):
            self.local = "Asia/Taipei" if "民國" in text else "Asia/Shanghai"
        self.default = _zone(self.local) or UTC

    def finish(
        self, year: int, month: int, day: int, start: int, end: int, zone: str = ""
    ) -> ParsedTime | None:
        """Add clock and zone that stand beside a day, and check the whole."""
        clock, stated, first, last = None, stated_zone(zone, self.local), start, end
        after = AFTER.match(self.text, end)
        before = None if after else BEFORE.search(self.text[max(0, start - 40) : start])
        found = after or before
        if found:
            clock = clock_of(found)
            stated = stated or stated_zone(found["zone"] or "", self.local)
            first = start if after else max(0, start - 40) + found.start()
            last = after.end() if after else end
        elif (offset := DAY_ZONE.match(self.text, end)) is not None:
            stated = stated_zone(offset["zone"], self.local)
        hour, minute, second, precision = clock or (0, 0, 0, "day")
        return self.check((year, month, day, hour, minute, second), precision, stated, first, last)

    def check(
        self,
        parts: tuple[int, int, int, int, int, int],
        precision: str,
        stated: tzinfo | None,
        start: int,
        end: int,
    ) -> ParsedTime | None:
        """Return the time, unless there is no such day or nothing was published then."""
        try:
            value = datetime(*parts, tzinfo=stated or self.default)
        except ValueError:
            return None
        if not self.plausible(value):
            return None
        assumed = "" if stated else (self.local or "UTC")
        return ParsedTime(
            value=value,
            precision=precision,
            zone_assumed=assumed,
            raw=self.text[start:end].strip(),
            start=start,
        )

    def plausible(self, value: datetime) -> bool:
        """Return whether something could have been published then."""
        if value < EARLIEST:
            return False
        # No lower clock than the page's own: a page can't tell of a time after it was fetched.
        return self.moment is None or value <= self.moment + TOLERANCE


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
