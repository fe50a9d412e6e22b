"""Figures and days in a text, which two texts on one event are likely to share."""

from __future__ import annotations

from scraper.text.numerals import find_figures
from scraper.text.patterns import lazy_compile

__all__ = ["days", "figures", "years"]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTH = "|".join(_MONTHS)
_WEEKDAYS = "mon tues wednes thurs fri satur sun".split()  # noqa: SIM905
_HAN_WEEKDAYS = "一二三四五六日"
_YEAR = lazy_compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d,s]|\.\d)")
_DAY = lazy_compile(
    rf"(?P<month>{_MONTH})[a-z]{{0,6}}\.?\s?(?P<day>\d{{1,2}})(?!\d)"
    r"|(?<!\d)(?P<hanmonth>\d{1,2})\s?月\s?(?P<handay>\d{1,2})\s?日"
    rf"|(?<!\d)(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<behind>{_MONTH})"
)
_WEEKDAY = lazy_compile(
    rf"\b(?P<english>{'|'.join(_WEEKDAYS)})day|(?:星期|周|礼拜)(?P<han>[一二三四五六日天])"
)
# Two texts may share small counts and years by chance.
_SMALL = 10
_FIRST_YEAR, _LAST_YEAR = 1990, 2035


def figures(folded: str) -> set[str]:
    """Return the figures of a folded text to three digits, without small counts and years."""
    found = set()
    for figure in find_figures(folded):
        if not figure.scale and (figure.low <= _SMALL or _FIRST_YEAR <= figure.low <= _LAST_YEAR):
            continue
        found.add(f"{figure.low:.3g}")
        found.add(f"{figure.high:.3g}")
    return found


def years(folded: str) -> set[str]:
    """Return the years that a folded text names."""
    return set(_YEAR.findall(folded))


def days(folded: str) -> set[str]:
    """Return the days that a folded text names: ``7-15`` for 15 July, ``w3`` for Thursday."""
    found = set()
    for match in _DAY.finditer(folded):
        part = match.groupdict()
        if part["month"]:
            found.add(f"{_MONTHS.index(part['month']) + 1}-{int(part['day'])}")
        elif part["hanmonth"]:
            found.add(f"{int(part['hanmonth'])}-{int(part['handay'])}")
        else:
            found.add(f"{_MONTHS.index(part['behind']) + 1}-{int(part['before'])}")
    for match in _WEEKDAY.finditer(folded):
        if match["english"]:
            found.add(f"w{_WEEKDAYS.index(match['english'])}")
        else:
            found.add(f"w{_HAN_WEEKDAYS.index(match['han'].replace('天', '日'))}")
    return found
