"""What a page shows a reader at first sight: titles, visible text, links. Evidence for verdicts."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.record import record
from scraper.text.month_names import MONTH_START
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns_without_blanks as width

__all__ = ["MAX_SOURCE", "PageView", "claims_article", "has_prose", "view_page"]

_SEPARATORS = lazy_compile(
    r"(?<!\s)\s++[-–—|·:»>/]++\s+|[|_｜–—]+|\s{0,9}[:：]\s+|(?<=[\u4e00-\u9fff])-"
)
# Declarations by which a page says that it is an article (Open Graph, schema.org), in lower case,
# each behind a string that stands in all that it matches.
_CLAIMS = (
    ("og:type", lazy_compile(r"og:type[\"'][^>]{0,80}[\"']article[\"']")),
    ("og:type", lazy_compile(r"[\"']article[\"'][^>]{0,40}og:type")),
    (
        '"@type"',
        lazy_compile(
            r"\"@type\"\s*+:\s*+\[?\s*+\"(?:news|blog|tech|scholarly|reportage\w*|opinion\w*|analysis\w*)?"
            r"(?:article|posting)\""
        ),
    ),
    ("articlebody", lazy_compile(r"itemprop=[\"']?articlebody")),
    ("schema.org/", lazy_compile(r"schema\.org/(?:news)?article")),
)
# Types of script elements that a browser runs (HTML, section 4.12.1); the others hold data.
_RUNS = lazy_compile(
    r"(?:module|(?:text|application)/(?:x-)?(?:java|ecma|j|live)script[\d.]*+)?", re.IGNORECASE
)
_MONTH = rf"{MONTH_START}[a-z]{{0,6}}\.?"
_DATE = lazy_compile(
    r"(?:19|20)\d\d ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2}|\d{1,2}[-/.月]\d{1,2}[日 ] ?\d{1,2}:\d\d"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d|\d{{1,2}} {_MONTH},? (?:19|20)\d\d"
    r"|\d{1,2}/\d{1,2}/(?:19|20)\d\d|\d{1,2}\.\d{1,2}\.(?:19|20)\d\d"
    r"|\d ?(?:minutes?|hours?|days?) ago|\d ?(?:分钟|小时|分鐘|小時|天)前",
    re.IGNORECASE,
)
# Lists as schema.org names them; one of crumbs or of related stories stands on articles too.
_LIST = lazy_compile(
    r"\"@type\"\s*+:\s*+\[?\s*+\"(?:itemlist|collectionpage|searchresultspage|blog)\""
)
_OG_TYPE = lazy_compile(r"og:type[\"']\s+content=[\"'](\w+)")
# What metadata calls a date, in lower case.
_DATE_NAMES = (
    "datepublished", "datemodified", "pubdate", "publishdate", "publish_time", "dc.date",
    "date.issued",
)  # fmt: skip
_TIME = lazy_compile(r"<time\b")
_HIDDEN = (
    "script, style, template, noscript, svg, [hidden], "
    "[style*='display:none'], [style*='display: none']"
)
_FRAME = "a[href], nav, footer, aside, select"
_SENTENCE_END = lazy_compile(r"[.!?…。！？；」』”\"')）]\s*$")
MAX_SOURCE = 400_000
_CARD_DEPTH = 4


@record
class PageView:
    """First sight of a page.

    Attributes:
        source: the decoded source, at most 400,000 characters.
        titles: title, first headings and their segments, candidates for a message.
        headings: headings below those, and their segments.
        visible: all text that is shown, blanks folded.
        plain: what of it stands neither in links nor in the frame (navigation, footer, asides).
        scripted: whether it has scripts that run: JSON in a script element draws nothing.
        claims_article: whether its metadata says that it is an article.
        claims_list: whether its metadata says that it is a list, of articles perhaps.
        link_texts: texts of its links, without blanks.
        linked_headings: headings that are links or hold one.
        cards: text of the blocks that hold one such heading, without blanks.
        headline_links: number of links as long as a headline.
        link_share: share of the visible text that stands in links.
        dated: whether a date stands on it or in its metadata.
        longest_run: longest run of paragraphs of prose beside one another.
        section: whether its address is that of a front page or a section.
    """

    source: str
    titles: tuple[str, ...]
    headings: tuple[str, ...]
    visible: str
    plain: str
    scripted: bool
    claims_article: bool
    claims_list: bool
    link_texts: frozenset[str]
    linked_headings: tuple[str, ...]
    cards: str
    headline_links: int
    link_share: float
    dated: bool
    longest_run: int
    section: bool = False

    def is_link(self, line: str) -> bool:
        """Return whether a line is the text of a link."""
        return "".join(line.split()) in self.link_texts

    def focus(self, text: str, *, whole_page: bool) -> str:
        """Return what is read for messages: titles, text and, of a small page, all it shows."""
        return "\n".join([*self.titles, *self.headings, text, self.visible if whole_page else ""])


def claims_article(lowered: str) -> bool:
    """Return whether the metadata of a page says that it is an article.

    Args:
        lowered: the decoded source in lower case, at most `MAX_SOURCE` characters.
    """
    # The literals are looked for first: on a page of 400,000 characters that takes a hundredth of
    # the time of the expressions.
    if "article:published_time" in lowered or "schema.org/blogposting" in lowered:
        return True
    return any(
        literal in lowered and claim.search(lowered) is not None for literal, claim in _CLAIMS
    )


def claims_list(lowered: str) -> bool:
    """Return whether the metadata of a page says that it is a list, and of what articles.

    Args:
        lowered: as `claims_article` takes it.
    """
    if "article:published_time" in lowered or ("itemprop" in lowered and "articlebody" in lowered):
        return False
    og_type = _OG_TYPE.search(lowered)
    if og_type is not None and og_type[1] == "article":
        return False
    return _LIST.search(lowered) is not None


def _is_dated(lowered: str, visible: str) -> bool:
    """Return whether a date stands in the source's metadata or in what a page shows."""
    if any(literal in lowered for literal in _DATE_NAMES) or _TIME.search(lowered) is not None:
        return True
    return _DATE.search(visible) is not None


def has_prose(text: str, columns: int) -> bool:
    """Return whether lines that are sentences make up that many columns."""
    found = 0
    for line in text.splitlines():
        if len(line) >= 30 and _SENTENCE_END.search(line):
            found += width(line)
            if found >= columns:
                return True
    return False


def view_page(html: str, lowered: str, tree: LexborHTMLParser, title: str) -> PageView:
    """Return the first sight of a page.

    Args:
        html: the decoded source.
        lowered: its beginning in lower case, as `claims_article` takes it.
        tree: the parsed source; what it hides and frames is taken out of it here.
        title: headline that extraction found, or "".
    """
    source = html[:MAX_SOURCE]
    printed = tree.css_first("title")
    scripted = any(
        _RUNS.fullmatch((script.attributes.get("type") or "").strip())
        for script in tree.css("script")
    )
    names = [_text(printed) if printed is not None else "", title]
    names += [_text(node) for node in tree.css("h1")[:2]]
    lesser = [_text(node) for node in tree.css("h2")[:3]]
    excuses = [_text(node) for node in tree.css("noscript")[:5]]
    for node in tree.css(_HIDDEN):
        node.decompose()
    visible = _text(tree.body) if tree.body is not None else ""
    if width(visible) < 300:
        # A page that shows nothing speaks through what it shows without scripts.
        visible = " ".join([visible, *(e for e in excuses if "<" not in e)]).strip()
    links = [_text(node) for node in tree.css("a[href]")]
    linked = sum(len(link) for link in links)
    card_titles, cards = _cards(tree)
    run = _longest_run(tree)
    for node in tree.css(_FRAME):
        node.decompose()
    plain = _text(tree.body) if tree.body is not None else ""
    return PageView(
        source=source,
        titles=_candidates(names),
        headings=_candidates(lesser),
        visible=visible,
        plain=plain or visible,
        scripted=scripted,
        claims_article=claims_article(lowered),
        claims_list=claims_list(lowered),
        link_texts=frozenset("".join(link.split()) for link in links if link),
        linked_headings=card_titles,
        cards=cards,
        headline_links=sum(width(link) >= 16 for link in links),
        link_share=linked / max(1, len(visible)),
        dated=_is_dated(lowered, visible),
        longest_run=run,
    )


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def _candidates(names: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        name = " ".join(name.split())[:200]
        segments = [part.strip() for part in _SEPARATORS.split(name) if part and part.strip()]
        # Message first or message last; what stands between is neither.
        for part in (name, *segments[:1], *segments[-1:]):
            if part:
                found[part] = None
    return tuple(found)


def _cards(tree: LexborHTMLParser) -> tuple[tuple[str, ...], str]:
    """Return the headings that are links, and the text of the blocks that hold just one of them."""
    titles: list[str] = []
    blocks: dict[int, LexborNode] = {}
    for node in tree.css("h2, h3, h4"):
        parent = node.parent
        link = node.css_first("a[href]") or (parent if parent and parent.tag == "a" else None)
        # An anchor beside a heading leads to the heading itself.
        if link is None or (link.attributes.get("href") or "").startswith("#"):
            continue
        title = _text(node)
        if width(title) < 14:
            continue
        titles.append(title)
        block = node
        for _ in range(_CARD_DEPTH):
            parent = block.parent
            if parent is None or parent.tag == "body" or len(parent.css("h2, h3, h4")) > 1:
                break
            block = parent
        blocks[block.mem_id] = block
    return tuple(titles), "".join("".join(_text(block).split()) for block in blocks.values())


def _longest_run(tree: LexborHTMLParser) -> int:
    """Return the largest number of paragraphs of prose that share one parent."""
    counts: dict[int, int] = {}
    for node in tree.css("p"):
        parent = node.parent
        if parent is not None and width(_text(node)) >= 60:
            counts[parent.mem_id] = counts.get(parent.mem_id, 0) + 1
    return max(counts.values(), default=0)
