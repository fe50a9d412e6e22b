"""The lexicon `config/topics.toml`: read, checked, and made ready to find all its names at once.

Names are found by an automaton (Aho and Corasick, "Efficient string matching", CACM 18, 1975) that
runs once over the text, however many names there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import ahocorasick

from scraper.errors import ConfigError
from scraper.hanzi import fold
from scraper.judge.entries import SIGNS, Alias, Entry, Lexicon, Scoring, flatten, key_of
from scraper.judge.lexicon_file import EntryReader, is_number, is_texts, read_tables
from scraper.places import shipped_config

__all__ = ["Lexicon", "default_lexicon", "key_of", "lexicon_in", "load_lexicon"]


@cache
def _code() -> str:
    """Return a hash of the code that judges, so that an upgrade of ours counts as a change."""
    total = sha256()
    here = Path(__file__).parent
    names = ("entries", "lexicon_file", "lexicon", "names", "versions", "topic", "entities",
             "numerals", "measures", "measuring", "quantities", "linking", "judgement")  # fmt: skip
    for name in names:
        path = here / f"{name}.py"
        if path.exists():
            total.update(f"{name}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _aliases(spellings: Mapping[Entry, tuple[str, ...]]) -> dict[str, Alias]:
    found: dict[str, Alias] = {}
    for entry, texts in spellings.items():
        for text in texts:
            sign, text = (text[0], text[1:].strip()) if text[0] in SIGNS else ("", text.strip())
            doubtful, flat = sign in ("?", "+"), flatten(fold(text)).strip()
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
        Entry(**{**{k: getattr(e, k) for k in Entry.__slots__}, "number": number}): texts
        for number, (e, texts) in enumerate(reader.entries.values())
    }
    aliases = _aliases(spellings)
    automaton = ahocorasick.Automaton()
    for text, alias in aliases.items():
        automaton.add_word(text, (len(text), alias))
    if aliases:
        automaton.make_automaton()
    facts = repr((_code(), sorted(scoring.items()), sorted(words), list(spellings.items())))
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
