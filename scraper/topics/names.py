"""Finds the lexicon's names in a text: one pass of the automaton, then checks of each match."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.record import record
from scraper.text.chinese import fold
from scraper.topics.lexicon import (
    ENTITY_KINDS,
    Alias,
    Lexicon,
    LexiconEntry,
    joined_as_spaces,
    key_of,
)
from scraper.topics.model_versions import read_version, unlisted_models, version_name

__all__ = ["NameMatch", "find_names"]

# Distance in characters within which a doubtful name needs a word of AI, and a word of openness a
# word of models.
_NEAR_AI = 160
_NEAR_MODEL = 60
# Entry of models that are missing from the lexicon.
_UNLISTED = LexiconEntry(name="model named by its form", kind="model", weight=2.0, number=-1)


@record
class NameMatch:
    """A name in a text.

    Attributes:
        start, end: its position.
        entry: its entry.
        name: the entry's name, or that of a model's version.
        listed: whether it is in the lexicon.
    """

    start: int
    end: int
    entry: LexiconEntry
    name: str
    listed: bool = True


@dataclass(slots=True)
class _Raw:
    start: int
    end: int
    alias: Alias
    parts: tuple[str, ...] = ()


def find_names(text: str, lexicon: Lexicon, *, folded: str | None = None) -> tuple[NameMatch, ...]:
    """Return all names in a text in order; they do not overlap, except a maker and its model.

    Args:
        text: headline and clean text.
        lexicon: the lexicon.
        folded: the folded text, if known.
    """
    folded = fold(text) if folded is None else folded
    raw = _unhidden(_raw_matches(text, folded, lexicon))
    kept = _longest(_supported(raw))
    found = [
        NameMatch(
            start=m.start,
            end=m.end,
            entry=m.alias.entry,
            name=version_name(m.alias.entry.name, m.alias.entry.join, m.parts)
            if m.parts
            else m.alias.entry.name,
        )
        for m in kept
    ]
    return _with_unlisted(text, found, lexicon)


def _raw_matches(text: str, folded: str, lexicon: Lexicon) -> list[_Raw]:
    if not lexicon.aliases:
        return []
    flat, size = joined_as_spaces(folded), len(folded)
    raw = []
    for last, (length, alias) in lexicon.automaton.iter(flat):
        start, end = last - length + 1, last + 1
        if alias.starts_word and start and _in_word(flat[start - 1]):
            continue
        parts: tuple[str, ...] = ()
        is_model = alias.entry.kind == "model"
        if alias.ends_word and end < size and _in_word(flat[end]):
            # A plural, or a model's version: qwen3. Llamas are animals, GLMs are statistics.
            plural = flat[end] == "s" and (end + 1 == size or not _in_word(flat[end + 1]))
            if plural and not is_model:
                end += 1
            elif not (is_model and (flat[end].isdigit() or flat[end] in "vrk")):
                continue
            else:
                after, parts = read_version(folded, text, start, end, lexicon.version_words)
                if after == end:
                    continue
                end = after
        elif is_model:
            end, parts = read_version(folded, text, start, end, lexicon.version_words)
        if alias.cased and not text[start].isupper():
            continue
        if alias.versioned and (not parts or text[start + length].isspace()):
            continue
        raw.append(_Raw(start, end, alias, parts))
    return raw


def _in_word(char: str) -> bool:
    return char.isalnum() and char < "\u2e80"


def _unhidden(raw: list[_Raw]) -> list[_Raw]:
    """Drop matches that overlap a hiding phrase."""
    hidden = [(m.start, m.end) for m in raw if m.alias.entry.kind == "not"]
    if not hidden:
        return raw
    return [
        m
        for m in raw
        if m.alias.entry.kind != "not"
        # A longer name that contains the phrase stays.
        and not any(
            start < m.end and m.start < end and end - start >= m.end - m.start
            for start, end in hidden
        )
    ]


def _lends_support(entry: LexiconEntry) -> bool:
    return entry.kind in ("model", "topic", "sign-model", "sign-ai", "benchmark", "chip") or (
        entry.kind in ("company", "project") and entry.weight >= 2
    )


def _is_near(places: Sequence[int], match: _Raw, reach: int) -> bool:
    at = bisect_left(places, match.start - reach)
    return at < len(places) and places[at] <= match.end + reach


def _supported(raw: list[_Raw]) -> list[_Raw]:
    """Drop doubtful names without support."""
    sure = [m for m in raw if not m.alias.doubtful or _is_told_by_version(m)]
    signs = sorted({m.start for m in sure if _lends_support(m.alias.entry)})
    of_models = ("model", "topic", "sign-model")
    model_signs = sorted({m.start for m in sure if m.alias.entry.kind in of_models})
    makers: dict[str, list[int]] = {}
    for match in sure:
        if match.alias.entry.kind == "company":
            makers.setdefault(match.alias.entry.name, []).append(match.start)
    # A word has one sense in one text (Gale, Church, Yarowsky, "One sense per discourse", 1992).
    meant = {m.alias.entry.number for m in sure if m.alias.entry.kind in ENTITY_KINDS}
    kept, waiting = [], []
    for match in raw:
        alias, entry = match.alias, match.alias.entry
        if not alias.doubtful:
            kept.append(match)
        elif entry.needs and entry.needs != "model":
            waiting.append(match)
        elif (
            _is_told_by_version(match)
            or (entry.number in meant and not alias.versioned)
            or (
                _is_near(model_signs, match, _NEAR_MODEL)
                if entry.needs
                else _is_near(signs, match, _NEAR_AI)
            )
            or _is_near(makers.get(entry.maker, ()), match, _NEAR_AI)
        ):
            kept.append(match)
    if waiting:
        present = {m.alias.entry.name for m in kept}
        kept += [m for m in waiting if m.alias.entry.needs in present]
    return kept


def _is_told_by_version(match: _Raw) -> bool:
    """Return whether a version after a doubtful family confirms it: Llama 3.1, GLM-4.6."""
    family = match.end - match.start - len("".join(match.parts))
    return bool(match.parts) and match.alias.entry.kind == "model" and family >= 4


def _longest(raw: list[_Raw]) -> list[_Raw]:
    """Return matches that do not overlap: of two that do, the longer one.

    A maker within the name of its model (腾讯混元) stays.
    """
    kept: list[_Raw] = []
    makers: list[_Raw] = []
    for match in sorted(raw, key=lambda m: (m.start, -m.end)):
        if (
            kept
            and match.end <= kept[-1].end
            and match.alias.entry.kind == "company"
            and match.alias.entry.name == kept[-1].alias.entry.maker
        ):
            makers.append(match)
            continue
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
        elif match.end - match.start > kept[-1].end - kept[-1].start or (
            (match.start, match.end) == (kept[-1].start, kept[-1].end)
            and _is_nearer(match, kept[-1])
        ):
            kept[-1] = match
    return sorted(kept + makers, key=lambda m: m.start) if makers else kept


def _is_nearer(one: _Raw, other: _Raw) -> bool:
    """Return whether one match of the same characters is preferred to another.

    Of two entries, the one whose name covers more (gpt-oss-20b is not a GPT); of two aliases of an
    entry, the one that leaves more to the version (Janus-Pro-7B).
    """
    more = len("".join(one.parts)) - len("".join(other.parts))
    return more > 0 if one.alias.entry.number == other.alias.entry.number else more < 0


def _with_unlisted(text: str, found: list[NameMatch], lexicon: Lexicon) -> tuple[NameMatch, ...]:
    unlisted = unlisted_models(text)
    if not unlisted:
        return tuple(found)
    taken = [(f.start, f.end) for f in found if f.entry.weight >= 1 or f.entry.kind == "model"]
    for name, spans in unlisted.items():
        if lexicon.lookup(name) is not None:
            continue
        found += [
            NameMatch(start=start, end=end, entry=_UNLISTED, name=name, listed=False)
            for start, end in spans
            if not any(a < end and start < b for a, b in taken)
        ]
    keys: dict[str, str] = {}
    unified = [
        f if f.listed else NameMatch(start=f.start, end=f.end, entry=f.entry, listed=False,
                                 name=keys.setdefault(key_of(f.name), f.name))
        for f in found
    ]  # fmt: skip
    return tuple(sorted(unified, key=lambda f: f.start))
