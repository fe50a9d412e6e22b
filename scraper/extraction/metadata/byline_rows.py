"""Rows of names: several writers side by side, each in an element of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scraper.extraction.metadata.evidence_lines import EvidenceLine
from scraper.extraction.metadata.posts import names_a_post
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only

__all__ = ["is_row_of", "row_of", "rows_of"]

# Characters of a line of names, and letters beside the names: By, and.
_ROW: Final = 120
_REST: Final = 5
# What others than the writers did.
_OTHER_DEED = lazy_compile(
    r"\b(?:review|edit|fact|check|medical|photo|illustrat|translat|updated by)"
    r"|编辑|編輯|审|審|摄|攝|图|圖",
    re.IGNORECASE,
)


def rows_of(lines: Sequence[EvidenceLine]) -> list[str]:
    """Return the lines below the headline, "" for those that are no row of names."""
    return [
        line.text if len(line.text) < _ROW and not line.other else ""
        for line in lines
        if line.zone in ("headline", "head") and line.distance > 0
    ]


def row_of(text: str, rows: Sequence[str]) -> int:
    """Return the first row that holds a name, or a number that is far from all."""
    return next((at for at, row in enumerate(rows) if text in row), -9)


def is_row_of(
    first: tuple[str, int], second: tuple[str, int], rows: Sequence[str], usual: bool
) -> bool:
    """Return whether two names, each with its row, stand side by side as those of writers.

    Args:
        first, second: the names in their order.
        rows: lines below the headline.
        usual: whether the second is surely that of a person.
    """
    (known, above), (name, at) = first, second
    if (
        at < 0
        or not 0 <= at - above <= 1
        or _OTHER_DEED.search(" ".join(rows[max(0, at - 1) : at + 1]))
    ):
        return False
    if usual or all(
        names_a_post(rows[row].replace(one, "").strip(" ,|·–—-"))
        for one, row in ((known, above), (name, at))
    ):
        return True
    rest = rows[at].replace(known, "").replace(name, "")
    return at == above and len(letters_only(rest)) <= _REST
