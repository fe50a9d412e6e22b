"""Gates: lines that end a text because the rest is withheld from those who do not log in or pay.

What is told before a gate is a beginning, not the article. It counts only where it stands: directly
behind the last paragraph. A text whose page serves the rest too, and only covers it, is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from scraper.models import Verdict
from scraper.text.patterns import PatternTable, lazy_compile
from scraper.text.width import columns_without_blanks as width
from scraper.verdict.phrases import GATES

__all__ = ["MAX_GATE", "closed_gate", "gate_signs", "is_served_whole"]

# A gate is a line or a box of a few sentences.
MAX_GATE: Final = 400
# What may stand between the last paragraph and its gate, as share buttons and counts do.
_MOST_BETWEEN: Final = 8
_PARAGRAPH: Final = 60
# Share of the text that may stand behind a gate: notes that no rule has cut yet.
_BEHIND: Final = 0.1
_WHOLE: Final = 0.9
_CACHED: Final = 2_000
_COVERED: Final = 200

# What is quoted is told, not said to the reader.
_QUOTED = lazy_compile(r"[“「『《][^”」』》]{0,300}[”」』》]|\"[^\"]{0,300}\"|‘[^’]{4,300}’")
_GATES = PatternTable(GATES, re.IGNORECASE)
_SELECTOR = lazy_compile(r"\"cssselector\"\s*+:\s*+\[?\s*+\"\s*+([.#][\w-]{1,60})\s*+\"")
_WORD_COUNT = lazy_compile(r"\"wordcount\"\s*+:\s*+\"?(\d{1,6})\b")
_WORD = lazy_compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]++")


def gate_signs(line: str) -> tuple[str, str] | None:
    """Return the kind of gate that a line is (``paywall``, ``login_wall``) and what says so.

    Args:
        line: text of one block, blanks folded.
    """
    return _gate_signs(line) if line and len(line) <= MAX_GATE else None


# Each line of a page is looked at twice, and those of a site come again on its next page.
@lru_cache(maxsize=_CACHED)
def _gate_signs(line: str) -> tuple[str, str] | None:
    line = _QUOTED.sub(" ", line)
    for kind, expression in _GATES.possible(line):
        found = expression.search(line)
        if found is not None:
            return kind, found[0][:80]
    return None


def closed_gate(
    blocks: Sequence[tuple[str, bool]],
    signs_of: Callable[[str], tuple[str, str] | None] = gate_signs,
) -> Verdict | None:
    """Return that a page withholds the rest of its text, or None.

    Args:
        blocks: all blocks of the page that are shown, in order, each with whether it is part of
            the text that extraction found.
        signs_of: tells of a line what `gate_signs` tells.
    """
    most = _BEHIND * sum(width(text) for text, kept in blocks if kept)
    behind = since = 0
    gate: tuple[str, str] | None = None
    for text, kept in reversed(blocks):
        signs = signs_of(text)
        if signs is not None:
            gate, since = signs, 0
        elif not kept or width(text) < _PARAGRAPH:
            since += 1
        elif gate is not None and since <= _MOST_BETWEEN:
            return Verdict(kind=gate[0], evidence=(f"the text ends at a gate: {gate[1]}",))
        else:
            gate = None
            behind += width(text)
            if behind > most:
                break
    return None


def is_served_whole(source: str, tree: LexborHTMLParser | None, text: str) -> bool:
    """Return whether a page declares that it serves the whole text and only covers a part of it.

    Args:
        source: of the page, in lower case.
        tree: the page, parsed.
        text: what extraction found of it.

    By schema.org's ``wordCount`` and by ``hasPart`` with the selector of what is covered
    (https://developers.google.com/search/docs/appearance/structured-data/paywalled-content).
    """
    counted = [int(count) for count in _WORD_COUNT.findall(source)]
    if counted and max(counted) >= 50:
        return len(_WORD.findall(text)) >= _WHOLE * max(counted)
    if tree is None or "cssselector" not in source:
        return False
    for name in dict.fromkeys(_SELECTOR.findall(source)):
        # Class names keep their case in the page and have lost it here.
        covered = tree.css(f'[{"class" if name[0] == "." else "id"}~="{name[1:]}" i]')
        if any(width(node.text(separator=" ")) >= _COVERED for node in covered):
            return True
    return False
