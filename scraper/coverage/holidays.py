"""What kind of day a day is for the press of a time zone: workday, weekend, holiday, festival.

Public holidays, their substitutes and weekends that are worked come from the package `holidays`,
by the country of the zone. On top of it stand the habits of the press, which no law gives: see
`_HABITS` and `_FESTIVALS`.
"""

from __future__ import annotations

import importlib.util
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

__all__ = ["FESTIVAL", "HOLIDAY", "WEEKEND", "WORKDAY", "kind_of"]

WORKDAY, WEEKEND, HOLIDAY, FESTIVAL = "workday", "weekend", "holiday", "festival"

# The days around the lunar New Year, as offsets from it: those of the longest years, since they
# differ from year to year, and a day off that is worked brings more than is expected, which is no
# gap. The first two columns say by which country's calendar, and how it calls the day.
_FESTIVALS: Mapping[str, tuple[str, str, int, int]] = {
    "CN": ("CN", "Chinese New Year", -2, 7),
    "TW": ("CN", "Chinese New Year", -2, 4),
    "HK": ("CN", "Chinese New Year", -1, 3),
    "MO": ("CN", "Chinese New Year", -1, 3),
    "SG": ("CN", "Chinese New Year", -1, 2),
    "MY": ("CN", "Chinese New Year", -1, 2),
    "KR": ("KR", "Korean New Year", -1, 1),
    "VN": ("VN", "Lunar New Year", -1, 4),
}
# Further days on which the press of a country rests: month, day, and how many days. China's long
# holidays are announced for the next year only.
_HABITS: Mapping[str, Sequence[tuple[int, int, int]]] = {
    "CN": ((5, 1, 5), (10, 1, 7)),
    "JP": ((12, 31, 1), (1, 1, 3), (5, 3, 3)),
}
# Where Christmas Day is a public holiday, and where the country is not known.
_CHRISTMAS_EVE = (12, 24, 1)
_UNKNOWN = ((1, 1, 1), (12, 24, 3))
_EASTER = ("Good Friday", "Easter Monday")

# Zones by older names, and parts of countries whose holidays differ from the whole country's.
_OLDER_NAMES: Mapping[str, str] = {
    "PRC": "CN", "Asia/Chongqing": "CN", "Asia/Chungking": "CN", "Asia/Harbin": "CN", "ROC": "TW",
    "Hongkong": "HK", "Asia/Macao": "MO", "Singapore": "SG", "Japan": "JP", "ROK": "KR", "GB": "GB",
}  # fmt: skip
_PARTS: Mapping[str, str] = {"GB": "ENG"}
# There the press rests on the general holidays, not only on those that every employer owes.
_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "HK": ("optional", "public"),
    "MO": ("optional", "public"),
}


@lru_cache(maxsize=16384)
def kind_of(day: date, zone: str) -> str:
    """Return what kind of day it is there.

    Args:
        day: a day of the zone.
        zone: IANA name, or "".

    Returns:
        `FESTIVAL` in the days of the Spring Festival, `HOLIDAY` on other public holidays, `WEEKEND`
        on other Saturdays and Sundays that are not worked, else `WORKDAY`.
    """
    kind = _special_days(_country_of(zone), day.year).get(day)
    return kind or (WEEKEND if day.weekday() >= 5 else WORKDAY)


@lru_cache(maxsize=512)
def _special_days(country: str, year: int) -> dict[date, str]:
    """Return the days of a year that are not what their weekday says."""
    public = _public_holidays(country, year)
    found = dict.fromkeys(public or (), HOLIDAY)
    christmas = public is not None and date(year, 12, 25) in public and country not in _FESTIVALS
    habits = [*_HABITS.get(country, ()), *([_CHRISTMAS_EVE] if christmas else [])]
    for month, day, days in _UNKNOWN if public is None else habits:
        found |= dict.fromkeys(_stretch(date(year, month, day), 0, days - 1), HOLIDAY)
    if public is None or christmas:
        found |= dict.fromkeys(_easter(year, monday=country != "US"), HOLIDAY)
    if country == "US":
        thanksgiving = [day for day in found if public and "Thanksgiving" in public.get(day, "")]
        found |= dict.fromkeys((day + timedelta(days=1) for day in thanksgiving), HOLIDAY)
    if country in _FESTIVALS:
        calendar, name, first, last = _FESTIVALS[country]
        for new_year in _named(calendar, year, name):
            found |= dict.fromkeys(_stretch(new_year, first, last), FESTIVAL)
    worked = public.weekend_workdays if public is not None else ()
    return found | dict.fromkeys((day for day in worked if day.year == year), WORKDAY)


def _stretch(day: date, first: int, last: int) -> Iterator[date]:
    for shift in range(first, last + 1):
        yield day + timedelta(days=shift)


def _easter(year: int, *, monday: bool) -> Iterator[date]:
    """Return the days around Easter, of which offices close on both or on Good Friday only."""
    for name in _EASTER[: 2 if monday else 1]:
        yield from _named("GB", year, name)


def _named(country: str, year: int, name: str) -> Sequence[date]:
    """Return the first holiday of a year whose name begins so; none where it is not known."""
    public = _public_holidays(country, year)
    days = (
        [day for day, said in public.items() if said.startswith(name) and "Eve" not in said]
        if public
        else []
    )
    return sorted(days)[:1]


@lru_cache(maxsize=512)
def _public_holidays(country: str, year: int) -> HolidayBase | None:
    """Return the public holidays of a country in a year, None where they are not known."""
    calendar = _calendar_of(country)
    if calendar is None:
        return None
    return calendar(
        years=year,
        expand=False,
        subdiv=_PARTS.get(country),
        language="en_US" if country in _FESTIVALS else None,
        categories=_CATEGORIES.get(country),
    )


@cache
def _calendar_of(country: str) -> Callable[..., HolidayBase] | None:
    """Return what makes the holidays of a country, None where they are not known.

    The package loads the calendars of all 250 countries for one of them, which takes most of the
    time of a command that only reads: the file of the one is loaded by itself.
    """
    if not country:
        return None
    import holidays
    from holidays.registry import COUNTRIES

    for module, names in COUNTRIES.items():
        if country not in names:
            continue
        path = Path(holidays.__file__).parent / "countries" / f"{module}.py"
        spec = importlib.util.spec_from_file_location(f"{__name__}_{module}", path)
        if spec is not None and spec.loader is not None and path.is_file():
            loaded = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(loaded)
            if (calendar := getattr(loaded, names[0], None)) is not None:
                return partial(calendar)
        return partial(holidays.country_holidays, country)
    return None


@cache
def _country_of(zone: str) -> str:
    """Return the ISO 3166 code of a zone's country, "" where the zone belongs to none."""
    if zone.startswith("US/"):
        return "US"
    return _OLDER_NAMES.get(zone) or _countries().get(zone, "")


@cache
def _countries() -> Mapping[str, str]:
    """Return the country of each zone by the table `zone.tab` of the IANA time zone database."""
    places = [Path(folder) / "zone.tab" for folder in zoneinfo.TZPATH]
    table = next((place.read_text("utf-8") for place in places if place.is_file()), "")
    if not table:
        # Systems without the database have the package tzdata instead.
        with suppress(ModuleNotFoundError, FileNotFoundError):
            table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {cells[2]: cells[0] for cells in rows if len(cells) > 2}
