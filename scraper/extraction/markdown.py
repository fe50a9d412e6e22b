"""Renders the kept blocks: plain text with one paragraph a line, and Markdown.

Order is the page's own. Headings, lists, quotes, tables and preformatted text are recognised by the
elements that hold a block; links, emphasis and code by the inline markup inside it.

A block's inline markup as Markdown: links, emphasis, code, and everything else as plain text.

Follows CommonMark 0.31 (https://spec.commonmark.org/0.31.2/). Its rules for emphasis were made for
languages with spaces: ``他说**“好。”**然后`` is no emphasis there, since the closing stars stand
between punctuation and a letter. Edge punctuation is moved out of such emphasis; where that is not
enough, the stars go and the words stay.

Tables: which hold data rather than lay the page out, and how they are drawn in Markdown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple, Protocol

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import PREFORMATTED, Block, FormulaText, PageBlocks
from scraper.extraction.images import Image
from scraper.text.invisible import without_invisible
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute

__all__ = [
    "TextLine",
    "draw_table",
    "escape",
    "holds_data",
    "inline",
    "link_target",
    "render",
    "starts_nothing",
]


_SPACE = lazy_compile(r"\s+")
# The characters that stand for stars while a block is put together.
_STAND_INS = lazy_compile(r"[\ue001-\ue006]")
_SPECIAL = lazy_compile(r"[\\`*_\[\]<>]|&(?=#?\w{1,31};)")
# Beginnings of a line that would make it something else than a paragraph.
_BLOCK_START = lazy_compile(
    r"^(?:(?P<mark>#{1,6}(?=\s|$)|[-+](?=\s|$)|[-=](?=[-=\s]*$)|~{3})|(?P<number>\d{1,9})(?=[.)](?:\s|$)))"
)
_CODE: Final = frozenset(("code", "kbd", "samp"))

_STRONG, _STRONG_END, _EM, _EM_END = "\ue001", "\ue002", "\ue003", "\ue004"
_TICK, _TICK_END = "\ue005", "\ue006"
_STARS: Final = {
    "b": (_STRONG, _STRONG_END), "strong": (_STRONG, _STRONG_END),
    "i": (_EM, _EM_END), "em": (_EM, _EM_END),
}  # fmt: skip
_CLOSES: Final = {_STRONG: _STRONG_END, _EM: _EM_END}
_DRAWN: Final = {_STRONG: "**", _STRONG_END: "**", _EM: "*", _EM_END: "*"}
_STAR = lazy_compile(r"[\ue001-\ue004]")
# Punctuation that may leave emphasis; markup and brackets that pair may not.
_MOVABLE: Final = r"[。，、；：？！….,;:?!“”‘’「」『』《》〈〉（）—–·\"' -]{1,8}"
_EARLY_EDGE = lazy_compile(rf"(?<=[^\W_])([\ue001\ue003])({_MOVABLE})")
_LATE_EDGE = lazy_compile(rf"({_MOVABLE})([\ue002\ue004])(?=[^\W_])")
_RUN = lazy_compile(r"[\ue001-\ue004]+")
_APART = lazy_compile(r"\ue002(\s*)\ue001|\ue004(\s*)\ue003")
_DRAWN_CODE = lazy_compile(f"{_TICK}([^{_TICK}{_TICK_END}]*+){_TICK_END}", re.DOTALL)
_NOTHING = lazy_compile(r"\ue001(\s*)\ue002|\ue003(\s*)\ue004")


def escape(text: str) -> str:
    """Return text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def starts_nothing(line: str) -> str:
    """Return a line of Markdown that begins no heading, list, rule or fence by accident."""
    match = _BLOCK_START.match(line)
    if match is None:
        return line
    if match["number"]:
        return f"{match['number']}\\{line[match.end() :]}"
    return f"\\{line}"


def link_target(base: str, href: str) -> str:
    """Return an address as a Markdown destination, or "" for one that leads to no other page."""
    href = href.strip()
    if not href or href.startswith("#"):
        return ""
    target = absolute(base, href)
    return _SPACE.sub("%20", target).translate({40: "%28", 41: "%29", 60: "%3C", 62: "%3E"})


def _code(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"


def inline(block: Block, base: str, *, emphasised: bool = False) -> str:
    """Return a block's text with links, emphasis and code as Markdown.

    Args:
        block: a block of the page.
        base: address that links are relative to.
        emphasised: whether the whole of it is to stand in emphasis.
    """
    out: list[str] = [_EM] if emphasised else []
    opened: list[tuple[str, str, int]] = []  # opening, closing, place in `out`
    marks = list(block.marks)
    code, strong, em = 0, 0, int(emphasised)

    def close() -> None:
        nonlocal strong, em
        opening, closing, at = opened.pop()
        strong -= opening == _STRONG
        em -= opening == _EM
        if not opening:
            return
        inner = "".join(out[at:])
        core = inner.strip()
        if not core or (opening == "[" and not _RUN.sub("", core)):
            return
        del out[at:]
        head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        if opening == "[" and not head and out and out[-1].endswith("!"):
            out[-1] = out[-1][:-1] + "\\!"  # "![" would be an image
        out.append(f"{head}{opening}{core}{closing}{tail}")

    for number in range(len(block.pieces) + 1):
        while marks and marks[0].before == number:
            mark = marks.pop(0)
            tag = mark.node.tag or ""
            if not mark.begins:
                if opened:
                    close()
                code -= tag in _CODE
                continue
            opening = closing = ""
            if code:
                pass  # code holds no markup
            elif tag == "a":
                target = link_target(base, mark.node.attrs.get("href") or "")
                if target:
                    opening, closing = "[", f"]({target})"
            elif tag in _CODE:
                opening, closing = _TICK, _TICK_END
            elif tag in _STARS and not (strong if _STARS[tag][0] == _STRONG else em):
                opening, closing = _STARS[tag]
                strong += opening == _STRONG
                em += opening == _EM
            code += tag in _CODE
            opened.append((opening, closing, len(out)))
        if number < len(block.pieces):
            piece = block.pieces[number]
            if isinstance(piece, FormulaText) and piece.markdown and not code:
                space = " " if piece[:1] == " " else ""
                out.append(space + piece.markdown)
                continue
            piece = _STAND_INS.sub("", without_invisible(piece))
            out.append(piece if code else escape(piece))
    while opened:
        close()
    text = _SPACE.sub(" ", "".join(out)).strip()
    if emphasised:
        text += _EM_END
    if _RUN.search(text):
        text = _emphasised(text)
    # Code that follows code at once is one piece: the fences between would be taken for text.
    text = text.replace(_TICK_END + _TICK, "")
    return _DRAWN_CODE.sub(lambda code: _code(code[1]), text)


def _space_or_sign(text: str, at: int) -> tuple[bool, bool]:
    """Whether a place holds white space (or the text's end), and whether punctuation."""
    if not 0 <= at < len(text):
        return True, False
    sign = text[at] in (_TICK, _TICK_END) or unicodedata.category(text[at])[0] in "PS"
    return text[at].isspace(), sign


def _emphasised(text: str) -> str:
    """Draw the stars, where CommonMark will take them for what they are meant to be."""
    for pattern in (_APART, _NOTHING):
        while (joined := pattern.sub(lambda m: m[1] or m[2] or "", text)) != text:
            text = joined
    # Punctuation at the edge of emphasis leaves it where a letter stands beyond.
    text = _LATE_EDGE.sub(r"\2\1", _EARLY_EDGE.sub(r"\2\1", text))
    for pattern in (_APART, _NOTHING):
        text = pattern.sub(lambda m: m[1] or m[2] or "", text)
    dropped: set[int] = set()
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for match in _STAR.finditer(text):
        if match[0] in _CLOSES:
            opened.append(match.start())
        elif opened:
            pairs[opened.pop()] = match.start()
    for run in _RUN.finditer(text):
        before, after = _space_or_sign(text, run.start() - 1), _space_or_sign(text, run.end())
        opens = [at for at in range(*run.span()) if text[at] in _CLOSES]
        ends = [at for at in range(*run.span()) if text[at] not in _CLOSES]
        left = not after[0] and (not after[1] or before[0] or before[1])
        right = not before[0] and (not before[1] or after[0] or after[1])
        if opens and (ends or not left):
            dropped.update(opens)
        if ends and not right:
            dropped.update(ends)
    for start, end in pairs.items():
        if start in dropped or end in dropped:
            dropped |= {start, end}
    return _STAR.sub(lambda m: "" if m.start() in dropped else _DRAWN[m[0]], text)


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
    s: PageBlocks, cells: Sequence[tuple[int, str, int, int]], base: str
) -> tuple[list[str], str]:
    """Return a table's rows as plain lines, and the table as Markdown.

    Args:
        s: the page cut into blocks.
        cells: block, its text, its row and its cell, in page order.
        base: address that links are relative to.
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
            said = " ".join(_cell(s, at, text, base) for at, text, _, _ in blocks)
            drawn[key] = _PIPE.sub(r"\\|", said)
        plain.append(" | ".join(words))
        rows.append(_laid_out(s, row, drawn, held))
    # Columns that are empty in every row only lay the table out.
    width = max(map(len, rows))
    full = [line + [""] * (width - len(line)) for line in rows]
    used = [i for i in range(width) if any(line[i] for line in full)]
    lines = [f"| {' | '.join(line[i] for i in used)} |" for line in full]
    return plain, "\n".join([lines[0], "|" + " --- |" * len(used), *lines[1:]])


def _cell(s: PageBlocks, at: int, text: str, base: str) -> str:
    block = s.blocks[at]
    return inline(block, base) if block.marks and text == block.text else escape(text)


_HEADING: Final = {f"h{level}": level for level in range(1, 7)}
_MAX_NESTING: Final = 6
# A quote around this share of the text only lays the page out.
_LAYOUT: Final = 0.9
_LANGUAGE = lazy_compile(
    r"(?:^|\s)(?:lang(?:uage)?|highlight-source|brush:)[-:]?\s*([a-z0-9+#-]{1,20})"
)
_PROSE = lazy_compile("[\u4e00-\u9fff][，。；：！？]")
_TRAILING_MARK = lazy_compile(r"(?<=\s)(#+)$")


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
    literal: int
    caption: bool
    term: bool


def _shape(s: PageBlocks, element: int) -> _Shape:
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
        elif tag in PREFORMATTED:
            literal = e
        elif tag in ("figcaption", "caption"):
            caption = True
        elif tag == "dt":
            term = True
    return _Shape(heading, tuple(holders[::-1]), table, row, cell, literal, caption, term)


def _layout(shaped: Sequence[tuple[TextLine, _Shape]]) -> set[int]:
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


def _fence(s: PageBlocks, element: int, code: str) -> str:
    node = s.nodes[element]
    inner = node.css_first("code") if node is not None else None
    words = f"{inner.attributes.get('class') or ''} " if inner is not None else ""
    match = _LANGUAGE.search(f"{words}{s.words[element]} {s.words[s.parents[element]]}".lower())
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{match[1] if match else ''}\n{code}\n{fence}"


def _paragraph(s: PageBlocks, line: TextLine, shape: _Shape, base: str) -> str:
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


def _picture(figure: Image) -> str:
    return f"![{escape(figure.text)}]({link_target(figure.source, figure.source)})"


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
