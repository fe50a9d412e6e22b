"""The words by which stories are compared: stems, and pairs of Chinese characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from scraper.text.patterns import lazy_compile

__all__ = ["HAN", "clean_headline", "names", "own_terms", "stem", "words"]

HAN = lazy_compile("[\u3400-\u9fff]+")
_WORD = lazy_compile(r"[a-z0-9]+(?:[.'’+\-&][a-z0-9]+)*\+*")
_CAPITALISED = lazy_compile(r"[A-Z]\w*(?:[.'’\-&+]\w+)*")
_SMALL = lazy_compile(r"(?<![\w])[a-z][a-z'’]+")
_PARTS = lazy_compile(r"[-&]")
_COMMON = frozenset(
    """
    a an the of to in on for and or with by at from as is are was were be been it its this that
    these those he she they we you i his her their our your my me him them us not no but if than
    then so do does did has have had will would can could may might after before over under into
    out up down new says say said more most about who what when where which while amid also one two
    all any how why u s t d ll re ve just now here there only very too own same such both each other
    some being during between through again once off above below until against because get got make
    made still even
    """.split()  # noqa: SIM905
)
# Endings that are removed, and what replaces them.
_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""),
    ("ly", ""),
)  # fmt: skip
_VOWELS = "aeious"
# What forums and press agencies put before a headline, and outlets after it.
_TAG = lazy_compile(
    r"\s*(?:[\[【][^\]】\n]{1,20}[\]】]\s*)+|(?:show|ask|tell|launch) hn\s*[:：]\s*", re.IGNORECASE
)
_TAIL = lazy_compile(r"\s[-–—|]\s[^-–—|\n]{2,30}$")
_LONGEST_HEADLINE = 400
_SHORTEST_HEADLINE = 12
_SENTENCE_END = '.!?:"“”\n'


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a folded English word without its ending; coarse, but the same for both texts."""
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) < 4 or any(char.isdigit() for char in word):
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in _VOWELS:
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] == "e" else word


def words(folded: str) -> Iterator[str]:
    """Yield the stems of the Latin words and figures of a folded text, without common words."""
    for match in _WORD.finditer(folded):
        word = match[0]
        if word in _COMMON:
            continue
        whole = any(char.isdigit() for char in word)
        for part in (word,) if whole else _PARTS.split(word):
            if part and part not in _COMMON and (root := stem(part.strip("'’"))):
                yield root


def own_terms(folded: str) -> Counter[str]:
    """Count the terms of a folded text in its own language: stems, and pairs of characters."""
    found = Counter(words(folded))
    for run in HAN.findall(folded):
        found.update(run[i : i + 2] for i in range(len(run) - 1)) if len(run) > 1 else found.update(
            [run]
        )
    return found


def names(text: str) -> Counter[str]:
    """Count the stems of an English text's capitalised words, except at the start of a sentence."""
    small = set(_SMALL.findall(text))
    found: Counter[str] = Counter()
    for match in _CAPITALISED.finditer(text):
        word, start = match[0].lower(), match.start()
        before = text[max(0, start - 3) : start].rstrip(" ")
        begins = start == 0 or before == "" or before[-1] in _SENTENCE_END
        if word in _COMMON or word in small:
            continue
        if not begins or any(char.isdigit() for char in word):
            found[stem(word)] += 1
    return found


def clean_headline(title: str) -> str:
    """Return a headline without a forum's tag before it and an outlet's name behind it."""
    title = " ".join(title[:_LONGEST_HEADLINE].split())
    tag = _TAG.match(title)
    rest = title[tag.end() :] if tag else title
    tail = _TAIL.search(rest)
    if tail and tail.start() >= _SHORTEST_HEADLINE:
        rest = rest[: tail.start()]
    return rest or title
