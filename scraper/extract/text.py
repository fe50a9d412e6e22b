"""Renders the kept blocks: plain text with one paragraph a line, and Markdown.

Order is the page's own. Headings, lists, quotes, tables and preformatted text are recognised by the
elements that hold a block; links, emphasis and code by the inline markup inside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from scraper.extract.blocks import Block, Segments
from scraper.urls import absolute

__all__ = ["Line", "render"]

_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u200b\ufeff\u00ad\u2060\x00]")
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_BLOCK_START = re.compile(r"^(\s*)([#>]|[-+](?=\s)|\d+(?=[.)]\s)|={3,}$|~{3,})")
_HEADING: Final = {f"h{level}": level for level in range(1, 7)}
_EMPHASIS: Final = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_CODE: Final = frozenset(("code", "kbd", "samp"))
_MAX_INDENT: Final = 6


class Line(NamedTuple):
    """A block to render: its number in the page, and what is left of its text."""

    at: int
    text: str


class _Shape(NamedTuple):
    """What the elements around a block make of it in Markdown."""

    heading: int
    quotes: int
    lists: tuple[tuple[int, int, bool], ...]  # list, item, ordered; outermost first
    table: int
    row: int
    cell: int
    literal: int
    caption: bool


def _shape(s: Segments, element: int) -> _Shape:
    heading = quotes = table = row = cell = literal = 0
    lists: list[tuple[int, int, bool]] = []
    item, caption = 0, False
    for e in s.ancestors(element):
        tag = s.tags[e]
        if tag in _HEADING:
            heading = heading or _HEADING[tag]
        elif tag == "blockquote":
            quotes += 1
        elif tag == "li":
            item = item or e
        elif tag in ("ul", "ol"):
            if item:
                lists.append((e, item, tag == "ol"))
            item = 0
        elif tag in ("td", "th"):
            cell = cell or e
        elif tag == "tr":
            row = row or e
        elif tag == "table":
            table = table or e
        elif tag == "pre":
            literal = e
        elif tag == "figcaption":
            caption = True
    return _Shape(heading, quotes, tuple(lists[::-1]), table, row, cell, literal, caption)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _inline(block: Block, base: str) -> str:
    """Return a block's text with links, emphasis and code as Markdown."""
    out: list[str] = []
    opened: list[tuple[str, str, int]] = []  # opening, closing, place in `out`
    marks = list(block.marks)
    code = 0

    def close() -> None:
        opening, closing, at = opened.pop()
        inner = "".join(out[at:])
        core = inner.strip()
        del out[at:]
        if core:
            head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
            out.append(f"{head}{opening}{core}{closing}{tail}")
        else:
            out.append(inner)

    for number in range(len(block.pieces) + 1):
        while marks and marks[0].before == number:
            mark = marks.pop(0)
            tag = mark.node.tag or ""
            if not mark.begins:
                code -= tag in _CODE
                if opened:
                    close()
                continue
            code += tag in _CODE
            opening = closing = ""
            if tag == "a":
                target = absolute(base, mark.node.attrs.get("href") or "")
                if target:
                    opening, closing = "[", f"]({target.replace(')', '%29').replace(' ', '%20')})"
            elif tag in _CODE:
                opening = closing = "`"
            else:
                opening = closing = _EMPHASIS.get(tag, "")
            opened.append((opening, closing, len(out)))
        if number < len(block.pieces):
            piece = block.pieces[number]
            out.append(piece.replace("`", "'") if code else _escape(piece))
    while opened:
        close()
    return _SPACE.sub(" ", _INVISIBLE.sub("", "".join(out))).strip()


def _body(block: Block, text: str, base: str) -> str:
    # A trimmed block is rendered from what is left of it, without its inline markup.
    marked = _inline(block, base) if block.marks and text == block.text else _escape(text)
    return _BLOCK_START.sub(r"\1\\\2", marked)


def _table(
    s: Segments, lines: Sequence[tuple[Line, _Shape]], base: str
) -> tuple[list[str], list[str]]:
    """Return a table's rows as plain lines and as Markdown lines."""
    plain: list[str] = []
    rows: list[list[str]] = []
    for _, group in groupby(lines, key=lambda pair: pair[1].row):
        cells, texts = [], []
        for _, cell in groupby(group, key=lambda pair: pair[1].cell):
            parts = [line for line, _ in cell]
            texts.append(" ".join(line.text for line in parts))
            cells.append(" ".join(_body(s.blocks[line.at], line.text, base) for line in parts))
        plain.append(" | ".join(texts) if len(texts) > 1 else texts[0])
        rows.append([cell.replace("|", "\\|") for cell in cells])
    width = max(map(len, rows))
    full = [row + [""] * (width - len(row)) for row in rows]
    drawn = [f"| {' | '.join(row)} |" for row in full]
    return plain, ["\n".join([drawn[0], "|" + " --- |" * width, *drawn[1:]])]


def _is_data(shapes: Sequence[_Shape], lines: Sequence[Line]) -> bool:
    """Whether a table holds data; most tables of old pages only lay the page out."""
    cells: dict[int, set[int]] = {}
    for shape in shapes:
        cells.setdefault(shape.row, set()).add(shape.cell)
    wide = sum(len(row) > 1 for row in cells.values())
    long = sum(len(line.text) > 200 for line in lines)
    return (
        len(cells) > 1
        and 2 * wide >= len(cells)
        and len(lines) <= 2 * sum(map(len, cells.values()))
        and 2 * long <= len(cells)
    )


def _prefix(shape: _Shape, before: _Shape | None, numbers: dict[int, int]) -> tuple[str, bool]:
    """Return the list marker and indent of a block, and whether it begins an item."""
    if not shape.lists:
        return "", False
    list_, item, ordered = shape.lists[-1]
    indent = "  " * min(len(shape.lists) - 1, _MAX_INDENT)
    begun = before is not None and any(entry[1] == item for entry in before.lists)
    if begun:
        return indent + "  ", False
    numbers[list_] = numbers.get(list_, 0) + 1
    return indent + (f"{numbers[list_]}. " if ordered else "- "), True


def render(s: Segments, lines: Sequence[Line], base: str = "") -> tuple[str, str]:
    """Render the kept blocks.

    Args:
        s: the page cut into blocks.
        lines: what is kept, in page order.
        base: address that links are relative to.

    Returns:
        The plain text, one paragraph a line, a table row a line; and the Markdown.
    """
    shapes: dict[int, _Shape] = {}
    shaped: list[tuple[Line, _Shape]] = []
    for line in lines:
        e = s.blocks[line.at].container
        if e not in shapes:
            shapes[e] = _shape(s, e)
        shaped.append((line, shapes[e]))
    plain: list[str] = []
    parts: list[str] = []
    numbers: dict[int, int] = {}
    before: _Shape | None = None
    for (table, literal), run in groupby(shaped, key=lambda pair: (pair[1].table, pair[1].literal)):
        group = list(run)
        if literal:
            code = "\n".join(line.text for line, _ in group)
            plain.append(code)
            parts.append(f"```\n{code.replace('```', chr(39) * 3)}\n```")
            before = group[-1][1]
            continue
        if table and _is_data([g[1] for g in group], [g[0] for g in group]):
            rows, drawn = _table(s, group, base)
            plain += rows
            parts += drawn
            before = group[-1][1]
            continue
        for line, shape in group:
            plain.append(line.text)
            body = _body(s.blocks[line.at], line.text, base)
            quote = "> " * shape.quotes
            prefix, begins = _prefix(shape, before, numbers)
            if shape.heading and not shape.lists:
                body = f"{'#' * shape.heading} {body}"
            elif shape.caption and not shape.lists and not body.startswith("*"):
                body = f"*{body}*"
            tight = begins and before is not None and before.lists and parts
            if tight:
                parts[-1] += f"\n{quote}{prefix}{body}"
            elif shape.quotes and before is not None and before.quotes and parts:
                parts[-1] += f"\n{quote.rstrip()}\n{quote}{prefix}{body}"
            else:
                parts.append(f"{quote}{prefix}{body}")
            before = shape
    return "\n".join(plain), "\n\n".join(parts)
