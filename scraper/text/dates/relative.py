"""Times that count from the moment of reading: “2 hours ago”, 2天3小时前, gestern, 昨天 21:05."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.patterns import lazy_compile

# Characters of the longest text in which a time is looked for.
LONGEST_STAMP: Final = 400

__all__ = ["DAY_WORD", "NOW", "TimeAgo", "days_back", "is_alone", "time_ago"]

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800


class TimeAgo(NamedTuple):
    """A span back from the moment of reading.

    Attributes:
        seconds: its length.
        unit: the smallest unit that was printed, in seconds.
        start, end: where it stands in the text.
    """

    seconds: float
    unit: int
    start: int
    end: int


class _Language(NamedTuple):
    """How a language counts back: what stands before and behind, its numbers, its units."""

    before: str
    behind: str
    numbers: dict[str, float]
    units: dict[str, int]
    joint: str = r"\s*,?\s*"


_ENGLISH: Final = _Language(
    before="",
    behind=r"\s{1,2}ago\b",
    numbers={
        "half an": 0.5, "half a": 0.5, "half": 0.5, "an": 1, "a": 1, "one": 1, "two": 2,
        "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11, "twelve": 12,
    },
    units={
        "seconds": 1, "second": 1, "secs": 1, "sec": 1, "s": 1, "minutes": _MINUTE,
        "minute": _MINUTE, "mins": _MINUTE, "min": _MINUTE, "m": _MINUTE, "hours": _HOUR,
        "hour": _HOUR, "hrs": _HOUR, "hr": _HOUR, "h": _HOUR, "days": _DAY, "day": _DAY, "d": _DAY,
        "weeks": _WEEK, "week": _WEEK, "w": _WEEK,
    },
    joint=r"\s{0,2},?\s{0,2}(?:and\s{1,2})?",
)  # fmt: skip
_CHINESE: Final = _Language(
    before="",
    behind=r"\s?(?:之|以)?前",
    numbers={
        "半": 0.5, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
        "八": 8, "九": 9, "十": 10,
    },
    units={
        "秒钟": 1, "秒鐘": 1, "秒": 1, "分钟": _MINUTE, "分鐘": _MINUTE, "分": _MINUTE,
        "小时": _HOUR, "小時": _HOUR, "钟头": _HOUR, "鐘頭": _HOUR, "時間": _HOUR, "天": _DAY,
        "日": _DAY, "周": _WEEK, "週": _WEEK, "星期": _WEEK, "礼拜": _WEEK, "禮拜": _WEEK,
    },
    joint=r"\s?",
)  # fmt: skip
_LANGUAGES: Final = (
    _ENGLISH,
    _CHINESE,
    _Language(
        before="",
        behind=r"\s?전",
        numbers={"한": 1, "두": 2, "세": 3},
        units={"초": 1, "분": _MINUTE, "시간": _HOUR, "일": _DAY, "주일": _WEEK, "주": _WEEK},
    ),
    _Language(
        before=r"\bvor\s{1,2}(?:etwa\s{1,2}|rund\s{1,2})?",
        behind="",
        numbers={"einer": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5},
        units={
            "Sekunden": 1, "Sekunde": 1, "Sek.": 1, "Minuten": _MINUTE, "Minute": _MINUTE,
            "Min.": _MINUTE, "Min": _MINUTE, "Stunden": _HOUR, "Stunde": _HOUR, "Std.": _HOUR,
            "Std": _HOUR, "Tagen": _DAY, "Tag": _DAY, "Wochen": _WEEK, "Woche": _WEEK,
        },
        joint=r"\s{0,2},?\s{0,2}(?:und\s{1,2})?",
    ),
    _Language(
        before=r"\bil y a\s{1,2}(?:environ\s{1,2})?",
        behind="",
        numbers={"une": 1, "un": 1, "deux": 2, "trois": 3},
        units={
            "secondes": 1, "seconde": 1, "minutes": _MINUTE, "minute": _MINUTE, "min": _MINUTE,
            "heures": _HOUR, "heure": _HOUR, "h": _HOUR, "jours": _DAY, "jour": _DAY, "j": _DAY,
            "semaines": _WEEK, "semaine": _WEEK,
        },
        joint=r"\s{0,2},?\s{0,2}(?:et\s{1,2})?",
    ),
    _Language(
        before=r"\bhace\s{1,2}",
        behind="",
        numbers={"una": 1, "un": 1, "dos": 2, "tres": 3},
        units={
            "segundos": 1, "segundo": 1, "minutos": _MINUTE, "minuto": _MINUTE, "min": _MINUTE,
            "horas": _HOUR, "hora": _HOUR, "h": _HOUR, "días": _DAY, "dias": _DAY, "día": _DAY,
            "dia": _DAY, "semanas": _WEEK, "semana": _WEEK,
        },
        joint=r"\s{0,2},?\s{0,2}(?:y\s{1,2})?",
    ),
    _Language(
        before="",
        behind=r"\s{1,2}fa\b",
        numbers={"un'": 1, "un’": 1, "un": 1, "una": 1, "due": 2, "tre": 3},
        units={
            "secondi": 1, "minuti": _MINUTE, "minuto": _MINUTE, "ore": _HOUR, "ora": _HOUR,
            "giorni": _DAY, "giorno": _DAY, "settimane": _WEEK, "settimana": _WEEK,
        },
    ),
    _Language(
        before=r"\bhá\s{1,2}",
        behind="",
        numbers={"uma": 1, "um": 1, "duas": 2, "dois": 2},
        units={
            "segundos": 1, "minutos": _MINUTE, "minuto": _MINUTE, "horas": _HOUR, "hora": _HOUR,
            "dias": _DAY, "dia": _DAY, "semanas": _WEEK, "semana": _WEEK,
        },
    ),
    _Language(
        before="",
        behind=r"\s{1,2}geleden\b",
        numbers={"een": 1, "twee": 2},
        units={
            "seconden": 1, "minuten": _MINUTE, "minuut": _MINUTE, "uur": _HOUR, "dagen": _DAY,
            "dag": _DAY, "weken": _WEEK, "week": _WEEK,
        },
    ),
)  # fmt: skip
# A number that a vague word stands before is no number: 几十分钟前, “a few hours ago” has none.
_NOT_BEFORE: Final = r"(?<![\w.,])"
_NOT_BEFORE_HAN: Final = r"(?<![\d.几幾数數多月年十])"


def _alternatives(words: dict[str, float] | dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _part(language: _Language) -> str:
    """Return the pattern of one number with its unit."""
    number = rf"(?:\d{{1,4}}(?:[.,]\d{{1,2}})?½?|½|{_alternatives(language.numbers)})"
    unit = f"(?:{_alternatives(language.units)})"
    if language is _CHINESE:
        return rf"{number}\s?[个個]?半?[个個]?\s?{unit}半?"
    if language is _ENGLISH:
        half = r"(?:\s{1,2}and a half)?"
        return rf"{number}{half}\s?{unit}(?![a-z]){half}"
    return rf"{number}\s?{unit}(?![^\W\d_])" if language.before else rf"{number}\s?{unit}"


def _whole(language: _Language) -> BoundedPattern:
    part = _part(language)
    start = language.before or (_NOT_BEFORE_HAN if language is _CHINESE else _NOT_BEFORE)
    return BoundedPattern(
        rf"{start}(?P<parts>{part}(?:{language.joint}{part}){{0,3}}){language.behind}",
        re.IGNORECASE,
        longest=LONGEST_STAMP,
    )


def _pieces(language: _Language) -> BoundedPattern:
    """Return the pattern that takes one number and its unit apart."""
    words = _alternatives(language.numbers)
    units = _alternatives(language.units)
    # In letters a number begins a word and a unit ends one: “and” is not “an” with “d”.
    letters = language.units.keys().isdisjoint(("天", "분"))
    start, end = (r"(?<![^\W\d_])", r"(?![^\W\d_])") if letters else ("", "")
    return BoundedPattern(
        rf"{start}(?P<digits>\d{{1,4}}(?:[.,]\d{{1,2}})?)?"
        rf"(?:(?P<word>½|{words})(?:{end}|(?<=['’])))?"
        rf"(?P<half>\s+and\s+a\s+half|\s?[个個]?半[个個]?)?\s?[个個]?\s?"
        rf"(?P<unit>{units}){end}(?P<more>\s+and\s+a\s+half|半)?",
        re.IGNORECASE,
        longest=LONGEST_STAMP,
    )


_PATTERNS: Final = tuple((language, _whole(language), _pieces(language)) for language in _LANGUAGES)
_HINT = lazy_compile(r"ago\b|前|전|\bvor\b|il y a|\bhace\b|\bfa\b|\bhá\b|geleden", re.IGNORECASE)


def time_ago(text: str) -> TimeAgo | None:
    """Return the first span back from now that a text states, or None.

    Months and years are no such span: the day that they mean can't be told. Nor is “a few hours
    ago” or 几小时前.
    """
    if not _HINT.search(text):
        return None
    for language, whole, pieces in _PATTERNS:
        match = whole.search(text)
        if match is None:
            continue
        numbers = {word.lower(): value for word, value in language.numbers.items()} | {"½": 0.5}
        units = {word.lower(): value for word, value in language.units.items()}
        total, smallest = 0.0, _WEEK
        for piece in pieces.finditer(match["parts"]):
            if not (piece["digits"] or piece["word"] or piece["half"]):
                return None
            count = float((piece["digits"] or "0").replace(",", "."))
            if piece["word"]:
                count += numbers[" ".join(piece["word"].lower().split())]
            count += 0.5 * (bool(piece["half"]) + bool(piece["more"]))
            unit = units[piece["unit"].lower()]
            total += count * unit
            smallest = min(smallest, unit)
        return TimeAgo(total, smallest, match.start(), match.end())
    return None


# Days counted back from that of reading. “Hier” is here in German, so it needs a clock or a label.
_DAYS_BACK: Final = {
    "今天": 0, "今日": 0, "today": 0, "heute": 0, "aujourd'hui": 0, "aujourd’hui": 0, "hoy": 0,
    "oggi": 0, "hoje": 0, "vandaag": 0, "오늘": 0, "今早": 0, "今晨": 0, "今晚": 0, "本日": 0,
    "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "yesterday": 1, "gestern": 1, "hier": 1, "ayer": 1,
    "ieri": 1, "ontem": 1, "gisteren": 1, "어제": 1, "前天": 2, "vorgestern": 2,
    "avant-hier": 2, "anteayer": 2, "그저께": 2, "그제": 2, "一昨日": 2, "大前天": 3, "大前日": 3,
    "the day before yesterday": 2, "day before yesterday": 2, "l'altro ieri": 2, "l’altro ieri": 2,
    "altro ieri": 2, "avantieri": 2, "antes de ayer": 2, "anteontem": 2, "eergisteren": 2,
}  # fmt: skip
DAY_WORD = lazy_compile(rf"(?<![A-Za-z])(?:{_alternatives(_DAYS_BACK)})(?![A-Za-z])", re.IGNORECASE)
NOW = lazy_compile(
    r"刚刚|剛剛|刚才|剛才|just now|たった今|방금(?: 전)?|gerade eben|à l['’]instant", re.IGNORECASE
)
# What may stand beside a day in words for it to be a date, not a word of a sentence or of a name.
_BESIDE = lazy_compile(
    r"\b(?:published|posted|updated|modified|created|on|at|veröffentlicht|aktualisiert|am|publié"
    r"|mis à jour|le|publicado|actualizado|el)\b|发布|發布|發佈|更新|发表|發表|时间|時間|日期|于|於"
    r"|公開|掲載|配信|입력|수정|등록|[\W_]+",
    re.IGNORECASE,
)


def days_back(word: str) -> int:
    """Return how many days before the day of reading a word such as 昨天 means."""
    return _DAYS_BACK[word.lower()]


def is_alone(text: str, start: int, end: int) -> bool:
    """Return whether nothing but labels and punctuation stands beside a part of a text."""
    return not _BESIDE.sub("", f"{text[:start]} {text[end:]}")
