"""Tables: which hold data rather than lay the page out, and how they are drawn in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final, Protocol

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.inline_markup import NO_LABELS, inline, plain, without_stars
from scraper.text.patterns import lazy_compile

__all__ = ["draw_table", "holds_data"]

_MAX_COLUMNS: Final = 60
_NUMBER = lazy_compile(r"\s*(\d{1,3})\s*")
# A pipe ends a cell wherever it stands, in code too.
_PIPE = lazy_compile(r"(?<!\\)\|")


class _InTable(Protocol):
    @property
    def row(self) -> int: ...

    @property
    def cell(self) -> int: ...


def holds_data(places: Sequence[_InTable], texts: Sequence[str]) -> bool:
    """Return whether a table holds data; most tables of old pages only lay the page out.

    Args:
        places: row and cell of each of its blocks, 0 for a caption.
        texts: the blocks.
    """
    cells: dict[int, set[int]] = {}
    for place in places:
        cells.setdefault(place.row, set()).add(place.cell)
    wide = sum(len(row) > 1 for row in cells.values())
    long = sum(len(text) > 200 for text in texts)
    return (
        len(cells) > 1
        and 2 * wide >= len(cells)
        and len(texts) <= 2 * sum(map(len, cells.values()))
        and 2 * long <= len(cells)
    )


def _span(node: LexborNode, name: str) -> int:
    match = _NUMBER.fullmatch(node.attributes.get(name) or "")
    return max(1, min(int(match[1]), _MAX_COLUMNS)) if match else 1


def _laid_out(s: PageBlocks, row: int, texts: dict[int, str], held: dict[int, int]) -> list[str]:
    """Return the cells of a row at their columns.

    Args:
        row: element of the row.
        texts: what each cell says, by its node; empty cells are missing.
        held: column → rows for which a cell above still holds it; it is brought up to date.
    """
    out: list[str] = []

    def skip() -> None:
        while len(out) < _MAX_COLUMNS and held.get(len(out), 0) > 0:
            held[len(out)] -= 1
            out.append("")

    node = s.nodes[row]
    child = node.first_child if node is not None else None
    while child is not None:
        if child.tag in ("td", "th") and len(out) < _MAX_COLUMNS:
            skip()
            rows = _span(child, "rowspan")
            for column in range(_span(child, "colspan")):
                if rows > 1:
                    held[len(out)] = rows - 1
                out.append("" if column else texts.pop(child.mem_id, ""))
        child = child.next
    skip()
    # What stands where no cell should be, or beyond the last column, is not lost.
    return [*out, *texts.values()]


def draw_table(
    s: PageBlocks,
    cells: Sequence[tuple[int, str, int, int]],
    base: str,
    notes: Mapping[str, str] = NO_LABELS,
) -> tuple[list[str], str]:
    """Return a table's rows as plain lines, and the table as Markdown.

    Args:
        s: the page cut into blocks.
        cells: block, its text, its row and its cell, in page order.
        base: address that links are relative to.
        notes: labels of the article's notes, as for `inline`.
    """
    plain: list[str] = []
    rows: list[list[str]] = []
    held: dict[int, int] = {}
    for row, group in groupby(cells, key=lambda c: c[2]):
        words: list[str] = []
        drawn: dict[int, str] = {}
        for cell, parts in groupby(group, key=lambda c: c[3]):
            blocks = list(parts)
            words.append(" ".join(text for _, text, _, _ in blocks))
            node = s.nodes[cell]
            key = node.mem_id if node is not None and cell else -len(drawn) - 1
            said = " ".join(_cell(s, at, text, base, notes) for at, text, _, _ in blocks)
            drawn[key] = _PIPE.sub(r"\\|", said)
        plain.append(" | ".join(words))
        rows.append(_laid_out(s, row, drawn, held))
    # Columns that are empty in every row only lay the table out.
    width = max(map(len, rows))
    full = [line + [""] * (width - len(line)) for line in rows]
    used = [i for i in range(width) if any(line[i] for line in full)]
    # The first row is the header, which is drawn in bold anyway.
    full[0] = [without_stars(cell) for cell in full[0]]
    lines = [f"| {' | '.join(line[i] for i in used)} |" for line in full]
    return plain, "\n".join([lines[0], "|" + " --- |" * len(used), *lines[1:]])


def _cell(s: PageBlocks, at: int, text: str, base: str, notes: Mapping[str, str]) -> str:
    block = s.blocks[at]
    if block.marks and text == block.text:
        return inline(block, base, notes=notes)
    return plain(text)
