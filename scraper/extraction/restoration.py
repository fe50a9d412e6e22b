"""Short parts of an article that a classifier of blocks cannot tell from furniture.

A term, a subheading, an entry of a list, a note or a formula has few words and often a link. What
tells that it belongs to the text is what stands around it: the explanation of the term, the
paragraphs before and behind the subheading, the sentence that announces the list, the mark of the
note in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from scraper.extraction.blocks import Block, FormulaText, PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.notes import listed_notes
from scraper.extraction.word_lists import TEXT_WORDS, text_words
from scraper.text.patterns import lazy_compile

__all__ = ["belonging", "is_link", "is_other_host", "is_post_name"]

HEADINGS: Final = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LISTS: Final = frozenset(("ul", "ol"))
# Words of sentences that make a block a paragraph which a subheading or a list may belong to.
_TOLD: Final = 6.0
_NEAR: Final = 4  # blocks between a part and the text that it belongs to
_MAX_HEADING: Final = 120
_MAX_HEADING_WORDS: Final = 24
_MAX_TERM: Final = 120
_MAX_ENTRY: Final = 300
_MANY_ENTRIES: Final = 60
_MAX_NOTE: Final = 1_500
_PRE: Final = frozenset(("pre",))
_CODE_BEHIND: Final = 3  # blocks between the last paragraph and code behind it
_MOST_CODE: Final = 0.12
_PROSE: Final = 40  # words of sentences of a paragraph that is never cut amid others
_GOES_ON: Final = 18.0  # words of sentences of a paragraph that may be the next of a text
_MANY_LINES: Final = 6  # kept lines of one look
_NEARLY_ALL: Final = 0.8  # share of their words
_LINE: Final = 8  # words of a line that is no label
_LINE_CJK: Final = 12
_FEWEST: Final = 4  # kept paragraphs of a container whose text goes on
_FEW_BETWEEN: Final = 5  # blocks that the classifier may cut amid a text by mistake
_TIGHT: Final = 2  # elements between a paragraph and what holds it and the next
_MANY_LINKS: Final = 6
_POST_DEPTH: Final = 6  # elements around the text of an embedded post

_HEADING_NAME: Final = lazy_compile(
    r"(?:^|[\s_-])(?:sub|sec(?:tion)?|chapter|para(?:graph)?|mid|inter|cross|x|small|h[2-6]|content)"
    r"[_-]?(?:title|tit|head(?:ing|line|er)?|hed|caption|titre)s?(?:$|[\s_-])"
    r"|(?:^|[\s_-])(?:heading|subhead|intertitle|crosshead|xiaobiaoti|xbt|zw-?title|tit-?[23])(?:$|[\s_-])",
)
_NUMBERED: Final = lazy_compile(
    r"(?:[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十\d]{1,3}[章节節部]"
    r"|\d{1,2}[.、．)]\s?|[IVX]{1,4}\.\s|(?:part|chapter)\s+(?:\d|[ivx]|one|two|three)|[①-⑳])\s*\S",
    re.IGNORECASE,
)
# What tells when, or by whom, is no subheading.
_STAMP: Final = lazy_compile(
    r"\d{1,2}[.:h]\d{2}(?!\d)|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}月\d{1,2}日"
    r"|^\W{0,3}(?:by|von|par|por|di|av|af|door|autor|author|text|foto|photo)\b",
    re.IGNORECASE,
)
# Elements from a list's entry or a table's cell up to what holds it and its heading.
_PART_DEPTH: Final = 5
_ENDED: Final = (".", "。", "；", ";", "，", ",", "…", ":", "：")
_ANNOUNCES: Final = (":", "：")
# What the words of a furniture line are evidence of, by the columns of `TEXT_WORDS`.
_FURNITURE: Final = frozenset(
    column
    for column, name in enumerate(TEXT_WORDS)
    if name in ("related", "subscribe", "rights", "share", "comment", "credit", "sale", "notice")
)
_RIGHTS: Final = frozenset((list(TEXT_WORDS).index("rights"),))
# What a line about rights is made of, as against a subheading on a quarrel about them.
_OF_RIGHTS: Final = lazy_compile(
    r"[\W_]+|版[权權]|授[权權]|[转轉][载載]|免[责責]|[声聲]明|侵[权權]|所有|[须須]知|[说說]明|信息|資訊|未[经經]"
    r"|不代表|立[场場]|[许許]可|本文|本站|原[创創]|[协協議议]"
    r"|\b(?:copyright|rights?|notice|disclaimer|licen[cs]e|reserved|all|terms|of|use|privacy|policy|and|the"
    r"|republish\w*|permissions?|information)\b",
    re.IGNORECASE,
)
_RELATED: Final = list(TEXT_WORDS).index("related")
_HOST: Final = lazy_compile(r"(?:https?:)?//([^/?#\s]+)", re.IGNORECASE)
_FILE: Final = lazy_compile(r"\.(?:pdf|docx?|xlsx?|csv|zip|gz|txt|json)(?:$|[?#])", re.IGNORECASE)

_NOTES_NAME: Final = lazy_compile(
    r"(?:^|[\s_-])(?:(?:foot|end|side)[_-]?notes?|footnote-(?:list|items?)|doc-(?:endnotes|footnotes?)"
    r"|(?:article|story|text|author)-?notes|easy-footnotes?\S*|wp-block-footnotes|zhushi|jiaozhu)(?:$|[\s_-])",
)
_NETWORKS: Final = (
    "weibo|wb|twitter|tweet|bluesky|bsky|mastodon|toot|threads|instagram|insta|ig|facebook|fb|tiktok|reddit"
    "|telegram|tg|linkedin|x|vk|social|wechat|weixin|douyin|zhihu|xhs|xiaohongshu|plurk|ptt|youtube|truth"
)
_POSTS: Final = (
    "card|embed|embedded|post|quote|status|message|media|content|text|block|box|wrap|wrapper|item"
)
_EMBED_NAME: Final = lazy_compile(
    rf"(?:^|[\s_-])(?:(?:{_NETWORKS})[_-]*(?:media|post)?[_-]?(?:{_POSTS})|(?:{_POSTS})[_-]+(?:{_NETWORKS})"
    r"|oembed|embed|embedded|tweet|toot|weibo|twitter-tweet)(?:$|[\s_-])"
)


class _Page:
    """What the finders share: the page, what is kept so far, and where its text stands."""

    def __init__(
        self,
        s: PageBlocks,
        rows: BlockFeatures,
        decided: Sequence[str],
        open_: Callable[[str], bool],
        base: str,
    ) -> None:
        self.s, self.rows, self.base = s, rows, base
        self._within: dict[frozenset[str], dict[int, int]] = {}
        self.kept = [not rule for rule in decided]
        self.open = [open_(rule) for rule in decided]
        told = [i for i, keep in enumerate(self.kept) if keep and self.is_told(i)]
        self.first, self.last = (told[0], told[-1]) if told else (len(decided), -1)

    def is_told(self, i: int) -> bool:
        """Whether a block is a sentence or more."""
        return self.rows.sentences[i] >= _TOLD

    def within(self, i: int, names: frozenset[str]) -> int:
        """Return the innermost element of some tags around a block, or 0."""
        s, known = self.s, self._within.setdefault(names, {0: 0})
        # A page can set each of its blocks deeper than the one before: no way up is gone twice.
        way, e = [], s.blocks[i].container
        while e not in known and s.tags[e] not in names:
            way.append(e)
            e = s.parents[e]
        found = known.get(e, e)
        known.update(dict.fromkeys((*way, e), found))
        return found

    def kept_before(self, i: int) -> int:
        """Return the nearest kept block before one, or -1 where the classifier cut one between."""
        for j in range(i - 1, max(-1, i - 1 - _NEAR), -1):
            if self.kept[j]:
                return j
            if self.open[j] and self.rows.words[j]:
                return -1
        return -1

    def kept_behind(self, i: int) -> int:
        """Return the nearest kept block behind one, or -1 where the classifier cut one between."""
        for j in range(i + 1, min(len(self.kept), i + 1 + _NEAR)):
            if self.kept[j]:
                return j
            if self.open[j] and self.rows.words[j]:
                return -1
        return -1


def belonging(
    s: PageBlocks,
    rows: BlockFeatures,
    decided: Sequence[str],
    open_: Callable[[str], bool],
    base: str = "",
) -> set[int]:
    """Return the cut blocks that belong to what is kept.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
        open_: whether a cut of that name may be taken back.
        base: address of the page.
    """
    page = _Page(s, rows, decided, open_, base)
    if page.last < 0:
        return set()
    found: set[int] = set()
    for finder in (
        _codes,
        _between,
        _going_on,
        _lines,
        _terms,
        _announced,
        _posts,
        _notes,
        _headings,
        _formulas,
    ):
        for i in finder(page):
            if page.open[i] and not page.kept[i]:
                page.kept[i] = True
                found.add(i)
    return found


def is_link(block: Block) -> bool:
    """Return whether most of a block is links."""
    return block.link_chars > 0.6 * len(block.text)


# ── code, and what stands between paragraphs ──────────────────────────────────────────────────────


def _codes(page: _Page) -> Iterator[int]:
    """Yield the lines of code amid the text, or directly behind it."""
    s = page.s
    if "pre" not in s.tags:
        return
    last = page.last
    lines: list[int] = []
    for i in range(page.first + 1, len(s.blocks)):
        if i > last + _CODE_BEHIND:
            break
        if not page.within(i, _PRE):
            continue
        if i > last:
            near = set(islice(s.ancestors(s.blocks[page.last].container), 1, 3))
            if not near & set(islice(s.ancestors(s.blocks[i].container), _POST_DEPTH)):
                continue
            last = i
        lines.append(i)
    kept = sum(len(b.text) for b, keep in zip(s.blocks, page.kept, strict=True) if keep)
    cut = sum(len(s.blocks[i].text) for i in lines if not page.kept[i])
    # A page of code with some words about it is left as the classifier reads it.
    if cut <= _MOST_CODE * kept:
        yield from lines


def _between(page: _Page) -> Iterator[int]:
    """Yield the prose that the classifier cut between two paragraphs of one container."""
    s, rows = page.s, page.rows
    ends = s.subtree_ends()
    before = -1
    waiting: list[int] = []
    for i in range(page.first, page.last + 1):
        if not page.kept[i]:
            waiting.append(i)
            continue
        if waiting and before >= 0 and page.is_told(i):
            box = _common(s, ends, before, i)
            near = min(s.depths[s.blocks[at].container] for at in (before, i)) - s.depths[box]
            few = sum(rows.words[j] > 0 for j in waiting) <= _FEW_BETWEEN
            if near <= _TIGHT and few and all(page.open[j] or not rows.words[j] for j in waiting):
                for j in waiting:
                    inside = box <= s.blocks[j].container < ends[box]
                    if inside and _is_amid(page, j):
                        yield j
        if page.is_told(i):
            before, waiting = i, []


def _going_on(page: _Page) -> Iterator[int]:
    """Yield the prose that goes on right behind the last paragraph, in its container and its look.

    What is another's begins with a headline, a name or a day, or in an element of its own, of which
    no more than the first paragraphs are kept.
    """
    s, rows = page.s, page.rows
    at = s.blocks[page.last].container
    if rows.sentences[page.last] < _GOES_ON:
        return

    def alike(i: int) -> bool:
        e = s.blocks[i].container
        return e == at or (s.parents[e] == s.parents[at] and s.lookalikes[e] == s.lookalikes[at])

    kept = sum(
        page.kept[i] and page.is_told(i) and alike(i) for i in range(page.first, page.last + 1)
    )
    if kept < _FEWEST:
        return
    for i in range(page.last + 1, len(s.blocks)):
        block = s.blocks[i]
        if not rows.words[i]:
            continue
        if (
            not alike(i)
            or not page.open[i]
            or rows.sentences[i] < _GOES_ON
            or block.links > 1
            or block.button_chars
            or block.bold_chars > 0.5 * len(block.text)
            or _FURNITURE & text_words(block.text[:160].lower())
        ):
            return
        yield i


def _lines(page: _Page) -> Iterator[int]:
    """Yield lines without links amid those of one container and look that are nearly all kept."""
    s, rows = page.s, page.rows
    groups: dict[tuple[int, str], list[int]] = {}
    for i in range(page.first, page.last + 1):
        e = s.blocks[i].container
        if rows.words[i]:
            groups.setdefault((s.parents[e], s.lookalikes[e]), []).append(i)
    for blocks in groups.values():
        kept = [i for i in blocks if page.kept[i]]
        size = sum(rows.words[i] for i in kept)
        if len(kept) < _MANY_LINES or size < _NEARLY_ALL * sum(rows.words[i] for i in blocks):
            continue
        for i in blocks:
            if kept[0] < i < kept[-1] and page.open[i] and _is_line(page, i):
                yield i


def _is_line(page: _Page, i: int) -> bool:
    """Whether a block of several words has neither a link nor the words of furniture."""
    block = page.s.blocks[i]
    return (
        page.rows.words[i] >= (_LINE_CJK if page.rows.cjk else _LINE)
        and not (block.links or block.button_chars)
        and not page.within(i, _PRE)
        and not text_words(block.text[:160].lower())
    )


def _is_amid(page: _Page, i: int) -> bool:
    """Whether a block between paragraphs is prose, neither code nor a list of links."""
    block = page.s.blocks[i]
    if not page.open[i] or is_link(block) or block.links > _MANY_LINKS or page.within(i, _PRE):
        return False
    return page.rows.sentences[i] >= _PROSE


def _common(s: PageBlocks, ends: Sequence[int], one: int, other: int) -> int:
    """Return the innermost element around two blocks."""
    at = s.blocks[other].container
    for e in s.ancestors(s.blocks[one].container):
        if e <= at < ends[e]:
            return e
    return 0


# ── definition lists ─────────────────────────────────────────────────────────────────────────────


def _terms(page: _Page) -> Iterator[int]:
    """Yield the terms of definition lists whose explanations are kept, and the other way round."""
    s = page.s
    if "dl" not in s.tags:
        return
    lists: dict[int, list[int]] = {}
    for i in range(len(s.blocks)):
        dl = page.within(i, frozenset(("dl",)))
        if dl:
            lists.setdefault(dl, []).append(i)
    paragraphs = Counter(s.parents[e] for e, tag in enumerate(s.tags) if tag == "p")
    for blocks in lists.values():
        if not _is_told_list(page, blocks, paragraphs):
            continue
        for i in blocks:
            # Terms are linked to what they mean; an explanation that is all link is a teaser.
            explained = _is_dd(page, i)
            if not is_link(s.blocks[i]) if explained else len(s.blocks[i].text) <= _MAX_TERM:
                yield i


def _is_told_list(page: _Page, blocks: Sequence[int], paragraphs: Mapping[int, int]) -> bool:
    """Whether a definition list is the article's: half of it is kept, or it is amid the text."""
    s, rows = page.s, page.rows
    explained = [i for i in blocks if _is_dd(page, i)]
    size = sum(rows.words[i] for i in explained)
    if not size or 2 * sum(rows.words[i] for i in explained if is_link(s.blocks[i])) >= size:
        return False
    if 2 * sum(rows.words[i] for i in explained if page.kept[i]) >= size:
        return True
    before, behind = page.kept_before(blocks[0]), page.kept_behind(blocks[-1])
    dl = page.within(blocks[0], frozenset(("dl",)))
    if before < page.first or s.parents[dl] not in (0, *s.ancestors(s.blocks[before].container)):
        return False
    if any(page.kept[i] for i in explained):
        return True
    furniture = any(_FURNITURE & text_words(s.blocks[i].text[:160].lower()) for i in blocks)
    return not furniture and (behind >= 0 or paragraphs.get(s.parents[dl], 0) > 1)


def _is_dd(page: _Page, i: int) -> bool:
    e = page.within(i, frozenset(("dt", "dd")))
    return page.s.tags[e] == "dd"


# ── lists of links ───────────────────────────────────────────────────────────────────────────────


def _announced(page: _Page) -> Iterator[int]:
    """Yield the entries of lists of links that a sentence of the text announces."""
    s, rows = page.s, page.rows
    for i in range(page.first, min(page.last + 1 + _NEAR, len(s.blocks) - 1)):
        block = s.blocks[i]
        if not page.kept[i] or not block.text.rstrip("*_ ").endswith(_ANNOUNCES):
            continue
        least = 6 if rows.cjk else 4
        if (
            rows.words[i] < least
            or is_link(block)
            or _RELATED in text_words(block.text[:160].lower())
        ):
            continue
        entries = _entries(page, i)
        if not entries or not all(page.open[j] or page.kept[j] for j in entries):
            continue
        behind = entries[-1] + 1 <= page.last
        outward = sum(_leads_out(page, s.blocks[j].href) for j in entries)
        if behind or 2 * outward >= len(entries):
            yield from entries


def _entries(page: _Page, at: int) -> list[int]:
    """Return the blocks of the list, or the lines of links, directly behind a block."""
    s = page.s
    list_ = page.within(at + 1, _LISTS)
    around = set(s.ancestors(s.blocks[at].container)) | {0}
    if list_ and list_ not in around and s.parents[list_] in around:
        found = []
        for j in range(at + 1, min(at + 1 + _MANY_ENTRIES, len(s.blocks))):
            if list_ not in s.ancestors(s.blocks[j].container):
                break
            found.append(j)
        return found if all(len(s.blocks[j].text) <= _MAX_ENTRY for j in found) else []
    home = s.parents[s.blocks[at].container]
    found = []
    for j in range(at + 1, min(at + 1 + _MANY_ENTRIES, len(s.blocks))):
        e = s.blocks[j].container
        beside = e == s.blocks[at].container or (s.parents[e] == home and s.tags[e] in ("p", "div"))
        if not beside or not is_link(s.blocks[j]):
            break
        found.append(j)
    return found


def _leads_out(page: _Page, href: str) -> bool:
    """Whether an address is another host's, or a file's."""
    return bool(_FILE.search(href)) or is_other_host(href, page.base)


def is_other_host(href: str, base: str) -> bool:
    """Return whether a link of the page at `base` leads to another host."""
    theirs, own = _HOST.match(href.lstrip()), _HOST.match(base)
    return theirs is not None and (own is None or theirs[1].lower() != own[1].lower())


# ── posts of networks ────────────────────────────────────────────────────────────────────────────


def _posts(page: _Page) -> Iterator[int]:
    """Yield the texts of embedded posts that are all link, amid the text."""
    s, rows = page.s, page.rows
    known: dict[int, bool] = {}
    for i in range(page.first + 1, page.last):
        block = s.blocks[i]
        few = rows.words[i] < (8 if rows.cjk else 5)
        if page.kept[i] or not page.open[i] or few or not is_link(block):
            continue
        e = block.container
        if e not in known:
            known[e] = _is_post(page, e, block.href)
        if known[e] and _is_sentence(block.text):
            yield i


def _is_post(page: _Page, element: int, href: str) -> bool:
    """Whether an element stands in one, or in a link, that is named as a post of another site."""
    node, named = page.s.nodes[element], False
    for _ in range(_POST_DEPTH):
        if node is None or node.tag in ("body", "article", "main"):
            break
        attributes = node.attributes
        if node.tag == "a":
            href = href or attributes.get("href") or ""
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
        named = named or is_post_name(names)
        node = node.parent
    return named and (not page.base or _leads_out(page, href))


def is_post_name(names: str) -> bool:
    """Return whether names of elements, in lower case, tell a post of another platform."""
    return bool(_EMBED_NAME.search(names[:300]))


def _is_sentence(text: str) -> bool:
    return any(sign in text for sign in ("。", "！", "？", "，", ". ", "! ", "? ", ", ")) or (
        text.rstrip("”’\"')").endswith((".", "!", "?"))
    )


# ── notes ────────────────────────────────────────────────────────────────────────────────────────


def _notes(page: _Page) -> Iterator[int]:
    """Yield the author's notes: in elements named so, or where marks in the text lead."""
    s = page.s
    targets = _marked(page)
    # Whether an element is of notes, or in one that is.
    known = {0: False}
    for i in range(page.first, len(s.blocks)):
        block = s.blocks[i]
        if page.kept[i] or not page.open[i] or len(block.text) > _MAX_NOTE:
            continue
        way, e = [], block.container
        while e not in known:
            way.append(e)
            if _is_notes_name(s.words[e]) or (targets and _id(s, e) in targets):
                known[e] = True
            else:
                e = s.parents[e]
        known.update(dict.fromkeys(way, known[e]))
        if known[e] and not is_link(block):
            yield i
    for i in listed_notes(s, page.kept, page.first, page.last):
        if page.open[i] and not page.kept[i] and not is_link(s.blocks[i]):
            yield i


@lru_cache(maxsize=4096)  # elements of a page share their names
def _is_notes_name(names: str) -> bool:
    return _NOTES_NAME.search(names) is not None


_NOTE_LINKS: Final = "sup a[href^='#'],a[href^='#'] sup,a[role='doc-noteref']"


def _id(s: PageBlocks, element: int) -> str:
    node = s.nodes[element]
    return (node.attributes.get("id") or "") if node is not None else ""


def _marked(page: _Page) -> frozenset[str]:
    """Return the names in the page that marks of notes in the kept text link to."""
    s = page.s
    found: set[str] = set()
    body = s.nodes[0]
    if not s.noted or body is None or body.css_first(_NOTE_LINKS) is None:
        return frozenset()
    elements = {s.blocks[i].container for i, keep in enumerate(page.kept) if keep}
    for e in elements:
        node = s.nodes[e]
        if node is None or e == 0:
            continue
        for link in node.css(_NOTE_LINKS):
            at = link if link.tag == "a" else link.parent
            href = (at.attributes.get("href") or "") if at is not None else ""
            if href.startswith("#") and len(href) > 1:
                found.add(href[1:])
    return frozenset(found)


# ── subheadings, formulas ────────────────────────────────────────────────────────────────────────


def _headings(page: _Page) -> Iterator[int]:
    """Yield the subheadings that stand between two paragraphs, or over a kept part of theirs."""
    s, rows = page.s, page.rows
    copies: dict[str, int] = {}
    for block in s.blocks:
        copies[block.text] = copies.get(block.text, 0) + 1
    for i in range(page.first + 1, page.last):
        block = s.blocks[i]
        if (
            page.kept[i]
            or not page.open[i]
            or copies[block.text] > 1
            or not 1 <= rows.words[i] <= _MAX_HEADING_WORDS
            or not _is_heading(s, block)
        ):
            continue
        before, behind = page.kept_before(i), page.kept_behind(i)
        if before >= 0 and behind >= 0 and page.is_told(before) and page.is_told(behind):
            yield i
        elif behind >= 0 and s.tags[block.container] in HEADINGS:
            # What stands over a list or a table is alone with it, or in a wrapper of its own.
            near = set(islice(s.ancestors(block.container), 1, 3))
            if near & set(islice(s.ancestors(s.blocks[behind].container), _PART_DEPTH)):
                yield i


def _is_heading(s: PageBlocks, block: Block) -> bool:
    text = block.text
    if len(text) > _MAX_HEADING or text.endswith(_ENDED) or block.link_chars > 0.5 * len(text):
        return False
    if _STAMP.search(text):
        return False
    e = block.container
    furniture = _FURNITURE & text_words(text.lower())
    if furniture == _RIGHTS and s.tags[e] in HEADINGS and _OF_RIGHTS.sub("", text):
        furniture = frozenset()
    if block.button_chars or s.hidden[e] >= 1 or furniture:
        return False
    names = f"{s.words[e]} {s.words[s.parents[e]] if e else ''}"
    return (
        s.tags[e] in HEADINGS
        or block.bold_chars >= 0.9 * len(text.replace(" ", ""))
        or bool(_HEADING_NAME.search(names))
        or bool(_NUMBERED.match(text))
    )


def _formulas(page: _Page) -> Iterator[int]:
    """Yield the formulas that stand in a line of their own amid the text."""
    s = page.s
    for i in range(page.first + 1, page.last):
        pieces = s.blocks[i].pieces
        if page.open[i] and any(isinstance(piece, FormulaText) for piece in pieces):
            words = "".join(p for p in pieces if not isinstance(p, FormulaText)).strip()
            if len(words) <= 8 and page.kept_before(i) >= 0:
                yield i
