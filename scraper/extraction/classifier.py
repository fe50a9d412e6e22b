"""The learned block classifier: gradient-boosted trees as data, scored without their library.

`model.json` is written by ``python -m tests.training``. Each stage of trees is compiled to one
Python expression, which costs a third of walking the trees as data; to compile it takes as long as
to walk a few pages' rows, so that they are walked first. Most blocks of a page are plainly no
article, or plainly are: after a stage, those below its floor or above its ceiling are settled.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from scraper.extraction.features import FEATURES, INTEGRAL
from scraper.extraction.page_parts import SIGNS
from scraper.record import record

__all__ = ["Model", "choose", "default_model", "load_model", "load_trees", "thresholds_of"]


# No block below this is kept beside likelier ones, however the sums come out.
_LEAST_LIKELY = 0.38
# Rows from which those alike are looked for.
_MANY = 2_000
# Rows for which a tree is walked before it is compiled, which takes as long.
_WALKED = 1_000


class _Stage:
    """Trees whose leaves are added up for a row.

    Args:
        trees: as `load_trees` describes them.
        integral: features that are whole numbers in every row.
        width: values of a row.
    """

    def __init__(self, trees: Sequence[Any], integral: Set[int], width: int) -> None:
        self._trees = trees
        self._integral = integral
        self._width = width
        self._walked = 0
        self._function: Callable[..., float] | None = None

    def adder(self, rows: int) -> Callable[..., float]:
        """Return a function of the values of a row to the sum of its leaves.

        Args:
            rows: for which it will be called.
        """
        if self._function is None:
            self._walked += rows
            if self._walked <= _WALKED:
                return self._walk
            self._function = _compiled(self._trees, self._integral, self._width)
        return self._function

    def _walk(self, *values: float) -> float:
        total = 0.0
        for node in self._trees:
            while not isinstance(node, float | int):
                node = node[2] if values[node[0]] <= node[1] else node[3]
            total += node
        return total


@record
class Model:
    """Boosted trees whose leaves add up to log-odds.

    Attributes:
        stages: trees, and the log-odds at or below, and at or above which a block is settled after
            them.
        boundaries: what tells other articles of a page from parts of its own, beside the model of
            single blocks; see `scraper.extraction.boundaries`.
        trees: all of them, in the order of the stages.
    """

    stages: tuple[tuple[_Stage, float, float], ...]
    boundaries: Model | None = None
    trees: Sequence[Any] = ()

    def score(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return for each row of features the probability that the block is article text."""
        if len(rows) > _MANY and (thresholds := thresholds_of(self)):
            # Rows that lie between the same thresholds have the same odds: a page of many blocks
            # has few that differ.
            cells = [tuple(map(bisect_left, thresholds, row)) for row in rows]
            unlike = dict(zip(cells, rows, strict=True))
            found = dict(zip(unlike, self._score(list(unlike.values())), strict=True))
            return [found[cell] for cell in cells]
        return self._score(rows)

    def _score(self, rows: Sequence[Sequence[float]]) -> list[float]:
        odds = [0.0] * len(rows)
        alive: Sequence[int] = range(len(rows))
        for stage, floor, ceiling in self.stages:
            add = stage.adder(len(alive))
            # Stage by stage, not row by row: one stage's code stays in the processor's cache.
            for i in alive:
                odds[i] += add(*rows[i])
            alive = [i for i in alive if floor < odds[i] < ceiling]
        return [1 / (1 + math.exp(-value)) for value in odds]


def thresholds_of(model: Model) -> list[tuple[float, ...]]:
    """Return, of each feature, those values that a tree compares it with, in rising order."""
    compared: defaultdict[int, set[float]] = defaultdict(set)
    waiting = list(model.trees)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, int | float):
            compared[int(node[0])].add(float(node[1]))
            waiting += node[2:]
    return [tuple(sorted(compared[f])) for f in range(max(compared, default=-1) + 1)]


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
    # Where nothing is likely, the best expectation is a heap of unlikely blocks; refuse those.
    top = max(probabilities, default=0.0)
    threshold = min(max(threshold, _LEAST_LIKELY), top)
    return [p >= threshold for p in probabilities]


def _expression(node: Any, integral: Set[int]) -> str:
    """Return a tree as a conditional expression over ``v0``, ``v1`` …; only numbers go into it.

    A whole number is compared with one: Python does that in half the time.
    """
    if isinstance(node, int | float):
        return repr(float(node))
    feature, threshold, low, high = node
    most = math.floor(threshold) if feature in integral else float(threshold)
    test = f"v{int(feature)}<={most!r}"
    return f"({_expression(low, integral)} if {test} else {_expression(high, integral)})"


def _compiled(trees: Sequence[Any], integral: Set[int], width: int) -> Callable[..., float]:
    """Return a function of the values of a row: an argument is read in half the time of an item."""
    values = ",".join(f"v{column}" for column in range(width))
    source = f"lambda {values}:" + "+".join(_expression(tree, integral) for tree in trees)
    function: Callable[..., float] = eval(source, {"__builtins__": {}})
    return function


def load_trees(raw: Mapping[str, Any], integral: Set[int] = frozenset()) -> Model:
    """Return boosted trees that a JSON object describes, whatever their features mean.

    Features are named, in the order of a row's values. A tree is a number (leaf) or
    ``[feature, threshold, at most, above]``; a stage is ``[number of trees, floor, ceiling]``.

    Args:
        raw: the object.
        integral: features that are whole numbers in every row.
    """
    stages, begin, width = [], 0, len(raw["features"])
    for count, floor, ceiling in [*raw["stages"], [len(raw["trees"]), -math.inf, math.inf]]:
        stages.append(
            (_Stage(raw["trees"][begin:count], integral, width), float(floor), float(ceiling))
        )
        begin = count
    return Model(stages=tuple(stages), trees=raw["trees"])


def load_model(raw: Mapping[str, Any], boundaries: Mapping[str, Any] | None = None) -> Model:
    """Return the model that a JSON object describes: features, trees, stages; see `load_trees`.

    Args:
        raw: the model of single blocks.
        boundaries: trees over the signs of parts, or None to cut no part.

    Raises:
        ValueError: one was trained on other features than `FEATURES`, or on other `SIGNS`.
    """
    if tuple(raw["features"]) != FEATURES:
        raise ValueError("model.json was trained on other features: run python -m tests.training")
    if boundaries is not None and tuple(boundaries["features"]) != SIGNS:
        raise ValueError(
            "boundaries.json was trained on other signs: run python -m tests.training --boundaries"
        )
    parts = load_trees(boundaries) if boundaries is not None else None
    integral = frozenset(column for column, name in enumerate(FEATURES) if name in INTEGRAL)
    return replace(load_trees(raw, integral), boundaries=parts)


@cache
def default_model() -> Model:
    """Return the shipped model."""
    blocks, parts = (
        json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
        for name in ("model.json", "boundaries.json")
    )
    return load_model(blocks, parts)
