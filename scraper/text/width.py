"""Columns that a text takes where every East Asian wide character takes two."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

__all__ = ["columns", "columns_without_blanks"]


# Characters that are counted one by one before the pattern is made, which takes as long: a command
# that prints a table, or reads one page, has no more.
_ONE_BY_ONE = 50_000
_counted = 0
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


@cache
def _wide() -> re.Pattern[str]:
    """Return what matches a run of wide characters of the first plane.

    The others stand apart: a class that holds both is searched range by range.
    """
    runs: list[list[int]] = []
    for code in range(0x10000):
        if unicodedata.east_asian_width(chr(code)) not in "WF":
            continue
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in runs) + "]+")


def columns(text: str) -> int:
    """Return the columns of a text (Unicode Standard Annex 11: W and F take two).

    Combining marks and controls count one each.
    """
    if text.isascii():
        return len(text)
    global _counted
    if _counted < _ONE_BY_ONE:
        _counted += len(text)
        return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    wide = sum(map(len, _wide().findall(text)))
    wide += sum(unicodedata.east_asian_width(char) in "WF" for char in _ASTRAL.findall(text))
    return len(text) + wide


def columns_without_blanks(text: str) -> int:
    """Return the columns of a text without its blanks."""
    return columns("".join(text.split()))
