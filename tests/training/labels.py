"""Which blocks of a page belong to its gold text.

A gold text says what the article is, not where in the page it stands, and its rendering differs
from ours. So each block is looked for in the gold text, and the heaviest chain of blocks that occur
there in page order is taken: a headline or a teaser that repeats a sentence of the article is
left out because the sentence's own place fits the chain better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scraper.extraction.features import squashed, words

__all__ = ["label"]

_MAX_PLACES = 8
_LONG = 12  # words from which a block out of order is believed to be meant


class _Chain:
    """Best total weight of a chain that ends at or before a place (a Fenwick tree of maxima)."""

    def __init__(self, size: int) -> None:
        self._best: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)

    def upto(self, place: int) -> tuple[float, int]:
        place = min(place, len(self._best) - 2) + 1
        found = (0.0, -1)
        while place > 0:
            found = max(found, self._best[place], key=lambda pair: pair[0])
            place -= place & -place
        return found

    def put(self, place: int, value: tuple[float, int]) -> None:
        place = min(place, len(self._best) - 2) + 1
        while place < len(self._best):
            if value[0] > self._best[place][0]:
                self._best[place] = value
            place += place & -place


def _places(
    block: str, raw: str, gold: str, grams: set[tuple[str, ...]]
) -> tuple[list[int], float]:
    """Where in the gold text a block begins, and how much of it stands there."""
    places, at = [], gold.find(block)
    while at >= 0 and len(places) < _MAX_PLACES:
        places.append(at)
        at = gold.find(block, at + 1)
    if places:
        return places, 1.0
    if len(block) <= 30:
        return [], 0.0
    tokens = words(raw.lower())
    own = list(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))
    covered = sum(gram in grams for gram in own) / len(own) if own else 0.0
    if covered <= 0.3:
        return [], covered
    for offset in range(0, len(block) - 20, 15):
        at = gold.find(block[offset : offset + 20])
        if at >= 0:
            return [max(0, at - offset)], covered
    return [], covered


def label(texts: Sequence[str], gold: str) -> list[float]:
    """Return for each block the share of it (0 to 1) that belongs to the gold text."""
    flat, tokens = squashed(gold), words(gold.lower())
    grams = set(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))
    without_spaces = [squashed(text) for text in texts]
    share = [0.0] * len(texts)
    chain = _Chain(len(flat) + 2)
    steps: list[tuple[int, int]] = []  # block, step before
    for i, block in enumerate(without_spaces):
        if not block:
            continue
        places, share[i] = _places(block, texts[i], flat, grams)
        found = []
        for place in places:
            weight, before = chain.upto(place + 3)
            steps.append((i, before))
            found.append(
                (place + len(block), (weight + len(block) * share[i] + 0.01, len(steps) - 1))
            )
        for end, value in found:
            chain.put(end, value)
    labels = [0.0] * len(texts)
    step = chain.upto(len(flat) + 1)[1]
    while step >= 0:
        block_at, step = steps[step]
        labels[block_at] = share[block_at]
    seen: Counter[str] = Counter()
    for i, block in enumerate(without_spaces):
        long = len(words(texts[i])) >= _LONG
        if not labels[i] and share[i] > 0.9 and long:
            labels[i] = 0.9
        if labels[i] and long:
            # Pages repeat their body for other screen widths: one copy is the article.
            seen[block] += 1
            if seen[block] > max(1, flat.count(block)):
                labels[i] = 0.0
    return labels
