"""The probability that two articles report one event: measures of a pair, and a linear model.

The measures are the evidence that is kept with a pair. The weights in `model.json` are learned by
`python -m tests.training_stories`; they are the same for all archives.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from scraper.stories.embedding import similarity
from scraper.stories.features import StoryFeatures, Vector

__all__ = ["MEASURES", "PairModel", "is_other_edition", "measure", "pair_model"]

MEASURES = (
    "own_title", "own_text", "pivot_title", "pivot_lead", "pivot_text", "names_title", "names_text",
    "entities", "shared", "rarest", "covered_most", "covered_least", "lead_most", "lead_least",
    "figures", "figures_text", "figure_shared", "figure_differs", "days", "days_differ",
    "years_differ", "embedding_title", "embedding_lead",
)  # fmt: skip
# Measures whose weight depends on the pair: of two languages, of two texts.
_PLAIN = frozenset(
    ("figures", "figure_shared", "figure_differs", "days", "days_differ", "years_differ")
)
_RAREST = 8.0


def _dot(one: Vector, other: Vector) -> float:
    # The exact sum, whatever the order of the terms.
    return math.fsum([one[term] * other[term] for term in one.keys() & other.keys()])


def _covered(title: Vector, other: Vector) -> float:
    """Return the share of a headline's weight whose terms another text has."""
    total = sum(title.values())
    return sum(weight for term, weight in title.items() if term in other) / total if total else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / math.sqrt(len(one) * len(other)) if both else 0.0


def measure(one: StoryFeatures, other: StoryFeatures) -> dict[str, float]:
    """Return the measures of a pair by name, each about 0 to 1."""
    shared = [rarity for term, rarity in one.rarities.items() if term in other.rarities]
    title = (
        _covered(one.pivot_title, other.pivot_title),
        _covered(other.pivot_title, one.pivot_title),
    )
    lead = _covered(one.pivot_title, other.pivot_lead), _covered(other.pivot_title, one.pivot_lead)
    return {
        "own_title": _dot(one.own_title, other.own_title),
        "own_text": _dot(one.own_text, other.own_text),
        "pivot_title": _dot(one.pivot_title, other.pivot_title),
        "pivot_lead": _dot(one.pivot_lead, other.pivot_lead),
        "pivot_text": _dot(one.pivot_text, other.pivot_text),
        "names_title": _dot(one.names_title, other.names_title),
        "names_text": _dot(one.names_text, other.names_text),
        "entities": _dot(one.entities, other.entities),
        "shared": math.log1p(sum(shared)) / 4,
        "rarest": max(shared, default=0.0) / _RAREST,
        "covered_most": max(title),
        "covered_least": min(title),
        "lead_most": max(lead),
        "lead_least": min(lead),
        "figures": _overlap(one.figures_lead, other.figures_lead),
        "figures_text": _overlap(one.figures_text, other.figures_text),
        "figure_shared": float(not one.figures_title.isdisjoint(other.figures_title)),
        "figure_differs": _differ(one.figures_title, other.figures_title),
        "days": _overlap(one.days, other.days),
        "days_differ": _differ(one.days, other.days),
        "years_differ": _differ(one.years, other.years),
        "embedding_title": similarity(one.embedding_title, other.embedding_title),
        "embedding_lead": similarity(one.embedding_lead, other.embedding_lead),
    }


def _differ(one: frozenset[str], other: frozenset[str]) -> float:
    return float(bool(one) and bool(other) and one.isdisjoint(other))


def is_other_edition(one: StoryFeatures, other: StoryFeatures) -> bool:
    """Return whether two headlines are equal except for a figure, version or name: two stories.

    "Version 6.0.9" and "6.0.10"; "How to watch Ajax vs Inter" and "How to watch Ajax vs Roma".
    """
    if one.chinese != other.chinese or one.own_title.keys() == other.own_title.keys():
        return False
    alone = one.own_title.keys() ^ other.own_title.keys()
    return (
        0 < len(alone) <= 2
        and all(any(char.isdigit() for char in term) for term in alone)
        and bool(one.own_title.keys() - other.own_title.keys())
        and bool(other.own_title.keys() - one.own_title.keys())
    )


class PairModel(NamedTuple):
    """A linear model over the measures of a pair.

    Attributes:
        bias: logit of a pair with no measure, of one language, one of them a headline alone.
        weights: by name of a measure; "two languages * NAME", "two texts * NAME" apply to such
            pairs in addition.
    """

    bias: float
    weights: Mapping[str, float]

    def probability(
        self, one: StoryFeatures, other: StoryFeatures, measures: Mapping[str, float]
    ) -> float:
        """Return the probability that two articles report one event.

        Args:
            one, other: the articles.
            measures: from `measure`.
        """
        weights = self.weights
        total = self.bias
        for name, value in inputs(one, other, measures).items():
            total += weights.get(name, 0.0) * value
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def inputs(
    one: StoryFeatures, other: StoryFeatures, measures: Mapping[str, float]
) -> dict[str, float]:
    """Return the model's inputs: the measures of a pair, and those that depend on its kind."""
    found = dict(measures)
    if one.chinese != other.chinese:
        found["two languages"] = 1.0
        found |= {f"two languages * {k}": v for k, v in measures.items() if k not in _PLAIN}
    elif one.chinese:
        found["two Chinese"] = 1.0
    if one.has_text and other.has_text:
        found["two texts"] = 1.0
        found |= {f"two texts * {k}": v for k, v in measures.items() if k not in _PLAIN}
    return found


@cache
def pair_model(*, embeddings: bool) -> PairModel:
    """Return the shipped model.

    Args:
        embeddings: whether articles have embeddings of the optional model.
    """
    text = (files(__package__) / "model.json").read_text(encoding="utf-8")
    told = json.loads(text)["embeddings" if embeddings else "plain"]
    return PairModel(told["pairs"]["bias"], told["pairs"]["weights"])
