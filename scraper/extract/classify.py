"""The learned block classifier: gradient-boosted trees as data, scored without their library.

`model.json` is written by ``python -m tests.training``. All blocks of a page go down a tree
together: at each node the blocks split into two lists, which in Python costs a fraction of walking
the tree once for each block. After the first trees, blocks that can no longer matter are settled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scraper.extract.features import FEATURES

__all__ = ["Model", "choose", "default_model", "load_model"]

# A leaf is a number; a node is (feature, threshold, at most, above).
Node = float | tuple[int, float, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Boosted trees whose leaves add up to log-odds.

    Attributes:
        trees: the trees, in the order of boosting.
        settle_after: number of trees after which blocks at or below `settle_below` are settled.
        settle_below: log-odds, or -inf to settle none.
    """

    trees: tuple[Node, ...]
    settle_after: int = 0
    settle_below: float = -math.inf

    def score(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return for each row of features the probability that the block is article text."""
        odds = [0.0] * len(rows)
        columns = list(zip(*rows, strict=True))
        alive = list(range(len(rows)))
        for number, tree in enumerate(self.trees):
            if number == self.settle_after and number:
                alive = [i for i in alive if odds[i] > self.settle_below]
            if alive:
                _add(tree, columns, alive, odds)
        return [1 / (1 + math.exp(-min(max(o, -40.0), 40.0))) for o in odds]


def _add(
    tree: Node, columns: Sequence[Sequence[float]], alive: list[int], odds: list[float]
) -> None:
    stack: list[tuple[Node, list[int]]] = [(tree, alive)]
    while stack:
        node, indices = stack.pop()
        if isinstance(node, float):
            for i in indices:
                odds[i] += node
            continue
        feature, threshold, low, high = node
        column = columns[feature]
        left = [i for i in indices if column[i] <= threshold]
        if len(left) == len(indices):
            stack.append((low, indices))
        elif not left:
            stack.append((high, indices))
        else:
            stack.append((low, left))
            stack.append((high, [i for i in indices if column[i] > threshold]))


def choose(probabilities: Sequence[float], sizes: Sequence[float]) -> list[bool]:
    """Return which blocks to keep so that the expected F1 of their words is largest.

    With the blocks in falling order of probability, the best set is a prefix (Ye et al., 2012,
    "Optimizing F-measures", section 3).

    Args:
        probabilities: of each block to be article text.
        sizes: words of each block.
    """
    expected = sum(p * n for p, n in zip(probabilities, sizes, strict=True))
    order = sorted(range(len(sizes)), key=probabilities.__getitem__, reverse=True)
    hits = kept = best = 0.0
    threshold = 2.0
    for i in order:
        hits += probabilities[i] * sizes[i]
        kept += sizes[i]
        value = 2 * hits / (kept + expected + 1e-9)
        if value > best:
            best, threshold = value, probabilities[i]
    return [p >= threshold for p in probabilities]


def _node(raw: Any) -> Node:
    if isinstance(raw, int | float):
        return float(raw)
    feature, threshold, low, high = raw
    return (int(feature), float(threshold), _node(low), _node(high))


def load_model(raw: dict[str, Any]) -> Model:
    """Return the model that a JSON object describes.

    Raises:
        ValueError: it was trained on other features than `FEATURES`.
    """
    if tuple(raw["features"]) != FEATURES:
        raise ValueError("model.json was trained on other features: run python -m tests.training")
    return Model(
        trees=tuple(_node(tree) for tree in raw["trees"]),
        settle_after=raw["settle_after"],
        settle_below=raw["settle_below"],
    )


@cache
def default_model() -> Model:
    """Return the shipped model."""
    path = Path(__file__).with_name("model.json")
    return load_model(json.loads(path.read_text(encoding="utf-8")))
