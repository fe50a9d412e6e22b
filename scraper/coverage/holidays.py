"""What kind of day a day is for the press of a time zone: workday, weekend, holiday, festival.

The table `holidays.tsv` holds public holidays by zone and, from 2020 to 2040, the days that no
rule of ours gives: those of the Chinese calendar (as the packages lunardate 0.3.0 and LunarCalendar
0.0.9 agree on them) and Easter. Outside these years such days count as any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

__all__ = ["FESTIVAL", "HOLIDAY", "WEEKEND", "WORKDAY", "kind_of"]

WORKDAY, WEEKEND, HOLIDAY, FESTIVAL = "workday", "weekend", "holiday", "festival"

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOVABLE = ("spring", "dragon", "moon", "buddha", "chungyeung", "easter")
_ELSEWHERE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    zones: tuple[str, ...]
    day: str
    first: int
    last: int
    kind: str


def _read_tables() -> tuple[tuple[_Rule, ...], dict[int, dict[str, date]]]:
    rules: list[_Rule] = []
    movable: dict[int, dict[str, date]] = {}
    text = Path(__file__).with_name("holidays.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        if cells[0].isdigit():
            dates = map(date.fromisoformat, cells[1:])
            movable[int(cells[0])] = dict(zip(_MOVABLE, dates, strict=True))
            continue
        zones, day, first, last, kind, _name = cells
        rules.append(
            _Rule(zones=tuple(zones.split()), day=day, first=int(first), last=int(last), kind=kind)
        )
    return tuple(rules), movable


_RULES, _DATES = _read_tables()


@lru_cache(maxsize=16384)
def kind_of(day: date, zone: str) -> str:
    """Return what kind of day it is there.

    Args:
        day: a day of the zone.
        zone: IANA name, or "".

    Returns:
        `FESTIVAL` in the days of the Spring Festival, `HOLIDAY` on other public holidays, `WEEKEND`
        on other Saturdays and Sundays, else `WORKDAY`.
    """
    off = _days_off(zone, day.year).get(day)
    return off or (WEEKEND if day.weekday() >= 5 else WORKDAY)


@lru_cache(maxsize=512)
def _days_off(zone: str, year: int) -> dict[date, str]:
    off: dict[date, str] = {}
    for rule in _rules_of(zone):
        first = _first_day(rule.day, year)
        if first is None:
            continue
        for shift in range(rule.first, rule.last + 1):
            day = first + timedelta(days=shift)
            if off.get(day) != FESTIVAL:
                off[day] = rule.kind
    return off


def _rules_of(zone: str) -> tuple[_Rule, ...]:
    ours = tuple(rule for rule in _RULES if any(zone.startswith(z) for z in rule.zones))
    return ours or tuple(rule for rule in _RULES if _ELSEWHERE in rule.zones)


def _first_day(day: str, year: int) -> date | None:
    """Return the day that a rule counts from, or None where the table does not know it."""
    if day in _MOVABLE:
        return _DATES.get(year, {}).get(day)
    month, _, rest = day.partition("-")
    if rest.isdigit():
        return date(year, int(month), int(rest))
    nth, weekday = int(rest[0]), _WEEKDAYS.index(rest[1:])
    start = date(year, int(month) + (nth == 0), 1)  # the last of a month: a week before the next's
    first = start + timedelta(days=(weekday - start.weekday()) % 7)
    return first + timedelta(days=7 * (nth - 1))
