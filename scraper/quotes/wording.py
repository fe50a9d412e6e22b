"""The words by which statements and speakers are found: the table `words.toml`, read once."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from functools import cache
from pathlib import Path

from scraper.record import record
from scraper.text.chinese import fold

__all__ = ["ChineseWords", "EnglishWords", "InterviewWords", "Words", "load_words"]


@record
class EnglishWords:
    """The table ``[english]``: see the comments of `words.toml`."""

    says: frozenset[str]
    reports: frozenset[str]
    plain: frozenset[str]
    bare: frozenset[str]
    addresses: frozenset[str]
    calls: frozenset[str]
    names: frozenset[str]
    pronouns: frozenset[str]
    narrators: frozenset[str]
    articles: frozenset[str]
    between: frozenset[str]
    passive: frozenset[str]
    openings: frozenset[str]
    conditions: frozenset[str]
    sources: frozenset[str]
    place_names: frozenset[str]
    auxiliaries: frozenset[str]
    noun_signs: frozenset[str]
    particles: frozenset[str]
    roles: frozenset[str]
    organisations: frozenset[str]
    abbreviations: frozenset[str]
    links: frozenset[str]
    stops: frozenset[str]
    dropped: frozenset[str]
    own: frozenset[str]
    places: frozenset[str]
    clause_starts: frozenset[str]
    possessives: frozenset[str]
    claims: frozenset[str]
    family_names: frozenset[str]
    adjuncts: frozenset[str]
    several: frozenset[str]
    unsaid: frozenset[str]
    modals: frozenset[str]
    unrealised: frozenset[str]
    inversions: frozenset[str]
    suppositions: frozenset[str]
    asking: frozenset[str]
    denies: frozenset[str]
    opinions: frozenset[str]
    views: frozenset[str]
    quoted: frozenset[str]
    relatives: frozenset[str]
    subjects: frozenset[str]


@record
class ChineseWords:
    """The table ``[chinese]``: see the comments of `words.toml`."""

    says: frozenset[str]
    reports: frozenset[str]
    bare: frozenset[str]
    not_before: frozenset[str]
    compounds: frozenset[str]
    not_before_long: frozenset[str]
    not_behind: frozenset[str]
    denies: frozenset[str]
    pronouns: frozenset[str]
    narrators: frozenset[str]
    openings: frozenset[str]
    behind: frozenset[str]
    behind_names: frozenset[str]
    roles: frozenset[str]
    marked: frozenset[str]
    surnames: frozenset[str]
    double_surnames: frozenset[str]
    no_person: frozenset[str]
    honorifics: frozenset[str]
    counts: frozenset[str]
    gives: frozenset[str]
    callings: frozenset[str]
    names_before: frozenset[str]
    names_behind: frozenset[str]
    saying: frozenset[str]


@record
class InterviewWords:
    """The table ``[interview]``: labels of questions and of answers."""

    questions: frozenset[str]
    answers: frozenset[str]


@record
class Words:
    """All tables."""

    english: EnglishWords
    chinese: ChineseWords
    interview: InterviewWords


@cache
def load_words() -> Words:
    """Return the tables of `words.toml`; all their words are folded."""
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))

    def sets(section: str, names: list[str]) -> dict[str, frozenset[str]]:
        # A text stands for the list of its characters.
        return {name: frozenset(map(fold, tables[section][name])) for name in names}

    return Words(
        english=EnglishWords(**sets("english", [f.name for f in fields(EnglishWords)])),
        chinese=ChineseWords(**sets("chinese", [f.name for f in fields(ChineseWords)])),
        interview=InterviewWords(**sets("interview", [f.name for f in fields(InterviewWords)])),
    )
