"""The stories' own small markup: blocks parted by blank lines, to HTML and to the expected lines.

    ## heading      > quotation      - item      1. item      | cell | cell |
    ![caption](name of a picture)    ===  (the next page begins)    **bold**    [words](address)

Anything else is a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = ["Block", "lines_of", "pages_of", "parse", "plain", "to_html"]

_BOLD = lazy_compile(r"\*\*(.+?)\*\*")
_LINK = lazy_compile(r"\[([^\[\]]++)\]\(([^()]++)\)")
_FIGURE = lazy_compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_NUMBERED = lazy_compile(r"\d{1,3}\.\s{1,9}")


@record
class Block:
    """A block of a story.

    Attributes:
        kind: p, h2, quote, ul, ol, table, figure or page (a page break).
        parts: the lines of the block: one for most, one an item, one a table row.
        picture: name of the picture of a figure.
    """

    kind: str
    parts: tuple[str, ...]
    picture: str = ""


def parse(source: str) -> tuple[Block, ...]:
    """Return the blocks of a story written in the markup of this module."""
    chunks = re.split(r"\n\s*\n", source.strip())
    return tuple(_block(chunk.strip()) for chunk in chunks if chunk.strip())


def _block(chunk: str) -> Block:
    rows = tuple(row.strip() for row in chunk.splitlines())
    if chunk == "===":
        return Block(kind="page", parts=())
    if figure := _FIGURE.fullmatch(chunk):
        return Block(kind="figure", parts=(figure[1],), picture=figure[2])
    if chunk.startswith("## "):
        return Block(kind="h2", parts=(chunk[3:],))
    if chunk.startswith("> "):
        return Block(kind="quote", parts=(" ".join(row.removeprefix("> ") for row in rows),))
    if chunk.startswith("- "):
        return Block(kind="ul", parts=tuple(row.removeprefix("- ") for row in rows))
    if _NUMBERED.match(chunk):
        return Block(kind="ol", parts=tuple(_NUMBERED.sub("", row, count=1) for row in rows))
    if chunk.startswith("|"):
        return Block(kind="table", parts=rows)
    return Block(kind="p", parts=(" ".join(rows),))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def plain(text: str) -> str:
    """Return a line of the markup as a reader sees it."""
    return _LINK.sub(r"\1", _BOLD.sub(r"\1", text))


def _inline(text: str) -> Markup:
    html = str(escape(text))
    html = _BOLD.sub(r"<strong>\1</strong>", html)
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', html))


def lines_of(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Return the lines that a reader of the blocks is to get; a table row is one line."""
    return tuple(
        " | ".join(map(plain, _cells(part))) if block.kind == "table" else plain(part)
        for block in blocks
        for part in block.parts
    )


def pages_of(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], ...]:
    """Part the blocks at the page breaks."""
    pages: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "page":
            pages.append([])
        else:
            pages[-1].append(block)
    return tuple(map(tuple, pages))


def _paragraph_p(text: Markup) -> Markup:
    return Markup("<p>{}</p>").format(text)


def _paragraph_indented(text: Markup) -> Markup:
    return Markup("<p>\u3000\u3000{}</p>").format(text)


def _paragraph_div(text: Markup) -> Markup:
    return Markup('<div class="para">{}</div>').format(text)


def _paragraph_section(text: Markup) -> Markup:
    return Markup('<section><span style="font-size:16px;">{}</span></section>').format(text)


def _paragraph_br(text: Markup) -> Markup:
    return Markup("\u3000\u3000{}<br><br>").format(text)


_PARAGRAPHS: Mapping[str, Callable[[Markup], Markup]] = {
    "p": _paragraph_p,
    "indented": _paragraph_indented,
    "div": _paragraph_div,
    "section": _paragraph_section,
    "br": _paragraph_br,
}


def _one(block: Block, style: str) -> Markup:
    if block.kind == "p":
        return _PARAGRAPHS[style](_inline(block.parts[0]))
    if block.kind == "h2":
        return Markup("<h2>{}</h2>").format(_inline(block.parts[0]))
    if block.kind == "quote":
        return Markup("<blockquote><p>{}</p></blockquote>").format(_inline(block.parts[0]))
    if block.kind == "figure":
        return Markup(
            '<figure><img src="/img/{}.svg" alt="" width="640" height="360">'
            "<figcaption>{}</figcaption></figure>"
        ).format(block.picture, _inline(block.parts[0]))
    if block.kind == "table":
        head, *rows = map(_cells, block.parts)
        top = Markup("").join(Markup("<th>{}</th>").format(_inline(cell)) for cell in head)
        body = Markup("\n").join(
            Markup("<tr>{}</tr>").format(
                Markup("").join(Markup("<td>{}</td>").format(_inline(cell)) for cell in row)
            )
            for row in rows
        )
        return Markup(
            "<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>"
        ).format(top, body)
    items = Markup("\n").join(Markup("<li>{}</li>").format(_inline(part)) for part in block.parts)
    return Markup("<{0}>\n{1}\n</{0}>").format(block.kind, items)


def to_html(
    blocks: Sequence[Block], style: str = "p", inserts: Mapping[int, Markup] | None = None
) -> Markup:
    """Return the blocks as HTML.

    Args:
        blocks: without page breaks.
        style: how a paragraph is marked up: p, indented, div, section or br.
        inserts: furniture that the outlet puts into the body: after how many blocks, and what.
    """
    inserts = inserts or {}
    html: list[Markup] = []
    for number, block in enumerate(blocks, 1):
        html.append(_one(block, style))
        if number in inserts and number < len(blocks):
            html.append(inserts[number])
    return Markup("\n").join(html)
