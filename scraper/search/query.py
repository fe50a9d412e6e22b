"""The grammar of queries: what a reader types becomes a tree of words and conditions.

Nothing that is typed is an error: what cannot be read as an operator is searched for as it stands,
and a note says so. Everything here is a function of its arguments alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from scraper.record import record
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["FIELDS", "LONGEST_QUERY", "All", "Any", "Filter", "Node", "Not", "Query", "Term",
           "parse_query", "positive_terms"]  # fmt: skip

LONGEST_QUERY: Final = 400
_MOST_TERMS = 32
_DEEPEST = 8

# Fields of a query, each with what it takes.
FIELDS: Final = {
    "title": "words of the headline",
    "outlet": "a part of the outlet's name",
    "author": "words of an author's name",
    "entity": "a name of `scraper topics`",
    "source": "a part of a source's name",
    "lang": "en, zh, zh-Hans, zh-Hant …",
    "since": "a day (2026-03-14), month, year, or 7d, 4w, 6m, 1y ago",
    "until": "a day (2026-03-14), month, year, or 7d, 4w, 6m, 1y ago",
    "topic": "yes, no, or a score from which on",
    "changed": "yes, no, or a day since when",
    "gone": "yes, no, or a day since when",
}
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

# What stands between words; a comma within a number is none.
_SEPARATORS = frozenset(" \t\n\r\u3000\u00a0、。，；;！？")
# Quotation marks and what closes them.
_QUOTES = {'"': '"', "“": "”", "„": "“", "「": "」", "『": "』", "«": "»"}
_FIELD = lazy_compile(r"([A-Za-z]{2,12}):(?=\S)")
_EMPTY_FIELD = lazy_compile(r"([A-Za-z]{2,12}):(?!\S)")
_PERCENT = lazy_compile(r" %(?!\S)")
# Words that are operators in capitals.
_LOWER = {
    "or": "OR in capitals finds either",
    "not": "a minus before a word excludes it",
}
_VERSION = lazy_compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}[A-Za-z]{0,3}")
_DAY = lazy_compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
_AGO = lazy_compile(r"([0-9]{1,4})([dwmy])")
_AGO_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_LANGUAGE = lazy_compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}", re.IGNORECASE)
_SCRIPTS = {
    "hans": "Hans", "simplified": "Hans", "cn": "Hans", "sg": "Hans",
    "hant": "Hant", "traditional": "Hant", "tw": "Hant", "hk": "Hant", "mo": "Hant",
}  # fmt: skip


@record
class Term:
    """Words that stand one after the other.

    Attributes:
        text: as typed, without quotation marks.
        prefix: whether the last word may go on.
        in_title: whether they stand in the headline.
    """

    text: str
    prefix: bool = False
    in_title: bool = False


@record
class Filter:
    """A condition on what is known of an article.

    Attributes:
        field: one of `FIELDS`, "title" aside.
        value: folded text of a name; a language with its script ("zh-Hant"); a day as YYYY-MM-DD,
            the first that counts for ``since:``, ``changed:`` and ``gone:``, the last for
            ``until:``; "yes" or "no"; a score.
    """

    field: str
    value: str


@record(kw_only=False)
class All:
    """All of these."""

    parts: tuple[Node, ...]


@record(kw_only=False)
class Any:
    """One of these at least."""

    parts: tuple[Node, ...]


@record(kw_only=False)
class Not:
    """All but this."""

    part: Node


Node = Term | Filter | All | Any | Not


@record
class Query:
    """A query that was read.

    Attributes:
        typed: as typed, without what was too long.
        tree: what is looked for; None where nothing can be.
        notes: sentences on what was read otherwise than it may have been meant.
    """

    typed: str
    tree: Node | None
    notes: tuple[str, ...] = ()


def positive_terms(node: Node | None) -> Iterator[Term]:
    """Yield the terms that an article may be found by, in the order in which they were typed."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, All | Any):
        for part in node.parts:
            yield from positive_terms(part)


def parse_query(typed: str, *, today: date) -> Query:
    """Read a query.

    Args:
        typed: as typed; what is longer than `LONGEST_QUERY` characters is cut off.
        today: day from which ``since:7d`` counts.
    """
    parser = _Parser(_plain(typed[:LONGEST_QUERY]), today)
    if len(typed) > LONGEST_QUERY:
        parser.notes.append(f"only the first {LONGEST_QUERY} characters were searched for")
    tree = parser.parse()
    if tree is None and typed.strip():
        parser.notes.append("there is no word in it to search for")
    return Query(typed=typed[:LONGEST_QUERY], tree=tree, notes=tuple(dict.fromkeys(parser.notes)))


def _plain(typed: str) -> str:
    """Return a query with the ASCII form of what has a full-width one, and without controls."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" and c not in "，；！？" else c
        for c in typed
        if c.isprintable() or c.isspace()
    )


@dataclass(slots=True)
class _Item:
    """What was read: a node, and whether it was one bare word."""

    node: Node
    bare: str = ""


@dataclass(slots=True)
class _Parser:
    """Reads a query from left to right."""

    text: str
    today: date
    at: int = 0
    terms: int = 0
    notes: list[str] = field(default_factory=list)

    def parse(self) -> Node | None:
        """Return the tree of the whole query."""
        parts: list[Node] = []
        while self.at < len(self.text):
            node = self._sequence(0)
            if node is not None:
                parts.append(node)
            if self.at < len(self.text):  # a bracket that closes nothing
                self.at += 1
                self.notes.append("a closing bracket without its opening one was left out")
        return _joined(parts)

    def _sequence(self, depth: int) -> Node | None:
        """Read up to the bracket that closes this depth, or to the end."""
        items: list[_Item] = []
        either = False
        while True:
            self._skip_separators()
            if self.at >= len(self.text) or self.text[self.at] == ")":
                break
            operator = self._operator(bool(items))
            if operator in ("or", "and"):
                either = either or operator == "or"
                items[-1].bare = ""
                continue
            item = self._item(depth, negated=operator == "not")
            if item is None:
                continue
            if either:
                last = items.pop().node
                before = last.parts if isinstance(last, Any) else (last,)
                items.append(_Item(Any((*before, item.node))))
                either = False
            else:
                items.append(item)
        return _joined([*_with_versions(items, self.notes)])

    def _skip_separators(self) -> None:
        while self.at < len(self.text) and (
            self.text[self.at] in _SEPARATORS or self.text[self.at] == ","
        ):
            self.at += 1

    def _operator(self, behind_one: bool) -> str:
        """Read an operator: "or", "and", "not", or "" where a word stands."""
        for word, name in (("OR", "or"), ("||", "or"), ("|", "or"), ("AND", "and"), ("&&", "and"),
                           ("NOT", "not"), ("-", "not"), ("\u2212", "not")):  # fmt: skip
            if not self.text.startswith(word, self.at):
                continue
            end = self.at + len(word)
            following = self.text[end : end + 1]
            apart = not following or following in _SEPARATORS
            if name == "not" and not word.isalpha():
                if apart or following in "-\u2212":
                    continue
            elif word.isalpha() and not apart:
                continue
            alone = not self.text[end:].strip(" )")
            if (name == "not" and word.isalpha() and alone) or (
                name != "not" and (alone or not behind_one)
            ):
                if word.isalpha() and self.text.strip() != word:
                    self.notes.append(f"{word} joins nothing here and was searched for as a word")
                continue
            self.at = end
            self._skip_separators()
            return name
        return ""

    def _item(self, depth: int, *, negated: bool) -> _Item | None:
        """Read a word, a phrase, a condition or a group."""
        if self.at >= len(self.text) or self.text[self.at] == ")":
            return None
        char = self.text[self.at]
        if char == "(" and depth < _DEEPEST:
            self.at += 1
            node = self._sequence(depth + 1)
            if self.at < len(self.text):
                self.at += 1
            else:
                self.notes.append("a bracket was not closed: it ends with the query")
            item = None if node is None else _Item(node)
        elif char in "()":
            self.at += 1
            item = None
        elif char in _QUOTES:
            phrase = self._phrase()
            if self.text.startswith("*", self.at):
                self.at += 1
                phrase = replace(phrase, prefix=True)
            item = self._counted(phrase, "")
        else:
            item = self._field() or self._word()
        if item is None or not negated:
            return item
        return _Item(Not(item.node))

    def _phrase(self) -> Term:
        """Read what stands between quotation marks."""
        close = _QUOTES[self.text[self.at]]
        end = self.text.find(close, self.at + 1)
        if end < 0:
            end = len(self.text)
            self.notes.append("a quotation mark was not closed: the phrase ends with the query")
        phrase = self.text[self.at + 1 : end]
        self.at = min(len(self.text), end + 1)
        return Term(text=phrase)

    def _bare(self) -> str:
        """Read up to a separator, a bracket or a quotation mark."""
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in _SEPARATORS or char in "()" or (char in _QUOTES and self.at > start):
                break
            if char == "|" or self.text.startswith("&&", self.at):
                break
            if char == "," and not self._within_number():
                break
            self.at += 1
        return self.text[start : self.at]

    def _within_number(self) -> bool:
        around = self.text[max(0, self.at - 1)], self.text[self.at + 1 : self.at + 2]
        return all(char.isdigit() for char in around)

    def _word(self) -> _Item | None:
        word = self._bare()
        if not word:
            self.notes.append(f"{self.text[self.at]} joins nothing here and was left out")
            self.at += 1
            return None
        if word in _LOWER and self.text[self.at :].strip() and (word == "not" or self.terms):
            self.notes.append(f"{word} was searched for as a word: {_LOWER[word]}")
        if word[-1].isdigit() and _PERCENT.match(self.text, self.at):
            # As a text has it in some languages: 10 %.
            word, self.at = word + "%", self.text.index("%", self.at) + 1
        prefix = word.endswith("*")
        text = word.rstrip("*") if prefix else word
        return self._counted(Term(text=text, prefix=prefix), "" if prefix else text)

    def _counted(self, term: Term, bare: str) -> _Item | None:
        """Return a term as an item, unless it holds no word or is one too many."""
        if not any(char.isalnum() for char in term.text):
            if term.text.strip():
                self.notes.append(f"{term.text.strip()} holds no word and was left out")
            return None
        self.terms += 1
        if self.terms > _MOST_TERMS:
            self.notes.append(f"only the first {_MOST_TERMS} words were searched for")
            return None
        return _Item(term, bare)

    def _field(self) -> _Item | None:
        """Read a condition, or nothing where what stands there is none."""
        match = _FIELD.match(self.text, self.at)
        if match is None:
            empty = _EMPTY_FIELD.match(self.text, self.at)
            if empty and empty[1].lower() in FIELDS:
                name = empty[1].lower()
                self.notes.append(
                    f"{empty[1]}: was searched for as a word: it takes {FIELDS[name]},"
                    " with no space before"
                )
            return None
        name, start = match[1].lower(), self.at
        if name not in FIELDS:
            if not self.text.startswith("//", match.end()):
                known = ", ".join(FIELDS)
                self.notes.append(
                    f"{match[1]}: is no field and was searched for as a word; fields are {known}"
                )
            return None
        self.at = match.end()
        quoted = self.text[self.at] in _QUOTES
        value = self._phrase().text if quoted else self._bare()
        if name == "title":
            prefix = not quoted and value.endswith("*")
            return self._counted(Term(text=value.rstrip("*"), prefix=prefix, in_title=True), "")
        read = _VALUES.get(name, _read_name)(value.strip(), self.today, name)
        if read is None:
            written = self.text[start : self.at]
            self.notes.append(f"{written} was searched for as words: {name}: takes {FIELDS[name]}")
            return self._counted(Term(text=written), "")
        return _Item(Filter(field=name, value=read))


def _joined(parts: Sequence[Node]) -> Node | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _with_versions(items: Sequence[_Item], notes: list[str]) -> Iterator[Node]:
    """Yield the nodes of a sequence, a name and the number behind it as one name.

    ``Qwen 2.5`` is meant as Qwen2.5 is. A number without a point may be meant by itself
    (``budget 2026``): both readings count then.
    """
    skip = False
    for at, item in enumerate(items):
        if skip:
            skip = False
            continue
        after = items[at + 1].bare if at + 1 < len(items) else ""
        if not (item.bare.isalpha() and item.bare.isascii() and _VERSION.fullmatch(after)):
            yield item.node
            continue
        skip = True
        name = f"{item.bare} {after}"
        joined = Term(text=name)
        if "." in after:
            notes.append(f"{name} was searched for as one name; {item.bare} AND {after} parts it")
            yield joined
        else:
            yield Any((joined, All((item.node, items[at + 1].node))))


# Values of fields


def _read_name(value: str, today: date, name: str) -> str | None:
    return fold(value) if any(map(str.isalnum, value)) else None


def _read_language(value: str, today: date, name: str) -> str | None:
    folded = value.lower()
    if folded in ("hans", "hant", "simplified", "traditional"):
        return f"zh-{_SCRIPTS[folded]}"
    if not _LANGUAGE.fullmatch(value):
        return None
    language, *rest = folded.replace("_", "-").split("-")
    script = next((_SCRIPTS[part] for part in rest if part in _SCRIPTS), "")
    return f"{language}-{script}" if script and language == "zh" else language


def _read_day(value: str, today: date, name: str) -> str | None:
    """Return the first day of a period, or the last for ``until:``."""
    folded = value.lower()
    if folded in ("today", "yesterday"):
        return (today - timedelta(days=folded == "yesterday")).isoformat()
    ago = _AGO.fullmatch(folded)
    if ago:
        days = int(ago[1]) * _AGO_DAYS[ago[2]]
        return (today - timedelta(days=min(days, today.toordinal() - 1))).isoformat()
    match = _DAY.fullmatch(value.replace("/", "-"))
    if match is None:
        return None
    try:
        first = date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None
    if name != "until" or match[3]:
        return first.isoformat()
    months = 12 if match[2] is None else 1
    month = first.month - 1 + months
    if first.year + month // 12 > date.max.year:
        return date.max.isoformat()
    after = _month_on(first, month)
    return (after - timedelta(days=1)).isoformat()


def _month_on(first: date, month: int) -> date:
    """Return the first day of a month counted from 0 in the year of a day, on into the next."""
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def _read_truth_or_day(value: str, today: date, name: str) -> str | None:
    truth = _YES.get(value.lower())
    if truth is not None:
        return "yes" if truth else "no"
    return _read_day(value, today, name)


def _read_topic(value: str, today: date, name: str) -> str | None:
    truth = _YES.get(value.lower())
    if truth is not None:
        return "yes" if truth else "no"
    try:
        score = float(value)
    except ValueError:
        return None
    return str(score) if -1e9 < score < 1e9 else None


_VALUES: Final[dict[str, Callable[[str, date, str], str | None]]] = {
    "lang": _read_language,
    "since": _read_day,
    "until": _read_day,
    "topic": _read_topic,
    "changed": _read_truth_or_day,
    "gone": _read_truth_or_day,
}
