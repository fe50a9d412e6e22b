"""Parts of an article that stand or fall with what they belong to.

The caption of a table, the times of a live report, the lines of an address or a poem, the code amid
an explanation and the title of a box say little by themselves, and a classifier of blocks takes
them for furniture. Each is kept with what it belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.code_listings import is_language, is_listing_text, listings
from scraper.extraction.live_updates import update_times
from scraper.text.patterns import lazy_compile

__all__ = ["CODE_CONTROLS", "code_controls", "dependent_parts", "is_title"]

CODE_CONTROLS: Final = "code-controls"

_PARAGRAPH: Final = 40  # characters
_NEAR: Final = 3  # blocks
_LONGEST_LINE: Final = 120  # characters of a line of verse or of an address
_MOST_LINES: Final = 60
_MOST_CODE: Final = 1.0  # characters of code for one of the text
_LONGEST_TITLE: Final = 80
_LONGEST_CONTROL: Final = 24
_MOST_CELLS: Final = 400
_CELLS: Final = frozenset(("td", "th"))
_TABLES: Final = frozenset(("table", "figure"))
_BUTTONS: Final = lazy_compile(
    r"copy(?: code| to clipboard)?|copied!?|复制(?:代码)?|複製(?:程式碼|代碼)?|拷贝|wrap"
    r"|expand|run|▶"
)
_TITLE: Final = lazy_compile(
    r"(?:^|[\s_-])(?:admonition-?(?:title|heading)|alert-?(?:heading|title)|callout-?(?:title|heading)"
    r"|custom-block-title|markdown-alert-title)"
)


def code_controls(s: PageBlocks) -> set[int]:
    """Return the blocks that number the lines of code or copy it, and are none of it."""
    known = listings(s)
    if not known:
        return set()
    found: set[int] = set()
    gutters: dict[int, bool] = {}
    for i, block in enumerate(s.blocks):
        e = block.container
        if e in known:
            if e not in gutters:
                gutters[e] = not is_listing_text(s, e, known[e])
            if gutters[e]:
                found.add(i)
        elif len(block.text) < _LONGEST_CONTROL:
            named = is_language(block.text)
            # The name stands over the listing, a button over or below it.
            near = range(i if named else max(0, i - 2), min(len(s.blocks), i + 3))
            told = named or _BUTTONS.fullmatch(block.text.strip().lower())
            if told and any(s.blocks[j].container in known for j in near):
                found.add(i)
    return found


def dependent_parts(
    s: PageBlocks, decided: Sequence[str], open_: Callable[[str], bool]
) -> set[int]:
    """Return the cut blocks that belong to kept ones.

    Args:
        s: the page cut into blocks.
        decided: for each block "" when it is kept, else what cut it.
        open_: whether a cut of that name may be taken back.
    """
    kept = [i for i, rule in enumerate(decided) if not rule]
    told = [i for i in kept if len(s.blocks[i].text) >= _PARAGRAPH]
    if not told:
        return set()
    found: set[int] = set()
    for at, heads in update_times(s, decided, open_).items():
        found.update(i for i in (at, *heads) if decided[i])
    found.update(_code(s, decided, open_, told))
    found.update(_table_captions(s, decided))
    found.update(_lines(s, decided, open_, told))
    found.update(i for i in _titles(s, decided, open_) if i > told[0])
    return found


def _code(
    s: PageBlocks, decided: Sequence[str], open_: Callable[[str], bool], told: Sequence[int]
) -> Iterator[int]:
    """Yield the code between two paragraphs of the text, or directly behind the last one."""
    known = listings(s)
    blocks: dict[int, list[int]] = {}
    for i in range(told[0], len(s.blocks)):
        listing = known.get(s.blocks[i].container)
        if listing is not None:
            blocks.setdefault(listing, []).append(i)
    last = told[-1]
    lines: list[int] = []
    for own in blocks.values():
        if own[0] > last + _NEAR:
            break
        if all(not decided[i] or open_(decided[i]) or decided[i] == CODE_CONTROLS for i in own):
            lines += (i for i in own if open_(decided[i]))
            last = max(last, own[-1])
    kept = sum(len(block.text) for i, block in enumerate(s.blocks) if not decided[i])
    # A page of code with some words about it is left as the classifier reads it.
    if sum(len(s.blocks[i].text) for i in lines) <= _MOST_CODE * kept:
        yield from lines


def _table_captions(s: PageBlocks, decided: Sequence[str]) -> Iterator[int]:
    """Yield the captions of tables whose cells are kept; they are a part of the table."""
    if "table" not in s.tags or not ("caption" in s.tags or "figcaption" in s.tags):
        return
    ends = s.subtree_ends()
    for i, block in enumerate(s.blocks):
        if not decided[i] or s.tags[block.container] not in ("caption", "figcaption"):
            continue
        around = next((e for e in s.ancestors(block.container) if s.tags[e] in _TABLES), 0)
        near = range(max(0, i - _MOST_CELLS), min(len(s.blocks), i + _MOST_CELLS))
        cells = [j for j in near if around <= s.blocks[j].container < ends[around]]
        cells = [j for j in cells if s.tags[s.blocks[j].container] in _CELLS]
        if around and cells and 2 * sum(not decided[j] for j in cells) > len(cells):
            yield i


def _lines(
    s: PageBlocks, decided: Sequence[str], open_: Callable[[str], bool], told: Sequence[int]
) -> Iterator[int]:
    """Yield the short lines of one paragraph: those of a poem or an address amid the text."""
    if not s.wrapped:
        return
    homes = Counter(s.parents[s.blocks[i].container] for i in told)
    at = told[0] + 1
    while at < told[-1]:
        end = at + 1
        while end < len(s.blocks) and end in s.wrapped:
            end += 1
        run = range(at, end)
        e = s.blocks[at].container
        if (
            1 < len(run) <= _MOST_LINES
            and s.tags[e] in ("p", "address")
            and homes[s.parents[e]] > 1
            and all(not decided[i] or open_(decided[i]) for i in run)
            and all(len(s.blocks[i].text) <= _LONGEST_LINE and not s.blocks[i].links for i in run)
        ):
            yield from (i for i in run if decided[i] and any(map(str.isalnum, s.blocks[i].text)))
        at = end


def _titles(s: PageBlocks, decided: Sequence[str], open_: Callable[[str], bool]) -> Iterator[int]:
    """Yield the titles of boxes, and of parts that open, whose text is kept."""
    for i, block in enumerate(s.blocks[:-1]):
        if not decided[i] or decided[i + 1] or not open_(decided[i]):
            continue
        e = block.container
        if len(block.text) > _LONGEST_TITLE or not is_title(s, e):
            continue
        # The text stands beside its title, in the box or in the part that opens.
        box = s.parents[e]
        if any(a == box for a in s.ancestors(s.blocks[i + 1].container)):
            yield i


def is_title(s: PageBlocks, element: int) -> bool:
    """Return whether an element is the title of a box, or of a part that opens."""
    return s.tags[element] == "summary" or _is_title_name(s.words[element])


@lru_cache(maxsize=4096)  # elements of a page share their names
def _is_title_name(names: str) -> bool:
    return _TITLE.search(names) is not None
