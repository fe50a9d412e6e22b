"""Rows of credits before or behind the text: who wrote, drew and counted, where and when.

A row is told by its whole: each piece between its commas, bars and semicolons is a role with its
bearer, a name, a town or a day, and one at least says a role. What a sentence says has pieces that
are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Sequence
from functools import cache
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures, squashed
from scraper.extraction.metadata.evidence_lines import CREDIT_ROW
from scraper.extraction.metadata.han_bylines import is_house_han, names_alone, signed_for_house
from scraper.extraction.metadata.latin_bylines import is_date, is_likely_name, lower_case_words
from scraper.extraction.metadata.name_lists import FAMILY_NAMES, TOWNS
from scraper.extraction.metadata.person_names import HAN_NAME, is_usual_name
from scraper.extraction.metadata.posts import names_a_post
from scraper.extraction.metadata.row_pieces import (
    HAN_DATE,
    is_count_or_age,
    is_house,
    is_post,
    is_time_or_count,
    row_pieces,
    without_house,
)
from scraper.extraction.sections import HEADINGS, PARAGRAPH
from scraper.text.patterns import lazy_compile

__all__ = ["CREDIT_ROW", "REPEATED_HEADLINE", "credit_rows", "is_credit_row"]

REPEATED_HEADLINE: Final = "repeated-headline"

_LONGEST: Final = 180  # characters of a row
_LONGEST_HAN: Final = 70
_MOST_PIECES: Final = 8
_MOST_TOWNS: Final = 2
_LONGEST_DATE: Final = 40
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
_SOURCE = (
    r"(?:(?:(?:[Cc]over|[Hh]eader|[Ll]ead|[Ff]eatured?|[Tt]op|[Mm]ain|[Tt]itle) )?"
    r"(?:[Ii]mages?|[Pp]hotos?|[Pp]ictures?|[Ii]llustrations?)(?: [Cc]redits?| [Ss]ources?)?"
    r"|[Dd]ata|[Ss]ources?|[Cc]harts?|[Mm]aps?|[Gg]raphics?|[Ff]igures)"
)
_ROLE = lazy_compile(
    rf"{_DEED}(?: and {_DEED})?(?:\s?[:—–-]\s?| by:? )(?:{_NAME})"
    rf"|(?P<bare>{_DEED} (?P<who>{_NAME}))"
    rf"|{_SOURCE}(?:\s?:\s?| by )(?:{_BODY})"
)
_IN_TOWN = rf"(?: in {_WORD}(?: {_WORD}){{0,2}})"
_BY = lazy_compile(
    rf"(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Rr]eported|[Ww]ords|[Tt]ext|[Ss]tory) )?"
    rf"(?:[Bb][Yy]|(?:[Ff]rom )?[Oo]ur (?:[a-z]{{2,14}} ){{0,2}}(?:correspondent|reporter)s?,?)"
    rf" (?:{_NAME}){_IN_TOWN}?"
)
_BEFORE_NAME = lazy_compile(r"^.{0,60}?(?:\b[Bb][Yy]|correspondents?,?|reporters?,?) ")
_BESIDE = lazy_compile(rf"(?:{_NAME}){_IN_TOWN}")
_TOWN = lazy_compile(rf"(?:in )?{_WORD}(?: {_WORD}){{0,2}}")

_DEED_HAN = (
    r"(?:(?:[\u3400-\u9fff]{1,6}[报報网網社刊台臺](?=[记記通])|本[报報刊网網台社文]|特[约約派]|[驻駐]\w{1,4}|见习|見習|实习|實習|首席|高[级級]|[责責]任|核稿|[执執]行|[值當当]班)?"
    r"(?:记者|記者|通讯员|通訊員|[编編][辑輯译譯]|[责責][编編]|作者|撰[文稿写寫]人?|[执執][笔筆]人?|采写|採寫|采[访訪]|採訪|[摄攝]影?"
    r"|实习生|實習生|[译譯]者|[美主][编編]|排版|[统統][筹籌]|整理|制作|製作|出品|[视視][频頻]|[图圖]片|插[画畫]|海[报報]"
    r"|制[图圖表]|製[图圖表]|[绘繪][图圖]|[设設][计計]|策[划劃]|校[对對]|[审審][核校]|监制|監製|翻[译譯]|文字?|[图圖]))"
)
_SOURCE_HAN = (
    r"(?:(?:[数數][据據]|[资資]料|[图圖]表)(?:[来來]源)?"
    r"|(?:文章|本文|稿件|[内內]容|新[闻聞]|消息|[图圖]片)?[来來]源)"
)
_NAMES_HAN = r"[\u3400-\u9fff]{2,4}(?:[、 ]{1,2}[\u3400-\u9fff]{2,4}){0,3}"
_ROLE_HAN = lazy_compile(
    rf"{_DEED_HAN}\s?[:：/／|｜丨︱│]\s?(?:(?P<who>{_NAMES_HAN})|{_NAME})"
    # A source that is somebody unnamed is what the article tells.
    rf"|{_SOURCE_HAN}\s?[:：]\s?(?![一某几幾不][个個位名群些家愿願透])[\w·（）()\u3400-\u9fff]{{2,14}}"
)
_ANY_ROLE = lazy_compile(
    r"[\u3400-\u9fff]{2,4}[:：／/](?P<who>[\u3400-\u9fff]{2,3}(?:[、 ][\u3400-\u9fff]{2,3}){0,3})"
)
# Behind the writers' names: that the pictures are theirs too.
_WRITER_TOO = lazy_compile(r"\s?(?:文\s?[/／并並]?\s?[图圖摄攝]|[图圖摄攝]\s?[/／]\s?文)$")
# A dateline in a line of its own: who, from where, on which day, by wire.
_WIRED = lazy_compile(
    rf"\W{{0,2}}(?:[\u3400-\u9fff]{{1,4}}[社報报網网])?{_DEED_HAN}\s?[:：]?\s?"
    r"(?P<who>[\u3400-\u9fff]{2,4}(?:、[\u3400-\u9fff]{2,4}){0,3})[，, ]{0,2}"
    r"(?:[\u3400-\u9fff]{2,6}[，, ]{0,2})?(?:\d{1,2}月)?\d{1,2}日(?:[电電]|[報报][导導道])?\W{0,2}"
)
# Who reports for whom, from where: "潮水科技记者 王小明 杭州报道", "王小明／綜合報導".
_FILED = lazy_compile(
    rf"(?:[\u3400-\u9fffA-Za-z·]{{0,10}}{_DEED_HAN}[ ／/]?"
    r"|[\u3400-\u9fff]{2,6}(?:中心|[組组部台臺])[ ／/])?"
    r"(?P<who>[\u3400-\u9fff]{2,4}(?:[、 ][\u3400-\u9fff]{2,4}){0,3})(?:\s?[／/]\s?|[ ，,])"
    r"(?:[\u3400-\u9fff]{2,6})?(?:[报報][导導道]|[电電]|[专專][访訪])"
)
# Roles and their bearers by turns, with blanks between: "作者 王小明 编辑 李晓红".
_ROLE_WORD = lazy_compile(rf"(?:[\u3400-\u9fff]{{1,6}}[报報网網社刊台臺])?{_DEED_HAN}")
_BEARER = lazy_compile(r"[\u3400-\u9fff]{2,3}(?:、[\u3400-\u9fff]{2,3}){0,3}")
# A row of date, counts and short words above a text: "2026-03-03 10:15 王小明 评论(12)".
_TIME_HAN = lazy_compile(r"\d{1,2}[:：]\d\d(?:[:：]\d\d)?")
_STAMPED = lazy_compile(
    r"[|｜]\s*(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?\s+\d{1,2}[:：]\d\d(?::\d\d)?$"
)
_TIME_OF = lazy_compile(r"(?:(?<![发發更][布佈新])[时時][间間]|日期|截止)\s*[|｜]")
_SHORT_HAN = lazy_compile(r"[\u3400-\u9fff]{2,8}")
_TOWN_HAN = lazy_compile(TOWNS)
_FEWEST_WORDS: Final = 2  # of a role and its bearer
_LONGEST_NAME = 4  # characters from which on a Chinese word is no person's name
_BARS_HAN, _MOST_WORDS = lazy_compile(r"\s*[|｜·•]\s*|\s{2,}"), 2
_PIECES_HAN = lazy_compile(r"\s?[;；，,|｜丨︱│]\s?|\s{1,4}(?=\S{1,6}[:：/／])")
# A role and its mark, which may be what divides the pieces too: "文｜王小明｜编辑｜李晓红".
_MARKED_ROLE = lazy_compile(
    rf"(?:^|(?<=[\s;；，,|｜丨︱│]))(?P<role>{_DEED_HAN}|{_SOURCE_HAN})\s?[:：/／|｜丨︱│]\s?"
)


def is_credit_row(
    text: str, small: Callable[[], Container[str]] = frozenset, *, above: bool = True
) -> bool:
    """Return whether a line is nothing but credits.

    Args:
        text: the line.
        small: gives the words that the page writes small, which are none of a name.
        above: whether it stands above the text; below it a name with a date signs a document.
    """
    line = text.strip(" ()[]（）【】〔〕*_—–-")
    if not line or len(line) > _LONGEST or line.endswith(("?", "!", "？", "！", "。")):
        return False
    if any("\u3400" <= c <= "\u9fff" for c in line):
        found = _is_row_han(line) or (above and (_is_dated_han(line) or signed_for_house(line)))
        return len(line) <= _LONGEST_HAN and bool(found)
    ends = line.endswith((".", ":")) and not line.endswith(("a.m.", "p.m."))
    return not ends and _is_row(line.title() if line.isupper() else line, small, above=above)


def _is_row(line: str, small: Callable[[], Container[str]], *, above: bool) -> bool:
    pieces, posts = row_pieces(line)
    if not 0 < len(pieces) <= _MOST_PIECES:
        return False
    roles = signed = days = towns = ages = shaped = by = 0
    for piece in pieces:
        if is_time_or_count(piece):
            days += 1
            ages += is_count_or_age(piece)
        # Below the text, people with a post of another trade may have signed a letter.
        elif (signed or shaped) and (
            is_post(piece) or is_house(piece) or (above and names_a_post(piece))
        ):
            posts += 1
        elif above and (before := without_house(piece)):
            if not is_usual_name(before) and not is_likely_name(before, small):
                return False
            shaped, posts = shaped + 1, posts + 1
        elif _BY.fullmatch(piece):
            name = _BEFORE_NAME.sub("", piece.split(" in ")[0])
            signed += 1
            by += above or is_usual_name(name) or is_likely_name(name, small)
        elif (role := _ROLE.fullmatch(piece)) is not None:
            # Without a colon, words that begin with capitals may be anything.
            if role["bare"] and not is_usual_name(role["who"]):
                return False
            roles += 1
        elif is_usual_name(piece) or (signed and _BESIDE.fullmatch(piece)):
            signed += 1
        elif (
            (roles or signed or (shaped and posts))
            and towns < _MOST_TOWNS
            and _TOWN.fullmatch(piece)
        ):
            towns += 1
        elif not roles + days + posts and is_likely_name(piece, small):
            shaped += 1
        else:
            return False
    # What only looks like a name is one before a post, an agency or a house; before how long ago
    # something was it is none of the text, whatever it is.
    told = posts + (ages if above else 0)
    return roles + by > 0 or (signed > 0 and days + posts > 0) or (shaped > 0 and told > 0)


def _is_row_han(line: str) -> bool:
    if (wired := _WIRED.fullmatch(line)) is not None:
        return _are_names(wired)
    if (filed := _FILED.fullmatch(line)) is not None and _are_names(filed):
        return True
    alone, _ = names_alone(line)
    if alone and all(name[0] in FAMILY_NAMES for name in alone):
        return True
    line = _marked_han(_WRITER_TOO.sub("", line))
    pieces = [piece for piece in _PIECES_HAN.split(line) if piece]
    roles = [_are_names(_ROLE_HAN.fullmatch(piece)) for piece in pieces]
    return (
        0 < len(pieces) <= _MOST_PIECES
        and any(mark in piece for piece in pieces for mark in ":：/／丨︱│")
        and any(roles)
        # What else was done is told by its neighbours: "采写：王小明 视觉：李晓红".
        and all(
            role or _are_names(_ANY_ROLE.fullmatch(piece))
            for role, piece in zip(roles, pieces, strict=True)
        )
    )


def _marked_han(line: str) -> str:
    """Return a line with a colon behind each role that a bar or a blank divides from its bearer."""
    line = _MARKED_ROLE.sub(r"\g<role>：", line)
    words = line.split()
    if len(words) < _FEWEST_WORDS:
        return line
    marked = [
        f"{word}："
        if _ROLE_WORD.fullmatch(word)
        and _BEARER.fullmatch(after)
        and not _ROLE_WORD.fullmatch(after)
        else f"{word} "
        for word, after in zip(words, [*words[1:], ""], strict=True)
    ]
    return "".join(marked).rstrip()


def _is_dated_han(line: str) -> bool:
    """Return whether a line has a date, and beside it only times, counts and some short words."""
    dates = others = words = 0
    # What a bar parts from a day and an hour is whoever wrote it, but for what the time is of.
    bar = _STAMPED.search(line) is not None and _TIME_OF.search(line) is None
    for part in _BARS_HAN.split(line):
        for piece in [part] if is_count_or_age(part) else part.split():
            if HAN_DATE.fullmatch(piece):
                dates += 1
            elif _TIME_HAN.fullmatch(piece) or is_count_or_age(piece):
                others += 1
            elif (bar and _SHORT_HAN.fullmatch(piece)) or _names_han(piece):
                words += 1
            else:
                return False
    return dates == 1 and words <= _MOST_WORDS and others + words > 0


def _names_han(word: str) -> bool:
    """Return whether a Chinese word is a person's name, a town or an outlet, or who reports."""
    if _SHORT_HAN.fullmatch(word) is None:
        filed = _FILED.fullmatch(word)
        return filed is not None and _are_names(filed)
    person = len(word) < _LONGEST_NAME and word[0] in FAMILY_NAMES
    return person or bool(_TOWN_HAN.fullmatch(word)) or is_house_han(word)


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
    small = cache(lambda: lower_case_words(s.blocks[i].text for i in kept))
    for i in kept:
        if told[0] <= i <= told[-1] or i in cells:
            continue
        block = s.blocks[i]
        if i > told[-1] and len(title) >= _HEADLINE and squashed(block.text) == title:
            found[i] = REPEATED_HEADLINE
        elif s.tags[block.container] not in HEADINGS and (
            is_credit_row(block.text, small, above=i < told[0])
            or (i < told[0] and _is_name_beside_date(s, i, small))
        ):
            found[i] = CREDIT_ROW
    return found


def _is_name_beside_date(s: PageBlocks, block: int, small: Callable[[], Container[str]]) -> bool:
    """Return whether a block is a person's name alone, and the next or the last one a date."""
    text = s.blocks[block].text.strip()
    han = HAN_NAME.match(text) is not None and text[0] in FAMILY_NAMES
    if not (han or is_usual_name(text) or is_likely_name(text, small)):
        return False
    beside = (s.blocks[at].text for at in (block - 1, block + 1) if 0 <= at < len(s.blocks))
    return any(len(line) <= _LONGEST_DATE and is_date(line) for line in beside)
