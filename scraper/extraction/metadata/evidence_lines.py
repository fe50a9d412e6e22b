"""The lines near the headline and at the ends of the text: bylines and dates stand there."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extraction.metadata.other_content import (
    MANY_BEFORE,
    is_above_page,
    is_other_place,
    is_paragraph,
    is_post_place,
)
from scraper.models import KeptBlock, RemovedBlock
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only, tidy

__all__ = ["BESIDE", "CREDIT_ROW", "MAX_LINE", "EvidenceLine", "lines_near"]

_HEADING = lazy_compile(
    r"^h[1-6]\b|\.[\w-]*(?:tit(?:le)?|headline|biaoti)(?:[_-]|$)", re.IGNORECASE
)

CREDIT_ROW: Final = "credit-row"  # the rule that cuts rows of credits
_DIGIT = lazy_compile(r"\d")
# Elements with a date's or a byline's class, anywhere on the page.
_DATED = lazy_compile(
    r"\.(?:[\w-]*[-_])?(?:pub|post|entry|article)?[-_]?(?:date|dates|dateline|pubdate|byline|published)(?:[-_]|$)",
    re.IGNORECASE,
)
MAX_NAMED: Final = 4

MAX_LINE: Final = 600
# Of longer lines the end is read, too: signatures are there.
MAX_END: Final = 120

# Number of lines read around the headline, and at either end of the text.
BEFORE: Final = 5
AFTER: Final = 14
HEAD: Final = 4
TAIL: Final = 5
FOOT: Final = 8
# Number of lines below the headline that may have the byline, whatever their classes.
BESIDE: Final = 6


class EvidenceLine(NamedTuple):
    """A line near the article's ends.

    Attributes:
        text: the line.
        zone: ``headline`` (around it), ``head`` (first of the text), ``tail`` (last of the text),
            ``foot`` (directly below it) or ``element`` (elsewhere, with a date's or byline's
            class).
        distance: lines between it and the headline, or the text's end.
        kept: whether it is part of the text.
        last: number of lines of the text after it.
        heading: whether its element is a heading or has a title's class.
        name: tag and first class of its element, in lower case (``div.source``).
        other: whether it stands in an embedded post, a comment or a teaser.
        amid: whether paragraphs of the text stand both before and behind it.
        above: whether it stands in the header of the site, above the headline.
        stray: whether it stands below the text and goes with the headline of another article.
    """

    text: str
    zone: str
    distance: int
    kept: bool
    last: int
    heading: bool
    name: str
    other: bool = False
    amid: bool = False
    above: bool = False
    stray: bool = False


def lines_near(
    blocks: Sequence[KeptBlock | RemovedBlock],
    titles: Sequence[str],
    others: frozenset[int] = frozenset(),
) -> tuple[EvidenceLine, ...]:
    """Return the lines near the headline and at the ends of the text.

    Args:
        blocks: the page's blocks of text in page order, kept and removed.
        titles: what the page calls its headline, in whatever form.
        others: places of the blocks below the text that go with another headline.
    """
    kept = [at for at, block in enumerate(blocks) if isinstance(block, KeptBlock)]
    first = kept[0] if kept else 0
    last = kept[-1] if kept else -1
    wanted = frozenset(letters_only(title) for title in titles if title)
    headline = _headline(blocks, wanted, first)
    zones: dict[int, tuple[str, int]] = {}
    center = headline if headline is not None else first
    end = min(len(blocks), max(center + 1, min(center + AFTER, last) + 1))
    for at in range(max(0, center - BEFORE), end):
        zones[at] = ("headline", at - center)
    for at in range(max(0, first - BEFORE), min(first, len(blocks))):
        zones.setdefault(at, ("headline", at - center))
    for at in kept[:HEAD]:
        zones[at] = ("head", at - center)
    for rank, at in enumerate(reversed(kept[-TAIL:])):
        zones.setdefault(at, ("tail", rank))
    # Credits amid the first and the last lines of the text were cut there.
    for at in range(first, kept[:HEAD][-1] if kept else 0):
        if _is_cut_credit(blocks[at]):
            zones.setdefault(at, ("headline", at - center))
    for at in range(kept[-TAIL:][0] if kept else 0, last):
        if _is_cut_credit(blocks[at]):
            zones.setdefault(at, ("tail", last - at))
    for at in range(last + 1, min(len(blocks), last + 1 + FOOT)):
        zones.setdefault(at, ("foot", at - last))
    named = 0
    for at, block in enumerate(blocks):
        if len(block.text) > 80 or not _DIGIT.search(block.text):
            continue
        if at in zones or not isinstance(block, RemovedBlock):
            continue
        name = block.place[block.place.rfind(" > ") + 1 :].lower()
        # The words first: they cost less than the pattern.
        if ("date" in name or "byline" in name or "published" in name) and _DATED.search(name):
            zones[at] = ("element", at - center)
            named += 1
            if named == MAX_NAMED:
                break
    paragraphs = [at for at in kept if is_paragraph(blocks[at].text)]
    lines = []
    for at in sorted(zones):
        block = blocks[at]
        text = block.text
        if len(text) > MAX_LINE:
            text = f"{text[: MAX_LINE - MAX_END]} … {text[-MAX_END:]}"
        name = block.place.rsplit(" > ", 1)[-1].lower()
        heading = bool(_HEADING.search(name))
        behind = len(kept) - bisect_right(kept, at)
        own = isinstance(block, KeptBlock)
        before = bisect_left(paragraphs, at)
        amid = before >= MANY_BEFORE and bisect_right(paragraphs, at) < len(paragraphs)
        # A line after a heading and before any text belongs to the article, whatever its class.
        beside = zones[at][1] > 0 and not before
        stray = at in others
        post = is_post_place(block.place)
        other = stray or post or (not beside and is_other_place(block.place))
        above = (
            headline is not None
            and at < headline
            and is_above_page(block.place, blocks[headline].place)
        )
        lines.append(
            EvidenceLine(
                tidy(text), *zones[at], own, behind, heading, name, other, amid, above, stray
            )
        )
    return tuple(lines)


def _headline(
    blocks: Sequence[KeptBlock | RemovedBlock], wanted: frozenset[str], first: int
) -> int | None:
    """Return the index of the last block before the text that repeats one of the page's titles.

    If the text seems to start above it (a table of contents was kept), the first one after counts.
    """
    found = None
    starts = {title[0] for title in wanted if title}
    for at, block in enumerate(blocks):
        if at >= first + HEAD and found is not None:
            break
        text = block.text
        # Folding all menus of a page would cost more than all else.
        if not 1 < len(text) < 300 or (text[0].isalnum() and text[0].casefold() not in starts):
            continue
        form = letters_only(text)
        # A title with a site's name begins with the headline.
        begins = len(form) > 9 and any(title.startswith(form) for title in wanted)
        if (begins or (len(form) > 3 and form in wanted)) and (found is None or at <= first):
            found = at
    if found is None:
        # No title matches, but a block before the text was removed as its headline.
        cut = (at for at in range(min(first, len(blocks)) - 1, -1, -1) if _is_cut_title(blocks[at]))
        found = next(cut, None)
    return found


def _is_cut_title(block: KeptBlock | RemovedBlock) -> bool:
    return isinstance(block, RemovedBlock) and block.rule == "headline"


def _is_cut_credit(block: KeptBlock | RemovedBlock) -> bool:
    return isinstance(block, RemovedBlock) and block.rule == CREDIT_ROW
