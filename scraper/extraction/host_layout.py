"""Which elements of a host's pages stand beside its articles: learned from its confident pages.

A page whose blocks leave the classifier in doubt (a short report above many comments, a stream of
next articles) is settled by what other pages of its host showed: what stands in an element that is
no part of an article there is cut from its text. A page that is read with confidence is never
touched.

    page_boxes(article)        which elements of a page held its text, and which did not
    decide_boxes(page, …)      which elements have now proved to stand beside the articles
    refuted_boxes(page, …)     which of those hold articles now: the layout has changed
    layout_cuts(blocks, …)     which blocks of a doubtful page are cut for it

An element is known by the path to the innermost class or sectioning element around a block: related
links in a plain list within the body of an article share the element of its paragraphs, and so are
never learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from scraper.extraction.learned_boilerplate import articles_of, is_prose
from scraper.models import Article, KeptBlock, Learned, PageBox, PageFingerprint, RemovedBlock
from scraper.text.patterns import lazy_compile

__all__ = [
    "LAYOUT",
    "SETTLED_BELOW",
    "decide_boxes",
    "element_signature",
    "layout_cuts",
    "page_boxes",
    "refuted_boxes",
]

# What a layout cuts is marked `layout:HOST`.
LAYOUT: Final = "layout:"
# Confidence from which a page teaches, and below which it is settled by what was learned. Between
# the two, settling made as many pages worse as better (simulated hosts).
_TEACHES_FROM: Final = 0.85
SETTLED_BELOW: Final = 0.8
# Different articles beside which an element stood, and how many times as many these must be as
# those that it held.
_LEAST_ARTICLES: Final = 3
_TIMES: Final = 3
# Elements that group a page without a class.
_GROUPING: Final = frozenset(
    ("article", "aside", "figure", "footer", "form", "header", "main", "nav", "section")
)
# Where a text from the page's data is said to stand: the page's own blocks are no witnesses then.
_DATA: Final = frozenset(("json-ld", "framework-state"))
_SAMPLE: Final = 120
_DIGITS = lazy_compile(r"\d+")


@lru_cache(maxsize=4096)
def _box(place: str) -> tuple[str, str]:
    """Return signature and path of the element that a block is known by.

    Digits are made alike: generated class names number their elements.
    """
    steps = _DIGITS.sub("0", place).split(" > ")
    while len(steps) > 1 and "." not in steps[-1] and steps[-1] not in _GROUPING:
        steps.pop()
    path = " > ".join(steps)
    return blake2b(f"box\n{path}".encode("utf-8", "replace"), digest_size=8).hexdigest(), path


def element_signature(place: str) -> str:
    """Return the hash of the element that a block is known by, 16 hexadecimal digits."""
    return _box(place)[0]


def page_boxes(article: Article) -> tuple[PageBox, ...]:
    """Return the elements of a page, each with whether it held text of the article.

    Args:
        article: as extracted. One that was not read with confidence has none: it teaches nothing.
    """
    if (article.confidence or 0.0) < _TEACHES_FROM or any(b.place in _DATA for b in article.kept):
        return ()
    kept = {_box(block.place)[0] for block in article.kept}
    found: dict[str, PageBox] = {}
    blocks: list[KeptBlock | RemovedBlock] = [*article.kept, *article.removed]
    for block in blocks:
        signature, path = _box(block.place)
        # Menus are cut anyway: only what reads like an article is ever taken for one.
        if signature not in found and (signature in kept or is_prose(block.text)):
            found[signature] = PageBox(
                signature=signature,
                place=path,
                sample=block.text[:_SAMPLE],
                kept=signature in kept,
            )
    return tuple(found.values())


def decide_boxes(
    page: PageFingerprint, others: Sequence[PageFingerprint], known: Collection[str] = ()
) -> dict[str, int]:
    """Return which elements of a page have proved to stand beside the articles of its host.

    Args:
        page: the page that was read last.
        others: fingerprints of the host's other pages, the most recent ones.
        known: signatures that are settled: learned, or forgotten by a user.

    Returns:
        Signature → number of different articles beside which it stood.
    """
    candidates = page.beside - set(known)
    if not candidates:
        return {}
    beside, within = _counts([page, *others])
    return {
        s: beside[s]
        for s in candidates
        if beside[s] >= _LEAST_ARTICLES and beside[s] >= _TIMES * within[s]
    }


def refuted_boxes(
    page: PageFingerprint, others: Sequence[PageFingerprint], learned: Collection[str]
) -> frozenset[str]:
    """Return which learned elements hold articles now: the host has changed its layout.

    Args:
        page, others: as in `decide_boxes`.
        learned: signatures that are in force.
    """
    suspects = page.within & set(learned)
    if not suspects:
        return frozenset()
    beside, within = _counts([page, *others])
    return frozenset(s for s in suspects if beside[s] < _TIMES * within[s])


def _counts(pages: Sequence[PageFingerprint]) -> tuple[Counter[str], Counter[str]]:
    """Return beside how many different articles each element stood, and how many it held."""
    beside: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for group in articles_of([page for page in pages if page.beside or page.within]):
        held = frozenset().union(*(page.within for page in group))
        within.update(held)
        beside.update(frozenset().union(*(page.beside for page in group)) - held)
    return beside, within


def layout_cuts(blocks: Sequence[KeptBlock], learned: Learned) -> frozenset[int]:
    """Return which blocks of a doubtful page's text stand beside the articles of its host.

    Args:
        blocks: the text as the page by itself was read.
        learned: what was learned of the host.

    Returns:
        Positions of blocks; none where no prose would be left.
    """
    if not learned.boxes:
        return frozenset()
    cut = frozenset(b.position for b in blocks if _box(b.place)[0] in learned.boxes)
    left = any(is_prose(b.text) for b in blocks if b.position not in cut)
    return cut if left else frozenset()
