"""Language tags as sites print them, and what they tell of script and time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scraper.text.chinese import script_of
from scraper.text.patterns import lazy_compile

__all__ = [
    "date_order",
    "normal_tag",
    "order_tag",
    "same_language",
    "written_tag",
    "zone_of",
    "zone_of_page",
    "zone_of_times",
]

# Regions of Chinese, and the script that is written there.
_SCRIPTS: Mapping[str, str] = {
    "cn": "Hans", "sg": "Hans", "my": "Hans", "chs": "Hans", "hans": "Hans",
    "tw": "Hant", "hk": "Hant", "mo": "Hant", "cht": "Hant", "hant": "Hant",
}  # fmt: skip
# Time zone of a region, and of a country's domains where the country has one zone (or its press).
_ZONES: Mapping[str, str] = {
    "cn": "Asia/Shanghai", "tw": "Asia/Taipei", "hk": "Asia/Hong_Kong", "mo": "Asia/Macau",
    "sg": "Asia/Singapore", "my": "Asia/Kuala_Lumpur", "jp": "Asia/Tokyo", "kr": "Asia/Seoul",
    "in": "Asia/Kolkata", "gb": "Europe/London", "uk": "Europe/London", "ie": "Europe/Dublin",
    "fr": "Europe/Paris", "de": "Europe/Berlin", "nl": "Europe/Amsterdam", "it": "Europe/Rome",
    "es": "Europe/Madrid", "ch": "Europe/Zurich", "se": "Europe/Stockholm",
    "nz": "Pacific/Auckland", "au": "Australia/Sydney", "at": "Europe/Vienna",
    "be": "Europe/Brussels", "dk": "Europe/Copenhagen", "no": "Europe/Oslo",
    "fi": "Europe/Helsinki", "pl": "Europe/Warsaw", "cz": "Europe/Prague", "pt": "Europe/Lisbon",
    "gr": "Europe/Athens", "tr": "Europe/Istanbul", "ru": "Europe/Moscow", "il": "Asia/Jerusalem",
    "ae": "Asia/Dubai", "th": "Asia/Bangkok", "vn": "Asia/Ho_Chi_Minh", "ph": "Asia/Manila",
    "za": "Africa/Johannesburg", "eu": "Europe/Brussels",
}  # fmt: skip


def normal_tag(tag: str) -> str:
    """Return a language tag as this project writes it: ``en``, ``zh-Hans``, ``zh-Hant``, or "".

    Chinese without a region or script stays ``zh``.
    """
    parts = [part for part in re.split(r"[^a-z]+", tag.strip().lower()) if part]
    if not parts or not 2 <= len(parts[0]) <= 3:
        return ""
    if parts[0] not in ("zh", "cn", "tw", "chi", "zho"):
        return parts[0]
    script = next((_SCRIPTS[part] for part in reversed(parts) if part in _SCRIPTS), "")
    return f"zh-{script}" if script else "zh"


# Regions where English is written and the day stands before the month.
_DAY_FIRST_ENGLISH: Final = frozenset(
    "gb uk ie au nz in za sg hk mo my ng ke pk lk mt jm tt gh zw bd eu".split()  # noqa: SIM905
)
# Languages that write the day before the month wherever they are spoken, but in North America.
_DAY_FIRST: Final = frozenset(
    """
    de fr es it pt nl ru uk pl cs sk sl hr sr bs bg ro el tr fi sv da no nb nn et lv id ms vi th ar
    he ca gl eu mk sq hi bn ur is ga cy
    """.split()  # noqa: SIM905
)
_YEAR_FIRST: Final = frozenset(("ja", "ko", "hu", "lt", "mn"))


def date_order(tag: str) -> str:
    """Return the order of ``3/4/2025`` in a language and region: ``dmy``, ``mdy``, ``ymd`` or "".

    English without a region tells nothing, nor does Canada, where all three are written, nor
    Spanish of the United States. Chinese of Hong Kong and Macau writes the day first where the
    year stands last.

    Args:
        tag: BCP 47, as the page prints it.
    """
    parts = [part for part in re.split(r"[^a-z]+", tag.strip().lower()) if part]
    if not parts:
        return ""
    language, regions = parts[0], set(parts[1:])
    if language == "en":
        if regions & {"us", "ph", "um", "pr"}:
            return "mdy"
        return "dmy" if regions & _DAY_FIRST_ENGLISH else ""
    if language in ("zh", "cn", "tw", "zho", "chi"):
        return "dmy" if regions & {"hk", "mo"} else "ymd"
    if language in _YEAR_FIRST:
        return "ymd"
    if regions & {"ca", "us"}:
        return ""
    return "dmy" if language in _DAY_FIRST else ""


def same_language(one: str, other: str) -> bool:
    """Return whether two tags mean one language in one script, as far as both tell."""
    first, second = normal_tag(one), normal_tag(other)
    if not first or not second:
        return False
    return (
        first == second
        or (first == "zh" and second[:2] == "zh")
        or (second == "zh" and first[:2] == "zh")
    )


def written_tag(text: str) -> str:
    """Return ``zh-Hans``, ``zh-Hant`` or ``zh`` for a text that is written in Chinese, else ""."""
    hanzi = sum("\u4e00" <= char <= "\u9fff" for char in text)
    if hanzi < 8 or hanzi < 0.3 * sum(char.isalpha() for char in text):
        return ""
    script = script_of(text)
    return f"zh-{script}" if script in ("Hans", "Hant") else "zh"


# Zones that offsets from UTC may stand for, those of the larger press first; before the language
# they are preferred in.
_CANDIDATES: Sequence[tuple[str, str]] = (
    ("zh-Hant", "Asia/Taipei"), ("zh", "Asia/Shanghai"), ("", "America/New_York"),
    ("", "America/Los_Angeles"), ("", "America/Chicago"), ("", "America/Denver"),
    ("en", "Europe/London"), ("fr", "Europe/Paris"), ("de", "Europe/Berlin"),
    ("es", "Europe/Madrid"), ("it", "Europe/Rome"), ("", "Europe/Paris"), ("ja", "Asia/Tokyo"),
    ("ko", "Asia/Seoul"), ("en", "Asia/Singapore"), ("", "Asia/Shanghai"), ("", "Asia/Tokyo"),
    ("", "Asia/Kolkata"), ("", "Australia/Sydney"), ("", "Australia/Brisbane"),
    ("", "Europe/Helsinki"), ("", "Europe/Moscow"), ("", "Pacific/Auckland"),
    ("pt", "America/Sao_Paulo"), ("", "Asia/Dubai"), ("", "Asia/Bangkok"),
)  # fmt: skip


def zone_of_times(times: Sequence[datetime], tag: str, usual: str) -> str:
    """Return the zone that the offsets of printed times stand for, or `usual` for no telling.

    Times in UTC tell nothing: much software prints them so wherever it runs.

    Args:
        times: aware, as they were printed.
        tag: of the site's language, as this project writes it.
        usual: the zone that language and domain tell, or "": it stands unless the times deny it.
    """
    told = [time for time in times if time.utcoffset()]
    if not told:
        return usual
    names = [usual] if usual else []
    names += [name for language, name in _CANDIDATES if language and tag.startswith(language)]
    names += [name for language, name in _CANDIDATES if not language]
    for name in names:
        zone = ZoneInfo(name)
        if all(time.astimezone(zone).utcoffset() == time.utcoffset() for time in told):
            return name
    return usual


_HAN = lazy_compile(r"[\u4e00-\u9fff]")
_KANA = lazy_compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL = lazy_compile(r"[\uac00-\ud7af]")
_SAMPLE: Final = 2_000
_MANY_CHARACTERS: Final = 20


def zone_of_page(url: str, language: str, text: str, script: str) -> tuple[str, str]:
    """Return the zone in which a page's bare times are read, and why; "" where nothing tells.

    Args:
        url: address of the page.
        language: ``lang`` of the document.
        text: beginning of the text.
        script: script of a Chinese text, as `scraper.text.chinese.script_of` gives it.
    """
    try:
        domain = (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
    except ValueError:
        domain = ""
    if domain in _ZONES:
        return _ZONES[domain], f"domain .{domain}"
    tag = language.lower().replace("_", "-")
    sample = text[:_SAMPLE]
    if tag[:2] == "ja" or len(_KANA.findall(sample)) > _MANY_CHARACTERS:
        return "Asia/Tokyo", "Japanese text"
    if tag[:2] == "ko" or len(_HANGUL.findall(sample)) > max(_MANY_CHARACTERS, len(sample) // 5):
        return "Asia/Seoul", "Korean text"
    chinese = len(_HAN.findall(sample)) > max(10, len(sample) // 5)
    if not chinese and not tag.startswith("zh"):
        return "", ""
    if tag in ("zh-tw", "zh-hant-tw") and script != "Hans":
        return "Asia/Taipei", f"lang {language}"
    if tag in ("zh-hk", "zh-hant-hk") and script != "Hans":
        return "Asia/Hong_Kong", f"lang {language}"
    # All three Chinese zones are eight hours ahead; only the name differs.
    return ("Asia/Taipei" if script == "Hant" else "Asia/Shanghai"), "Chinese text"


def order_tag(url: str, tags: Sequence[str]) -> str:
    """Return the tag of a page that settles the order of day and month, or "".

    Args:
        url: address of the page: its domain may be a country's.
        tags: of its language, as it prints them in several places, the most trusted first.
    """
    try:
        domain = (urlsplit(url).hostname or "").rsplit(".", 1)[-1].lower()
    except ValueError:
        domain = ""
    english = not any(tags) or any(tag.lower().startswith("en") for tag in tags)
    if english and len(domain) == 2:
        tags = [*tags, f"en-{domain}"]
    return next((tag for tag in tags if date_order(tag)), "")


def zone_of(url: str, tag: str) -> str:
    """Return the time zone in which a site most likely prints its times, or "" for no telling.

    Args:
        url: of the site: its domain may be a country's.
        tag: of its language as it prints it: its region may tell.
    """
    domain = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    regions = re.split(r"[^a-z]+", tag.strip().lower())[1:]
    for key in (domain, *reversed(regions)):
        if key in _ZONES:
            return _ZONES[key]
    return {"zh-Hans": "Asia/Shanghai", "zh-Hant": "Asia/Taipei", "zh": "Asia/Shanghai"}.get(
        normal_tag(tag), ""
    )
