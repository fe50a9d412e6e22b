"""Section and front pages: the article links that they show, by selector or by learning.

A listing repeats itself: its article links stand in blocks of one shape (the same path of tags and
classes), carry headlines and not labels, and lead to addresses of one shape. Links are grouped by
path, groups are scored by the three, and those that score like a list of headlines are taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.characters import decode, scrub
from scraper.discover.headlines import (
    FURNITURE,
    LABELS,
    SIDE,
    address_score,
    address_shape,
    find_time,
    width,
)
from scraper.discover.page_links import base_of, next_page
from scraper.discover.visit import Entry, Visit, Wanted, one_line, printed_time
from scraper.errors import DiscoverError, ExtractError, FetchError
from scraper.models import Discovery, Source
from scraper.urls import absolute, canonical, same_site

__all__ = ["MAX_LINKS", "Listing", "parse_listing", "visit_listing"]

MAX_LINKS = 1_000
# Ancestors that are looked at: beyond them blocks of one page no longer differ.
_PATH_DEPTH = 6
_ITEM_DEPTH = 5
_LANDMARK_DEPTH = 25
_ITEM_CHARACTERS = 600


@dataclass(slots=True)
class _Anchor:
    """A link of the page while it is weighed."""

    node: LexborNode
    url: str
    title: str
    path: str
    score: float
    rank: int
    side: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a page lists, and where it goes on.

    Attributes:
        entries: articles, in its order, each once.
        next_url: its next page as it names it, or "".
    """

    entries: tuple[Entry, ...]
    next_url: str = ""


async def visit_listing(visit: Visit) -> Discovery:
    """Read a section page, and its next ones while they show nothing but new articles.

    Raises:
        FetchError: the first page did not come.
        DiscoverError: ``no_links``: the first page shows no article link.
    """
    page = await visit.page(visit.source.url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    listing: Listing = await visit.parse(parse_listing, page)
    pages, entries, notes = [page], list(listing.entries), list[str]()
    seen = {canonical(page.url), canonical(page.final_url)}
    while len(pages) < visit.source.pages and listing.entries:
        url = listing.next_url
        if not url or not same_site(url, page.final_url) or canonical(url) in seen:
            break
        # What is known stands on this page: whatever the next one shows was seen before it.
        if await visit.known([entry.url for entry in listing.entries]):
            break
        seen.add(canonical(url))
        try:
            following = await visit.page(url)
            listing = await visit.parse(parse_listing, following)
        except (FetchError, DiscoverError, ExtractError) as error:
            notes.append(f"page {len(pages) + 1} of the listing: {error.message}")
            break
        shown = {entry.url for entry in entries}
        fresh = [entry for entry in listing.entries if entry.url not in shown]
        pages.append(following)
        entries += fresh
        if not fresh:
            break
    return Discovery(links=visit.links(entries, MAX_LINKS), pages=tuple(pages), notes=tuple(notes))


def parse_listing(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> Listing:
    """Return the articles that a page lists, in its order, each once, and its next page.

    Args:
        body: the bytes of the page.
        url: where it was read.
        content_type: its Content-Type header, or "".
        source: its `selector` names the links, or elements that hold them; without one they are
            learned. Its patterns choose among them, its zone dates them.
        at: the present moment.

    Raises:
        DiscoverError: ``no_links``: the page shows no article link.
    """
    tree = LexborHTMLParser(scrub(decode(body, content_type).text))
    base = base_of(tree, url)
    if source.selector:
        chosen = _by_selector(tree, base, url, source)
        why = f"the selector {source.selector!r} finds none"
    else:
        chosen = _learned(tree, base, url)
        why = "no block of it repeats as a list of articles does"
    if not chosen:
        raise DiscoverError(f"no article links: {url}: {why}", url=url, error_class="no_links")
    return Listing(entries=tuple(_entries(chosen, source, at)), next_url=next_page(tree, url))


def _by_selector(tree: LexborHTMLParser, base: str, url: str, source: Source) -> list[_Anchor]:
    try:
        nodes = tree.css(source.selector)
    except (SelectolaxError, ValueError):
        raise DiscoverError(
            f"source {source.name}: {source.selector!r} is no CSS selector",
            url=url,
            error_class="no_links",
        ) from None
    anchors: list[_Anchor] = []
    for node in nodes:
        for link in [node] if node.tag == "a" else node.css("a[href]"):
            if address := absolute(base, _href(link)):
                anchors.append(_Anchor(link, address, _title(link), "", 1.0, len(anchors), False))
    return anchors


def _learned(tree: LexborHTMLParser, base: str, url: str) -> list[_Anchor]:
    groups: defaultdict[str, list[_Anchor]] = defaultdict(list)
    here = absolute(url, "")
    for rank, node in enumerate(tree.css("a[href]")):
        address = absolute(base, _href(node))
        if not address or address == here or not same_site(address, url):
            continue
        place = _place(node)
        if place == "furniture":
            continue
        title = _title(node)
        score = address_score(address)
        if score > 0:
            path = _path(node)
            groups[path].append(_Anchor(node, address, title, path, score, rank, place == "side"))
    shapes = _common_shapes([anchor for group in groups.values() for anchor in group])
    chosen = [
        anchor
        for group in groups.values()
        if _is_list_of_headlines(group, shapes)
        for anchor in group
        if width(anchor.title) >= 8 or not anchor.title
    ]
    # A sidebar repeats what is popular, seldom what is new; a page may be nothing but one, though.
    central = [anchor for anchor in chosen if not anchor.side]
    if len({anchor.url for anchor in central}) >= 5:
        chosen = central
    titled = {anchor.url for anchor in chosen if anchor.title}
    chosen = [anchor for anchor in chosen if anchor.url in titled]
    return sorted(chosen, key=lambda anchor: anchor.rank)


def _common_shapes(anchors: Sequence[_Anchor]) -> set[str]:
    """Return shapes of addresses that at least five headlines of the page lead to."""
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for anchor in anchors:
        if width(anchor.title) >= 16:
            titles[address_shape(anchor.url)].add(anchor.url)
    return {shape for shape, urls in titles.items() if len(urls) >= 5}


def _is_list_of_headlines(group: Sequence[_Anchor], shapes: set[str]) -> bool:
    """Weigh a group of links that stand in blocks of one shape."""
    urls = {anchor.url for anchor in group}
    widths = sorted(width(anchor.title) for anchor in group if anchor.title) or [0]
    headline = widths[len(widths) // 2]
    address = sum(anchor.score for anchor in group) / len(group)
    common = sum(address_shape(anchor.url) in shapes for anchor in group) / len(group)
    # A strong address (date, long number, slug) needs little else; a weak one must repeat.
    if address >= 0.8 or common >= 0.8:
        return headline >= 12 or (not any(a.title for a in group) and common >= 0.8)
    return address >= 0.5 and headline >= 20 and len(urls) >= 4


def _entries(anchors: Sequence[_Anchor], source: Source, at: datetime) -> Iterator[Entry]:
    wanted = Wanted(source)
    best: dict[str, _Anchor] = {}
    for anchor in anchors:
        known = best.get(anchor.url)
        # A card links its picture, its headline and its summary: the headline names the article.
        if known is None or (len(known.title) < len(anchor.title) and width(known.title) < 16):
            best[anchor.url] = anchor
    articles = {_href(anchor.node): anchor.url for anchor in anchors}
    for url in dict.fromkeys(anchor.url for anchor in anchors):
        if not wanted.resolve(url, url):
            continue
        raw = _time_of(best[url], articles)
        yield Entry(
            url=url,
            title=one_line(best[url].title, 300),
            published=printed_time(raw, source, at),
            published_raw=one_line(raw),
        )


def _href(node: LexborNode) -> str:
    return node.attributes.get("href") or ""


def _classes(node: LexborNode) -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()


def _ancestors(node: LexborNode, depth: int) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None and depth > 0 and parent.tag not in ("body", "html", "-undef"):
        yield parent
        parent, depth = parent.parent, depth - 1


def _place(node: LexborNode) -> str:
    """Return ``furniture`` (menu, footer, pager), ``side`` or ``main``."""
    place = "main"
    for near, ancestor in enumerate((node, *_ancestors(node, _LANDMARK_DEPTH))):
        if ancestor.tag in ("nav", "footer"):
            return "furniture"
        words = _classes(ancestor)
        # Names on outer elements ("has-menu", "with-footer") describe the page, not the block.
        if near < 8 and FURNITURE.search(words):
            return "furniture"
        if ancestor.tag == "aside" or (near < 10 and SIDE.search(words)):
            place = "side"
    return place


def _path(node: LexborNode) -> str:
    steps = []
    for element in (node, *_ancestors(node, _PATH_DEPTH)):
        first = (element.attributes.get("class") or "").split()[:1]
        name = "".join(c for c in (first[0] if first else "") if not c.isdigit())
        steps.append(f"{element.tag}.{name}")
    return ">".join(steps)


def _title(node: LexborNode) -> str:
    """Return the headline of a link: its heading, its text, its title, its picture's words."""
    for selector in ("h1, h2, h3, h4, h5, h6", "[class*=title]", "[class*=headline]"):
        heading = node.css_first(selector)
        if heading is not None and heading.mem_id != node.mem_id:
            text = one_line(heading.text(separator=" "))
            if width(text) >= 8:
                return text
    text = one_line(node.text(separator=" "))
    said = one_line(node.attributes.get("title") or "")
    # A cut headline ("Openness pays, say…") is given whole in the title attribute.
    if said and (not text or text.endswith(("…", "..."))):
        text = said
    if not text:
        picture = node.css_first("img[alt]")
        text = one_line(picture.attributes.get("alt") or "") if picture is not None else ""
    return "" if LABELS.fullmatch(text) else text


def _time_of(anchor: _Anchor, articles: Mapping[str, str]) -> str:
    """Return the time that stands in the item, the largest block that holds no other article.

    Args:
        anchor: the article's link.
        articles: address of each article by ``href`` as it stands on the page.
    """
    item = anchor.node
    for ancestor in _ancestors(anchor.node, _ITEM_DEPTH):
        linked = {articles.get(_href(link), "") for link in ancestor.css("a[href]")}
        if linked - {"", anchor.url}:
            break
        item = ancestor
    stamp = item.css_first("time[datetime]")
    if stamp is not None:
        return stamp.attributes.get("datetime") or ""
    return find_time(item.text(separator=" ")[:_ITEM_CHARACTERS])
