"""Values: the cells of a table of data and the items of a list, where a word is no label."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.restoration import is_link
from scraper.extraction.tables import holds_data

__all__ = ["data_cells", "is_value"]

_NEAR_ANCESTORS: Final = 12  # elements between a list and the text of its items
_MIN_PARAGRAPH: Final = 25
_MANY_ITEMS: Final = 60


def data_cells(s: PageBlocks) -> frozenset[int]:
    """Return the blocks that are cells of a table of data.

    Such a table has rows of several cells, and words in most of them rather than links; most tables
    of old pages only lay the page out.
    """
    if "table" not in s.tags:
        return frozenset()
    places = _cells(s)
    tables: dict[int, list[int]] = {}
    for i, block in enumerate(s.blocks):
        place = places[block.container]
        if place is not None:
            tables.setdefault(place.table, []).append(i)
    found: set[int] = set()
    for blocks in tables.values():
        cells = [place for i in blocks if (place := places[s.blocks[i].container]) is not None]
        size = sum(len(s.blocks[i].text) for i in blocks)
        links = sum(s.blocks[i].link_chars for i in blocks)
        if holds_data(cells, [s.blocks[i].text for i in blocks]) and 2 * links < size:
            found.update(blocks)
    return frozenset(found)


class _Cell(NamedTuple):
    """Where a block stands in the innermost table around it; 0 for a caption's row and cell."""

    table: int
    row: int
    cell: int


def _cells(s: PageBlocks) -> list[_Cell | None]:
    """Return for each element where it stands in a table, None for those in none."""
    found: list[_Cell | None] = [None]
    for e in range(1, len(s.parents)):
        around, tag = found[s.parents[e]], s.tags[e]
        if tag == "table":
            around = _Cell(e, 0, 0)
        elif around is not None and tag == "tr":
            around = _Cell(around.table, e, around.cell)
        elif around is not None and tag in ("td", "th"):
            around = _Cell(around.table, around.row, e)
        found.append(around)
    return found


def is_value(s: PageBlocks, i: int, likely: Sequence[bool]) -> bool:
    """Return whether a block is an item among others of a list that is the article's.

    ``Share`` names a column or a part there, and opens no row of buttons. A definition list counts
    as one; what heads a list of links within its own item is no value.

    Args:
        s: the page cut into blocks.
        i: the block.
        likely: for each block whether the classifier takes it for the article.
    """
    list_ = 0
    for e in islice(s.ancestors(s.blocks[i].container), _NEAR_ANCESTORS):
        if s.tags[e] in ("ul", "ol", "dl"):
            list_ = e
            break
        if s.tags[e] in ("td", "th"):
            return False
    if not list_:
        return False
    size = own = words = 0
    amid = []
    for step in (-1, 1):
        beyond = False  # whether text of the article stands behind the list on this side
        for j in range(i + step, i + step * _MANY_ITEMS, step):
            if not 0 <= j < len(s.blocks):
                break
            block = s.blocks[j]
            if list_ not in islice(s.ancestors(block.container), _NEAR_ANCESTORS):
                beyond = likely[j] and len(block.text) >= _MIN_PARAGRAPH and not is_link(block)
                break
            size += len(block.text)
            words += len(block.text) * (not is_link(block))
            own += len(block.text) * (likely[j] and not is_link(block))
        amid.append(beyond)
    return size > 0 and (2 * own >= size or (all(amid) and 2 * words >= size))
