"""A page as blocks of text, and the elements that hold them.

A block is a run of text that no block-level tag, ``<br>`` or ``<hr>`` interrupts: what a reader
sees as a line or a paragraph. `scraper.extraction.segmentation` cuts a page into them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from scraper.extraction.formulas import Formula
from scraper.extraction.hiding_styles import (
    FAINT,
    HIDDEN,
    SHOWN,
    SUSPECT,
    is_moved,
    is_opened,
    is_panel,
    style_hides,
)
from scraper.extraction.style_sheets import UnseenNames
from scraper.text.invisible import without_invisible
from scraper.text.patterns import lazy_compile

__all__ = [
    "HIDDEN_STYLE",
    "MAX_DEPTH",
    "PREFORMATTED",
    "Block",
    "FormulaText",
    "Mark",
    "NoteMark",
    "PageBlocks",
    "Ruler",
    "TextRun",
]


# Elements whose white space is kept.
PREFORMATTED: Final = frozenset(("pre", "listing", "xmp", "plaintext"))

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

# What marks an element as an advert, where its names say nothing: attributes of networks, and what
# readers of screens are told.
_ADVERT_SLOTS: Final = frozenset(
    ("data-ad-slot", "data-ad-client", "data-ad-unit", "data-ad-unit-path", "data-google-query-id")
)
_ADVERT_LABELS: Final = frozenset(
    (
        "ad", "advert", "advertisement", "advertising", "sponsored", "sponsored content",
        "promoted", "promoted content", "paid content",
        "广告", "廣告", "推广", "推廣", "赞助", "贊助",
    )
)  # fmt: skip

_STEPS: Final = 7  # of a block's place, the body's among them
_DIGITS = lazy_compile(r"\d+")
HIDDEN_STYLE: Final = lazy_compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _is_slot(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element's attributes say that it holds an advert."""
    label = attributes.get("aria-label")
    if label and label.strip().lower() in _ADVERT_LABELS:
        return True
    return not _ADVERT_SLOTS.isdisjoint(attributes)


# Pieces up to which a block without marks keeps them: a line of labels is not longer.
_FEW_PIECES: Final = 30


class FormulaText(str):
    """A formula in a line of plain text, with its Markdown.

    Attributes:
        markdown: it between dollar signs, or "".
    """

    __slots__ = ("markdown",)
    markdown: str

    def __new__(cls, formula: Formula, text: str) -> FormulaText:
        """Return `text`, which is the formula's with the space before it."""
        made = super().__new__(cls, text)
        made.markdown = formula.markdown
        return made


class NoteMark(str):
    """The mark of a note in a line of plain text, with what it links to.

    Attributes:
        target: name of the note's element in the page.
    """

    __slots__ = ("target",)
    target: str

    def __new__(cls, text: str, target: str) -> NoteMark:
        """Return `text`, a mark such as ``[3]`` that links to ``#target``."""
        made = super().__new__(cls, text)
        made.target = target
        return made


class Ruler(NamedTuple):
    """A thematic break (``<hr>``).

    Attributes:
        before: number of the block that it stands before.
        container: index of the element around it.
    """

    before: int
    container: int


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

    def spaced_text(self) -> str:
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
        return " ".join(without_invisible(text).split())


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
        lookalikes: the same with digits made alike: generated class names number their elements.
        hidden: 1 for elements under ``display:none`` or ``hidden``, 0.5 for ``aria-hidden`` and for
            panels that a click opens.
        faint: how far a style moves, clips, shrinks or fades an element out of sight; see
            `scraper.extraction.hiding_styles`.
        depths: distance from the body.
        nodes: the elements themselves.
        wrapped: blocks that nothing but one ``<br>`` parts from the block before.
        rulers: the thematic breaks, in page order.
        sidenotes: blocks of notes that stand within a line and are shown beside it, each with the
            target of its mark.
        listings: element → the listing of code around it; None until they are looked for.
        unseen: what the page's style sheets hide.
        noted, ticked: whether the page may have marks of notes, and has a box to tick.
        ends: see `subtree_ends`, which fills it.
    """

    blocks: list[Block] = field(default_factory=list)
    parents: list[int] = field(default_factory=lambda: [-1])
    tags: list[str] = field(default_factory=lambda: ["body"])
    words: list[str] = field(default_factory=lambda: [""])
    labels: list[str] = field(default_factory=lambda: ["body"])
    lookalikes: list[str] = field(default_factory=lambda: ["body"])
    hidden: list[float] = field(default_factory=lambda: [0.0])
    faint: list[int] = field(default_factory=lambda: [SHOWN])
    depths: list[int] = field(default_factory=lambda: [0])
    nodes: list[LexborNode | None] = field(default_factory=lambda: [None])
    wrapped: set[int] = field(default_factory=set)
    rulers: list[Ruler] = field(default_factory=list)
    sidenotes: dict[int, str] = field(default_factory=dict)
    listings: dict[int, int] | None = None
    unseen: UnseenNames = field(default_factory=UnseenNames)
    noted: bool = True
    ticked: bool = True
    ends: list[int] = field(default_factory=list)
    _looks: dict[str, str] = field(default_factory=dict)  # label → lookalike

    def ancestors(self, element: int) -> Iterator[int]:
        """Yield an element and all its ancestors, innermost first, without the body."""
        while element > 0:
            yield element
            element = self.parents[element]

    def subtree_ends(self) -> list[int]:
        """Return for each element the index of the first one behind all that is inside it."""
        parents = self.parents
        if len(self.ends) != len(parents):
            ends = list(range(1, len(parents) + 1))
            for e in range(len(parents) - 1, 0, -1):
                if ends[e] > ends[parents[e]]:
                    ends[parents[e]] = ends[e]
            self.ends = ends
        return self.ends

    def places(self) -> list[str]:
        """Return where each block stands, such as ``body > div.main > p`` (the inner six steps)."""
        known: dict[int, str] = {}
        found = []
        labels, parents = self.labels, self.parents
        for block in self.blocks:
            e = block.container
            place = known.get(e)
            if place is None:
                path, at = ["body"], e
                while at > 0 and len(path) < _STEPS:
                    path.insert(1, labels[at])
                    at = parents[at]
                place = known[e] = " > ".join(path)
            found.append(place)
        return found

    def add_element(self, node: LexborNode, tag: str, parent: int) -> None:
        """Append an element to the columns.

        Args:
            node: the element.
            tag: its name.
            parent: index of the element around it.
        """
        attributes = node.attributes
        words, label, look = "", tag, tag
        hidden, faint = self.hidden[parent], self.faint[parent]
        if tag == "dialog" and "open" not in attributes:
            hidden = 1.0
        if attributes:
            words = class_ = attributes.get("class") or ""
            if len(attributes) > (1 if class_ else 0):
                for name in _NAMING:
                    value = attributes.get(name)
                    if value:
                        words += " " + value
                if _is_slot(attributes):
                    words += " advertisement"
                style = attributes.get("style")
                level = style_hides(style) if style else SHOWN
                if level == HIDDEN or "hidden" in attributes:
                    hidden = max(hidden, 0.5) if is_panel(words) else 1.0
                elif attributes.get("aria-hidden") == "true":
                    hidden = max(hidden, 0.5)
                if level in (FAINT, SUSPECT):
                    faint = max(faint, self._faintness(node, level, words, parent))
            level = self.unseen.level(node, class_, attributes.get("id"))
            if level == HIDDEN:
                hidden = 1.0
            elif level:
                faint = max(faint, self._faintness(node, level, words, parent))
            first = class_.split(None, 1)
            if first:
                label = f"{tag}.{first[0]}"
                look = self._looks.get(label, "")
                if not look:
                    look = self._looks[label] = _DIGITS.sub("0", label)
            words = words.lower()[:300]
        self.parents.append(parent)
        self.tags.append(tag)
        self.words.append(words)
        self.labels.append(label)
        self.lookalikes.append(look)
        self.hidden.append(hidden)
        self.faint.append(faint)
        self.depths.append(self.depths[parent] + 1)
        self.nodes.append(node)

    def _faintness(self, node: LexborNode, level: int, words: str, parent: int) -> int:
        """Return how far an element is out of sight that scripts or clicks may show."""
        around = " ".join(self.words[e] for e in islice(self.ancestors(parent), 3))
        return SUSPECT if is_moved(words) or is_opened(node, words, around) else level


class TextRun:
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
        text = without_invisible(text)
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
