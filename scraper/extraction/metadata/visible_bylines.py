"""Bylines that a reader sees: lines near the headline and the text's ends that name writers."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from functools import cache
from typing import Final

from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.metadata.evidence_lines import EvidenceLine
from scraper.extraction.metadata.han_bylines import beside_time, names_alone, poster
from scraper.extraction.metadata.latin_bylines import (
    behind_by,
    behind_date,
    beside_date,
    in_row,
    is_label,
    is_likely_name,
    lower_case_words,
    time_in,
)
from scraper.extraction.metadata.name_lists import TOWNS
from scraper.extraction.metadata.outlet_names import credits
from scraper.extraction.metadata.person_names import (
    HAN_NAME,
    han_people,
    is_usual_name,
    latin_people,
    people,
)
from scraper.extraction.metadata.row_pieces import row_names
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only

__all__ = ["MAX_AUTHORS", "is_beside_time", "reporters", "visible_bylines"]

MAX_AUTHORS: Final = 30
# Characters of a byline with what stands beside it, and of one that is only names.
_LONGEST: Final = 160
_LONGEST_NAMES: Final = 100
_USUAL_HAN: Final = 3
# A line with a date and its label, or with the time that reading takes.
_DATE_LINE: Final = 50
_READING = lazy_compile(r"\d\s?(?:min(?:ute)?s?\b|m read)", re.IGNORECASE)

_TOWN_TAIL = lazy_compile(rf"(?:{TOWNS}|[\d／/]).*$", re.DOTALL)
# 记者 in brackets, at the start of a line, or after the outlet's name in its own line.
_REPORTER = lazy_compile(
    r"(?:^|[（(【\[〔]|(?<=[\s　])|"
    r"(?<=[社报報网網闻聞]))[\u3400-\u9fffA-Za-z0-9·]{0,16}?(?:实习|實習|见习|特派|"
    r"特约|特約|首席)?"
    r"(?:通讯员|通訊員|记者|記者)(?P<mark>[\s　:：／/|｜丨︱│]{0,3})"
    r"(?P<names>[^）)】\]〕。；;，,|｜丨︱│]{2,40})"
)
# （姚峰 上海报道）, (文/图 刘玺东 易赛楠), （张巨峰） at the end of a paragraph.
_SIGNED = lazy_compile(
    r"[（(](?:文[／/]图|文[／/]圖|图[／/]文|"
    r"文)?[／/:：\s]*(?P<names>[\u3400-\u9fff·]{2,4}(?:[\s、，]+[\u3400-\u9fff·]{2,4}){0,5})"
    r"(?:[\u3400-\u9fff]{0,4}(?:报道|報導|报导|整理|撰文|编译))?[)）]。?$"
)
# After the reporters' names: whose the pictures are.
_PICTURES = lazy_compile(
    r"[\s　](?:[首封]?[圖图]片?|[攝摄]影|影像|[編编][輯辑]|[責责][編编])[／/:：]"
)
_FROM_TOWN = lazy_compile(r"[\u3400-\u9fff]{2,6}(?:[报報][导導道]|[电電])$")
_SPACES = lazy_compile(r"[\s　]*")
_REPORTER_WORDS: Final = ("记者", "記者", "通讯员", "通訊員")
# What the next name in a row of reporters is called.
_BESIDE_REPORTERS: Final = frozenset(
    f"{kind}{word}"
    for kind in ("", "实习", "實習", "见习", "見習", "特约", "特約", "本报", "本報")
    for word in ("记者", "記者", "通讯员", "通訊員")
) | {"实习生", "實習生"}
_BESIDE_PREFIX = lazy_compile(
    r"^(?:实习|實習|见习|見習|特约|特約|本报|本報)?(?:记者|記者|通讯员|通訊員|实习生|實習生)"
)
_PICTURED = lazy_compile(r"caption|credit|photo|image|figure")
_CAPTION = lazy_compile(r"[摄攝翻]|供图|供圖|[图圖][／/]|资料图|資料照")


def reporters(line: str) -> list[str]:
    """Return the names after 记者 in a line that is a byline, not a caption or prose."""
    if line.isascii() or not any(word in line for word in _REPORTER_WORDS):
        return []
    names: list[str] = []
    # Signatures are at the beginning or the end of a paragraph.
    line = line if len(line) <= 240 else f"{line[:120]} … {line[-120:]}"
    for match in _REPORTER.finditer(line):
        value = re.split("[／/]文", _PICTURES.split(match["names"], maxsplit=1)[0])[0].strip()
        # 記者／ is a label, 記者 may be a word of a sentence.
        vouched = not _SPACES.fullmatch(match["mark"])
        opened = line[match.start() : match.start() + 1] in "（(【[〔" and match.start() < len(line)
        after = line[match.end() : match.end() + 1]
        if _CAPTION.search(value + after) or (match.start() == 0 and len(line) > 60 and not opened):
            continue
        if not opened and len(line) > 80:
            continue
        for part in re.split(r"[\s　、，,&／/]+", value):
            if names and part in _BESIDE_REPORTERS:
                continue
            part = _BESIDE_PREFIX.sub("", part) if names else part
            if names and _FROM_TOWN.search(part):
                break
            name = _TOWN_TAIL.sub("", part)
            name = name[:3] if len(name) > 4 and "·" not in name else name
            found = han_people(name, vouched=vouched and bool(HAN_NAME.match(name)))
            if not found:
                break
            names += found
    return names


def _signed(value: str) -> list[str]:
    """Return the names of a signature in brackets: only names, perhaps with a town after them."""
    parts = re.split(r"[\s、，]+", value)
    names = [part for part in parts if HAN_NAME.match(part) and han_people(part, vouched=False)]
    rest = parts[len(names) :]
    return names if parts[: len(names)] == names and len(rest) <= 1 else []


def visible_bylines(signals: PageEvidence) -> Iterable[tuple[str, list[str], str]]:
    """Yield origin, names and text of each byline near the article's text."""
    titles = {
        letters_only(title)
        for title in (signals.title, *signals.headings, signals.meta("og:title"))
    }
    adapted: list[tuple[str, list[str], str]] = []
    posts: list[tuple[str, list[str], str]] = []
    long = [title for title in titles if len(title) > 9]
    shortest = min(map(len, long), default=0)
    small = cache(lambda: lower_case_words(signals.kept))
    for at, line in enumerate(signals.lines):
        text = line.text
        labelled = any(credit.role == "author" for credit in credits(text[:140]))
        if line.stray or (line.other and not labelled):
            continue
        form = letters_only(text)
        if form in titles or (len(form) >= shortest and any(title in form for title in long)):
            continue  # a headline such as "X writes: …" is not a byline
        if len(text) < 400:
            for credit in credits(text if len(text) <= 140 else text[:70]):
                if credit.role == "author" and (len(text) < 120 or len(credit.value) < 20):
                    names = people(credit.value) if credit.label != "文" or len(text) < 60 else []
                    if names and len(names) < 12:
                        yield f"line {credit.label}", names, text
        # Below the text, a reporter may belong to another article.
        if (line.zone != "foot" or len(text) <= 30) and (names := reporters(text)):
            yield "line 记者", names, text
        if line.zone == "headline" and not line.kept and (account := poster(text)):
            yield "line 发布", [account], text
        beside = "" if line.kept or line.zone != "headline" else beside_time(text)
        # Of another length a name is not told from a rubric.
        if len(text) == _USUAL_HAN and line.zone == "headline" and not line.kept:
            beside = text if line.distance > 0 and is_beside_time(signals.lines, at) else ""
        if beside and han_people(beside, vouched=False) == [beside]:
            yield "line name", [beside], text
        if line.kept and line.last < 3:
            match = _SIGNED.search(text)
            names = _signed(match["names"]) if match else []
            if names:
                yield "line signature", names, text
        if line.amid and not line.kept:
            continue
        if not line.heading and (line.distance > 0 or line.zone in ("head", "tail")):
            alone, translated = names_alone(text)
            if alone and all(han_people(name, vouched=False) == [name] for name in alone):
                if translated:
                    adapted.append(("line 编译", alone, text))
                elif line.zone != "foot":
                    yield "line name", alone, text
        if origin_names := _in_latin_letters(signals.lines, at, small):
            yield (*origin_names, text)
        elif names := _before_post(line, small):
            posts.append(("line name", names, text))
    # A name with a house may credit a picture where another one has written.
    yield from posts
    yield from adapted


def is_beside_time(lines: Sequence[EvidenceLine], at: int) -> bool:
    """Return whether the line before or after one is little more than a date or a reading time."""
    return any(
        len(line.text) < _DATE_LINE and (_READING.search(line.text) or time_in(line.text))
        for line in (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2])
    )


def _in_latin_letters(
    lines: Sequence[EvidenceLine], at: int, small: Callable[[], Container[str]]
) -> tuple[str, list[str]] | None:
    """Return the origin and the names of a byline in Latin letters, or None."""
    line, text = lines[at], lines[at].text
    if len(text) >= _LONGEST:
        return None
    loud = " " in text and text.isupper() and len(text) < _LONGEST_NAMES
    said = text.title() if loud else text
    names = behind_by(said) if line.zone in ("headline", "head") else []
    names = names or behind_date(said) or ([] if line.kept else in_row(text))
    if not names and at and len(text) < _LONGEST_NAMES and is_label(lines[at - 1].text):
        names = latin_people(text)
        names = names if all(name[0].isupper() and not name.isupper() for name in names) else []
    if names:
        return "line by", names
    # A name in its own line directly below the headline, or beside a date above it.
    near = line.zone == "headline" and line.distance and -3 < line.distance < 5
    if not near or line.kept or line.heading or line.above or len(text) >= _LONGEST_NAMES:
        return None
    below = line.distance > 0
    if below and is_usual_name(text):
        return "line name", [text]
    if below and is_likely_name(text, small) and is_beside_time(lines, at):
        return "line name", [text]
    names = beside_date(text, small)
    return ("line name", names) if names else None


def _before_post(line: EvidenceLine, small: Callable[[], Container[str]]) -> list[str]:
    """Return the writers whom a row below the headline names with their posts or houses."""
    below = line.zone == "headline" and 0 < line.distance < 5
    if not below or line.kept or line.heading or line.above or len(line.text) >= _LONGEST_NAMES:
        return []
    return [] if _PICTURED.search(line.name) else row_names(line.text, small)
