"""An article's Markdown as blocks of plain text, safe for templates.

Only the constructs that our extractor writes are parsed (headings, lists, quotes, tables, code,
notes, links, emphasis); everything else stays text. No markup is built here: a page's text can
become a heading or a link to the web, but nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from scraper.models import Article
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.urls import web_url

__all__ = ["Block", "Span", "mark_terms", "markdown_blocks"]

# If the Markdown has less than this share of the text's letters, the text is shown instead.
_WHOLE = 0.97
# Most terms that are highlighted, and the length in characters up to which an article is searched
# for them: each character is compared with each term.
_MOST_TERMS, _LONGEST_MARKED = 80, 200_000
_MAX_CELLS = 40
# Maximum displayed depth of list items.
_DEEPEST = 3

_HEADING = lazy_compile(r"(#{1,6})[ \t]+(\S.*)")
_ITEM = lazy_compile(r"([ \t]*+)(?:([-*+])|(\d{1,9})[.)])[ \t]++(.*+)")
_FENCE = lazy_compile(r"([ \t]*)(`{3,})[^`]*")
_RULER = lazy_compile(r"(?:[-*_][ \t]*){3,}")
_LINE_BREAK = lazy_compile(r"(?<!\\)\\$")
_DIVIDER = frozenset("|:- \t")
_INLINE = lazy_compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<image>!)?\[(?P<label>(?:\\.|[^\[\]\\])*)\]\((?P<url>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"(?:[ \t]+\"[^\"]*\")?\)"
    r"|\[\^(?P<note>[\w-]{1,40})\]:?"
    r"|(?P<stars>\*{1,3})"
    r"|(?P<struck>~~)"
    r"|`(?P<code>[^`]+)`"
)


@record
class Span:
    """A piece of text; `href` is "" or an http or https address; `mark` highlights it.

    Of a picture (`picture`), `text` is its caption and `href` its address: it is never loaded.
    """

    text: str
    href: str = ""
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    struck: bool = False
    mark: bool = False
    picture: bool = False


_PLAIN = Span(text="")


@record
class Block:
    """A part of an article.

    Attributes:
        kind: paragraph, heading, list, quote, code or table.
        lines: its lines, items or cells, each as spans.
        level: level of a heading, 1 to 6; number of columns of a table.
        depths: depth of each item of a list.
        numbers: number of each item of a list, or None.
    """

    kind: str
    lines: tuple[tuple[Span, ...], ...]
    level: int = 0
    depths: tuple[int, ...] = ()
    numbers: tuple[int | None, ...] = ()


def mark_terms(blocks: Sequence[Block], terms: Iterable[str]) -> tuple[Block, ...]:
    """Return blocks with each occurrence of some terms highlighted, the longest terms first.

    Args:
        blocks: of an article; code stays as it is.
        terms: as they stand in the text; one that a link or emphasis interrupts is not found.
    """
    wanted = sorted({term for term in terms if term.strip()}, key=lambda term: (-len(term), term))
    length = sum(len(span.text) for b in blocks for line in b.lines for span in line)
    if not wanted or length > _LONGEST_MARKED:
        return tuple(blocks)
    pattern = re.compile("|".join(map(_whole, wanted[:_MOST_TERMS])))
    return tuple(
        replace(block, lines=tuple(_marked(line, pattern) for line in block.lines))
        for block in blocks
    )


def _whole(term: str) -> str:
    """Return the pattern of a term that stands for itself: AI is no part of SAID."""
    before = r"(?<![A-Za-z0-9])" if term[0].isascii() and term[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if term[-1].isascii() and term[-1].isalnum() else ""
    return before + re.escape(term) + behind


def _marked(line: Sequence[Span], pattern: re.Pattern[str]) -> tuple[Span, ...]:
    found: list[Span] = []
    for span in line:
        if span.code or span.picture:
            found.append(span)
            continue
        at = 0
        for match in pattern.finditer(span.text):
            if match.start() > at:
                found.append(replace(span, text=span.text[at : match.start()]))
            found.append(replace(span, text=match[0], mark=True))
            at = match.end()
        if at < len(span.text) or not span.text:
            found.append(replace(span, text=span.text[at:]))
    return tuple(found)


def markdown_blocks(article: Article) -> tuple[Block, ...]:
    """Return the blocks of an article, from its Markdown, or from its text if that has more."""
    blocks = tuple(_blocks(article.markdown.split("\n")))
    shown = sum(_letters(span.text) for b in blocks for line in b.lines for span in line)
    if shown >= _WHOLE * _letters(article.text):
        return blocks
    return tuple(
        Block(kind="paragraph", lines=((Span(text=line),),))
        for line in article.text.split("\n")
        if line.strip()
    )


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _blocks(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _RULER.fullmatch(line.strip()):
            at += 1
            continue
        kind = _kind(lines, at)
        end = at + 1
        if fence := _FENCE.fullmatch(line):
            while end < len(lines) and not _closes(lines[end], fence[2]):
                end += 1
            code = (_unindented(text, len(fence[1])) for text in lines[at + 1 : end])
            yield Block(kind="code", lines=tuple((Span(text=text),) for text in code))
            at = end + 1
            continue
        if kind != "heading":
            while end < len(lines) and lines[end].strip() and _kind(lines, end) == kind:
                end += 1
        yield _block(kind, lines[at:end])
        at = end


def _closes(line: str, fence: str) -> bool:
    """Return whether a line closes a code fence: at least as long, with nothing after it."""
    return line.strip().startswith(fence) and not line.strip().strip("`")


def _unindented(line: str, columns: int) -> str:
    """Return a line of code without the indentation of its fence, as in a list item."""
    return line[min(columns, len(line) - len(line.lstrip(" \t"))) :]


def _kind(lines: list[str], at: int) -> str:
    line = lines[at]
    stripped = line.strip()
    if _FENCE.fullmatch(line):
        return "code"
    if _HEADING.fullmatch(stripped):
        return "heading"
    if stripped.startswith(">"):
        return "quote"
    if _ITEM.fullmatch(line):
        return "list"
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        return "table"
    return "paragraph"


def _block(kind: str, lines: list[str]) -> Block:
    if kind == "heading":
        match = _HEADING.fullmatch(lines[0].strip())
        assert match is not None  # that made it a heading
        return Block(kind=kind, level=len(match[1]), lines=(spans_of(match[2].rstrip("# \t")),))
    if kind == "list":
        items = [match for line in lines if (match := _ITEM.fullmatch(line))]
        return Block(
            kind=kind,
            lines=tuple(spans_of(item[4]) for item in items),
            depths=tuple(_depths([len(item[1].expandtabs(4)) for item in items])),
            numbers=tuple(int(item[3]) if item[3] else None for item in items),
        )
    if kind == "quote":
        return Block(
            kind=kind, lines=tuple(spans_of(line.strip().lstrip("> ").strip()) for line in lines)
        )
    if kind == "table":
        return _table(lines)
    return Block(kind=kind, lines=tuple(spans_of(line.strip()) for line in lines))


def _depths(columns: list[int]) -> Iterator[int]:
    """Yield the depth of each list item, from its starting column.

    An item indented further than the one above is its child: by two columns below a dash, by three
    or four below a number.
    """
    open_at: list[int] = []
    for column in columns:
        while open_at and column < open_at[-1]:
            open_at.pop()
        if not open_at or column > open_at[-1] + 1:
            open_at.append(column)
        yield min(_DEEPEST, len(open_at) - 1)


def _table(lines: list[str]) -> Block:
    rows = [
        re.split(r"(?<!\\)\|", line.strip().strip("|"))[:_MAX_CELLS]
        for line in lines
        if not ("-" in line and _DIVIDER.issuperset(line))
    ]
    width = max(map(len, rows), default=1)
    cells = [cell.strip() for row in rows for cell in row + [""] * (width - len(row))]
    return Block(kind="table", level=width, lines=tuple(map(spans_of, cells)))


def spans_of(text: str, within: Span = _PLAIN) -> tuple[Span, ...]:
    """Return a line's spans: links to the web, emphasis, code, struck words, and plain text.

    Args:
        text: the line.
        within: the enclosing span, such as a link whose label the line is.
    """
    text = _LINE_BREAK.sub("", text)
    matches = list(_INLINE.finditer(text))
    strikes = sum(bool(match["struck"]) for match in matches) % 2 == 0
    stars = [len(match["stars"]) for match in matches if match["stars"]]
    # Unpaired asterisks are text.
    pairs = {1: sum(n & 1 for n in stars) % 2 == 0, 2: sum(n >> 1 for n in stars) % 2 == 0}
    found: list[Span] = []
    style, held, at = within, "", 0

    def close() -> None:
        nonlocal held
        if held:
            found.append(replace(style, text=held))
        held = ""

    for match in matches:
        held += text[at : match.start()]
        at = match.end()
        if match["escaped"]:
            held += match["escaped"]
        elif match["label"] is not None:
            close()
            target = web_url(match["url"])
            if match["image"]:
                words = "".join(s.text for s in spans_of(match["label"]))
                found.append(replace(_PLAIN, text=words, href=target, picture=True))
                continue
            # A label contains no links, so the recursion is one level deep.
            found += spans_of(match["label"], replace(style, href=target or style.href))
        elif match["note"]:
            held += f"[{match['note']}]"
        elif match["struck"]:
            if strikes:
                close()
                style = replace(style, struck=not style.struck)
            else:
                held += "~~"
        elif match["code"]:
            close()
            found.append(replace(style, text=match["code"], code=True))
        else:
            close()
            size = len(match["stars"])
            style = replace(
                style,
                strong=style.strong ^ bool(size & 2 and pairs[2]),
                emphasis=style.emphasis ^ bool(size & 1 and pairs[1]),
            )
            held += "*" * sum(n for n in (1, 2) if size & n and not pairs[n])
    held += text[at:]
    close()
    return tuple(found)
