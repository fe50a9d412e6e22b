"""A day that a text states, completed by the clock and the zone that stand beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scraper.times.forms import (
    AFTER,
    BEFORE,
    CHINESE,
    CHINESE_TIME,
    DAY_ZONE,
    ZONES,
)

__all__ = ["ParsedTime", "Reader", "clock_of", "stated_zone"]

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
