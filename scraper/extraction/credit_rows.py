"""Rows of credits before or behind the text: who wrote, drew and counted, where and when.

A row is told by its whole: each piece between its commas, bars and semicolons is a role with its
bearer, a name, a town or a day, and one at least says a role. What a sentence says has pieces that
are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures, squashed
from scraper.extraction.metadata.name_lists import FAMILY_NAMES, TOWNS
from scraper.extraction.metadata.person_names import is_usual_name
from scraper.extraction.metadata.row_pieces import (
    HAN_DATE,
    is_count_or_age,
    is_post,
    is_time_or_count,
    row_pieces,
)
from scraper.extraction.sections import HEADINGS, PARAGRAPH
from scraper.text.patterns import lazy_compile

__all__ = ["CREDIT_ROW", "REPEATED_HEADLINE", "credit_rows", "is_credit_row"]

CREDIT_ROW: Final = "credit-row"
REPEATED_HEADLINE: Final = "repeated-headline"

_LONGEST: Final = 180  # characters of a row
_LONGEST_HAN: Final = 70
_MOST_PIECES: Final = 8
_MOST_TOWNS: Final = 2
_HEADLINE: Final = 8  # letters of a headline whose repetition is told from a chance

_WORD = r"[A-ZÀ-Þ][\w.’'-]{0,20}"
_NAME = rf"{_WORD}(?: (?:{_WORD}|de|van|von|der|da|di|la|le|bin|al)){{1,3}}"
_BODY = rf"{_WORD}(?: (?:{_WORD}|of|for|and|the|on|in)){{0,7}}"
# What a person does, and what a house or an office is the source of.
_DEED = (
    r"(?:[Ss]taff |[Ss]enior |[Ff]oreign |[Cc]hief |[Ss]pecial |[Aa]dditional |[Ff]urther )?"
    r"(?:[Cc]orrespondents?|[Rr]eporters?|[Ww]riters?|[Ee]ditors?|[Ee]diting|[Rr]eporting|[Ww]ords"
    r"|[Tt]ext|[Ss]tory|[Pp]hotos?|[Pp]ictures?|[Pp]hotographs?|[Pp]hotograph(?:y|ers?)|[Vv]ideo"
    r"|[Ii]llustrat(?:ions?|ors?)|[Gg]raphics?|[Cc]harts?|[Mm]aps?|[Rr]esearch|[Dd]esign|[Ll]ayout"
    r"|[Tt]ranslat(?:ions?|ors?|ed)|[Pp]roduc(?:tion|ers?|ed)|[Ee]dited|[Rr]eported|[Ww]ritten)"
)
_SOURCE = r"(?:[Dd]ata|[Ss]ources?|[Cc]harts?|[Mm]aps?|[Gg]raphics?|[Ii]mages?|[Ff]igures)"
_ROLE = lazy_compile(
    rf"{_DEED}(?: and {_DEED})?(?:\s?[:—–-]\s?| by:? )(?:{_NAME})"
    rf"|(?P<bare>{_DEED} (?P<who>{_NAME}))"
    rf"|{_SOURCE}(?:\s?:\s?| by )(?:{_BODY})"
)
_BY = lazy_compile(rf"[Bb][Yy] (?:{_NAME})(?: in {_WORD}(?: {_WORD}){{0,2}})?")
_TOWN = lazy_compile(rf"(?:in )?{_WORD}(?: {_WORD}){{0,2}}")

_DEED_HAN = (
    r"(?:(?:本[报報刊网網台社]|特[约約派]|[驻駐]\w{1,4}|见习|見習|实习|實習|首席|高[级級]|[责責]任)?"
    r"(?:记者|記者|通讯员|通訊員|[编編][辑輯译譯]|[责責][编編]|作者|撰文|采写|採寫|采[访訪]|採訪|摄影|攝影|[摄攝]"
    r"|制[图圖表]|製[图圖表]|[绘繪][图圖]|[设設][计計]|策[划劃]|校[对對]|[审審][核校]|监制|監製|翻[译譯]|文字?|[图圖]))"
)
_SOURCE_HAN = r"(?:[数數][据據]|[资資]料|[图圖]表)(?:[来來]源)?"
_NAMES_HAN = r"[\u3400-\u9fff]{2,4}(?:[、 ]{1,2}[\u3400-\u9fff]{2,4}){0,3}"
_ROLE_HAN = lazy_compile(
    rf"{_DEED_HAN}\s?[:：/／|｜]\s?(?:(?P<who>{_NAMES_HAN})|{_NAME})"
    rf"|{_SOURCE_HAN}\s?[:：]\s?[\w·（）()\u3400-\u9fff]{{2,14}}"
)
# A dateline in a line of its own: who, from where, on which day, by wire.
_WIRED = lazy_compile(
    rf"\W{{0,2}}{_DEED_HAN}\s?[:：]?\s?"
    r"(?P<who>[\u3400-\u9fff]{2,4}(?:、[\u3400-\u9fff]{2,4}){0,3})[，, ]{0,2}"
    r"(?:[\u3400-\u9fff]{2,6}[，, ]{0,2})?(?:\d{1,2}月)?\d{1,2}日(?:[电電]|[報报][导導道])?\W{0,2}"
)
# A row of date, counts and short words above a text: "2026-03-03 10:15 王小明 评论(12)".
_TIME_HAN = lazy_compile(r"\d{1,2}[:：]\d\d(?:[:：]\d\d)?")
_SHORT_HAN = lazy_compile(r"[\u3400-\u9fff]{2,8}")
_TOWN_HAN = lazy_compile(TOWNS)
_OUTLET_HAN = lazy_compile(
    r"(?:[网網报報刊]|[日晚早][报報]|新[闻聞]|通[讯訊]社|出版社|[电電][视視][台臺]|周刊|週刊|[杂雜][志誌]|客[户戶]端|"
    r"[频頻]道|[编編][辑輯]部|[财財][经經]|媒[体體]|在[线線])$"
)
_LONGEST_NAME = 4  # characters from which on a Chinese word is no person's name
_BARS_HAN, _MOST_WORDS = lazy_compile(r"\s*[|｜·•]\s*|\s{2,}"), 2
_PIECES_HAN = lazy_compile(r"\s?[;；，,|｜]\s?|\s{1,4}(?=\S{1,6}[:：/／])")


def is_credit_row(text: str, *, above: bool = True) -> bool:
    """Return whether a line is nothing but credits.

    Args:
        text: the line.
        above: whether it stands above the text; below it a name with a date signs a document.
    """
    line = text.strip(" ()[]（）【】*_—–-")
    if not line or len(line) > _LONGEST or line.endswith(("?", "!", "？", "！", "。")):
        return False
    if any("\u3400" <= c <= "\u9fff" for c in line):
        return len(line) <= _LONGEST_HAN and (_is_row_han(line) or (above and _is_dated_han(line)))
    ends = line.endswith((".", ":")) and not line.endswith(("a.m.", "p.m."))
    return not ends and _is_row(line)


def _is_row(line: str) -> bool:
    pieces, posts = row_pieces(line)
    if not 0 < len(pieces) <= _MOST_PIECES:
        return False
    roles = signed = days = towns = 0
    for piece in pieces:
        if is_time_or_count(piece):
            days += 1
        elif signed and (is_post(piece)):
            posts += 1
        elif (role := _ROLE.fullmatch(piece)) is not None:
            # Without a colon, words that begin with capitals may be anything.
            if role["bare"] and not is_usual_name(role["who"]):
                return False
            roles += 1
        elif _BY.fullmatch(piece) or is_usual_name(piece):
            signed += 1
        elif (roles or signed) and towns < _MOST_TOWNS and _TOWN.fullmatch(piece):
            towns += 1
        else:
            return False
    return roles > 0 or (signed > 0 and days + posts > 0)


def _is_row_han(line: str) -> bool:
    if (wired := _WIRED.fullmatch(line)) is not None:
        return _are_names(wired)
    pieces = [piece for piece in _PIECES_HAN.split(line) if piece]
    return (
        0 < len(pieces) <= _MOST_PIECES
        and sum(piece.count(sep) for piece in pieces for sep in (":", "：", "/", "／")) > 0
        and all(_are_names(_ROLE_HAN.fullmatch(piece)) for piece in pieces)
    )


def _is_dated_han(line: str) -> bool:
    """Return whether a line has a date, and beside it only times, counts and some short words."""
    dates = others = words = 0
    for part in _BARS_HAN.split(line):
        for piece in [part] if is_count_or_age(part) else part.split():
            if HAN_DATE.fullmatch(piece):
                dates += 1
            elif _TIME_HAN.fullmatch(piece) or is_count_or_age(piece):
                others += 1
            elif _SHORT_HAN.fullmatch(piece) and _names_han(piece):
                words += 1
            else:
                return False
    return dates == 1 and words <= _MOST_WORDS and others + words > 0


def _names_han(word: str) -> bool:
    """Return whether a short Chinese word is a person's name, a town or an outlet."""
    person = len(word) < _LONGEST_NAME and word[0] in FAMILY_NAMES
    return person or bool(_TOWN_HAN.fullmatch(word) or _OUTLET_HAN.search(word))


def _are_names(match: re.Match[str] | None) -> bool:
    """Whether there is a match, and each of its Chinese names begins with a family name."""
    names = re.split(r"[、 ]+", match["who"] or "") if match is not None else ()
    return match is not None and all(name[0] in FAMILY_NAMES for name in names if name)


def credit_rows(
    s: PageBlocks, rows: BlockFeatures, decided: Sequence[str], cells: Collection[int]
) -> dict[int, str]:
    """Return block → rule, for kept rows of credits around the text, and its headline behind it.

    Args:
        s: the page cut into blocks.
        rows: its measures, with the headline.
        decided: for each block "" when it is kept, else what cut it.
        cells: blocks in tables of data.
    """
    title = squashed(s.blocks[rows.title].text) if rows.title >= 0 else ""
    kept = [i for i, rule in enumerate(decided) if not rule]
    told = [
        i for i in kept if rows.sentences[i] >= PARAGRAPH and squashed(s.blocks[i].text) != title
    ]
    if not told:
        return {}
    found: dict[int, str] = {}
    for i in kept:
        if told[0] <= i <= told[-1] or i in cells:
            continue
        block = s.blocks[i]
        if i > told[-1] and len(title) >= _HEADLINE and squashed(block.text) == title:
            found[i] = REPEATED_HEADLINE
        elif s.tags[block.container] not in HEADINGS and is_credit_row(
            block.text, above=i < told[0]
        ):
            found[i] = CREDIT_ROW
    return found
