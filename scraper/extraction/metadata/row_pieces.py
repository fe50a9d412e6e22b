"""The pieces of a row that names a writer: a day, a count, a post, an agency, an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Final

from scraper.extraction.metadata.latin_bylines import is_likely_name
from scraper.extraction.metadata.outlet_names import agency_of
from scraper.extraction.metadata.person_names import is_usual_name
from scraper.extraction.metadata.posts import names_a_post
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile
from scraper.text.volatile_lines import lasting_part

__all__ = [
    "HAN_DATE",
    "is_count_or_age",
    "is_house",
    "is_post",
    "is_time_or_count",
    "row_names",
    "row_pieces",
    "without_house",
]

# Characters of a row of a name with what stands beside it.
_LONGEST: Final = 100

_DAY = lazy_compile(
    rf"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:{ENGLISH_MONTH}\.? \d{{1,2}}"
    rf"(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\.? {ENGLISH_MONTH}\.?)(?: (?:19|20)\d{{2}})?"
    r"|(?:19|20)\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}"
    r"|\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4})?",
    re.IGNORECASE,
)
# What a writer is, behind the name.
_POST = lazy_compile(
    r"(?:[a-z]{2,20}[ -]){0,3}(?:writer|reporter|editor|correspondent|columnist|contributor"
    r"|journalist)s?(?:-at-large|,? in (?-i:[A-Z])\w{2,20})?"
    r"|special (?:to|for) (?:the )?(?-i:[A-Z])[\w.’'-]{1,20}(?: (?-i:[A-Z])[\w.’'-]{1,20}){0,4}",
    re.IGNORECASE,
)
# A paper, an agency or a station by its name.
_HOUSE = lazy_compile(
    r"The [A-Z][\w.’'-]{1,20}(?: [A-Z][\w.’'-]{1,20}){0,3}"
    r"|(?:the )?(?:[A-Z][\w.’'-]{1,20} ){1,4}(?:Bulletin|Chronicle|Courier|Daily|Dispatch|Echo"
    r"|Examiner|Gazette|Globe|Guardian|Herald|Independent|Inquirer|Journal|Ledger|Magazine|Mail"
    r"|Mercury|Monitor|News|Observer|Post|Press|Radio|Record|Register|Review|Sentinel|Standard|Star"
    r"|Telegraph|Times|Tribune|TV|Week|Weekly|Wire)"
)
_FOR_HOUSE = lazy_compile(rf"(?P<name>.{{3,60}}?) (?:for|of) (?P<house>{_HOUSE.pattern})")
# From where, behind the post.
_TOWN = lazy_compile(r"(?:in )?[A-ZÀ-Þ][\w.’'-]{1,20}(?: [A-ZÀ-Þ][\w.’'-]{1,20}){0,2}")
_ACCOUNT = lazy_compile(r" \(?@\w{2,30}\)?$")
_PIECES = lazy_compile(r"\s?[|·•;]\s?|, (?:and )?| [–—-] | (?:and|&) |\s?/\s?")
# A whole date as Chinese pages print it.
HAN_DATE = lazy_compile(r"(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?")


def row_pieces(line: str) -> tuple[list[str], int]:
    """Return the pieces of a row, and how many accounts stand behind them."""
    pieces = [piece for piece in _PIECES.split(line) if piece]
    bare = [_ACCOUNT.sub("", piece) for piece in pieces]
    return bare, sum(one != other for one, other in zip(bare, pieces, strict=True))


def is_count_or_age(part: str) -> bool:
    """Return whether a part counts, or says how long ago something was, and is no date."""
    told = any(map(str.isdigit, part)) and not HAN_DATE.search(part)
    return told and not lasting_part(part)


def is_time_or_count(piece: str) -> bool:
    """Return whether a piece is a day, a time, or counts."""
    return _DAY.fullmatch(piece) is not None or is_count_or_age(piece)


def is_post(piece: str) -> bool:
    """Return whether a piece is a post at a paper, or an agency."""
    return _POST.fullmatch(piece) is not None or bool(agency_of(piece))


def is_house(piece: str) -> bool:
    """Return whether a piece is the name of a paper, an agency or a station."""
    return _HOUSE.fullmatch(piece) is not None


def without_house(piece: str) -> str:
    """Return the name before the house that its bearer writes for, or "" where there is none.

    Args:
        piece: such as ``Ann Lee for The Tern``.
    """
    match = _FOR_HOUSE.fullmatch(piece)
    return match["name"] if match is not None else ""


def row_names(line: str, small: Callable[[], Container[str]]) -> list[str]:
    """Return the writers whom a row names before their posts, accounts, the day and counts.

    "Ann Lee, Reuters", "Ann Lee and Bo Chen | Technology Editors | 3 March": the names come first,
    and one other piece at least says that it is such a row. An uncommon name is believed by its
    shape where a post, an agency or a house stands behind it: a day may stand behind anything.

    Args:
        line: the row.
        small: gives the words that the page writes small, which are none of a name.
    """
    if len(line) > _LONGEST or line.endswith((".", "?", "!", ":")):
        return []
    pieces, accounts = row_pieces(line)
    names: list[str] = []
    vouched = True
    others = posts = towns = 0
    for piece in pieces:
        name = piece.title() if piece.isupper() else piece
        before = without_house(name) if not others else ""
        usual = is_usual_name(before or name)
        if names and (is_post(piece) or names_a_post(piece) or is_house(piece)):
            others, posts = others + 1, posts + 1
        elif not others and (usual or is_likely_name(before or name, small)):
            names.append(before or piece)
            vouched = vouched and usual
            if before:
                others, posts = others + 1, posts + 1
        elif posts and not towns and _TOWN.fullmatch(piece):
            towns += 1
        elif names and is_time_or_count(piece):
            others += 1
        else:
            return []
    return names if (others + accounts if vouched else posts) else []
