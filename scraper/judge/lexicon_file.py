"""Reads a file of the lexicon into entries and their spellings, and notes what is wrong in it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from scraper.errors import ConfigError
from scraper.judge.entries import ENTITY_KINDS, KINDS, SIGNS, Entry

__all__ = ["EntryReader", "is_number", "is_texts", "read_tables"]


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
        self.entries: dict[tuple[str, str], tuple[Entry, tuple[str, ...]]] = {}

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
        entry = Entry(
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
