"""Parts of a series that a classifier of blocks cuts though most of their like are the article's.

A ranking, a test of many products, a round-up of many places tells one thing after the other in
parts of one look: a heading, then prose. The classifier judges each block by what is around it, and
gives the last of them up, or one amid them. What tells that they belong to the text are the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures

__all__ = ["parts_of_series"]

_FEWEST: Final = 3  # kept parts
_TOLD: Final = 6.0  # words of sentences that make a block part of what is told
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# A row of parts: the element around them, and how each of them looks.
_Row = tuple[int, str]
_Look = tuple[str, str]


def parts_of_series(
    s: PageBlocks, rows: BlockFeatures, decided: Sequence[str], open_: Callable[[str], bool]
) -> set[int]:
    """Return the cut blocks of parts of which most are kept.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
        open_: whether a cut of that name may be taken back.
    """
    kept: defaultdict[_Row, dict[int, set[_Look]]] = defaultdict(dict)
    for i, rule in enumerate(decided):
        if not rule and rows.sentences[i] >= _TOLD:
            for row, part in _rows(s, i):
                kept[row].setdefault(part, set()).add(_look(s, i))
    series = {row: parts for row, parts in kept.items() if len(parts) >= _FEWEST}
    if not series:
        return set()
    cut: defaultdict[_Row, dict[int, bool]] = defaultdict(dict)
    for i, rule in enumerate(decided):
        if rule and rows.sentences[i] >= _TOLD:
            for row, part in _rows(s, i):
                if row in series and part not in series[row]:
                    known = open_(rule) and _look(s, i) in set().union(*series[row].values())
                    cut[row][part] = cut[row].get(part, True) and known
    if not cut:
        return set()
    inner = _blocks_of(s, {part for row in cut for part in (*cut[row], *series[row])})
    found: set[int] = set()
    for row, parts in cut.items():
        # Next articles look like the article's own part, but are more than it.
        if len(parts) > len(series[row]):
            continue
        looks = _looks_of(s, decided, [i for part in series[row] for i in inner[part]])
        heads = {head for part in series[row] if (head := _head(s, inner[part]))}
        if len(heads) != 1:
            continue
        for part, known in parts.items():
            if known and _head(s, inner[part]) in heads:
                found |= {
                    i for i in inner[part]
                    if decided[i] and open_(decided[i]) and _look(s, i) in looks
                    and s.hidden[s.blocks[i].container] < 1
                }  # fmt: skip
    return found


def _rows(s: PageBlocks, i: int) -> list[tuple[_Row, int]]:
    """Return the elements around a block, each with the row that it may be a part of."""
    return [
        ((s.parents[e], s.lookalikes[e]), e) for e in s.ancestors(s.blocks[i].container) if e > 0
    ]


def _look(s: PageBlocks, i: int) -> _Look:
    e = s.blocks[i].container
    return s.lookalikes[e], s.lookalikes[s.parents[e]] if e else ""


def _blocks_of(s: PageBlocks, parts: set[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = {part: [] for part in parts}
    for i, block in enumerate(s.blocks):
        for e in s.ancestors(block.container):
            if e in found:
                found[e].append(i)
    return found


def _head(s: PageBlocks, blocks: Sequence[int]) -> tuple[_Look, bool] | None:
    """Return the look of a part's first heading and whether it is a link, or None."""
    for i in blocks:
        block = s.blocks[i]
        if s.tags[block.container] in _HEADINGS and block.text:
            return _look(s, i), block.links > 0
    return None


def _looks_of(s: PageBlocks, decided: Sequence[str], blocks: Sequence[int]) -> set[_Look]:
    """Return the looks of which more blocks are kept than cut."""
    count: defaultdict[_Look, int] = defaultdict(int)
    for i in blocks:
        count[_look(s, i)] += -1 if decided[i] else 1
    return {look for look, more in count.items() if more > 0}
