"""Lines of a page near its headline and the ends of its text: there bylines and dates stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extract.meta_text import folded, tidy
from scraper.models import Kept, Removed

__all__ = ["MAX_LINE", "Line", "lines_near"]

_HEADING = re.compile(r"^h[1-4]\b|\.[\w-]*(?:tit(?:le)?|headline|biaoti)(?:[_-]|$)", re.IGNORECASE)

# Elements that are called after a date or a byline, wherever they stand.
_DIGIT = re.compile(r"\d")
_DATED = re.compile(
    r"\.(?:[\w-]*[-_])?(?:pub|post|entry|article)?[-_]?(?:date|dates|dateline|pubdate|byline|published)(?:[-_]|$)",
    re.IGNORECASE,
)
MAX_NAMED: Final = 4

MAX_LINE: Final = 600
# Of a longer line its end is read too: there reporters sign.
MAX_END: Final = 120

# Lines looked at around the headline, and at the two ends of the text.
BEFORE: Final = 5
AFTER: Final = 14
HEAD: Final = 4
TAIL: Final = 5
FOOT: Final = 8


class Line(NamedTuple):
    """A line near the article's ends.

    Attributes:
        text: the line.
        zone: ``headline`` (around it), ``head`` (first of the text), ``tail`` (last of the text),
            ``foot`` (just below it) or ``element`` (elsewhere, in one called a date or byline).
        distance: lines between it and the headline, or the text's end.
        kept: whether it belongs to the text.
        last: lines of the text that follow it.
        heading: whether its element is a heading, or is called a title.
        name: tag and first class of its element, in lower case (``div.source``).
    """

    text: str
    zone: str
    distance: int
    kept: bool
    last: int
    heading: bool
    name: str


def lines_near(blocks: Sequence[Kept | Removed], titles: Sequence[str]) -> tuple[Line, ...]:
    """Return the lines that stand near the headline and at the ends of the text.

    Args:
        blocks: the page's blocks of text in page order, kept and removed.
        titles: what the page calls its headline, in whatever form.
    """
    kept = [at for at, block in enumerate(blocks) if isinstance(block, Kept)]
    first = kept[0] if kept else 0
    last = kept[-1] if kept else -1
    wanted = frozenset(folded(title) for title in titles if title)
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
    for at in range(last + 1, min(len(blocks), last + 1 + FOOT)):
        zones.setdefault(at, ("foot", at - last))
    named = 0
    for at, block in enumerate(blocks):
        if at in zones or not isinstance(block, Removed) or len(block.text) > 80:
            continue
        name = block.place[block.place.rfind(" > ") + 1 :].lower()
        # The words first, for they cost less than the pattern.
        dated = "date" in name or "byline" in name or "published" in name
        if dated and _DATED.search(name) and _DIGIT.search(block.text):
            zones[at] = ("element", at - center)
            named += 1
            if named == MAX_NAMED:
                break
    lines = []
    for at in sorted(zones):
        block = blocks[at]
        text = block.text
        if len(text) > MAX_LINE:
            text = f"{text[: MAX_LINE - MAX_END]} … {text[-MAX_END:]}"
        name = block.place.rsplit(" > ", 1)[-1].lower()
        heading = bool(_HEADING.search(name))
        behind = len(kept) - bisect_right(kept, at)
        own = isinstance(block, Kept)
        lines.append(Line(tidy(text), *zones[at], own, behind, heading, name))
    return tuple(lines)


def _headline(blocks: Sequence[Kept | Removed], wanted: frozenset[str], first: int) -> int | None:
    """Return the block that repeats one of the page's titles: the last before the text's start.

    Where the text seems to start above it (a table of contents was kept), the first one after.
    """
    found = None
    starts = {title[0] for title in wanted if title}
    for at, block in enumerate(blocks):
        if at >= first + HEAD and found is not None:
            break
        text = block.text
        # Folding all of a page's menus would cost more than all the rest.
        if not 1 < len(text) < 300 or (text[0].isalnum() and text[0].casefold() not in starts):
            continue
        form = folded(text)
        # A title with the site's name begins with the headline.
        begins = len(form) > 9 and any(title.startswith(form) for title in wanted)
        if (begins or (len(form) > 3 and form in wanted)) and (found is None or at <= first):
            found = at
    if found is None:
        # No title of the page repeats it, but what stood before the text was cut as its headline.
        cut = (at for at in range(min(first, len(blocks)) - 1, -1, -1) if _is_cut_title(blocks[at]))
        found = next(cut, None)
    return found


def _is_cut_title(block: Kept | Removed) -> bool:
    return isinstance(block, Removed) and block.rule == "headline"
