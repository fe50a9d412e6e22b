"""Headings that open something other than the article, and how far what they open reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.boilerplate_rules import Rules, SectionRule, heading_finders
from scraper.extraction.count_lines import counts_only
from scraper.extraction.features import BlockFeatures
from scraper.extraction.listed_values import is_value
from scraper.text.patterns import lazy_compile

__all__ = [
    "HEADINGS",
    "INNER_PARTS",
    "MAX_HEADING",
    "PARAGRAPH",
    "is_listed",
    "is_untold",
    "openings",
    "section_cuts",
    "sure_sections",
]

# Words from which a sentence-like block is a paragraph of the article, not a line of furniture.
PARAGRAPH: Final = 20
_SENTENCE: Final = 6  # such words of a short paragraph
HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Elements whose lines are entries, cells, code, captions or quotations rather than lines of a text.
INNER_PARTS: Final = frozenset(
    ("li", "dd", "dt", "td", "th", "pre", "code", "figcaption", "blockquote")
)
_EDGES: Final = (
    " \t\n\u3000:：|｜丨>》»›＞<《«【】[]〖〗「」『』“”\"'’‘…·•●■▶►▼◆★☆"
    "=+-—–_*#~!！?？.。,，、()（）"
)
MAX_HEADING: Final = 40
_MOST_VALUES: Final = 300  # headings of a page that may be an item of a list
_MAX_TITLE: Final = 120
_UNSIGNED: Final = 2
_FEWEST_SAID: Final = 4  # characters of a subheading on what readers say; 评论 is a button
_ALL_LINK: Final = 0.9  # share of a line
_MAX_COUNT: Final = 30  # characters of a line that counts readers or views
_PARTS: Final = 3  # elements between two paragraphs and what holds both
_FEW_BEHIND: Final = 60  # blocks behind a heading that are looked at for the next one
# A reader's name before what the reader says; what people in a story say stands in quotes.
_SPOKEN: Final = lazy_compile(
    r"[^:：,，。.!?！？“「\"]{1,24}(?<![说說称稱道问問示出])[:：]\s?[^\s“「\"'‘『]"
)
_ENDS: Final = (".", "!", "?", "。", "！", "？", "…", ":", "：", ";", "；")


def _box(s: PageBlocks, likely: Sequence[float], total: float, element: int) -> int:
    """Return the largest element around a heading that holds little of the article."""
    box = element
    for e in s.ancestors(element):
        if likely[e] > 0.1 * total:
            break
        box = e
    return box


def _begun(s: PageBlocks, ends: Sequence[int], i: int) -> int:
    """Return the largest element that begins with a block."""
    box = s.blocks[i].container
    before = s.blocks[i - 1].container if i else -1
    for e in s.ancestors(box):
        if e <= before < ends[e]:
            break
        box = e
    return box


def section_cuts(
    s: PageBlocks,
    rows: BlockFeatures,
    likely: Sequence[bool],
    opened: Mapping[int, SectionRule],
    lines: Mapping[int, str],
    passed: Collection[int] = (),
) -> dict[int, str]:
    """Return block → rule, for headings of foreign sections and what they open.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        opened: the headings, as `openings` finds them.
        lines: block → rule, for lines that are known by themselves.
        passed: blocks, as adverts, that say nothing of whether the text goes on behind them.
    """
    cuts: dict[int, str] = {}
    if not opened:
        return cuts
    inside = [0.0] * len(s.parents)
    for i, block in enumerate(s.blocks):
        inside[block.container] += rows.words[i] * likely[i]
    for e in range(len(inside) - 1, 0, -1):
        inside[s.parents[e]] += inside[e]
    total = inside[0] or 1.0
    ends = s.subtree_ends()
    # For each block the last paragraph before it.
    marks = (i if likely[i] and n >= PARAGRAPH else -1 for i, n in enumerate(rows.sentences))
    paragraphs = list(accumulate(marks, max))
    last = max((i for i, n in enumerate(rows.sentences) if likely[i] and n >= PARAGRAPH), default=0)
    told = list(accumulate(n * keep for n, keep in zip(rows.words, likely, strict=True)))
    for i, rule in opened.items():
        block = s.blocks[i]
        cuts[i] = rule.name
        box = _box(s, inside, total, block.container)
        boxed = inside[block.container] <= 0.1 * total
        sure = _begun(s, ends, i) if rule.sure else None
        # Before the article it is a link to that section, as “14 comments” below a headline.
        between = _is_between(s, rows, likely, i, paragraphs[i], passed, readers=rule.other)
        if between and rule.rest and rule.other and _is_subheading(s, i):
            del cuts[i]
            continue
        rest = rule.rest and told[i] >= 0.5 * told[-1] and not between
        for j in range(i + 1, len(s.blocks)):
            at = s.blocks[j].container
            begun = sure is not None and sure <= at < ends[sure]
            within = begun or (boxed and box <= at < ends[box])
            inner = rest or within or is_listed(s, rows, j)
            if j in opened or not (inner or (i > last and (j in lines or is_untold(s, rows, j)))):
                break
            if j in lines and not inner:
                continue
            # A paragraph of the article may follow a heading that sounds like furniture.
            if rest or begun or not likely[j] or rows.sentences[j] < PARAGRAPH:
                cuts[j] = rule.name
    return cuts


def _is_between(
    s: PageBlocks,
    rows: BlockFeatures,
    likely: Sequence[bool],
    i: int,
    before: int,
    passed: Collection[int],
    *,
    readers: bool,
) -> bool:
    """Whether a line, as the count of comments, stands between a paragraph and another of its text.

    What it would open has names and times of its own, or elements of its own. Where the text goes
    on at once, in the element and by the tag of the paragraph before, the line opens nothing; what
    only counts, and what is no text by itself, as an advert, may stand between.
    """
    if before < 0:
        return False
    heading = next((e for e in s.ancestors(s.blocks[i].container) if s.tags[e] in HEADINGS), 0)
    if heading and not _is_headed_again(s, rows, likely, i, heading):
        # Readers sign what they write: paragraphs in a row without a name are the article's.
        behind = range(i + 1, min(i + 1 + _UNSIGNED, len(s.blocks)))
        told = [j for j in behind if likely[j] and rows.sentences[j] >= _SENTENCE]
        if not readers or len(told) < _UNSIGNED:
            return False
    one = s.blocks[before].container
    linked = False
    for j in range(i + 1, min(i + 1 + _FEW_BEHIND, len(s.blocks))):
        if j in passed or counts_only(s, j):
            continue
        if not linked and s.blocks[j].link_chars >= _ALL_LINK * len(s.blocks[j].text):
            # One line that is all link is no text: an advert, or what another article is called.
            linked = True
            continue
        other = s.blocks[j].container
        if likely[j] and rows.sentences[j] >= _SENTENCE:
            alike = s.tags[one] == s.tags[other] and _are_beside(s, one, other)
            return alike and not _SPOKEN.match(s.blocks[j].text)
        beside = _are_beside(s, one, other)
        # Another count may be between them, if its element is no paragraph like theirs.
        unlike = not beside or s.tags[one] != s.tags[other]
        counts = unlike and len(s.blocks[j].text) <= _MAX_COUNT
        if counts and any(map(str.isdigit, s.blocks[j].text)) and j <= i + 2:
            continue
        if s.tags[other] not in HEADINGS or not beside:
            return False
    return False


def _is_subheading(s: PageBlocks, i: int) -> bool:
    """Whether a line amid the text heads a part on what readers say: no count and no button."""
    block = s.blocks[i]
    size = len(block.text.replace(" ", ""))
    marked = s.tags[block.container] in HEADINGS or block.bold_chars >= _ALL_LINK * size
    told = len(block.text) >= _FEWEST_SAID and not any(map(str.isdigit, block.text))
    return marked and told and not (block.link_chars or block.button_chars)


def _are_beside(s: PageBlocks, one: int, other: int) -> bool:
    """Whether two elements have one parent, or parents of one name beside one another.

    Some pages set each few paragraphs of the text into a part of its own.
    """
    for _ in range(_PARTS):
        one, other = s.parents[one], s.parents[other]
        if one == other:
            return True
        named = "." in s.lookalikes[one] or s.tags[one] == "section"
        if one < 0 or other < 0 or s.lookalikes[one] != s.lookalikes[other] or not named:
            return False
    return False


def _is_headed_again(
    s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool], i: int, heading: int
) -> bool:
    """Whether another heading of the same rank follows among the same siblings, and a paragraph."""
    headed = False
    for j in range(i + 1, min(i + 1 + _FEW_BEHIND, len(s.blocks))):
        e = s.blocks[j].container
        if s.parents[e] != s.parents[heading]:
            continue
        if s.tags[e] == s.tags[heading]:
            headed = True
        elif headed:
            return likely[j] and rows.sentences[j] >= PARAGRAPH
    return False


def openings(
    s: PageBlocks, rules: Rules, cells: Collection[int] = (), likely: Sequence[bool] = ()
) -> dict[int, SectionRule]:
    """Return block → rule, for the headings of foreign sections.

    Args:
        s: the page cut into blocks.
        rules: what headings open.
        cells: the blocks in tables of data, which are no headings whatever they read like.
        likely: for each block whether the classifier takes it for the article; where given, an item
            among others of a list of the article is no heading either.
    """
    found: dict[int, SectionRule] = {}
    named: dict[str, SectionRule | None] = {}
    tried_values = 0
    find = heading_finders(rules)
    for i, block in enumerate(s.blocks):
        size = len(block.text)
        # What is all link is an entry of a menu, unless it is marked up as a heading.
        linked = block.link_chars >= size and s.tags[block.container] not in HEADINGS
        if size <= MAX_HEADING and not linked:
            bare = block.text.strip(_EDGES)
            if bare not in named:
                named[bare] = find.rule_of(bare)
            rule = named[bare]
            if rule is None or i in cells:
                continue
            tried_values += 1
            if tried_values > _MOST_VALUES or not (likely and is_value(s, i, likely)):
                found[i] = rule
    return found


def is_listed(s: PageBlocks, rows: BlockFeatures, i: int) -> bool:
    """Whether a block looks like an entry of a list of links."""
    block = s.blocks[i]
    return block.link_chars > 0.6 * len(block.text) and rows.words[i] < 60


def is_untold(s: PageBlocks, rows: BlockFeatures, i: int) -> bool:
    """Whether a block is a line that says no sentence, as a headline in a list is."""
    block = s.blocks[i]
    ended = block.text.rstrip("”’\"')）】」』").endswith(_ENDS)
    return not ended and rows.words[i] < PARAGRAPH and len(block.text) <= _MAX_TITLE


def sure_sections(
    sections: Mapping[int, str], rows: BlockFeatures, likely: Sequence[bool], rules: Rules
) -> set[str]:
    """Return the section rules that are sure of what they cut: all of it follows a paragraph."""
    first = next((i for i, n in enumerate(rows.sentences) if likely[i] and n >= PARAGRAPH), None)
    sure = {rule.name for rule in rules.sections if rule.sure}
    early = {rule for i, rule in sections.items() if first is None or i < first}
    return sure - early
