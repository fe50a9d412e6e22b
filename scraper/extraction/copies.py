"""A text that a page holds several times: once for each width of screens, or by a slip.

Styles show one copy at a time, and those of frameworks are numbered, so that nothing in the page
says which copies are hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures, squashed
from scraper.extraction.sections import PARAGRAPH

__all__ = ["COPY", "copies"]

COPY: Final = "copy"

# Blocks and words of a copy, and paragraphs among them: refrains, labels and the rows of two tables
# are repeated on purpose.
_BLOCKS: Final = 3
_WORDS: Final = 50
_PARAGRAPHS: Final = 2
# Earlier places of a text that are tried, and blocks within which a copy shows that it is one.
_PLACES: Final = 4
_WINDOW: Final = 60
# Blocks from a copy within which what was said before is of it too: copies differ in a link or two.
_BESIDE: Final = 8


def copies(s: PageBlocks, rows: BlockFeatures, decided: Sequence[str]) -> list[int]:
    """Return the kept blocks that say again, in the same order, what the page has said.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else the rule that cut it.
    """
    kept = [i for i, rule in enumerate(decided) if not rule and rows.words[i]]
    if sum(rows.words[i] for i in kept) < 2 * _WORDS:
        return []
    texts = [squashed(s.blocks[i].text) for i in kept]
    places: defaultdict[str, list[int]] = defaultdict(list)
    found: set[int] = set()
    at = 0
    while at < len(kept):
        length = 0
        for there in places[texts[at]]:
            shared = _length(texts, there, at, _WINDOW)
            if _is_copy(rows, kept[at : at + shared]):
                length = max(length, _length(texts, there, at, len(kept)))
        found.update(range(at, at + length))
        for here in range(at, at + (length or 1)):
            if len(places[texts[here]]) < _PLACES:
                places[texts[here]].append(here)
        at += length or 1
    if found:
        said = set(texts[: min(found)])
        for order in (range(len(kept)), range(len(kept) - 1, min(found), -1)):
            _join(found, [at for at in order if at in found or texts[at] in said], min(found))
    return [kept[at] for at in sorted(found)]


def _join(found: set[int], repeated: Sequence[int], first: int) -> None:
    """Add to copies what is repeated near them, in the order that is given."""
    last = -1
    for at in repeated:
        if at in found:
            last = at
        elif at > first and last >= 0 and abs(at - last) <= _BESIDE:
            found.add(at)
            last = at


def _is_copy(rows: BlockFeatures, run: Sequence[int]) -> bool:
    """Whether blocks that the page has said before are a text."""
    if len(run) < _BLOCKS or sum(rows.words[i] for i in run) < _WORDS:
        return False
    return sum(rows.sentences[i] >= PARAGRAPH for i in run) >= _PARAGRAPHS


def _length(texts: Sequence[str], there: int, at: int, most: int) -> int:
    """Return how many texts from one place on are those from another, later one on."""
    most = min(most, at - there, len(texts) - at)
    for length in range(most):
        if texts[there + length] != texts[at + length]:
            return length
    return most
