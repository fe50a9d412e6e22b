"""Boilerplate rules: `config/boilerplate.toml` read into records, every mistake told at once.

Five kinds, each a TOML array of tables:

    [[caption]]  tells captions of pictures by the class or id of their element
    [[element]]  cuts elements by their class, id or role
    [[section]]  cuts a heading and the list or box that it opens
    [[line]]     cuts single lines, or (trim = true) the end or beginning of a paragraph
    [[appeal]]   tells what a line says that asks the reader for money; several together cut it
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from scraper.record import record
from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.pattern_cost import slow_attack
from scraper.text.patterns import lazy_compile
from scraper.text.required_words import PatternIndex, is_told, words_of
from scraper.toml_file import FLAG, Key, Table, TomlFile, is_pattern, shipped_config

__all__ = [
    "APPEAL_SAYS",
    "LONGEST_APPEAL",
    "AppealRule",
    "CaptionRule",
    "ElementRule",
    "HeadingFinders",
    "LineFinders",
    "LineRule",
    "Rules",
    "SectionRule",
    "default_rules",
    "either",
    "finder",
    "heading_finders",
    "line_finders",
    "load_rules",
]


# A regular expression's escapes, character classes and single characters.
_TOKEN = lazy_compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+(?:\]|\Z)|.", re.DOTALL)
# What is written in capital letters, escapes aside.
_CAPITAL = lazy_compile(r"[A-Z]")
_ESCAPED = lazy_compile(r"\\.", re.DOTALL)
_HAN = lazy_compile(r"[\u3400-\u9fff]")


# Characters of the longest text that a pattern is tried on: a name of an element, a heading, and a
# line whose rule does not say.
LONGEST_LINE = 120
LONGEST_APPEAL = 420
_LONGEST = {"element": 200, "section": 200, "line": LONGEST_LINE, "appeal": LONGEST_APPEAL}
# How it is tried.
_METHODS = {
    "element": ("search",),
    "section": ("fullmatch",),
    "line": ("search", "match"),
    "appeal": ("search",),
}
# What a part of an appeal may say.
APPEAL_SAYS = ("asks", "bids", "means", "cause", "told", "subject")


@record
class CaptionRule:
    """Elements that hold the caption of a picture; ``<figcaption>`` always does.

    Attributes:
        name: unique; what a cut caption is marked with.
        names: whole class or id names, in lower case.
    """

    name: str
    names: frozenset[str]


@record
class ElementRule:
    """Elements that hold no article text.

    Attributes:
        name: unique; what a cut block is marked with.
        names: whole class, id or role names, in lower case.
        pattern: regular expression that is searched in each of the names, or None.
        where: ``anywhere``, or ``head`` and ``tail`` for short lines before the first paragraph
            and behind the last.
        sure: whether the names can mean nothing else, so that the rule is never overruled.
        other: whether they hold other articles or readers' words, which may be longer than the
            article: behind a text of its own the rule is not overruled.
    """

    name: str
    names: frozenset[str] = frozenset()
    pattern: BoundedPattern | None = None
    where: str = "anywhere"
    sure: bool = False
    other: bool = False


@record
class SectionRule:
    """Headings that open something other than the article.

    Attributes:
        name: unique; what a cut block is marked with.
        pattern: the heading, matched in full, without the punctuation around it.
        rest: whether all that follows in the page is cut, not only the box.
        sure: whether the heading can mean nothing else where a paragraph of the article stands
            before it, so that the rule is not overruled there.
        other: as of an `ElementRule`.
    """

    name: str
    pattern: BoundedPattern
    rest: bool = False
    sure: bool = False
    other: bool = False


@record
class LineRule:
    """Lines that are not the article's.

    Attributes:
        name: unique; what a cut block is marked with.
        pattern: searched in the line; anchor it with ``^`` and ``$`` where it must be all.
        max_chars: lines longer than this are left alone.
        where: ``anywhere``, ``head`` (before the first paragraph) or ``tail`` (after the last).
        trim: whether only the match is cut from the line, not the line.
        links: whether only lines that are mostly links are cut.
        address: whether a sentence or a heading is cut only where it speaks to the reader or of
            the page; the words of a report are left alone.
        sure: whether the lines can mean nothing else, so that the rule is never overruled.

    A name that the pattern calls ``who`` must be new: a line on somebody of whom the paragraphs
    of the article speak is the article's.
    """

    name: str
    pattern: BoundedPattern
    max_chars: int = LONGEST_LINE
    where: str = "anywhere"
    trim: bool = False
    links: bool = False
    address: bool = False
    sure: bool = False


@record
class AppealRule:
    """What a line says that asks its reader for money, or what shows that it does not.

    Attributes:
        name: unique.
        says: ``asks`` for money or membership, ``bids`` the reader, ``means`` whoever speaks, the
            ``cause`` that the money is for; ``told`` of others, or words of a text that has such
            appeals for its ``subject``.
        pattern: searched in the folded line.
    """

    name: str
    says: str
    pattern: BoundedPattern


Finder = Callable[[str], re.Match[str] | None]


@cache
def finder(pattern: BoundedPattern) -> Finder:
    """Return the search for a pattern; what is anchored is not tried at each character."""
    depth, alternatives = 0, [""]
    for token in _TOKEN.findall(pattern.pattern):
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            alternatives.append("")
        else:
            alternatives[-1] += token
    anchored = all(alternative.startswith("^") for alternative in alternatives)
    return pattern.match if anchored else pattern.search


def _finder_within(rule: LineRule) -> Finder:
    """Return the search of a rule for lines of its length at most, which needs no bound."""
    find = finder(rule.pattern)
    if rule.max_chars > rule.pattern.longest:
        return find
    compiled = rule.pattern.compiled
    return compiled.match if find == rule.pattern.match else compiled.search


def either(patterns: Sequence[BoundedPattern]) -> Callable[[str], bool]:
    """Return what tells whether any of some patterns is found in a name.

    Names in small letters, as nearly all are, need no look at the other case, which takes twice as
    long. (All patterns in one expression take longer than one by one.)
    """
    longest = max((pattern.longest for pattern in patterns), default=0)
    small = [_in_small_letters(pattern) for pattern in patterns]

    def is_found(name: str) -> bool:
        if len(name) > longest:
            return False
        if name.isascii() and name == name.lower():
            return any(pattern.search(name) is not None for pattern in small)
        return any(pattern.search(name) is not None for pattern in patterns)

    return is_found


def _in_small_letters(pattern: BoundedPattern) -> re.Pattern[str]:
    """Return a pattern for ASCII text of small letters, bounds aside."""
    written = _ESCAPED.sub("", pattern.pattern)
    if not written.isascii() or _CAPITAL.search(written) is not None:
        return pattern.compiled
    return lazy_compile(pattern.pattern, pattern.flags & ~re.IGNORECASE)


@cache
@lru_cache(maxsize=2_000)
def wants_cjk(pattern: BoundedPattern) -> bool:
    """Return whether a pattern is written in Chinese, so that no ASCII line can match it.

    One that has words of both, of which either is enough, is not.
    """
    if not _HAN.search(pattern.pattern):
        return False
    return all(map(_HAN.search, words_of(pattern.pattern, pattern.flags) or ()))


@record
class Rules:
    """All rules, in the order in which they are tried.

    Attributes:
        elements, sections, lines, captions, appeals: the rules of each kind.

    Its hash is cheap, for what is made of a set of rules is looked up several times a page.
    """

    elements: tuple[ElementRule, ...] = ()
    sections: tuple[SectionRule, ...] = ()
    lines: tuple[LineRule, ...] = ()
    captions: tuple[CaptionRule, ...] = ()
    appeals: tuple[AppealRule, ...] = ()

    def __hash__(self) -> int:
        return hash((len(self.elements), len(self.sections), len(self.lines), len(self.captions)))

    def names(self) -> tuple[str, ...]:
        """Return the names of all rules that cut by themselves; words of appeals do so together."""
        kinds = (self.elements, self.sections, self.lines, self.captions)
        return tuple(rule.name for kind in kinds for rule in kind)


def _regex(value: Any) -> BoundedPattern:
    pattern = value if isinstance(value, str) else "|".join(value)
    return BoundedPattern(pattern, re.IGNORECASE, longest=LONGEST_LINE)


def _of_length(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a rule with its pattern bound to the longest text that it meets."""
    pattern: BoundedPattern | None = values.get("pattern")
    if pattern is None:
        return values
    longest = values.get("max_chars", _LONGEST[kind])
    return values | {"pattern": pattern.bounded(longest)}


def _is_regex(value: Any) -> bool:
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        value = "|".join(value)
    # One that was told about is right; most of them need not be compiled for a page.
    return (isinstance(value, str) and is_told(value, re.IGNORECASE)) or is_pattern(
        value, re.IGNORECASE
    )


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


_NAME = Key(
    "letters, digits and hyphens",
    lambda v: isinstance(v, str) and re.fullmatch(r"[a-z0-9-]+", v) is not None,
    required=True,
)
_REGEX = Key("a regular expression, or a list of alternatives", _is_regex, _regex)
_NEEDED_REGEX = replace(_REGEX, required=True)
_NAMES = Key("a list of names", _is_words, lambda v: frozenset(map(str.lower, v)))
_PLACE = Key("anywhere, head or tail", lambda v: v in ("anywhere", "head", "tail"))
_SAYS = Key(", ".join(APPEAL_SAYS), lambda v: v in APPEAL_SAYS)
_MOST_CHARACTERS = Key(
    "a whole number from 1 to 2000",
    lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v <= 2000,
)
_KINDS: Mapping[str, tuple[type[Any], Table]] = {
    "caption": (CaptionRule, Table({"name": _NAME, "names": replace(_NAMES, required=True)})),
    "element": (
        ElementRule,
        Table(
            {
                "name": _NAME,
                "names": _NAMES,
                "pattern": _REGEX,
                "where": _PLACE,
                "sure": FLAG,
                "other": FLAG,
            },
        ),
    ),
    "section": (
        SectionRule,
        Table({"name": _NAME, "pattern": _NEEDED_REGEX, "rest": FLAG, "sure": FLAG, "other": FLAG}),
    ),
    "line": (
        LineRule,
        Table(
            {
                "name": _NAME,
                "pattern": _NEEDED_REGEX,
                "max_chars": _MOST_CHARACTERS,
                "where": _PLACE,
                "trim": FLAG,
                "links": FLAG,
                "address": FLAG,
                "sure": FLAG,
            }
        ),
    ),
    "appeal": (
        AppealRule,
        Table({"name": _NAME, "says": replace(_SAYS, required=True), "pattern": _NEEDED_REGEX}),
    ),
}


def load_rules(path: Path) -> Rules:
    """Read a file of boilerplate rules.

    Args:
        path: a TOML file as described on top of this module.

    Raises:
        ConfigError: with one line for each problem in the file.
    """
    file = TomlFile(path)
    shipped = path == shipped_config() / path.name
    file.refuse_unknown([f"[[{kind}]]" for kind in _KINDS])
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    seen: set[str] = set()
    for kind, (rule, table) in _KINDS.items():
        for number, block in enumerate(file.blocks(kind), 1):
            name = block.get("name") if isinstance(block, dict) else None
            where = f"[[{kind}]] {number}" + (f" ({name[:80]})" if isinstance(name, str) else "")
            values = table.check(file, where, block, kind, number)
            if kind == "element" and isinstance(block, dict) and not block.keys() & _ELEMENT_TESTS:
                file.report(where, "names or pattern is missing", kind, number)
            elif values is not None and values["name"] in seen:
                file.report(where, "name stands twice (names are unique)", kind, number, "name")
            elif values is not None:
                seen.add(values["name"])
                values = _of_length(kind, values)
                found[kind].append(rule(**values))
                # The shipped rules are tried when they are changed, by `tests.patterns`.
                if not shipped and "pattern" in values:
                    hit = slow_attack(values["pattern"], methods=_METHODS[kind])
                    if hit is not None:
                        file.report(where, f"pattern {hit.complaint()}", kind, number, "pattern")
    file.raise_problems()
    return Rules(
        elements=tuple(found["element"]),
        sections=tuple(found["section"]),
        lines=tuple(found["line"]),
        captions=tuple(found["caption"]),
        appeals=tuple(found["appeal"]),
    )


_ELEMENT_TESTS = {"names", "pattern"}
# Combinations of rules that are kept.
_MOST_KNOWN = 5_000


class LineFinders:
    """The rules that may cut a line, by its length, place and words, each with its search."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules.lines
        self._lengths = sorted({rule.max_chars for rule in rules.lines})
        self._index = PatternIndex((r.pattern.pattern, r.pattern.flags) for r in rules.lines)
        # Rules for lines of a length and a place, as bits too; and those of them to be tried.
        self._places: dict[tuple[int, bool, bool, bool], tuple[int, int]] = {}
        self._known: dict[tuple[int, int], tuple[tuple[LineRule, Finder], ...]] = {}

    def of(self, text: str, *, head: bool, tail: bool) -> tuple[tuple[LineRule, Finder], ...]:
        """Return the rules for a line, in order.

        Args:
            text: the line.
            head, tail: whether it stands before the first paragraph, behind the last.
        """
        # How many of the lengths at which rules end to apply the line exceeds.
        key = (bisect_left(self._lengths, len(text)), text.isascii(), head, tail)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._place(text, head=head, tail=tail)
        number, applying = place
        tried = applying & self._index.may_match(text)
        if not tried:
            return ()
        found = self._known.get((number, tried))
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[number, tried] = tuple(
                (rule, _finder_within(rule))
                for at, rule in enumerate(self._rules)
                if tried >> at & 1
            )
        return found

    def _place(self, text: str, *, head: bool, tail: bool) -> tuple[int, int]:
        """Return a number for lines of a length, place and script, and the rules for them."""
        applying = sum(
            1 << at
            for at, rule in enumerate(self._rules)
            if rule.max_chars >= len(text)
            and (head if rule.where == "head" else tail or rule.where == "anywhere")
            and not (text.isascii() and wants_cjk(rule.pattern))
        )
        return len(self._places), applying


class HeadingFinders:
    """The rules for sections, by the words of their headings."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules.sections
        self._index = PatternIndex((r.pattern.pattern, r.pattern.flags) for r in rules.sections)
        # As bits: the rules that an ASCII heading may fit.
        self._plain = sum(
            1 << at for at, rule in enumerate(self._rules) if not wants_cjk(rule.pattern)
        )

    def rule_of(self, heading: str) -> SectionRule | None:
        """Return the first rule that a heading fits, without the punctuation around it."""
        tried = self._index.may_match(heading)
        if heading.isascii():
            tried &= self._plain
        if not tried:
            return None
        return next(
            (
                rule
                for at, rule in enumerate(self._rules)
                if tried >> at & 1 and rule.pattern.fullmatch(heading)
            ),
            None,
        )


@lru_cache(maxsize=8)
def heading_finders(rules: Rules) -> HeadingFinders:
    """Return the search for the headings of a set of rules."""
    return HeadingFinders(rules)


@lru_cache(maxsize=8)
def line_finders(rules: Rules) -> LineFinders:
    """Return the searches for lines of a set of rules."""
    return LineFinders(rules)


@cache
def default_rules() -> Rules:
    """Return the shipped rules."""
    return load_rules(shipped_config() / "boilerplate.toml")
