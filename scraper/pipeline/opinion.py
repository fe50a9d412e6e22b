"""The second opinion: what a source's own entry says of an article, weighed against its page.

Many feeds carry whole articles. Such a text never stands in for the page's: where the page could
not be had (a wall, a page that only scripts fill) it is kept beside it as evidence, and so it is
where the page says something else; where both agree, that is noted and the copy let go.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.models import Attempt, Candidate

__all__ = ["agreement", "weigh"]

# The share of an entry's text that must stand in the page's for the two to agree.
AGREED = 0.5
# Pieces of a text that are looked for, characters each, and how many of them at most.
_PIECE, _MOST_PIECES = 16, 300
_LEFT_OUT = re.compile(r"\W+")
# Verdicts that say nothing of the page, or after which the publisher wants no copy of it.
_NO_QUESTION = frozenset({"unchanged", "noarchive"})


def agreement(entry: str, text: str) -> float:
    """Return the share of an entry's text that stands in a page's text, from 0 to 1."""
    wanted, there = _LEFT_OUT.sub("", entry), _LEFT_OUT.sub("", text)
    starts = range(0, max(1, len(wanted) - _PIECE + 1), _PIECE)
    step = -(-len(starts) // _MOST_PIECES)
    pieces = [wanted[start : start + _PIECE] for start in starts[::step]]
    return sum(piece in there for piece in pieces) / len(pieces)


def weigh(attempt: Attempt) -> Attempt:
    """Return an attempt with what its source's entry adds to it.

    The entry's text stays with the link only where it is evidence of something that the page does
    not say: the archive keeps what is left there, beside the page and marked as what it is.
    """
    content = attempt.link.content
    if not content:
        return attempt
    without = replace(attempt, link=replace(attempt.link, content=""))
    verdict = attempt.verdict
    if verdict is not None and verdict.kind in _NO_QUESTION:
        return without
    if attempt.article is None:
        if verdict is None:
            return attempt
        seen = f"the entry of source {attempt.link.source} holds {len(content)} characters of text"
        return replace(attempt, verdict=replace(verdict, evidence=(*verdict.evidence, seen)))
    share = agreement(content, attempt.article.text)
    candidate = Candidate(
        field="text",
        value=content[:200],
        origin=f"entry of source {attempt.link.source}",
        note=f"second opinion: {share:.0%} of its {len(content)} characters stand in the text",
    )
    article = replace(attempt.article, candidates=(*attempt.article.candidates, candidate))
    return replace(without if share >= AGREED else attempt, article=article)
