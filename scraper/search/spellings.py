"""How words that are searched for may be spelt in a text: in both scripts, with any spacing.

A term of a query is read by the rules by which `scraper.search.terms` reads a text, and becomes one
or several spellings: rows of units, each a run of Chinese characters or a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from scraper.record import record
from scraper.search.query import Term
from scraper.search.terms import (
    HAN,
    LONGEST_TERM,
    SHORT_PREFIX,
    comparable,
    pairs,
    prefix_term,
    thousands_joined,
)
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["Spelling", "Unit", "spellings"]

_MOST_SPELLINGS = 16

_UNIT = lazy_compile(
    f"([{HAN}]+)"
    # A number with its points or commas, within a name or by itself, or any other word.
    f"|([#$@\u00a3\u00a5\u20ac]?)((?:(?![{HAN}])[^\\W_])*[0-9](?:[.,][0-9]+){{1,3}}[a-z]{{0,12}}"
    f"|(?:(?![{HAN}])[^\\W_])+)((?:\\+\\+?|%|\u2030| %|#(?![^\\W_]))?)"
)
# A number with a point, without the letters behind it.
_FIGURES = lazy_compile(r"[^\W_]*[0-9][.,][0-9]+(?:[.,][0-9]+){0,2}")
_NAME = lazy_compile(r"[^\W\d_]+")
# Letters that are typed as others where a keyboard has none of them.
_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i",
    "ĳ": "ij",
}  # fmt: skip
# A version by one of the letters that are used for it, and a name that goes before it unparted.
_LETTERED_VERSION = lazy_compile(r"[kmrvx][0-9]{1,3}")
_JOINED_VERSION = lazy_compile(r"([^\W\d_]{3,40})([kmrvx][0-9]{1,3})")
_LEAST_NAME = 3
# Between a name and its version; as in `scraper.search.terms`.
_VERSION_GAPS = frozenset(("", "-", " ", "\u2010", "\u2011", "\u2012", "\u2013", "\u2212"))


@record
class Unit:
    """A run of Chinese characters, or a word.

    Attributes:
        text: as it is compared; a name with its version is one word ("qwen2.5").
        han: whether it is Chinese.
        before, after: a sign that belongs to it ("$", "%"), or "".
        gap: what parts it from the unit before, as typed.
    """

    text: str
    han: bool
    before: str = ""
    after: str = ""
    gap: str = ""

    @property
    def parted(self) -> bool:
        """Whether it is a number with a point and letters behind: 1.5b."""
        return self.text[-1:].isalpha() and ("." in self.text or "," in self.text)


@record
class Spelling:
    """One spelling of a term.

    Attributes:
        units: what stands one after the other.
        prefix: whether the last word may go on.
    """

    units: tuple[Unit, ...]
    prefix: bool = False

    @property
    def exact(self) -> bool:
        """Whether an article that has all `terms` is sure to have this spelling."""
        (first, *more) = self.units
        if more or first.before or (first.after and first.parted):
            return False
        if not first.han and not (first.text.isalpha() or first.text.isdecimal()):
            # The index has "v2" of "2v2", too.
            return False
        return len(first.text) <= (2 if first.han else LONGEST_TERM)

    def terms(self, mark: str = "") -> tuple[tuple[str, bool], ...]:
        """Return the terms of the index that it consists of.

        Args:
            mark: "", `terms.IN_TITLE` or `terms.OFTEN`.

        Returns:
            Each with whether it may go on.
        """
        found: list[tuple[str, bool]] = []
        for number, unit in enumerate(self.units, 1):
            if unit.han:
                found += [(mark + term, False) for term in pairs(unit.text)]
                if len(unit.text) == 1:
                    found.append((mark + unit.text, False))
            elif self.prefix and number == len(self.units):
                start = unit.text[:LONGEST_TERM]
                # A name with a number may stand as two words, "o-1", whose beginnings are others.
                is_one_word = start.isalpha() or start.isdecimal()
                if len(start) <= SHORT_PREFIX and is_one_word and not mark:
                    found.append((prefix_term(start), False))
                else:
                    found.append((mark + start, True))
            else:
                word = thousands_joined(unit.text)
                if unit.before:
                    # The index has the sign with the figures that follow: "$1.5" of "$1.5bn",
                    # and "$100.5" where "$100" is meant.
                    signed = unit.before + (_FIGURES.match(word) or [word])[0]
                    found.append((mark + signed[:LONGEST_TERM], True))
                if unit.after or not unit.before:
                    after = "" if unit.parted else unit.after
                    found.append((mark + (word + after)[:LONGEST_TERM], False))
        return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def spellings(term: Term) -> tuple[Spelling, ...]:
    """Return the spellings of a term, the typed one first; none where it holds no word."""
    units = _units(term.text)
    if not units:
        return ()
    rows: list[tuple[Unit, ...]] = [()]
    for unit in units:
        others = _in_words(unit.text) if unit.han else _in_letters(unit.text)
        rows = [
            (*row, Unit(text=text, han=unit.han, before=unit.before, after=unit.after,
                        gap=unit.gap))
            for text in others
            for row in rows
        ][:_MOST_SPELLINGS]  # fmt: skip
    prefix = term.prefix and not units[-1].han
    rows = list(dict.fromkeys([*rows, *(other for row in rows for other in _other_joints(row))]))
    return tuple(Spelling(units=row, prefix=prefix) for row in rows)


def _units(text: str) -> list[Unit]:
    folded = comparable(text)
    units: list[Unit] = []
    end = 0
    for match in _UNIT.finditer(folded):
        run, before, word, after = match.groups()
        gap, end = folded[end : match.start()], match.end()
        if run:
            units.append(Unit(text=run, han=True, gap=gap))
            continue
        unit = Unit(text=word, han=False, before=before, after=after.strip(), gap=gap)
        if units and _is_version(units[-1], unit):
            name = units.pop()
            word = name.text + thousands_joined(word)
            unit = Unit(text=word, han=False, before=name.before, after=unit.after, gap=name.gap)
        units.append(unit)
    return units


def _is_version(name: Unit, number: Unit) -> bool:
    """Return whether the index holds a name and the number behind it as one word."""
    return (
        not name.han
        and not name.after
        and not number.before
        and not ((number.after or name.before) and number.gap)
        and number.text[0].isdigit()
        and number.gap in _VERSION_GAPS
        and _NAME.fullmatch(name.text) is not None
    )


def _in_letters(word: str) -> Sequence[str]:
    """Return a word, and how it is written by those who have no letter that it has."""
    plain = "".join(_LETTERS.get(char, char) for char in word)
    return (word,) if plain == word else (word, plain)


def _other_joints(row: tuple[Unit, ...]) -> Iterator[tuple[Unit, ...]]:
    """Yield a row with a name and its lettered version as one word, or as two: DeepSeekV3."""
    for at, unit in enumerate(row):
        if unit.han or unit.before or unit.after:
            continue
        joined = _JOINED_VERSION.fullmatch(unit.text)
        if joined:
            name = Unit(text=joined[1], han=False, gap=unit.gap)
            yield (*row[:at], name, Unit(text=joined[2], han=False), *row[at + 1 :])
        before = row[at - 1] if at else None
        if (
            before is not None
            and not (before.han or before.before or before.after)
            and unit.gap in _VERSION_GAPS
            and len(before.text) >= _LEAST_NAME
            and before.text.isalpha()
            and _LETTERED_VERSION.fullmatch(unit.text)
        ):
            name = Unit(text=before.text + unit.text, han=False, gap=before.gap)
            yield (*row[: at - 1], name, *row[at + 1 :])


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[str, ...]]:
    """Return words with the other ways in which the regions write them, all folded."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ("words.tsv", "region_words.tsv"):
        text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            group = [fold(word) for word in line.split("\t")]
            for word in group:
                others = (*found.get(word, ()), *(other for other in group if other != word))
                found[word] = tuple(dict.fromkeys(others))
    return found


@lru_cache(maxsize=1)
def _longest_word() -> int:
    return max(map(len, _words()), default=0)


def _in_words(run: str) -> Sequence[str]:
    """Return a run with its words as each region writes them, itself first."""
    found = {run: None}
    for start, end, others in _variants(run):
        for other in others:
            for known in list(found):
                if len(found) < _MOST_SPELLINGS:
                    found.setdefault(known[:start] + other + known[end:])
    return tuple(found)


def _variants(run: str) -> Iterator[tuple[int, int, Sequence[str]]]:
    words, longest = _words(), _longest_word()
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + longest) + 1):
            others = words.get(run[start:end])
            if others:
                yield start, end, others
