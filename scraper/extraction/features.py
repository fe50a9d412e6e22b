"""What the classifier knows of a block: one row of numbers for each, `FEATURES` names them.

Most say where a block stands rather than what it says: how much sentence-like text its element, its
parents and its look-alikes hold, and how far it is from the element that holds most. Lengths are in
words; a CJK character counts 0.6 of one on pages that are mostly CJK.

What the lines of a page say by themselves: words, sentences, likeness to the headline.

Where the blocks of a page stand: sums over its tree, and over blocks that look alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.word_lists import ELEMENT_WORDS, TEXT_WORDS, element_words, text_words
from scraper.text.patterns import lazy_compile

__all__ = [
    "FEATURES",
    "INTEGRAL",
    "NEAR_COLUMNS",
    "NO_WORDS",
    "BlockFeatures",
    "BlockText",
    "Hints",
    "NearestAncestors",
    "TreeSums",
    "article_orders",
    "lookalike_sums",
    "measure",
    "squashed",
    "title_likeness",
    "words",
]


_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
# The vowel signs of Indic scripts, which Python does not count as letters, are no ends of words.
_SIGNS: Final = "\u0900-\u0963\u0966-\u0dff"
_WORD = lazy_compile(f"[{_CJK}]|(?:[^\\W{_CJK}]|[{_SIGNS}])+")
_CJK_CHAR = lazy_compile(f"[{_CJK}]")
# The same in a text of ASCII characters, in half the time.
_ASCII_WORD = lazy_compile(r"\w+")
_NO_WORD = lazy_compile(r"\W+")
_PAUSES: Final = (",", ";", ":")
_PAUSES_WIDE: Final = ("，", "、", "；", "：")
# A full stop within a number or an address ends no sentence, one before a space or a quote does.
_STOPS: Final = ((".", (". ", '."')), ("!", ("! ", '!"')), ("?", ("? ", '?"')))
_STOPS_WIDE: Final = ("。", "！", "？", "… ", ".”", "!”", "?”", ".»", ".’", "।", "؟")
NO_WORDS: Final = [0] * len(TEXT_WORDS)
# Up to this many characters words are counted one by one; beyond, what the spaces say will do.
_SHORT: Final = 40
# Words up to which a block may be the headline.
_MAX_TITLE: Final = 40


def words(text: str) -> list[str]:
    """Return the words of a text; each CJK character is one."""
    return _ASCII_WORD.findall(text) if text.isascii() else _WORD.findall(text)


def squashed(text: str) -> str:
    """Return letters and digits only, in lower case: what two renderings of a text share."""
    return _NO_WORD.sub("", text.lower())


class BlockText:
    """What can be said of each block by itself."""

    def __init__(self, s: PageBlocks) -> None:
        texts = [block.text for block in s.blocks]
        self.lowered = [text.lower() for text in texts]
        sample = "".join(text[:200] for text in texts[:400])
        self.cjk = not sample.isascii() and len(_CJK_CHAR.findall(sample)) > 0.3 * len(sample)
        self.words = list(map(_count_cjk, texts)) if self.cjk else _counts_spaced(texts)
        self.scale = 0.6 if self.cjk else 1.0
        self.length = [n * self.scale for n in self.words]
        self.link = [
            min(1.0, b.link_chars / len(b.text)) if b.link_chars else 0.0 for b in s.blocks
        ]
        self.linked = [n * share for n, share in zip(self.length, self.link, strict=True)]
        self.pauses, self.stops = [0] * len(texts), [0] * len(texts)
        self.sentence = [0.0] * len(texts)
        self.found: list[list[int]] = []
        known: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            length = self.length[i]
            if length >= 4:
                pauses, stops = _signs(text)
                self.pauses[i], self.stops[i] = pauses, stops
                if length >= 8 and (stops > 0 or pauses > 1):
                    self.sentence[i] = length * (1 - self.link[i]) ** 2
            start = self.lowered[i][:160]
            found = known.get(start)
            if found is None:
                says = text_words(start)
                found = NO_WORDS
                if says:
                    found = NO_WORDS[:]
                    for column in says:
                        found[column] = 1 if length <= 60 else 2
                known[start] = found
            self.found.append(found)


def _counts_spaced(texts: Sequence[str]) -> list[int]:
    ascii_words, wide_words = _ASCII_WORD.findall, _WORD.findall
    return [
        len(text.split())
        if len(text) > _SHORT
        else len(ascii_words(text) if text.isascii() else wide_words(text))
        for text in texts
    ]


def _count_cjk(text: str) -> int:
    if len(text) <= _SHORT:
        return len(_WORD.findall(text))
    # A CJK character has three bytes; six other characters make a word.
    wide = (len(text.encode("utf-8", "surrogatepass")) - len(text)) // 2
    return wide + (len(text) - wide) // 6


def _signs(text: str) -> tuple[int, int]:
    """Return how many pauses and how many ends of sentences a text has."""
    pauses = stops = 0
    for sign in _PAUSES:
        pauses += text.count(sign)
    for mark, signs in _STOPS:
        # Most sentences end with a full stop.
        if mark in text:
            for sign in signs:
                stops += text.count(sign)
    stops += text[-1] in ".!?…"
    if not text.isascii():
        for sign in _PAUSES_WIDE:
            pauses += text.count(sign)
        for sign in _STOPS_WIDE:
            stops += text.count(sign)
    return pauses, stops


def title_likeness(s: PageBlocks, lines: BlockText, title: str) -> tuple[list[float], int]:
    """For each block its likeness to the headline, and which block is the headline (or -1)."""
    wanted = set(words(title.lower()))
    signs = set(title.lower()) if lines.cjk else set(title.lower().split())
    likeness, best, best_score = [0.0] * len(s.blocks), -1, 0.4
    if not wanted:
        return likeness, -1
    for i, block in enumerate(s.blocks):
        lowered = lines.lowered[i]
        # What has no word of the title, however roughly split, is not worth the exact count.
        if lines.length[i] < _MAX_TITLE and not signs.isdisjoint(
            lowered if lines.cjk else lowered.split()
        ):
            have = set(words(lowered))
            if have:
                likeness[i] = len(have & wanted) / len(have | wanted)
        score = likeness[i] + (0.3 if s.tags[block.container] == "h1" else 0.0)
        if score > best_score + 0.05:
            best, best_score = i, score
    return likeness, best


# Elements whose distance above a block counts; those joined by commas share a column.
_NEAR_TAGS: Final = """
article main aside footer header nav form table li,ul,ol blockquote figure,figcaption section
details dl,dd,dt td button
"""
_NEAR: Final = {
    tag: column for column, tags in enumerate(_NEAR_TAGS.split()) for tag in tags.split(",")
}
NEAR_COLUMNS: Final = max(_NEAR.values()) + 1
_FAR: Final = 16
# Elements that lay text out but do not group it: their text counts for the one that does.
_LEAVES: Final = frozenset(
    [
        "p",
        "li",
        "td",
        "pre",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "span",
        "dd",
        "tr",
        "th",
        "ul",
        "ol",
        "font",
        "tbody",
        "table",
        "center",
    ]
)


@lru_cache(maxsize=20_000)
def _element_words(naming: str) -> frozenset[int]:
    return element_words(naming)


class TreeSums:
    """Sums over the elements of a page."""

    def __init__(self, s: PageBlocks, linked: Sequence[float]) -> None:
        self.s = s
        size = len(s.parents)
        self.length, self.linked, self.sentence = [0.0] * size, [0.0] * size, [0.0] * size
        self.count, self.own = [0] * size, [0.0] * size
        self.length_link = linked
        self.groups = [-1] * size

    def add(self, length: Sequence[float], sentence: Sequence[float]) -> None:
        parents, tags = self.s.parents, self.s.tags
        lengths, linked, sentences = self.length, self.linked, self.sentence
        counts, groups = self.count, self.groups
        for block, n, k, told in zip(
            self.s.blocks, length, self.length_link, sentence, strict=True
        ):
            e = block.container
            lengths[e] += n
            linked[e] += k
            sentences[e] += told
            counts[e] += 1
            group = groups[e]
            if group < 0:
                group = e
                while group > 0 and tags[group] in _LEAVES:
                    group = parents[group]
                groups[e] = group
            self.own[group] += told
        for e in range(len(parents) - 1, 0, -1):
            if counts[e]:
                p = parents[e]
                lengths[p] += lengths[e]
                linked[p] += linked[e]
                sentences[p] += sentences[e]
                counts[p] += counts[e]

    def densities(self) -> list[float]:
        """Return for each element which share of its words stands in links."""
        return [n / of if of else 0.0 for n, of in zip(self.linked, self.length, strict=True)]

    def best(self, densities: Sequence[float]) -> int:
        """Return the element that holds most text of its own, as Readability reckons it."""
        parents, own = self.s.parents, self.own
        score = own[:]
        for e in range(1, len(parents)):
            p = parents[e]
            if p > 0 and own[e]:
                score[p] += 0.5 * own[e]
                if parents[p] > 0:
                    score[parents[p]] += 0.25 * own[e]
        rated = [n * (1 - density) for n, density in zip(score, densities, strict=True)]
        return rated.index(max(rated))

    def distances(self, best: int) -> list[tuple[int, int]]:
        """For each element, the steps from `best` and from itself to their common ancestor."""
        parents = self.s.parents
        up = {best: 0}
        for step, e in enumerate(self.s.ancestors(best)):
            up[e] = step
        up[0] = self.s.depths[best]
        found: list[tuple[int, int]] = []
        for e in range(len(parents)):
            if e in up:
                found.append((up[e], 0))
            else:
                from_best, own = found[parents[e]]
                found.append((from_best, own + 1))
        return found


# One step farther, for each number of steps.
_FARTHER: Final = bytes(min(step + 1, _FAR) for step in range(256))


class NearestAncestors:
    """How many steps above a block the nearest element of each kind of words and tags is.

    Attributes:
        rows: for each element one byte for each kind, `_FAR` where there is none near.
    """

    def __init__(self, s: PageBlocks) -> None:
        width = len(ELEMENT_WORDS)
        self.rows = rows = [bytes([_FAR]) * (width + NEAR_COLUMNS)]
        farther: dict[int, bytes] = {}  # rows as the children of an element see them
        for e in range(1, len(s.parents)):
            p = s.parents[e]
            row = farther.get(p)
            if row is None:
                row = farther[p] = rows[p].translate(_FARTHER)
            naming, near = s.words[e], _NEAR.get(s.tags[e])
            marks: Collection[int] = _element_words(naming) if naming else ()
            if marks or near is not None:
                own = bytearray(row)
                for column in marks:
                    own[column] = 0
                if near is not None:
                    own[width + near] = 0
                row = bytes(own)
            rows.append(row)


def lookalike_sums(
    s: PageBlocks,
    levels: int,
    length: Sequence[float],
    linked: Sequence[float],
    sentence: Sequence[float],
) -> list[list[float]]:
    """Return for each block sums over those that look alike: number, words, linked, sentences.

    They have the same tag and first class up to the nth ancestor; blocks that look alike share one
    list.
    """
    labels, parents = s.lookalikes, s.parents
    groups: dict[tuple[object, ...], list[float]] = {}
    known: dict[int, list[float]] = {}
    found: list[list[float]] = []
    for block, n, k, told in zip(s.blocks, length, linked, sentence, strict=True):
        e = block.container
        place = 2 * e + block.broken
        sums = known.get(place)
        if sums is None:
            path, at = [labels[e]], e
            for _ in range(levels - 1):
                at = parents[at] if at > 0 else 0
                path.append(labels[at])
            key = (block.broken, *path)
            sums = known[place] = groups.setdefault(key, [0.0, 0.0, 0.0, 0.0])
        sums[0] += 1
        sums[1] += n
        sums[2] += k
        sums[3] += told
        found.append(sums)
    return found


def article_orders(s: PageBlocks) -> list[int]:
    """For each element, the how-manieth outermost ``<article>`` of the page it is in (0: none)."""
    orders, count = [0], 0
    for e in range(1, len(s.parents)):
        order = orders[s.parents[e]]
        if not order and s.tags[e] == "article":
            count += 1
            order = count
        orders.append(order)
    return orders


_ENDS: Final = frozenset(".!?。！？…:：")
_CLOSING: Final = '"”’»」』）)]'
_CUT_OFF: Final = ("...", "…", "...]", "…]", "...)", "…)")
_DIGIT = lazy_compile(r"\d")
_UPPER = lazy_compile(r"[A-Z]")
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
class BlockFeatures:
    """The measured page.

    Attributes:
        candidates: the blocks that may be article text; the others are plain entries of menus.
        rows: one row of features for each candidate.
        words: number of words (CJK characters) of each block, nearly.
        sentences: how much sentence-like text each block holds, in words.
        title: the block that is the headline, or -1.
        articles: for each element, which of the page's outermost ``<article>`` it is in (0: none).
        cjk: whether the page is mostly in CJK characters.
        summary: what the head of the page says of the article.
    """

    candidates: list[int] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    sentences: list[float] = field(default_factory=list)
    title: int = -1
    articles: list[int] = field(default_factory=list)
    cjk: bool = False
    summary: str = ""


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

# Those that are whole numbers in every row; the others are floats in every row.
INTEGRAL: Final[frozenset[str]] = frozenset((
    *_names(
        "tag parent_tag grandparent_tag depth links broken stops full_end cut_off link_kind "
        "copies in_summary in_json blocks page_words from_title has_title from_first_long "
        "to_last_long cjk articles best_up best_down count_parent count_grand group_best title_up "
        "title_down titles_since article_order title_article from_heading heading_level"
    ),
    *(name for name in FEATURES if name.startswith(("near_", "says_", "heading_says_"))),
    *(f"{at}_{name}" for at in ("prev1", "prev2", "next1", "next2") for name in _NEIGHBOUR[2:]),
))  # fmt: skip


# Longer than our functions are: one pass writes a row of numbers for each block, and its parts
# would hand some thirty columns to one another.
def measure(s: PageBlocks, hints: Hints) -> BlockFeatures:
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
        return BlockFeatures()
    lines = BlockText(s)
    length, sentence = lines.length, lines.sentence
    tree = TreeSums(s, lines.linked)
    tree.add(length, sentence)
    looks = lookalike_sums(s, 3, length, lines.linked, sentence)
    kinds = lookalike_sums(s, 1, length, lines.linked, sentence)
    densities = tree.densities()
    best = tree.best(densities)
    distances, near = tree.distances(best), NearestAncestors(s).rows
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
    sums_of = [told / page_sentences for told in tree.sentence]
    owns_of = [told / page_sentences for told in tree.own]
    neighbours = [
        [length[i], lines.link[i], lines.stops[i], tag_numbers[block.container]]
        for i, block in enumerate(blocks)
    ]
    sentence_sums = list(accumulate(sentence, initial=0.0))
    length_sums = list(accumulate(length, initial=0.0))
    outside: list[float] = [-1.0, -1.0, -1, -1, -1]
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
        looked, kind = looks[i], kinds[i]
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
        row += near[e]
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
    return BlockFeatures(
        candidates=candidates,
        rows=rows,
        words=lines.words,
        sentences=sentence,
        title=title_at,
        articles=orders,
        cjk=lines.cjk,
        summary=hints.summary,
    )
