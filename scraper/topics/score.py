"""The topic score of a text: a sum of weighted mentions that can be checked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from scraper.models import Evidence, Topic
from scraper.topics.lexicon import Scoring
from scraper.topics.names import NameMatch

__all__ = ["lead_end", "score_topic"]

_SILENT = ("not",)


def lead_end(text: str, start: int, width: int) -> int:
    """Return the end of a lead that begins at `start` and is `width` columns wide."""
    used = 0
    for at in range(start, len(text)):
        used += 2 if text[at] >= "\u2e80" else 1
        if used > width:
            return at
    return len(text)


def score_topic(text: str, title_end: int, names: Sequence[NameMatch], scoring: Scoring) -> Topic:
    """Return the score of a text with its evidence.

    Args:
        text: headline, a line feed, and the clean text.
        title_end: end of the headline.
        names: its names from `find_names`.
        scoring: weights of places, threshold, caps.
    """
    lead = lead_end(text, title_end, scoring.lead_width)
    by_entry: dict[int, list[NameMatch]] = {}
    for found in names:
        if found.entry.kind not in _SILENT:
            by_entry.setdefault(found.entry.number, []).append(found)
    evidence = []
    core = background = 0.0
    for group in by_entry.values():
        first, entry = group[0], group[0].entry
        if first.start < title_end:
            place, factor = "headline", scoring.headline
        elif first.start < lead:
            place, factor = "lead", scoring.lead
        else:
            place, factor = "body", scoring.body
        points = entry.weight * (factor + log2(len(group)) / 2)
        if abs(entry.weight) >= scoring.core or entry.weight < 0:
            core += points
        else:
            background += points
        evidence.append(
            Evidence(
                name=entry.name,
                kind=entry.kind,
                place=place,
                count=len(group),
                points=round(points, 2),
                matched=text[first.start : first.end],
                offset=first.start if place == "headline" else first.start - title_end - 1,
            )
        )
    evidence.sort(key=lambda e: (-abs(e.points), e.name))
    return Topic(
        score=round(max(0.0, core + min(background, scoring.background)), 1),
        threshold=scoring.threshold,
        evidence=tuple(evidence),
    )
