"""What HTML's elements are, and what stands in and beside one of them.

All that looks into the tree here looks at a few nodes only, however many a page has.
"""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborNode

__all__ = [
    "BLOCK_LEVEL", "FEW_CHARACTERS", "FEW_NODES", "FEW_SIBLINGS", "INLINE", "MANY_NODES", "SKIPPED",
    "is_small_inline", "neighbour", "paragraph_behind", "short_text", "sibling_text",
]  # fmt: skip

# What is looked at to tell what an element is: nodes inside it, siblings, characters.
FEW_NODES: Final = 40
MANY_NODES: Final = 200
FEW_SIBLINGS: Final = 4
FEW_CHARACTERS: Final = 40


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Elements that stand within a line (https://html.spec.whatwg.org/multipage/rendering.html), those
# that HTML has given up among them.
INLINE: Final = _names(
    "a abbr acronym applet b basefont bdi bdo bgsound big blink cite code data del dfn em font i "
    "image ins kbd label mark marquee meter multicol nobr output picture q rb rp rt rtc ruby s "
    "samp small source spacer span strike strong sub sup time tt u var wbr"
)
# Elements that end a line. What is in neither table HTML does not know (``stock-ticker``, ``o:p``)
# or lets flow with the text (``button``, ``slot``): browsers set it within the line, unless style
# sheets and scripts make a part of the page of it. `_flows` tells which.
BLOCK_LEVEL: Final = _names(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div "
    "dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup legend "
    "li listing main menu nav ol optgroup p plaintext pre search section summary table tbody td "
    "tfoot th thead tr ul xmp"
)
# Tags whose content is no text of the page.
SKIPPED: Final = _names(
    "audio canvas datalist embed head iframe img input link map math meta noembed noframes "
    "noscript object option progress rp rt rtc script select style svg template textarea title "
    "video"
)


def short_text(node: LexborNode, limit: int = FEW_CHARACTERS) -> str | None:
    """Return the text of a small element, with the powers in it; None for one that is not small."""
    parts: list[str] = []
    at, depth, count = node.first_child, 0, 0
    size = 0
    while at is not None:
        count += 1
        if count > FEW_NODES or size > limit:
            return None
        text = at.text_content if at.tag == "-text" else ""
        if text:
            parts.append(text)
            size += len(text)
        elif at.tag == "sup":
            parts.append("^")
        child = at.first_child if at.tag not in SKIPPED else None
        if child is not None:
            at, depth = child, depth + 1
            continue
        following = at.next
        while following is None and depth:
            parent = at.parent
            if parent is None:
                return None
            at, depth = parent, depth - 1
            following = at.next
        at = following
    return "".join(parts) if size <= limit else None


def is_small_inline(node: LexborNode, limit: int = FEW_NODES) -> bool:
    """Return whether an element holds a few nodes and nothing that ends a line."""
    at, depth, count = node.first_child, 0, 0
    while at is not None:
        count += 1
        tag = at.tag or "-"
        if count > limit or tag in BLOCK_LEVEL or tag in ("br", "hr"):
            return False
        child = at.first_child if tag[0] != "-" else None
        if child is not None:
            at, depth = child, depth + 1
            continue
        following = at.next
        while following is None and depth:
            parent = at.parent
            if parent is None:
                return False
            at, depth = parent, depth - 1
            following = at.next
        at = following
    return True


def sibling_text(node: LexborNode | None, *, before: bool) -> str:
    """Return the text that stands directly before or behind a node, in a line with it."""
    at = node
    for _ in range(FEW_SIBLINGS):
        if at is None:
            return ""
        sibling = at.prev if before else at.next
        while sibling is not None and sibling.tag == "-comment":
            sibling = sibling.prev if before else sibling.next
        if sibling is None:
            at = at.parent
            if at is None or at.tag not in INLINE:
                return ""
            continue
        inner: LexborNode | None = sibling
        for _ in range(FEW_SIBLINGS):
            if inner is None or (inner.tag != "-text" and inner.tag not in INLINE):
                return ""
            if inner.tag == "-text":
                break
            inner = inner.last_child if before else inner.first_child
        text = (inner.text_content or "") if inner is not None and inner.tag == "-text" else ""
        if text.strip() or at is None:
            return text
        at = sibling
    return ""


def neighbour(node: LexborNode, *, before: bool) -> str:
    """Return the tag of the nearest sibling that shows something, ``-text`` for text, or ""."""
    at = node.prev if before else node.next
    for _ in range(FEW_NODES):
        if at is None:
            return ""
        blank = at.tag == "-text" and (at.text_content or "").isspace()
        if not blank and at.tag != "-comment":
            return at.tag or "-text"
        at = at.prev if before else at.next
    return "-text"


def paragraph_behind(node: LexborNode) -> str:
    """Return how the paragraph directly behind an element begins, if amid a word, or ""."""
    at = node.next
    while at is not None and at.tag == "-text" and not (at.text_content or "").strip():
        at = at.next
    if at is None or at.tag not in ("p", "div"):
        return ""
    inner = at.first_child
    for _ in range(FEW_SIBLINGS):
        if inner is None or inner.tag == "-text":
            break
        inner = inner.first_child if inner.tag in INLINE else None
    text = (inner.text_content or "") if inner is not None else ""
    return text if text[:1].islower() or "\u3400" <= text[:1] <= "\u9fff" else ""
