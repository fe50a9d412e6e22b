"""The pieces of a row that names a writer: a day, a count, a post, an agency, an account."""

from __future__ import annotations

import re
from typing import Final

from scraper.extraction.metadata.outlet_names import agency_of
from scraper.extraction.metadata.person_names import is_usual_name
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile
from scraper.text.volatile_lines import lasting_part

__all__ = [
    "HAN_DATE",
    "is_count_or_age",
    "is_post",
    "is_time_or_count",
    "row_names",
    "row_pieces",
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
    r"(?:[A-Za-z]{2,20}[ -]){0,3}(?:[Ww]riter|[Rr]eporter|[Ee]ditor|[Cc]orrespondent|[Cc]olumnist"
    r"|[Cc]ontributor|WRITER|REPORTER|EDITOR|CORRESPONDENT|COLUMNIST|CONTRIBUTOR)"
)
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
    """Return whether a piece is what a writer is, or an agency."""
    return _POST.fullmatch(piece) is not None or bool(agency_of(piece))


def row_names(line: str) -> list[str]:
    """Return the writers whom a row names before their posts, accounts, the day and counts.

    "Ann Lee, Reuters", "Ann Lee and Bo Chen | Technology Editors | 3 March": the names come first,
    and one other piece at least says that it is such a row.

    Args:
        line: the row.
    """
    if len(line) > _LONGEST or line.endswith((".", "?", "!", ":")):
        return []
    pieces, accounts = row_pieces(line)
    names: list[str] = []
    others = 0
    for piece in pieces:
        name = piece.title() if piece.isupper() else piece
        if not others and is_usual_name(name):
            names.append(piece)
        elif names and (is_post(piece) or is_time_or_count(piece)):
            others += 1
        else:
            return []
    return names if others + accounts else []
