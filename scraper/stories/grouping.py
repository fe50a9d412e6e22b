"""Joins articles to stories: agglomerative clustering over the probabilities of pairs.

Groups are joined two at a time, the likeliest first, as long as a model of few weights approves.
Its main measure is .7 mean + .3 maximum of the probabilities between the articles of the two.
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from scraper.record import record

__all__ = ["Join", "JoinModel", "Pair", "group", "join_model"]

Pair = tuple[int, int]

_MEAN, _MOST = 0.7, 0.3
# Probability of a pair that was not compared, since nothing suggested it.
_FLOOR = 0.01
_LEAST = 1e-4


class Join(NamedTuple):
    """Two groups that may be joined.

    Attributes:
        left, right: their articles.
        link: logit of .7 mean + .3 maximum of the probabilities between them.
        single: 1.0 where both are single articles, else 0.0.
        texts: share of pairs between them in which both have a text.
        looser: how far the mean between them is below the mean within the tighter of the two, as a
            share of the latter: two events of one kind are each tight by themselves. 0.0 where one
            is a single article.
    """

    left: Sequence[int]
    right: Sequence[int]
    link: float
    single: float
    texts: float
    looser: float


@record
class JoinModel:
    """Weights of a join; two groups are joined where the sum is positive."""

    bias: float
    link: float
    single: float
    single_texts: float
    texts: float
    looser: float

    def __call__(self, join: Join) -> float:
        """Return the logit of a join."""
        return (
            self.bias
            + self.link * join.link
            + self.single * join.single
            + self.single_texts * join.single * join.texts
            + self.texts * join.texts
            + self.looser * join.looser
        )


@cache
def join_model(*, embeddings: bool) -> JoinModel:
    """Return the shipped model.

    Args:
        embeddings: whether the probabilities of pairs are based on embeddings too.
    """
    text = (files(__package__) / "model.json").read_text(encoding="utf-8")
    return JoinModel(**json.loads(text)["embeddings" if embeddings else "plain"]["joins"])


@dataclass(slots=True)
class _Link:
    """Probabilities between two groups."""

    total: float
    most: float
    pairs: int
    vetoed: int = 0


@dataclass(slots=True)
class _Group:
    members: list[int]
    texts: int
    inside: float = 0.0  # sum of the probabilities of its pairs
    links: dict[int, _Link] = field(default_factory=dict)
    version: int = 0


def group(
    articles: Iterable[int],
    pairs: Mapping[Pair, float],
    score: Callable[[Join], float],
    *,
    with_text: frozenset[int] | set[int] = frozenset(),
    vetoed: frozenset[Pair] | set[Pair] = frozenset(),
) -> list[list[int]]:
    """Return the groups of articles that report one event each.

    Args:
        articles: their numbers.
        pairs: probabilities that two articles report one event, by their numbers, the lower first;
            a missing pair is taken as unlikely.
        score: logit of a join.
        with_text: articles that are more than a headline.
        vetoed: pairs that are certainly two stories; no groups are joined if most pairs forbid it.

    Returns:
        Groups of one or more, each in ascending order, by their first article.
    """
    groups = {a: _Group([a], int(a in with_text)) for a in articles}
    for (a, b), probability in pairs.items():
        link = _Link(probability, probability, 1, int((a, b) in vetoed))
        groups[a].links[b] = link
        groups[b].links[a] = link
    queue: list[tuple[float, int, int, int, int]] = []

    def offer(a: int, b: int) -> None:
        left, right = groups[a], groups[b]
        join = _join(left, right, left.links[b])
        if join is not None and (value := score(join)) > 0:
            heapq.heappush(queue, (-value, a, b, left.version, right.version))

    for a, b in pairs:
        offer(a, b)
    while queue:
        _, a, b, version_a, version_b = heapq.heappop(queue)
        if a not in groups or b not in groups:
            continue
        if groups[a].version != version_a or groups[b].version != version_b:
            continue
        _merge(groups, a, b)
        for other in groups[a].links:
            offer(min(a, other), max(a, other))
    return sorted(sorted(g.members) for g in groups.values())


def _join(left: _Group, right: _Group, link: _Link) -> Join | None:
    size = len(left.members) * len(right.members)
    if 2 * link.vetoed >= size:
        return None
    mean = (link.total + _FLOOR * (size - link.pairs)) / size
    share = min(max(_MEAN * mean + _MOST * link.most, _LEAST), 1 - _LEAST)
    return Join(
        left=left.members,
        right=right.members,
        link=math.log(share / (1 - share)),
        single=float(size == 1),
        texts=left.texts * right.texts / size,
        looser=_looser(left, right, mean),
    )


def _looser(left: _Group, right: _Group, mean: float) -> float:
    if min(len(left.members), len(right.members)) < 2:
        return 0.0
    within = [2 * g.inside / (len(g.members) * (len(g.members) - 1)) for g in (left, right)]
    return max(0.0, 1 - mean / max(*within, _LEAST))


def _merge(groups: dict[int, _Group], a: int, b: int) -> None:
    """Join group `b` to group `a`."""
    left, right = groups[a], groups.pop(b)
    link = left.links[b]
    size = len(left.members) * len(right.members)
    left.inside += right.inside + link.total + _FLOOR * (size - link.pairs)
    left.members += right.members
    left.texts += right.texts
    left.version += 1
    del left.links[b], right.links[a]
    for other, link in right.links.items():
        mine = left.links.get(other)
        if mine is None:
            mine = link
        else:
            mine = _Link(
                mine.total + link.total,
                max(mine.most, link.most),
                mine.pairs + link.pairs,
                mine.vetoed + link.vetoed,
            )
        left.links[other] = mine
        there = groups[other].links
        there.pop(b, None)
        there[a] = mine
