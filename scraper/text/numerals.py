"""Figures as English and Chinese print them, and what they leave open: rounding, range, about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scraper.record import record
from scraper.text.han_numerals import HAN_DIGITS, han_number
from scraper.text.number_words import SCALE_WORDS, find_word_numbers
from scraper.text.patterns import lazy_compile

__all__ = ["Number", "find_figures", "is_power_of_ten", "qualifier_of"]

_SCALES = {
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9,
    "百亿": 1e10, "千亿": 1e11, "万亿": 1e12, "兆": 1e12, "hundred": 1e2, "thousand": 1e3,
    "million": 1e6, "billion": 1e9, "trillion": 1e12, "mn": 1e6, "bn": 1e9, "tn": 1e12,
    "mln": 1e6, "bln": 1e9, "trn": 1e12, "trln": 1e12,
    "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12,
    **{
        f"{one} {other}": SCALE_WORDS[one] * SCALE_WORDS[other]
        for one in ("hundred", "thousand")
        for other in ("thousand", "million", "billion", "trillion")
    },
}  # fmt: skip
_SCALE = (
    r"(?:万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百|兆"
    r"|(?:hundred|thousand) (?:thousand|million|billion|trillion)(?![a-z])"
    r"|(?:hundred|thousand|million|billion|trillion)(?![a-z])|(?:mn|bn|tn|mln|bln|trn|trln)(?![a-z])|[kmbt](?![a-z]))"
)
_DIGITS = r"[0-9](?:[0-9]{0,2}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]+)?"
_HAN = (
    r"[一二两三四五六七八九十百千万](?:(?<=[一二两三四五六七八九])[十百千万亿兆]|(?<=[十百千])[万兆]"
    r"|(?<=[十百千万])亿|(?<=十)[一二三四五六七八九][万亿兆])[零一二两三四五六七八九十百千万亿兆]*"
)
# 十四点八万亿, 半万亿, 三个亿 (said for 三亿).
_HAN_DECIMAL = lazy_compile(
    r"(?P<whole>[零一二两三四五六七八九十百千]{1,7})点(?P<part>[零一二三四五六七八九]{1,6})"
    r"(?P<scale>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|兆)(?P<more>[多余])?"
    r"|(?<![一二两大多小过上下前后对各])半个?(?P<halved>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|兆)"
    r"|(?<![零一二两三四五六七八九十百千万亿第])(?P<counted>[一二两三四五六七八九十百千]{1,7})个"
    r"(?P<more_counted>[多余])?(?P<unit>万?亿)(?!万)"
)
_HAN_SCALES = "十百千万亿兆"
# Three patterns, each of which begins with few characters, so that the search is fast.
_PRINTED = lazy_compile(
    rf"(?P<first>{_DIGITS})(?:个(?=[多余]?万?亿(?!万)))?"
    rf"(?P<more>\s?[多余])?(?:[ -]?(?P<scale1>{_SCALE}))?"
    rf"(?:\s?(?P<joint>-|–|—|~|至|到|to(?= )|and(?= )|和)\s?[$€£¥]?(?P<second>{_DIGITS})"
    rf"(?:[ -]?(?P<scale2>{_SCALE}))?)?(?P<more2>\s?[多余])?"
)
_NUMERAL = lazy_compile(rf"(?P<han>{_HAN})(?:(?P<more>[多余])(?P<behind>万亿|[万亿兆])?)?")
_BEFORE = (
    ("about",
     "大?约为?|大概|估计|about|around|roughly|approximately|some|circa|an estimated|estimated|~|≈"),
    ("over",
     "超过|超|逾|突破|至少|不低于|多于|高于|over|more than|above|at least|exceed(?:s|ed|ing)?"
     "|upwards of|>"),
    ("nearly",
     "近|将近|接近|不到|不足|少于|低于|nearly|almost|close to|less than|fewer than|under|below|<"),
    ("up to",
     "高达|最高(?:可达|达到?|支持)?|最多|至多|最大|多达|up to|as much as|as many as|a maximum of"),
)  # fmt: skip
_QUALIFIER = lazy_compile(
    "(?:"
    + "|".join(f"(?P<{name.replace(' ', '_')}>{words})" for name, words in _BEFORE)
    + r")(?:了|是|为|合|折合|仅|只|有|其中|just|only)?[ :：]?"
    + r"(?:us\$|hk\$|nt\$|[$€£¥]|新台币|人民币|港币)?\s?$"
)
# 数百万, 动辄千亿: no figure at all.
_VAGUE = ("数", "几", "上", "动辄", "成")
_CURRENCY_LETTERS = frozenset(("rmb", "usd", "cny", "hkd", "twd", "eur"))
_BEHIND = lazy_compile(
    r"(?:个|张|块|枚|元|美元|亿|万|%|b|m|k)?(左右|上下(?!文)|以上|以内|出头|量?级(?!联))"
)
_BEHIND_WORDS = {"左右": "about", "上下": "about", "出头": "over", "以上": "over", "以内": "up to",
                 "级": "about", "量级": "about"}  # fmt: skip
_FROM = lazy_compile(r"(?:from|从|由) ?[$€£¥]?$")
_BETWEEN = lazy_compile(r"(?:between|介于|在) ?[$€£¥]?$")
# Powers of ten: 3.8×10^25, 10²⁵, 10的25次方, 10 to the 25th, 1e25.
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_POWER = lazy_compile(
    rf"(?:(?<![0-9])(?<!,[0-9]{{3}},)(?P<factor>{_DIGITS})\s?(?:[×x·*⋅]|乘以|times)\s?)?(?<![0-9.,])10"
    rf"(?:\s?\^\s?\{{?(?P<caret>[-−]?[0-9]{{1,3}})\}}?|(?P<raised>⁻?[{_SUPERSCRIPTS}]{{1,3}})"
    r"|的(?P<chinese>[0-9]{1,3})次(?:方|幂)|\sto the (?P<english>[0-9]{1,3})(?:th|st|nd|rd)\b)"
    rf"|(?<![0-9a-z.,])(?P<mantissa>{_DIGITS})e\+?(?P<exponent>[0-9]{{1,2}})(?![0-9a-z])"
)
_POWER_SIGNS = ("^", "次方", "次幂", " to the ", "e2", "e1", "e+", *_SUPERSCRIPTS)
# What a qualifier may stand before the figure.
_REACH = 18


@record
class Number:
    """A number in a text.

    Attributes:
        start, end: its place, scale included, qualifier not.
        low, high: its value; equal unless a range is printed.
        precision: half a unit of its last digit that is not 0.
        qualifier: what the figure itself says: ``over`` (20多), ``about`` (万亿级); see
            `qualifier_of`.
        scale: scale as printed (``亿``, ``b``, ``million``), or "".
        digits: whether it is written in digits.
    """

    start: int
    end: int
    low: float
    high: float
    precision: float
    qualifier: str
    scale: str
    digits: bool


def _precision(printed: str, scale: float) -> float:
    """Return half a unit of the last digit that is not 0: 6710 is exact to tens."""
    digits = printed.replace(",", "")
    if "." in digits:
        return 0.5 / float(10 ** len(digits.split(".")[1])) * scale
    zeros = len(digits) - len(digits.rstrip("0")) if digits.strip("0") else 0
    return 0.5 * float(10**zeros) * scale


def find_figures(folded: str) -> Iterator[Number]:
    """Find the figures of a text.

    Args:
        folded: the text, folded.

    Yields:
        In order. Dates and counts are among them: what a figure measures is told by its unit.
    """
    figures = []
    for match in _PRINTED.finditer(folded):
        # Not behind a letter (B2B, H800, v3.1), unless it is a currency's: usd500.
        before = folded[max(0, match.start() - 3) : match.start()]
        if before.endswith("动辄"):
            continue
        glued = before[-1:] == "." or ("a" <= before[-1:] <= "z")
        if glued and before not in _CURRENCY_LETTERS:
            continue
        if before[-1:] == "," and before[-2:-1].isdigit():
            continue  # of 1,5 billion neither figure is told by itself
        if match["second"] is not None and not _is_range(folded, match):
            for group in ("first", "second"):
                value = _alone(match, group)
                start = match.start(group)
                end = match.end("scale1") if group == "first" else match.end()
                figures.append(_figure(folded, (start, max(end, match.end(group))), value))
        else:
            figures.append(_figure(folded, match.span(), _value(match)))
    # Six quick looks spare English with a few quotes in it a slow one.
    if any(scale in folded for scale in _HAN_SCALES):
        parted = list(_parted_numerals(folded)) if any(sign in folded for sign in "点半个") else []
        figures += parted
        for match in _NUMERAL.finditer(folded):
            if any(one.start < match.end() and match.start() < one.end for one in parted):
                continue
            before = folded[max(0, match.start() - 2) : match.start()]
            vague = before.endswith(_VAGUE) and before != "参数"
            if before[-1:].isdigit() or vague or before.endswith("半"):
                continue
            if before[-1:] in HAN_DIGITS:
                figures += _approximate(folded, match)
                continue
            figures.append(_figure(folded, match.span(), _numeral(match), digits=False))
    figures += _word_numbers(folded)
    powers = list(_powers(folded)) if any(sign in folded for sign in _POWER_SIGNS) else []
    if powers:
        spans = [(power.start, power.end) for power in powers]
        figures = [f for f in figures if not any(a < f.end and f.start < b for a, b in spans)]
        figures += powers
    figures.sort(key=lambda f: f.start)
    yield from figures if folded.isascii() else _joined(figures)


# What the lower part of a figure in two steps may have: 1亿2000万, 3兆5千亿.
_BELOW = {"兆": ("亿", "千亿", "百亿", "万"), "亿": ("万", "千万", "百万"), "万": ("", "千")}


def _joined(figures: list[Number]) -> Iterator[Number]:
    """Yield figures, those in two steps as one."""
    at = 0
    while at < len(figures):
        one = figures[at]
        other = figures[at + 1] if at + 1 < len(figures) else None
        if (
            other is not None
            and other.start == one.end
            and one.low == one.high
            and other.low == other.high
            and other.scale in _BELOW.get(one.scale, ())
            and other.low < _SCALES[one.scale]
        ):
            value = one.low + other.low
            one = replace(
                one, end=other.end, low=value, high=value, precision=other.precision,
                qualifier=one.qualifier or other.qualifier,
            )  # fmt: skip
            at += 1
        yield one
        at += 1


def is_power_of_ten(value: float) -> bool:
    """Whether a value is 1 and zeros."""
    return f"{value:.0f}".rstrip("0") == "1"


def qualifier_of(folded: str, figure: Number) -> str:
    """Return what the words around a figure make of it: about, over, nearly, up to, or ""."""
    behind = _BEHIND.match(folded, figure.end)
    if behind is not None:
        return _BEHIND_WORDS[behind[1]]
    start = figure.start
    before = _QUALIFIER.search(folded, max(0, start - _REACH), start)
    if before is not None and before.lastgroup:
        return before.lastgroup.replace("_", " ")
    return figure.qualifier


def _word_numbers(folded: str) -> Iterator[Number]:
    """Return the figures in words, those that the words leave open aside."""
    for found in find_word_numbers(folded):
        printed = (found.low, found.high, found.precision, found.scale)
        figure = _figure(folded, (found.start, found.end), printed, digits=False)
        yield replace(figure, qualifier="about") if found.about else figure


def _approximate(folded: str, match: re.Match[str]) -> Iterator[Number]:
    """Yield the range that two digits in a row tell: 三四百亿 is 300 to 400 of 亿.

    Digits that do not follow one another, or are more than two, leave open what is meant.
    """
    start = match.start() - 1
    one, other = HAN_DIGITS[folded[start]], HAN_DIGITS.get(match["han"][0], 0)
    longer = folded[start - 1 : start] in {*HAN_DIGITS, "十", "百", "千", "万", "亿", "第"}
    if longer or other != one + 1 or not one or match["more"]:
        return
    low = han_number(folded[start] + match["han"][1:])
    high, _, precision, scale = _numeral(match)
    yield _figure(folded, (start, match.end()), (low, high, precision, scale), digits=False)


def _parted_numerals(folded: str) -> Iterator[Number]:
    """Yield the figures in Chinese numerals with decimals, halves, and such as 三个亿."""
    for match in _HAN_DECIMAL.finditer(folded):
        if match["halved"]:
            scale = _SCALES[match["halved"]]
            printed = (0.5 * scale, 0.5 * scale, 0.05 * scale, match["halved"])
        elif match["counted"]:
            before = folded[max(0, match.start() - 2) : match.start()]
            if before.endswith(_VAGUE):
                continue
            value = han_number(match["counted"]) * _SCALES[match["unit"]]
            printed = (value, value, _precision(f"{value:.0f}", 1.0), match["unit"])
        else:
            scale = _SCALES[match["scale"]]
            part = f"{han_number(match['part']):.0f}".zfill(len(match["part"]))
            value = float(f"{han_number(match['whole']):.0f}.{part}") * scale
            printed = (value, value, 0.5 * 10.0 ** -len(part) * scale, match["scale"])
        yield _figure(folded, match.span(), printed, digits=False)


def _powers(folded: str) -> Iterator[Number]:
    """Yield the figures that are printed with a power of ten."""
    for match in _POWER.finditer(folded):
        if match["mantissa"]:
            printed, exponent = match["mantissa"], int(match["exponent"])
        else:
            raised = match["raised"] or ""
            plain = raised.translate(str.maketrans(_SUPERSCRIPTS + "⁻", "0123456789-"))
            told = match["caret"] or plain or match["chinese"] or match["english"]
            printed, exponent = match["factor"] or "1", int(told.replace("−", "-"))
        if abs(exponent) > 60:
            continue
        scale = 10.0**exponent
        value = _round(_number(printed) * scale)
        precision = _precision(printed, scale)
        yield _figure(folded, match.span(), (value, value, precision, ""))


def _is_range(folded: str, match: re.Match[str]) -> bool:
    """Whether two figures are ends of a range: not in "from 64K to 128K", nor in "37B and 671B"."""
    before = folded[max(0, match.start() - 9) : match.start()]
    if match["joint"] in ("and", "和"):
        return _BETWEEN.search(before) is not None
    return _FROM.search(before) is None


def _alone(match: re.Match[str], group: str) -> tuple[float, float, float, str]:
    scale = match["scale1" if group == "first" else "scale2"] or ""
    if group == "first" and not scale and match["joint"] not in ("and", "和"):
        scale = match["scale2"] or ""
    value = _number(match[group]) * _SCALES.get(scale, 1.0)
    return value, value, _precision(match[group], _SCALES.get(scale, 1.0)), scale


def _figure(
    folded: str,
    span: tuple[int, int],
    value: tuple[float, float, float, str],
    *,
    digits: bool = True,
) -> Number:
    low, high, precision, scale = value
    start, end = span
    printed = folded[start:end]
    qualifier = "over" if "多" in printed or "余" in printed else ""
    if scale:
        low, high, precision = _round(low), _round(high), _round(precision)
    return Number(
        start=start,
        end=end,
        low=low,
        high=high,
        precision=precision,
        qualifier=qualifier,
        scale=scale,
        digits=digits,
    )


def _value(match: re.Match[str]) -> tuple[float, float, float, str]:
    scale2 = match["scale2"] or ""
    scale1 = match["scale1"] or scale2
    factor = _SCALES.get(scale1, 1.0)
    low = high = _number(match["first"]) * factor
    precision = _precision(match["first"], factor)
    if match["second"] is not None:
        high = _number(match["second"]) * _SCALES.get(scale2, 1.0)
        precision = min(precision, _precision(match["second"], _SCALES.get(scale2, 1.0)))
    return min(low, high), max(low, high), precision, scale2 or scale1


def _numeral(match: re.Match[str]) -> tuple[float, float, float, str]:
    value = han_number(match["han"]) * _SCALES.get(match["behind"] or "", 1.0)
    # As with digits, zeros may be rounding.
    return value, value, _precision(f"{value:.0f}", 1.0), ""


def _number(printed: str) -> float:
    return float(printed.replace(",", ""))


def _round(value: float) -> float:
    """Return a value without the noise of binary fractions: 3.3, not 3.3000000000000003."""
    return float(f"{value:.12g}")
