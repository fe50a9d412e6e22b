"""Times as sites print them, read strictly: what is not stated is noted, and nothing is invented.

Reads ISO 8601, RFC 2822, epoch seconds, Chinese dates in digits, numerals and years of the
Republic, month names of ten European languages, and times relative to a given moment. Everything
here is a function of its arguments alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["ParsedTime", "parse_time"]

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks of servers are wrong, and papers are dated ahead; more than this is no time of publication.
TOLERANCE: Final = timedelta(hours=48)
# No time that a site prints is longer; what follows belongs to something else.
_MAX_LENGTH: Final = 400


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


def _words(table: str) -> dict[str, int]:
    names = {}
    for number, line in enumerate(table.strip().splitlines(), 1):
        names.update(dict.fromkeys(line.split(), number))
    return names


# Names of months, one month a line: en, de, fr, es, it, pt, nl, sv/da/no, pl, tr, fi, id.
MONTHS: Final = _words("""
jan january januar jänner janvier enero ene gennaio gen janeiro januari stycznia ocak tammikuuta
feb february februar febr février févr febrero febbraio fevereiro fev februari lutego şubat helmikuuta
mar march märz mrz mars marzo março maart mrt marts marca mart maaliskuuta maret
apr april avril avr abril abr aprile kwietnia nisan huhtikuuta
may mai mayo maggio mag maio mei maj maja mayıs toukokuuta
jun june juni juin junio giugno giu junho czerwca haziran kesäkuuta
jul july juli juillet juil julio luglio lug julho lipca temmuz heinäkuuta
aug august août agosto ago augustus augusti sierpnia ağustos elokuuta agustus
sep sept september septembre septiembre settembre set setembro września eylül syyskuuta
oct october oktober okt octobre octubre ottobre ott outubro out październik października ekim lokakuuta
nov november novembre noviembre novembro listopada kasım marraskuuta
dec december dezember dez décembre déc diciembre dic dicembre dezembro desember des grudnia aralık joulukuuta
""")  # noqa: E501
# Abbreviations of zones that news sites print; those with summer time by place.
ZONES: Final = {
    "z": "UTC", "utc": "UTC", "gmt": "UTC", "et": "America/New_York", "est": "Etc/GMT+5",
    "edt": "Etc/GMT+4", "ct": "America/Chicago", "cst": "Etc/GMT+6", "cdt": "Etc/GMT+5",
    "mt": "America/Denver", "mst": "Etc/GMT+7", "mdt": "Etc/GMT+6", "pt": "America/Los_Angeles",
    "pst": "Etc/GMT+8", "pdt": "Etc/GMT+7", "bst": "Etc/GMT-1", "wib": "Asia/Jakarta",
    "cet": "Europe/Paris", "cest": "Etc/GMT-2", "mez": "Europe/Berlin", "mesz": "Etc/GMT-2",
    "eet": "Europe/Helsinki", "eest": "Etc/GMT-3", "msk": "Europe/Moscow", "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore", "ist": "Asia/Kolkata",
    "aest": "Etc/GMT-10", "aedt": "Etc/GMT-11", "bjt": "Asia/Shanghai",
}  # fmt: skip
_CHINESE_TIME = re.compile(r"北京[时時][间間]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

_MERIDIEM: Final = r"凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚間|夜间|夜間"
_CLOCK: Final = (
    rf"(?P<half>{_MERIDIEM})?[ \u3000]*(?P<hour>\d{{1,2}})"
    r"(?:\s?[:：]\s?(?P<minute>\d{2})(?:\s?[:：]\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![:：]?\d)"
    r"|[时時点點](?:(?P<minute2>\d{1,2})分?(?:(?P<second2>\d{1,2})秒)?)?"
    r"|\s?h\s?(?P<minute3>\d{2})(?!\d)|\.(?P<minute4>\d{2})(?= ?Uhr\b)|(?=\s?[ap]\.?m\b))"
    r"(?:\s?(?P<ampm>[ap])\.?\s?m\b\.?)?"
)
_OFFSET: Final = (
    r"(?:\s{0,2}[(\[]?(?P<zone>(?:UTC|GMT)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?![\d:])"
    r"|(?:UTC|GMT|Z|BJT|WIB|MESZ|MEZ|[ECMP][SD]?T|BST|CES?T|EES?T|MSK|JST|KST|HKT|SGT|IST|AE[SD]T)"
    r"(?![A-Za-z])))?"
)
_AFTER = re.compile(r"[^\d\n]{0,24}?" + _CLOCK + _OFFSET, re.IGNORECASE)
_BEFORE = re.compile(_CLOCK + _OFFSET + r"[^\d\n]{0,16}$", re.IGNORECASE)
_DAY_ZONE = re.compile(r"(?P<zone>Z|[+\-]\d{2}:?\d{2})(?!\d)")

_EPOCH = re.compile(r"\s*(\d{10}|\d{13})(?:\.\d{1,6})?\s*")
_COMPACT = re.compile(
    r"\s*((?:19|20)\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(Z|[+-]\d{4})?)?\s*"
)
_YMD = re.compile(
    r"(?<![\d.])(?P<y>(?:19|"
    r"20)\d\d)(?:\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})(?!\d)\s?[日号號]?"
    r"|\s?(?P<s>[-/.])\s?(?P<m2>\d{1,2})\s?(?P=s)\s?(?P<d2>\d{1,2})(?!\d)(?![.]\d))"
)
_REPUBLIC = re.compile(
    r"(?:中[華华])?民[國国]\s?(?P<y>\d{2,3})\s?[年/.\-]\s?(?P<m>\d{1,2})\s?[月/.\-]\s?(?P<d>\d{1,2})\s?日?"
)
_NUMERAL: Final = "〇○零一二三四五六七八九十廿卅"
_NUMERALS = re.compile(
    rf"(?P<y>[二一][{_NUMERAL}]{{3}})年(?P<m>[{_NUMERAL}]{{1,3}})月(?P<d>[{_NUMERAL}]{{1,4}})[日号號]"
)
_NAME: Final = r"(?P<m>[^\W\d_]{3,14})\.?"
_MONTH_DAY = re.compile(
    rf"(?<![^\W\d_]){_NAME}[ \u00a0]{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?:mon|tue|"
    rf"wed|thu|fri|sat|sun)[a-z]*)?"
    r"(?:\s?[,.]\s?|\s)\s?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s(?P<zone>[+-]\d{4}|[A-Z]{2,4})?"
    r"\s?)?(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º)?[.,]?[\s\-]{{0,2}}(?:de |of "
    rf")?{_NAME},?[\s\-/]{{1,2}}"
    r"(?:de |del )?(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_DMY = re.compile(
    r"(?<![\d./-])(?P<d>\d{1,2})(?P<s>[./-])(?P<m>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d)(?![\d])"
)
_NO_YEAR = re.compile(
    r"(?<![\d./年-])(?:(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号號]"
    r"|(?P<m2>\d{2})[-/](?P<d2>\d{2})(?=\s{1,3}\d{1,2}:\d\d))"
)
_AGO = re.compile(
    r"(?P<n>\d{1,4}|半|an?|one)\s?(?:个|個)?\s?(?P<unit>秒|分|小[时時]|天|日|周|週|星期|礼拜|月"
    r"|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])(?:[钟鐘])?\s?(?:之?前|"
    r"ago\b)",
    re.IGNORECASE,
)
_DAY_WORD = re.compile(
    r"(?P<w>刚刚|剛剛|just now|今天|今日|昨天|昨日|前天|yesterday|today)", re.IGNORECASE
)
# What every readable text has: a digit, a year in numerals, or a word for a time.
_HINT = re.compile(r"\d|[二一].{3}年|[前刚剛昨今]|ago\b|now|day", re.IGNORECASE)
_SECONDS: Final = {
    "秒": 1, "s": 1, "分": 60, "m": 60, "小": 3600, "h": 3600, "天": 86400, "日": 86400,
    "d": 86400, "周": 604800, "週": 604800, "星": 604800, "礼": 604800, "w": 604800, "月": 2592000,
}  # fmt: skip
_DAYS_BACK: Final = {
    "今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2,
}  # fmt: skip


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _stated_zone(text: str, local: str) -> tzinfo | None:
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


def _clock(match: re.Match[str]) -> tuple[int, int, int, str] | None:
    """Return hour, minute, second and precision of a match of `_CLOCK`."""
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


class _Reader:
    """What holds for one text: zone, moment of reading, and the text itself."""

    __slots__ = ("default", "local", "moment", "text")

    def __init__(self, text: str, zone: str, moment: datetime | None) -> None:
        self.text = text
        self.moment = moment
        if _CHINESE_TIME.search(text):
            zone = "Asia/Shanghai"
        self.local = zone if _zone(zone) else ""
        if not self.local and _CHINESE.search(text):
            self.local = "Asia/Taipei" if "民國" in text else "Asia/Shanghai"
        self.default = _zone(self.local) or UTC

    def finish(
        self, year: int, month: int, day: int, start: int, end: int, zone: str = ""
    ) -> ParsedTime | None:
        """Add clock and zone that stand beside a day, and check the whole."""
        clock, stated, first, last = None, _stated_zone(zone, self.local), start, end
        after = _AFTER.match(self.text, end)
        before = None if after else _BEFORE.search(self.text[max(0, start - 40) : start])
        found = after or before
        if found:
            clock = _clock(found)
            stated = stated or _stated_zone(found["zone"] or "", self.local)
            first = start if after else max(0, start - 40) + found.start()
            last = after.end() if after else end
        elif (offset := _DAY_ZONE.match(self.text, end)) is not None:
            stated = _stated_zone(offset["zone"], self.local)
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
        if value < EARLIEST:
            return False
        # No lower clock than the page's own: a page can't tell of a time after it was fetched.
        return self.moment is None or value <= self.moment + TOLERANCE


def _epoch(reader: _Reader) -> Iterator[ParsedTime | None]:
    if match := _EPOCH.fullmatch(reader.text):
        value = datetime.fromtimestamp(int(match[1][:10]), UTC)
        if reader.plausible(value):
            yield ParsedTime(value=value, precision="second", raw=match[1], start=match.start(1))


def _compact(reader: _Reader) -> Iterator[ParsedTime | None]:
    if match := _COMPACT.fullmatch(reader.text):
        year, month, day, hour, minute, second = (int(match[i] or 0) for i in range(1, 7))
        precision = "second" if match[6] else "minute" if match[4] else "day"
        stated = _stated_zone(match[7] or "", reader.local)
        parts = (year, month, day, hour, minute, second)
        yield reader.check(parts, precision, stated, match.start(1), match.end())


def _numeric(reader: _Reader) -> Iterator[ParsedTime | None]:
    for match in _YMD.finditer(reader.text):
        month, day = int(match["m"] or match["m2"]), int(match["d"] or match["d2"])
        yield reader.finish(int(match["y"]), month, day, match.start(), match.end())


def _republic(reader: _Reader) -> Iterator[ParsedTime | None]:
    for match in _REPUBLIC.finditer(reader.text):
        # Year 1 of the Republic of China is 1912.
        yield reader.finish(
            int(match["y"]) + 1911, int(match["m"]), int(match["d"]), match.start(), match.end()
        )


def _numerals(reader: _Reader) -> Iterator[ParsedTime | None]:
    for match in _NUMERALS.finditer(reader.text):
        year, month, day = (_numeral(match[name]) for name in "ymd")
        yield reader.finish(year, month, day, match.start(), match.end())


def _named(reader: _Reader) -> Iterator[ParsedTime | None]:
    for pattern in (_MONTH_DAY, _DAY_MONTH):
        for match in pattern.finditer(reader.text):
            month = MONTHS.get(match["m"].lower())
            if not month:
                continue
            group = match.groupdict()
            year, day = int(match["y"]), int(match["d"])
            if not group.get("hour"):
                yield reader.finish(year, month, day, match.start(), match.end())
                continue
            clock = _clock(match)  # asctime: the clock stands between day and year
            if clock:
                stated = _stated_zone(group.get("zone") or "", reader.local)
                yield reader.check(
                    (year, month, day, *clock[:3]), clock[3], stated, match.start(), match.end()
                )


def _day_first(reader: _Reader) -> Iterator[ParsedTime | None]:
    for match in _DMY.finditer(reader.text):
        day, month = int(match["d"]), int(match["m"])
        if match["s"] != ".":
            if month > 12 or (day <= 12 and reader.local.startswith("America/")):
                day, month = month, day
            elif day <= 12 and day != month and not reader.local.startswith(("Europe/", "Aust")):
                continue  # 3/4/2025 is two days, and nothing here says which
        yield reader.finish(int(match["y"]), month, day, match.start(), match.end())


def _yearless(reader: _Reader) -> Iterator[ParsedTime | None]:
    if reader.moment is None:
        return
    for match in _NO_YEAR.finditer(reader.text):
        month, day = int(match["m"] or match["m2"]), int(match["d"] or match["d2"])
        local = reader.moment.astimezone(reader.default)
        for year in (local.year + 1, local.year, local.year - 1):
            # The year's turn: in January a December is last year's.
            if found := reader.finish(year, month, day, match.start(), match.end()):
                yield found
                break


def _ago(reader: _Reader) -> Iterator[ParsedTime | None]:
    if reader.moment is None:
        return
    moment = reader.moment.astimezone(reader.default)
    if match := _AGO.search(reader.text):
        number = match["n"].lower()
        count = 0.5 if number == "半" else float(number) if number.isdecimal() else 1.0
        seconds = _SECONDS[match["unit"][0].lower()] * count
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
    for match in _DAY_WORD.finditer(reader.text):
        back = _DAYS_BACK.get(match["w"].lower())
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


_READERS: Final[tuple[Callable[[_Reader], Iterator[ParsedTime | None]], ...]] = (
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
    if not _HINT.search(text):
        return None
    reader = _Reader(text, zone, relative_to)
    for read in _READERS:
        for found in read(reader):
            if found is not None:
                return found
    return None
