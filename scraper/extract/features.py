"""What the classifier knows of a block: one row of numbers for each, `FEATURES` names them.

Most say where a block stands rather than what it says: how much sentence-like text its element, its
parents and its look-alikes hold, and how far it is from the element that holds most. Lengths are in
words; a CJK character counts 0.6 of one on pages that are mostly CJK.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from scraper.extract.blocks import Segments
from scraper.extract.lexicons import ELEMENT_WORDS, TEXT_WORDS
from scraper.extract.standing import NEAR_COLUMNS, Looks, Near, Tree, article_orders
from scraper.extract.wording import NO_WORDS, Wording, squash, title_likeness, words

__all__ = ["FEATURES", "Hints", "Rows", "measure", "squash", "words"]

_ENDS: Final = frozenset(".!?。！？…:：")
_CLOSING: Final = '"”’»」』）)]'
_CUT_OFF: Final = ("...", "…", "...]", "…]", "...)", "…)")
_DIGIT = re.compile(r"\d")
_UPPER = re.compile(r"[A-Z]")
_ARTICLE_PATHS: Final = (".htm", ".shtml", "/article", "/a/", "/news/", "/story", "/20", "/p/")


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_TAGS: Final = {
    tag: number
    for number, tag in enumerate(
        _names(
            "p div li h1 h2 h3 h4 h5 h6 td th section article blockquote figcaption pre dt dd span "
            "header footer body center aside main button form ul label address figure"
        ),
        1,
    )
}
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class Hints(NamedTuple):
    """What the head of the page says about the article: headline, summary, body in JSON-LD."""

    title: str = ""
    summary: str = ""
    body: str = ""


@dataclass(slots=True)
class Rows:
    """The measured page.

    Attributes:
        candidates: the blocks that may be article text; the others are plain entries of menus.
        rows: one row of features for each candidate.
        words: number of words (CJK characters) of each block, nearly.
        sentences: how much sentence-like text each block holds, in words.
        title: the block that is the headline, or -1.
        articles: for each element, which of the page's outermost ``<article>`` it is in (0: none).
        cjk: whether the page is mostly in CJK characters.
    """

    candidates: list[int] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    sentences: list[float] = field(default_factory=list)
    title: int = -1
    articles: list[int] = field(default_factory=list)
    cjk: bool = False


@lru_cache(maxsize=2_000)
def _link_kind(href: str) -> int:
    """0 none, 1 within the page or a script, 2 an article by its path, 3 any other address."""
    if not href or href[0] == "#" or href.startswith(("javascript", "mailto", "tel")):
        return 1 if href else 0
    return 2 if href.count("-") > 2 or any(part in href for part in _ARTICLE_PATHS) else 3


_BLOCK = _names(
    "tag parent_tag grandparent_tag depth length chars_per_word link_share links broken bold_share "
    "button_share hidden pause_share stops stop_share full_end cut_off digits capitals link_kind "
    "copies in_summary in_json likeness"
)
_PLACE = _names(
    "position words_before sentences_before blocks page_words page_sentences sentence_share "
    "from_title has_title from_first_long to_last_long cjk articles"
)
_AROUND = _names(
    "best_up best_down share_own share_parent share_grand share_great direct_own direct_parent "
    "direct_grand density_parent density_grand count_parent count_grand look_count look_share "
    "look_density look_sentences look_mean kind_count kind_density kind_sentences "
    "group_own group_best group_density title_up title_down titles_since article_order "
    "title_article"
)
_NEIGHBOUR = _names("length link_share stops tag kinship")
FEATURES: Final[tuple[str, ...]] = (
    *_BLOCK,
    *_PLACE,
    *_AROUND,
    *(f"near_{name}" for name in ELEMENT_WORDS),
    *(f"near_tag_{column}" for column in range(NEAR_COLUMNS)),
    *(f"says_{name}" for name in TEXT_WORDS),
    *(f"{where}_{name}" for where in ("prev1", "prev2", "next1", "next2") for name in _NEIGHBOUR),
    "sentences_before5",
    "sentences_after5",
    "words_before5",
    "words_after5",
    "from_heading",
    "heading_level",
    *(f"heading_says_{name}" for name in TEXT_WORDS),
)


def measure(s: Segments, hints: Hints) -> Rows:
    """Measure every block of a page.

    Args:
        s: the page cut into blocks.
        hints: what the head of the page says about the article.

    Returns:
        One row of numbers for each candidate, in the order of `FEATURES`, and what was counted.
    """
    blocks, parents, tags = s.blocks, s.parents, s.tags
    count = len(blocks)
    if not count:
        return Rows()
    lines = Wording(s)
    length, sentence = lines.length, lines.sentence
    tree = Tree(s, lines.linked)
    tree.add(length, sentence)
    looks, kinds = Looks(s, 3), Looks(s, 1)
    looks.add(length, lines.linked, sentence)
    kinds.add(length, lines.linked, sentence)
    best = tree.best()
    distances, near = tree.distances(best), Near(s)
    likeness, title_at = title_likeness(s, lines, hints.title)
    title_element = blocks[title_at].container if title_at >= 0 else 0
    title_distances, orders = tree.distances(title_element), article_orders(s)
    title_article = orders[title_element]
    summary, body = " ".join(hints.summary.lower().split()), " ".join(hints.body.lower().split())
    has_body = len(body) > 200
    copies: dict[str, int] = {}
    for text in lines.lowered:
        copies[text] = copies.get(text, 0) + 1
    page_words, page_length = sum(lines.words) or 1, sum(length) or 1.0
    page_sentences = sum(sentence) or 1.0
    long = [i for i in range(count) if sentence[i] >= 20]
    first_long, last_long = (long[0], long[-1]) if long else (0, count - 1)
    articles = tags.count("article")
    tag_numbers = [_TAGS.get(tag, 0) for tag in tags]
    sums_of = [tree.sentence[e] / page_sentences for e in range(len(parents))]
    owns_of = [tree.own[e] / page_sentences for e in range(len(parents))]
    neighbours = [
        [length[i], lines.link[i], lines.stops[i], tag_numbers[block.container]]
        for i, block in enumerate(blocks)
    ]
    sentence_sums = list(accumulate(sentence, initial=0.0))
    length_sums = list(accumulate(length, initial=0.0))
    densities = [tree.density(e) for e in range(len(parents))]
    outside: list[float] = [-1, -1, -1, -1, -1]
    rows: list[list[float]] = []
    words_before, sentences_before, titles = 0, 0.0, 0
    heading_at, heading_level, heading_found = -1, -1, NO_WORDS
    candidates: list[int] = []
    for i, block in enumerate(blocks):
        text, e, n = block.text, block.container, length[i]
        p = parents[e] if e > 0 else 0
        q = parents[p] if p > 0 else 0
        r = parents[q] if q > 0 else 0
        size, start, lowered, found = len(text), text[:100], lines.lowered[i], lines.found[i]
        looked, kind = looks.sums[looks.keys[i]], kinds.sums[kinds.keys[i]]
        # Another main headline after the article's own opens another article.
        titles += i > title_at and tags[e] == "h1"
        if (
            # A short link that no look-alike and no neighbour accompanies with a sentence. On the
            # gold pages, 0.2% of the article's words are lost by this, on lists of links.
            lines.link[i] > 0.9
            and n < 12
            and not looked[3]
            and not tree.sentence[p]
            and tags[e] not in _HEADINGS
        ):
            if found[0]:
                heading_at, heading_found, heading_level = i, found, 9
            words_before += lines.words[i]
            continue
        candidates.append(i)
        row: list[float] = [
            tag_numbers[e],
            tag_numbers[p],
            tag_numbers[q],
            s.depths[e],
            n,
            size / (lines.words[i] or 1),
            lines.link[i],
            block.links,
            block.broken,
            block.bold_chars / size,
            block.button_chars / size,
            s.hidden[e],
            lines.pauses[i] / (n + 1),
            lines.stops[i],
            lines.stops[i] / (n + 1),
            1 if text.rstrip(_CLOSING)[-1:] in _ENDS else 0,
            1 if text.endswith(_CUT_OFF) else 0,
            len(_DIGIT.findall(start)) / len(start),
            len(_UPPER.findall(start)) / len(start),
            _link_kind(block.href),
            copies[lowered],
            1 if size > 25 and lowered[:70] in summary else 0,
            (1 if lowered[:90] in body else -1) if has_body and size > 12 else 0,
            likeness[i],
            # place in the page
            i / count,
            words_before / page_words,
            sentences_before / page_sentences,
            count,
            page_words,
            page_sentences,
            page_sentences / page_length,
            i - title_at if title_at >= 0 else -999,
            1 if title_at >= 0 else 0,
            i - first_long,
            last_long - i,
            lines.cjk,
            articles,
            # what stands around it
            *distances[e],
            sums_of[e],
            sums_of[p],
            sums_of[q],
            sums_of[r],
            owns_of[e],
            owns_of[p],
            owns_of[q],
            densities[p],
            densities[q],
            tree.count[p],
            tree.count[q],
            looked[0],
            looked[1] / page_length,
            looked[2] / (looked[1] or 1),
            looked[3] / page_sentences,
            looked[1] / looked[0],
            kind[0],
            kind[2] / (kind[1] or 1),
            kind[3] / page_sentences,
            owns_of[tree.groups[e]],
            1 if tree.groups[e] == best else 0,
            densities[tree.groups[e]],
            *title_distances[e],
            titles,
            orders[e],
            1 if orders[e] == title_article else 0,
        ]
        row += near.of(e)
        row += found
        for j in (i - 1, i - 2, i + 1, i + 2):
            if 0 <= j < count:
                other = blocks[j].container
                row += neighbours[j]
                row.append(1 if other == e else 2 if parents[other] == parents[e] else 0)
            else:
                row += outside
        before, after = max(0, i - 5), min(count, i + 6)
        row += [
            sentence_sums[i] - sentence_sums[before],
            sentence_sums[after] - sentence_sums[i + 1],
            length_sums[i] - length_sums[before],
            length_sums[after] - length_sums[i + 1],
            i - heading_at if heading_at >= 0 else 99,
            heading_level,
        ]
        row += heading_found
        rows.append(row)
        if n < 25 and (tags[e] in _HEADINGS or (n < 15 and block.bold_chars > 0.8 * size)):
            heading_at, heading_found = i, found
            heading_level = int(tags[e][1]) if tags[e] in _HEADINGS else 8
        elif n < 12 and found[0]:
            heading_at, heading_found, heading_level = i, found, 9
        words_before += lines.words[i]
        sentences_before += sentence[i]
    return Rows(
        candidates=candidates,
        rows=rows,
        words=lines.words,
        sentences=sentence,
        title=title_at,
        articles=orders,
        cjk=lines.cjk,
    )
