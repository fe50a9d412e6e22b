"""Times that count from the moment of reading: “2 hours ago”, 2天3小时前, gestern, 昨天 21:05."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.han_numerals import han_number
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
    """How a language counts back: what stands before and behind, its numbers, its units.

    ``spelled`` matches the numbers in words that ``numbers`` does not list.
    """

    before: str
    behind: str
    numbers: dict[str, float]
    units: dict[str, int]
    joint: str = r"\s{0,2},?\s{0,2}"
    spelled: str = ""


_ENGLISH_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_ENGLISH_ONES: Final = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"
)  # fmt: skip
_HAN_ONES: Final = "一二三四五六七八九"


_ENGLISH: Final = _Language(
    before="",
    behind=r"\s{1,2}ago\b",
    numbers={
        "half an": 0.5, "half a": 0.5, "half": 0.5, "half-": 0.5, "a half": 0.5,
        "a quarter of an": 0.25, "quarter of an": 0.25, "three quarters of an": 0.75,
        "three-quarters of an": 0.75, "an": 1, "a": 1,
        **{word: value for value, word in enumerate(_ENGLISH_ONES, 1)},
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
        "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    },
    units={
        "seconds": 1, "second": 1, "secs": 1, "sec": 1, "s": 1, "minutes": _MINUTE,
        "minute": _MINUTE, "mins": _MINUTE, "min": _MINUTE, "m": _MINUTE, "hours": _HOUR,
        "hour": _HOUR, "hrs": _HOUR, "hr": _HOUR, "h": _HOUR, "days": _DAY, "day": _DAY, "d": _DAY,
        "weeks": _WEEK, "week": _WEEK, "w": _WEEK,
    },
    joint=r"\s{0,2},?\s{0,2}(?:and\s{1,2})?",
    spelled=rf"(?:{'|'.join(_ENGLISH_TENS)})(?:[ -](?:{'|'.join(_ENGLISH_ONES)})(?![a-z]))?",
)  # fmt: skip
_CHINESE: Final = _Language(
    before="",
    behind=r"\s?(?:之|以)?前",
    numbers={"半": 0.5, "两": 2, "兩": 2} | dict(zip(_HAN_ONES, range(1, 10), strict=True)),
    units={
        "秒钟": 1, "秒鐘": 1, "秒": 1, "分钟": _MINUTE, "分鐘": _MINUTE, "分": _MINUTE,
        "刻钟": 15 * _MINUTE, "刻鐘": 15 * _MINUTE,
        "小时": _HOUR, "小時": _HOUR, "钟头": _HOUR, "鐘頭": _HOUR, "時間": _HOUR, "天": _DAY,
        "日": _DAY, "周": _WEEK, "週": _WEEK, "星期": _WEEK, "礼拜": _WEEK, "禮拜": _WEEK,
    },
    joint=r"\s?[零又]?\s?",
    spelled=rf"(?:一百)?(?:[{_HAN_ONES}]?十[{_HAN_ONES}]?|廿[{_HAN_ONES}]?)|一百",
)  # fmt: skip
_LANGUAGES: Final = (
    _ENGLISH,
    _CHINESE,
    _Language(
        before="",
        behind=r"\s?전",
        numbers={"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6},
        units={"초": 1, "분": _MINUTE, "시간": _HOUR, "일": _DAY, "주일": _WEEK, "주": _WEEK},
    ),
    _Language(
        before=r"\bvor\s{1,2}(?:etwa\s{1,2}|rund\s{1,2})?",
        behind="",
        numbers={
            "einer halben": 0.5, "einer dreiviertel": 0.75, "einer": 1, "einem": 1,
            "eineinhalb": 1.5, "anderthalb": 1.5, "zwei": 2, "zweieinhalb": 2.5, "drei": 3,
            "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
            "elf": 11, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "vierzig": 40,
            "fünfzig": 50,
        },
        units={
            "Viertelstunde": 15 * _MINUTE, "Dreiviertelstunde": 45 * _MINUTE,
            "Sekunden": 1, "Sekunde": 1, "Sek.": 1, "Minuten": _MINUTE, "Minute": _MINUTE,
            "Min.": _MINUTE, "Min": _MINUTE, "Stunden": _HOUR, "Stunde": _HOUR, "Std.": _HOUR,
            "Std": _HOUR, "Tagen": _DAY, "Tag": _DAY, "Wochen": _WEEK, "Woche": _WEEK,
        },
        joint=r"\s{0,2},?\s{0,2}(?:und\s{1,2})?",
    ),
    _Language(
        before=r"\bil y a\s{1,2}(?:environ\s{1,2})?",
        behind="",
        numbers={
            "une": 1, "un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
            "huit": 8, "neuf": 9, "dix": 10, "quinze": 15, "vingt": 20, "trente": 30,
            "quarante": 40,
        },
        units={
            "quart d'heure": 15 * _MINUTE, "quart d’heure": 15 * _MINUTE,
            "demi-heure": 30 * _MINUTE,
            "secondes": 1, "seconde": 1, "minutes": _MINUTE, "minute": _MINUTE, "min": _MINUTE,
            "heures": _HOUR, "heure": _HOUR, "h": _HOUR, "jours": _DAY, "jour": _DAY, "j": _DAY,
            "semaines": _WEEK, "semaine": _WEEK,
        },
        joint=r"\s{0,2},?\s{0,2}(?:et\s{1,2})?",
    ),
    _Language(
        before=r"\bhace\s{1,2}",
        behind="",
        numbers={
            "media": 0.5, "una": 1, "un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
            "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "quince": 15, "veinte": 20,
            "treinta": 30, "cuarenta": 40,
        },
        units={
            "cuarto de hora": 15 * _MINUTE,
            "segundos": 1, "segundo": 1, "minutos": _MINUTE, "minuto": _MINUTE, "min": _MINUTE,
            "horas": _HOUR, "hora": _HOUR, "h": _HOUR, "días": _DAY, "dias": _DAY, "día": _DAY,
            "dia": _DAY, "semanas": _WEEK, "semana": _WEEK,
        },
        joint=r"\s{0,2},?\s{0,2}(?:y\s{1,2})?",
    ),
    _Language(
        before="",
        behind=r"\s{1,2}fa\b",
        numbers={
            "mezz'": 0.5, "mezz’": 0.5, "mezza": 0.5, "un'": 1, "un’": 1, "un": 1, "una": 1,
            "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "dieci": 10, "venti": 20,
            "trenta": 30,
        },
        units={
            "secondi": 1, "minuti": _MINUTE, "minuto": _MINUTE, "ore": _HOUR, "ora": _HOUR,
            "giorni": _DAY, "giorno": _DAY, "settimane": _WEEK, "settimana": _WEEK,
        },
    ),
    _Language(
        before=r"\bhá\s{1,2}",
        behind="",
        numbers={
            "meia": 0.5, "uma": 1, "um": 1, "duas": 2, "dois": 2, "três": 3, "quatro": 4,
            "cinco": 5, "seis": 6, "dez": 10, "quinze": 15, "vinte": 20, "trinta": 30,
        },
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
    _Language(
        before="",
        behind=r"\s{1,2}назад\b",
        numbers={"полтора": 1.5, "два": 2, "две": 2, "три": 3},
        units={
            "секунд": 1, "секунды": 1, "секунду": 1, "минут": _MINUTE, "минуты": _MINUTE,
            "минуту": _MINUTE, "мин.": _MINUTE, "мин": _MINUTE, "часов": _HOUR, "часа": _HOUR,
            "час": _HOUR, "ч.": _HOUR, "ч": _HOUR, "дней": _DAY, "дня": _DAY, "день": _DAY,
            "недели": _WEEK, "недель": _WEEK, "неделю": _WEEK,
        },
    ),
    _Language(
        before="",
        behind=r"\s{1,2}temu\b",
        numbers={"dwie": 2, "dwa": 2, "trzy": 3},
        units={
            "sekund": 1, "sekundy": 1, "minut": _MINUTE, "minuty": _MINUTE, "minutę": _MINUTE,
            "min": _MINUTE, "godzin": _HOUR, "godziny": _HOUR, "godzinę": _HOUR, "godz.": _HOUR,
            "dni": _DAY, "dzień": _DAY, "tygodnie": _WEEK, "tygodni": _WEEK, "tydzień": _WEEK,
        },
    ),
    _Language(
        before=r"\bf[öo]r\s{1,2}",
        behind=r"\s{1,2}(?:sedan|siden)\b",
        numbers={"en": 1, "ett": 1, "et": 1, "två": 2, "to": 2, "tre": 3},
        units={
            "sekunder": 1, "sekund": 1, "minuter": _MINUTE, "minutter": _MINUTE, "minut": _MINUTE,
            "minutt": _MINUTE, "min": _MINUTE, "timmar": _HOUR, "timme": _HOUR, "timer": _HOUR,
            "time": _HOUR, "tim": _HOUR, "dagar": _DAY, "dager": _DAY, "dage": _DAY, "dag": _DAY,
            "veckor": _WEEK, "uker": _WEEK, "uger": _WEEK,
        },
    ),
    _Language(
        before="",
        behind=r"\s{1,2}önce\b",
        numbers={"bir": 1, "iki": 2, "üç": 3},
        units={
            "saniye": 1, "dakika": _MINUTE, "dk.": _MINUTE, "dk": _MINUTE, "saat": _HOUR,
            "gün": _DAY, "hafta": _WEEK,
        },
    ),
)  # fmt: skip
# A number behind a vague word is no number (几十分钟前, “a few hours ago” has none), nor
# is the end of a range (3-4 hours ago, “two or three hours ago”) or of a longer number.
_NOT_BEFORE: Final = (
    r"(?<![\w.,])(?<![\w½][-–—~])(?<!\d\s[-–—~]\s)(?<!\bor\s)(?<!\bto\s)(?<!\bof\s)(?<!\bhundred\s)"
)
_NOT_BEFORE_HAN: Final = rf"(?<![\d.几幾数數多月年{_HAN_ONES}两兩十廿百千零〇])(?<!\d[-–—~至到])"


def _alternatives(words: dict[str, float] | dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _part(language: _Language) -> str:
    """Return the pattern of one number with its unit."""
    spelled = f"{language.spelled}|" if language.spelled else ""
    words = spelled + _alternatives(language.numbers)
    number = rf"(?:\d{{1,4}}(?:[.,]\d{{1,2}})?½?|½|{words})"
    unit = f"(?:{_alternatives(language.units)})"
    if language is _CHINESE:
        return rf"{number}\s?[个個]?半?[个個]?\s?{unit}半?"
    if language is _ENGLISH:
        half = r"(?:\s{1,2}and (?:a )?half)?"
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
    spelled = f"{language.spelled}|" if language.spelled else ""
    words = spelled + _alternatives(language.numbers)
    units = _alternatives(language.units)
    # In letters a number begins a word and a unit ends one: “and” is not “an” with “d”.
    letters = language.units.keys().isdisjoint(("天", "분"))
    start, end = (r"(?<![^\W\d_])", r"(?![^\W\d_])") if letters else ("", "")
    return BoundedPattern(
        rf"{start}(?P<digits>\d{{1,4}}(?:[.,]\d{{1,2}})?)?"
        rf"(?:(?P<word>½|{words})(?:{end}|(?<=['’-])))?"
        rf"(?P<half>\s+and\s+(?:a\s+)?half|\s?[个個]?半[个個]?)?\s?[个個]?\s?"
        rf"(?P<unit>{units}){end}(?P<more>\s+and\s+(?:a\s+)?half|半)?",
        re.IGNORECASE,
        longest=LONGEST_STAMP,
    )


_PATTERNS: Final = tuple((language, _whole(language), _pieces(language)) for language in _LANGUAGES)
_HINT = lazy_compile(
    r"ago\b|前|전|\bvor\b|il y a|\bhace\b|\bfa\b|\bhá\b|geleden"
    r"|назад|\btemu\b|\bsedan\b|\bsiden\b|önce",
    re.IGNORECASE,
)


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
                count += _spelled(" ".join(piece["word"].lower().split()), numbers)
            count += 0.5 * (bool(piece["half"]) + bool(piece["more"]))
            unit = units[piece["unit"].lower()]
            total += count * unit
            smallest = min(smallest, unit)
        return TimeAgo(total, smallest, match.start(), match.end())
    return None


def _spelled(words: str, numbers: dict[str, float]) -> float:
    """Return the value of a number in words that a pattern of a language matched."""
    if words in numbers:
        return numbers[words]
    tens, _, ones = words.replace("-", " ").partition(" ")
    if tens in _ENGLISH_TENS:
        return _ENGLISH_TENS[tens] + (numbers[ones] if ones else 0)
    return han_number(words)


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
