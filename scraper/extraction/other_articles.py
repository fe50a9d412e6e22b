"""What stands beside the article and reads like one: other articles and teasers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.content_words import speaks_of_else
from scraper.extraction.features import BlockFeatures, squashed
from scraper.extraction.list_titles import is_list_title, is_numbered
from scraper.extraction.sections import HEADINGS, PARAGRAPH
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, same_site

__all__ = [
    "BEHIND",
    "OTHER_ARTICLE",
    "OWN_TEXT",
    "STREAM",
    "TEASERS",
    "blocks_of",
    "boxes",
    "first_blocks",
    "lookalike_groups",
    "next_articles",
    "other_articles",
    "streams",
    "teasers",
]

OTHER_ARTICLE: Final = "other-article"
STREAM: Final = "stream"
TEASERS: Final = "teasers"

# Words of sentences that the headline's own ``<article>`` must hold before others are cut: on some
# pages it holds the headline only, and each part of the text is an ``<article>`` of its own.
OWN_TEXT: Final = 60
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
    if text < OWN_TEXT:
        return {}
    if text >= _MOST_TEASERS * sum(sizes):
        outside = [i for i, at in enumerate(order) if at != home and i > rows.title]
        gone_on = _unheaded(s, rows, likely, home, outside)
        return {i: OTHER_ARTICLE for i in outside if i not in gone_on}
    # Parts of a list may be articles too; a main headline tells an article in its own right.
    headed = {order[i] for i, b in enumerate(s.blocks) if s.tags[b.container] == "h1"} - {0, home}
    return {
        i: OTHER_ARTICLE
        for i, at in enumerate(order)
        if (at in headed and i >= rows.title) or (at != home and _in_aside(s, i))
    }


def _unheaded(
    s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], home: int, outside: Sequence[int]
) -> set[int]:
    """Return the blocks beside an ``<article>`` that go on with it: prose without a headline.

    Some pages close the element before an advert and go on in a plain box behind it.
    """
    around = set(s.ancestors(home))
    boxes: dict[int, list[int]] = {}
    for i in outside:
        box = s.blocks[i].container
        for e in s.ancestors(box):
            if e in around:
                break
            box = e
        boxes.setdefault(box, []).append(i)
    found: set[int] = set()
    for blocks in boxes.values():
        told = sum(rows.sentences[i] >= PARAGRAPH and likely[i] for i in blocks)
        headed = any(s.tags[s.blocks[i].container] in HEADINGS or _is_title(s, i) for i in blocks)
        if told and not headed and not any(_in_aside(s, i) for i in blocks):
            found.update(blocks)
    return found


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


# A stream has so many items of one look, of which each begins with a linked headline within so many
# blocks; its items have a summary of so many words, and nearly all lead to pages of the site.
_ITEMS: Final = 3
_HEADLINE_WITHIN: Final = 4
_HEADLINE_CHARS: Final = 8
_SUMMARY: Final = 8
_ON_SITE: Final = 0.8
# Words of the article before a stream, and the share of them that may stand behind it.
_BEFORE: Final = 40
BEHIND: Final = 0.25
# An item of more words is a part of the article, or an article told in full, which others tell.
_LONGEST_ITEM: Final = 80
# Share of the items' headlines that have a word of the page's headline where they go on with it.
_KIN: Final = 0.5
# Words that say something: long ones, and pairs of Chinese characters.
_WORD = lazy_compile(r"[A-Za-z]{5,}|[\u3400-\u9fff]{2}")
_ANNOUNCED: Final = (":", "：")
# Words from which a heading reads like a headline, and the share of a row's headings that do.
_SENTENCE: Final = 5
_SENTENCE_CJK: Final = 9
_MOSTLY: Final = 0.75


def streams(
    s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], base: str
) -> dict[int, str]:
    """Return block → rule, for other articles in a row: linked headlines with their summaries.

    They are siblings of one look behind the article, and lead to other pages of its site. The parts
    of an article that is a list itself look the same: its headline says so, the paragraph before
    them announces them, or they are numbered.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        base: address of the page, or "".
    """
    headlines = [i for i in range(len(s.blocks)) if _leads_elsewhere(s, i, base)]
    if len(headlines) < _ITEMS or is_list_title(
        s.blocks[rows.title].text if rows.title >= 0 else ""
    ):
        return {}
    ends = s.subtree_ends()
    inside = first_blocks(s)
    cuts: dict[int, str] = {}
    rows_of_items = [
        [blocks_of(s, inside, ends, e) for e in items]
        for items in lookalike_groups(s, headlines, inside)
    ]
    for blocks in (*rows_of_items, *_flat_groups(s, rows, headlines)):
        inner = {i for part in blocks for i in part}
        if inner <= cuts.keys():
            continue
        told = [any(i not in headlines and rows.words[i] >= _SUMMARY for i in p) for p in blocks]
        if sum(told) < 2 or not any(likely[i] for i in inner):
            continue
        first, last = min(inner), max(inner)
        own = [i for i, keep in enumerate(likely) if keep and i not in inner and i > rows.title]
        before = sum(rows.sentences[i] for i in own if i < first)
        behind = sum(rows.sentences[i] for i in own if i > last)
        if before < _BEFORE or behind > BEHIND * before:
            continue
        lead = max((i for i in own if i < first), default=-1)
        size = sorted(sum(rows.words[i] for i in part) for part in blocks)[len(blocks) // 2]
        if size > _LONGEST_ITEM or _is_kin(s, rows.title, [part[0] for part in blocks]):
            continue
        numbered = sum(is_numbered(s.blocks[part[0]].text) for part in blocks)
        if numbered * 2 > len(blocks) or s.blocks[lead].text.endswith(_ANNOUNCED):
            continue
        cuts |= dict.fromkeys(inner, STREAM)
    return cuts


def _is_kin(s: PageBlocks, title: int, heads: Sequence[int]) -> bool:
    """Whether most items of a row have a word of the page's headline in theirs."""
    if title < 0:
        return False
    own = _content_words(s.blocks[title].text)
    kin = sum(bool(own & _content_words(s.blocks[i].text)) for i in heads)
    return kin > _KIN * len(heads)


def _content_words(text: str) -> set[str]:
    return {word.lower().rstrip("s") for word in _WORD.findall(text)}


def _leads_elsewhere(s: PageBlocks, i: int, base: str) -> bool:
    """Whether a block is a headline that leads to another page of the site."""
    block = s.blocks[i]
    size = len(block.text)
    if not block.href or size < _HEADLINE_CHARS or block.link_chars < _ON_SITE * size:
        return False
    there = absolute(base, block.href) if base else block.href
    if not there or there.partition("#")[0] == base.partition("#")[0]:
        return False
    return not base or not there.startswith("http") or same_site(there, base)


def first_blocks(s: PageBlocks) -> dict[int, int]:
    """Return for each element with blocks the first of them.

    Args:
        s: the page cut into blocks.
    """
    first: dict[int, int] = {}
    for i, block in enumerate(s.blocks):
        for e in s.ancestors(block.container):
            if e in first:
                break
            first[e] = i
    return first


def blocks_of(
    s: PageBlocks, inside: dict[int, int], ends: Sequence[int], element: int
) -> list[int]:
    """Return the blocks inside an element, in order.

    Args:
        s: the page cut into blocks.
        inside: of each element its first block, as `first_blocks` tells it.
        ends: as `PageBlocks.subtree_ends` tells them.
        element: the element.
    """
    found = []
    for i in range(inside[element], len(s.blocks)):
        if not element <= s.blocks[i].container < ends[element]:
            break
        found.append(i)
    return found


def lookalike_groups(
    s: PageBlocks, headlines: Sequence[int], inside: dict[int, int], fewest: int = _ITEMS
) -> Iterator[list[int]]:
    """Yield siblings of one look that each begin with a headline, outer groups first.

    Args:
        s: the page cut into blocks.
        headlines: blocks that siblings may begin with.
        inside: of each element its first block, as `first_blocks` tells it.
        fewest: siblings of a group.
    """
    found: dict[tuple[int, str, str], set[int]] = {}
    for i in headlines:
        for e in s.ancestors(s.blocks[i].container):
            if i - inside[e] >= _HEADLINE_WITHIN:
                break
            found.setdefault((s.parents[e], s.tags[e], s.lookalikes[e]), set()).add(e)
    for (parent, _, _), items in sorted(found.items()):
        if len(items) >= fewest and parent >= 0:
            yield sorted(items)


def _flat_groups(
    s: PageBlocks, rows: BlockFeatures, headlines: Sequence[int]
) -> Iterator[list[list[int]]]:
    """Yield headings of one element that lead elsewhere, each with the paragraphs up to the next.

    They are headlines by their length: the parts of a list are headed by names.
    """
    heads = [i for i in headlines if s.tags[s.blocks[i].container] in HEADINGS]
    found: dict[tuple[int, str], list[int]] = {}
    for i in heads:
        e = s.blocks[i].container
        found.setdefault((s.parents[e], s.lookalikes[e]), []).append(i)
    for (parent, _), group in found.items():
        long = sum(rows.words[i] >= (_SENTENCE_CJK if rows.cjk else _SENTENCE) for i in group)
        if len(group) < _ITEMS or long < _MOSTLY * len(group):
            continue
        longest = max(b - a for a, b in pairwise(group))
        if longest > _BLOCKS:
            continue
        parts = []
        for i, end in zip(group, [*group[1:], group[-1] + longest], strict=True):
            inner = []
            for j in range(i, min(end, len(s.blocks))):
                if j > i and s.parents[s.blocks[j].container] != parent:
                    break
                inner.append(j)
            parts.append(inner)
        yield parts


# What a full article says beside its headline: a day, or who wrote it.
_MAX_STAMP: Final = 90
_STAMPED = lazy_compile(
    r"(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}月\d{1,2}日"
    rf"|\b{ENGLISH_MONTH}\.?\s\d{{1,2}},?\s(?:19|20)\d{{2}}|\b\d{{1,2}}\s{ENGLISH_MONTH}\.?,?\s(?:19|20)\d{{2}}"
    r"|^\W{0,3}by\s\w|(?:作者|记者|記者|撰文|编辑|編輯)\s?[:：/／]|^文\s?[/／|｜]",
    re.IGNORECASE,
)
_STAMP_WITHIN: Final = 3
_FULL: Final = 2  # paragraphs that make an article behind a headline
_SHORT_PARAGRAPH: Final = 6.0  # words of sentences
_MAX_TITLE: Final = 120
_MOST_TITLES: Final = 12  # blocks of a page that look like its headline, where each is one


def next_articles(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for the next article of an endless page and all behind it.

    It begins where another main headline with a day or a writer of its own is followed by
    paragraphs; a lesser headline begins one in an element that looks like the page's own.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    if rows.title < 0:
        return {}
    own = squashed(s.blocks[rows.title].text)
    looks = {
        (s.parents[e], s.tags[e], s.lookalikes[e])
        for e in s.ancestors(s.blocks[rows.title].container)
        if s.tags[e] not in HEADINGS
    }
    # Templates without headings set each headline in an element of one class, and little else.
    own_look = s.lookalikes[s.blocks[rows.title].container]
    alike = sum(s.lookalikes[block.container] == own_look for block in s.blocks)
    listed = is_list_title(s.blocks[rows.title].text) or alike > _MOST_TITLES
    own_look = "" if listed or "." not in own_look else own_look
    told, last = 0.0, -1
    for i in range(rows.title + 1, len(s.blocks)):
        block = s.blocks[i]
        told += rows.sentences[i] * likely[i]
        if likely[i] and rows.sentences[i] >= PARAGRAPH:
            last = s.parents[block.container]
        tag = s.tags[block.container]
        like = bool(own_look) and s.lookalikes[block.container] == own_look
        heads = tag in ("h1", "h2") or (like and len(block.text) <= _MAX_TITLE)
        if not heads or told < OWN_TEXT or squashed(block.text) == own:
            continue
        near = range(max(rows.title + 1, i - 2), min(i + 1 + _STAMP_WITHIN, len(s.blocks)))
        stamped = any(
            j != i and len(t) <= _MAX_STAMP and _STAMPED.search(t) is not None
            for j in near
            for t in (s.blocks[j].text,)
        )
        around = list(s.ancestors(block.container))
        repeats = [e for e in around if (s.parents[e], s.tags[e], s.lookalikes[e]) in looks]
        again = bool(repeats) and not any(
            e in around for e in s.ancestors(s.blocks[rows.title].container) if e in repeats
        )
        # A part of the text has its paragraphs' parent.
        inner = last in islice(s.ancestors(block.container), 1, 4)
        # Without an element of its own, it has the row of the page's own headline below it.
        flat = like and tag not in HEADINGS and _are_alike(s, rows.title + 1, i + 1)
        if not stamped or not (again or flat or (tag == "h1" and not inner)):
            continue
        following = [j for j in _until_heading(s, i) if rows.sentences[j] >= PARAGRAPH]
        if len(following) >= _FULL and any(likely[j] for j in following):
            if flat and not again and not _is_else(s, rows, likely, i, following):
                continue
            first = i
            if again:
                first = min(
                    (j for j in range(i) if s.blocks[j].container >= repeats[-1]), default=i
                )
            return dict.fromkeys(range(max(first, rows.title + 1), len(s.blocks)), OTHER_ARTICLE)
    return {}


def _is_else(
    s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], head: int, below: Sequence[int]
) -> bool:
    """Whether the text below a headline is about something else than the text before it."""
    own = [
        s.blocks[j].text
        for j in range(rows.title + 1, head)
        if likely[j] and rows.sentences[j] >= _SHORT_PARAGRAPH
    ]
    return speaks_of_else(s.blocks[rows.title].text, own, [s.blocks[j].text for j in below])


def _are_alike(s: PageBlocks, one: int, other: int) -> bool:
    """Whether two blocks stand in elements of one class."""
    if other >= len(s.blocks):
        return False
    looks = {s.lookalikes[s.blocks[i].container] for i in (one, other)}
    return len(looks) == 1 and all("." in look for look in looks)


def _until_heading(s: PageBlocks, i: int) -> range:
    """Return the blocks behind a headline, up to the next one of its rank."""
    at = s.blocks[i].container
    headed = s.tags[at] in HEADINGS
    for j in range(i + 1, len(s.blocks)):
        e = s.blocks[j].container
        if s.tags[e] == s.tags[at] if headed else s.lookalikes[e] == s.lookalikes[at]:
            return range(i + 1, j)
    return range(i + 1, len(s.blocks))


# A box amid the text holds a label and headlines with a summary each, in so many blocks; all boxes
# together hold at most such a share of the text, or they are the text.
_BOX: Final = 9
_LABEL: Final = 4
# Words of their headlines: the parts of a guide are headed by links of fewer.
_LONG: Final = 7
_LONG_CJK: Final = 11
_MOST_BOXES: Final = 0.25


def boxes(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], base: str) -> dict[int, str]:
    """Return block → rule, for elements amid the text that hold nothing but other headlines.

    Each headline leads to another page of the site, is a sentence by its length, and has at most
    one paragraph below it.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        base: address of the page, or "".
    """
    least = _LONG_CJK if rows.cjk else _LONG
    headlines = [
        i
        for i in range(rows.title + 1, len(s.blocks))
        if rows.words[i] >= least and _leads_elsewhere(s, i, base)
    ]
    title = s.blocks[rows.title].text if rows.title >= 0 else ""
    if not headlines or is_list_title(title) or _is_kin(s, rows.title, headlines):
        return {}
    ends, inside = s.subtree_ends(), first_blocks(s)
    told = [i for i, keep in enumerate(likely) if keep and rows.sentences[i] >= PARAGRAPH]
    cuts: dict[int, str] = {}
    for i in headlines:
        if i in cuts:
            continue
        found: list[int] = []
        for e in s.ancestors(s.blocks[i].container):
            blocks = blocks_of(s, inside, ends, e)
            if len(blocks) > _BOX or not _is_box(rows, blocks, headlines):
                break
            # A headline alone is a link of the text.
            if any(j not in headlines and rows.words[j] >= _SUMMARY for j in blocks):
                found = blocks
        amid = found and told and told[0] < found[0] and told[-1] > found[-1]
        if amid and any(likely[j] for j in found):
            announced = s.blocks[max(j for j in told if j < found[0])].text.endswith(_ANNOUNCED)
            cuts |= {} if announced else dict.fromkeys(found, STREAM)
    size = sum(rows.words[i] for i, keep in enumerate(likely) if keep)
    return cuts if sum(rows.words[i] for i in cuts if likely[i]) <= _MOST_BOXES * size else {}


def _is_box(rows: BlockFeatures, blocks: Sequence[int], headlines: Sequence[int]) -> bool:
    """Whether blocks are headlines with a paragraph each, below a label at most."""
    if blocks[0] not in headlines and rows.words[blocks[0]] > _LABEL:
        return False
    below = 1  # what stands below no headline is none of a box
    for i in blocks if blocks[0] in headlines else blocks[1:]:
        below = 0 if i in headlines else below + 1
        if below > 1:
            return False
    return True
