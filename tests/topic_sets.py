"""Reads the labelled sets of `tests/topic_set`, and measures against them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scraper.models import Quantity
from scraper.topics import judge

__all__ = ["Headline", "Wanted", "read_headlines", "read_names", "read_sentences", "wanted_of"]

_FOLDER = Path(__file__).with_name("topic_set")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A labelled headline with its lead."""

    on: bool
    language: str
    title: str
    lead: str

    def judged_on(self) -> bool:
        """Whether the shipped lexicon takes it for on topic."""
        return judge(self.title, self.lead).topic.on


Wanted = tuple[str, float, float, str, str, str]


def read_headlines(name: str) -> list[Headline]:
    """Return a set of headlines."""
    rows = (_FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [
        Headline(on=label == "on", language=language, title=title, lead=lead)
        for label, language, title, lead in (
            row.split("\t") for row in rows if not row.startswith("#")
        )
    ]


def read_names(name: str) -> list[tuple[str, dict[str, int]]]:
    """Return sentences, each with the names in it and how often they stand there."""
    cases: list[tuple[str, dict[str, int]]] = []
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            said, _, count = line.rpartition("|")
            cases[-1][1][said.strip()] = int(count)
        elif not line.startswith("#"):
            cases.append((line, {}))
    return cases


def read_sentences(name: str) -> list[tuple[str, list[tuple[Wanted, str]]]]:
    """Return sentences, each with the quantities in it and what these are of."""
    cases: list[tuple[str, list[tuple[Wanted, str]]]] = []
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        if not line.startswith("  "):
            cases.append((line, []))
            continue
        kind, value, unit, qualifier, detail, about = (part.strip() for part in line.split("|"))
        low, _, high = value.partition("..")
        wanted = (kind, float(low), float(high or low), unit, qualifier, detail)
        cases[-1][1].append((wanted, about))
    return cases


def wanted_of(quantity: Quantity) -> Wanted:
    """Return a quantity in the form of the sets."""
    q = quantity
    return q.kind, q.low, q.high, q.unit, q.qualifier, q.detail
