"""A regular expression for texts of bounded length: what it can cost is bounded with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import copy
from typing import Self

from scraper.text.patterns import lazy_compile

__all__ = ["BoundedPattern"]


class BoundedPattern:
    """A pattern that matches nothing in a longer text than the longest it is meant for.

    For patterns of names, titles and single lines, whose time may grow faster than the text: a
    page can print a line of a million characters. `tests.patterns` holds each to its bound. It is
    compiled when it is first used.

    Args:
        pattern, flags: as for `re.compile`.
        longest: characters of the longest text that is looked at.
    """

    __slots__ = ("_compiled", "longest")

    def __init__(self, pattern: str, flags: int = 0, *, longest: int) -> None:
        self._compiled = lazy_compile(pattern, flags)
        self.longest = longest

    def bounded(self, longest: int) -> Self:
        """Return the same pattern for texts of another length; it is not compiled again."""
        other = copy(self)
        other.longest = longest
        return other

    @property
    def pattern(self) -> str:
        """The pattern as it was written."""
        return self._compiled.pattern

    @property
    def flags(self) -> int:
        """The flags with which it is compiled."""
        return self._compiled.flags

    @property
    def compiled(self) -> re.Pattern[str]:
        """The pattern without its bound, for who has seen to the length already."""
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match anywhere, None in a text that is too long."""
        return None if len(text) > self.longest else self._compiled.search(text)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """Return the match that begins at a place, None in a text that is too long."""
        return None if len(text) > self.longest else self._compiled.match(text, start)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return the match of the whole text, None of one that is too long."""
        return None if len(text) > self.longest else self._compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches in order, none in a text that is too long."""
        return iter(()) if len(text) > self.longest else self._compiled.finditer(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Return the text with its matches replaced; one that is too long as it is."""
        return text if len(text) > self.longest else self._compiled.sub(replacement, text)
