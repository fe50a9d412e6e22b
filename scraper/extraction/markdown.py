"""Renders the kept blocks: plain text with one paragraph a line, and Markdown.

Order is the page's own. Headings, lists, quotes, tables and preformatted text are recognised by the
elements that hold a block; links, emphasis and code by the inline markup inside it (see
`scraper.extraction.inline_markup`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.code_listings import fence, is_listing_text, listing_text, listings
from scraper.extraction.dependent_parts import is_title
from scraper.extraction.images import Image
from scraper.extraction.inline_markup import (
    escape,
    inline,
    link_target,
    plain,
    starts_nothing,
    without_stars,
)
from scraper.extraction.live_updates import update_times
from scraper.extraction.notes import find_notes, without_label
from scraper.extraction.tables import draw_table, holds_data
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns_without_blanks

__all__ = ["TextLine", "render"]

_HEADING: Final = {f"h{level}": level for level in range(1, 7)}
_TOP: Final = 2  # level of the first headings below the article's own
_MAX_NESTING: Final = 6
# A quote around this share of the text only lays the page out.
_LAYOUT: Final = 0.9
# Columns of the longest line of a poem or an address, whose lines are no paragraphs.
_VERSE: Final = 72
_PROSE = lazy_compile("[\u4e00-\u9fff][，。；：！？]")
_TRAILING_MARK = lazy_compile(r"(?<=\s)(#+)$")
_QUOTING: Final = frozenset(("aside", "div", "figure", "section", "p"))
_QUOTE_NAME = lazy_compile(
    r"(?:^|[\s_-])(?:pull-?_?quote|block-?quote|big-?quote|embed(?:ded)?[-_]?(?:tweet|post|toot)|twitter-tweet"
    r"|tweet(?:[-_](?:embed|card|text|body|quote))?|toot|(?:mastodon|bluesky|instagram|threads)[-_](?:embed|media|post)"
    r"|weibo[-_](?:card|post|embed))(?:$|\s)"
)
_BOX: Final = "input[type='checkbox']"
_FEW_SIBLINGS: Final = 200
_HEADED: Final = 4  # children of a list's item among which a box to tick stands


class TextLine(NamedTuple):
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
    caption: bool
    strong: bool  # a term, or the title of a box


def _is_quote(s: PageBlocks, element: int, known: dict[int, bool]) -> bool:
    """Whether an element is named a quotation, or a post of a network."""
    if element not in known:
        known[element] = bool(_QUOTE_NAME.search(s.words[element]))
    return known[element]


def _shape(s: PageBlocks, element: int, quotes: dict[int, bool]) -> _Shape:
    heading = table = row = cell = item = list_ = 0
    holders: list[_Holder] = []
    caption = False
    strong = is_title(s, element) or is_title(s, s.parents[element])
    for e in s.ancestors(element):
        tag = s.tags[e]
        if tag in _HEADING:
            heading = heading or _HEADING[tag]
        elif tag == "blockquote":
            holders.append(_Holder(e, 0))
        elif tag == "li":
            item = item or e
        elif tag in ("ul", "ol"):
            # A list within a list and no item of it belongs to the item before.
            item = item or (_item_before(s, e, list_) if list_ else 0)
            if item:
                holders.append(_Holder(item, e))
            item, list_ = 0, e if item else 0
            continue
        elif tag in ("td", "th"):
            cell = cell or e
        elif tag == "tr":
            row = row or e
        elif tag == "table":
            table = table or e
        elif tag in ("figcaption", "caption"):
            caption = True
        elif tag == "dt":
            strong = True
        unquoted = tag in _QUOTING and s.words[e] and not (holders and not holders[-1].list)
        if unquoted and _is_quote(s, e, quotes):
            holders.append(_Holder(e, 0))
        list_ = 0
    return _Shape(heading, tuple(holders[::-1]), table, row, cell, caption, strong)


def _item_before(s: PageBlocks, outer: int, inner: int) -> int:
    """Return the item of a list that stands before a list directly within it, or 0."""
    for e in range(inner - 1, max(outer, inner - _FEW_SIBLINGS), -1):
        if s.parents[e] == outer and s.tags[e] == "li":
            return e
    return 0


def _layout(shaped: Sequence[tuple[TextLine, _Shape]], times: set[int]) -> set[int]:
    """Return lists and quotations that lay the page out: what they hold is no item, no quotation.

    A list whose items have headings is a row of sections; one whose items begin with a time is a
    report; a list of one item that holds several paragraphs, or a quotation around (nearly)
    everything, is a box.
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
        if (shape.heading or line.at in times) and shape.holders and shape.holders[-1].list:
            found.add(shape.holders[-1].list)
    found |= {e for e, held in items.items() if len(held) == 1 and blocks[e] > 2}
    total = sum(len(line.text) for line, _ in shaped)
    found |= {e for e, size in quoted.items() if size >= _LAYOUT * total and len(shaped) > 2}
    return found


def _levels(shaped: Sequence[tuple[TextLine, _Shape]]) -> dict[int, int]:
    """Return the level at which headings of each level are drawn: below the headline, no gaps."""
    found: dict[int, int] = {}
    level = 0
    for own in sorted({shape.heading for _, shape in shaped if shape.heading}):
        level = min(6, level + 1) if level else max(own, _TOP)
        found[own] = level
    return found


class _Numbers:
    """The numbers that browsers give to the items of ordered lists."""

    def __init__(self, s: PageBlocks) -> None:
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


def _shows(node: LexborNode) -> bool:
    return not (node.tag == "-text" and (node.text_content or "").isspace())


class _Page:
    """Markdown that is being put together, block by block."""

    def __init__(self, s: PageBlocks, numbers: _Numbers) -> None:
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
                tight = sibling or (nested and self._open[-1].list > 0 and not self._loose)
            self._widths[holder.element] = len(marker)
            marker += self._tick(holder)
            first, rest = first + marker, rest + " " * self._widths[holder.element]
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

    def _tick(self, holder: _Holder) -> str:
        """Return the box to tick that an item begins with, or ""."""
        if not self._s.ticked:
            return ""
        node = self._s.nodes[holder.element]
        box = node.css_first(_BOX) if node is not None else None
        at = box
        for _ in range(_HEADED):
            if at is None or at.parent is None or (at.prev is not None and _shows(at.prev)):
                return ""
            at = at.parent
            if node is not None and at.mem_id == node.mem_id:
                ticked = box is not None and "checked" in box.attributes
                return "[x] " if ticked else "[ ] "
        return ""

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


def _is_verse(run: Sequence[tuple[TextLine, _Shape]]) -> bool:
    """Whether the lines of a paragraph are short, as those of poems and addresses are."""
    return all(columns_without_blanks(line.text) <= _VERSE for line, _ in run)


class _Renderer:
    """The kept blocks of one page."""

    def __init__(
        self, s: PageBlocks, lines: Sequence[TextLine], base: str, pictures: Sequence[Image]
    ) -> None:
        self._s, self._base = s, base
        self._shapes: dict[int, _Shape] = {}
        self._quotes: dict[int, bool] = {}
        self._waiting = list(pictures)
        self._rulers = list(s.rulers)
        self._last = -1  # the block drawn last
        kept = {line.at for line in lines}
        self._notes = find_notes(s, kept)
        self._times = set(
            update_times(s, ["" if i in kept else "cut" for i in range(len(s.blocks))])
        )
        self._listings = listings(s)
        self._own: dict[int, int] = {}  # blocks of each listing
        for block in s.blocks if self._listings else ():
            listing = self._listings.get(block.container)
            if listing is not None and is_listing_text(s, block.container, listing):
                self._own[listing] = self._own.get(listing, 0) + 1
        self._shaped = [(line, self._shape_of(s.blocks[line.at].container)) for line in lines]
        self._layout = _layout(self._shaped, self._times)
        self._levels = _levels(self._shaped)
        self._numbers = _Numbers(s)
        self._page = _Page(s, self._numbers)
        self._plain: list[str] = []

    def render(self) -> tuple[str, str]:
        """Return the plain text and the Markdown."""
        for (table, listing, note), run in groupby(self._shaped, key=self._key):
            group = list(run)
            if note:
                self._add_note(note, group)
            elif listing:
                self._add_listing(listing, group)
            elif table and holds_data([g[1] for g in group], [g[0].text for g in group]):
                self._add_table(group)
            else:
                self._add_lines(group)
        self._show(len(self._s.blocks))
        return "\n".join(self._plain), self._page.text()

    def _key(self, pair: tuple[TextLine, _Shape]) -> tuple[int, int, str]:
        line, shape = pair
        listing = self._listings.get(self._s.blocks[line.at].container, 0)
        label = self._notes.blocks.get(line.at, "")
        return (0 if listing or label else shape.table), listing, label

    def _shape_of(self, element: int) -> _Shape:
        if element not in self._shapes:
            self._shapes[element] = _shape(self._s, element, self._quotes)
        return self._shapes[element]

    def _holders(self, shape: _Shape) -> tuple[_Holder, ...]:
        held = (h for h in shape.holders if (h.list or h.element) not in self._layout)
        return tuple(held)[:_MAX_NESTING]

    # ── what stands between the blocks ───────────────────────────────────────────────────────────

    def _show(self, before: int) -> None:
        """Draw the pictures, and the breaks of the text, that stand before a block."""
        while self._rulers and self._rulers[0].before <= before:
            ruler = self._rulers.pop(0)
            if ruler.before == before and self._parts(ruler.container, before):
                shape = self._shape_of(ruler.container)
                self._page.add("---", self._holders(shape), simple=False)
                break
        while self._waiting and self._waiting[0].before <= before:
            picture = self._waiting.pop(0)
            shape = self._shape_of(picture.container)
            text = f"![{escape(picture.text)}]({link_target(picture.source, picture.source)})"
            self._page.add(text, self._holders(shape), simple=False)

    def _parts(self, container: int, before: int) -> bool:
        """Whether a break in an element parts the block drawn last from the next."""
        s = self._s
        if self._last < 0 or self._last != before - 1 or before >= len(s.blocks):
            return False
        return all(
            container == 0 or container in s.ancestors(s.blocks[at].container)
            for at in (self._last, before)
        )

    # ── kinds of blocks ──────────────────────────────────────────────────────────────────────────

    def _add_note(self, label: str, group: Sequence[tuple[TextLine, _Shape]]) -> None:
        self._show(group[0][0].at)
        self._plain += [line.text for line, _ in group]
        inner = _Page(self._s, self._numbers)
        held = [self._holders(shape) for _, shape in group]
        shared = min(map(len, held))
        while shared and len({holders[:shared] for holders in held}) > 1:
            shared -= 1
        for number, (line, shape) in enumerate(group):
            body = self._paragraph(line, shape)
            if not number:
                body = without_label(body, label)
            inner.add(body, held[number][shared:], simple=True)
        first, *rest = inner.text().split("\n")
        drawn = [f"[^{label}]: {first}", *(f"    {line}" if line else "" for line in rest)]
        self._page.add("\n".join(drawn), (), simple=False)
        self._last = group[-1][0].at

    def _add_listing(self, listing: int, group: Sequence[tuple[TextLine, _Shape]]) -> None:
        node = self._s.nodes[listing]
        code = "\n".join(line.text for line, _ in group)
        prose = 10 * len(_PROSE.findall(code)) >= len(code) / 10
        if node is not None and len(group) >= self._own.get(listing, 0) and not prose:
            code = listing_text(node) or code
        self._plain.append(code)
        if not prose:
            self._show(group[0][0].at)
            self._page.add(fence(node, code), self._holders(group[0][1]), simple=False)
            self._last = group[-1][0].at
            return
        for line, shape in group:
            self._show(line.at)
            for part in line.text.split("\n"):
                if body := starts_nothing(plain(part.strip())):
                    self._page.add(body, self._holders(shape), simple=not shape.heading)

    def _add_table(self, group: Sequence[tuple[TextLine, _Shape]]) -> None:
        self._show(group[0][0].at)
        for line, shape in group:
            if not shape.row:
                self._page.add(self._paragraph(line, shape), self._holders(shape), simple=False)
                self._plain.append(line.text)
        cells = [(line.at, line.text, shape.row, shape.cell) for line, shape in group if shape.row]
        rows, drawn = draw_table(self._s, cells, self._base, self._notes.labels)
        self._plain += rows
        self._page.add(drawn, self._holders(group[-1][1]), simple=False)
        self._last = group[-1][0].at

    def _add_lines(self, group: Sequence[tuple[TextLine, _Shape]]) -> None:
        at = 0
        while at < len(group):
            end = at + 1
            while end < len(group) and self._continues(group[end - 1][0], group[end][0]):
                end += 1
            run = group[at:end]
            shape = run[0][1]
            self._plain += [line.text for line, _ in run]
            if len(run) > 1 and (shape.heading or _is_verse(run)):
                self._show(run[0][0].at)
                bodies = [self._paragraph(line, shape) for line, _ in run]
                text = (" " if shape.heading else "\\\n").join(bodies)
                self._add(text, run[-1][0], shape)
            else:
                for line, _ in run:
                    self._show(line.at)
                    if line.at not in self._notes.dropped:
                        self._add(self._paragraph(line, shape), line, shape)
            at = end

    def _add(self, body: str, line: TextLine, shape: _Shape) -> None:
        self._last = line.at
        if shape.heading:
            body = _TRAILING_MARK.sub(r"\\\1", without_stars(body))
            body = f"{'#' * self._levels[shape.heading]} {body}"
        self._page.add(body, self._holders(shape), simple=not shape.heading)

    def _continues(self, before: TextLine, line: TextLine) -> bool:
        """Whether a line is the next one of a paragraph."""
        if line.at != before.at + 1 or line.at not in self._s.wrapped:
            return False
        if line.at in self._times or before.at in self._times or line.at in self._notes.dropped:
            return False
        return not any(picture.before == line.at for picture in self._waiting)

    def _paragraph(self, line: TextLine, shape: _Shape) -> str:
        block = self._s.blocks[line.at]
        whole = ""
        if not shape.heading:
            whole = "strong" if shape.strong or line.at in self._times else ""
            whole = whole or ("em" if shape.caption else "")
        if block.marks and line.text == block.text:
            body = inline(block, self._base, whole=whole, notes=self._notes.labels)
        else:
            # A trimmed block is rendered from what is left of it, without its inline markup.
            stars = {"strong": "**", "em": "*"}.get(whole, "")
            body = f"{stars}{plain(line.text)}{stars}"
        return body if shape.heading else starts_nothing(body)


def render(
    s: PageBlocks, lines: Sequence[TextLine], base: str = "", pictures: Sequence[Image] = ()
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
    return _Renderer(s, lines, base, pictures).render()
