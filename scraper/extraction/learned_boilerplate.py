"""What the pages of one host have in common, and so is no article: learned, never guessed.

A block that stands on several different articles of a host is the host's, not the article's: a
slogan, a call to subscribe, an editor's line with another date each day. Everything here is a
decision on values; the archive remembers footprints, the pipeline carries them.

    footprint(article)          what one page leaves behind
    decide(footprint, others)   which of its blocks have now proved to be boilerplate
    cuts(blocks, learned)       which blocks of the next page are cut for it

Learning must never eat an article. So: reprints of one article count once, whatever was cut can be
taken back (`scraper boilerplate --forget`), and a page is never cut in its lead paragraph, in the
middle of its prose, in its data tables or by half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Final
from zlib import crc32

from scraper.models import (
    Article,
    KeptBlock,
    Learned,
    PageBox,
    PageFingerprint,
    RemovedBlock,
    ShortBlock,
)
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile

__all__ = [
    "RULE",
    "articles_of",
    "decide",
    "footprint",
    "learned_cuts",
    "same_article",
    "signatures",
]

# A learned cut is marked `learned:HOST`.
RULE: Final = "learned:"
# One article may quote another, two may share a series' line, three may be one story followed up;
# four that have nothing else in common share their frame.
_LEAST_ARTICLES: Final = 4
# What stands on fewer is a topic's background or an author's habit rather than the page's frame.
_LEAST_SHARE: Final = 0.3
# Blocks of more characters are an article's even where two pages share them.
_LONGEST: Final = 300
# Blocks that are counted on one page; more are a list that the classifier should have cut.
_MOST_BLOCKS: Final = 100
# Letters below which a text says too little to be known again ("Yes.", "问："). Chinese and
# Japanese characters weigh `_WIDE`.
_LEAST_LETTERS: Final = 4
_WIDE: Final = 2.5
# In a table short cells ("Net income", "2025") are data that all reports of a kind share.
_LEAST_CELL: Final = 25
# Characters in which those letters must stand: more need not be looked at.
_BEGINNING: Final = 80
# Letters from which a block that reads like prose may be the lead, or a paragraph.
_PARAGRAPH: Final = 60
# Of an article's text at most this share is cut: beyond, the page is not what was learned from.
_MOST: Final = 0.5
# Share of common sentences from which two pages carry one article. Editors cut and add a paragraph,
# pages add their frame; two articles on one topic share a sentence or two of background.
_SAME: Final = 0.4
_SKETCH: Final = 64
_SENTENCE: Final = 30

_CJK = lazy_compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_STOP = lazy_compile(r"[。！？!?\n]+|\.(?=\s|$)")
_PROSE_END = lazy_compile(r"[。！？!?.…][\"'”’」』)）]*\s*$")
_NUMBER = lazy_compile(r"\d[\d.,:/\-]*")
# What else changes from page to page in one slot of a template, figures being "#": months beside
# them, weekdays, halves of the day.
_DATE_WORDS: Final = (
    lazy_compile(
        rf"\b{ENGLISH_MONTH}\b\.?(?=,?\s*#)|(?<=#)\s*{ENGLISH_MONTH}\b\.?|(?<=#)\s*[ap]\.?m\b\.?"
    ),
    lazy_compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"),
    lazy_compile(
        r"(?:星期|周|週)[一二三四五六日天]|[上下]午|[〇零一二三四五六七八九十]{1,12}(?=[年月日])"
    ),
)
_SPACE = lazy_compile(r"\s+")
_DIGITS = lazy_compile(r"\d+")
_CELLS: Final = frozenset(("td", "th"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def _letters(text: str) -> float:
    """Return the letters of a text, figures left out, a wide character weighing more."""
    letters = sum(map(str.isalpha, text))
    return letters if text.isascii() else letters + (_WIDE - 1) * len(_CJK.findall(text))


def _tags(place: str) -> list[str]:
    return [step.partition(".")[0] for step in place.split(" > ")]


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def signatures(place: str, text: str) -> tuple[str, ...]:
    """Return by what a block is known again on another page; () when it may not be.

    Args:
        place: path of the block, as in `KeptBlock`.
        text: what it says.

    Returns:
        The hash of its text; and, when figures or dates stand in it, that of its place and its text
        without them: one slot of a template.
    """
    if len(text) >= _LONGEST:
        return ()
    cell = not _CELLS.isdisjoint(_tags(place))
    if _letters(text[:_BEGINNING]) < (_LEAST_CELL if cell else _LEAST_LETTERS):
        return ()
    lowered = _SPACE.sub(" ", text.lower())
    exact = _hash("=" + lowered.replace(" ", ""))
    slot = _slot(lowered)
    if slot == lowered or _letters(slot[:_BEGINNING]) < _LEAST_LETTERS:
        return (exact,)
    return exact, _hash(f"{_DIGITS.sub('0', place)}\n{slot}")


def _slot(lowered: str) -> str:
    """Return a text in lower case without what changes from page to page in one slot."""
    months, weekdays, chinese = _DATE_WORDS
    slot = _NUMBER.sub("#", lowered)
    if "#" in slot:
        slot = months.sub("#", slot)
    if "day" in slot:
        slot = weekdays.sub("#", slot)
    return slot if slot.isascii() else chinese.sub("#", slot)


def _signed(blocks: Sequence[KeptBlock | RemovedBlock]) -> list[tuple[str, ...]]:
    """Return the signatures of a page's blocks; a slot that one page fills twice is a list's."""
    signed = [signatures(block.place, block.text) for block in blocks]
    fillings = Counter(
        slot for slot, _ in {(both[1], both[0]) for both in signed if len(both) == 2}
    )
    return [(s[0],) if len(s) == 2 and fillings[s[1]] > 1 else s for s in signed]


def footprint(article: Article, host: str, boxes: Sequence[PageBox] = ()) -> PageFingerprint:
    """Return what learning keeps of an article.

    Args:
        article: as extracted; what was cut by a learned rule counts as if it were there still, so
            that a rule doesn't undo itself.
        host: that answered.
        boxes: its elements, see `scraper.extraction.host_layout.page_boxes`.
    """
    own = [cut for cut in article.removed if cut.rule.startswith(RULE)]
    blocks: list[KeptBlock | RemovedBlock] = [*article.kept, *own]
    del blocks[_MOST_BLOCKS:]
    recurring = tuple(
        ShortBlock(signatures=signed, place=block.place, text=block.text)
        for block, signed in zip(blocks, _signed(blocks), strict=True)
        if signed
    )
    return PageFingerprint(
        host=host,
        sketch=_sketch(article.text),
        blocks=recurring,
        signatures=frozenset(s for block in recurring for s in block.signatures),
        boxes=tuple(boxes),
        within=frozenset(box.signature for box in boxes if box.kept),
        beside=frozenset(box.signature for box in boxes if not box.kept),
    )


def _sketch(text: str) -> frozenset[int]:
    """Return the lowest hashes of a text's sentences (a bottom-k sketch: Broder, 1997)."""
    hashes = {
        crc32("".join(sentence.lower().split()).encode("utf-8", "replace"))
        for sentence in _STOP.split(text)
        if len(sentence) >= _SENTENCE or _letters(sentence) >= _SENTENCE
    }
    return frozenset(sorted(hashes)[:_SKETCH])


def same_article(one: frozenset[int], other: frozenset[int]) -> bool:
    """Return whether two sketches are of largely the same text; texts without prose never are."""
    lowest = sorted(one | other)[:_SKETCH]
    both = one & other
    return bool(lowest) and sum(h in both for h in lowest) >= _SAME * len(lowest)


def articles_of(pages: Sequence[PageFingerprint]) -> list[list[PageFingerprint]]:
    """Return pages grouped by the article that they carry: reprints of one fall together."""
    groups: list[list[PageFingerprint]] = []
    for page in pages:
        like = [g for g in groups if any(same_article(page.sketch, p.sketch) for p in g)]
        groups = [g for g in groups if g not in like]
        groups.append([page, *(p for group in like for p in group)])
    return groups


def decide(
    page: PageFingerprint, others: Sequence[PageFingerprint], known: Collection[str] = ()
) -> dict[str, int]:
    """Return which blocks of a page have proved to be boilerplate of its host.

    Args:
        page: the page that was read last.
        others: footprints of the host's other pages, the most recent ones.
        known: signatures that are settled: learned, or forgotten by a user.

    Returns:
        Signature → number of different articles that show it.
    """
    counts = Counter(s for other in others for s in other.signatures & page.signatures)
    candidates = {s for s, n in counts.items() if n + 1 >= _LEAST_ARTICLES and s not in known}
    if not candidates:
        return {}
    groups = articles_of([page, *others])
    shown = {s: sum(any(s in p.signatures for p in group) for group in groups) for s in candidates}
    least = max(_LEAST_ARTICLES, _LEAST_SHARE * len(groups))
    return {s: n for s, n in shown.items() if n >= least}


def learned_cuts(blocks: Sequence[KeptBlock], learned: Learned) -> frozenset[int]:
    """Return which kept blocks of a page are cut because its host repeats them.

    Args:
        blocks: what the classifier and the rules keep, in page order.
        learned: what was learned on the host.

    Returns:
        Numbers of blocks in `blocks`.
    """
    if not learned.signatures:
        return frozenset()
    matched = {
        i for i, signed in enumerate(_signed(blocks)) if not learned.signatures.isdisjoint(signed)
    }
    if not matched:
        return frozenset()
    sizes = [_letters(block.text) for block in blocks]
    matched.discard(_lead(blocks, sizes))
    matched -= _amid(blocks, sizes, matched)
    matched -= _filled(blocks, matched)
    total = sum(len(block.text) for block in blocks)
    if sum(len(blocks[i].text) for i in matched) > _MOST * total:
        return frozenset()
    return frozenset(matched)


def is_prose(text: str) -> bool:
    """Return whether a text is as long as a paragraph and ends like one."""
    return _letters(text) >= _PARAGRAPH and bool(_PROSE_END.search(text))


def _lead(blocks: Sequence[KeptBlock], sizes: Sequence[float]) -> int:
    """Return the first long block; the longest of a page that has none."""
    long = (i for i, size in enumerate(sizes) if size >= _PARAGRAPH)
    return next(long, max(range(len(blocks)), key=sizes.__getitem__))


def _amid(blocks: Sequence[KeptBlock], sizes: Sequence[float], matched: set[int]) -> set[int]:
    """Return prose that stands among paragraphs of the body, in the same place as they.

    There it is background that a host gives with each story on a topic. A frame stands at the ends,
    or in an element of its own.
    """
    weights: Counter[str] = Counter()
    for i, block in enumerate(blocks):
        weights[block.place] += int(sizes[i])
    body = weights.most_common(1)[0][0]
    own = [i for i in range(len(blocks)) if i not in matched]
    first, last = (own[0], own[-1]) if own else (0, -1)
    return {
        i
        for i in matched
        if first < i < last
        and blocks[i].place == body
        and sizes[i] >= _PARAGRAPH / 2
        and _PROSE_END.search(blocks[i].text)
    }


def _filled(blocks: Sequence[KeptBlock], matched: set[int]) -> set[int]:
    """Return headings under which something stays: a series' sections bear the same heads."""
    kept: set[int] = set()
    stays = False
    for i in range(len(blocks) - 1, -1, -1):
        if _HEADINGS.isdisjoint(_tags(blocks[i].place)):
            stays = stays or i not in matched
        elif i not in matched:
            stays = True
        elif stays:
            kept.add(i)
        else:
            stays = False
    return kept
