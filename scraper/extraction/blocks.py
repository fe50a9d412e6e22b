"""One walk over the parsed page that cuts it into blocks of text.

A block is a run of text that no block-level tag, ``<br>`` or ``<hr>`` interrupts: what a reader
sees as a line or a paragraph. The walk is a loop, not a recursion, so that depth can't overflow a
stack. lexbor puts what follows ``</html>`` where browsers put it: at the end of the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

__all__ = ["Block", "Mark", "PageBlocks", "segment"]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Tags that do not end a line; any tag that is not named in one of these two tables does.
INLINE: Final = _names(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr picture "
    "q rp rt ruby s samp small source span st1:place strike strong sub sup time tt u var wbr o:p"
)
# Tags whose content is no text of the page.
SKIPPED: Final = _names(
    "audio canvas datalist embed head iframe img input link map math meta noscript object option "
    "progress script select style svg template textarea title video"
)
_BOLD: Final = frozenset(("b", "strong"))
_MARKED: Final = frozenset(("a", "b", "strong", "i", "em", "code", "kbd", "samp"))

# Below this depth elements still end lines but count as none: no page that people read is so deep,
# and what is computed for each ancestor of each block would cost a hostile page's square.
MAX_DEPTH: Final = 400

# Attributes, besides class, whose values say what an element is for.
_NAMING: Final = (
    "id",
    "itemprop",
    "role",
    "data-testid",
    "data-component",
    "data-type",
    "data-qa",
)

_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u200b\ufeff\u00ad\u2060\x00]")
_DIGITS = re.compile(r"\d+")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DISPLAY_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|table)", re.IGNORECASE)


# Pieces up to which a block without marks keeps them: a line of labels is not longer.
_FEW_PIECES: Final = 30


class Mark(NamedTuple):
    """Inline markup inside a block: before which piece of text a tag begins or ends."""

    before: int
    node: LexborNode
    begins: bool


class Block(NamedTuple):
    """A line or paragraph of the page.

    Attributes:
        text: the characters, white space folded (but in ``<pre>``).
        container: index of the innermost block-level element in `PageBlocks`.
        link_chars, bold_chars, button_chars: how many characters stand in such tags.
        links: number of links.
        broken: whether ``<br>`` ended it.
        href: target of its first link, or "".
        pieces, marks: text nodes and the inline markup between them, for Markdown; none for a
            block in one piece.
    """

    text: str
    container: int
    link_chars: int
    links: int
    broken: bool
    bold_chars: int
    button_chars: int
    href: str
    pieces: tuple[str, ...]
    marks: tuple[Mark, ...]

    def apart(self) -> str:
        """Return the text with a space wherever two words meet at the edge of an element.

        ``<span>来源：某报</span><span>阅读 8</span>`` is one word in the page's characters, and two
        to a reader, for whom the style sheet keeps them apart.
        """
        if len(self.pieces) < 2:
            return self.text
        text = self.pieces[0]
        for piece in self.pieces[1:]:
            met = text[-1:].isalnum() and piece[:1].isalnum()
            text += f" {piece}" if met else piece
        return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


@dataclass(slots=True)
class PageBlocks:
    """A page cut into blocks, and the block-level elements that hold them.

    Elements are columns: index 0 is the body, and a parent's index is below its children's.

    Attributes:
        blocks: the blocks in page order.
        parents: index of each element's parent (-1 for the body).
        tags: tag names.
        words: class, id and other naming attributes of each element, in lower case.
        labels: ``tag.class`` of each element, with its first class only.
        looks: the same with digits made alike, since generated class names number their elements.
        hidden: 1 for elements under ``display:none`` or ``hidden``, 0.5 for ``aria-hidden``.
        depths: distance from the body.
        nodes: the elements themselves.
    """

    blocks: list[Block] = field(default_factory=list)
    parents: list[int] = field(default_factory=lambda: [-1])
    tags: list[str] = field(default_factory=lambda: ["body"])
    words: list[str] = field(default_factory=lambda: [""])
    labels: list[str] = field(default_factory=lambda: ["body"])
    looks: list[str] = field(default_factory=lambda: ["body"])
    hidden: list[float] = field(default_factory=lambda: [0.0])
    depths: list[int] = field(default_factory=lambda: [0])
    nodes: list[LexborNode | None] = field(default_factory=lambda: [None])

    def ancestors(self, element: int) -> Iterator[int]:
        """Yield an element and all its ancestors, innermost first, without the body."""
        while element > 0:
            yield element
            element = self.parents[element]

    def places(self) -> list[str]:
        """Return where each block stands, such as ``body > div.main > p`` (the inner six steps)."""
        known: dict[int, str] = {}
        found = []
        for block in self.blocks:
            e = block.container
            if e not in known:
                path = [self.labels[at] for at in islice(self.ancestors(e), 6)]
                known[e] = " > ".join([*path, "body"][::-1])
            found.append(known[e])
        return found


class _Run:
    """The text that is being gathered for the next block."""

    __slots__ = ("bold", "button", "href", "link", "links", "marks", "pieces")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.pieces: list[str] = []
        self.marks: list[Mark] = []
        self.link = self.links = self.bold = self.button = 0
        self.href = ""

    def block(self, container: int, *, broken: bool, literal: bool) -> Block | None:
        text = "".join(self.pieces)
        if not text.isascii() or "\x00" in text:
            text = _INVISIBLE.sub("", text)
        # Splitting at white space folds it too, in half the time of a regular expression.
        text = text.strip("\r\n") if literal else " ".join(text.split())
        if not text or text.isspace():
            return None
        return Block(
            text,
            container,
            self.link,
            self.links,
            broken,
            self.bold,
            self.button,
            self.href,
            tuple(self.pieces) if self.marks or 1 < len(self.pieces) <= _FEW_PIECES else (),
            tuple(self.marks),
        )


# What holds outside an element, to be restored when the walk leaves it: its node, the container,
# whether in a link, in bold, in a button, in preformatted text; and whether it is inline.
_State = tuple[LexborNode, int, bool, bool, bool, bool, bool]


def _enter(segments: PageBlocks, node: LexborNode, tag: str, parent: int) -> None:
    """Append an element to the columns."""
    attributes = node.attributes
    words, label, look = "", tag, tag
    hidden = segments.hidden[parent]
    if attributes:
        words = class_ = attributes.get("class") or ""
        if len(attributes) > (1 if class_ else 0):
            for name in _NAMING:
                value = attributes.get(name)
                if value:
                    words += " " + value
            style = attributes.get("style")
            if (style and _UNSEEN.search(style)) or "hidden" in attributes:
                hidden = 1.0
            elif attributes.get("aria-hidden") == "true":
                hidden = max(hidden, 0.5)
        first = class_.split(None, 1)
        if first:
            label = f"{tag}.{first[0]}"
            look = _DIGITS.sub("0", label)
        words = words.lower()[:300]
    segments.parents.append(parent)
    segments.tags.append(tag)
    segments.words.append(words)
    segments.labels.append(label)
    segments.looks.append(look)
    segments.hidden.append(hidden)
    segments.depths.append(segments.depths[parent] + 1)
    segments.nodes.append(node)


def segment(tree: LexborHTMLParser) -> PageBlocks:
    """Cut a parsed page into blocks.

    Args:
        tree: the page; it is not changed.

    Returns:
        Blocks in page order with the elements that hold them; none for a page without a body.
    """
    segments = PageBlocks()
    body = tree.body
    node = body.first_child if body is not None else None
    segments.nodes[0] = body
    run = _Run()
    stack: list[_State] = []
    container, in_link, in_bold, in_button, literal = 0, False, False, False, False

    def flush(broken: bool = False) -> None:
        if run.pieces:
            block = run.block(container, broken=broken, literal=literal)
            if block is not None:
                segments.blocks.append(block)
        if run.pieces or run.marks:
            run.clear()

    while node is not None:
        tag = node.tag or "-"
        child: LexborNode | None = None
        if tag == "-text":
            text = node.text_content
            # White space between elements begins no block.
            if text and (run.pieces or literal or not text.isspace()):
                run.pieces.append(text)
                if in_link or in_bold or in_button:
                    length = len(text.strip())
                    run.link += length * in_link
                    run.bold += length * in_bold
                    run.button += length * in_button
        elif tag == "br":
            flush(True)
        elif tag == "hr":
            flush()
        elif tag[0] != "-" and tag not in SKIPPED:
            child = node.first_child
        if child is not None:
            inline = tag in INLINE
            if tag == "span":
                style = node.attrs.get("style")
                if style and (_DISPLAY_BLOCK.search(style) or _UNSEEN.search(style)):
                    inline = False
            if not inline and (run.pieces or run.marks):
                flush()
            stack.append((node, container, in_link, in_bold, in_button, literal, inline))
            if inline:
                if tag == "a":
                    in_link = True
                    run.links += 1
                    run.href = run.href or node.attrs.get("href") or ""
                elif tag in _BOLD:
                    in_bold = True
                if tag in _MARKED:
                    run.marks.append(Mark(len(run.pieces), node, True))
            elif len(stack) <= MAX_DEPTH + 1:
                _enter(segments, node, tag, container)
                container = len(segments.parents) - 1
                literal = literal or tag == "pre"
                in_button = in_button or tag == "button"
            node = child
            continue
        following = node.next
        while following is None and stack:
            outer = stack.pop()
            if outer[-1]:
                if run.marks and outer[0].tag in _MARKED:
                    run.marks.append(Mark(len(run.pieces), outer[0], False))
            elif run.pieces or run.marks:
                flush()
            node, container, in_link, in_bold, in_button, literal, _ = outer
            following = node.next
        node = following
    flush()
    return segments
