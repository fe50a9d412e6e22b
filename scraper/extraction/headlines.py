"""Which block is the headline, also where nothing in the head of the page repeats it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.extraction.blocks import Block, PageBlocks
from scraper.extraction.features import BlockFeatures, squashed
from scraper.extraction.sections import HEADINGS, PARAGRAPH

__all__ = ["HEADLINE", "headline_cuts", "headline_of"]

HEADLINE: Final = "headline"

# Words of sentences of a paragraph where no block has those of a long one.
_SHORT_PARAGRAPH: Final = 6.0
_LONGEST: Final = 200  # characters of a headline
_FEWEST: Final = 3  # words of one that is no main heading
_FEWEST_CJK: Final = 5
_NEAR: Final = 12  # blocks between a headline and the first paragraph
_LINES: Final = 3  # further lines of a heading
_BOLD: Final = 0.9
_LINK: Final = 0.5
_ENDS: Final = (".", "。", ":", "：", ";", "；", ",", "，", "…")


def _first_paragraph(rows: BlockFeatures, likely: Sequence[bool]) -> int:
    """Return the first paragraph of the text, or -1; a short one where all are short."""
    for least in (PARAGRAPH, _SHORT_PARAGRAPH):
        for i, size in enumerate(rows.sentences):
            if likely[i] and size >= least:
                return i
    return -1


def headline_of(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> int:
    """Return the block that is the headline, or -1.

    Where the head of the page names no line before the text, it is the last main heading before the
    first paragraph; where there is none, the first line that is a heading or all bold.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    body = _first_paragraph(rows, likely)
    above = [
        i
        for i in range(max(0, body - _NEAR), body)
        if len(s.blocks[i].text) <= _LONGEST and rows.words[i] and not _is_linked(s, i)
    ]
    main = [i for i in above if s.tags[s.blocks[i].container] == "h1"]
    if 0 <= rows.title <= body and (
        not main or rows.title > main[-1] or _is_heading(s, rows.title)
    ):
        return rows.title
    if main:
        return main[-1]
    # A title that names the site alone is found again in its footer.
    least = _FEWEST_CJK if rows.cjk else _FEWEST
    first = next((i for i in above if likely[i] and rows.words[i] >= least), -1)
    if first < 0 or s.blocks[first].text.endswith(_ENDS):
        return rows.title
    is_marked = _is_heading(s, first) or _is_bold(s.blocks[first])
    return first if is_marked else rows.title


def _is_heading(s: PageBlocks, i: int) -> bool:
    return s.tags[s.blocks[i].container] in HEADINGS


def _is_linked(s: PageBlocks, i: int) -> bool:
    return s.blocks[i].link_chars > _LINK * len(s.blocks[i].text)


def _is_bold(block: Block) -> bool:
    return block.bold_chars >= _BOLD * len(block.text.replace(" ", ""))


def headline_cuts(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Block → rule, for the headline where it stands before the text: it is the title, not text.

    Args:
        s: the page cut into blocks.
        rows: its measures, with the headline as `headline_of` finds it.
        likely: for each block whether the classifier takes it for the article.
    """
    at, body = rows.title, _first_paragraph(rows, likely)
    if at < 0 or at > body:
        return {}
    block = s.blocks[at]
    if not _is_heading(s, at) and not _is_bold(block):
        return {}
    said = squashed(block.text)
    cuts = {i: HEADLINE for i in range(at, body) if squashed(s.blocks[i].text) == said}
    if _is_heading(s, at):
        # A break parts a heading into lines.
        near = range(max(0, at - _LINES), min(at + 1 + _LINES, body))
        cuts |= {i: HEADLINE for i in near if s.blocks[i].container == block.container}
    return cuts
