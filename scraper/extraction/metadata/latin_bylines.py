"""Bylines in Latin letters: lines that name a writer behind “by”, beside a date, or alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from functools import lru_cache
from typing import Final

from scraper.extraction.metadata.person_names import (
    ROLE,
    is_given_name,
    is_usual_name,
    latin_people,
)
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.text.dates import ParsedTime, parse_time
from scraper.text.patterns import lazy_compile

__all__ = [
    "behind_by",
    "behind_date",
    "behind_label",
    "beside_date",
    "beside_dates",
    "in_row",
    "is_date",
    "is_label",
    "is_likely_name",
    "lower_case_words",
    "time_in",
]

_BY: Final = (
    r"(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ww]ords|[Ss]tory|[Aa]rticle|[Ii]nterview|[Tt]ext"
    r"|[Ff]iled|[Rr]eport(?:ed|ing)|[Cc]ompiled"
    # "Analysis by Epoch finds …" begins a sentence: names alone must follow.
    r"|(?:(?:[Nn]ews\s)?[Aa]nalysis|[Oo]pinion|[Ee]ssay|[Cc]omment(?:ary)?|[Cc]olumn|[Rr]eview|[Ff]eature"
    r"|[Ee]xplainer|[Pp]erspective|[Ii]nvestigation|[Pp]rofile|[Rr]eport)"
    r"(?=\s[Bb]y(?:\s[A-ZÀ-Þ][\w.’'-]{0,20}){2,4}(?:,|\sand\s[A-Z]|\s(?:for|in)\s[A-Z]|\s[|·•–—]|$)))\s)?"
    r"(?:[Bb]y|BY|From(?=\s[A-ZÀ-Þ][\w.'’-]{1,20}(?:\s[A-ZÀ-Þ][\w.'’-]{0,20}){1,2},?\sin\s[A-ZÀ-Þ])"
    r"|(?:[Ff]rom\s)?[Oo]ur\s(?:[a-z]{2,14}\s){0,2}(?:correspondent|reporter)s?,?(?=\s[A-ZÀ-Þ])"
    r"|[Aa]s told to"
    r"|(?:[Aa]uthor|[Cc]ontributor)s?:?|Von|Par|Por|Di|Door|Av|Af)"
)
_BY_LINE = lazy_compile(rf"^(?:\W{{0,3}}){_BY}[\s:：]+(?P<names>[A-ZÀ-ÞĀ-Ž@].{{2,100}})$")
_CREDITED = lazy_compile(
    r"(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ss]tory|[Aa]rticle|[Tt]ext)\s)?(?:[Bb]y|BY)[\s:]+"
    r"(?P<who>[\w@][^.!?,;:|]{1,50})$"
)
# A label in a line of its own, with the names in the next.
_LABEL = lazy_compile(
    r"\W{0,3}(?:(?:words|text|story|article|post|written|posted|published|reported) )?"
    r"(?:by|(?:author|contributor)(?:s|\(s\))?|written|von|par|por)\s?[:：]?",
    re.IGNORECASE,
)
# This post was written by Ann Marsh, miner.
_BY_INSIDE = lazy_compile(
    r"^(?:[Tt]h(?:is|e)\s(?:\w+\s)?(?:post|article|story|piece|guide)\swas\s)?"
    r"(?:[Ww]ritten|[Pp]osted)\s[Bb]y[\s:]+(?P<written>[A-ZÀ-Þ].{2,100})$"
)
# November 18, 2026 by Ann Marsh; Posted on 18 Nov 2026, 10:05 GMT | By Ann Marsh in Technology.
_DATE_BY = lazy_compile(
    r"^(?P<date>.{6,80}?)[\s|·•●∙⋅,–—-]+(?:[Ww]ritten |[Pp]osted )?"
    r"(?:[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or)[\s:]+(?P<names>[A-ZÀ-ÞĀ-Ž].{2,100})$"
)
_BAR = lazy_compile(r"(?:(?<!\s)\s++)?[|｜·•●∙⋅]\s*|(?<!\s)\s++[–—-]\s+")
# A credit within a row: Published: 3 May 2026 Author: Ann Marsh; Words: Ann Marsh. Photos: Bo.
_WRITING: Final = (
    r"(?:words|text|story|article|interview|writing|written|contributed|report(?:ing|ed)|posted|"
    r"author(?:s|\(s\))?|writers?|reporters?|correspondents?|contributors?)(?:\sand\s(?:photos?|pictures?|photographs?|photography|video))?"
)
_PICTURED: Final = r"(?:photos?|pictures?|photographs?|photography|video|illustrations?)"
_CREDIT_NAME: Final = (
    r"(?-i:(?!(?:Published|Posted|Updated|Modified|Date|Words|Text|Photo|Picture|Video|Illustration|"
    r"Edit|Review|Categor|Section|Tag|Topic|Additional|By)\w*\b)(?:[A-ZÀ-ÞĀ-Ž]\.|(?:St|Mc|Jr|Sr)\.|[A-ZÀ-ÞĀ-Ž][\w’'-]{0,24})"
    r"|(?:de|van|von|der|da|di|la|le|bin|al)(?=\s))"
)
_CREDIT_NAMES: Final = rf"{_CREDIT_NAME}(?:,?\s(?:(?:and|&|in)\s)?{_CREDIT_NAME}){{0,9}}"
_CREDIT_IN_ROW = lazy_compile(
    rf"(?:^|(?<!additional)(?<!further)(?<!extra)[\s|·•;,.(\[–—-]){_WRITING}(?:\s?:|\sby\b:?)\s(?P<names>{_CREDIT_NAMES})"
    rf"|^{_WRITING}\s(?P<unmarked>{_CREDIT_NAMES})\s{_PICTURED}\s(?-i:[A-ZÀ-ÞĀ-Ž])",
    re.IGNORECASE,
)
# Behind a name: the label of the date that follows it, the person's function.
_DATE_LABEL_TAIL = lazy_compile(
    r"\s(?:(?:first|last)\s)?(?:published|posted|updated|modified|date)(?:\s(?:on|at))?:?$",
    re.IGNORECASE,
)
_SLASHED_DAY = lazy_compile(r"\W*[\d./-]{8,10}\W*")
_AGE = lazy_compile(
    r"(?:about |updated )?(?:\d{1,2}|an?|one) ?(?:min(?:ute)?s?|h(?:ou)?rs?|[hd]|days?|weeks?) ago",
    re.IGNORECASE,
)
_FIGURE = lazy_compile(r"\d")
# Words that may be beside a date in a byline.
_DATE_WORDS = lazy_compile(
    r"\b(?:first|last|published|posted|updated|on|at|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)"
    r"(?:day)?\b|[\W_]+",
    re.IGNORECASE,
)
# After a name: for whom, or in which section.
_BEHIND_NAME = lazy_compile(
    r"(?<!\s)\s++(?:on behalf of|for|in|from|at) (?:the )?[A-Z].*$", re.DOTALL
)
_LOWER = lazy_compile(r"(?<![^\W\d_])[a-zß-öø-ÿ]{3,}")
_JOINTS = lazy_compile(r"[.'’-]")
_PART = lazy_compile(r"[^\W\d_][^\W\d_.'’-]*+")
# Words within names that are written small.
_PARTICLES: Final = frozenset(
    "de da do dos del della di du la le van von der den ter ten bin ibn al el af av zu y e".split()  # noqa: SIM905
)
_ARTICLES: Final = frozenset("the a an our my your this all".split())  # noqa: SIM905
_MOST_WORDS: Final = 4
_MOST_PARTS: Final = 6
_MOST_CREDITED: Final = 5
_LONGEST_WORD: Final = 16
_LEAST_GIVEN: Final = 4


def is_label(text: str) -> bool:
    """Return whether a line is only the label of a byline: ``Written by``."""
    return len(text) < 24 and _LABEL.fullmatch(text) is not None


def behind_by(text: str) -> list[str]:
    """Return the names in a line that begins with “by”."""
    match = _BY_LINE.match(text) if len(text) < 130 else None
    names = latin_people(match["names"]) if match else []
    return names if all(name[:1].isupper() for name in names) else []


def behind_label(text: str) -> str:
    """Return what a line credits as its writer, be it a person, a house or an account, or "".

    Args:
        text: such as ``Written by the Mining Desk | 3 May`` or ``by pitman77``.
    """
    for part in _BAR.split(text[:160]):
        match = _CREDITED.match(part.strip()) if part else None
        if match and len(match["who"].split()) <= _MOST_CREDITED:
            return match["who"].strip(" ,")
    return ""


def behind_date(text: str) -> list[str]:
    """Return the names after a date and “by”, or after “written by”, in a line."""
    match = _BY_INSIDE.match(text) if "y" in text[:60] else None
    value = match["written"] if match else ""
    if not value and (match := _DATE_BY.match(text)) and is_date(match["date"]):
        value = match["names"]
    # The person's function follows a comma.
    names = latin_people(value)[: 1 if "," in value and " and " not in value else None]
    return names if all(name[:1].isupper() for name in names) else []


def in_row(text: str) -> list[str]:
    """Return the names that a row of credits and dates has behind a writer's label.

    Args:
        text: such as ``Published: 3 May 2026 Author: Ann Marsh``.
    """
    match = _CREDIT_IN_ROW.search(text)
    names = latin_people((match["names"] or match["unmarked"]).rstrip(" .,")) if match else []
    return names if all(" " in name for name in names) else []


def beside_date(text: str, small: Callable[[], Container[str]]) -> list[str]:
    """Return the person's name beside a date: ``Ann Marsh | 18 Nov 2026``.

    Args:
        text: a line near the headline.
        small: gives the words that the page writes small, which are none of a name.
    """
    names: list[str] = []
    likely: list[str] = []
    for part in beside_dates(text):
        if part[:3].lower() == "by " and part[3:4].isupper():
            names += latin_people(part)
            continue
        whole = _BEHIND_NAME.sub("", _DATE_LABEL_TAIL.sub("", part)).strip(" ,-–—")
        before, comma, after = whole.partition(", ")
        whole = before if comma and ROLE.search(after) else whole
        pair = whole.replace(" & ", " and ").split(" and ")
        if len(pair) > 1 and all(is_usual_name(one) or is_likely_name(one, small) for one in pair):
            names += pair
            continue
        given = len(whole) >= _LEAST_GIVEN and whole.isalpha() and is_given_name(whole)
        if is_usual_name(whole):
            names.append(whole)
        elif given or is_likely_name(whole, small):
            likely.append(whole)
    return names or likely[:1]


def beside_dates(text: str) -> list[str]:
    """Return what stands in a line beside its date, between bars, before or behind it."""
    parts = [part for part in _BAR.split(text) if part]
    if len(parts) > 1 and any(is_date(part) for part in parts):
        return [part for part in parts if not is_date(part)] if len(parts) <= _MOST_PARTS else []
    return _around_date(text)


def _around_date(text: str) -> list[str]:
    """Return what stands before or behind the only date of a short line."""
    found = time_in(text)
    if found is None or len(text) - len(found.raw) > 50:
        return []
    before, after = text[: found.start], text[found.start + len(found.raw) :]
    return [part.strip() for part in (before, after) if part.strip()]


@lru_cache(maxsize=256)  # a line is asked about by its neighbours too
def time_in(text: str) -> ParsedTime | None:
    """Return the first time in a line, or None."""
    return parse_time(text) if _FIGURE.search(text) else None


def is_date(text: str) -> bool:
    """Return whether a text is only a date, with labels or a day of the week, or an age."""
    if _SLASHED_DAY.fullmatch(text) or _AGE.fullmatch(text):
        return True  # whichever day it is
    found = time_in(text)
    if found is None:
        return False
    return len(_DATE_WORDS.sub("", text.replace(found.raw, ""))) < 4


def lower_case_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of three letters or more that texts write small."""
    return frozenset(_LOWER.findall(" ".join(texts)))


def is_likely_name(text: str, small: Callable[[], Container[str]]) -> bool:
    """Return whether a text reads like a person's name whose given name is uncommon.

    It has two to four words, all written large but particles, none of which the page writes small
    anywhere: a section or a label is made of common words, a name is not.

    Args:
        text: such as ``Niko Matsakis``.
        small: gives the words that the page writes small.
    """
    words = text.split()
    if not 1 < len(words) <= _MOST_WORDS or ROLE.search(text) or text.isupper():
        return False
    if words[0].lower() in _ARTICLES or len(words[-1].strip(".")) < 2 or words[-1] in _PARTICLES:
        return False
    parts: list[str] = []
    for at, word in enumerate(words):
        if at and word in _PARTICLES:
            continue
        letters = _JOINTS.sub("", word)
        if not word[0].isupper() or len(word) > _LONGEST_WORD or not letters.isalpha():
            return False
        parts += _PART.findall(word)
    if any(part.casefold() in RUBRICS for part in parts) or latin_people(text) != [text]:
        return False
    common = small()
    return not any(part.lower() in common for part in parts)
