"""Parts of a page: a headline and what stands below it, with the signs of whose it is.

A part of an article speaks of what the article spoke of; another article has words of its own. The
signs of a part are taken beside the text that is known for the article's so far.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.content_words import content_words
from scraper.extraction.features import BlockFeatures
from scraper.extraction.list_titles import is_list_title, is_numbered
from scraper.extraction.word_lists import TEXT_WORDS, text_words
from scraper.record import record
from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute

__all__ = [
    "ALL_LINK", "CJK_WORD", "NO_RANK", "OWN", "SIGNS", "KnownWords", "PageParts", "Part",
    "is_headline",
]  # fmt: skip

ALL_LINK: Final = 0.8  # share of a headline
_RANKS: Final = {f"h{n}": n for n in range(1, 7)}
NO_RANK: Final = 7  # of a headline that is no heading: a line all link or all bold
_RAIL: Final = 3  # headlines of a box without text
_LONGEST: Final = 160  # characters of a headline
_FEWEST: Final = 3  # words of a headline that is no heading
_TOLD: Final = 8.0  # words of sentences of a block that tells something
OWN: Final = 40.0  # words of sentences of the article before another one can begin
_ABOVE: Final = 3  # blocks of a part above its headline: a label, a picture's caption
_MOST_PARTS: Final = 120
_ROW: Final = 6  # parts of one look that are read ahead
CJK_WORD: Final = 0.6  # words that a character counts for
_USUAL: Final = 0.3  # share of a paragraph's words that stood before, where there is but one
_MAX_LABEL: Final = 60
_CUT_OFF: Final = ("...", "…", "...]", "…]")
_ENDS: Final = (".", "。", ";", "；", ",", "，", "!", "！")
_MAX_STAMP: Final = 90  # characters of a line of an article's day or writer
_MAIN: Final = 20  # words that an article comes back to
# A paragraph that goes on with what was said.
_GOES_BACK = lazy_compile(
    r"\W{0,3}(?:(?:he|she|they|it|his|her|their|its|this|that|these|those|but|and|yet|however|still"
    r"|so|also|then|such|meanwhile|nevertheless|instead|another|both|one of them|as for)\b"
    r"|[他她它这這该該此其但]|不过|不過|然而|同时|同時|另外|此外|对此|對此|因此|所以|而且|随后|隨後|除此)",
    re.IGNORECASE,
)
_RELATED: Final = list(TEXT_WORDS).index("related")

SIGNS: Final = (
    "rank", "under_title", "like_title", "link_share", "leads_elsewhere", "words", "question",
    "numbered", "is_sentence", "span_words", "span_blocks", "paragraphs", "mean_paragraph",
    "breaks_off", "heading_known", "heading_in_title", "known", "usual_known", "ratio",
    "known_of_others", "against_others", "told_before", "share_before", "behind", "stamped",
    "boxed", "same_parent", "same_look", "depth", "again", "alike", "alike_linked", "others",
    "before_was_other", "list_title", "below_related", "article", "in_aside", "announced", "cjk",
    "title_found", "since_own", "links", "ends_page", "amid_run", "title_told", "title_in_part",
    "title_names", "lead_to_item", "told_before_first", "alike_own", "behind_alike", "behind_known",
    "behind_of_part", "behind_stamped", "behind_linked", "behind_titled", "leads_there",
    "mean_heading", "retold", "summary_told", "summary_in_part", "main_shared", "untouched",
    "usual_untouched", "topic_known", "subheads", "ruler", "goes_back",
)  # fmt: skip


@record
class Part:
    """A headline and what stands below it.

    Attributes:
        head: its block.
        blocks: from the first block of its box, or from the headline, to its end.
        stretch: of these what is judged: up to the next headline below the first paragraph.
        signs: in the order of `SIGNS`.
    """

    head: int
    blocks: range
    stretch: range
    signs: tuple[float, ...]


@dataclass(slots=True)
class KnownWords:
    """The words of the article so far, and of other articles; what was judged so far."""

    own: set[str] = field(default_factory=set)
    text: set[str] = field(default_factory=set)  # of `own` without the headline's
    looks: dict[tuple[int, str], int] = field(default_factory=dict)  # parts judged to be its own
    uses: Counter[str] = field(default_factory=Counter)  # paragraphs that have each word
    others: set[str] = field(default_factory=set)
    read: int = 0  # the first block that is not read yet
    told: float = 0.0
    usual: list[float] = field(default_factory=list)
    last: int = 0
    count: int = 0
    is_other: bool = False

    def copy(self) -> KnownWords:
        """Return the same, to go on with what may not hold."""
        return replace(
            self,
            own=set(self.own),
            text=set(self.text),
            others=set(self.others),
            looks=dict(self.looks),
            uses=Counter(self.uses),
            usual=list(self.usual),
        )


@cache
def _stamp() -> BoundedPattern:
    """Return what tells the day or the writer of an article in a line of its own."""
    return BoundedPattern(
        r"(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}月\d{1,2}日"
        rf"|\b{ENGLISH_MONTH}\.?\s\d{{1,2}},?\s(?:19|20)\d{{2}}"
        rf"|\b\d{{1,2}}\.?\s{ENGLISH_MONTH}\.?,?\s(?:19|20)\d{{2}}"
        r"|^\W{0,3}by\s\w|\d\s?(?:hours?|days?|min\w*|h|d)\sago|\d\s?(?:分钟|小时|小時|天)前"
        r"|(?:作者|记者|記者|撰文|编辑|編輯)\s?[:：/／]|^文\s?[/／|｜]",
        re.IGNORECASE,
        longest=_MAX_STAMP,
    )


def _share(found: set[str], known: set[str]) -> float:
    return len(found & known) / len(found) if found else 0.0


def is_headline(s: PageBlocks, rows: BlockFeatures, i: int) -> bool:
    """Return whether a block may be the headline of a part: a heading, or all link or bold."""
    block = s.blocks[i]
    size = len(block.text)
    if size > _LONGEST or not rows.words[i]:
        return False
    if s.tags[block.container] in _RANKS:
        return True
    marked = block.link_chars >= 0.8 * size or block.bold_chars >= 0.8 * size
    least = _FEWEST * (2 if rows.cjk else 1)
    return marked and rows.words[i] >= least and not block.text.endswith(_ENDS)


class PageParts:
    """The parts of a page, in its order, and what is measured of each.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether it is taken for the article.
        base: address of the page, or "".

    Attributes:
        parts: of each its headline, its blocks, and whether an element holds just these.
    """

    def __init__(
        self, s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], base: str
    ) -> None:
        self.s, self.rows, self.likely, self.base = s, rows, likely, base
        self.told = [
            i
            for i, n in enumerate(rows.sentences)
            if n >= _TOLD and s.hidden[s.blocks[i].container] < 1
        ]
        self.known_words: dict[int, set[str]] = {}
        self.heads: list[int] = []
        self.parts: list[tuple[int, range, bool]] = []
        if not self.told:
            return
        self.first = max(rows.title + 1, 0)
        heads = [i for i in range(self.first, len(s.blocks)) if is_headline(s, rows, i)]
        self.heads = heads[: 4 * _MOST_PARTS]
        # Where the blocks inside each element begin and end, and how much is told up to a block.
        self.begins, self.stops = [len(s.blocks)] * len(s.parents), [0] * len(s.parents)
        begins, stops = self.begins, self.stops
        for i, block in enumerate(s.blocks):
            e = block.container
            if i < begins[e]:
                begins[e] = i
            stops[e] = i + 1
        for e in range(len(s.parents) - 1, 0, -1):
            around = s.parents[e]
            if begins[e] < begins[around]:
                begins[around] = begins[e]
            if stops[e] > stops[around]:
                stops[around] = stops[e]
        long = [n >= _TOLD for n in rows.sentences]
        self.tells = list(accumulate(long, initial=0))
        shown = set(self.told)
        self.sizes = list(
            accumulate(
                (n if i in shown else 0.0 for i, n in enumerate(rows.sentences)), initial=0.0
            )
        )
        before, at = -1, 0
        for i in self.heads:
            while at < len(self.told) and self.told[at] < i:
                before = self.told[at]
                at += 1
            if before < 0 or at >= len(self.told) or len(self.parts) >= _MOST_PARTS:
                continue
            part = self._part(i, before)
            if self.sizes[part[1].stop] > self.sizes[part[1].start]:
                self.parts.append(part)
        self.by_head = {i: blocks for i, blocks, _ in self.parts}
        self.below: dict[int, set[str]] = {}
        self.alike: dict[tuple[int, str], list[int]] = {}
        self.linked: dict[tuple[int, str], int] = {}
        for i, _, _ in self.parts:
            look, block = self._look(i), s.blocks[i]
            self.alike.setdefault(look, []).append(i)
            self.linked[look] = self.linked.get(look, 0) + (
                block.link_chars >= 0.8 * len(block.text)
            )

    def _words(self, i: int) -> set[str]:
        found = self.known_words.get(i)
        if found is None:
            found = self.known_words[i] = content_words(self.s.blocks[i].text)
        return found

    def _rank(self, i: int) -> int:
        return _RANKS.get(self.s.tags[self.s.blocks[i].container], NO_RANK)

    def _part(self, i: int, before: int) -> tuple[int, range, bool]:
        """Return a headline, its blocks, and whether an element holds just these."""
        s = self.s
        box = s.blocks[i].container
        around = set(s.ancestors(s.blocks[before].container))
        for e in s.ancestors(box):
            if e in around:
                break
            box = e
        first, end = max(self.begins[box], before + 1), self.stops[box]
        boxed = self.tells[end] > self.tells[i + 1]
        if not boxed:
            first, end = i, self.stops[max(s.parents[box], 0)]
            inner = bisect_left(self.heads, self.begins[box])
            if bisect_left(self.heads, self.stops[box]) - inner >= _RAIL:
                # A box of headlines alone: what goes on behind it is of what stands before it.
                end = self.stops[box]
        rank = self._rank(i)
        stop = next((j for j in self.heads if i < j < end and self._rank(j) <= rank), end)
        return i, range(first if i - first <= _ABOVE else i, stop), boxed

    def is_doubtful(self, i: int, blocks: range, boxed: bool) -> bool:
        """Whether a part may be another article's: those of a plain run of paragraphs are not.

        Of what is cut on held-out pages, one word in a thousand stands below a plain heading amid
        the paragraphs of its own element.
        """
        s, block = self.s, self.s.blocks[i]
        if boxed or block.link_chars >= ALL_LINK * len(block.text):
            return True
        at = bisect_left(self.told, blocks.start)
        if not 0 < at < len(self.told):
            return True
        before, behind = (s.blocks[self.told[j]].container for j in (at - 1, at))
        return s.parents[before] != s.parents[behind]

    def _begin(self) -> KnownWords:
        s, rows = self.s, self.rows
        title = s.blocks[rows.title].text if rows.title >= 0 else ""
        self.title_words = content_words(title)
        self.summary_words = content_words(rows.summary)
        self.list_title = is_list_title(title)
        self.title_element = s.blocks[rows.title].container if rows.title >= 0 else 0
        self.around_title = set(s.ancestors(self.title_element))
        self.title_rank = _RANKS.get(s.tags[self.title_element], NO_RANK)
        self.title_looks = {
            (s.parents[e], s.tags[e], s.lookalikes[e])
            for e in s.ancestors(self.title_element)
            if s.tags[e] not in _RANKS
        }
        self.title_label = s.lookalikes[self.title_element]
        self.total = sum(rows.sentences[i] for i in self.told) or 1.0
        return KnownWords(own=set(self.title_words))

    def _look(self, i: int) -> tuple[int, str]:
        return self._rank(i), self.s.lookalikes[self.s.blocks[i].container]

    def _read(self, known: KnownWords, until: int, others: set[int]) -> None:
        """Add the article's words up to a block."""
        for j in range(known.read, until):
            if not self.likely[j] or j in others:
                continue
            words = self._words(j)
            if self.rows.sentences[j] >= _TOLD:
                if known.told >= OWN and len(words) >= 5:
                    known.usual.append(_share(words, known.own))
                known.told += self.rows.sentences[j]
                known.last = j
                known.uses.update(words)
            known.own |= words
            known.text |= words
        known.read = max(known.read, until)

    def _measure(
        self,
        i: int,
        blocks: range,
        boxed: bool,
        known: KnownWords,
    ) -> Part:
        stretch = self._stretch(i, blocks)
        told = [j for j in stretch if self.rows.sentences[j] >= _TOLD]
        signs = (
            *self._head_signs(i),
            *self._size_signs(stretch, told),
            *self._word_signs(i, known),
            *self._place_signs(i, blocks, told, boxed, known),
            *self._row_signs(i, blocks, boxed, known),
            *self._theme_signs(i, told, known),
        )
        return Part(head=i, blocks=blocks, stretch=stretch, signs=tuple(map(float, signs)))

    def _stretch(self, i: int, blocks: range) -> range:
        """Return what stands below one headline alone, lesser ones ended by text among it."""
        at = bisect_left(self.heads, i + 1)
        while at < len(self.heads) and self.heads[at] < blocks.stop:
            if self.tells[self.heads[at]] > self.tells[i + 1]:
                return range(blocks.start, self.heads[at])
            at += 1
        return blocks

    def _head_signs(self, i: int) -> tuple[float, ...]:
        """Return what the headline looks like."""
        s, block = self.s, self.s.blocks[i]
        there = absolute(self.base, block.href) if block.href and self.base else block.href
        rank = self._rank(i)
        return (
            rank,
            rank - self.title_rank,
            s.lookalikes[block.container] == self.title_label,
            block.link_chars / len(block.text),
            bool(there) and there.partition("#")[0] != self.base.partition("#")[0],
            self.rows.words[i] * (CJK_WORD if self.rows.cjk else 1.0),
            block.text.endswith(("?", "？")),
            is_numbered(block.text),
            block.text.endswith((".", "。", "!", "！")),
        )

    def _size_signs(self, blocks: range, told: Sequence[int]) -> tuple[float, ...]:
        """Return how much stands below it."""
        size = sum(self.rows.sentences[j] for j in told)
        ends = [self.s.blocks[j].text.endswith(_CUT_OFF) for j in told]
        return math.log1p(size), len(blocks), len(told), size / (len(told) or 1), sum(ends)

    def _word_signs(self, i: int, known: KnownWords) -> tuple[float, ...]:
        """Return how much of what it says the article has said, and other parts have."""
        words, heading = self._part_words(i), self._words(i)
        share, of_others = _share(words, known.own), _share(words, known.others)
        usual = sorted(known.usual)[len(known.usual) // 2] if known.usual else _USUAL
        return (
            _share(heading, known.own),
            len(heading & self.title_words),
            share,
            usual,
            share / (usual + 0.05),
            of_others,
            share - of_others,
        )

    def _place_signs(
        self,
        i: int,
        blocks: range,
        told: Sequence[int],
        boxed: bool,
        known: KnownWords,
    ) -> tuple[float, ...]:
        """Return where it stands beside the article's text."""
        s, rows = self.s, self.rows
        e = s.blocks[i].container
        last = known.last
        one, other = s.blocks[last].container, s.blocks[told[0]].container if told else e
        group = self.alike[self._look(i)]
        linked = self.linked[self._look(i)]
        above = s.blocks[i - 1].text if i else ""
        titled = rows.title >= 0
        return (
            math.log1p(known.told),
            known.told / self.total,
            (self.sizes[-1] - self.sizes[blocks.stop]) / self.total,
            self._is_stamped(i, last),
            boxed,
            s.parents[other] == s.parents[one],
            s.lookalikes[other] == s.lookalikes[one],
            s.depths[other] - s.depths[one],
            self._is_again(e),
            len(group),
            linked / len(group),
            known.count,
            known.is_other,
            self.list_title,
            len(above) <= _MAX_LABEL and _RELATED in text_words(above.lower()),
            rows.articles[e] != rows.articles[self.title_element] if titled else -1,
            any(s.tags[a] == "aside" for a in s.ancestors(e)),
            s.blocks[last].text.endswith((":", "：")),
            rows.cjk,
            titled,
            i - last,
            sum(s.blocks[j].links for j in told) / (len(told) or 1),
            blocks.stop >= self.told[-1],
        )

    def _row_signs(
        self, i: int, blocks: range, boxed: bool, known: KnownWords
    ) -> tuple[float, ...]:
        """Return what the parts of its look are, this one and those behind it, beside the article.

        Where one article of a row is another's, all behind it are; where one part is the
        article's own, those of its look are. The article says what its headline says; the items
        of a digest stand from its beginning on, and none is longer by far.
        """
        look = self._look(i)
        group = self.alike[look]
        at = bisect_left(group, i)
        behind = group[at + 1 : at + 1 + _ROW]
        words = self._part_words(i)
        sizes = sorted(self._size(j) for j in (i, *behind))
        shares = [_share(self._part_words(j), known.text) for j in behind]
        near = [_share(self._part_words(j), words) for j in behind]
        title = self.title_words
        heading = self._words(i)
        first = self.sizes[group[0]]
        count = len(behind) or 1
        return (
            not self.is_doubtful(i, blocks, boxed),
            _share(title, known.text),
            _share(title, words),
            _share(heading, title),
            math.log((known.told + 10) / (sizes[len(sizes) // 2] + 10)),
            math.log1p(first),
            known.looks.get(look, 0),
            len(group) - at - 1,
            sum(shares) / len(shares) if shares else -1,
            sum(near) / len(near) if near else -1,
            sum(self._is_stamped(j, -1) for j in behind) / count,
            sum(self._is_linked(j) for j in behind) / count,
            sum(bool(self._words(j) & title) for j in behind) / count,
            self._leads_there(i, blocks),
            sum(self.rows.words[j] for j in (i, *behind)) / (len(behind) + 1),
        )

    def _theme_signs(self, i: int, told: Sequence[int], known: KnownWords) -> tuple[float, ...]:
        """Return whether it keeps to what the article comes back to, and tells a story of its own.

        A story of its own tells what its headline says, and its paragraphs are without the words
        that the article comes back to; so are all behind it.
        """
        heading = self._words(i)
        words = self._part_words(i)
        main, touching = self._themes(known)
        own = [j for j in self.told if j < i and j <= known.last and self.likely[j]]
        topic = Counter(word for j in told for word in self._words(j))
        repeated = {word for word, n in topic.items() if n > 1}
        first = self.s.blocks[told[0]].text if told else ""
        return (
            _share(heading, words),
            _share(self.summary_words, known.text) if self.summary_words else -1,
            _share(self.summary_words, words) if self.summary_words else -1,
            _share(main, words) if main else -1,
            self._untouched(told, touching),
            self._untouched(own, touching),
            _share(repeated, known.text) if repeated else -1,
            sum(known.looks.values()),
            any(known.last < ruler.before <= i for ruler in self.s.rulers),
            _GOES_BACK.match(first) is not None,
        )

    def _themes(self, known: KnownWords) -> tuple[set[str], set[str]]:
        """Return the words that the article comes back to, alone and with its headline's."""
        main = {word for word, n in known.uses.most_common(_MAIN) if n > 1}
        return main, main | self.title_words

    def turn(self, i: int, known: KnownWords) -> float:
        """Return the share of the paragraphs from a headline on that have no word of the article.

        Only those are asked that are taken for the article. It is no sign of the trees: they are
        trained where just the article's own are taken for it.
        """
        rest = [j for j in self.told if j > i and self.likely[j]]
        return self._untouched(rest, self._themes(known)[1])

    def _untouched(self, blocks: Sequence[int], words: set[str]) -> float:
        """Return the share of paragraphs that have none of some words."""
        return sum(words.isdisjoint(self._words(j)) for j in blocks) / (len(blocks) or 1)

    def _size(self, i: int) -> float:
        blocks = self._stretch(i, self.by_head[i])
        return self.sizes[blocks.stop] - self.sizes[blocks.start]

    def _part_words(self, i: int) -> set[str]:
        """Return the words below a headline."""
        found = self.below.get(i)
        if found is None:
            found = self.below[i] = set().union(
                *(self._words(j) for j in self._stretch(i, self.by_head[i]) if j != i)
            )
        return found

    def _is_linked(self, i: int) -> bool:
        block = self.s.blocks[i]
        return block.link_chars >= ALL_LINK * len(block.text)

    def _leads_there(self, i: int, blocks: range) -> bool:
        """Whether a line that is all link, such as Read more, ends a part."""
        for j in reversed(blocks):
            if j <= i:
                return False
            if self.rows.words[j]:
                return self._is_linked(j)
        return False

    def _is_stamped(self, i: int, last: int) -> bool:
        """Whether a day or a writer stands beside a headline."""
        blocks = self.s.blocks
        near = range(max(self.first, i - 2), min(i + 4, len(blocks)))
        return any(j not in (i, last) and _stamp().search(blocks[j].text) is not None for j in near)

    def _is_again(self, element: int) -> bool:
        """Whether it stands in an element beside the headline's own that looks the same."""
        s = self.s
        if self.rows.title < 0:
            return False
        return any(
            (s.parents[a], s.tags[a], s.lookalikes[a]) in self.title_looks
            and a not in self.around_title
            for a in s.ancestors(element)
        )
