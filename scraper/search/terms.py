"""What the index holds of a text: its words, Chinese by character and by pair, names with versions.

The index knows which terms an article has, not where they stand: that is read in the stored text
(`scraper.search.occurrences`), so the index stays small. Everything here is a function of its
argument alone; raise `scraper.archive.search_index.SEGMENTATION` whenever a text gives other terms
than before.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.chinese import fold
from scraper.text.invisible import without_invisible
from scraper.text.patterns import lazy_compile

__all__ = [
    "BY_AUTHOR",
    "HAN",
    "IN_TITLE",
    "LONGEST_TERM",
    "OFTEN",
    "SHORT_PREFIX",
    "comparable",
    "fold_char",
    "pairs",
    "prefix_term",
    "row_terms",
    "thousands_joined",
]

# Written without spaces between words: ideographs with their iteration marks, and kana.
HAN: Final = (
    "\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
# Private characters that begin a term of another meaning; no text has them in a word.
IN_TITLE: Final = "\ue000"  # the term stands in the headline
OFTEN: Final = "\ue001"  # the text is much about it: it stands there again and again
BY_AUTHOR: Final = "\ue003"  # the term stands in an author's name
_PREFIX: Final = "\ue002"  # some word begins so
# A prefix of more characters is looked up among the terms themselves.
SHORT_PREFIX: Final = 3
LONGEST_TERM: Final = 64
# A term stands often in a text from so many times, and from one in so many characters.
_OFTEN_TIMES, _OFTEN_SHARE = 3, 1500
# A name without its number is a word of so many letters: "qwen" of Qwen2.5, not the "r" of R1.
_LEAST_NAME = 3

# Longest name and number that are looked at before a number or a sign.
_AROUND = 40

_RUN = lazy_compile(f"[{HAN}]+")
_WORD = lazy_compile(r"[^\W_]+")
# A number with what belongs to it: 2.5, 3.1.4, 100,000, 4o, 405b.
_NUMBER = lazy_compile(r"(?<!\d)[0-9]+(?:[.,][0-9]+){0,3}[a-z]{0,12}(?![^\W_])")
# What may stand before it: the name whose version it is, with or without a hyphen or a space.
_NAME_BEFORE = BoundedPattern("([^\\W\\d_]+)[-\u2010-\u2013\u2212 ]?$", longest=_AROUND)
_HEAD = lazy_compile("([^\\W\\d_]{3,})[0-9]")
_THOUSANDS = lazy_compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_SIGN_BEFORE = lazy_compile("[#$@\u00a3\u00a5\u20ac](?=[^\\W_])")
_SIGN_AFTER = lazy_compile(r"(?:\+\+?|[%\u2030]|#(?![^\W_])| %)")
_WORD_AT = lazy_compile(r"[^\W_]+(?:[.,][0-9]+){0,3}")
_WORD_END = BoundedPattern(r"(?:[0-9]+(?:[.,][0-9]+){0,3}|[^\W_]+)$", longest=_AROUND)


_LIGATURES = range(0xFB00, 0xFB07)


class _CharFolds(dict[int, int | str | None]):
    """Character table that fills itself: how a character is compared."""

    def __missing__(self, code: int) -> int | str | None:
        folded = fold(chr(code))
        found: int | str | None = ord(folded)
        parts = unicodedata.normalize("NFKD", folded)
        if 0x300 <= code <= 0x36F:
            found = None  # an accent by itself
        elif folded.isalnum() and not chr(code).isalnum():
            found = code  # a letter in a circle is a sign
        elif len(parts) > 1 and parts[0].isascii() and parts[0].isalnum():
            letters = "".join(c for c in parts if not unicodedata.combining(c))
            if (
                letters.isascii()
                and letters.isalnum()
                and (len(letters) == 1 or code in _LIGATURES)
            ):
                found = letters.lower()
        self[code] = found
        return found


_FOLDS = _CharFolds()


def fold_char(char: str) -> str:
    """Return how a character is compared: several for a ligature, "" for an accent alone."""
    found = _FOLDS[ord(char)]
    return chr(found) if isinstance(found, int) else found or ""


def comparable(text: str) -> str:
    """Return `text` as it is compared: case, width, script, accents, ligatures, joiners aside."""
    if text.isascii():
        return text.lower()
    return without_invisible(text).translate(_FOLDS)


def pairs(run: str) -> Iterator[str]:
    """Return the overlapping pairs of a run of Chinese characters."""
    return map(str.__add__, run, run[1:])


def prefix_term(prefix: str) -> str:
    """Return the term that stands for all words with a short prefix."""
    return _PREFIX + prefix


def thousands_joined(number: str) -> str:
    """Return a number without the commas between its thousands, any other as it is."""
    return number.replace(",", "") if _THOUSANDS.fullmatch(number) else number


def _terms(text: str) -> tuple[Counter[str], set[str]]:
    """Return the plain terms of a text, each with how often it stands there, and its words."""
    folded = comparable(text)
    found: list[str] = []
    if not folded.isascii():
        for run in _RUN.findall(folded):
            found += run
            found += pairs(run)
        if found:
            folded = _RUN.sub(" ", folded)
    words = _WORD.findall(folded)
    distinct = set(words)
    found += words
    found += _names(distinct)
    found += _numbers(folded)
    found += _signed(folded)
    return Counter(found), distinct


def _names(words: Iterable[str]) -> Iterator[str]:
    """Yield the name in each word of a name and a number."""
    for word in words:
        if not word.isalpha() and not word.isdigit():
            head = _HEAD.match(word)
            if head and len(head[1]) >= _LEAST_NAME:
                yield head[1]


def _numbers(folded: str) -> Iterator[str]:
    """Yield decimal numbers, numbers with thousands, and names with their versions."""
    for match in _NUMBER.finditer(folded):
        start = match.start()
        number = thousands_joined(match[0])
        name = _NAME_BEFORE.search(folded[max(0, start - _AROUND) : start])
        versions = list(_prefixes(number))
        if name is None or name.end() > name.end(1):
            yield from versions
            yield number
        if name is not None:
            yield name[1] + number
            for version in versions:
                yield name[1] + version


def _prefixes(number: str) -> Iterator[str]:
    """Yield the beginnings of a number at its points: of 3.1.4 both 3, 3.1 and 3.1.4."""
    parts = number.split(".")
    if len(parts) > 1:
        for count in range(1, len(parts) + 1):
            yield ".".join(parts[:count])


def _signed(folded: str) -> Iterator[str]:
    """Yield words with the signs that change what they mean: $100, #1, @name, c++, c#, 10%."""
    for match in _SIGN_BEFORE.finditer(folded):
        word = _WORD_AT.match(folded, match.end())
        if word and len(word[0]) <= LONGEST_TERM:
            yield match[0] + thousands_joined(word[0])
    for match in _SIGN_AFTER.finditer(folded):
        start = match.start()
        before = _WORD_END.search(folded[max(0, start - _AROUND) : start])
        if before:
            yield thousands_joined(before[0]) + match[0].strip()


def row_terms(title: str, text: str, authors: str = "") -> tuple[str, str]:
    """Return what the two columns of the index hold of an article, parted by spaces.

    Args:
        title: its headline.
        text: its text.
        authors: their names.

    Returns:
        The terms of headline and authors, marked, and all plain terms with those that stand often.
    """
    (in_title, title_words), (found, words) = _terms(title), _terms(text)
    least = max(_OFTEN_TIMES, len(text) // _OFTEN_SHARE)
    often = {term for term, times in found.items() if times >= least}
    often.update(in_title)
    found.update(in_title)
    words |= title_words
    begun = {word[:SHORT_PREFIX] for word in words}
    begun.update([word[:size] for word in begun for size in range(1, SHORT_PREFIX)])
    plain = [term[:LONGEST_TERM] for term in found] if _has_long(found) else found
    return (
        " ".join(
            [
                *[IN_TITLE + term[:LONGEST_TERM] for term in in_title],
                *[BY_AUTHOR + term[:LONGEST_TERM] for term in _terms(authors)[0]],
            ]
        ),
        " ".join(
            [
                *plain,
                *[OFTEN + term[:LONGEST_TERM] for term in often],
                *[_PREFIX + start for start in begun],
            ]
        ),
    )


def _has_long(terms: Iterable[str]) -> bool:
    return max(map(len, terms), default=0) > LONGEST_TERM
