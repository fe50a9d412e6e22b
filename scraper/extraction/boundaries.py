"""Where another article begins behind or amid the page's own: a judgement over parts of the page.

A part is a headline and what stands below it. Whether it goes on with the article is told less by
its look than by what it says: a part of an article speaks of what the article spoke of, another
article has words of its own. The parts are judged in page order, each against the text that is
known for the article's so far. `boundaries.json` is written by
``python -m tests.training --boundaries``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.page_parts import (
    ALL_LINK,
    CJK_WORD,
    NO_RANK,
    OWN,
    SIGNS,
    KnownWords,
    PageParts,
    Part,
    is_headline,
)
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, same_site

if TYPE_CHECKING:
    from scraper.extraction.classifier import Model

__all__ = ["OTHER_PART", "other_parts", "scan_parts"]

OTHER_PART: Final = "other-part"
# Probability from which a part is cut: a paragraph lost costs a reader more than one too many.
# It may be lower where the headline is a sentence that is all link, or has a day or a writer beside
# it, and lower still for such a link in an element of its own.
_SURE: Final = 0.97
_SURE_MARKED: Final = 0.9
_SURE_BOX: Final = 0.7
# So it may where little is lost by a mistake: a card of a few lines.
_SURE_CARD: Final = 0.5
_CARD: Final = math.log1p(60)  # words
# Of each part of a row that is cut together; of one whose headline nothing marks.
_LIKELY: Final = 0.7
_LIKELY_PLAIN: Final = 0.9
# Of a headline rather than a label: words, and characters of a heading in Chinese, which says as
# much in fewer. A line that is one link and no heading is as short amid a text.
_HEADLINE: Final = 5
_HEADLINE_HAN: Final = 6

# Of a row of other articles: words (log) that stand before it, shares of the headline's words that
# these and its parts say, and what of its parts the article said, alone and beside what is usual.
_LEAD: Final = math.log1p(60)
_SAID: Final = 0.5
_UNSAID: Final = 0.2
_NEWS: Final = 0.3
_NEWS_RATIO: Final = 0.8
_NEWS_RATIO_TEASER: Final = 0.6
# Of another story: shares of the words that the article comes back to, of the headline's words that
# its part says, of paragraphs without words of the article, and how many more these are than in it.
_LISTED: Final = SIGNS.index("list_title")
_OF_PARTS: Final = ("question", "numbered", "list_title", "goes_back", "alike_own")
_SHARED: Final = 0.15
_KIN: Final = 0.34  # share of a headline's words, or of further headlines, that are the page's
_RETOLD: Final = 0.2
_RETOLD_WELL: Final = 0.34
_LEAD_TO_ITEM: Final = math.log(1.5)
_LONG_LEAD: Final = math.log1p(70)
_SAID_MARKED: Final = 0.3
_SAID_LITTLE: Final = 0.2
_UNTOUCHED: Final = 0.6
_TURN: Final = 0.35
_TURN_MARKED: Final = 0.2
_LONG: Final = 3  # paragraphs of an article rather than of a box
_SHORT: Final = 2  # of one below a main heading that looks like the page's
_KNOWN_SHORT: Final = 0.2
_OTHERS: Final = 2  # further parts of a row
# The line below a teaser that leads to the rest.
_GOES_ON = lazy_compile(
    r"^\W{0,3}(?:read|continue|keep reading|learn more|full (?:story|article|post)|more"
    r"|see (?:the )?(?:full|more))\b"
    r"|(?:[阅閱]|[继繼][续續]|查看|展[开開])[^。！？]{0,3}(?:全文|更多|[阅閱][读讀])|[详詳]情|更多",
    re.IGNORECASE,
)


def other_parts(
    s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], base: str, trees: Model
) -> dict[int, str]:
    """Return block → rule, for the parts of a page that are of other articles.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        base: address of the page, or "".
        trees: boosted trees over `SIGNS`.
    """
    first, until = max(rows.title + 1, 0), len(likely)
    while until > first and not likely[until - 1]:
        until -= 1
    if not any(is_headline(s, rows, i) for i in range(first, until)):
        return {}
    scan = _Scan(s, rows, likely, base)
    # Behind the last part that is taken for the article nothing is to be cut.
    last = max(
        (n for n, part in enumerate(scan.parts) if any(likely[j] for j in part[1])), default=-1
    )
    if last < 0:
        return {}
    del scan.parts[last + 1 :]
    return dict.fromkeys(scan.decide(trees), OTHER_PART)


def _least(part: Part) -> float:
    """Return the probability from which a part is cut."""
    told = dict(zip(SIGNS, part.signs, strict=True))
    linked = told["link_share"] >= ALL_LINK and _is_sentence(told)
    # In a list, its own parts are such boxes too.
    if linked and told["boxed"] and not told["list_title"]:
        return _SURE_CARD if told["span_words"] <= _CARD else _SURE_BOX
    return _SURE_MARKED if linked or told["stamped"] else _SURE


def _is_sentence(told: Mapping[str, float]) -> bool:
    """Return whether a part's headline is long enough to tell something."""
    is_short = told["cjk"] > 0 and told["rank"] < NO_RANK
    return told["words"] >= (CJK_WORD * _HEADLINE_HAN if is_short else _HEADLINE)


def _is_foreign(part: Part) -> bool:
    """Return whether a part begins a row of headlines that lead elsewhere, or are dated or signed.

    A heading that does both needs no other beside it where its part ends the page.

    What stands before them has said what the page's headline says, at some length and without
    headings of their look; they and what stands below them say none of it. On held-out gold pages
    no part of an article is such a row.
    """
    told = dict(zip(SIGNS, part.signs, strict=True))
    linked = told["link_share"] >= ALL_LINK and told["leads_elsewhere"] > 0
    leads = linked and told["behind_linked"] == 1
    row = leads or (told["stamped"] > 0 and told["behind_stamped"] == 1)
    return (
        ((row and told["behind_alike"] >= 1) or (linked and _is_signed_heading(told)))
        and told["alike_own"] == 0
        and told["told_before"] >= _LEAD
        and not told["list_title"]
        and told["title_told"] >= _SAID
        and told["title_in_part"] <= _UNSAID
        and told["title_names"] == told["behind_titled"] == 0
        and _is_sentence(told)
        and told["mean_heading"] >= _HEADLINE
        and told["known"] <= _NEWS
        and told["ratio"] <= _NEWS_RATIO
    )


def _is_continued(s: PageBlocks, part: Part, base: str) -> bool:
    """Return whether a part is a teaser: its headline and its last line lead to the same story.

    The text before it has said what the page's headline says, at some length; in a list the parts
    of the article look the same, and what they recommend stands on other sites.

    Args:
        s: the page cut into blocks.
        part: the part.
        base: address of the page, or "".
    """
    told = dict(zip(SIGNS, part.signs, strict=True))
    head = s.blocks[part.head]
    last = next((s.blocks[j] for j in reversed(part.blocks) if s.blocks[j].text.strip()), head)
    return (
        told["link_share"] >= ALL_LINK
        and told["leads_elsewhere"] > 0
        and told["leads_there"] > 0
        and last is not head
        and _GOES_ON.search(last.text) is not None
        and last.href == head.href
        and (not base or same_site(absolute(base, head.href), base))
        and _is_sentence(told)
        and told["told_before"] >= _LEAD
        and told["title_told"] >= _SAID
        and max(told["title_in_part"], told["title_names"], told["behind_titled"]) <= _KIN
        and told["alike_own"] == 0
        and told["known"] <= _NEWS
        and told["ratio"] <= _NEWS_RATIO_TEASER
        and not (told["list_title"] or told["numbered"] or told["question"])
    )


def _is_signed_heading(told: Mapping[str, float]) -> bool:
    """Return whether a part is headed by a heading with a day or a writer, and ends the page."""
    return told["stamped"] > 0 and told["rank"] < NO_RANK and told["ends_page"] > 0


def _is_story(part: Part, rest: float) -> bool:
    """Return whether from a part on to its end the page tells another story than its headline's.

    Several signs agree: what stands before the part has said what the page's headline or summary
    says and comes back to words of its own; none of these stand in most paragraphs from the part
    on, nor the headline's in the part. It is headed by a sentence which it tells, or by what heads
    articles, and is no short box: long, or the first of some of its look.

    Args:
        part: the part.
        rest: share of the paragraphs from it on that have no word of the article.
    """
    told = dict(zip(SIGNS, part.signs, strict=True))
    marked = told["rank"] == 1 or told["stamped"] or told["ruler"] or told["again"]
    if (
        not _is_sentence(told)
        or told["told_before"] < _LEAD
        or any(told[sign] for sign in _OF_PARTS)
        or told["title_in_part"] > _UNSAID
        or told["title_names"] > (_KIN if marked else 0)
        or told["behind_titled"] > _KIN
        or told["known"] > _NEWS
        or told["main_shared"] > _SHARED
        or min(told["untouched"], rest) < _UNTOUCHED
        # Of a story that is only begun, the last line leads to the rest of it.
        or (
            told["paragraphs"] < _LONG
            and told["behind_alike"] < _OTHERS
            and not (marked and told["leads_there"])
            and not (_is_second_headline(told) and rest == 1)
        )
    ):
        return False
    said = told["title_told"]
    if said >= _SAID_LITTLE:
        said = max(said, told["summary_told"])
    turn = rest - told["usual_untouched"]
    if marked:
        return said >= _SAID_MARKED and turn >= _TURN_MARKED
    # Scenes of a report look so too, but the first is no shorter than what leads to it.
    is_scene = told["behind_alike"] > 0 and told["lead_to_item"] < _LEAD_TO_ITEM
    return (
        told["told_before"] >= _LONG_LEAD
        and said >= _SAID
        and turn >= _TURN
        and told["retold"] >= (_RETOLD_WELL if is_scene else _RETOLD)
    )


def _is_second_headline(told: Mapping[str, float]) -> bool:
    """Return whether a part begins with a main heading of the headline's look, and ends the page.

    None of its paragraphs has a word that the article comes back to, and few have any of it.
    """
    return (
        told["rank"] == 1
        and told["like_title"] > 0
        and told["ends_page"] > 0
        and told["paragraphs"] >= _SHORT
        and told["untouched"] == 1
        and told["known"] <= _KNOWN_SHORT
    )


def scan_parts(
    s: PageBlocks,
    rows: BlockFeatures,
    likely: Sequence[bool],
    base: str,
    is_other: Callable[[Part], bool],
) -> set[int]:
    """Return the blocks of the parts that are judged to be of other articles.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether it is taken for the article.
        base: address of the page, or "".
        is_other: the judgement; it is asked in page order.
    """
    scan = _Scan(s, rows, likely, base)
    return scan.run(is_other) if scan.parts else set()


class _Scan(PageParts):
    """One walk over the parts of a page, which judges each."""

    def run(self, is_other: Callable[[Part], bool]) -> set[int]:
        """Judge the parts in order, each as `is_other` says."""
        known, found = self._begin(), set[int]()
        for i, blocks, boxed in self.parts:
            part = self._next(i, blocks, boxed, known, found)
            if part is None:
                continue
            if is_other(part):
                self._take(part, known, found)
            else:
                self._leave(part, known)
        return found

    def decide(self, trees: Model) -> set[int]:
        """Judge the parts in order; those of one look that stand in a row are judged together.

        Each part of the row must be another's rather than the article's, and all together must be
        surely so: what one of them lacks in certainty, the next ones may add.
        """
        known, found = self._begin(), set[int]()
        rows: list[list[Part]] = []
        at = 0
        while at < len(self.parts):
            row = self._row(at, trees, known, found)
            part = self._next(*self.parts[at], known, found)
            at += 1
            if part is None:
                continue
            if not row:
                self._leave(part, known)
                continue
            for part in row:
                self._read(known, part.blocks.start, found)
                self._take(part, known, found)
            rows.append(row)
        for row in rows:
            if self._is_amid(row, found):
                found.difference_update(j for part in row for j in part.blocks)
        return found

    def _row(self, at: int, trees: Model, known: KnownWords, found: set[int]) -> list[Part]:
        """Return the parts of others that begin at one part, or none where they are not sure."""
        row: list[Part] = []
        odds, foreign = 0.0, False
        for n in range(at, len(self.parts)):
            i, blocks, boxed = self.parts[n]
            if row and self._look(i) != self._look(row[0].head):
                if i in found:
                    continue
                break
            part = self._next(i, blocks, boxed, known, found)
            if part is None:
                if row:
                    continue
                break
            chance = trees.score([part.signs])[0]
            if not row and self._is_led(i):
                # A digest begins with the first of its stories.
                return [part] if chance >= _SURE else []
            if not row:
                foreign = _is_foreign(part) or _is_story(part, self.turn(i, known))
                foreign = foreign or _is_continued(self.s, part, self.base)
            least = _least(part)
            likely = _LIKELY_PLAIN if least == _SURE else min(least, _LIKELY)
            if part.signs[_LISTED]:
                # What a list or a report by the minute holds is unlike what stood before.
                likely = least
            if chance < likely and not foreign:
                break
            if not row:
                # What is only supposed must leave no trace where it does not hold.
                known, found = known.copy(), set(found)
            odds += math.log(chance / (1 - chance + 1e-9))
            row.append(part)
            self._take(part, known, found)
        if not row or self._is_line_amid(row):
            return []
        if foreign:
            return row
        least = min(map(_least, row))
        return row if odds >= math.log(least / (1 - least)) else []

    def _is_line_amid(self, row: Sequence[Part]) -> bool:
        """Whether what opens a part is a paragraph that is one link, amid paragraphs like it.

        Papers set what they recommend between paragraphs in the same element, and the text goes on
        behind it. Headlines of other articles are headings, stand in a box, or come in a row.
        """
        s, part = self.s, row[0]
        signs = dict(zip(SIGNS, part.signs, strict=True))
        if len(row) > 1 or signs["rank"] < NO_RANK or signs["link_share"] < ALL_LINK:
            return False
        if signs["boxed"] or signs["stamped"] or signs["breaks_off"] or signs["leads_there"]:
            return False
        told = [j for j in self.told if self.likely[j]]
        before = max((j for j in told if j < part.head), default=-1)
        behind = min((j for j in told if j > part.head), default=-1)
        if before < 0 or behind != part.head + 1:
            return False
        looks = {
            (s.parents[e], s.tags[e], s.lookalikes[e])
            for e in (s.blocks[j].container for j in (before, part.head, behind))
        }
        return len(looks) == 1

    def _is_led(self, head: int) -> bool:
        """Whether a headline of the same look stands before the text began to be judged."""
        look = self._look(head)
        first = self.parts[0][0]
        return any(
            self._look(i) == look and (i < first or self.sizes[i] < self.sizes[first] + OWN)
            for i in takewhile(head.__gt__, self.heads)
        )

    def _is_amid(self, row: Sequence[Part], others: set[int]) -> bool:
        """Whether parts lead nowhere and the article goes on behind them in the element it left.

        Other articles amid a text are cards that lead to them; a question and its answer, an aside
        or a step is not.
        """
        s = self.s
        if any(s.blocks[j].link_chars for part in row for j in part.blocks):
            return False
        own = [j for j in self.told if self.likely[j] and j not in others]
        before = {s.parents[s.blocks[j].container] for j in own if j < row[0].blocks.start}
        behind = {s.parents[s.blocks[j].container] for j in own if j >= row[-1].blocks.stop}
        return not before.isdisjoint(behind)

    def _next(
        self, i: int, blocks: range, boxed: bool, known: KnownWords, found: set[int]
    ) -> Part | None:
        """Return a part with its signs; None where it is judged already, or nothing is told yet."""
        if i in found:
            return None
        self._read(known, blocks.start, found)
        return self._measure(i, blocks, boxed, known) if known.told >= OWN else None

    def _take(self, part: Part, known: KnownWords, found: set[int]) -> None:
        """Take a part for another article's."""
        known.is_other = True
        known.count += 1
        found.update(part.blocks)
        for j in part.blocks:
            known.others |= self._words(j)

    def _leave(self, part: Part, known: KnownWords) -> None:
        """Take a part for the article's own."""
        known.is_other = False
        look = self._look(part.head)
        known.looks[look] = known.looks.get(look, 0) + 1
