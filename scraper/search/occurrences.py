"""Where what a query asks for stands in a text as it was published.

The index knows that an article has all the characters and words of a phrase; whether they stand
together is read here. Texts are searched as they are, by patterns that hold every form of each
character, since to fold a text costs ten times as much as to search it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from scraper.search.query import All, Filter, Node, Not, Term, positive_terms
from scraper.search.spellings import Spelling, Unit, spellings
from scraper.search.terms import HAN, fold_char, thousands_joined
from scraper.text.chinese import traditional_forms
from scraper.text.patterns import lazy_compile

__all__ = ["holds", "score", "snippet", "spans"]

Spans = tuple[tuple[int, int], ...]

# Any character of a word that is not Chinese, or an accent; and any but digits and what is compared
# as one, such as a superscript.
_ACCENT = "[\u0300-\u036f]"
_WORD_CHAR = (f"[^\\W_{HAN}]", _ACCENT)
_LETTER = f"[^\\W\\d_{HAN}\u00b2\u00b3\u00b9\u2070-\u2089\u2460-\u24ff\u2776-\u2793]"
# Characters that are compared as several or as none, and rare ones that are compared as another and
# would make a pattern of all forms slow: a text with them is searched in another form.
_ODD_RANGES = (
    (0xAD, 0xAD), (0x300, 0x36F), (0x200B, 0x200F), (0x2060, 0x2064), (0xFB00, 0xFB06),
    (0xFEFF, 0xFEFF), (0x10400, 0x105FF), (0x1D400, 0x1D7FF), (0x2F800, 0x2FA1F),
)  # fmt: skip
_ODD = lazy_compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in _ODD_RANGES) + "]")
_INVISIBLE = frozenset(
    "\u00ad\u034f\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
)
# Where characters stand that are compared as another.
_COMPATIBLE = (
    (0x00A0, 0x2FDF), (0x3200, 0x33FF), (0xA640, 0xABFF), (0xF900, 0xFAFF), (0xFF01, 0xFFEE),
)  # fmt: skip
# Between Chinese and letters, and between words of a phrase: some spaces or signs, or a line break.
_NEAR, _BETWEEN, _VERSION = r"[\W_]{0,4}", r"[\W_]{1,8}", "[-\u2010-\u2013\u2212 ]?"
_NAME_AND_NUMBER = lazy_compile(r"([^\W\d_]+)([0-9].*)")
_BREAK = lazy_compile(r"[\n。！？!?]|(?<=[a-z0-9])\. ")
_ELLIPSIS = "…"
# More occurrences than these say nothing more of how much a text is about a word.
_MOST_COUNTED = 30
# Hits among which a snippet looks for the stretch with most of them.
_MOST_WEIGHED = 500
# A word of the headline counts as so many of the text.
_TITLE_WEIGHT = 4.0
# Okapi BM25's saturation and normalisation by length (Robertson and Zaragoza, 2009), where a usual
# text has so many characters.
_SATURATION, _LENGTH_SHARE, _USUAL_LENGTH = 1.2, 0.75, 2000


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    """Return all characters that are compared as a character, by that one."""
    found: dict[str, str] = {}
    for char, simple in traditional_forms():
        found[simple] = found.get(simple, simple) + char
    for code in chain.from_iterable(range(a, b + 1) for a, b in _COMPATIBLE):
        folded = fold_char(chr(code))
        if len(folded) == 1 and folded != chr(code):
            found[folded] = found.get(folded, folded) + chr(code)
    for code in range(0x61, 0x7B):
        found[chr(code)] = found.get(chr(code), chr(code)) + chr(code).upper()
    return found


def _literal(text: str, forms: bool) -> str:
    """Return a pattern of a text in the form in which it is compared."""
    if not forms:
        return re.escape(text)
    known = _forms()
    return "".join(
        f"[{re.escape(known[char])}]" if char in known else re.escape(char) for char in text
    )


def _number_with_commas(number: str, forms: bool) -> str:
    """Return a pattern of a whole number behind its first digit, with or without commas."""
    out = ""
    for at, digit in enumerate(number[1:], 1):
        left = len(number) - at
        out += (",?" if left % 3 == 0 else "") + _literal(digit, forms)
    return out


def _word(unit: Unit, forms: bool, *, begins: bool) -> str:
    """Return a pattern of a word with its signs.

    Args:
        unit: the word.
        forms: whether it holds every form of each character.
        begins: whether no word may go before it.
    """
    text = thousands_joined(unit.text)
    named = _NAME_AND_NUMBER.fullmatch(text)
    if named:
        head, rest = _literal(named[1], forms), _VERSION + _literal(named[2], forms)
    elif text.isdigit() and len(text) > 3:
        head, rest = _literal(text[0], forms), _number_with_commas(text, forms)
    else:
        head, rest = _literal(text, forms), ""
    if begins:
        # Behind the letters: a pattern is found fast by the letters with which it begins.
        head += "".join(f"(?<!{one}{head})" for one in _WORD_CHAR)
    if begins and unit.after and text[0].isdigit():
        head = "(?<![0-9][.,])" + head  # no 5% in 3.5%
    before = _literal(unit.before, forms) if unit.before else ""
    after = "" if not unit.after else " ?" + _literal(unit.after, forms)
    if unit.after == "+":
        after += r"(?!\+)"
    elif unit.after == "#":
        after += r"(?![^\W_])"
    return before + head + rest + after


def _pattern(spelling: Spelling, forms: bool) -> str:
    """Return a pattern of a spelling, where words begin and end as in the index."""
    out = ""
    last: Unit | None = None
    for unit in spelling.units:
        if last is not None:
            both_words = not unit.han and not last.han
            out += _BETWEEN if both_words else _NEAR
        if unit.han:
            out += _literal(unit.text, forms)
        else:
            begins = not unit.before and (last is None or last.han)
            out += _word(unit, forms, begins=begins) + _end(spelling, unit)
        last = unit
    return out


def _end(spelling: Spelling, unit: Unit) -> str:
    """Return what must not follow a word."""
    last = unit is spelling.units[-1]
    if unit.after or (spelling.prefix and last):
        return ""
    # The name in Qwen2.5 is a word, too.
    is_name = last and len(unit.text) > 2 and not any(map(str.isdigit, unit.text))
    return "".join(f"(?!{one})" for one in ((_LETTER, _ACCENT) if is_name else _WORD_CHAR))


@lru_cache(maxsize=512)
def _compiled(term: Term, forms: bool) -> re.Pattern[str] | None:
    """Return the pattern of a term, or None where no such text can hold it.

    Args:
        term: words that stand one after the other.
        forms: for any text; else for one that is ASCII and in lower case.
    """
    made = [
        _pattern(spelling, forms)
        for spelling in spellings(term)
        if forms or all(unit.text.isascii() for unit in spelling.units)
    ]
    return re.compile("|".join(made)) if made else None


@lru_cache(maxsize=512)
def _in_ascii(term: Term) -> bool:
    """Whether a term has no spelling but such as have ASCII characters alone."""
    return all(unit.text.isascii() for spelling in spellings(term) for unit in spelling.units)


@lru_cache(maxsize=1)
def _other_forms() -> frozenset[str]:
    """Return the characters that are compared as ASCII ones, or as several, or as none."""
    alike = {c for char, forms in _forms().items() if char.isascii() for c in forms}
    odd = {chr(code) for a, b in _ODD_RANGES for code in range(a, b + 1)}
    return frozenset(c for c in alike | odd if not c.isascii())


class _Searched:
    """A text in the form in which it is searched; the other one is made where it is needed."""

    __slots__ = ("_literal", "_lower", "_odd", "_plain", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain = text.isascii()
        self._lower = text.lower()
        self._odd: tuple[str, list[int]] | None = None
        self._literal: bool | None = None

    def find(self, term: Term) -> Iterator[tuple[int, int]]:
        """Yield where a term stands."""
        if self._plain:
            pattern = _compiled(term, False)
            if pattern is not None:
                yield from (match.span() for match in pattern.finditer(self._lower))
            return
        pattern = _compiled(term, True)
        if pattern is None:
            return
        met = False
        for match in pattern.finditer(self.text):
            met = True
            yield match.span()
        if not met and _ODD.search(self.text):
            form, places = self._odd_form()
            for match in pattern.finditer(form):
                yield places[match.start()], places[match.end() - 1] + 1

    def _odd_form(self) -> tuple[str, list[int]]:
        """Return the text without what is not seen, and where each character stood."""
        if self._odd is None:
            chars: list[str] = []
            places: list[int] = []
            for at, char in enumerate(self.text):
                for one in "" if char in _INVISIBLE else fold_char(char):
                    chars.append(one)
                    places.append(at)
            self._odd = "".join(chars), places
        return self._odd

    def _is_literal(self) -> bool:
        """Return whether all ASCII characters of a term stand in the text as themselves, if any."""
        if self._literal is None:
            self._literal = _other_forms().isdisjoint(self.text)
        return self._literal

    def has(self, term: Term) -> bool:
        """Return whether a term stands in the text."""
        return self.count(term, 1) > 0

    def count(self, term: Term, most: int = _MOST_COUNTED) -> int:
        """Return how often a term stands in the text, up to a number that says enough."""
        pattern = _compiled(term, False)
        if pattern is not None:
            # A literal is found much faster than all forms of its letters, which are rare.
            found = sum(1 for _ in islice(pattern.finditer(self._lower), most))
            if found or self._plain or (_in_ascii(term) and self._is_literal()):
                return found
        return sum(1 for _ in islice(self.find(term), most))


def holds(
    node: Node, title: str, text: str, condition: Callable[[Filter], bool] = lambda _: True
) -> bool:
    """Return whether an article is what a query asks for.

    Args:
        node: the tree of the query.
        title, text: of the article.
        condition: whether a condition of the query holds for it.
    """
    return _holds(node, _Searched(title), _Searched(text), condition)


def _holds(
    node: Node, title: _Searched, text: _Searched, condition: Callable[[Filter], bool]
) -> bool:
    if isinstance(node, Term):
        return title.has(node) or (not node.in_title and text.has(node))
    if isinstance(node, Filter):
        return condition(node)
    if isinstance(node, Not):
        return not _holds(node.part, title, text, condition)
    together = all if isinstance(node, All) else any
    return together(_holds(part, title, text, condition) for part in node.parts)


def score(node: Node | None, title: str, text: str) -> float:
    """Return how much an article is about what a query asks for; more is better.

    Okapi BM25 without the rarity of a word, since all words of a query must be there; a word of the
    headline counts more than one of the text.
    """
    in_title, in_text = _Searched(title), _Searched(text)
    length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * len(text) / _USUAL_LENGTH
    total = 0.0
    for term in positive_terms(node):
        times = in_title.count(term) * _TITLE_WEIGHT
        headline = times > 0
        if not term.in_title:
            times += in_text.count(term) / length
        total += times / (times + _SATURATION) + headline
    return total


def spans(text: str, node: Node | None, *, title: bool = False) -> Spans:
    """Return where the terms of a query stand in `text`: ``[start, end)``, in order, apart.

    Args:
        text: as it was published.
        node: the tree of the query.
        title: whether `text` is a headline: terms of headlines alone stand in no other.
    """
    searched = _Searched(text)
    found: list[tuple[int, int]] = []
    taken = bytearray(len(text))
    terms = {term: None for term in positive_terms(node) if title or not term.in_title}
    for term in sorted(terms, key=lambda term: -len(term.text)):
        for start, end in searched.find(term):
            if start < end and not any(taken[start:end]):
                found.append((start, end))
                taken[start:end] = b"\1" * (end - start)
    return tuple(sorted(found))


def snippet(text: str, inside: Sequence[tuple[int, int]], *, width: int = 160) -> tuple[str, Spans]:
    """Return the stretch of `text` with most hits, and where they stand in it.

    Args:
        text: the published text.
        inside: where the hits stand in it.
        width: characters of the stretch, at most; ellipses come on top.
    """
    best = max(
        range(min(len(inside), _MOST_WEIGHED)),
        key=lambda i: (sum(e <= inside[i][0] + width * 2 // 3 for _, e in inside[i : i + 40]), -i),
        default=None,
    )
    start = 0 if best is None else max(0, inside[best][0] - width // 3)
    if start:
        # Begin with a sentence where one begins near.
        broken = [m.end() for m in _BREAK.finditer(text, start, inside[best or 0][0])]
        start = broken[0] if broken else start
    end = min(len(text), start + width)
    head = _ELLIPSIS if start else ""
    tail = _ELLIPSIS if end < len(text) else ""
    shift = len(head) - start
    shown = tuple((s + shift, e + shift) for s, e in inside if s >= start and e <= end)
    return head + text[start:end].replace("\n", " ") + tail, shown
