"""Sentences whose figures are others at every look: what a page computes amid its text.

A price or a rate may stand in any sentence, in any words. That it differs at each of several looks,
one after the other, and goes up and down, while nothing else does and the page does not state that
it was modified, tells it from an edit. What only grows may be a toll that its publisher corrects.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from scraper.text.patterns import lazy_compile

__all__ = ["LOOKS", "only_restless"]

# Edits in a row, each found at the look after the other, that only change a sentence's figures.
LOOKS = 4
_FIGURE = lazy_compile(r"[+−-]?\d+(?:[.,:]\d+)*")


def only_restless(
    added: Sequence[str], removed: Sequence[str], before: Sequence[tuple[str, str]]
) -> bool:
    """Return whether an edit only changes figures that went up and down at each of the last looks.

    Args:
        added, removed: sentences that came and went.
        before: the same of the edits before it, one sentence to a line, the last first.
    """
    if len(before) < LOOKS or not added:
        return False
    edits = [(_shapes(added), _shapes(removed))]
    edits += ((_shapes(came.splitlines()), _shapes(went.splitlines())) for came, went in before)
    edits = edits[: LOOKS + 1]
    restless = set.intersection(*(came.keys() & went.keys() for came, went in edits[1:]))
    if not edits[0][0].keys() | edits[0][1].keys() <= restless:
        return False
    return all(
        _goes_both_ways([edits[-1][1][shape], *(came[shape] for came, _ in reversed(edits))])
        for shape in edits[0][0]
    )


def _shapes(sentences: Sequence[str]) -> dict[str, list[float]]:
    """Return sentences without their figures, each with these."""
    return {
        _FIGURE.sub("0", sentence.strip()): [
            float("".join(filter(str.isdigit, figure))) for figure in _FIGURE.findall(sentence)
        ]
        for sentence in sentences
    }


def _goes_both_ways(looks: Sequence[Sequence[float]]) -> bool:
    """Return whether each figure that changed was once raised and once lowered, the first first."""
    for values in zip(*looks, strict=False):
        steps = {(later > former) - (later < former) for former, later in pairwise(values)}
        if steps - {0} and not steps >= {1, -1}:
            return False
    return True
