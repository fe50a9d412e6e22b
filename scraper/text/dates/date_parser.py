"""Reads a time out of a text: each form in turn, the surest first.

A day that a text states, completed by the clock and the zone that stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scraper.record import record
from scraper.text.dates.patterns import (
    AFTER,
    AMBIGUOUS_ZONES,
    BEFORE,
    CHINESE,
    COMPACT,
    DAY_MONTH,
    DAY_ZONE,
    DMY,
    DOTNET,
    EPOCH,
    ERA_DATE,
    ERAS,
    HAN_AFTER,
    HANGUL,
    HINT,
    JAPANESE,
    LABEL,
    LOST_PLUS,
    MONTH_DAY,
    MONTHS,
    NAMED_NO_YEAR,
    NO_YEAR,
    NUMERALS,
    PLACE_TIME,
    PLACE_ZONES,
    REPUBLIC,
    REPUBLIC_SHORT,
    SHORT_HAN,
    SHORT_YEAR,
    SPACES,
    TWELVE_AFTER,
    TWELVE_BEFORE,
    TWO_DIGIT,
    WEEKDAY,
    WEEKDAYS,
    YEAR_NAMED,
    YMD,
    ZONES,
)
from scraper.text.dates.relative import DAY_WORD, LONGEST_STAMP, NOW, days_back, is_alone, time_ago
from scraper.text.han_numerals import han_number
from scraper.text.languages import date_order
from scraper.text.patterns import lazy_compile

__all__ = ["ParsedTime", "find_times", "is_plausible", "parse_time"]


EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks of servers are wrong, and papers are dated ahead; more than this is no time of publication.
TOLERANCE: Final = timedelta(hours=48)

_MORNING: Final = ("凌晨", "清晨", "早", "上午", "午前", "今早", "今晨", "오전", "새벽", "아침")
_NOON: Final = ("中午", "正午", "낮")
_AFTERNOON: Final = ("午后", "午後", "下午", "傍晚", "오후", "저녁")
# Zones of the United States: there a day is written after its month.
_AMERICAN: Final = lazy_compile(r"\b(?:E[SD]?T|C[D]?T|M[SD]?T|P[SD]?T|Eastern|Pacific)\b")
_DAYS_A_WEEK: Final = 7


@record
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


def _offset(name: str) -> tzinfo | None:
    """Return the zone of an offset such as ``+0800``, ``GMT+8`` or ``-3:30``."""
    digits = re.sub(r"[^\d+-]", "", name)
    if len(digits) < 2 or digits[0] not in "+-":
        return None
    number = digits[1:]
    hours, minutes = (int(number[:-2]), int(number[-2:])) if len(number) > 2 else (int(number), 0)
    if hours > 14 or minutes > 59:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if digits[0] == "-" else ahead)


def stated_zone(text: str, local: str) -> tzinfo | None:
    """Return the zone that a text such as ``+0800``, ``GMT+8``, ``ET`` or ``Asia/Tokyo`` names.

    Args:
        text: what stands beside the clock.
        local: the page's own zone, which settles what ``CST`` and ``IST`` mean.
    """
    name = text.strip().lower().replace("−", "-")
    if not name:
        return None
    if "/" in name:
        return _zone(text.strip())
    for (short, region), offset in AMBIGUOUS_ZONES.items():
        if name == short and local.startswith(region):
            return _offset(offset)
    value = ZONES.get(name, "")
    if not value and name[0].isalpha() and not name.startswith(("utc", "gmt")):
        value = next((zone for place, zone in PLACE_ZONES.items() if place in name), "")
    return _zone(value) if value[:1].isalpha() else _offset(value or name)


def _hour(hour: int, half: str, ampm: str) -> int | None:
    """Return the hour of 24 that a clock and the words beside it mean, None where they don't tell.

    Whether 晚上12点 ends its day or begins it, and 晚1点 likewise, nobody can say.
    """
    if not half and not ampm:
        return hour
    if ampm == "p" or half.startswith(_AFTERNOON):
        return hour + 12 if hour < 12 else hour
    if ampm == "a" or half.startswith(_MORNING):
        return 0 if hour == 12 else hour
    if half.startswith(_NOON):
        return hour + 12 if hour < 11 else hour
    if hour > 12:
        return hour
    if 5 <= hour < 12:
        return hour + 12
    return hour if hour < 5 and half in ("深夜", "半夜", "夜里", "夜裡") else None


def _clock(match: re.Match[str], evening: str = "") -> tuple[int, int, int, str] | None:
    """Return hour (up to 24), minute, second and precision of a clock, or None if it is none."""
    group = match.groupdict()

    def first(*names: str) -> str:
        return next((group[name] for name in names if group.get(name)), "")

    minutes = first("minute", "minute2", "minute3", "minute4", "minute5", "minute6")
    seconds = first("second", "second2", "second3")
    half = group.get("half") or evening
    twelve = (group.get("twelve") or "").lower()
    hours = first("hour", "hour4")
    if twelve and (twelve == "noon") != (hours not in ("0", "00", "24")):
        # Whether midnight ends its day or begins it, nobody can say.
        return None
    if twelve == "noon" and hours not in ("", "12"):
        return None
    ampm = (group.get("ampm") or "").lower()
    if half[:1].lower() in ("a", "p"):
        ampm, half = half[0].lower(), ""
    hour = _hour(int(hours or 12), half, ampm)
    minute = 30 if group.get("thirty") else int(minutes or 0)
    second = int(seconds or 0)
    if hour is None or minute > 59 or second > 60:
        return None
    if hour > 23 and (hour, minute, second) != (24, 0, 0):
        return None
    return hour, minute, min(second, 59), "second" if seconds else "minute"


def _han_clock(match: re.Match[str]) -> tuple[int, int, int, str] | None:
    """Return the same of a clock in Chinese numerals."""
    group = match.groupdict()
    hour = _hour(_numeral(group["hour"] or group["hour2"]), group["half"] or "", "")
    minutes, quarter = group["minute"] or group["minute2"], group["quarter"] or group["quarter2"]
    half_past = group["thirty"] or group["thirty2"]
    minute = 30 if half_past else 15 * _numeral(quarter) if quarter else _numeral(minutes or "零")
    return None if hour is None or hour > 23 or minute > 59 else (hour, minute, 0, "minute")


def is_plausible(value: datetime, moment: datetime | None) -> bool:
    """Return whether something could have been published at a time, and be read at a moment."""
    if value < EARLIEST:
        return False
    # A page can't tell of a time after it was fetched.
    return moment is None or value <= moment + TOLERANCE


class Reader:
    """What holds for one text: zone, order of day and month, moment of reading, the text itself."""

    __slots__ = ("default", "local", "moment", "order", "republic", "text")

    def __init__(self, text: str, zone: str, moment: datetime | None, language: str) -> None:
        self.text = text
        self.moment = moment
        self.local = zone if _zone(zone) else ""
        cjk = ""
        if JAPANESE.search(text):
            cjk = "Asia/Tokyo"
        elif HANGUL.search(text):
            cjk = "Asia/Seoul"
        elif CHINESE.search(text):
            cjk = "Asia/Taipei" if "民國" in text else "Asia/Shanghai"
        self.local = self.local or cjk
        self.default = _zone(self.local) or UTC
        self.republic = self.local == "Asia/Taipei" or language.lower() in ("zh-tw", "zh-hant-tw")
        self.order = date_order(language)
        if not self.order and self.local.startswith(("Europe/", "Australia/")):
            self.order = "dmy"
        elif not self.order and (
            self.local.startswith("America/")
            or (language.lower() in ("", "en") and _AMERICAN.search(text))
        ):
            self.order = "mdy"
        if cjk and self.order != "dmy":
            self.order = "ymd"

    def place_zone(self, start: int, end: int) -> tzinfo | None:
        """Return the zone of a place such as 北京时间 that stands beside a time, or None."""
        around = self.text[max(0, start - 16) : end + 16]
        found = list(PLACE_TIME.finditer(around))
        if not found:
            return None
        at = start - max(0, start - 16)
        # The one before the time goes with it, else the next one behind.
        before = [match for match in found if match.end() <= at]
        match = before[-1] if before else found[0]
        return _zone(PLACE_ZONES[(match["han"] or match["latin"]).lower()])

    def finish(
        self, year: int, month: int, day: int, start: int, end: int, evening: str = ""
    ) -> ParsedTime | None:
        """Add clock and zone that stand beside a day, and check the whole."""
        clock, stated, first, last = None, None, start, end
        in_numerals = HAN_AFTER.match(self.text, end)
        after = None if in_numerals else AFTER.match(self.text, end)
        if after and LABEL.search(after["gap"]):
            after = None
        head = max(0, start - 40)
        before = None if after or in_numerals else BEFORE.search(self.text[head:start])
        if before and LABEL.search(before["gap"]):
            before = None
        found = after or before
        if not found and not in_numerals:
            after = TWELVE_AFTER.match(self.text, end)
            found = after or TWELVE_BEFORE.search(self.text[head:start])
        if in_numerals:
            clock, last = _han_clock(in_numerals), in_numerals.end()
        elif found:
            clock = _clock(found, evening)
            stated = stated_zone(found["zone"] or "", self.local)
            first = start if after else head + found.start()
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
        year, month, day, hour, minute, second = parts
        stated = stated or self.place_zone(start, end)
        try:
            value = datetime(
                year, month, day, hour % 24, minute, second, tzinfo=stated or self.default
            )
            value += timedelta(days=hour // 24)
        except (ValueError, OverflowError):
            return None
        if not self.plausible(value):
            return None
        return ParsedTime(
            value=value,
            precision=precision,
            zone_assumed="" if stated else (self.local or "UTC"),
            raw=self.text[start:end].strip(),
            start=start,
        )

    def plausible(self, value: datetime) -> bool:
        """Return whether something could have been published then."""
        return is_plausible(value, self.moment)

    def weekday(self, start: int, end: int) -> int | None:
        """Return the day of the week that stands beside a date, Monday being 1, or None."""
        before = list(WEEKDAY.finditer(self.text[max(0, start - 14) : start]))
        match = before[-1] if before else WEEKDAY.search(self.text[end : end + 14])
        if match is None:
            return None
        return WEEKDAYS.get((match["name"] or match["zh"] or match["ja"]).lower())

    def year(self, short: int) -> int:
        """Return the year that two digits stand for."""
        latest = self.moment.year if self.moment else datetime.now(UTC).year
        return 2000 + short if 2000 + short <= latest + 1 else 1900 + short


# No time that a site prints is longer; what follows belongs to something else.
_MAX_LENGTH: Final = LONGEST_STAMP


def _numeral(text: str) -> int:
    """Return the value of a number in Chinese numerals or in digits."""
    return int(text) if text.isdecimal() else int(han_number(text.replace("兩", "两")))


def _epoch(reader: Reader) -> Iterator[ParsedTime | None]:
    if match := EPOCH.fullmatch(reader.text) or DOTNET.fullmatch(reader.text):
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
        month = _numeral(match["m"] or match["m2"] or match["m3"])
        day = _numeral(match["d"] or match["d2"] or match["d3"])
        yield reader.finish(int(match["y"]), month, day, match.start(), match.end())


def _era(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in REPUBLIC.finditer(reader.text):
        # Year 1 of the Republic of China is 1912.
        year, month, day = (_numeral(match[name] or match[f"{name}2"]) for name in "ymd")
        yield reader.finish(year + 1911, month, day, match.start(), match.end())
    for match in REPUBLIC_SHORT.finditer(reader.text) if reader.republic else ():
        if _is_shown(reader.text, match):
            year, month, day = (int(match[name]) for name in "ymd")
            yield reader.finish(year + 1911, month, day, match.start(), match.end())
    for match in ERA_DATE.finditer(reader.text):
        year = ERAS[match["era"]] + (1 if match["y"] == "元" else int(match["y"]))
        yield reader.finish(year, int(match["m"]), int(match["d"]), match.start(), match.end())


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
            year = match["y"]
            year = int(year) if year.isdecimal() else reader.year(int(year[1:]))
            day = int(match["d"])
            if not group.get("hour"):
                yield reader.finish(year, month, day, match.start(), match.end())
                continue
            clock = _clock(match)  # asctime: the clock stands between day and year
            if clock:
                stated = stated_zone(group.get("zone") or "", reader.local)
                yield reader.check(
                    (year, month, day, *clock[:3]), clock[3], stated, match.start(), match.end()
                )
    for match in SHORT_YEAR.finditer(reader.text):
        if month := MONTHS.get(match["m"].lower()):
            year = reader.year(int(match["y"]))
            yield reader.finish(year, month, int(match["d"]), match.start(), match.end())
    for match in YEAR_NAMED.finditer(reader.text):
        name = match["m"] or ""
        month = MONTHS.get(name.lower(), 0) if name else _numeral(match["m2"])
        day = int(match["d"] or match["d2"])
        if month:
            year = int(match["y"] or match["y2"])
            yield reader.finish(year, month, day, match.start(), match.end())


def _by_weekday(reader: Reader, match: re.Match[str], days: list[date]) -> list[date]:
    """Return those of several days that fall on the day of the week beside the date, if any."""
    weekday = reader.weekday(match.start(), match.end())
    fitting = [day for day in days if weekday and day.isoweekday() == weekday]
    return fitting or days


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_first(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in DMY.finditer(reader.text):
        one, two, year = int(match["d"]), int(match["m"]), int(match["y"])
        day_first, month_first = _day(year, two, one), _day(year, one, two)
        if match["s"] == "." or reader.order == "dmy":
            days = [day_first] if day_first or match["s"] == "." else [month_first]
        elif reader.order == "mdy":
            days = [month_first or day_first]
        else:
            days = [day_first, month_first]
        found = _by_weekday(reader, match, [day for day in days if day])
        if len(set(found)) == 1:  # else 3/4/2025 is two days, and nothing here says which
            day = found[0]
            yield reader.finish(day.year, day.month, day.day, match.start(), match.end())


# What a date with a year of two digits must have beside it, or be alone: other rows of numbers
# are scores, versions and sizes.
_CLOCK_BEHIND = lazy_compile(
    r"\s{0,2}[,|T(]?\s{0,2}(?:um|at|à|a las|alle|klo|kl\.?|om)?\s{0,2}"
    r"(?:[上下中]?午|凌晨|晚|오전|오후)?\s{0,2}\d{1,2}(?:[:：]\d\d|[时時点點]|\s?[ap]\.?m)",
    re.IGNORECASE,
)
_LABEL_BEFORE = lazy_compile(
    r"(?:date|[时時][间間]|日期|posted|published|updated|on|at|发布|發布|發佈|更新|刊登|입력|등록|수정|am|vom|"
    r"stand|le|el|il)\s?[:：]?\s*$",
    re.IGNORECASE,
)


def _is_shown(text: str, match: re.Match[str]) -> bool:
    """Whether a date with a short year has a clock behind it, a label before, or is alone."""
    return bool(
        _CLOCK_BEHIND.match(text, match.end())
        or _LABEL_BEFORE.search(text[max(0, match.start() - 16) : match.start()])
        or is_alone(text, match.start(), match.end())
    )


def _two_digit_year(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in SHORT_HAN.finditer(reader.text):
        if _is_shown(reader.text, match):
            parts = reader.year(int(match["y"])), int(match["m"]), int(match["d"])
            yield reader.finish(*parts, match.start(), match.end())
    for match in TWO_DIGIT.finditer(reader.text):
        if not _is_shown(reader.text, match):
            continue
        a, b, c = (int(match[name]) for name in "abc")
        orders = {
            "ymd": _day(reader.year(a), b, c),
            "dmy": _day(reader.year(c), b, a),
            "mdy": _day(reader.year(c), a, b),
        }
        order = reader.order
        if order == "dmy" and CHINESE.search(reader.text):
            order = ""  # Hong Kong writes both
            del orders["mdy"]
        elif not order and match["s"] == ".":
            del orders["mdy"]
        days = [orders[order]] if order in orders else list(orders.values())
        latest = (reader.moment or datetime.now(UTC)) + TOLERANCE
        possible = [day for day in days if day and EARLIEST.date() <= day <= latest.date()]
        possible = _by_weekday(reader, match, possible)
        if len(set(possible)) == 1:
            day = possible[0]
            yield reader.finish(day.year, day.month, day.day, match.start(), match.end())


def _latest(reader: Reader, month: int, day: int, start: int, end: int) -> ParsedTime | None:
    """Return the last day of its name before the moment of reading, with its clock."""
    if reader.moment is None:
        return None
    weekday = reader.weekday(start, end)
    local = reader.moment.astimezone(reader.default)
    for year in (local.year + 1, local.year, local.year - 1):
        # The year's turn: in January a December is last year's.
        found = reader.finish(year, month, day, start, end)
        if found and (not weekday or found.value.isoweekday() == weekday):
            return found
    return None


def _yearless(reader: Reader) -> Iterator[ParsedTime | None]:
    for match in NO_YEAR.finditer(reader.text):
        month = int(match["m"] or match["m2"] or match["m3"])
        day = int(match["d"] or match["d2"] or match["d3"])
        if match["s"] == "/" and reader.order == "dmy":
            month, day = day, month
        elif match["s"] and not reader.order and len(match["m2"] + match["d2"]) < 4:
            continue
        yield _latest(reader, month, day, match.start(), match.end())
    for match in NAMED_NO_YEAR.finditer(reader.text):
        month = MONTHS.get((match["m"] or match["m2"]).lower(), 0)
        if not month:
            continue
        day = int(match["d"] or match["d2"])
        found = _latest(reader, month, day, match.start(), match.end())
        alone = WEEKDAY.sub("", reader.text[: match.start()]), reader.text[match.end() :]
        if found and (
            found.precision != "day" or is_alone("  ".join(alone), len(alone[0]), len(alone[0]) + 2)
        ):
            yield found


def _relative(reader: Reader) -> Iterator[ParsedTime | None]:
    if reader.moment is None:
        return
    moment = reader.moment.astimezone(reader.default).replace(microsecond=0)
    assumed = reader.local or "UTC"
    if ago := time_ago(reader.text):
        value = moment - timedelta(seconds=ago.seconds)
        precision = "minute" if ago.unit < 86400 else "day"
        if precision == "day":
            value = value.replace(hour=0, minute=0, second=0)
        if reader.plausible(value):
            raw = reader.text[ago.start : ago.end].strip()
            yield ParsedTime(
                value=value, precision=precision, zone_assumed=assumed, raw=raw,
                start=ago.start, relative=True,
            )  # fmt: skip
    if (now := NOW.search(reader.text)) and is_alone(reader.text, *now.span()):
        yield ParsedTime(
            value=moment.replace(second=0), precision="minute", zone_assumed=assumed, raw=now[0],
            start=now.start(), relative=True,
        )  # fmt: skip
    for match in DAY_WORD.finditer(reader.text):
        day = moment - timedelta(days=days_back(match[0]))
        evening = "晚" if match[0][-1] in "晚夜" else ""
        found = reader.finish(day.year, day.month, day.day, *match.span(), evening)
        # “USA Today” is no day: a clock must stand beside it, or nothing but a label.
        if found and (found.precision != "day" or is_alone(reader.text, *match.span())):
            yield replace(found, relative=True)


_READERS: Final[tuple[Callable[[Reader], Iterator[ParsedTime | None]], ...]] = (
    _epoch, _compact, _numeric, _era, _numerals, _named, _day_first, _two_digit_year, _relative,
    _yearless,
)  # fmt: skip


def parse_time(
    text: str, *, zone: str = "", relative_to: datetime | None = None, language: str = ""
) -> ParsedTime | None:
    """Return the first time that a text states, or None.

    Words around the time are allowed (``Updated Nov. 13, 2025 9:05 a.m. ET``). A time without a
    zone is taken in `zone`; without that, in Asia/Shanghai when the text is Chinese (Asia/Taipei
    for years of the Republic), in Asia/Tokyo or Asia/Seoul when it is Japanese or Korean, else in
    UTC; `ParsedTime.zone_assumed` says so. ``CST`` means China Standard Time where the zone is
    Asian.

    Args:
        text: what the site printed, or the value of an attribute.
        zone: IANA time zone of the site, or "".
        relative_to: moment of reading, aware: what ``3小时前`` and days without a year count from,
            and 48 hours before the latest time that is believed. Without it neither is read.
        language: tag of the page's language (``en-US``), which may settle whether the day or the
            month stands first in ``3/4/2025``, or "".

    Returns:
        The time, or None when there is none, when it is ambiguous (``3/4/2025``), before 1990 or
        more than 48 hours after `relative_to`.
    """
    text = text[:_MAX_LENGTH].translate(SPACES)
    if not HINT.search(text):
        return None
    text = LOST_PLUS.sub(r"\1+\2", text)
    reader = Reader(text, zone, relative_to, language)
    for read in _READERS:
        for found in read(reader):
            if found is not None:
                return found
    return None


_MOST_TIMES: Final = 6


def find_times(
    text: str, *, zone: str = "", relative_to: datetime | None = None, language: str = ""
) -> list[ParsedTime]:
    """Return the times that a text states, in the order in which they stand there, at most six.

    Args:
        text: as for `parse_time`, as are the others.
    """
    found: list[ParsedTime] = []
    spans = [(0, text[:_MAX_LENGTH])]
    while spans and len(found) < _MOST_TIMES:
        offset, part = spans.pop(0)
        time = parse_time(part, zone=zone, relative_to=relative_to, language=language)
        if time is None:
            continue
        end = time.start + max(1, len(time.raw))
        found.append(replace(time, start=offset + time.start))
        spans += [(offset, part[: time.start]), (offset + end, part[end:])]
    return sorted(found, key=lambda time: time.start)
