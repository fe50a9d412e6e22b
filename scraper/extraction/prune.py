"""Decides for each block whether it is the article, and says why not.

The classifier proposes; the rules cut what they know. A rule that would cut most of the likely body
is overruled: a class name or heading then means something else on this page.

What the names of elements tell of the blocks inside: boilerplate, captions, furniture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from typing import Final

from scraper.extraction.address import is_report, speaks_to_nobody
from scraper.extraction.appeals import APPEAL, appeals
from scraper.extraction.blocks import PageBlocks
from scraper.extraction.boilerplate_rules import (
    LineRule,
    Rules,
    either,
    finder,
    line_finders,
)
from scraper.extraction.boundaries import other_parts
from scraper.extraction.cards import cards
from scraper.extraction.classifier import Model
from scraper.extraction.closing_lines import CLOSING_LINE, closing_lines
from scraper.extraction.copies import COPY, copies
from scraper.extraction.count_lines import COUNT_LINE, behind_counts, count_lines
from scraper.extraction.credit_rows import credit_rows
from scraper.extraction.dependent_parts import CODE_CONTROLS, code_controls, dependent_parts
from scraper.extraction.features import BlockFeatures
from scraper.extraction.headlines import HEADLINE, headline_cuts, headline_of
from scraper.extraction.hidden_text import hidden_text, is_shown_too
from scraper.extraction.link_promotions import LINK_PROMOTION, link_promotions
from scraper.extraction.listed_values import data_cells, is_value
from scraper.extraction.metadata.person_names import is_usual_name
from scraper.extraction.offers import OFFER, offers
from scraper.extraction.other_articles import (
    boxes,
    next_articles,
    other_articles,
    streams,
    teasers,
)
from scraper.extraction.pull_quotes import PULL_QUOTE, pull_quotes
from scraper.extraction.readers_tables import table_words
from scraper.extraction.readers_words import signed_words, spoken_lines
from scraper.extraction.record_tables import RECORD_TABLE, record_tables
from scraper.extraction.replied_words import replied_words
from scraper.extraction.restoration import belonging
from scraper.extraction.ruled_articles import ruled_articles
from scraper.extraction.sections import (
    HEADINGS,
    MAX_HEADING,
    PARAGRAPH,
    is_listed,
    is_untold,
    openings,
    section_cuts,
    sure_sections,
)
from scraper.extraction.series import parts_of_series
from scraper.extraction.siblings import among_siblings
from scraper.extraction.small_boxes import (
    AUTHOR_BOX,
    BOX_HEADING,
    author_boxes,
    box_headings,
    sign_up_boxes,
)
from scraper.record import record

__all__ = [
    "BYLINE",
    "CLASSIFIER",
    "HEADLINE",
    "HIDDEN",
    "NO_WORDS",
    "Named",
    "Pruned",
    "named",
    "prune",
]


_MOST_NAMES: Final = 50_000


@record
class Named:
    """Block → rule, for the blocks inside elements that rules name.

    Attributes:
        cuts: what is cut.
        captions: captions of pictures.
        head, tail: what is cut before the first paragraph, after the last.
    """

    cuts: Mapping[int, str]
    captions: Mapping[int, str]
    head: Mapping[int, str]
    tail: Mapping[int, str]


class _Names:
    """Which rules name an element, looked up once for each class, id or role name there is."""

    def __init__(self, rules: Rules) -> None:
        captions = {name: rule.name for rule in rules.captions for name in rule.names}
        places = ("anywhere", "head", "tail")
        self._lookups: list[Callable[[str], str | None]] = [_lookup(rules, at) for at in places]
        self._lookups.append(captions.get)
        self._known: dict[str, tuple[str, str, str, str]] = {}
        self._none = ("", "", "", "")
        self._whole = captions.keys() | {n for rule in rules.elements for n in rule.names}
        # Most names fit no pattern.
        self._any = either([rule.pattern for rule in rules.elements if rule.pattern])

    def of(self, naming: str) -> tuple[str, str, str, str]:
        """Return the rules that cut anywhere, in head and tail, and that tell a caption."""
        known, told = self._known, self._none
        for name in naming.split():
            found = known.get(name)
            if found is None:
                if len(known) > _MOST_NAMES:
                    known.clear()
                found = self._none
                if name in self._whole or self._any(name):
                    cut, head, tail, caption = (lookup(name) or "" for lookup in self._lookups)
                    found = (cut, head, tail, caption)
                known[name] = found
            if found != self._none:
                told = (
                    told[0] or found[0],
                    told[1] or found[1],
                    told[2] or found[2],
                    told[3] or found[3],
                )
        return told


def _lookup(rules: Rules, where: str) -> Callable[[str], str | None]:
    """Return what looks up the rule that cuts an element of a name at a place."""
    meant = [rule for rule in rules.elements if rule.where == where]
    cuts: dict[str, str] = {}
    for rule in reversed(meant):
        cuts.update(dict.fromkeys(rule.names, rule.name))
    patterns = [(r.pattern.search, r.name) for r in meant if r.pattern]

    def look(name: str) -> str | None:
        return cuts.get(name) or next((rule for matches, rule in patterns if matches(name)), None)

    return look


@lru_cache(maxsize=8)
def _names_of(rules: Rules) -> _Names:
    return _Names(rules)


def named(s: PageBlocks, rules: Rules) -> Named:
    """Return which blocks stand in elements that rules name, and in all that is inside those."""
    cuts: dict[int, str] = {}
    captions: dict[int, str] = {}
    head: dict[int, str] = {}
    tail: dict[int, str] = {}
    parents, tags, words, of = s.parents, s.tags, s.words, _names_of(rules).of
    figcaption = rules.captions[0].name if rules.captions else ""
    for e in range(1, len(parents)):
        p = parents[e]
        names = words[e] if tags[e] not in HEADINGS else _classes(s, e)
        cut, early, late, caption = of(names) if names else ("", "", "", "")
        if not caption and tags[e] == "figcaption":
            caption = figcaption
        for found, own in ((cuts, cut), (head, early), (tail, late)):
            if p in found:
                found[e] = found[p]
            elif own:
                found[e] = own
        if p in captions:
            captions[e] = captions[p]
        elif caption:
            captions[e] = caption
    return Named(
        cuts=_inside(s, cuts),
        captions=_inside(s, captions),
        head=_inside(s, head),
        tail=_inside(s, tail),
    )


def _classes(s: PageBlocks, heading: int) -> str:
    """Return the class names of a heading; its id is made of its own words."""
    node = s.nodes[heading] if s.words[heading] else None
    return ((node.attributes.get("class") or "") if node is not None else "").lower()


def _inside(s: PageBlocks, elements: Mapping[int, str]) -> dict[int, str]:
    """Block → rule, for the blocks inside elements."""
    if not elements:
        return {}
    return {i: elements[b.container] for i, b in enumerate(s.blocks) if b.container in elements}


BYLINE: Final = "byline"
CLASSIFIER: Final = "classifier"
HIDDEN: Final = "hidden"
LIST_HEADING: Final = "list-heading"
NO_WORDS: Final = "no-words"

# A single rule may cut this share of the words that the classifier takes for the article.
_MOST: Final = 0.5
# Words of sentences that make a text of its own before what a rule cuts.
_OWN_TEXT: Final = 60
# Lines within so many blocks of the article are tried for line rules.
_NEAR: Final = 12
# What may stand between a cell's text and its row, and the longest text of a cell of data.
_TABLE_CELLS: Final = frozenset(("td", "th"))
_BEHIND: Final = 4  # blocks behind a heading that may stand before the text goes on
_LISTED: Final = 2  # entries behind a heading that make a list
_CELLS: Final = frozenset(("td", "th", "p", "div", "span"))
_MAX_CELL: Final = 160
_MAX_CAPTION: Final = 240


@record
class Pruned:
    """The decision.

    Attributes:
        rules: for each block "" when it is kept, else the name of the rule that cut it.
        texts: what is left of each block after trimming.
        trimmed: (block, rule, what was cut) for each trimmed end or beginning.
    """

    rules: tuple[str, ...]
    texts: tuple[str, ...]
    trimmed: tuple[tuple[int, str, str], ...] = ()


def _line_cuts(
    s: PageBlocks,
    rows: BlockFeatures,
    likely: Sequence[bool],
    own: Sequence[bool],
    rules: Rules,
    names: Named,
    cells: Collection[int],
    only: Set[int] | None = None,
) -> tuple[dict[int, str], list[tuple[int, str, str]]]:
    """Block → rule for whole lines, and what is trimmed off others; of some blocks, or of all."""
    body = [i for i, size in enumerate(rows.sentences) if own[i] and size >= PARAGRAPH]
    first, last = (body[0], _last(s, rows, body, rules)) if body else (len(likely), -1)
    cuts: dict[int, str] = {}
    trims: list[tuple[int, str, str]] = []
    finders = line_finders(rules)
    # Far from the article everything is cut anyway; naming a rule for it is not worth the time.
    near = [i for i, keep in enumerate(likely) if keep]
    rowed = _rowed(s)
    tried = range(max(0, near[0] - _NEAR), min(len(likely), near[-1] + _NEAR)) if near else ()
    for i in tried if only is None else sorted(only & set(tried)):
        block = s.blocks[i]
        text = behind_counts(block)
        size = len(text)
        if (furniture := _furniture(s, rows, names, i, first, last)) is not None:
            cuts[i] = furniture
            continue
        heads = i < first
        headed = heads and (block.container in rowed or s.tags[block.container] in HEADINGS)
        for rule, find in finders.of(text, head=heads, tail=i > last):
            if headed and rule.where == "head":
                continue
            match = find(text)
            if match is None or i in cells or is_value(s, i, likely):
                continue
            if rule.links and block.link_chars < 0.5 * len(block.text):
                continue
            if _is_told(s, rows, rule, match, i, first):
                continue
            if rule.trim and 0 < len(match.group()) < size:
                trims.append((i, rule.name, match.group()))
            else:
                cuts[i] = rule.name
            break
    return cuts, trims


def _last(s: PageBlocks, rows: BlockFeatures, body: Sequence[int], rules: Rules) -> int:
    """Return the last paragraph, but for those at the end that rules for lines there cut.

    What the publisher says of the author and of the text is often as long as a paragraph.
    """
    ending = [r for r in rules.lines if r.where != "head" and not r.trim and not r.links]
    finders = [(rule, finder(rule.pattern)) for rule in ending]
    for at in reversed(body[1:]):
        text = s.blocks[at].text
        found = (
            (rule, match)
            for rule, find in finders
            if len(text) <= rule.max_chars and (match := find(text))
        )
        if all(_is_told(s, rows, rule, match, at, body[0]) for rule, match in found):
            return at
    return body[0]


def _is_told(
    s: PageBlocks, rows: BlockFeatures, rule: LineRule, match: re.Match[str], at: int, first: int
) -> bool:
    """Return whether a line that a rule matches reads like the report itself.

    It does where it neither bids the reader nor means the page, and where it is on somebody whom
    the sentences from the first paragraph on name.
    """
    block = s.blocks[at]
    if rule.address and not block.link_chars:
        heads = s.tags[block.container] in HEADINGS and speaks_to_nobody(block.text)
        if heads or is_report(block.text):
            return True
    name = match.groupdict().get("who")
    if not name:
        return False
    surname = name.split()[-1]
    return any(rows.sentences[i] and surname in s.blocks[i].text for i in range(first, at))


def _rowed(s: PageBlocks) -> frozenset[int]:
    """Return the cells of rows that have several: a date there is a value, not the page's own."""
    cells: dict[int, list[int]] = {}
    for e, tag in enumerate(s.tags):
        if tag in ("td", "th"):
            cells.setdefault(s.parents[e], []).append(e)
    return frozenset(e for row in cells.values() if len(row) > 1 for e in row)


def _furniture(
    s: PageBlocks, rows: BlockFeatures, names: Named, at: int, first: int, last: int
) -> str | None:
    """Return what tells a short line before or behind the text by its element or its form."""
    if rows.sentences[at] >= PARAGRAPH:
        return None
    if at > last:
        return names.tail.get(at)
    if at >= first:
        return None
    # An author's name in a line of its own is no part of what is told.
    signed = 0 <= rows.title < at and is_usual_name(s.blocks[at].text)
    return names.head.get(at) or (BYLINE if signed else None)


def _whole_tables(s: PageBlocks, rows: BlockFeatures, decided: list[str]) -> None:
    """Keep or cut a row of a table as a whole: half a row of figures says something else."""
    if "tr" not in s.tags:
        return
    by_row: dict[int, list[int]] = {}
    for i, block in enumerate(s.blocks):
        for e in s.ancestors(block.container):
            if s.tags[e] == "tr":
                by_row.setdefault(e, []).append(i)
                break
            if s.tags[e] not in _CELLS:
                break
    tables: dict[int, list[int]] = {}
    for row in by_row:
        for e in s.ancestors(row):
            if s.tags[e] == "table":
                tables.setdefault(e, []).append(row)
                break
    for lines in tables.values():
        cells = [i for row in lines for i in by_row[row]]
        open_to_doubt = [i for i in cells if decided[i] in ("", CLASSIFIER, NO_WORDS)]
        size = sum(len(s.blocks[i].text) for i in open_to_doubt)
        kept = sum(len(s.blocks[i].text) for i in open_to_doubt if not decided[i])
        # Layout tables hold paragraphs, lists and links; tables of data hold short cells.
        if len(lines) < 2 or any(len(s.blocks[i].text) > _MAX_CELL for i in cells):
            continue
        if kept * 2 > size:
            for i in open_to_doubt:
                decided[i] = ""


def _restored(
    s: PageBlocks, rows: BlockFeatures, decided: Sequence[str], captions: Mapping[int, str]
) -> list[int]:
    """Return the captions that lie between the headline and the article's end."""
    kept = [i for i, rule in enumerate(decided) if not rule]
    if not kept:
        return []
    first = rows.title if 0 <= rows.title < kept[0] else kept[0]
    return [
        i
        for i in captions
        if first < i <= kept[-1] + 1
        and decided[i] == CLASSIFIER
        and rows.words[i]
        and len(s.blocks[i].text) <= _MAX_CAPTION
        and not is_listed(s, rows, i)
    ]


def _list_headings(s: PageBlocks, rows: BlockFeatures, decided: Sequence[str]) -> Iterator[int]:
    """Yield what heads a cut list of links in a cell of a table that lays the page out.

    Old pages set their columns as cells: the heading stands in a cell above or beside the list, and
    no cell with a paragraph of the text is its own.
    """
    if "td" not in s.tags:
        return
    told: set[int] = set()  # cells with a paragraph of the text
    for i, rule in enumerate(decided):
        if not rule and rows.sentences[i] >= PARAGRAPH:
            told.update(e for e in s.ancestors(s.blocks[i].container) if s.tags[e] in _TABLE_CELLS)
    cells = data_cells(s)
    for i, rule in enumerate(decided):
        if rule or i in cells or not is_untold(s, rows, i) or len(s.blocks[i].text) > MAX_HEADING:
            continue
        cell = next((e for e in s.ancestors(s.blocks[i].container) if s.tags[e] in _TABLE_CELLS), 0)
        if not cell or cell in told:
            continue
        behind = range(i + 1, min(i + 1 + _LISTED, len(decided)))
        if len(behind) == _LISTED and all(decided[j] and is_listed(s, rows, j) for j in behind):
            yield i


def _overruled(
    cuts: Mapping[int, str], rows: BlockFeatures, likely: Sequence[bool], others: Collection[str]
) -> set[str]:
    """Return the rules that would cut most of what the classifier takes for the article.

    A rule of `others` that cuts nothing but what stands behind a text of its own, from the headline
    on, is believed however much that is: a stream of articles is longer than a short one.
    """
    total = sum(n for n, keep in zip(rows.words, likely, strict=True) if keep)
    cost: dict[str, int] = {}
    first: dict[str, int] = {}
    for i, rule in cuts.items():
        if likely[i]:
            cost[rule] = cost.get(rule, 0) + rows.words[i]
            first[rule] = min(first.get(rule, i), i)
    told = list(
        accumulate(
            rows.sentences[i] if likely[i] and i not in cuts and i > rows.title else 0
            for i in range(len(likely))
        )
    )
    return {
        rule
        for rule, words in cost.items()
        if words > _MOST * total and not (rule in others and told[first[rule]] >= _OWN_TEXT)
    }


def _take_back(s: PageBlocks, rows: BlockFeatures, decided: list[str], base: str) -> None:
    """Keep what the classifier cut though it belongs to what is kept."""

    def open_(rule: str) -> bool:
        return rule in (CLASSIFIER, NO_WORDS)

    for taken_back in (belonging, among_siblings):
        for i in taken_back(s, rows, decided, open_, base):
            decided[i] = ""
    for i in parts_of_series(s, rows, decided, open_):
        decided[i] = ""


def prune(
    s: PageBlocks,
    rows: BlockFeatures,
    likely: Sequence[bool],
    rules: Rules,
    base: str = "",
    boundaries: Model | None = None,
) -> Pruned:
    """Combine the classifier's choice with the rules.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        rules: what else is known to be boilerplate.
        base: address of the page.
        boundaries: tells other articles of the page from parts of its own, or None.

    Returns:
        For each block, whether it is kept or which rule cut it.
    """
    rows = replace(rows, title=headline_of(s, rows, likely))
    names = named(s, rules)
    captions = names.captions
    hidden = {i: HIDDEN for i, block in enumerate(s.blocks) if s.hidden[block.container] >= 1}
    faint = hidden_text(s, rows.words, likely)
    beside = other_articles(s, rows, likely) | teasers(s, rows, likely)
    beside |= streams(s, rows, likely, base) | next_articles(s, rows, likely)
    beside |= replied_words(s, rows, likely) | boxes(s, rows, likely, base)
    beside |= signed_words(s, rows, likely) | sign_up_boxes(s, rows, likely)
    beside |= spoken_lines(s, rows, likely) | cards(s, rows, likely, base)
    beside |= ruled_articles(s, rows, likely) | table_words(s, rows, likely)
    if boundaries is not None:
        left = [keep and i not in beside for i, keep in enumerate(likely)]
        beside |= other_parts(s, rows, left, base, boundaries)
    cells = data_cells(s)
    opened = openings(s, rules, cells, likely)
    others = {rule.name for rule in rules.elements if rule.other}
    others |= {rule.name for rule in rules.sections if rule.other}
    # Where the article ends must be known before what stands behind it, and comments may be long.
    behind = {j for i in opened for j in range(i + 1, i + 1 + _BEHIND)}
    passed = _line_cuts(s, rows, likely, likely, rules, names, cells, behind)[0]
    passed |= {i: rule for i, rule in names.cuts.items() if rule not in others} | hidden
    foreign = section_cuts(s, rows, likely, opened, {}, passed).keys() | beside.keys()
    own = [keep and i not in foreign for i, keep in enumerate(likely)]
    lines, trims = _line_cuts(s, rows, likely, own, rules, names, cells)
    sections = section_cuts(s, rows, likely, opened, lines, passed)
    sure = {rule.name for rule in rules.elements if rule.sure}
    sure |= {rule.name for rule in rules.lines if rule.sure}
    sure |= sure_sections(sections, rows, likely, rules)
    if is_shown_too(s, rows.words, likely, hidden):
        sure.add(HIDDEN)
    # What the publisher says behind a short text is often longer.
    others |= {rule.name for rule in rules.lines if rule.where == "tail"}
    cuts: dict[int, str] = {}
    for found in ({} if rows.cjk else captions, lines, sections, names.cuts, hidden):
        out = _overruled(found, rows, likely, others) - sure
        cuts |= {i: rule for i, rule in found.items() if rule not in out}
    cuts = faint | beside | cuts | headline_cuts(s, rows, likely)
    decided: list[str] = []
    for i, keep in enumerate(likely):
        if i in cuts:
            decided.append(cuts[i])
        elif not keep:
            decided.append(CLASSIFIER)
        else:
            decided.append("" if rows.words[i] else NO_WORDS)
    _whole_tables(s, rows, decided)
    if rows.cjk:
        for i in _restored(s, rows, decided, captions):
            decided[i] = ""
    _take_back(s, rows, decided, base)
    for i in copies(s, rows, decided):
        decided[i] = COPY
    for i in code_controls(s):
        decided[i] = CODE_CONTROLS
    for i in dependent_parts(s, decided, lambda rule: rule in (CLASSIFIER, NO_WORDS)):
        decided[i] = ""
    title = s.blocks[rows.title].text if rows.title >= 0 else ""
    by_words: tuple[tuple[str, Callable[[], Iterable[int]]], ...] = (
        (PULL_QUOTE, lambda: pull_quotes(s, decided)),
        (OFFER, lambda: offers(s, decided)),
        (APPEAL, lambda: appeals(s, decided, rules, title)),
        (RECORD_TABLE, lambda: record_tables(s, rows, decided)),
        (LINK_PROMOTION, lambda: link_promotions(s, rows, decided, base)),
        (CLOSING_LINE, lambda: closing_lines(s, rows, decided, title)),
        (BOX_HEADING, lambda: box_headings(s, rows, decided)),
        (AUTHOR_BOX, lambda: author_boxes(s, rows, decided)),
    )
    # Each reads what the ones before it have left.
    for name, find in by_words:
        for i in find():
            decided[i] = name
    for i in count_lines(s, rows, decided, likely, cells):
        decided[i] = COUNT_LINE
    for i, rule in credit_rows(s, rows, decided, cells).items():
        decided[i] = rule
    for i in _list_headings(s, rows, decided):
        decided[i] = LIST_HEADING
    texts = [block.text for block in s.blocks]
    done = []
    for i, rule, part in trims:
        if not decided[i]:
            texts[i] = texts[i].replace(part, "", 1).strip()
            done.append((i, rule, part))
    return Pruned(rules=tuple(decided), texts=tuple(texts), trimmed=tuple(done))
