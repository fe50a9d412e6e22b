"""English numbers in words: "six hundred seventy-one billion", "one point five trillion".

A number is parsed whole or not at all: of "several hundred billion" nothing is claimed, and a scale
word alone is never 1. The grammar is that of English cardinal numbers, with the fractions, decimals
and articles that newspapers print before a scale word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = ["SCALE_WORDS", "WordNumber", "find_word_numbers"]

_ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALE_WORDS = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "quadrillion": 1e15,
}  # fmt: skip
_FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_PLURAL_FRACTIONS = {
    "halves": "half", "thirds": "third", "quarters": "quarter", "fifths": "fifth", "tenths": "tenth"
}  # fmt: skip
_SMALL = {**_ONES, **_TEENS, **_TENS}
_KNOWN = {
    *_SMALL, *SCALE_WORDS, *_FRACTIONS, *_PLURAL_FRACTIONS, "a", "an", "and", "of", "point", "zero",
    "oh", "nought", "or", "to", "dozen",
}  # fmt: skip

_SCALE = lazy_compile(
    r"(?<![a-z])(?:hundred|thousand|million|billion|trillion|quadrillion)(?![a-z])"
)
_WORD_BACK = lazy_compile(r"([a-z]{1,16})[ \u00a0]?-?[ \u00a0]?$")
_WORD_AHEAD = lazy_compile(r"[ \u00a0]?-?[ \u00a0]?([a-z]+)(?![a-z])")
_ARTICLES = ("a", "an")
_JOINTS = ("and", "or", "to", "of")
_FROM = lazy_compile(r"(?<![a-z])from [$€£¥]?$")
_BETWEEN = lazy_compile(r"(?<![a-z])between [$€£¥]?$")
# More words than any number has that a newspaper spells out.
_MOST_WORDS = 24
_LONGEST_WORD = 16
# What before a number leaves it open, or makes it part of another: none of it is claimed.
_OPEN = lazy_compile(
    r"(?:[0-9][ -]?|(?<![a-z])(?:several|few|many|some of the|couple(?: of)?|multi|multiple|sub"
    r"|per|every|each|another|other|next|first|last|tens of|dozens of|scores of|umpteen|odd|or so"
    r"|countless)[ -]?)$"
)
# "The trillion-parameter model" has a trillion; "the next billion users" are nobody's figure.
_DETERMINER = lazy_compile(r"(?<![a-z])(?:the|this|that|its|their|our|his|her)[ ]$")
_ATTRIBUTE = lazy_compile(r"[ -](?:tokens?|parameters?)(?![a-z])")


@record
class WordNumber:
    """A number in words.

    Attributes:
        start, end: its place.
        low, high: its value; equal unless it is a range ("five to ten billion").
        precision: half a unit of what the words tell.
        scale: its last scale word.
        about: whether only its order is told ("the trillion-parameter model").
    """

    start: int
    end: int
    low: float
    high: float
    precision: float
    scale: str
    about: bool = False


@record(kw_only=False)
class _Token:
    word: str
    start: int
    end: int


def find_word_numbers(folded: str) -> Iterator[WordNumber]:
    """Find numbers in words that have a scale word (hundred, thousand, million …).

    Args:
        folded: the text in lower case.

    Yields:
        In order. Of words that are no whole number, nothing.
    """
    reached = 0
    for scale in _SCALE.finditer(folded):
        if scale.start() < reached:
            continue
        tokens = _run(folded, scale.start(), scale.end(), reached)
        reached = max(reached, scale.end(), tokens[-1].end if tokens else 0)
        yield from _parsed(folded, tokens)


def _run(folded: str, start: int, end: int, floor: int) -> list[_Token]:
    """Return the words of numbers around a scale word."""
    tokens = [_Token(folded[start:end], start, end)]
    at = start
    while len(tokens) < _MOST_WORDS:
        before = _WORD_BACK.search(folded, max(floor, at - _LONGEST_WORD), at)
        if before is None or before[1] not in _KNOWN:
            break
        if before.start(1) and folded[before.start(1) - 1].isalnum():
            break
        tokens.insert(0, _Token(before[1], before.start(1), before.end(1)))
        at = before.start(1)
    at = end
    while len(tokens) < _MOST_WORDS:
        ahead = _WORD_AHEAD.match(folded, at)
        if ahead is None or ahead[1] not in _KNOWN:
            break
        tokens.append(_Token(ahead[1], ahead.start(1), ahead.end(1)))
        at = ahead.end(1)
    return tokens


def _parsed(folded: str, tokens: list[_Token]) -> Iterator[WordNumber]:
    """Yield the numbers that a run of words holds, the longest from each place."""
    at = 0
    joint = ""
    number: WordNumber | None = None
    waiting: WordNumber | None = None
    while at < len(tokens):
        if tokens[at].word in _JOINTS:
            joint, at = tokens[at].word, at + 1
            continue
        if tokens[at].word in _ARTICLES and at + 1 < len(tokens) and tokens[at + 1].word in _SMALL:
            at += 1  # "a thirty billion parameter model"
            continue
        began = at
        found = _longest(folded, tokens, at)
        if found is None:
            # Words that are no number leave what follows open, up to the next joint.
            while at < len(tokens) and tokens[at].word not in ("and", "or", "to"):
                at += 1
        else:
            number, at = found
            if waiting is not None and _is_range(folded, waiting, joint):
                number = _range_of(waiting, number, [token.word for token in tokens[began:at]])
                waiting = None
        if waiting is not None and waiting.scale:
            yield waiting
        waiting, joint = (number if found is not None else None), ""
    if waiting is not None and waiting.scale:
        yield waiting


def _is_range(folded: str, first: WordNumber, joint: str) -> bool:
    before = folded[max(0, first.start - 10) : first.start]
    if joint == "and":
        return _BETWEEN.search(before) is not None
    return joint in ("or", "to") and _FROM.search(before) is None


def _range_of(first: WordNumber, second: WordNumber, words: list[str]) -> WordNumber | None:
    """Return the range of two numbers, or None where it is not told whether they share a scale."""
    low = first.low
    if not first.scale:
        leading, after = _below_hundred(words, 0)
        if leading is None or any(word not in SCALE_WORDS for word in words[after:]):
            return None
        low *= second.high / leading  # "three to four hundred billion"
    if second.low != second.high or low >= second.low:
        return None
    return replace(second, start=first.start, low=low)


def _longest(folded: str, tokens: list[_Token], at: int) -> tuple[WordNumber, int] | None:
    """Return the number that begins at a word and where it ends, or None where there is none."""
    start = tokens[at].start
    if tokens[at].word in SCALE_WORDS:
        return _of_a_determiner(folded, tokens, at)
    if _OPEN.search(folded, max(0, start - 16), start):
        return None
    for end in range(len(tokens), at, -1):
        value = _value([token.word for token in tokens[at:end]])
        if value is None:
            continue
        if end < len(tokens) and tokens[end].word not in _JOINTS:
            continue  # it goes on with words that do not belong to it
        amount, unit, scale = value
        number = WordNumber(
            start=start, end=tokens[end - 1].end, low=amount, high=amount,
            precision=0.5 * unit, scale=scale,
        )  # fmt: skip
        return number, end
    return None


def _of_a_determiner(folded: str, tokens: list[_Token], at: int) -> tuple[WordNumber, int] | None:
    token = tokens[at]
    if at + 1 < len(tokens) or not _ATTRIBUTE.match(folded, token.end):
        return None
    if not _DETERMINER.search(folded, max(0, token.start - 7), token.start):
        return None
    value = SCALE_WORDS[token.word]
    number = WordNumber(
        start=token.start, end=token.end, low=value, high=value,
        precision=0.5 * value, scale=token.word, about=True,
    )  # fmt: skip
    return number, at + 1


def _value(words: list[str]) -> tuple[float, float, str] | None:
    """Return value, unit of the last place and last scale word of a whole number, or None."""
    fraction = _fraction_of(words)
    if fraction is not None:
        return fraction
    total = 0.0
    below = float("inf")
    unit, scale = 1.0, ""
    at = 0
    while at < len(words):
        if at and words[at] == "and":
            at += 1
        group, at = _group(words, at)
        if group is None:
            return None
        amount, step, own = group
        factor = 1.0
        # "Two hundred thousand million": scales behind one another multiply.
        while at < len(words) and words[at] in SCALE_WORDS and words[at] != "hundred":
            factor *= SCALE_WORDS[words[at]]
            own, at = words[at], at + 1
        if words[at : at + 3] == ["and", "a", "half"]:
            if not own or at + 3 != len(words):
                return None
            amount, step, at = amount + 0.5, 0.5, at + 3  # a million and a half
        if amount * factor >= below:
            return None
        total += amount * factor
        below, unit, scale = factor, step * factor, own or scale
        if at < len(words) and factor == 1.0:
            return None
    return (float(f"{total:.12g}"), unit, scale) if total else None


def _group(words: list[str], at: int) -> tuple[tuple[float, float, str] | None, int]:
    """Read what stands before a scale word: below a thousand, a decimal, or with "and a half"."""
    if words[at : at + 1] in (["a"], ["an"]):
        if at + 1 < len(words) and words[at + 1] in SCALE_WORDS:
            if words[at + 1] != "hundred":
                return (1.0, 1.0, ""), at + 1
            return _behind_hundred(words, at + 2, 1)
        return None, at
    if words[at : at + 2] in (["zero", "point"], ["nought", "point"]):
        return _decimal(words, at + 2, 0)
    small, after = _below_hundred(words, at)
    if small is None:
        return None, at
    if words[after : after + 1] == ["hundred"]:
        return _behind_hundred(words, after + 1, small)
    if words[after : after + 1] == ["point"]:
        return _decimal(words, after + 1, small)
    if words[after : after + 3] == ["and", "a", "half"]:
        return (small + 0.5, 0.5, ""), after + 3
    if words[after : after + 3] == ["and", "a", "quarter"] and after + 3 < len(words):
        return (small + 0.25, 0.25, ""), after + 3
    return (float(small), 1.0, ""), after


def _behind_hundred(
    words: list[str], at: int, hundreds: int
) -> tuple[tuple[float, float, str] | None, int]:
    value = 100 * hundreds
    behind = at + 1 if words[at : at + 1] == ["and"] else at
    small, after = _below_hundred(words, behind)
    if small is None:
        return (float(value), 100.0, "hundred"), at
    if words[after : after + 1] == ["hundred"]:
        return None, at
    return (float(value + small), 1.0, "hundred"), after


def _below_hundred(words: list[str], at: int) -> tuple[int | None, int]:
    word = words[at] if at < len(words) else ""
    if word in _TENS:
        following = words[at + 1] if at + 1 < len(words) else ""
        if following in _ONES:
            return _TENS[word] + _ONES[following], at + 2
        return _TENS[word], at + 1
    return (_SMALL[word], at + 1) if word in _SMALL else (None, at)


def _decimal(words: list[str], at: int, whole: int) -> tuple[tuple[float, float, str] | None, int]:
    digits = ""
    while at < len(words) and (words[at] in _ONES or words[at] in ("zero", "oh", "nought")):
        digits += str(_ONES.get(words[at], 0))
        at += 1
    if not digits:
        return None, at
    return (float(f"{whole}.{digits}"), 0.1 ** len(digits), ""), at


def _fraction_of(words: list[str]) -> tuple[float, float, str] | None:
    """Read "half a billion", "a quarter of a million", "two thirds of a trillion"."""
    scale = words[-1]
    if scale not in SCALE_WORDS or scale == "hundred":
        return None
    rest = words[:-1]
    if rest[-1:] in (["a"], ["one"]):
        rest = rest[:-1]
        if rest[-1:] == ["of"]:
            rest = rest[:-1]
    elif rest not in (["half"], ["a", "half"], ["a", "quarter"]):
        return None
    if rest[:1] in (["a"], ["one"]):
        rest = rest[1:]
    if len(rest) == 1 and rest[0] in _FRACTIONS:
        share = _FRACTIONS[rest[0]]
    elif len(rest) == 2 and rest[0] in _ONES and rest[1] in _PLURAL_FRACTIONS:
        share = _ONES[rest[0]] * _FRACTIONS[_PLURAL_FRACTIONS[rest[1]]]
        if share >= 1:
            return None
    else:
        return None
    value = share * SCALE_WORDS[scale]
    return float(f"{value:.12g}"), 0.1 * SCALE_WORDS[scale], scale
