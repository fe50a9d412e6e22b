"""Whether a regular expression can be made to take long: attacked by strings from its own tree.

A backtracking matcher takes exponential time where a repeated part can match one text in two ways,
and polynomial time where two repeated parts can share a text out among them, or where a search
begins anew at every character what it gave up at the one before. Which text brings that out can be
read from the pattern: what stands before a repeat, its body many times, and an end that cannot
match (Davis et al., "The Impact of Regular Expression Denial of Service", 2018). The strings are
tried in growing lengths, so that no trial takes much longer than the limit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from scraper.record import record
from scraper.text.bounded_pattern import BoundedPattern

__all__ = ["LONGEST", "METHODS", "REPEATS", "Attack", "attacks", "slow_attack"]

# How a text is met; ``sub`` stands for all that go on behind a match.
METHODS = ("search", "match", "fullmatch", "sub")

# A repeat that matches in two ways doubles the work with each of these: two hundred million steps.
REPEATS = 28
# Characters that a pattern of no bound must do with: only one of linear time does.
LONGEST = 100_000

# Characters that stand for a category or for all that a set leaves out.
_COMMON = "a1 A中,.-_/\"'<>=:;\n\t\u3000，。“”（）é"
# An end that hardly any pattern matches, and one that stops a dot as well.
_ENDS = ("\0", "\n\0", "")
# So many ways of writing a body are tried.
_SPELLINGS = 4
# A repeat of fewer is no danger.
_FEW = 3
# Where a text of so many characters takes less than this, a longer one can't take long either: were
# it quadratic, a hundred thousand characters would take a fifth of a second.
_LONG = 4_000
_QUICK = 0.0003
# Where twice the text takes less than so many times the time, time grows with the text alone; what
# takes less than this is not measured well enough to tell.
_LINEAR = 2.6
_MEASURABLE = 0.0001

_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_Tree = Sequence[tuple[Any, Any]]


@record(kw_only=False)
class Attack:
    """A text that makes a pattern take long.

    Attributes:
        before: what stands before the repeated part.
        body: the repeated part.
        end: what follows it.
        seconds: of processor time that it took.
        length: characters of the text with which it took as long.
        method: of the pattern, that was called.
    """

    before: str
    body: str
    end: str
    seconds: float = 0.0
    length: int = 0
    method: str = ""

    def text(self, times: int) -> str:
        """Return the text with so many repeats."""
        return self.before + self.body * times + self.end

    def complaint(self) -> str:
        """Return what is wrong with the pattern, as the end of a sentence."""
        return (
            f"takes {self.seconds:.1f} s or more for a text of {self.length} characters "
            f"({self.text(3)!r} with more of {self.body!r}): what repeats in it must match a text "
            "in one way only (*+ and ++ give nothing back)"
        )


def slow_attack(
    pattern: str | re.Pattern[str] | re.Pattern[bytes] | BoundedPattern,
    flags: int = 0,
    *,
    longest: int | None = None,
    limit: float = 0.2,
    limit_at_repeats: float = 0.1,
    methods: Collection[str] = METHODS,
) -> Attack | None:
    """Return a text with which a pattern takes too long, or None where none was found.

    Args:
        pattern: a regular expression that compiles.
        flags: its flags, where it is a string.
        longest: characters of the longest text that it can meet; by default its own bound, or
            `LONGEST` where it has none.
        limit: seconds of processor time that it may take for such a text.
        limit_at_repeats: seconds that it may take for `REPEATS` repeats.
        methods: which of `METHODS` are called.

    Returns:
        The first attack that succeeds. It has stopped growing there: a longer text takes longer.
    """
    if longest is None:
        longest = pattern.longest if isinstance(pattern, BoundedPattern) else LONGEST
    made: re.Pattern[str] | re.Pattern[bytes]
    if isinstance(pattern, str):
        made = re.compile(pattern, flags)
    elif isinstance(pattern, BoundedPattern):
        made = re.compile(pattern.pattern, pattern.flags)
    else:
        made = pattern
    for attack in attacks(made):
        for method in METHODS:
            if method in methods:
                hit = _grow(_call(made, method), attack, longest, limit, limit_at_repeats)
                if hit is not None:
                    return replace(hit, method=method)
    return None


def _call(made: re.Pattern[str] | re.Pattern[bytes], method: str) -> Callable[[str], object]:
    """Return the call of a method with a text."""
    function: Callable[..., object] = getattr(made, method)
    if isinstance(made.pattern, bytes):
        if method == "sub":
            return lambda text: function(b"", text.encode("latin-1", "replace"))
        return lambda text: function(text.encode("latin-1", "replace"))
    return function if method != "sub" else lambda text: function("", text)


def _grow(
    call: Callable[[str], object],
    attack: Attack,
    longest: int,
    limit: float,
    limit_at_repeats: float,
) -> Attack | None:
    most = max(1, (longest - len(attack.before) - len(attack.end)) // len(attack.body))
    times, before = 0, 0.0
    # By two at a time: what multiplies its work by four with each takes sixteen times as long.
    for times in range(8, min(REPEATS, most) + 1, 2):
        if (seconds := _seconds(call, attack.text(times))) > limit_at_repeats:
            return _hit(attack, seconds, times)
    while times < most:
        times = min(most, max(times, REPEATS) * 2)
        seconds = _seconds(call, attack.text(times))
        if seconds > limit:
            return _hit(attack, seconds, times)
        linear = before > _MEASURABLE and seconds < _LINEAR * before
        if times * len(attack.body) > _LONG and (linear or seconds < _QUICK):
            break
        before = seconds
    return None


def _hit(attack: Attack, seconds: float, times: int) -> Attack:
    return replace(attack, seconds=seconds, length=len(attack.text(times)))


def _seconds(call: Callable[[str], object], text: str) -> float:
    begun = time.thread_time()
    call(text)
    return time.thread_time() - begun


# Strings from a pattern's tree


def attacks(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[Attack]:
    """Yield attacks on a pattern: one for each repeat, spelling and end, none of them twice."""
    tree: _Tree = list(_parser.parse(pattern.pattern, pattern.flags))
    pool = _pool(tree)
    seen: set[tuple[str, str, str]] = set()
    for spelling in range(_SPELLINGS):
        speller = _Speller(tree, pool, spelling)
        for before, body in _repeats(tree, "", speller):
            bodies = [body]
            if before:
                # A search that gives up at each beginning, and begins again at the next.
                bodies.append(before + body)
                bodies.append(before)
            for repeated in bodies:
                for end in _ENDS:
                    lead = before if repeated is body else ""
                    if repeated and (lead, repeated, end) not in seen:
                        seen.add((lead, repeated, end))
                        yield Attack(lead, repeated, end)


def _repeats(tree: _Tree, before: str, speller: _Speller) -> Iterator[tuple[str, str]]:
    """Yield what stands before each repeat of a tree, and its body."""
    for op, value in tree:
        if op in _REPEATS:
            if value[1] > _FEW:
                yield before, speller.spell(value[2])
            yield from _repeats(value[2], before, speller)
        elif op is _constants.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, before, speller)
        elif (part := _inner(op, value)) is not None:
            yield from _repeats(part, before, speller)
        before += speller.spell([(op, value)])


def _inner(op: Any, value: Any) -> _Tree | None:
    """Return the tree within a group or an assertion, or None."""
    if op is _constants.SUBPATTERN:
        return list(value[3])
    if op is _constants.ATOMIC_GROUP:
        return list(value)
    if op in (_constants.ASSERT, _constants.ASSERT_NOT):
        return list(value[1])
    return None


def _pool(tree: _Tree) -> str:
    """Return characters that a pattern tells apart: its own, and common ones."""
    found: dict[str, None] = {}

    def walk(part: _Tree) -> None:
        for op, value in part:
            if op in (_constants.LITERAL, _constants.NOT_LITERAL):
                found[chr(value)] = None
            elif op is _constants.IN:
                walk(value)
            elif op is _constants.RANGE:
                for code in (value[0], (value[0] + value[1]) // 2):
                    found[chr(code)] = None
            elif op in _REPEATS:
                walk(value[2])
            elif op is _constants.BRANCH:
                for branch in value[1]:
                    walk(branch)
            elif (inner := _inner(op, value)) is not None:
                walk(inner)

    walk(tree)
    return "".join(dict.fromkeys(_COMMON + "".join(found)))


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    _constants.CATEGORY_DIGIT: str.isdecimal,
    _constants.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    _constants.CATEGORY_SPACE: str.isspace,
    _constants.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    _constants.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    _constants.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}


def _fits(op: Any, value: Any, character: str) -> bool:
    """Return whether a node of one character matches a character (its case aside)."""
    if op is _constants.LITERAL:
        return bool(ord(character) == value)
    if op is _constants.NOT_LITERAL:
        return bool(ord(character) != value)
    if op is _constants.ANY:
        return character != "\n"
    if op is _constants.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if op is _constants.CATEGORY:
        return _CATEGORIES[value](character)
    if op is _constants.IN:
        members = [(kind, what) for kind, what in value if kind is not _constants.NEGATE]
        inside = any(_fits(kind, what, character) for kind, what in members)
        return inside == (len(members) == len(value))
    return False


_SINGLE = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN)


class _Speller:
    """Writes a text that a part of a pattern matches.

    Args:
        tree: the whole pattern.
        pool: characters to choose from.
        spelling: which of the ways to write it; the first prefers the characters that most nodes
            match, since those can be shared out in most ways.
    """

    def __init__(self, tree: _Tree, pool: str, spelling: int) -> None:
        self._spelling = spelling
        sets = list(self._sets(tree))
        popular = {c: sum(_fits(op, value, c) for op, value in sets) for c in pool}
        self._pool = sorted(pool, key=lambda c: -popular[c])
        self._groups: dict[int, str] = {}

    def _sets(self, tree: _Tree) -> Iterator[tuple[Any, Any]]:
        for op, value in tree:
            if op in _SINGLE and op is not _constants.LITERAL:
                yield op, value
            elif op in _REPEATS:
                yield from self._sets(value[2])
            elif op is _constants.BRANCH:
                for branch in value[1]:
                    yield from self._sets(branch)
            elif (inner := _inner(op, value)) is not None:
                yield from self._sets(inner)

    def spell(self, tree: _Tree) -> str:
        """Return a text for a tree."""
        return "".join(self._one(op, value) for op, value in tree)

    def _one(self, op: Any, value: Any) -> str:
        if op is _constants.LITERAL:
            return chr(value)
        if op in _SINGLE:
            fitting = [c for c in self._pool if _fits(op, value, c)]
            return fitting[self._spelling % len(fitting)] if fitting else ""
        if op in _REPEATS:
            low, _, body = value
            # Every other spelling leaves out what may be left out.
            return self.spell(body) * int(max(low, 1 - self._spelling % 2))
        if op is _constants.BRANCH:
            branches = value[1]
            return self.spell(branches[self._spelling % len(branches)])
        if op is _constants.SUBPATTERN:
            self._groups[value[0]] = text = self.spell(value[3])
            return text
        if op is _constants.ATOMIC_GROUP:
            return self.spell(value)
        if op is _constants.GROUPREF:
            return self._groups.get(value, "")
        return ""
