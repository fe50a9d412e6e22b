"""Sentences whose figures are others at every look: what a page computes amid its text.

A price, a count, a rate or "5 hours ago" may stand in any sentence, in any words. That it differs
at each of several looks, one after the other, while nothing else does and the page does not state
that it was modified, tells it from an edit.
"""

from __future__ import annotations

from collections.abc import Sequence

from scraper.text.patterns import lazy_compile

__all__ = ["LOOKS", "only_restless"]

# Edits in a row, each found at the look after the other, that only change a sentence's figures.
LOOKS = 4
_FIGURE = lazy_compile(r"[+−-]?\d+(?:[.,:]\d+)*")


def only_restless(
    added: Sequence[str], removed: Sequence[str], before: Sequence[tuple[str, str]]
) -> bool:
    """Return whether an edit only changes figures that changed at each of the last looks.

    Args:
        added, removed: sentences that came and went.
        before: the same of the edits before it, one sentence to a line, the last first.
    """
    if len(before) < LOOKS or not added:
        return False
    restless = set.intersection(
        *(_shapes(came.splitlines()) & _shapes(went.splitlines()) for came, went in before[:LOOKS])
    )
    return _shapes(added) | _shapes(removed) <= restless


def _shapes(sentences: Sequence[str]) -> set[str]:
    """Return sentences without their figures."""
    return {_FIGURE.sub("0", sentence.strip()) for sentence in sentences}
