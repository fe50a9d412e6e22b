"""Notes of an article: which marks in its text lead to which of its blocks.

A mark that links to a name within the page is a note's where the element of that name is kept and
stands behind the mark. Its label is what the mark shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from scraper.extraction.blocks import Block, NoteMark, PageBlocks
from scraper.extraction.superscripts import is_note_name
from scraper.text.patterns import lazy_compile

__all__ = ["Notes", "find_notes", "listed_notes", "without_label"]

_LONGEST: Final = 3_000  # characters of a note
_MOST_BLOCKS: Final = 12  # blocks of one
_FEW_ANCESTORS: Final = 5
_HOLDERS: Final = frozenset(("li", "p", "aside", "dd", "tr", "section", "article"))
_LABEL: Final = lazy_compile(r"[\w-]{1,12}")
_BRACKETS: Final = "[]［］〔〕【】()（） \u00a0"
_BEGINS: Final = lazy_compile(
    r"(?:\*\*|\*)?(?:\\?[\[［〔【(（])?\s?(?:\[\^)?(?:注|註)?\s?(?P<label>[\w*†‡§]{1,12}?)\s?"
    r"(?:\\?[\]］〕】)）])*(?:\*\*|\*)?\s?(?:\\?[.:：、．]\s?|\s|(?<=[\]］〕】)）]))"
)

# Marks that the text of an article and its notes show alike, without a link.
_MARK_IN_TEXT: Final = lazy_compile("[\u2460-\u2473]|[\\[［〔]\\d{1,2}[\\]］〕]")
_CIRCLED_ZERO: Final = 0x245F
_MOST_LISTED: Final = 60
_NEAR: Final = 4  # blocks between the text and its notes


class Notes(NamedTuple):
    """The notes of an article.

    Attributes:
        labels: name of a note's element → the note's label.
        blocks: block → label of the note that it is a part of.
        dropped: blocks that only repeat a note's label.
    """

    labels: Mapping[str, str]
    blocks: Mapping[int, str]
    dropped: Collection[int]


NO_NOTES: Final = Notes({}, {}, frozenset())


def _marks(block: Block) -> list[NoteMark]:
    """Return the marks of notes in a block, but for one that it begins with."""
    found, text = [], ""
    for piece in block.pieces:
        if isinstance(piece, NoteMark) and text.strip():
            found.append(piece)
        text += piece
    return found


def _named(s: PageBlocks, wanted: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return name → element and block (-1: any) that bear it."""
    found: dict[str, tuple[int, int]] = {}
    known: dict[int, int] = {}
    for e in range(1, len(s.nodes)):
        node = s.nodes[e]
        if node is not None:
            known[node.mem_id] = e
            name = node.attributes.get("id") or node.attributes.get("name") or ""
            if name in wanted:
                found.setdefault(name, (e, -1))
    for i, block in enumerate(s.blocks):
        for mark in block.marks:
            attributes = mark.node.attributes
            name = attributes.get("id") or attributes.get("name") or ""
            if name in wanted:
                found.setdefault(name, (block.container, i))
    body = s.nodes[0]
    if body is None or len(found) == len(wanted):
        return found
    for node in body.css("a[id],a[name],span[id],sup[id],b[id]"):
        attributes = node.attributes
        name = attributes.get("id") or attributes.get("name") or ""
        if name in wanted and name not in found:
            at = node.parent
            while at is not None and at.mem_id not in known:
                at = at.parent
            if at is not None:
                found[name] = (known[at.mem_id], -1)
    return found


def find_notes(s: PageBlocks, kept: Collection[int]) -> Notes:
    """Return the notes among the kept blocks.

    Args:
        s: the page cut into blocks.
        kept: numbers of the blocks of the article.
    """
    labels: dict[str, str] = {}
    blocks: dict[int, str] = {}
    first: dict[str, tuple[int, str]] = {}  # target → block of its first mark, and what that shows
    for i in sorted(kept):
        for mark in _marks(s.blocks[i]) if s.blocks[i].marks else ():
            first.setdefault(mark.target, (i, mark.strip(_BRACKETS)))
    for i, target in s.sidenotes.items():
        if i in kept and target in first:
            labels[target] = blocks[i] = first.pop(target)[1]
    if not first:
        return Notes(labels, blocks, frozenset()) if labels else NO_NOTES
    places = _named(s, first.keys())
    ends = s.subtree_ends()
    inside: dict[int, list[int]] = {}
    for i in sorted(kept):
        inside.setdefault(s.blocks[i].container, []).append(i)
    dropped: set[int] = set()
    elements = {e for e, _ in places.values()}
    for number, (target, (at, shown)) in enumerate(first.items(), 1):
        if target not in places:
            continue
        e, block = places[target]
        own = [block] if block >= 0 else _own_blocks(s, e, ends, inside)
        own = [i for i in own if i in kept]
        if block >= 0 or s.tags[e] not in _HOLDERS:
            own = _around(s, e, own, ends, inside, elements) or own
        own = [i for i in own if i in kept and i > at and i not in blocks]
        size = sum(len(s.blocks[i].text) for i in own)
        if not own or len(own) > _MOST_BLOCKS or size > _LONGEST:
            continue
        label = shown if _LABEL.fullmatch(shown) and shown not in labels.values() else str(number)
        if label in labels.values():
            label = f"{label}-{number}"
        labels[target] = label
        if len(own) > 1 and s.blocks[own[0]].text.strip(f"{_BRACKETS}.^") == shown:
            dropped.add(own.pop(0))
        blocks.update(dict.fromkeys(own, label))
    return Notes(labels, blocks, frozenset(dropped))


def _own_blocks(
    s: PageBlocks, element: int, ends: list[int], inside: Mapping[int, list[int]]
) -> list[int]:
    """Return the kept blocks inside an element, with the explanation where it is a term."""
    last = ends[element]
    if s.tags[element] == "dt":
        while last < len(s.parents) and s.parents[last] == s.parents[element]:
            if s.tags[last] != "dd":
                break
            last = ends[last]
    if last - element > 10 * _MOST_BLOCKS:
        return []
    return sorted(i for e in range(element, last) for i in inside.get(e, ()))


def _around(
    s: PageBlocks,
    element: int,
    own: list[int],
    ends: list[int],
    inside: Mapping[int, list[int]],
    elements: Collection[int],
) -> list[int]:
    """Return the kept blocks of the item, row or paragraph that begins with what bears a name."""
    best: list[int] = []
    e = element
    for _ in range(_FEW_ANCESTORS):
        if not e or s.tags[e] in ("ol", "ul", "table", "article", "body", "main"):
            break
        blocks = _own_blocks(s, e, ends, inside)
        if own and blocks and blocks[0] != own[0]:
            break
        others = [at for at in elements if e < at < ends[e] and at != element]
        if others:
            break
        if s.tags[e] in _HOLDERS or is_note_name(s.words[e]):
            best = blocks
            if s.tags[e] in ("li", "tr"):
                break
        e = s.parents[e]
    return best


def without_label(markdown: str, label: str) -> str:
    """Return a note's Markdown without the label that it begins with."""
    match = _BEGINS.match(markdown)
    if match is None or match["label"] != label:
        return markdown
    return markdown[match.end() :].lstrip() or markdown


def listed_notes(s: PageBlocks, kept: Sequence[bool], first: int, last: int) -> list[int]:
    """Return the blocks behind a text that begin with marks which stand in it, in their order.

    Args:
        s: the page cut into blocks.
        kept: whether each block is kept.
        first, last: the blocks with which the text begins and ends.
    """
    marks: set[str] = set()
    if 0 <= last < len(s.blocks) - 1:
        for i in range(first, last + 1):
            if kept[i]:
                marks.update(match[0] for match in _MARK_IN_TEXT.finditer(s.blocks[i].text))
    found: list[int] = []
    for i in range(last + 1, min(len(s.blocks), last + 1 + _MOST_LISTED) if marks else 0):
        text = s.blocks[i].text
        match = _MARK_IN_TEXT.match(text)
        if match is None or match[0] not in marks:
            if found or i > last + _NEAR:
                break
            continue
        if _number_of(match[0]) != len(found) + 1 or not match.end() + 1 < len(text) <= _LONGEST:
            break
        found.append(i)
    return found


def _number_of(mark: str) -> int:
    figure = mark.strip(_BRACKETS)
    return int(figure) if figure.isdecimal() else ord(figure[0]) - _CIRCLED_ZERO
