"""The lexicon `config/topics.toml`: read, checked, and made ready to find all its names at once.

Names are found by an automaton (Aho and Corasick, "Efficient string matching", CACM 18, 1975) that
runs once over the text, however many names there are.

The records of the lexicon: its entries, their spellings, and all of them ready to be found.

Reads a file of the lexicon into entries and their spellings, and notes what is wrong in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import ahocorasick

from scraper.code_version import code_version
from scraper.config import shipped_config
from scraper.errors import ConfigError
from scraper.text.chinese import fold

__all__ = [
    "ENTITY_KINDS",
    "KINDS",
    "ROOTS",
    "SIGNS",
    "Alias",
    "EntryReader",
    "Lexicon",
    "LexiconEntry",
    "Scoring",
    "default_lexicon",
    "is_number",
    "is_texts",
    "joined_as_spaces",
    "key_of",
    "lexicon_in",
    "load_lexicon",
    "read_tables",
]


# The files on which a judgement depends, the lexicon aside: see `scraper.code_version`.
ROOTS = ("models/topics.py", "text", "topics")

ENTITY_KINDS = (
    "model", "company", "project", "person", "benchmark", "licence", "chip", "policy", "event",
)  # fmt: skip
KINDS = (*ENTITY_KINDS, "topic", "sign-model", "sign-ai", "contrary", "not")

# What may stand before an alias: see the head of the shipped file.
SIGNS = "?+^"

# What joins the words of a name: all of it compares as a space.
_JOINTS = "-_‐‑‒–—−·・\u00a0\u3000"


def joined_as_spaces(folded: str) -> str:
    """Return folded text with joints made spaces; the length stays."""
    # Faster than a table by far: most of them stand nowhere.
    for joint in _JOINTS[:2] if folded.isascii() else _JOINTS:
        folded = folded.replace(joint, " ")
    return folded.replace("’", "'")


def key_of(name: str) -> str:
    """Return what tells names apart, however they are joined: ``Qwen 3-8B`` is ``qwen38b``."""
    return joined_as_spaces(fold(name)).replace(" ", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """The ``[score]`` table: see the head of `config/topics.toml`."""

    threshold: float = 10.0
    headline: float = 3.0
    lead: float = 2.0
    body: float = 0.5
    core: float = 2.0
    background: float = 7.0
    lead_width: int = 440


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconEntry:
    """One line of the lexicon.

    Attributes:
        name, kind, weight: as written there.
        maker: company that makes the model, or "".
        join: what a family of models puts between its name and a version.
        needs: "", ``model`` or the name of another entry: the support of its doubtful aliases.
        number: its rank in the file.
    """

    name: str
    kind: str
    weight: float
    maker: str = ""
    join: str = "-"
    needs: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One spelling of an entry.

    Attributes:
        entry: whose.
        doubtful: whether it needs support.
        versioned: whether it needs a version that is joined to it.
        cased: whether its first letter must be a capital in the text.
        words: whether it begins and ends with a letter or figure that must stand alone.
    """

    entry: LexiconEntry
    doubtful: bool = False
    versioned: bool = False
    cased: bool = False
    starts_word: bool = False
    ends_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lexicon:
    """All entries, ready to be searched for.

    Attributes:
        scoring: weights of places, threshold, caps.
        entries: in the order of the file.
        automaton: finds flattened aliases; its values are ``(length, Alias)``.
        version_words: words that belong to the name of a model's version.
        version: changes whenever a judgement may: hash of the entries and of our code.
    """

    scoring: Scoring
    entries: tuple[LexiconEntry, ...]
    automaton: Any = field(repr=False)
    version_words: frozenset[str]
    version: str
    aliases: Mapping[str, Alias] = field(repr=False)

    def lookup(self, name: str) -> LexiconEntry | None:
        """Return the entry that a name is an alias of, or None."""
        alias = self.aliases.get(joined_as_spaces(fold(name)).strip())
        if alias is not None:
            return alias.entry
        wanted = key_of(name)
        return next((e for e in self.entries if key_of(e.name) == wanted), None)


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file (`ConfigError` when it cannot be read)."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read ({error})"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML ({error})"]) from None


def is_number(value: object) -> bool:
    """Whether a value is a number (booleans are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_texts(value: object) -> bool:
    """Whether a value is a list of texts that hold more than a sign."""
    return isinstance(value, list) and all(isinstance(v, str) and v.strip("?+^ ") for v in value)


_GROUP_KEYS = {"kind", "weight", "needs", "entries"}
_ENTRY_KEYS = {"as", "weight", "maker", "join", "needs"}


class EntryReader:
    """Reads groups into entries and aliases, and notes what is wrong with them.

    Attributes:
        problems: one line for each.
        entries: by kind and name, with their spellings; what was read last stands first, so that
            its spellings win.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.entries: dict[tuple[str, str], tuple[LexiconEntry, tuple[str, ...]]] = {}

    def groups(self, tables: object) -> None:
        """Read the ``[[group]]`` blocks of a file, before which all others stand back."""
        before, self.entries = self.entries, {}
        self._groups(tables)
        self.entries |= {key: e for key, e in before.items() if key not in self.entries}

    def _groups(self, tables: object) -> None:
        if not isinstance(tables, list):
            self.problems.append(f"{self.path}: group must be written as [[group]] blocks")
            return
        for number, table in enumerate(tables, 1):
            self._group(f"{self.path} [[group]] {number}", table)

    def _group(self, where: str, table: object) -> None:
        if not isinstance(table, dict):
            self.problems.append(f"{where}: must be a table of keys")
            return
        for key in table.keys() - _GROUP_KEYS:
            self.problems.append(
                f"{where}: {key} is not a key (allowed: {', '.join(sorted(_GROUP_KEYS))})"
            )
        kind = table.get("kind")
        if kind not in KINDS:
            self.problems.append(f"{where}: kind = {kind!r} is wrong (allowed: {', '.join(KINDS)})")
            return
        weight = table.get("weight", 0.0)
        if not is_number(weight):
            self.problems.append(f"{where}: weight = {weight!r} is wrong (allowed: a number)")
            return
        entries = table.get("entries")
        if not isinstance(entries, dict):
            self.problems.append(f"{where}: has no [group.entries] table")
            return
        for name, value in entries.items():
            self._entry(f"{where} {name!r}", name, value, kind, table)

    def _entry(self, where: str, name: str, value: object, kind: str, group: Any) -> None:
        keys: dict[str, Any] = value if isinstance(value, dict) else {"as": value}
        texts = keys.get("as", [])
        problems = [
            f"{where}: {key} is not a key (allowed: {', '.join(sorted(_ENTRY_KEYS))})"
            for key in keys.keys() - _ENTRY_KEYS
        ]
        if not is_texts(texts):
            problems.append(f"{where}: aliases = {texts!r} is wrong (allowed: a list of texts)")
        if not is_number(keys.get("weight", 0.0)):
            problems.append(f"{where}: weight = {keys['weight']!r} is wrong (allowed: a number)")
        for key in ("maker", "join", "needs"):
            if not isinstance(keys.get(key, ""), str):
                problems.append(f"{where}: {key} = {keys[key]!r} is wrong (allowed: text)")
        if (kind, name) in self.entries:
            problems.append(f"{where}: stands in this file already, as {kind}")
        if problems:
            self.problems += problems
            return
        entry = LexiconEntry(
            name=name,
            kind=kind,
            weight=float(keys.get("weight", group.get("weight", 0.0))),
            maker=keys.get("maker", ""),
            join=keys.get("join", "-"),
            needs=keys.get("needs", group.get("needs", "")),
        )
        spellings = tuple(texts)
        # Phrases of the subject are named for people; names of entities are looked for.
        if kind in ENTITY_KINDS and not {f"{sign}{name}" for sign in SIGNS} & set(spellings):
            spellings = (name, *spellings)
        self.entries[kind, name] = entry, spellings


def _aliases(spellings: Mapping[LexiconEntry, tuple[str, ...]]) -> dict[str, Alias]:
    found: dict[str, Alias] = {}
    for entry, texts in spellings.items():
        for text in texts:
            sign, text = (text[0], text[1:].strip()) if text[0] in SIGNS else ("", text.strip())
            doubtful, flat = sign in ("?", "+"), joined_as_spaces(fold(text)).strip()
            # Of two entries with one spelling the first has it, and a sure one has the doubtful's.
            if flat in found and not (found[flat].doubtful and not doubtful):
                continue
            found[flat] = Alias(
                entry=entry,
                doubtful=doubtful,
                versioned=sign == "+",
                cased=bool(sign) and text[0].isascii() and text[0].isupper(),
                starts_word=_is_word(flat[0]),
                ends_word=_is_word(flat[-1]),
            )
    return found


def _is_word(char: str) -> bool:
    """Whether a character belongs to a word that spaces end (Chinese needs none)."""
    return char.isalnum() and char < "\u2e80"


def _build(path: Path, shipped: dict[str, Any] | None) -> Lexicon:
    tables = read_tables(path)
    reader = EntryReader(path)
    if shipped is not None and tables.get("extends") is True:
        reader.groups(shipped.get("group", []))
        tables = {
            "score": {**shipped.get("score", {}), **tables.get("score", {})},
            "versions": tables.get("versions", shipped.get("versions", {})),
            "group": tables.get("group", []),
        }
    for key in tables.keys() - {"extends", "score", "group", "versions"}:
        reader.problems.append(
            f"{path}: {key} is not a key (allowed: extends, [score], [[group]], [versions])"
        )
    reader.groups(tables.get("group", []))
    scoring, words = tables.get("score", {}), tables.get("versions", {}).get("words", [])
    known = Scoring.__dataclass_fields__
    for key, value in scoring.items():
        if key not in known or not is_number(value):
            reader.problems.append(
                f"{path} [score]: {key} = {value!r} is wrong (numbers: {', '.join(known)})"
            )
    if not is_texts(words):
        reader.problems.append(f"{path} [versions]: words must be a list of texts")
    names = {name for _, name in reader.entries}
    for entry, _ in reader.entries.values():
        if entry.needs not in ("", "model", *names):
            reader.problems.append(
                f"{path}: {entry.name!r} needs {entry.needs!r}, which is neither model nor an entry"
            )
    if reader.problems:
        raise ConfigError(reader.problems)
    spellings = {
        LexiconEntry(
            **{**{k: getattr(e, k) for k in LexiconEntry.__slots__}, "number": number}
        ): texts
        for number, (e, texts) in enumerate(reader.entries.values())
    }
    aliases = _aliases(spellings)
    automaton = ahocorasick.Automaton()
    for text, alias in aliases.items():
        automaton.add_word(text, (len(text), alias))
    if aliases:
        automaton.make_automaton()
    facts = repr(
        (code_version(ROOTS), sorted(scoring.items()), sorted(words), list(spellings.items()))
    )
    return Lexicon(
        scoring=Scoring(**scoring),
        entries=tuple(spellings),
        automaton=automaton,
        version_words=frozenset(map(str.lower, words)),
        version=sha256(facts.encode()).hexdigest()[:10],
        aliases=aliases,
    )


def load_lexicon(path: Path) -> Lexicon:
    """Read a lexicon.

    Args:
        path: a TOML file in the form that the head of the shipped `config/topics.toml` explains.

    Raises:
        ConfigError: with one line for each problem in the file.
    """
    shipped = shipped_config() / "topics.toml"
    return _build(path, None if path == shipped else read_tables(shipped))


@cache
def default_lexicon() -> Lexicon:
    """Return the shipped lexicon."""
    return load_lexicon(shipped_config() / "topics.toml")


@lru_cache(maxsize=4)
def _at(path: Path, modified: int) -> Lexicon:
    return load_lexicon(path)


def lexicon_in(folder: Path | None) -> Lexicon:
    """Return the lexicon of a folder of configuration: its `topics.toml`, else the shipped one.

    Raises:
        ConfigError: the file is wrong.
    """
    path = (folder or shipped_config()) / "topics.toml"
    if not path.is_file() or path == shipped_config() / "topics.toml":
        return default_lexicon()
    return _at(path, path.stat().st_mtime_ns)
