"""Where the blocks of a page stand: sums over its tree, and over blocks that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from scraper.extract.blocks import Segments
from scraper.extract.lexicons import ELEMENT_WORDS, element_words

__all__ = ["NEAR_COLUMNS", "Looks", "Near", "Tree", "article_orders"]


# Elements whose distance above a block counts; those joined by commas share a column.
_NEAR_TAGS: Final = """
article main aside footer header nav form table li,ul,ol blockquote figure,figcaption section
details dl,dd,dt td button
"""
_NEAR: Final = {
    tag: column for column, tags in enumerate(_NEAR_TAGS.split()) for tag in tags.split(",")
}
NEAR_COLUMNS: Final = max(_NEAR.values()) + 1
_FAR: Final = 16
# Elements that lay text out but do not group it: their text counts for the one that does.
_LEAVES: Final = frozenset(
    [
        "p",
        "li",
        "td",
        "pre",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "span",
        "dd",
        "tr",
        "th",
        "ul",
        "ol",
        "font",
        "tbody",
        "table",
        "center",
    ]
)


@lru_cache(maxsize=20_000)
def _element_words(naming: str) -> frozenset[int]:
    return element_words(naming)


class Tree:
    """Sums over the elements of a page."""

    def __init__(self, s: Segments, linked: Sequence[float]) -> None:
        self.s = s
        size = len(s.parents)
        self.length, self.linked, self.sentence = [0.0] * size, [0.0] * size, [0.0] * size
        self.count, self.own = [0] * size, [0.0] * size
        self.length_link = linked
        self.groups = [-1] * size

    def add(self, length: Sequence[float], sentence: Sequence[float]) -> None:
        parents, tags = self.s.parents, self.s.tags
        for i, block in enumerate(self.s.blocks):
            e = block.container
            self.length[e] += length[i]
            self.linked[e] += self.length_link[i]
            self.sentence[e] += sentence[i]
            self.count[e] += 1
            group = self.groups[e]
            if group < 0:
                group = e
                while group > 0 and tags[group] in _LEAVES:
                    group = parents[group]
                self.groups[e] = group
            self.own[group] += sentence[i]
        for e in range(len(parents) - 1, 0, -1):
            p = parents[e]
            self.length[p] += self.length[e]
            self.linked[p] += self.linked[e]
            self.sentence[p] += self.sentence[e]
            self.count[p] += self.count[e]

    def density(self, e: int) -> float:
        return self.linked[e] / self.length[e] if self.length[e] else 0.0

    def best(self) -> int:
        """Return the element that holds most text of its own, as Readability reckons it."""
        parents, score = self.s.parents, self.own[:]
        for e in range(1, len(parents)):
            p = parents[e]
            if p > 0 and self.own[e]:
                score[p] += 0.5 * self.own[e]
                if parents[p] > 0:
                    score[parents[p]] += 0.25 * self.own[e]
        return max(range(len(parents)), key=lambda e: score[e] * (1 - self.density(e)))

    def distances(self, best: int) -> list[tuple[int, int]]:
        """For each element, the steps from `best` and from itself to their common ancestor."""
        parents = self.s.parents
        up = {best: 0}
        for step, e in enumerate(self.s.ancestors(best)):
            up[e] = step
        up[0] = self.s.depths[best]
        found: list[tuple[int, int]] = []
        for e in range(len(parents)):
            if e in up:
                found.append((up[e], 0))
            else:
                from_best, own = found[parents[e]]
                found.append((from_best, own + 1))
        return found


class Near:
    """How many steps above a block the nearest element of each kind of words and tags is."""

    def __init__(self, s: Segments) -> None:
        self.parents = s.parents
        self.marks: list[frozenset[int] | tuple[int, ...]] = []
        width = len(ELEMENT_WORDS)
        for naming, tag in zip(s.words, s.tags, strict=True):
            marks: frozenset[int] | tuple[int, ...] = _element_words(naming) if naming else ()
            near = _NEAR.get(tag)
            self.marks.append(marks if near is None else (*marks, width + near))
        self.blank = [_FAR] * (width + NEAR_COLUMNS)
        self.known: dict[int, list[int]] = {}

    def of(self, element: int) -> list[int]:
        """Return the steps for an element, `_FAR` where there is none near."""
        row = self.known.get(element)
        if row is None:
            row = self.known[element] = self.blank[:]
            at, parents, marks = element, self.parents, self.marks
            for step in range(_FAR):
                if at <= 0:
                    break
                for column in marks[at]:
                    if row[column] > step:
                        row[column] = step
                at = parents[at]
        return row


class Looks:
    """Sums over blocks that look alike: same tag and first class up to the nth ancestor."""

    def __init__(self, s: Segments, levels: int) -> None:
        labels, parents = s.looks, s.parents
        self.keys: list[tuple[object, ...]] = []
        known: dict[int, tuple[str, ...]] = {}
        for block in s.blocks:
            e = block.container
            path = known.get(e)
            if path is None:
                steps, at = [labels[e]], e
                for _ in range(levels - 1):
                    at = parents[at] if at > 0 else 0
                    steps.append(labels[at])
                path = known[e] = tuple(steps)
            self.keys.append((path, block.broken))
        self.sums: dict[tuple[object, ...], list[float]] = {}

    def add(
        self, length: Sequence[float], linked: Sequence[float], sentence: Sequence[float]
    ) -> None:
        for key, n, k, t in zip(self.keys, length, linked, sentence, strict=True):
            sums = self.sums.get(key)
            if sums is None:
                self.sums[key] = [1.0, n, k, t]
            else:
                sums[0] += 1
                sums[1] += n
                sums[2] += k
                sums[3] += t


def article_orders(s: Segments) -> list[int]:
    """For each element, the how-manieth outermost ``<article>`` of the page it is in (0: none)."""
    orders, count = [0], 0
    for e in range(1, len(s.parents)):
        order = orders[s.parents[e]]
        if not order and s.tags[e] == "article":
            count += 1
            order = count
        orders.append(order)
    return orders
