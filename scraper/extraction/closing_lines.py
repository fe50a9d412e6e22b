"""Lines at the end of a text that its publisher says of it or to its readers.

What they say is told by `closing_phrases`. Only lines at the end are asked: the last paragraph and
what stands before it are the writer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.closing_phrases import calls_for, is_closing
from scraper.extraction.features import BlockFeatures
from scraper.extraction.sections import HEADINGS, INNER_PARTS, PARAGRAPH

__all__ = ["CLOSING_LINE", "closing_lines"]

CLOSING_LINE: Final = "closing-line"

_PASSED: Final = 3  # other short lines at the end, above which closing lines may stand
_FEWEST: Final = 2  # paragraphs of a text that has a publisher's lines behind it


def closing_lines(
    s: PageBlocks, rows: BlockFeatures, decided: Sequence[str], title: str
) -> set[int]:
    """Return the kept lines at the end of the text that its publisher says.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
        title: the page's headline, or "".
    """
    kept = [i for i, rule in enumerate(decided) if not rule and s.blocks[i].text]
    told = [i for i in kept if rows.sentences[i] >= PARAGRAPH]
    if len(told) < _FEWEST:
        return set()
    calls: bool | None = None
    found: set[int] = set()
    passed = 0
    for i in reversed(kept):
        block = s.blocks[i]
        if i <= told[0]:
            break
        plain = s.tags[block.container] not in HEADINGS | INNER_PARTS
        if plain and is_closing(block.text):
            if calls is None:
                texts = [title, *(s.blocks[at].text for at in told if at != i)]
                calls = any(map(calls_for, texts))
            if not calls or is_closing(block.text, calls=True):
                found.add(i)
                continue
        passed += 1
        if rows.sentences[i] >= PARAGRAPH or passed > _PASSED:
            break
    return found
