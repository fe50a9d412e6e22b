"""Renders the kept blocks: plain text with one paragraph a line, and Markdown.

Order is the page's own. Headings, lists, quotes, tables and preformatted text are recognised by the
elements that hold a block; links, emphasis and code by the inline markup inside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from scraper.extract.blocks import Segments
from scraper.extract.figures import Figure
from scraper.extract.inline import escape, inline, link_target, starts_nothing
from scraper.extract.tables import draw_table, holds_data

__all__ = ["Line", "render"]

_HEADING: Final = {f"h{level}": level for level in range(1, 7)}
_MAX_NESTING: Final = 6
# A quote around this share of the text only lays the page out.
_LAYOUT: Final = 0.9
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?|highlight-source|brush:)[-:]?\s*([a-z0-9+#-]{1,20})"
)
_PROSE = re.compile("[\u4e00-\u9fff][，。；：！？]")
_TRAILING_MARK = re.compile(r"(?<=\s)(#+)$")


class Line(NamedTuple):
    """A block to render: its number in the page, and what is left of its text."""

    at: int
    text: str


class _Holder(NamedTuple):
    """A list item or quotation around a block."""

    element: int  # the item or the quotation
    list: int  # the item's list, 0 for a quotation


class _Shape(NamedTuple):
    """What the elements around a block make of it in Markdown."""

    heading: int
    holders: tuple[_Holder, ...]  # outermost first
    table: int
    row: int
    cell: int
    literal: int
    caption: bool
    term: bool


def _shape(s: Segments, element: int) -> _Shape:
    heading = table = row = cell = literal = item = 0
    holders: list[_Holder] = []
    caption = term = False
    for e in s.ancestors(element):
        tag = s.tags[e]
        if tag in _HEADING:
            heading = heading or _HEADING[tag]
        elif tag == "blockquote":
            holders.append(_Holder(e, 0))
        elif tag == "li":
            item = item or e
        elif tag in ("ul", "ol"):
            if item:
                holders.append(_Holder(item, e))
            item = 0
        elif tag in ("td", "th"):
            cell = cell or e
        elif tag == "tr":
            row = row or e
        elif tag == "table":
            table = table or e
        elif tag == "pre":
            literal = e
        elif tag in ("figcaption", "caption"):
            caption = True
        elif tag == "dt":
            term = True
    return _Shape(heading, tuple(holders[::-1]), table, row, cell, literal, caption, term)


def _layout(shaped: Sequence[tuple[Line, _Shape]]) -> set[int]:
    """Return lists and quotations that lay the page out: what they hold is no item, no quotation.

    A list whose items have headings is a row of sections; a list of one item that holds several
    paragraphs, or a quotation around (nearly) everything, is a box.
    """
    found: set[int] = set()
    items: dict[int, set[int]] = {}
    blocks: dict[int, int] = {}
    quoted: dict[int, int] = {}
    for line, shape in shaped:
        for holder in shape.holders:
            if holder.list:
                items.setdefault(holder.list, set()).add(holder.element)
                blocks[holder.list] = blocks.get(holder.list, 0) + 1
            else:
                quoted[holder.element] = quoted.get(holder.element, 0) + len(line.text)
        if shape.heading and shape.holders and shape.holders[-1].list:
            found.add(shape.holders[-1].list)
    found |= {e for e, held in items.items() if len(held) == 1 and blocks[e] > 2}
    total = sum(len(line.text) for line, _ in shaped)
    found |= {e for e, size in quoted.items() if size >= _LAYOUT * total and len(shaped) > 2}
    return found


class _Numbers:
    """The numbers that browsers give to the items of ordered lists."""

    def __init__(self, s: Segments) -> None:
        self._s = s
        self._lists: dict[int, dict[int, int]] = {}

    def of(self, list_: int, item: int) -> int:
        if list_ not in self._lists:
            self._lists[list_] = self._count(list_)
        node = self._s.nodes[item]
        number = self._lists[list_].get(node.mem_id, 1) if node is not None else 1
        return number if 0 <= number < 10**9 else 1

    def _count(self, list_: int) -> dict[int, int]:
        node = self._s.nodes[list_]
        if node is None:
            return {}
        items = []
        child = node.first_child
        while child is not None:
            if child.tag == "li":
                items.append(child)
            child = child.next
        attributes = node.attributes
        step = -1 if "reversed" in attributes else 1
        number = _integer(attributes.get("start"), len(items) if step < 0 else 1)
        numbers = {}
        for child in items:
            number = _integer(child.attributes.get("value"), number)
            numbers[child.mem_id] = number
            number += step
        return numbers


def _integer(text: str | None, otherwise: int) -> int:
    match = re.fullmatch(r"\s*([+-]?\d{1,9})\s*", text or "")
    return int(match[1]) if match else otherwise


class _Page:
    """Markdown that is being put together, block by block."""

    def __init__(self, s: Segments, numbers: _Numbers) -> None:
        self._s = s
        self._numbers = numbers
        self._out: list[str] = []
        self._open: tuple[_Holder, ...] = ()
        self._begun: set[int] = set()  # items
        self._markers: dict[int, str] = {}  # by list
        self._widths: dict[int, int] = {}  # of item's markers
        self._loose = True  # whether a blank line must follow

    def add(self, text: str, holders: tuple[_Holder, ...], *, simple: bool) -> None:
        """Append a block.

        Args:
            text: its lines.
            holders: what it stands in, outermost first.
            simple: whether it is a paragraph of one line.
        """
        shared = 0
        while shared < min(len(holders), len(self._open)) and holders[shared] == self._open[shared]:
            shared += 1
        first = rest = ""
        tight = False
        for depth, holder in enumerate(holders):
            if not holder.list:
                first, rest = first + "> ", rest + "> "
                continue
            if holder.element in self._begun:
                pad = " " * self._widths[holder.element]
                first, rest = first + pad, rest + pad
                continue
            self._begun.add(holder.element)
            marker = self._marker(holder, depth)
            if depth == shared:
                sibling = depth < len(self._open) and self._open[depth].list == holder.list
                # An ordered list that begins with another number can't end a paragraph.
                nested = depth == len(self._open) > 0 and (marker[0] in "-*" or marker == "1. ")
                tight = (sibling or (nested and self._open[-1].list > 0)) and not self._loose
            self._widths[holder.element] = len(marker)
            first, rest = first + marker, rest + " " * len(marker)
        lines = text.split("\n")
        drawn = [first + lines[0], *(rest + line if line else rest.rstrip() for line in lines[1:])]
        if self._out and not tight:
            common = "".join(
                "> " if not h.list else " " * self._widths[h.element] for h in holders[:shared]
            )
            self._out.append(common.rstrip())
        self._out += drawn
        self._open = holders
        self._loose = not simple

    def _marker(self, holder: _Holder, depth: int) -> str:
        ordered = self._s.tags[holder.list] == "ol"
        if holder.list not in self._markers:
            # Two lists in a row would run together: the second takes the other sign.
            before = self._open[depth] if depth < len(self._open) else None
            sign = self._markers.get(before.list, "") if before is not None else ""
            self._markers[holder.list] = (
                (")" if sign == "." else ".") if ordered else ("*" if sign == "-" else "-")
            )
        sign = self._markers[holder.list]
        return f"{self._numbers.of(holder.list, holder.element)}{sign} " if ordered else f"{sign} "

    def text(self) -> str:
        return "\n".join(self._out)


def _fence(s: Segments, element: int, code: str) -> str:
    node = s.nodes[element]
    inner = node.css_first("code") if node is not None else None
    words = f"{inner.attributes.get('class') or ''} " if inner is not None else ""
    match = _LANGUAGE.search(f"{words}{s.words[element]} {s.words[s.parents[element]]}".lower())
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{match[1] if match else ''}\n{code}\n{fence}"


def _paragraph(s: Segments, line: Line, shape: _Shape, base: str) -> str:
    block = s.blocks[line.at]
    emphasised = shape.caption and not shape.heading
    if block.marks and line.text == block.text and not shape.term:
        body = inline(block, base, emphasised=emphasised)
    else:
        # A trimmed block is rendered from what is left of it, without its inline markup.
        body = escape(line.text)
        if shape.term:
            body = f"**{body}**"
        elif emphasised:
            body = f"*{body}*"
    if shape.heading:
        trailing = _TRAILING_MARK.sub(r"\\\1", body)
        return f"{'#' * shape.heading} {trailing}"
    return starts_nothing(body)


def _picture(figure: Figure) -> str:
    return f"![{escape(figure.text)}]({link_target(figure.source, figure.source)})"


def render(
    s: Segments, lines: Sequence[Line], base: str = "", pictures: Sequence[Figure] = ()
) -> tuple[str, str]:
    """Render the kept blocks.

    Args:
        s: the page cut into blocks.
        lines: what is kept, in page order.
        base: address that links are relative to.
        pictures: the article's pictures, in page order; they stand in the Markdown only.

    Returns:
        The plain text, one paragraph a line, a table row a line; and the Markdown.
    """
    shapes: dict[int, _Shape] = {}

    def shape_of(e: int) -> _Shape:
        if e not in shapes:
            shapes[e] = _shape(s, e)
        return shapes[e]

    shaped = [(line, shape_of(s.blocks[line.at].container)) for line in lines]
    layout = _layout(shaped)

    def holders(shape: _Shape) -> tuple[_Holder, ...]:
        held = (h for h in shape.holders if (h.list or h.element) not in layout)
        return tuple(held)[:_MAX_NESTING]

    plain: list[str] = []
    page = _Page(s, _Numbers(s))
    waiting = list(pictures)

    def show(before: int) -> None:
        while waiting and waiting[0].before <= before:
            figure = waiting.pop(0)
            page.add(_picture(figure), holders(shape_of(figure.container)), simple=False)

    for (table, literal), run in groupby(shaped, key=lambda pair: (pair[1].table, pair[1].literal)):
        group = list(run)
        first = group[0][1]
        if literal:
            code = "\n".join(line.text for line, _ in group)
            plain.append(code)
            if 10 * len(_PROSE.findall(code)) < len(code) / 10:
                show(group[0][0].at)
                page.add(_fence(s, literal, code), holders(first), simple=False)
                continue
        elif table and holds_data([g[1] for g in group], [g[0].text for g in group]):
            show(group[0][0].at)
            above = [pair for pair in group if not pair[1].row]
            for line, shape in above:
                page.add(_paragraph(s, line, shape, base), holders(shape), simple=False)
            plain += [line.text for line, _ in above]
            cells = [(line.at, line.text, g.row, g.cell) for line, g in group if g.row]
            rows, drawn = draw_table(s, cells, base)
            plain += rows
            page.add(drawn, holders(group[-1][1]), simple=False)
            continue
        for line, shape in group:
            show(line.at)
            for number, part in enumerate(line.text.split("\n") if literal else (line.text,)):
                if not literal:
                    plain.append(part)
                if number or literal:
                    body = starts_nothing(escape(part.strip()))
                else:
                    body = _paragraph(s, line, shape, base)
                if body:
                    page.add(body, holders(shape), simple=not shape.heading)
    show(len(s.blocks))
    return "\n".join(plain), page.text()
