"""Headings that open something other than the article, and how far what they open reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from scraper.extract.blocks import Segments
from scraper.extract.features import Rows
from scraper.extract.rules import Rules, SectionRule, wants_cjk

__all__ = ["HEADINGS", "PARAGRAPH", "is_listed", "openings", "section_cuts", "sure_sections"]

# Words from which a sentence-like block is a paragraph of the article, not a line of furniture.
PARAGRAPH: Final = 20
HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_EDGES: Final = (
    " \t\n\u3000:：|｜丨>》»›＞<《«【】[]〖〗「」『』“”\"'’‘…·•●■▶►▼◆★☆"
    "=+-—–_*#~!！?？.。,，、()（）"
)
_MAX_HEADING: Final = 40
_MAX_TITLE: Final = 120
_ENDS: Final = (".", "!", "?", "。", "！", "？", "…", ":", "：", ";", "；")


def _box(s: Segments, likely: Sequence[float], total: float, element: int) -> int:
    """Return the largest element around a heading that holds little of the article."""
    box = element
    for e in s.ancestors(element):
        if likely[e] > 0.1 * total:
            break
        box = e
    return box


def _begun(s: Segments, i: int) -> int:
    """Return the largest element that begins with a block."""
    box = s.blocks[i].container
    before = set(s.ancestors(s.blocks[i - 1].container)) if i else set()
    for e in s.ancestors(box):
        if e in before:
            break
        box = e
    return box


def section_cuts(
    s: Segments,
    rows: Rows,
    likely: Sequence[bool],
    opened: Mapping[int, SectionRule],
    lines: Mapping[int, str],
) -> dict[int, str]:
    """Return block → rule, for headings of foreign sections and what they open.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        opened: the headings, as `openings` finds them.
        lines: block → rule, for lines that are known by themselves.
    """
    cuts: dict[int, str] = {}
    if not opened:
        return cuts
    inside = [0.0] * len(s.parents)
    for i, block in enumerate(s.blocks):
        inside[block.container] += rows.words[i] * likely[i]
    for e in range(len(inside) - 1, 0, -1):
        inside[s.parents[e]] += inside[e]
    total = inside[0] or 1.0
    last = max((i for i, n in enumerate(rows.sentences) if likely[i] and n >= PARAGRAPH), default=0)
    told = list(accumulate(n * keep for n, keep in zip(rows.words, likely, strict=True)))
    for i, rule in opened.items():
        block = s.blocks[i]
        cuts[i] = rule.name
        box = _box(s, inside, total, block.container)
        boxed = inside[block.container] <= 0.1 * total
        sure = _begun(s, i) if rule.sure else None
        # Before the article it is a link to that section, as “14 comments” below a headline.
        rest = rule.rest and told[i] >= 0.5 * told[-1]
        for j in range(i + 1, len(s.blocks)):
            around = set(s.ancestors(s.blocks[j].container))
            begun = sure is not None and sure in around
            within = begun or (boxed and box in around)
            inner = rest or within or is_listed(s, rows, j)
            if j in opened or not (inner or (i > last and (j in lines or _untold(s, rows, j)))):
                break
            if j in lines and not inner:
                continue
            # A paragraph of the article may follow a heading that sounds like furniture.
            if rest or begun or not likely[j] or rows.sentences[j] < PARAGRAPH:
                cuts[j] = rule.name
    return cuts


def openings(s: Segments, rules: Rules) -> dict[int, SectionRule]:
    """Return block → rule, for the headings of foreign sections."""
    found: dict[int, SectionRule] = {}
    plain = [rule for rule in rules.sections if not wants_cjk(rule.pattern)]
    for i, block in enumerate(s.blocks):
        size = len(block.text)
        # What is all link is an entry of a menu, unless it is marked up as a heading.
        linked = block.link_chars >= size and s.tags[block.container] not in HEADINGS
        if size <= _MAX_HEADING and not linked:
            bare = block.text.strip(_EDGES)
            tried = plain if bare.isascii() else rules.sections
            rule = next((r for r in tried if r.pattern.fullmatch(bare)), None)
            if rule is not None:
                found[i] = rule
    return found


def is_listed(s: Segments, rows: Rows, i: int) -> bool:
    """Whether a block looks like an entry of a list of links."""
    block = s.blocks[i]
    return block.link_chars > 0.6 * len(block.text) and rows.words[i] < 60


def _untold(s: Segments, rows: Rows, i: int) -> bool:
    """Whether a block is a line that says no sentence, as a headline in a list is."""
    block = s.blocks[i]
    ended = block.text.rstrip("”’\"')）】」』").endswith(_ENDS)
    return not ended and rows.words[i] < PARAGRAPH and len(block.text) <= _MAX_TITLE


def sure_sections(
    sections: Mapping[int, str], rows: Rows, likely: Sequence[bool], rules: Rules
) -> set[str]:
    """Return the section rules that are sure of what they cut: all of it follows a paragraph."""
    first = next((i for i, n in enumerate(rows.sentences) if likely[i] and n >= PARAGRAPH), None)
    sure = {rule.name for rule in rules.sections if rule.sure}
    early = {rule for i, rule in sections.items() if first is None or i < first}
    return sure - early
