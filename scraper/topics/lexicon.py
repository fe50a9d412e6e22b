"""The lexicon `config/topics.toml`: reads and checks it, and builds the automaton of its names.

An Aho-Corasick automaton ("Efficient string matching", CACM 18, 1975) finds all names in one pass
over the text, however many they are.

Problems in a file are reported all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import ahocorasick

from scraper.code_version import code_version
from scraper.errors import ConfigError
from scraper.record import record
from scraper.text.chinese import fold
from scraper.toml_file import FLAG, TEXT, Key, Table, TomlFile, shipped_config

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
]


# Files on which a judgement depends, besides the lexicon: see `scraper.code_version`.
ROOTS = (
    "models/topics.py", "public_suffixes.py", "text", "topics", "tracking_parameters.toml",
    "urls.py",
)  # fmt: skip

ENTITY_KINDS = (
    "model", "company", "project", "person", "benchmark", "licence", "chip", "policy", "event",
)  # fmt: skip
KINDS = (*ENTITY_KINDS, "topic", "sign-model", "sign-ai", "contrary", "not")

# Prefixes of aliases: see the head of the shipped file.
SIGNS = "?+^"

# Characters that join the words of a name; they compare as spaces.
_JOINTS = "-_‐‑‒–—−·・\u00a0\u3000"


def joined_as_spaces(folded: str) -> str:
    """Return folded text with joints replaced by spaces; the length stays the same."""
    # Much faster than a translation table: most joints do not occur.
    for joint in _JOINTS[:2] if folded.isascii() else _JOINTS:
        folded = folded.replace(joint, " ")
    return folded.replace("’", "'")


def key_of(name: str) -> str:
    """Return a key for names that ignores how they are joined: ``Qwen 3-8B`` is ``qwen38b``."""
    return joined_as_spaces(fold(name)).replace(" ", "")


@record
class Scoring:
    """The ``[score]`` table: see the head of `config/topics.toml`."""

    threshold: float = 10.0
    headline: float = 3.0
    lead: float = 2.0
    body: float = 0.5
    core: float = 2.0
    background: float = 7.0
    lead_width: int = 440


@record
class LexiconEntry:
    """An entry of the lexicon.

    Attributes:
        name, kind, weight: as in the file.
        maker: the model's company, or "".
        join: text between a model family's name and a version.
        needs: support of its doubtful aliases: "", ``model`` or the name of another entry.
        number: its position in the file.
    """

    name: str
    kind: str
    weight: float
    maker: str = ""
    join: str = "-"
    needs: str = ""
    number: int = 0


@record
class Alias:
    """One spelling of an entry.

    Attributes:
        entry: its entry.
        doubtful: whether it needs support.
        versioned: whether it needs a version joined to it.
        cased: whether its first letter must be a capital in the text.
        words: whether it must stand alone as a word, at its beginning and at its end.
    """

    entry: LexiconEntry
    doubtful: bool = False
    versioned: bool = False
    cased: bool = False
    starts_word: bool = False
    ends_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lexicon:
    """All entries, with the automaton that finds them.

    Attributes:
        scoring: weights of places, threshold, caps.
        entries: in the order of the file.
        automaton: automaton of aliases with joints as spaces; its values are ``(length, Alias)``.
        version_words: words that are parts of version names.
        version: hash of the entries and of our code; it changes whenever a judgement may.
    """

    scoring: Scoring
    entries: tuple[LexiconEntry, ...]
    automaton: Any = field(repr=False)
    version_words: frozenset[str]
    version: str
    aliases: Mapping[str, Alias] = field(repr=False)

    def lookup(self, name: str) -> LexiconEntry | None:
        """Return the entry with an alias, or None."""
        alias = self.aliases.get(joined_as_spaces(fold(name)).strip())
        if alias is not None:
            return alias.entry
        wanted = key_of(name)
        return next((e for e in self.entries if key_of(e.name) == wanted), None)


def is_number(value: object) -> bool:
    """Return whether a value is a finite number (a boolean is not)."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -1e9 < value < 1e9  # type: ignore[operator]


def is_texts(value: object) -> bool:
    """Return whether a value is a list of texts with at least one letter or digit each."""
    return isinstance(value, list) and all(isinstance(v, str) and _is_name(v) for v in value)


def _is_name(text: str) -> bool:
    return any(character.isalnum() for character in text)


_NUMBER = Key("a number", is_number, float)
_WORDS = Key("a list of texts with a letter or digit each", is_texts)
_SUPPORT = Key("text in quotes: model, or the name of another entry", TEXT.accepts)
_GROUP = Table(
    {
        "kind": Key(
            "one of " + ", ".join(KINDS),
            lambda v: isinstance(v, str) and v in KINDS,
            required=True,
        ),
        "weight": _NUMBER,
        "needs": _SUPPORT,
        "entries": Key("a [group.entries] table", lambda v: isinstance(v, dict), required=True),
    }
)
_ENTRY = Table({"as": _WORDS, "weight": _NUMBER, "maker": TEXT, "join": TEXT, "needs": _SUPPORT})
_SCORE = Table(dict.fromkeys(Scoring.__dataclass_fields__, Key("a number", is_number)))
_VERSIONS = Table({"words": _WORDS})
_TABLES = ("extends", "[score]", "[[group]]", "[versions]")


class EntryReader:
    """Reads groups into entries and aliases, and reports their problems.

    Attributes:
        entries: entries with their spellings by kind and name, the last read first, so that its
            spellings win.
    """

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], tuple[LexiconEntry, tuple[str, ...]]] = {}

    def read_groups(self, file: TomlFile) -> None:
        """Read the ``[[group]]`` blocks of a file, which override those of files read before."""
        before, self.entries = self.entries, {}
        for number, block in enumerate(file.blocks("group"), 1):
            where = f"[[group]] {number}"
            group = _GROUP.accepted(file, where, block, "group", number)
            if "kind" in group and "entries" in group:
                for name, value in group["entries"].items():
                    self._read_entry(file, number, name, value, group)
        self.entries |= {key: e for key, e in before.items() if key not in self.entries}

    def _read_entry(
        self, file: TomlFile, number: int, name: str, value: object, group: Mapping[str, Any]
    ) -> None:
        where, kind = f"[[group]] {number} {name[:80]!r}", group["kind"]
        place = ("group", number, "entries", name)
        table = value if isinstance(value, dict) else {"as": value}
        keys = _ENTRY.check(file, where, table, *place)
        if (kind, name) in self.entries:
            file.report(where, f"is in this file already, as {kind}", *place)
        elif kind in ENTITY_KINDS and not _is_name(name):
            file.report(where, "its name has no letter or digit", *place)
        elif keys is not None:
            settings = {"weight": 0.0, **{k: group[k] for k in _INHERITED if k in group}, **keys}
            spellings = settings.pop("as", ())
            entry = LexiconEntry(name=name, kind=kind, **settings)
            # Names of topic phrases are for readers; names of entities are searched for.
            if kind in ENTITY_KINDS and not {f"{sign}{name}" for sign in SIGNS} & set(spellings):
                spellings = (name, *spellings)
            self.entries[kind, name] = entry, spellings


# Keys that an entry inherits from its group.
_INHERITED = ("weight", "needs")


def _aliases(spellings: Mapping[LexiconEntry, tuple[str, ...]]) -> dict[str, Alias]:
    found: dict[str, Alias] = {}
    for entry, texts in spellings.items():
        for text in texts:
            sign, text = (text[0], text[1:].strip()) if text[0] in SIGNS else ("", text.strip())
            doubtful, flat = sign in ("?", "+"), joined_as_spaces(fold(text)).strip()
            # A spelling of two entries belongs to the first, and to a sure one before a doubtful
            # one.
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
    """Return whether a character belongs to a space-separated word (Chinese does not)."""
    return char.isalnum() and char < "\u2e80"


def _build(path: Path, shipped: Path | None) -> Lexicon:
    file, reader = TomlFile(path), EntryReader()
    scoring: dict[str, Any] = {}
    words: tuple[str, ...] = ()
    layers = [file]
    if shipped is not None and file.tables.get("extends") is True:
        layers.insert(0, TomlFile(shipped))
    for layer in layers:
        layer.refuse_unknown(_TABLES)
        if not isinstance(layer.tables.get("extends", False), bool):
            layer.report("", f"extends is wrong (allowed: {FLAG.words})", "extends")
        reader.read_groups(layer)
        scoring |= _SCORE.accepted(layer, "[score]", layer.table("score"), "score")
        versions = _VERSIONS.accepted(layer, "[versions]", layer.table("versions"), "versions")
        words = versions.get("words", words)
    names = {name for _, name in reader.entries}
    for entry, _ in reader.entries.values():
        if entry.needs not in ("", "model", *names):
            file.report(
                "", f'{entry.name!r} needs {entry.needs!r}, which is neither "model" nor an entry'
            )
    if problems := [problem for layer in layers for problem in layer.problems]:
        raise ConfigError(problems)
    spellings = {
        replace(entry, number=number): texts
        for number, (entry, texts) in enumerate(reader.entries.values())
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
        path: a TOML file; the head of the shipped `config/topics.toml` explains its format.

    Raises:
        ConfigError: the file is invalid; the message has one line per problem.
    """
    shipped = shipped_config() / "topics.toml"
    return _build(path, None if path == shipped else shipped)


@cache
def default_lexicon() -> Lexicon:
    """Return the shipped lexicon."""
    return load_lexicon(shipped_config() / "topics.toml")


@lru_cache(maxsize=4)
def _at(path: Path, modified: int) -> Lexicon:
    return load_lexicon(path)


def lexicon_in(folder: Path | None) -> Lexicon:
    """Return the lexicon of a configuration folder: its `topics.toml`, or the shipped one.

    Raises:
        ConfigError: the file is invalid.
    """
    path = (folder or shipped_config()) / "topics.toml"
    if not path.is_file() or path == shipped_config() / "topics.toml":
        return default_lexicon()
    return _at(path, path.stat().st_mtime_ns)
