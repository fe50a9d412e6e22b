"""Figures of a text as edits are judged by: value, scale and unit, in English and Chinese.

Read on folded text (`scraper.edits.classify`), where all dashes are hyphens and thousands have no
commas.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from scraper.text.han_numerals import han_number
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile

__all__ = ["DAYS", "NumberToken", "figures", "is_other_magnitude"]


class NumberToken(NamedTuple):
    """A figure: ``-1.5``, ``million``, ``dollar``. `unit` is "day" or "ordinal" where it ranks."""

    value: str
    scale: str = ""
    unit: str = ""


# "One" is left out: "one of them", "no one".
_WORDS = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_VAGUE = r"dozens?|hundreds|thousands|millions|billions|half|halves|thirds|quarters?|a third"
_SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion",
    "t": "trillion", "tn": "trillion",
}  # fmt: skip
_SCALE = r"hundred|thousand|(?:m|b|tr)illion|dozen|(?:bn|mn|tn|[kmbt])(?![a-z'])|[百千万亿]+"
_CURRENCY = r"us\$|hk\$|nt\$|[acs]\$|[$€£¥₩₹]|(?:usd|eur|gbp|rmb|cny|hkd|jpy)\s?"
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "pct": "%", "‰": "‰", "$": "dollar",
    "us$": "us dollar", "美元": "us dollar", "€": "euro", "欧元": "euro", "£": "pound",
    "英镑": "pound",
}  # fmt: skip
_UNIT = (
    r"%|‰|percentage points?|percent|per cent|pct|basis points?|us dollars?|dollars?|euros?|pounds?"
    r"|yuan|yen|won|rupees?|francs?|km|kilomet(?:er|re)s?|miles?|met(?:er|re)s?|feet|acres?"
    r"|hectares?"
    r"|kg|kilograms?|lbs?|tons?|tonnes?|hours?|minutes?|seconds?|days?|weeks?|months?|years?"
    r"|degrees?|times|(?:st|nd|rd|th)(?![a-z])"
    r"|个百分点|美元|港元|港币|欧元|英镑|日元|韩元|新台币|台币|人民币|卢布|元|公里|英里|千米|米"
    r"|吨|公斤|千克"
    r"|亩|公顷|小时|分钟|秒|天|周|个月|倍|成|折|度|岁|[日号月年](?!本|元)"
)
_HAN_DIGIT = "零〇一二三四五六七八九十百千万亿两"
_MEASURE = (
    "年月日号个名人家次万亿元倍岁天周届份条项座台辆架艘种成位只头件支款类层楼级度期轮季点分秒公米吨"
    "余多"
)
_FIGURE = lazy_compile(
    rf"\b{ENGLISH_MONTH}\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w%])"
    rf"|(?<!\w)(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s(?={ENGLISH_MONTH}\b)"
    rf"|(?P<sign>(?<![0-9a-z)\].])-|minus\s|negative\s|负)?(?P<money>{_CURRENCY})?"
    rf"(?P<digits>\d+(?:[.,]\d+)*)[\s-]?(?P<scale>{_SCALE})?[\s-]?(?P<unit>{_UNIT})?"
    rf"|\b(?P<word>{'|'.join(_WORDS)})(?:-(?P<ones>one|{'|'.join(_WORDS)}))?\b"
    rf"(?:[\s-](?P<word_scale>{_SCALE})\b)?(?:[\s-](?P<word_unit>{_UNIT})\b)?"
    rf"|\b(?P<ordinal>{'|'.join(_ORDINALS)})\b"
    rf"|\b(?P<vague>{_VAGUE})\b"
    rf"|(?P<han>百分之[{_HAN_DIGIT}点]+|第[{_HAN_DIGIT}]+|数[十百千万亿]+|几[十百千万]|上[百千万]"
    rf"|十几|(?!万一|一一|万万|千万[别不])[{_HAN_DIGIT}]{{2,}}"
    rf"|(?!一)[{_HAN_DIGIT}](?=[{_MEASURE}]))(?P<han_unit>{_UNIT})?",
    re.IGNORECASE,
)
# A day or a month is a figure in words.
DAYS = lazy_compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\b|(?:周|星期)[一二三四五六日天]"
)
# 3个亿 is said for 3亿.
_COUNTED = lazy_compile(rf"(?<=[\d{_HAN_DIGIT}])个(?=[多余]?万?亿(?!万))")
_HAN_SCALES = {
    scale: int(han_number(f"一{scale}"))
    for scale in ("百", "千", "万", "亿", "百万", "千万", "万亿", "百亿", "千亿")
}
_PLAIN = lazy_compile(r"\d{1,15}(?:\.\d{1,8})?")
_RANKS = frozenset({"day", "ordinal", "日", "号", "月", "年"})
_MAGNITUDE = 2.0


def figures(text: str) -> Counter[NumberToken]:
    """Count the figures of a text, days of the week and months among them."""
    if "个" in text:
        text = _COUNTED.sub("", text)
    found = Counter(_read(match) for match in _FIGURE.finditer(text))
    return found + Counter(NumberToken(day) for day in DAYS.findall(text))


def _read(match: re.Match[str]) -> NumberToken:
    part = match.groupdict()
    if day := part["day"] or part["day2"]:
        return NumberToken(day, unit="day")
    if part["digits"]:
        sign = "-" if part["sign"] else ""
        unit = _unit(part["unit"]) or _unit(part["money"])
        scale = _HAN_SCALES.get(part["scale"] or "", 0)
        if scale and _PLAIN.fullmatch(part["digits"]):
            # 3亿 and 三亿 are one figure.
            whole = (Decimal(part["digits"]) * scale).normalize()
            return NumberToken(f"{sign}{whole:f}", unit=unit)
        return NumberToken(sign + part["digits"], _scale(part["scale"]), unit)
    if part["word"]:
        value = int(_WORDS[part["word"].lower()]) + int(
            _WORDS.get((part["ones"] or "zero").lower(), 1)
        )
        return NumberToken(str(value), _scale(part["word_scale"]), _unit(part["word_unit"]))
    if part["ordinal"]:
        return NumberToken(str(_ORDINALS[part["ordinal"].lower()]), unit="ordinal")
    if part["vague"]:
        return NumberToken(part["vague"].lower())
    return NumberToken(_han_value(part["han"]), unit=_unit(part["han_unit"]))


def _scale(printed: str | None) -> str:
    name = (printed or "").lower()
    return _SCALES.get(name, name)


def _unit(printed: str | None) -> str:
    name = (printed or "").lower().strip()
    if name in ("st", "nd", "rd", "th"):
        return "ordinal"
    return _UNITS.get(name, name if len(name) < 4 else name.removesuffix("s"))


def _han_value(printed: str) -> str:
    """Return ``12`` for 十二 and 一二; what is no plain number stays as it is printed."""
    if not set(printed) <= set(_HAN_DIGIT):
        return printed
    return f"{han_number(printed):.0f}"


def is_other_magnitude(left: str, right: str) -> bool:
    """Whether one figure doubled, halved or worse, or changed its scale or unit: 1.5 → 15, 5% → 5.

    Years, days and ranks have no magnitude.
    """
    one, other = figures(left) - figures(right), figures(right) - figures(left)
    if len(one) != 1 or len(other) != 1:
        return False
    before, after = next(iter(one)), next(iter(other))
    if before.unit in _RANKS and after.unit in _RANKS:
        return False
    if before.value == after.value or (before.scale, before.unit) != (after.scale, after.unit):
        return True
    try:
        small, large = sorted((float(before.value), float(after.value)))
    except ValueError:
        return False
    if small < 0:
        return True
    is_year = large.is_integer() and small > 1500 and large < 2200
    return not is_year and 0 < _MAGNITUDE * small <= large
