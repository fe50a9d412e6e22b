"""Appeals for money or membership: lines amid or behind a text that ask its reader to pay for more.

One is told by what it says together: it asks for money, bids the reader to give it, and means
whoever speaks (our reporting, this site, 本站). A report of somebody's fund says the first, a guide
the second too, and neither the third. The words are rules (``[[appeal]]`` of boilerplate.toml).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.boilerplate_rules import APPEAL_SAYS, LONGEST_APPEAL, Rules
from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile
from scraper.text.required_words import PatternIndex

__all__ = ["APPEAL", "appeals"]

APPEAL: Final = "money-appeal"

_MOST: Final = 0.25  # share of the text that appeals are; of more they are the text
_TOLD: Final = 2  # paragraphs with words of the subject where the text is about it
_APPEAL: Final = frozenset(("asks", "bids", "means"))
_FIRST: Final = ("asks", "cause")
_ASKING: Final = frozenset(("asks", "bids"))
_BESIDE: Final = 240  # characters of a line that goes with an appeal
_BUTTON: Final = 60
_ALL_LINK: Final = 0.8
_NOTHING: Final = frozenset[str]()
# What holds parts of the text, or the words of others.
_PARTS: Final = frozenset(("li", "dd", "dt", "td", "th", "blockquote", "q", "pre", "code"))
_SAID: Final = lazy_compile(
    r"“[^“”]{0,300}”|「[^「」]{0,300}」|『[^『』]{0,300}』|\"[^\"]{0,300}\""
)
_AMID_A_QUOTE: Final = lazy_compile(r"^\W{0,2}[“「『\"]|[”」』\"]\W{0,2}$")


class _Sayings:
    """What lines say of an appeal, by a set of rules."""

    def __init__(self, rules: Rules) -> None:
        self._rules: dict[str, list[BoundedPattern]] = {says: [] for says in APPEAL_SAYS}
        for rule in rules.appeals:
            self._rules[rule.says].append(rule.pattern)
        # Nearly all lines of a page neither ask nor tell what for.
        self._first = [rule for rule in rules.appeals if rule.says in _FIRST]
        self._index = PatternIndex((r.pattern.pattern, r.pattern.flags) for r in self._first)

    def of(self, line: str) -> frozenset[str]:
        """Return what a folded line says; nothing where it is told of others."""
        may_say = self._index.may_match(line)
        if not may_say:
            return _NOTHING
        says = {
            rule.says
            for at, rule in enumerate(self._first)
            if may_say >> at & 1 and rule.pattern.search(line) is not None
        }
        if not says or self.is_said("told", line):
            return _NOTHING
        return frozenset(says | {kind for kind in ("bids", "means") if self.is_said(kind, line)})

    def is_said(self, kind: str, line: str) -> bool:
        """Return whether a folded line says one thing."""
        return any(pattern.search(line) is not None for pattern in self._rules[kind])


@lru_cache(maxsize=8)
def _sayings(rules: Rules) -> _Sayings:
    return _Sayings(rules)


def appeals(s: PageBlocks, decided: Sequence[str], rules: Rules, title: str) -> set[int]:
    """Return the kept blocks that ask the reader for money or to become a member.

    A text about giving, as its headline or its paragraphs say, is left alone.

    Args:
        s: the page cut into blocks.
        decided: for each block "" when it is kept, else what cut it.
        rules: what each part of an appeal says.
        title: the page's headline, or "".
    """
    if not rules.appeals:
        return set()
    sayings = _sayings(rules)
    kept = [i for i, rule in enumerate(decided) if not rule and s.blocks[i].text]
    said = {i: _said(s, i, sayings) for i in kept}
    found = _found(s, kept, said)
    if not found or sayings.is_said("subject", fold_interface(title[:LONGEST_APPEAL])):
        return set()
    others = (i for i in kept if i not in found)
    if sum(sayings.is_said("subject", _line(s, i)) for i in others) >= _TOLD:
        return set()
    size = sum(len(s.blocks[i].text) for i in kept)
    return found if sum(len(s.blocks[i].text) for i in found) <= _MOST * size else set()


def _line(s: PageBlocks, i: int) -> str:
    return fold_interface(s.blocks[i].text[:LONGEST_APPEAL])


def _said(s: PageBlocks, i: int, sayings: _Sayings) -> frozenset[str]:
    """Return what of an appeal a line says; nothing in a list, a table or a quotation."""
    text = s.blocks[i].text
    if len(text) > LONGEST_APPEAL or s.tags[s.blocks[i].container] in _PARTS:
        return _NOTHING
    if _AMID_A_QUOTE.search(text) is not None:
        return _NOTHING
    return sayings.of(_SAID.sub(" ", fold_interface(text)))


def _found(s: PageBlocks, kept: Sequence[int], said: Mapping[int, frozenset[str]]) -> set[int]:
    """Return the lines that are an appeal, alone or with their neighbours, and what goes along."""
    found = {i for i in kept if said[i] >= _APPEAL}
    # What is asked of the reader in one line, and for whom in the one before or behind it.
    for one, other in pairwise(kept):
        asking = [i for i in (one, other) if said[i] >= _ASKING]
        if asking and any("cause" in said[i] for i in (one, other) if i not in asking):
            found |= {i for i in (one, other) if len(s.blocks[i].text) <= _BESIDE}
    places = {i: at for at, i in enumerate(kept)}
    for i in sorted(found):
        for step in (-1, 1):
            at = places[i] + step
            while 0 <= at < len(kept) and _goes_along(s, kept[at], said[kept[at]]):
                found.add(kept[at])
                at += step
    return found


def _goes_along(s: PageBlocks, i: int, says: frozenset[str]) -> bool:
    """Whether a line beside an appeal is of it: it asks too, says what for, or is its button."""
    block = s.blocks[i]
    if len(block.text) > _BESIDE or not says:
        return False
    if "cause" in says or (says & _ASKING and "means" in says) or says >= _ASKING:
        return True
    return len(block.text) <= _BUTTON and block.link_chars >= _ALL_LINK * len(block.text)
