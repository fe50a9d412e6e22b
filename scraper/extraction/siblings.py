"""Lines and lists that a classifier of blocks cuts from amid their like, which are kept.

A line of a table of parts, an entry of a list, a step of a recipe reads like furniture by itself.
What tells that it belongs to the text are its siblings: most of what looks like it on the page is
kept, or the list that it stands in lies between two paragraphs of one container.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from scraper.extraction.blocks import Block, PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.restoration import is_other_host
from scraper.extraction.word_lists import text_words
from scraper.text.patterns import lazy_compile

__all__ = ["among_siblings"]

# Kept blocks of one look, and the share of the words of all of that look that they have.
_FEWEST: Final = 3
_MOSTLY: Final = 0.6
# Share of a line's characters that may be links, and of a list's.
_LINKED: Final = 0.3
_LINKED_LIST: Final = 0.7
_LINK: Final = 0.6
_TOLD: Final = 6.0  # words of sentences that make a block part of what is told
_NEAR: Final = 3  # elements from a paragraph up to what holds it and the list
_LABEL: Final = 160
_LISTS: Final = frozenset(("ul", "ol"))
# Entries that give a time are rows of counts and credits.
_STAMP: Final = lazy_compile(r"\d{1,2}:\d{2}(?!\d)|\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")


def among_siblings(
    s: PageBlocks,
    rows: BlockFeatures,
    decided: Sequence[str],
    open_: Callable[[str], bool],
    base: str = "",
) -> set[int]:
    """Return the cut blocks that belong to the text because what is like them does.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
        open_: whether a cut of that name may be taken back.
        base: address of the page.
    """
    told = [i for i, rule in enumerate(decided) if not rule and rows.sentences[i] >= _TOLD]
    if not told:
        return set()
    first, last = told[0], told[-1]
    cut = [i for i in range(first, last) if rows.words[i] and decided[i] and open_(decided[i])]
    if not cut:
        return set()
    return {*_of_one_look(s, rows, decided, cut), *_lists(s, rows, decided, told, cut, base)}


def _is_told(s: PageBlocks, block: Block, linked: float) -> bool:
    """Whether a block is shown, no button, and no more of it is linked than may be."""
    return (
        block.link_chars <= linked * len(block.text)
        and not block.button_chars
        and s.hidden[block.container] < 1
    )


def _look(s: PageBlocks, block: Block) -> tuple[str, str]:
    e = block.container
    return s.lookalikes[e], s.lookalikes[s.parents[e]] if e else ""


def _of_one_look(
    s: PageBlocks, rows: BlockFeatures, decided: Sequence[str], cut: Sequence[int]
) -> Iterator[int]:
    """Yield cut lines of a look of which most on the page is kept."""
    looks = {_look(s, s.blocks[i]) for i in cut}
    kept: Counter[tuple[str, str]] = Counter()
    size: Counter[tuple[str, str]] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    copies: Counter[str] = Counter()
    for i, block in enumerate(s.blocks):
        copies[block.text] += 1
        look = _look(s, block)
        if look in looks and rows.words[i]:
            every[look] += rows.words[i]
            if not decided[i]:
                kept[look] += 1
                size[look] += rows.words[i]
    for i in cut:
        block = s.blocks[i]
        look = _look(s, block)
        if (
            kept[look] >= _FEWEST
            and size[look] >= _MOSTLY * every[look]
            and copies[block.text] == 1
            and _is_told(s, block, _LINKED)
            and not text_words(block.text[:_LABEL].lower())
        ):
            yield i


def _lists(
    s: PageBlocks,
    rows: BlockFeatures,
    decided: Sequence[str],
    told: Sequence[int],
    cut: Sequence[int],
    base: str,
) -> Iterator[int]:
    """Yield the cut entries of lists that stand between two paragraphs of one container."""
    if _LISTS.isdisjoint(s.tags):
        return
    outer = {i: list_ for i in cut if (list_ := _outer_list(s, i))}
    if not outer:
        return
    spans = _spans(s, told)
    blocks: dict[int, list[int]] = {list_: [] for list_ in outer.values()}
    for i in range(told[0], told[-1]):
        list_ = _outer_list(s, i)
        if list_ in blocks:
            blocks[list_].append(i)
    for list_, inner in blocks.items():
        outward = bool(base) and 2 * sum(
            is_other_host(s.blocks[i].href, base) for i in inner
        ) >= len(inner)
        around = s.parents[list_]
        if outward and around not in spans and _holds_only(s, around, inner):
            around = s.parents[around]
        span = spans.get(around)
        if span is None or not span[0] < inner[0] or not inner[-1] < span[1]:
            continue
        opened = [i for i in inner if i in outer]
        if any(decided[i] for i in inner if i not in outer and rows.words[i]):
            continue  # a rule knows what the list is
        length = sum(len(s.blocks[i].text) for i in inner)
        linked = sum(s.blocks[i].link_chars for i in inner)
        stamped = any(_STAMP.search(s.blocks[i].text) for i in inner)
        if (linked <= _LINKED_LIST * length or outward) and not stamped:
            yield from (i for i in opened if _is_told(s, s.blocks[i], 1.0))


def _holds_only(s: PageBlocks, e: int, inner: Sequence[int]) -> bool:
    """Whether an element has no blocks but some that follow one another."""
    if not e:
        return False
    beside = (inner[0] - 1, inner[-1] + 1)
    return not any(
        e in s.ancestors(s.blocks[i].container) for i in beside if 0 <= i < len(s.blocks)
    )


def _outer_list(s: PageBlocks, i: int) -> int:
    """Return the outermost list around a block, or 0."""
    found = 0
    for e in s.ancestors(s.blocks[i].container):
        if s.tags[e] in _LISTS:
            found = e
    return found


def _spans(s: PageBlocks, told: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """Return of each element just around kept paragraphs the first and the last of them."""
    found: dict[int, tuple[int, int]] = {}
    for i in told:
        for e in islice(s.ancestors(s.blocks[i].container), _NEAR):
            found[e] = (found[e][0] if e in found else i, i)
    return found
