"""The text of a heading as a reader sees it: inline markup within a word parts nothing."""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborNode

from scraper.text.patterns import lazy_compile
from scraper.text.values import tidy

__all__ = ["heading_text"]

_SKIPPED: Final = frozenset(("script", "style", "template", "noscript", "wbr"))
# Elements that mark words or parts of words, and never stand beside what they do not touch.
_INLINE: Final = frozenset(
    "abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q s samp strike"  # noqa: SIM905
    " strong sub sup tt u var".split()
)
# Elements that pages also set apart by their style, without a blank: a label before a headline.
_PLAIN: Final = frozenset(("a", "span", "small", "label", "time"))
_EDGE: Final = "\x00"  # no parsed text has it
_DEEPEST: Final = 30
# One edge within a word, as behind an initial; edges before a closing or behind an opening mark.
_JOINED = lazy_compile(
    r"(?<=[^\W\d_])\x00(?=[a-zß-öø-ÿ])|(?<=\w)\x00(?=[’'])"
    r"|\x00{1,8}(?=[.,:;?!%)\]»”…、。，：；？！）」』])"
    r"|(?<=[(\[«“¿¡（「『])\x00{1,8}"
)
# The mark of a note behind a word: a digit there is no power.
_NOTE = lazy_compile(r"[^\W\d_]{4}$")


def heading_text(node: LexborNode, limit: int) -> str:
    """Return the text of a heading, with blanks where a reader sees words parted.

    Args:
        node: the heading.
        limit: most characters.
    """
    parts: list[str] = []
    _collect(node, parts, 0)
    text = _JOINED.sub("", "".join(parts)[: 2 * limit])
    return tidy(text.replace(_EDGE, " ")[:limit])


def _collect(node: LexborNode, parts: list[str], depth: int) -> None:
    """Add the parts of a node's text, with marks where plain elements begin and end."""
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            parts.append(child.text_content or "")
        elif tag in _SKIPPED or depth > _DEEPEST:
            continue
        elif tag in _INLINE:
            if tag == "sup" and parts and _NOTE.search(parts[-1]):
                parts.append(" ")
            _collect(child, parts, depth + 1)
        else:
            edge = _EDGE if tag in _PLAIN else " "
            parts.append(edge)
            _collect(child, parts, depth + 1)
            parts.append(edge)
