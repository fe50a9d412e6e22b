"""Boilerplate rules: `config/boilerplate.toml` read into records, every mistake told at once.

Four kinds, each a TOML array of tables:

    [[caption]]  tells captions of pictures by the class or id of their element
    [[element]]  cuts elements by their class, id or role
    [[section]]  cuts a heading and the list or box that it opens
    [[line]]     cuts single lines, or (trim = true) the end or beginning of a paragraph
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scraper.config import shipped_config
from scraper.errors import ConfigError

__all__ = [
    "CaptionRule",
    "ElementRule",
    "LineRule",
    "Rules",
    "SectionRule",
    "default_rules",
    "finder",
    "load_rules",
]


# A regular expression's escapes, character classes and single characters.
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRule:
    """Elements that hold the caption of a picture; ``<figcaption>`` always does.

    Attributes:
        name: unique; what a cut caption is marked with.
        names: whole class or id names, in lower case.
    """

    name: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementRule:
    """Elements that hold no article text.

    Attributes:
        name: unique; what a cut block is marked with.
        names: whole class, id or role names, in lower case.
        pattern: regular expression that is searched in each of the names, or None.
        where: ``anywhere``, or ``head`` and ``tail`` for short lines before the first paragraph
            and behind the last.
        sure: whether the names can mean nothing else, so that the rule is never overruled.
    """

    name: str
    names: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    where: str = "anywhere"
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """Headings that open something other than the article.

    Attributes:
        name: unique; what a cut block is marked with.
        pattern: the heading, matched in full, without the punctuation around it.
        rest: whether all that follows in the page is cut, not only the box.
        sure: whether the heading can mean nothing else where a paragraph of the article stands
            before it, so that the rule is not overruled there.
    """

    name: str
    pattern: re.Pattern[str]
    rest: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """Lines that are not the article's.

    Attributes:
        name: unique; what a cut block is marked with.
        pattern: searched in the line; anchor it with ``^`` and ``$`` where it must be all.
        max_chars: lines longer than this are left alone.
        where: ``anywhere``, ``head`` (before the first paragraph) or ``tail`` (after the last).
        trim: whether only the match is cut from the line, not the line.
        links: whether only lines that are mostly links are cut.
    """

    name: str
    pattern: re.Pattern[str]
    max_chars: int = 120
    where: str = "anywhere"
    trim: bool = False
    links: bool = False


@cache
def finder(pattern: re.Pattern[str]) -> Callable[[str], re.Match[str] | None]:
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


@cache
def wants_cjk(pattern: re.Pattern[str]) -> bool:
    """Return whether a pattern is written in Chinese, so that no ASCII line can match it."""
    return any("\u3400" <= character <= "\u9fff" for character in pattern.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules, in the order in which they are tried.

    Attributes:
        elements, sections, lines, captions: the rules of each kind.
    """

    elements: tuple[ElementRule, ...] = ()
    sections: tuple[SectionRule, ...] = ()
    lines: tuple[LineRule, ...] = ()
    captions: tuple[CaptionRule, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the names of all rules."""
        kinds = (self.elements, self.sections, self.lines, self.captions)
        return tuple(rule.name for kind in kinds for rule in kind)


def _regex(value: Any) -> re.Pattern[str]:
    return re.compile(value if isinstance(value, str) else "|".join(value), re.IGNORECASE)


def _is_regex(value: Any) -> bool:
    texts = isinstance(value, str) or (
        isinstance(value, list) and value and all(isinstance(v, str) for v in value)
    )
    try:
        return bool(texts and _regex(value).pattern)
    except re.error:
        return False


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


# key → (what it may hold, test, conversion)
_Key = tuple[str, Callable[[Any], bool], Callable[[Any], Any]]
_NAME: _Key = (
    "letters, digits and hyphens",
    lambda v: isinstance(v, str) and re.fullmatch(r"[a-z0-9-]+", v) is not None,
    str,
)
_REGEX: _Key = ("a regular expression, or a list of alternatives", _is_regex, _regex)
_NAMES: _Key = ("a list of names", _is_words, lambda v: frozenset(map(str.lower, v)))
_PLACE: _Key = ("anywhere, head or tail", lambda v: v in ("anywhere", "head", "tail"), str)
_FLAG: _Key = ("true or false", _is_flag, bool)
_KINDS: Mapping[str, tuple[type[Any], Mapping[str, _Key], tuple[str, ...]]] = {
    "caption": (CaptionRule, {"name": _NAME, "names": _NAMES}, ("name", "names")),
    "element": (
        ElementRule,
        {
            "name": _NAME,
            "names": _NAMES,
            "pattern": _REGEX,
            "where": _PLACE,
            "sure": _FLAG,
        },
        ("name",),
    ),
    "section": (
        SectionRule,
        {"name": _NAME, "pattern": _REGEX, "rest": _FLAG, "sure": _FLAG},
        ("name", "pattern"),
    ),
    "line": (
        LineRule,
        {
            "name": _NAME,
            "pattern": _REGEX,
            "max_chars": (
                "a whole number from 1 to 2000",
                lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v <= 2000,
                int,
            ),
            "where": _PLACE,
            "trim": _FLAG,
            "links": _FLAG,
        },
        ("name", "pattern"),
    ),
}


def _rule(kind: str, where: str, table: Any, problems: list[str]) -> Any:
    record, keys, required = _KINDS[kind]
    if not isinstance(table, dict):
        problems.append(f"{where}: must be a table of keys")
        return None
    before, values = len(problems), {}
    for key, value in table.items():
        if key not in keys:
            problems.append(f"{where}: {key} is not a key (allowed: {', '.join(keys)})")
            continue
        allowed, accepts, convert = keys[key]
        if accepts(value):
            values[key] = convert(value)
        else:
            problems.append(f"{where}: {key} = {value!r} is wrong (allowed: {allowed})")
    problems += [f"{where}: {key} is missing" for key in required if key not in table]
    if kind == "element" and not table.keys() & {"names", "pattern"}:
        problems.append(f"{where}: names or pattern is missing")
    return record(**values) if len(problems) == before else None


def load_rules(path: Path) -> Rules:
    """Read a file of boilerplate rules.

    Args:
        path: a TOML file as described on top of this module.

    Raises:
        ConfigError: with one line for each problem in the file.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read ({error})"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML ({error})"]) from None
    problems = [
        f"{path}: [[{name}]] is no kind of rule (allowed: {', '.join(_KINDS)})"
        for name in tables
        if name not in _KINDS
    ]
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    seen: set[str] = set()
    for kind in _KINDS:
        entries = tables.get(kind, [])
        if not isinstance(entries, list):
            problems.append(f"{path}: {kind} must be written as [[{kind}]] blocks")
            continue
        for number, table in enumerate(entries, 1):
            name = table.get("name") if isinstance(table, dict) else None
            where = f"{path} [[{kind}]] {number}" + (f" ({name})" if name else "")
            rule = _rule(kind, where, table, problems)
            if rule is not None and rule.name in seen:
                problems.append(f"{where}: name stands twice (names are unique)")
            elif rule is not None:
                seen.add(rule.name)
                found[kind].append(rule)
    if problems:
        raise ConfigError(problems)
    return Rules(
        elements=tuple(found["element"]),
        sections=tuple(found["section"]),
        lines=tuple(found["line"]),
        captions=tuple(found["caption"]),
    )


@cache
def default_rules() -> Rules:
    """Return the shipped rules."""
    return load_rules(shipped_config() / "boilerplate.toml")
