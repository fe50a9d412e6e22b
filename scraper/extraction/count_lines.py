"""Lines amid or around a text that only count its readers, or what they may still read.

``1,204 views``, ``评论（12）`` or ``3 free articles left`` is a line of the page, not of the
article, wherever it stands. What looks like one is the article's in a table of data, a list or
rows of figures, code, above the paragraphs that it heads, behind a colon, and where the text has
several with other numbers: a ranking by followers counts what it tells of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from scraper.extraction.blocks import Block, PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.listed_values import is_value
from scraper.text.patterns import lazy_compile
from scraper.text.volatile_lines import is_count, lasting_part

__all__ = ["COUNT_LINE", "behind_counts", "count_lines", "counts_only"]

COUNT_LINE: Final = "count-line"

_LITERAL: Final = frozenset(("pre", "code", "samp", "kbd", "figcaption", "blockquote", "caption"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TOLD: Final = 6.0  # words of sentences of a paragraph
_LONGEST: Final = 160  # characters of a line that counts
_LONGEST_ROW: Final = 400  # characters of a line of several elements
_MAX_FIGURE: Final = 80  # characters of a line of a list of figures
_NUMBERS: Final = lazy_compile(r"\d[\d.,]*\s?(?:[kKmM]\b|[万千亿萬億]\+?|\+)?")
_COLONS: Final = (":", "：")
_ENDS: Final = (".", "!", "?", "。", "！", "？", "…")
_CLOSING: Final = "”’\"')）】」』 "


def counts_only(s: PageBlocks, i: int, *, rated: bool = False) -> bool:
    """Return whether a block says nothing but a count.

    Args:
        s: the page cut into blocks.
        i: the block.
        rated: whether what readers gave counts too.
    """
    block = s.blocks[i]
    if len(block.text) > _LONGEST or not any(map(str.isdigit, block.text)):
        return False
    return is_count(block.text, rated=rated) or is_count(block.spaced_text(), rated=rated)


def behind_counts(block: Block) -> str:
    """Return what a line says behind the counts and times that elements of its own set before it.

    A line of several elements in a row, as two ``<span>`` between paragraphs, is one block.
    """
    if len(block.text) > _LONGEST_ROW:
        return block.text
    parts = [part for piece in block.pieces if (part := " ".join(piece.split()))]
    if len(parts) < 2 or not _tells_nothing(parts[0]):
        return block.text
    rest = next((at for at, part in enumerate(parts) if not _tells_nothing(part)), 0)
    return " ".join(parts[rest:])


def _tells_nothing(part: str) -> bool:
    return any(map(str.isdigit, part)) and (is_count(part) or not lasting_part(part))


def count_lines(
    s: PageBlocks,
    rows: BlockFeatures,
    decided: Sequence[str],
    likely: Sequence[bool],
    cells: Collection[int],
) -> set[int]:
    """Return the kept blocks that only count.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
        likely: for each block whether the classifier takes it for the article.
        cells: the blocks in tables of data.
    """
    kept = [i for i, rule in enumerate(decided) if not rule]
    told = [i for i in kept if rows.sentences[i] >= _TOLD]
    if not told:
        return set()
    found = {
        i for i in kept if i not in cells and counts_only(s, i, rated=not told[0] < i < told[-1])
    }
    if not found:
        return set()
    numbers: dict[str, set[str]] = {}
    for i in found:
        numbers.setdefault(_label(s, i), set()).add(" ".join(_NUMBERS.findall(s.blocks[i].text)))
    place = {i: at for at, i in enumerate(kept)}
    return {
        i
        for i in found
        if len(numbers[_label(s, i)]) == 1
        and not _is_literal(s, i)
        and not is_value(s, i, likely)
        and not _heads(s, rows, kept, place[i])
        and not _is_listed(s, kept, place[i], found)
    }


def _label(s: PageBlocks, i: int) -> str:
    return _NUMBERS.sub("#", s.blocks[i].text.lower())


def _is_literal(s: PageBlocks, i: int) -> bool:
    """Whether a block stands in code, a caption or a quotation."""
    return any(s.tags[e] in _LITERAL for e in s.ancestors(s.blocks[i].container))


def _heads(s: PageBlocks, rows: BlockFeatures, kept: Sequence[int], at: int) -> bool:
    """Whether a line is set as a heading, and a paragraph follows."""
    block = s.blocks[kept[at]]
    bold = block.bold_chars >= 0.9 * len(block.text.replace(" ", ""))
    if not bold and s.tags[block.container] not in _HEADINGS:
        return False
    return at + 1 < len(kept) and rows.sentences[kept[at + 1]] >= _TOLD


def _is_listed(s: PageBlocks, kept: Sequence[int], at: int, counts: Collection[int]) -> bool:
    """Whether a sentence announces a line, or it stands in rows of figures."""
    i = kept[at]
    # Counts in a row are announced together.
    first = at
    while first > 0 and kept[first - 1] in counts:
        first -= 1
    if first > 0 and s.blocks[kept[first - 1]].text.rstrip().endswith(_COLONS):
        return True
    return any(_is_figure(s, i, kept[to]) for to in (at - 1, at + 1) if 0 <= to < len(kept))


def _is_figure(s: PageBlocks, i: int, other: int) -> bool:
    """Whether a block beside a count gives a figure or a value of something else."""
    one, block = s.blocks[i].container, s.blocks[other]
    alike = s.tags[one] == s.tags[block.container] and s.parents[one] == s.parents[block.container]
    ended = block.text.rstrip(_CLOSING).endswith(_ENDS)
    if not alike or ended or len(block.text) > _MAX_FIGURE:
        return False
    if counts_only(s, other, rated=True) or not lasting_part(block.text):
        return False
    labelled = any(sign in block.text for sign in _COLONS)
    return any(map(str.isdigit, block.text)) or (
        labelled and any(sign in s.blocks[i].text for sign in _COLONS)
    )
