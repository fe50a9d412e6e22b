"""Decides for each block whether it is the article, and says why not.

The classifier proposes; the rules cut what they know. A rule that would cut most of the likely body
is overruled: a class name or heading then means something else on this page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from scraper.extract.blocks import Segments
from scraper.extract.features import Rows, squash
from scraper.extract.rules import LineRule, Rules, SectionRule, finder, wants_cjk

__all__ = [
    "CLASSIFIER",
    "HEADLINE",
    "HIDDEN",
    "NO_WORDS",
    "OTHER_ARTICLE",
    "Pruned",
    "prune",
]

CLASSIFIER: Final = "classifier"
HEADLINE: Final = "headline"
HIDDEN: Final = "hidden"
NO_WORDS: Final = "no-words"
OTHER_ARTICLE: Final = "other-article"

# A single rule may cut this share of the words that the classifier takes for the article.
_MOST: Final = 0.5
# Words from which a sentence-like block is a paragraph of the article, not a line of furniture.
_PARAGRAPH: Final = 20
# Lines within so many blocks of the article are tried for line rules.
_NEAR: Final = 12
# Words of sentences that the headline's own ``<article>`` must hold before others are cut: on some
# pages it holds the headline only, and each part of the text is an ``<article>`` of its own.
_OWN_TEXT: Final = 60
_EDGES: Final = (
    " \t\n\u3000:：|｜丨>》»›＞<《«【】[]〖〗「」『』“”\"'’‘…·•●■▶►▼◆★☆"
    "=+-—–_*#~!！?？.。,，、()（）"
)
# What may stand between a cell's text and its row, and the longest text of a cell of data.
_CELLS: Final = frozenset(("td", "th", "p", "div", "span"))
_MAX_CELL: Final = 160
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_MAX_HEADING: Final = 40
_MAX_CAPTION: Final = 240
_MOST_NAMES: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
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


class _Names:
    """Which rules name an element, looked up once for each class, id or role name there is."""

    def __init__(self, rules: Rules) -> None:
        self._cuts: dict[str, str] = {}
        for rule in reversed(rules.elements):
            self._cuts.update(dict.fromkeys(rule.names, rule.name))
        self._captions = {name: rule.name for rule in rules.captions for name in rule.names}
        self._patterns = [(r.pattern.search, r.name) for r in rules.elements if r.pattern]
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, naming: str) -> tuple[str, str]:
        """Return the rules that cut, and that tell a caption, by any of an element's names."""
        known, cut, caption = self._known, "", ""
        for name in naming.split():
            found = known.get(name)
            if found is None:
                if len(known) > _MOST_NAMES:
                    known.clear()
                found = known[name] = self._cut(name), self._captions.get(name, "")
            cut, caption = cut or found[0], caption or found[1]
        return cut, caption

    def _cut(self, name: str) -> str:
        if name in self._cuts:
            return self._cuts[name]
        return next((rule for matches, rule in self._patterns if matches(name)), "")


@lru_cache(maxsize=8)
def _names_of(rules: Rules) -> _Names:
    return _Names(rules)


def _named(s: Segments, rules: Rules) -> tuple[dict[int, str], dict[int, str]]:
    """Element → rule, for what rules name and all inside: elements to cut, and captions."""
    cuts: dict[int, str] = {}
    captions: dict[int, str] = {}
    parents, tags, words, of = s.parents, s.tags, s.words, _names_of(rules).of
    figcaption = rules.captions[0].name if rules.captions else ""
    for e in range(1, len(parents)):
        p = parents[e]
        cut, caption = of(words[e]) if words[e] else ("", "")
        if p in cuts:
            cuts[e] = cuts[p]
        elif cut:
            cuts[e] = cut
        if p in captions:
            captions[e] = captions[p]
        elif caption or (figcaption and tags[e] == "figcaption"):
            captions[e] = caption or figcaption
    return cuts, captions


def _inside(s: Segments, elements: Mapping[int, str]) -> dict[int, str]:
    """Block → rule, for the blocks inside elements."""
    if not elements:
        return {}
    return {i: elements[b.container] for i, b in enumerate(s.blocks) if b.container in elements}


def _box(s: Segments, likely: Sequence[float], total: float, element: int) -> int:
    """Return the largest element around a heading that holds little of the article."""
    box = element
    for e in s.ancestors(element):
        if likely[e] > 0.1 * total:
            break
        box = e
    return box


def _begun(s: Segments, i: int) -> int:
    """Return the largest element that begins with a block."""
    box = s.blocks[i].container
    before = set(s.ancestors(s.blocks[i - 1].container)) if i else set()
    for e in s.ancestors(box):
        if e in before:
            break
        box = e
    return box


def _section_cuts(s: Segments, rows: Rows, likely: Sequence[bool], rules: Rules) -> dict[int, str]:
    """Block → rule, for headings of foreign sections and what they open."""
    cuts: dict[int, str] = {}
    if not rules.sections:
        return cuts
    inside = [0.0] * len(s.parents)
    for i, block in enumerate(s.blocks):
        inside[block.container] += rows.words[i] * likely[i]
    for e in range(len(inside) - 1, 0, -1):
        inside[s.parents[e]] += inside[e]
    total = inside[0] or 1.0
    opened = _openings(s, rules)
    for i, rule in opened.items():
        block = s.blocks[i]
        cuts[i] = rule.name
        box = _box(s, inside, total, block.container)
        boxed = inside[block.container] <= 0.1 * total
        sure = _begun(s, i) if rule.sure else None
        for j in range(i + 1, len(s.blocks)):
            around = set(s.ancestors(s.blocks[j].container))
            begun = sure is not None and sure in around
            within = begun or (boxed and box in around)
            if j in opened or not (rule.rest or within or _listed(s, rows, j)):
                break
            # A paragraph of the article may follow a heading that sounds like furniture.
            if rule.rest or begun or not likely[j] or rows.sentences[j] < _PARAGRAPH:
                cuts[j] = rule.name
    return cuts


def _openings(s: Segments, rules: Rules) -> dict[int, SectionRule]:
    """Block → rule, for the headings of foreign sections."""
    found: dict[int, SectionRule] = {}
    plain = [rule for rule in rules.sections if not wants_cjk(rule.pattern)]
    for i, block in enumerate(s.blocks):
        size = len(block.text)
        # What is all link is an entry of a menu, unless it is marked up as a heading.
        linked = block.link_chars >= size and s.tags[block.container] not in _HEADINGS
        if size <= _MAX_HEADING and not linked:
            bare = block.text.strip(_EDGES)
            tried = plain if bare.isascii() else rules.sections
            rule = next((r for r in tried if r.pattern.fullmatch(bare)), None)
            if rule is not None:
                found[i] = rule
    return found


def _listed(s: Segments, rows: Rows, i: int) -> bool:
    """Whether a block looks like an entry of a list of links."""
    block = s.blocks[i]
    return block.link_chars > 0.6 * len(block.text) and rows.words[i] < 60


def _line_cuts(
    s: Segments, rows: Rows, likely: Sequence[bool], rules: Rules
) -> tuple[dict[int, str], list[tuple[int, str, str]]]:
    """Block → rule for whole lines, and what is trimmed off others."""
    body = [i for i, size in enumerate(rows.sentences) if likely[i] and size >= _PARAGRAPH]
    first, last = (body[0], body[-1]) if body else (len(likely), -1)
    cuts: dict[int, str] = {}
    trims: list[tuple[int, str, str]] = []
    finders = [(rule, finder(rule.pattern)) for rule in rules.lines]
    plain_finders = [(rule, find) for rule, find in finders if not wants_cjk(rule.pattern)]
    # Far from the article everything is cut anyway; naming a rule for it is not worth the time.
    near = [i for i, keep in enumerate(likely) if keep]
    for i in range(max(0, near[0] - _NEAR), min(len(likely), near[-1] + _NEAR)) if near else ():
        block = s.blocks[i]
        size = len(block.text)
        for rule, find in plain_finders if block.text.isascii() else finders:
            if size > rule.max_chars or not _applies(rule, i, first, last):
                continue
            match = find(block.text)
            if match is None:
                continue
            if rule.links and block.link_chars < 0.5 * len(block.text):
                continue
            if rule.trim and 0 < len(match.group()) < len(block.text):
                trims.append((i, rule.name, match.group()))
            else:
                cuts[i] = rule.name
            break
    return cuts, trims


def _applies(rule: LineRule, at: int, first: int, last: int) -> bool:
    if rule.where == "head":
        return at < first
    return rule.where == "anywhere" or at > last


def _other_articles(s: Segments, rows: Rows, likely: Sequence[bool]) -> dict[int, str]:
    """Block → rule, for what stands in another ``<article>`` than the headline and its text."""
    home = rows.articles[s.blocks[rows.title].container] if rows.title >= 0 else 0
    if not home:
        return {}
    order = [rows.articles[block.container] for block in s.blocks]
    text = sum(rows.sentences[i] for i, keep in enumerate(likely) if keep and order[i] == home)
    if text < _OWN_TEXT:
        return {}
    # Parts of a list may be articles too; a main headline tells an article in its own right.
    headed = {order[i] for i, b in enumerate(s.blocks) if s.tags[b.container] == "h1"} - {0, home}
    return {i: OTHER_ARTICLE for i in range(rows.title, len(order)) if order[i] in headed}


def _headline(s: Segments, rows: Rows, likely: Sequence[bool]) -> dict[int, str]:
    """Block → rule, for the headline where it stands before the text: it is the title, not text."""
    at = rows.title
    body = next(
        (i for i, size in enumerate(rows.sentences) if likely[i] and size >= _PARAGRAPH), -1
    )
    if at < 0 or at > body or s.tags[s.blocks[at].container] not in ("h1", "h2"):
        return {}
    said = squash(s.blocks[at].text)
    return {i: HEADLINE for i in range(at, body) if squash(s.blocks[i].text) == said}


def _whole_tables(s: Segments, rows: Rows, decided: list[str]) -> None:
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
    s: Segments, rows: Rows, decided: Sequence[str], captions: Mapping[int, str]
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
        and not _listed(s, rows, i)
    ]


def _overruled(cuts: dict[int, str], rows: Rows, likely: Sequence[bool]) -> set[str]:
    """Return the rules that would cut most of what the classifier takes for the article."""
    total = sum(n for n, keep in zip(rows.words, likely, strict=True) if keep)
    cost: dict[str, int] = {}
    for i, rule in cuts.items():
        if likely[i]:
            cost[rule] = cost.get(rule, 0) + rows.words[i]
    return {rule for rule, words in cost.items() if words > _MOST * total}


def _sure(
    sections: Mapping[int, str], rows: Rows, likely: Sequence[bool], rules: Rules
) -> set[str]:
    """Return the section rules that are sure of what they cut: all of it follows a paragraph."""
    first = next((i for i, n in enumerate(rows.sentences) if likely[i] and n >= _PARAGRAPH), None)
    sure = {rule.name for rule in rules.sections if rule.sure}
    early = {rule for i, rule in sections.items() if first is None or i < first}
    return sure - early


def prune(s: Segments, rows: Rows, likely: Sequence[bool], rules: Rules) -> Pruned:
    """Combine the classifier's choice with the rules.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
        rules: what else is known to be boilerplate.

    Returns:
        For each block, whether it is kept or which rule cut it.
    """
    named, captioned = _named(s, rules)
    by_element, captions = _inside(s, named), _inside(s, captioned)
    hidden = {i: HIDDEN for i, block in enumerate(s.blocks) if s.hidden[block.container] >= 1}
    sections = _section_cuts(s, rows, likely, rules)
    lines, trims = _line_cuts(s, rows, likely, rules)
    sure = {rule.name for rule in rules.elements if rule.sure} | _sure(
        sections, rows, likely, rules
    )
    cuts: dict[int, str] = {}
    for found in ({} if rows.cjk else captions, lines, sections, by_element, hidden):
        out = _overruled(found, rows, likely) - sure
        cuts |= {i: rule for i, rule in found.items() if rule not in out}
    cuts |= _other_articles(s, rows, likely)
    cuts |= _headline(s, rows, likely)
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
    texts = [block.text for block in s.blocks]
    done = []
    for i, rule, part in trims:
        if not decided[i]:
            texts[i] = texts[i].replace(part, "", 1).strip()
            done.append((i, rule, part))
    return Pruned(rules=tuple(decided), texts=tuple(texts), trimmed=tuple(done))
