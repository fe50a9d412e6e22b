"""What stands beside the article and reads like one: other articles, sidebars and teasers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.sections import PARAGRAPH

__all__ = ["OTHER_ARTICLE", "TEASERS", "other_articles", "teasers"]

OTHER_ARTICLE: Final = "other-article"
TEASERS: Final = "teasers"

# Words of sentences that the headline's own ``<article>`` must hold before others are cut: on some
# pages it holds the headline only, and each part of the text is an ``<article>`` of its own.
_OWN_TEXT: Final = 60
# Share of the likely text from which the headline's ``<article>`` is all of it.
_MOST_TEASERS: Final = 0.6
# A list of teasers has so many; each has a linked title and at most so many blocks and words, and
# so many of them break off.
_FEWEST: Final = 3
_BLOCKS: Final = 4
_WORDS: Final = 60
_TITLE_CHARS: Final = 5
_BROKEN: Final = 0.6


def other_articles(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for what stands outside the ``<article>`` of the headline.

    In another one with a main headline, or in an ``<aside>``; anywhere, where the headline's holds
    most of the text.
    """
    home = rows.articles[s.blocks[rows.title].container] if rows.title >= 0 else 0
    if not home:
        return {}
    order = [rows.articles[block.container] for block in s.blocks]
    sizes = [size if keep else 0 for size, keep in zip(rows.sentences, likely, strict=True)]
    text = sum(size for size, at in zip(sizes, order, strict=True) if at == home)
    if text < _OWN_TEXT:
        return {}
    if text >= _MOST_TEASERS * sum(sizes):
        return {i: OTHER_ARTICLE for i, at in enumerate(order) if at != home and i > rows.title}
    # Parts of a list may be articles too; a main headline tells an article in its own right.
    headed = {order[i] for i, b in enumerate(s.blocks) if s.tags[b.container] == "h1"} - {0, home}
    return {
        i: OTHER_ARTICLE
        for i, at in enumerate(order)
        if (at in headed and i >= rows.title) or (at != home and _in_aside(s, i))
    }


def _in_aside(s: PageBlocks, i: int) -> bool:
    return any(s.tags[e] == "aside" for e in s.ancestors(s.blocks[i].container))


def teasers(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for linked titles with the beginnings of their texts behind the article.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    titles = [i for i in range(len(s.blocks)) if _is_title(s, i)]
    paragraphs = [i for i, n in enumerate(rows.sentences) if likely[i] and n >= PARAGRAPH]
    cuts: dict[int, str] = {}
    at = 0
    while at < len(titles):
        last = at
        while last + 1 < len(titles) and _is_teaser(rows, titles[last], titles[last + 1]):
            last += 1
        first = titles[at]
        if last - at + 1 >= _FEWEST:
            # The last one has as many blocks as the longest of the others, and no more.
            longest = max(b - a for a, b in pairwise(titles[at : last + 1]))
            end = min(titles[last] + longest, len(s.blocks))
            broken = sum(_breaks_off(s, i) for i in range(first, end))
            behind = paragraphs and paragraphs[0] < first and paragraphs[-1] < end
            if behind and broken >= _BROKEN * (last - at + 1):
                cuts |= dict.fromkeys(range(first, end), TEASERS)
        at = last + 1
    return cuts


def _is_title(s: PageBlocks, i: int) -> bool:
    block = s.blocks[i]
    size = len(block.text)
    return size >= _TITLE_CHARS and block.link_chars >= 0.9 * size


def _is_teaser(rows: BlockFeatures, title: int, following: int) -> bool:
    """Whether between two titles there are the few words of a teaser."""
    words = sum(rows.words[title + 1 : following])
    return 1 < following - title <= _BLOCKS and 0 < words <= _WORDS


def _breaks_off(s: PageBlocks, i: int) -> bool:
    return s.blocks[i].text.rstrip(" ]】）)").endswith(("…", "..."))
