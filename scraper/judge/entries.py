"""The records of the lexicon: its entries, their spellings, and all of them ready to be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scraper.hanzi import fold

__all__ = [
    "ENTITY_KINDS",
    "KINDS",
    "SIGNS",
    "Alias",
    "Entry",
    "Lexicon",
    "Scoring",
    "flatten",
    "key_of",
]

ENTITY_KINDS = (
    "model", "company", "project", "person", "benchmark", "licence", "chip", "policy", "event",
)  # fmt: skip
KINDS = (*ENTITY_KINDS, "topic", "sign-model", "sign-ai", "contrary", "not")

# What may stand before an alias: see the head of the shipped file.
SIGNS = "?+^"

# What joins the words of a name: all of it compares as a space.
_JOINTS = "-_‐‑‒–—−·・\u00a0\u3000"


def flatten(folded: str) -> str:
    """Return folded text with joints made spaces; the length stays."""
    # Faster than a table by far: most of them stand nowhere.
    for joint in _JOINTS[:2] if folded.isascii() else _JOINTS:
        folded = folded.replace(joint, " ")
    return folded.replace("’", "'")


def key_of(name: str) -> str:
    """Return what tells names apart, however they are joined: ``Qwen 3-8B`` is ``qwen38b``."""
    return flatten(fold(name)).replace(" ", "")


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
class Entry:
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

    entry: Entry
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
    entries: tuple[Entry, ...]
    automaton: Any = field(repr=False)
    version_words: frozenset[str]
    version: str
    aliases: Mapping[str, Alias] = field(repr=False)

    def lookup(self, name: str) -> Entry | None:
        """Return the entry that a name is an alias of, or None."""
        alias = self.aliases.get(flatten(fold(name)).strip())
        if alias is not None:
            return alias.entry
        wanted = key_of(name)
        return next((e for e in self.entries if key_of(e.name) == wanted), None)
