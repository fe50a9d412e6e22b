"""What a text must hold for a regular expression to match in it, told from the expression itself.

Most lines match none of a table of patterns, and hold none of the words that they are made of. One
search for the words of all patterns (Aho and Corasick, 1975) tells which of them are worth trying.
The words are found as RE2 finds its prefilters (Cox, 2010, "Regular expression matching in the
wild"): strings that stand one behind another are joined, those of alternatives are gathered.

To tell them of our own patterns takes longer than to read a page with them: `required_words.json`
has them by the hash of the pattern, written by ``python -m tests.required_words``. What is not in
it is told when it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from itertools import product
from pathlib import Path
from re import _casefix, _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Final, NamedTuple

import ahocorasick

__all__ = ["PatternIndex", "folded", "is_told", "key_of", "required_words", "words_of"]

# Strings of a sequence, and words of a pattern, that are kept apart at most.
_MOST_STRINGS: Final = 48
_MOST_WORDS: Final = 200
# Characters of a class that are told one by one.
_FEW: Final = 6
_KEY_DIGITS: Final = 16
# Letters of the shortest of a pattern's words; a Chinese character tells as much as three.
_LEAST: Final = 2.0
_ENOUGH: Final = 6.0
# Characters whose small letter is another one to an expression that ignores case.
_ODD: Final = {ord("İ"): "i", ord("ı"): "i", ord("ſ"): "s"}
# Letters that have other small forms, but for the above.
_MANY_FORMS: Final = frozenset(_casefix._EXTRA_CASES) - {ord("i"), ord("s")}
_NOTHING: Final = frozenset(("",))


class _Told(NamedTuple):
    """What is known of the texts that a part of a pattern matches.

    Attributes:
        whole: all strings that it matches, in small letters; None where they are not known.
        words: strings of which one stands in each match, or near it; None where none are known.
    """

    whole: frozenset[str] | None
    words: frozenset[str] | None


_UNKNOWN: Final = _Told(None, None)
_EMPTY: Final = _Told(_NOTHING, None)


def folded(text: str) -> str:
    """Return a text in the form in which `required_words` stand in it."""
    if text.isascii():
        return text.lower()
    if "İ" in text or "ı" in text or "ſ" in text:
        text = text.translate(_ODD)
    return text.lower()


def required_words(pattern: str, flags: int) -> frozenset[str] | None:
    """Return words of which one stands in each text that a pattern matches, None where none do.

    Args:
        pattern, flags: as for `re.compile`.
    """
    told = _sequence(_parser.parse(pattern, flags))
    return _better(told.words, told.whole)


@cache
def _told_before() -> Mapping[str, Sequence[str] | None]:
    """Return the required words of our own patterns, by their keys."""
    text = Path(__file__).with_name("required_words.json").read_text(encoding="utf-8")
    told: dict[str, Sequence[str] | None] = json.loads(text)
    return told


def key_of(pattern: str, flags: int) -> str:
    """Return the key of a pattern in `required_words.json`."""
    return sha256(f"{int(flags)} {pattern}".encode()).hexdigest()[:_KEY_DIGITS]


def is_told(pattern: str, flags: int) -> bool:
    """Return whether `required_words.json` has a pattern, which then can be compiled."""
    return key_of(pattern, flags) in _told_before()


def words_of(pattern: str, flags: int) -> Collection[str] | None:
    """Return the required words of a pattern, told before where they were."""
    told, key = _told_before(), key_of(pattern, flags)
    return told[key] if key in told else required_words(pattern, flags)


@lru_cache(maxsize=10_000)
def _worth_of(word: str) -> float:
    return sum(3.0 if sign >= "\u2e80" else float(sign.isalnum()) for sign in word)


def _worth(words: Collection[str]) -> float:
    """Return how much the poorest of some words tells."""
    return min(map(_worth_of, words))


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Return which of two sets of words tells more, None where neither tells anything."""
    known = [
        words
        for words in (one, other)
        if words and len(words) <= _MOST_WORDS and _worth(words) >= _LEAST
    ]
    return max(known, key=lambda w: (min(_worth(w), _ENOUGH), -len(w)), default=None)


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Told:
    strings: frozenset[str] = _NOTHING  # those that the parts since the last unknown one match
    words: frozenset[str] | None = None
    is_whole = True
    for op, value in items:
        part = _part(op, value)
        if part.words is not None:
            words = _better(words, part.words)
        if part.whole is not None and len(strings) * len(part.whole) <= _MOST_STRINGS:
            if part.whole is not _NOTHING:
                strings = frozenset([a + b for a, b in product(strings, part.whole)])
            continue
        is_whole = False
        if strings is not _NOTHING:
            words = _better(words, strings)
        strings = part.whole if part.whole is not None else _NOTHING
    if is_whole:
        return _Told(strings, words)
    return _Told(None, words if strings is _NOTHING else _better(words, strings))


def _part(op: Any, value: Any) -> _Told:
    known = _PARTS.get(op)
    return known(value) if known is not None else _UNKNOWN


def _literal(code: int) -> _Told:
    if code in _MANY_FORMS or code in _ODD:
        return _UNKNOWN
    small = chr(code).lower()
    return _Told(frozenset((small,)), None) if len(small) == 1 else _UNKNOWN


def _class(items: Sequence[tuple[Any, Any]]) -> _Told:
    if len(items) > _FEW or any(op is not _constants.LITERAL for op, _ in items):
        return _UNKNOWN
    told = [_literal(code).whole for _, code in items]
    return _Told(_union(told), None)


def _union(sets: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """Return what is in any of some sets, None where one of them is not known."""
    known = [one for one in sets if one is not None]
    return frozenset[str]().union(*known) if len(known) == len(sets) else None


def _branch(value: tuple[Any, Sequence[Any]]) -> _Told:
    told = [_sequence(items) for items in value[1]]
    whole = _union([one.whole for one in told])
    words = _union([_better(one.words, one.whole) for one in told])
    return _Told(whole if whole is None or len(whole) <= _MOST_STRINGS else None, words)


def _repeat(value: tuple[int, Any, Any]) -> _Told:
    least, most, items = value
    told = _sequence(items)
    if least == 0:
        once = most == 1 and told.whole is not None
        return _Told((told.whole or _NOTHING) | _NOTHING if once else None, None)
    if least == most == 1:
        return told
    return _Told(None, _better(told.words, told.whole))


def _around(value: tuple[int, Any]) -> _Told:
    """Return what an assertion tells of the text around a match."""
    told = _sequence(value[1])
    return _Told(_NOTHING, _better(told.words, told.whole))


_PARTS: Final[dict[Any, Callable[[Any], _Told]]] = {
    _constants.LITERAL: _literal,
    _constants.IN: _class,
    _constants.BRANCH: _branch,
    _constants.MAX_REPEAT: _repeat,
    _constants.MIN_REPEAT: _repeat,
    _constants.POSSESSIVE_REPEAT: _repeat,
    _constants.SUBPATTERN: lambda value: _sequence(value[3]),
    _constants.ATOMIC_GROUP: _sequence,
    _constants.AT: lambda _: _EMPTY,
    _constants.ASSERT: _around,
    _constants.ASSERT_NOT: lambda _: _EMPTY,
}


class PatternIndex:
    """Which of some patterns may match a text, by the words that each needs.

    Args:
        patterns: expressions and their flags.
    """

    def __init__(self, patterns: Iterable[tuple[str, int]]) -> None:
        self._always = 0
        masks: dict[str, int] = {}
        for number, (pattern, flags) in enumerate(patterns):
            words = words_of(pattern, flags)
            if words is None:
                self._always |= 1 << number
            for word in words or ():
                masks[word] = masks.get(word, 0) | 1 << number
        self._finder = ahocorasick.Automaton()
        for word, mask in masks.items():
            self._finder.add_word(word, mask)
        self._finder.make_automaton()
        self._is_empty = not masks

    def may_match(self, text: str) -> int:
        """Return a number whose nth bit tells whether the nth pattern may match in a text."""
        found = self._always
        if not self._is_empty:
            for _, mask in self._finder.iter(folded(text)):
                found |= mask
        return found
