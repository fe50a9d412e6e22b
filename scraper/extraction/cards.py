"""Cards amid the text: a headline, a line or two, and a link that leads on to another article.

Either the links lead to one address, around a short text or above and below it, or the last one
bids the reader read on below a headline that is a link or stands in a box with it alone, or one
link stands around the elements of the whole card. The post of another platform is no card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.list_titles import is_list_title
from scraper.extraction.restoration import is_other_host, is_post_name
from scraper.extraction.sections import HEADINGS, PARAGRAPH
from scraper.extraction.word_lists import (
    ELEMENT_WORDS,
    TEXT_WORDS,
    element_words,
    text_words,
)
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute

__all__ = ["CARD", "cards"]

CARD: Final = "card"

_SENTENCE: Final = 10.0  # words of sentences of a block that a card stands before or behind
_LINK: Final = 0.9  # share of a block that is all link
_HEADLINE: Final = 5  # words of a headline
_HEADLINE_CJK: Final = 9
_MORE: Final = 7  # words of a line that leads on
_MORE_CJK: Final = 12
_BETWEEN: Final = 3  # blocks between the headline and the line that leads on
_NEAR: Final = 4  # elements between a block and a link around it
_LONGEST: Final = 140  # words of a card
_MOST: Final = 0.25  # share of the text that cards may be
_ANNOUNCED: Final = (":", "：")
_RELATED: Final = list(TEXT_WORDS).index("related")
_BOUNDS: Final = ("body", "article", "main")
_OFFERED: Final = frozenset(
    column for column, name in enumerate(TEXT_WORDS) if name in ("related", "subscribe", "sale")
)
_OFFERS: Final = frozenset(
    column for column, name in enumerate(ELEMENT_WORDS) if name in ("related", "offer", "advert")
)
_READ_ON = lazy_compile(
    r"\W{0,3}(?:(?:read|see|view|get|continue|keep) (?:more|on|reading"
    r"|(?:the )?(?:full|whole|rest)\b.{0,20}|(?:the |this )?(?:article|story|post))"
    r"|(?:the )?full (?:story|article|text)|continue|more"
    r"|(?:阅读|閱讀|查看|点击|點擊|观看|觀看|看)?(?:全文|原文|更多|详情|詳情|完整(?:报道|報導|内容|內容))"
    r"|[继繼][续續][阅閱][读讀])\W{0,4}",
    re.IGNORECASE,
)


def cards(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], base: str) -> dict[int, str]:
    """Return block → rule, for cards of other articles between or behind the paragraphs.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        base: address of the page, or "".
    """
    said = [i for i, keep in enumerate(likely) if keep and rows.sentences[i] >= _SENTENCE]
    told = next((i for i in said if rows.sentences[i] >= PARAGRAPH), len(s.blocks))
    title = s.blocks[rows.title].text if rows.title >= 0 else ""
    if not said or is_list_title(title):
        return {}
    here = base.partition("#")[0]
    links: dict[str, list[int]] = {}
    onward: list[tuple[int, int]] = []
    for i in range(told + 1, len(s.blocks)):
        block = s.blocks[i]
        if block.link_chars < _LINK * len(block.text) or not (href := _target(s, i)):
            continue
        there = (absolute(base, href) if base else href).partition("#")[0]
        if there and there != here:
            links.setdefault(there, []).append(i)
            if rows.words[i] <= _MORE and _READ_ON.fullmatch(block.text) is not None:
                head = _headline_above(s, rows, i)
                onward += [(head, i)] if head >= 0 else []
    cuts: dict[int, str] = {}
    for head, more in (*chain.from_iterable(map(pairwise, links.values())), *onward):
        card = range(head, more + 1)
        if any(likely[i] for i in card) and _is_card(s, rows, head, more):
            cuts |= dict.fromkeys(card, CARD)
    for whole in _wrapped(s, rows, base, range(said[0] + 1, said[-1])):
        if any(likely[i] for i in whole):
            cuts |= dict.fromkeys(whole, CARD)
    size = sum(rows.words[i] for i, keep in enumerate(likely) if keep)
    return cuts if sum(rows.words[i] for i in cuts if likely[i]) <= _MOST * size else {}


def _target(s: PageBlocks, i: int) -> str:
    """Return where a block that is all link leads; the link may stand around several blocks."""
    node = s.nodes[s.blocks[i].container]
    if s.blocks[i].href or node is None:
        return s.blocks[i].href
    for _ in range(_NEAR):
        node = node.parent
        if node is None:
            return ""
        if node.tag == "a":
            return node.attributes.get("href") or ""
    return ""


def _wrapped(s: PageBlocks, rows: BlockFeatures, base: str, amid: range) -> Iterator[list[int]]:
    """Yield the blocks of each card that one link stands around amid the text.

    A headline and its summary are such to another page of the site; a line alone is one where it,
    or the names of its link, tell an offer or what is related.
    """
    groups: dict[int, tuple[LexborNode, list[int]]] = {}
    for i in amid:
        if rows.words[i] and (link := _link_around(s, i)) is not None:
            groups.setdefault(link.mem_id, (link, []))[1].append(i)
    for link, card in groups.values():
        text = " ".join(s.blocks[i].text for i in card).lower()
        around = link.parent
        names = " ".join(
            f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".lower()
            for node in (link, around)
            if node is not None and node.tag not in _BOUNDS
        )
        above = next((s.blocks[i].text for i in range(card[0] - 1, -1, -1) if rows.words[i]), "")
        words = sum(rows.words[i] for i in card)
        if is_post_name(names) or above.endswith(_ANNOUNCED) or words > _LONGEST:
            continue
        href = link.attributes.get("href") or ""
        here = not is_other_host(href, base)
        whole = here and len(card) > 1 and words >= (_HEADLINE_CJK if rows.cjk else _HEADLINE)
        offered = _OFFERS & element_words(names) or _OFFERED & text_words(text)
        if whole or offered:
            yield card


def _link_around(s: PageBlocks, i: int) -> LexborNode | None:
    """Return the link that stands around the element of a block, or None."""
    node = s.nodes[s.blocks[i].container]
    for _ in range(_NEAR):
        if node is None or node.tag in _BOUNDS:
            return None
        if node.tag == "a":
            return node
        node = node.parent
    return None


def _headline_above(s: PageBlocks, rows: BlockFeatures, more: int) -> int:
    """Return the headline of what a link bids the reader read on, or -1.

    It is a heading or bold; where it is no link itself, an element holds nothing but it and what
    stands up to the link.
    """
    between = 0
    for i in range(more - 1, max(more - 2 - 2 * _BETWEEN, -1), -1):
        block = s.blocks[i]
        if not rows.words[i]:
            continue
        size = len(block.text)
        linked = block.link_chars >= _LINK * size
        marked = s.tags[block.container] in HEADINGS or block.bold_chars >= _LINK * size
        if linked or marked:
            return i if between and (linked or _is_box(s, i, more)) else -1
        between += 1
    return -1


def _is_box(s: PageBlocks, first: int, last: int) -> bool:
    """Whether an element holds nothing but the blocks from one to another."""
    around = set(s.ancestors(s.blocks[last].container))
    box = next((e for e in s.ancestors(s.blocks[first].container) if e in around), 0)
    return box > 0 and not any(
        0 <= j < len(s.blocks) and box in s.ancestors(s.blocks[j].container)
        for j in (first - 1, last + 1)
    )


def _is_label(text: str) -> bool:
    """Whether a line names what is related, as a whole or at its beginning."""
    return _RELATED in text_words(text.lower())


def _is_card(s: PageBlocks, rows: BlockFeatures, head: int, more: int) -> bool:
    """Whether the blocks from one link to the next one to the same address make a card."""
    words = rows.words
    least, most = (_HEADLINE_CJK, _MORE_CJK) if rows.cjk else (_HEADLINE, _MORE)
    if not words[more]:
        return False
    if more == head + 1 and words[head] <= most and _is_label(s.blocks[head].text):
        pass  # a link around “Read also” and what is to be read
    elif words[head] < least:
        return False
    elif more == head + 1:
        # A link around a headline and its summary leads nowhere else with either.
        if not rows.sentences[more]:
            return False
    elif words[more] > most or sum(words[i] > 0 for i in range(head + 1, more)) > _BETWEEN:
        return False
    above = next((s.blocks[i].text for i in range(head - 1, -1, -1) if words[i]), "")
    return sum(words[head : more + 1]) <= _LONGEST and not above.endswith(_ANNOUNCED)
