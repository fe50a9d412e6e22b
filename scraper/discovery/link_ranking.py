"""Finds the article links of a page: those in blocks that repeat like a list of headlines.

Links are grouped by their path of tags and classes. Groups are scored by headline, address and
shape of address; those that look like a list of articles are taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.discovery.site_info import attribute
from scraper.discovery.visit import one_line
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns
from scraper.urls import absolute, same_site

__all__ = [
    "FURNITURE",
    "LABELS",
    "SIDE",
    "Anchor",
    "Items",
    "address_score",
    "address_shape",
    "find_time",
    "learned_anchors",
    "title_of",
]


# Class names and ids of menus, footers, pagers: never a list of articles.
FURNITURE = lazy_compile(
    r"(?:^|[\s_]|(?<!has)(?<!with)(?<!no)(?<!without)-)(?:nav|navbar|navigation|menu|submenu|topbar|footer|foot|foot-?nav|breadcrumbs?|"
    r"crumbs?|pager|pagination|paging|pages|page-?numbers|language|langs?|login|share|social|"
    r"copyright|friend-?links?|site-?map|sub-?nav|tabs?-?nav|tag-?cloud|cookie|skip)(?:$|[\s_-])"
)
# Class names of blocks beside the list: popular, recommended, sponsored.
SIDE = lazy_compile(
    r"(?:^|[\s_-])(?:aside|side|sidebar|side-?bar|rank(?:ing|s)?|hot(?:news|list)?|popular|"
    r"most-?(?:read|viewed|popular)|trending|recommend(?:ed|s)?|promo|sponsored|advert\w*|ads?)"
    r"(?:$|[\s_-])"
)
# Texts of article links that are not headlines.
LABELS = lazy_compile(
    r"(?:read|see|learn|view|show|load)\s+(?:more|full.*|article|the .{0,20})|more|"
    r"continue(?: reading)?|"
    r"\d*\s*(?:comments?|shares?|likes?|views?|评论|評論|跟贴|条评论|則留言|阅读|回复)|"
    r"\d+|[<>«»‹›→…\s]+|(?:next|previous|prev|older|newer)(?: posts?| page)?|"
    r"上一页|下一页|上一頁|下一頁|"
    r"(?:查看|阅读|閱讀|了解|点击|點擊|更多|详情|詳情|全文|内容|內容|详细|>)+",
    re.IGNORECASE,
)

# Path segments that do not lead to an article.
_SECTIONS = frozenset(
    """
    about account advertise ads app apps archive archives author authors category categories channel
    column columnist contact contributors cookie-policy download feed feeds forum help home jobs
    keyword keywords lanmu legal list login logout member members newsletter newsletters page pages
    people podcasts privacy privacy-policy profile profiles register rss search section sections
    shop signin signup sitemap special staff store subscribe subscription tag tags terms topic
    topics user users videos zhuanti
    """.split()  # noqa: SIM905
)
# Those among them below which some software has its articles: /archives/10321.
_ARCHIVES = frozenset({"archive", "archives"})
_FILES = lazy_compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|pdf|docx?|xlsx?|pptx?|zip|rar|7z|apk|exe|dmg|mp[34]|m4a|avi|"
    r"mov|css|js|xml|rss|json)$",
    re.IGNORECASE,
)
_DATE_IN_PATH = lazy_compile(r"(?:19|20)\d\d[-/_]?(?:0?[1-9]|1[0-2])(?:[-/_]?[0-3]?\d)?(?!\d)")
_LONG_NUMBER = lazy_compile(r"\d{5,}")
_WORDS = lazy_compile(r"[^\W\d_]{2,}", re.UNICODE)
# Query parameters that select an article on sites without readable addresses.
_ID_PARAMETERS = frozenset(
    {
        "id", "aid", "nid", "pid", "p", "sn", "tid", "newsid", "news_id", "articleid",
        "article_id", "contentid", "docid", "storyid",
    }
)  # fmt: skip


# Folders whose pages list articles.
_LISTS = frozenset({"page", "tag", "tags", "author", "user", "category"})


def address_score(url: str) -> float:
    """Return how much an address looks like an article's: 0 not at all, 1 or more clearly."""
    parts = urlsplit(url)
    if _FILES.search(parts.path):
        return 0.0
    segments = [segment for segment in parts.path.lower().split("/") if segment]
    query = {key.lower(): value for key, value in parse_qsl(parts.query)}
    by_id = any(key in _ID_PARAMETERS and value for key, value in query.items())
    if not segments:
        return 1.0 if by_id else 0.0
    last = segments[-1].rsplit(".", 1)[0] or segments[-1]
    filed = segments[0] in _ARCHIVES and len(segments) == 2 and _is_key(last)
    if last in _SECTIONS or (segments[0] in _SECTIONS and len(segments) <= 2 and not filed):
        return 0.8 if by_id else 0.0
    dated = _DATE_IN_PATH.search(parts.path) is not None
    if (len(segments) >= 2 and segments[-2] in _LISTS) or (
        last in ("index", "default") and not dated
    ):
        return 0.0
    score = _path_score(last, by_id=by_id, dated=dated)
    if score and parts.path.endswith((".html", ".htm", ".shtml")):
        score += 0.2
    # A number of few digits or a short slug below a section may be an article.
    return score or _faint_score(segments, last)


def _faint_score(segments: Sequence[str], last: str) -> float:
    below = len(segments) >= 2 and (last.isdigit() or len(last) >= 6)
    return 0.5 if below else 0.2


def _path_score(last: str, *, by_id: bool, dated: bool) -> float:
    """Return how much a path looks like an article's, by its last segment.

    Args:
        last: the last segment, without its suffix.
        by_id: whether the query has an article's number.
        dated: whether the path has a date.
    """
    words = _WORDS.findall(last)
    score = 0.8 if dated else 0.0
    has_key = len(last) >= 8 and any(char.isdigit() for char in last)
    if by_id or has_key or _LONG_NUMBER.search(last):
        score += 0.8
    if len(words) >= 4 and len(last) >= 20:
        score += 1.0
    elif len(words) >= 3:
        score += 0.6
    return score


def _is_key(segment: str) -> bool:
    """Return whether a path segment is an article's number or slug, not a year, month or name."""
    if segment.isdigit():
        return not re.fullmatch(r"(?:19|20)\d\d(?:[01]\d)?|\d{1,2}", segment)
    return len(_WORDS.findall(segment)) >= 3


def address_shape(url: str) -> str:
    """Return an address without the parts that vary between articles: numbers, slugs, dates."""
    parts = urlsplit(url)
    shaped = []
    for segment in parts.path.split("/"):
        stem, dot, suffix = segment.rpartition(".")
        stem, suffix = (stem, suffix) if dot and len(suffix) <= 5 else (segment, "")
        if any(char.isdigit() for char in stem):
            stem = "9"
        elif len(_WORDS.findall(stem)) >= 3:
            stem = "slug"
        shaped.append(f"{stem}.{suffix}" if suffix else stem)
    keys = sorted(key for key, _ in parse_qsl(parts.query))
    return f"{'/'.join(shaped)}?{'&'.join(keys)}"


_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{3,7})?\.?"
_CLOCK = r"(?:[ T]{0,3}\d{1,2}:\d{2}(?::\d{2})?)?"
_TIME = lazy_compile(
    rf"(?:19|20)\d\d\s?[-/.年]\s?\d{{1,2}}\s?[-/.月]\s?\d{{1,2}}\s?日?{_CLOCK}"
    rf"|\b{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    rf"|\b\d{{1,2}} {_MONTHS},? (?:19|20)\d\d"
    rf"|(?:\d{{1,3}}|半)\s?(?:秒|分钟|分鐘|个?小时|個?小時|天|日|周|週|个月|個月)前"
    r"|(?<![\w.])(?:\d{1,3}|an?) ?(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|"
    r"d(?:ays?)?|w(?:eeks?)?) ago"
    rf"|(?:今天|今日|昨天|昨日|前天) ?\d{{1,2}}:\d{{2}}"
    rf"|刚刚|剛剛|(?<!\w)just now(?!\w)"
    rf"|(?<![\d./-])\d{{1,2}}[-/月]\d{{1,2}}日? \d{{1,2}}:\d{{2}}"
    rf"|(?<![\d月])\d{{1,2}}月\d{{1,2}}[日号號]"
    # Shorter forms are times only if they stand alone, as in a column of dates.
    rf"|(?:(?<=^)|(?<=[\s\[(（【|·•]))(?:(?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])|昨天|昨日|前天|今天"
    rf"|[Yy]esterday|[Tt]oday|{_MONTHS} \d{{1,2}}|\d{{1,2}} {_MONTHS})(?=$|[\s\])）】|·•,])"
)


def find_time(text: str) -> str:
    """Return the first date or time in a text, as printed, or ""."""
    match = _TIME.search(text)
    return match[0].strip() if match else ""


# Number of ancestors compared: beyond them, blocks of one page no longer differ.
_PATH_DEPTH = 6
_ITEM_DEPTH = 5
_LANDMARK_DEPTH = 25
# Columns above which a text is a headline whatever surrounds it.
_HEADLINE = 16
_HEADINGS = "h1, h2, h3, h4, h5, h6"
# Elements that hold the main content, whatever their classes.
_CONTENT = frozenset({"main", "article"})


@dataclass(slots=True)
class Anchor:
    """A link that is being scored.

    Attributes:
        node: the element.
        url: absolute address.
        title: its headline, or "".
        path: its path of tags and classes.
        score: how much its address looks like an article's.
        rank: its position among the page's links.
        side: whether it is beside the list (popular, recommended).
        marked: whether its item's markup shows an article: its headline is a heading, or a time is
            beside it.
    """

    node: LexborNode
    url: str
    title: str
    path: str
    score: float
    rank: int
    side: bool
    marked: bool = False


def learned_anchors(tree: LexborHTMLParser, base: str, url: str) -> list[Anchor]:
    """Return the article links that a page lists, in its order, without a selector.

    Args:
        tree: the page.
        base: base address of its links.
        url: its address.
    """
    anchors = _candidates(tree, base, url)
    groups: defaultdict[str, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        groups[anchor.path].append(anchor)
    shapes = _common_shapes(anchors)
    chosen = [
        anchor
        for group in groups.values()
        if _is_list_of_headlines(group, shapes)
        for anchor in group
        if columns(anchor.title) >= (4 if anchor.marked else 8) or not anchor.title
    ]
    # A sidebar lists popular articles, seldom new ones; but a page may have nothing else.
    central = [anchor for anchor in chosen if not anchor.side]
    if len({anchor.url for anchor in central}) >= 5:
        chosen = central
    titled = {anchor.url for anchor in chosen if anchor.title}
    chosen = [anchor for anchor in chosen if anchor.url in titled]
    return sorted(chosen, key=lambda anchor: anchor.rank)


def _candidates(tree: LexborHTMLParser, base: str, url: str) -> list[Anchor]:
    anchors: list[Anchor] = []
    here = absolute(url, "")
    place_of, is_in_prose = _Places(tree), _Prose()
    for rank, node in enumerate(tree.css("a[href]")):
        address = absolute(base, attribute(node, "href"))
        if not address or address == here or not same_site(address, url):
            continue
        score = address_score(address)
        if score <= 0:
            continue
        place = place_of(node)
        if place == "furniture" or is_in_prose(node):
            continue
        title = title_of(node)
        side = place == "side"
        anchors.append(Anchor(node, address, title, _path(node), score, rank, side))
    _name_and_mark(anchors)
    return anchors


def _name_and_mark(anchors: Sequence[Anchor]) -> None:
    """Give links without text the heading of their item; mark items with an article's markup."""
    addresses = {attribute(anchor.node, "href"): anchor.url for anchor in anchors}
    items = Items(lambda href: addresses.get(href, ""))
    titled = {anchor.url for anchor in anchors if columns(anchor.title) >= 8}
    for anchor in anchors:
        nameless = anchor.url not in titled and columns(anchor.title) < 8
        short = columns(anchor.title) < _HEADLINE
        if not (nameless or short):
            continue
        item = items.around(anchor.node, anchor.url)
        heading = item.css_first(_HEADINGS)
        said = one_line(heading.text(separator=" ")) if heading is not None else ""
        if not anchor.title and nameless and heading is not None and not LABELS.fullmatch(said):
            anchor.title = said
        dated = item.css_first("time") is not None or bool(
            find_time(item.text(separator=" ")[:_MARK_CHARACTERS])
        )
        is_heading = bool(said) and said == anchor.title
        anchor.marked = bool(anchor.title) and (is_heading or dated) and item is not anchor.node


_MARK_CHARACTERS = 300


class Items:
    """Finds the item of a link: the largest block around it that leads to no other article.

    Args:
        article_at: function that returns the article's address for an ``href`` as printed, or "".
    """

    def __init__(self, article_at: Callable[[str], str]) -> None:
        self._article_at = article_at
        # Cached: each link of a block with thousands would scan it again.
        self._led_to: dict[int, frozenset[str]] = {}

    def around(self, node: LexborNode, url: str) -> LexborNode:
        """Return the item of a link to the article at `url`: at least the link itself."""
        item = node
        for ancestor in _ancestors(node, _ITEM_DEPTH):
            key = ancestor.mem_id
            if key not in self._led_to:
                self._led_to[key] = self._first_two(ancestor)
            if self._led_to[key] - {url}:
                break
            item = ancestor
        return item

    def _first_two(self, block: LexborNode) -> frozenset[str]:
        """Return the first two articles that a block leads to: an item has only one."""
        found: set[str] = set()
        for link in block.css("a[href]"):
            if address := self._article_at(attribute(link, "href")):
                found.add(address)
                if len(found) == 2:
                    break
        return frozenset(found)


def _common_shapes(anchors: Sequence[Anchor]) -> set[str]:
    """Return the shapes of addresses of at least five headlines of the page."""
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for anchor in anchors:
        if columns(anchor.title) >= _HEADLINE:
            titles[address_shape(anchor.url)].add(anchor.url)
    return {shape for shape, urls in titles.items() if len(urls) >= 5}


def _is_list_of_headlines(group: Sequence[Anchor], shapes: set[str]) -> bool:
    """Return whether a group of links in blocks of one shape is a list of headlines."""
    urls = {anchor.url for anchor in group}
    widths = sorted(columns(anchor.title) for anchor in group if anchor.title) or [0]
    headline = widths[len(widths) // 2]
    address = sum(anchor.score for anchor in group) / len(group)
    common = sum(address_shape(anchor.url) in shapes for anchor in group) / len(group)
    # A strong address (date, long number, slug) needs little else; a weak one must repeat.
    if address >= 0.8 or common >= 0.8:
        if headline >= 12 or (not any(a.title for a in group) and common >= 0.8):
            return True
    elif address >= 0.5 and headline >= 20 and len(urls) >= 4:
        return True
    # Short headlines and short addresses, in items with an article's markup.
    marked = sum(anchor.marked for anchor in group) / len(group)
    return marked >= 0.8 and len(urls) >= 3 and headline >= 6 and address > 0.1


def _classes(node: LexborNode) -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()


def _ancestors(node: LexborNode, depth: int) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None and depth > 0 and parent.tag not in ("body", "html", "-undef"):
        yield parent
        parent, depth = parent.parent, depth - 1


class _Places:
    """Returns the place of a link: ``furniture`` (menu, footer, pager), ``side`` or ``main``."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        # Names on outer elements ("has-menu", "with-footer") describe the page, not a block.
        self._half = max(3, sum(map(_is_telling, tree.css("a[href]"))) // 2)
        self._known: dict[int, str] = {}

    def __call__(self, node: LexborNode) -> str:
        place = "main"
        for near, ancestor in enumerate((node, *_ancestors(node, _LANDMARK_DEPTH))):
            if ancestor.tag in ("nav", "footer"):
                # A card may have its own footer.
                if ancestor.tag == "nav" or not _is_in_card(ancestor):
                    return "furniture"
                continue
            if near >= 10:
                continue
            said = self._of(ancestor)
            if said == "furniture" and near < 8:
                return said
            if said == "side":
                place = said
        return place

    def _of(self, element: LexborNode) -> str:
        key = element.mem_id
        if key not in self._known:
            self._known[key] = self._read(element)
        return self._known[key]

    def _read(self, element: LexborNode) -> str:
        words = _classes(element)
        if FURNITURE.search(words) and element.tag not in _CONTENT and not self._is_page(element):
            return "furniture"
        return "side" if element.tag == "aside" or SIDE.search(words) else "main"

    def _is_page(self, element: LexborNode) -> bool:
        """Return whether a block holds half of the page's headlines, and so is the page itself."""
        if element.tag in ("a", "ul", "li", "span", "p"):
            return False
        return sum(map(_is_telling, element.css("a[href]"))) > self._half


def _is_telling(node: LexborNode) -> bool:
    return columns(one_line(node.text(), 200)) >= _HEADLINE


def _is_in_card(element: LexborNode) -> bool:
    return any(ancestor.tag in ("article", "li") for ancestor in _ancestors(element, 3))


class _Prose:
    """Returns whether a link is within the sentences of a paragraph, like a reference."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def __call__(self, node: LexborNode) -> bool:
        parent = node.parent
        while parent is not None and parent.tag in ("strong", "b", "em", "i", "span", "u"):
            parent = parent.parent
        if parent is None or parent.tag not in ("p", "blockquote", "dd"):
            return False
        if parent.mem_id not in self._texts:
            self._texts[parent.mem_id] = one_line(parent.text(), 2_000)
        whole, text = self._texts[parent.mem_id], one_line(node.text())
        before = whole.partition(text)[0] if text else whole
        rest = columns(whole) - columns(text)
        return (
            bool(text)
            and rest > 3 * columns(text)
            and columns(before) > 12
            and not find_time(before)
        )


def _path(node: LexborNode) -> str:
    steps = []
    for element in (node, *_ancestors(node, _PATH_DEPTH)):
        first = (element.attributes.get("class") or "").split()[:1]
        name = "".join(c for c in (first[0] if first else "") if not c.isdigit())
        steps.append(f"{element.tag}.{name}")
    return ">".join(steps)


def title_of(node: LexborNode) -> str:
    """Return the headline of a link: its heading, text, title, or its picture's text."""
    for selector in (_HEADINGS, "[class*=title]", "[class*=headline]"):
        heading = node.css_first(selector)
        if heading is not None and heading.mem_id != node.mem_id:
            text = one_line(heading.text(separator=" "))
            if columns(text) >= 8:
                return text
    text = one_line(node.text(separator=" "))
    attributes = node.attributes
    said = one_line(attributes.get("title") or attributes.get("aria-label") or "")
    # The title attribute has a truncated headline ("Openness pays, say…") in full.
    if said and (not text or text.endswith(("…", "..."))):
        text = said
    if not text:
        picture = node.css_first("img[alt]")
        text = one_line(picture.attributes.get("alt") or "") if picture is not None else ""
    return "" if LABELS.fullmatch(text) else text
