"""Lines at a reader's comment: who says it and when, and with what it is answered.

``Anna K. · 3h ago``, ``Reply · Like (4)`` or ``12楼 回复 举报``. Such a line is made of times,
numbers and words of a closed vocabulary (comment_lines.toml), with at most a name before them. A
sentence holds a word that the vocabulary lacks. Lines are folded first, so that Traditional Chinese
needs no words of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from scraper.record import record
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile
from scraper.text.volatile_times import TIMES

__all__ = ["LONGEST_LINE", "CommentLine", "closing", "comment_line", "is_readers_name", "opening"]

LONGEST_LINE: Final = 64  # characters
_LONGEST_NAME: Final = 28
_NAME_WORDS: Final = 4
_TABLE: dict[str, str] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
_PARTS: Final = lazy_compile(
    r"[\s·•・|,:;.…/\\()（）\[\]【】{}«»<>›▸▾▲▼△▽↑↓↩⤷♥❤👍👎💬~～+–—―\-]+\ufe0f?"
)
_NUMBER: Final = lazy_compile(r"\d[\d,.]*\s?[km万千]?(?![a-z\d])")
# How long ago, as feeds shorten it; a length alone tells nothing elsewhere.
_SHORT_AGO: Final = lazy_compile(r"\d{1,2}\s?(?:s|m|min|h|hr|hrs|d|w|wk|mo|y|yr)\b")
_PLACE: Final = lazy_compile(r"[\u3400-\u9fff]{2,6}|[a-z]{2,16}")
_SENTENCE: Final = lazy_compile(r"(?<!\b[a-z])\.(?=\s|$)|[!?。,;:“”「」\"]")
_SAID: Final = ("answers", "counted", "others", "beside", "places")
_MOMENT_WORDS: Final = ("ago", "now", "yesterday", "today", "前", "刚", "昨", "今")
_MOMENTS: Final = frozenset(("date", "ago", "clock", "weekday", "lunar"))
_WHEN: Final = frozenset(("date", "ago"))
_CLOSED: Final = lazy_compile(r"\s?[):|·•\]】」–—]")
_SPOKEN: Final = lazy_compile(r"(?P<who>[^\s:：,，。.][^:：,，。]{0,27}?)\s?[:：]")
_ENDS: Final = lazy_compile(r"[.!?。！？…~～)）”」’\"'\U0001f300-\U0001faff]\s*")


def _words(row: str) -> list[str]:
    return [word.replace("_", " ") for word in _TABLE[row].split()]


def _any_of(words: Iterable[str]) -> str:
    """Return the pattern of some words, the longest first; one in Latin letters ends with them."""
    ordered = sorted(words, key=len, reverse=True)
    latin, wide = (
        "|".join(re.escape(word) for word in ordered if word.isascii() == ascii_only)
        for ascii_only in (True, False)
    )
    return rf"(?:{latin})(?![a-z\d])|(?:{wide})"


# Of which row each word is; what a line at a comment has one of; what begins with no name.
_ROWS: Final = {word: row for row in reversed(_SAID) for word in _words(row)}
_WORD: Final = lazy_compile(_any_of(_ROWS))
_HINT: Final = lazy_compile(rf"\d|{_any_of((*_words('answers'), *_MOMENT_WORDS))}")
_NOTES: Final = lazy_compile(_any_of(_words("notes")))


@record
class CommentLine:
    """What a line at a comment says.

    Attributes:
        who: the name that it begins with, or "".
        dated: whether it says on which day or how long ago.
        ago: whether it says how long ago.
        answers: whether it has what a comment is answered, judged or reported with.
    """

    who: str
    dated: bool
    ago: bool
    answers: bool


class _Word(NamedTuple):
    kind: str
    end: int


@lru_cache(maxsize=1024)
def comment_line(text: str) -> CommentLine | None:
    """Return what a line at a comment says; None of any other line.

    Args:
        text: a line of a page, white space collapsed.
    """
    if not text or len(text) > LONGEST_LINE:
        return None
    folded = fold_interface(text)
    if _HINT.search(folded) is None:
        return None
    for start in (0, *(found.end() for found in _PARTS.finditer(folded, 0, _LONGEST_NAME + 3))):
        read = _read(folded, start)
        name = text[:start].strip(" ·•|,:-–—()（）：")
        if read is None or (start and not is_readers_name(name)):
            continue
        line = CommentLine(
            who=name if start else "",
            dated=not read.isdisjoint(_WHEN),
            ago="ago" in read,
            answers="answers" in read,
        )
        if line.dated or line.answers:
            return line
    return None


def _read(folded: str, place: int) -> set[str] | None:
    """Return of which kinds the words of a line are from a place on; None where it says more."""
    kinds: list[str] = []
    while place < len(folded):
        word = _word_at(folded, place, kinds[-1] if kinds else "")
        if word is None:
            return None
        if word.kind:
            kinds.append(word.kind)
        place = word.end
    if any({one, other} == {"counted", "number"} for one, other in pairwise(kinds)):
        kinds.append("answers")
    return set(kinds)


def _word_at(folded: str, place: int, before: str) -> _Word | None:
    """Return the word at a place of a line, by the kind of the one before it."""
    if found := _PARTS.match(folded, place):
        return _Word("", found.end())
    if found := TIMES.match(folded, place):
        kind = found.lastgroup or "date"
        if kind in _MOMENTS or found["date"]:
            return _Word("date" if found["date"] else kind, found.end())
    if found := _SHORT_AGO.match(folded, place):
        return _Word("ago", found.end())
    if found := _WORD.match(folded, place):
        return _Word(_ROWS[found[0]], found.end())
    if folded[place] == "#":
        return _Word("others", place + 1)
    if found := _NUMBER.match(folded, place):
        return _Word("number", found.end())
    if before == "places" and (found := _PLACE.match(folded, place)):
        return _Word("place", found.end())
    return None


def is_readers_name(text: str) -> bool:
    """Return whether a short text may be somebody's name."""
    return (
        0 < len(text) <= _LONGEST_NAME
        and len(text.split()) <= _NAME_WORDS
        and any(map(str.isalnum, text))
        and _SENTENCE.search(fold_interface(text)) is None
        and _NOTES.match(fold_interface(text)) is None
    )


def opening(text: str, pieces: Sequence[str] = ()) -> tuple[CommentLine, str] | None:
    """Return the name and time with which a comment in one line begins, and what it says then.

    They are parted from it by the edge of an element or by a sign: a sentence may begin with a name
    and a time as well.

    Args:
        text: the line.
        pieces: the texts of its elements.
    """
    folded = fold_interface(text[:LONGEST_LINE])
    if _HINT.search(folded) is None:
        return None
    edges = set(accumulate(len("".join(piece.split())) for piece in pieces))
    for place in (found.end() for found in _PARTS.finditer(folded)):
        found = TIMES.match(folded, place)
        if found is None:
            continue
        begun = text[: found.end()]
        if _CLOSED.match(folded, found.end()) or len("".join(begun.split())) in edges:
            line = comment_line(begun)
            if line is not None and line.who and line.dated:
                return line, text[found.end() :].strip(" ·•|,:-–—()（）：")
    return None


def closing(text: str) -> CommentLine | None:
    """Return the line of answers, or name and time, with which a comment in one line is marked.

    The name of one that ends with a time stands before a colon.
    """
    tail = text[-LONGEST_LINE:]
    for found in _ENDS.finditer(tail):
        line = comment_line(tail[found.end() :])
        if line is None or line.who:
            continue
        who = _SPOKEN.match(text)
        if who is not None and is_readers_name(who["who"]):
            return replace(line, who=who["who"])
        if line.answers:
            return line
    return None
