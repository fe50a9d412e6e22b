"""Listings: the article links of section and front pages, selected or learned.

A listing's article links are in blocks of one shape (the same path of tags and classes), have
headlines rather than labels as their texts, and lead to addresses of one shape. Links are grouped
by path, groups are scored by these three features, and those that look like a list of headlines are
taken (`link_ranking`). Pages rendered by JavaScript often embed their data, which is read instead
(`json_lists`). Next pages are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.discovery.json_lists import documents_in, embedded_entries, json_document
from scraper.discovery.link_ranking import (
    Anchor,
    Items,
    find_time,
    learned_anchors,
    title_of,
)
from scraper.discovery.site_info import attribute, base_of
from scraper.discovery.visit import Entry, Visit, Wanted, one_line
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Discovery, Source
from scraper.record import record
from scraper.text.dates.feed_dates import parse_feed_date
from scraper.text.encoding import decode, scrub
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns
from scraper.urls import absolute, canonical, same_site

__all__ = ["MAX_LINKS", "Listing", "next_page", "parse_listing", "visit_listing"]


_NEXT_WORDS = lazy_compile(
    r"(?:next(?: page)?|[←‹«]?\s*older(?: posts?| articles?| stories| entries)?|more stories|"
    r"下一?[页頁]|后一?页|後一?頁)\s*[>»›→]*|[>»›→]+",
    re.IGNORECASE,
)
# Words that usually trigger a script: used only if the address has a page number.
_MORE_WORDS = lazy_compile(
    r"(?:load|show|view|see|read)? ?more(?: \w+){0,2}|"
    r"(?:点击|點擊|查看|加载|載入|看|阅读|閱讀)?更多\w{0,4}",
    re.IGNORECASE,
)
_COUNTS_PAGES = lazy_compile(
    r"(?:^|[/?&_-])(?:p|pg|pn|page|paged|page_?(?:no|num|index)|offset|start|index|list)[=/_-]?\d+",
    re.IGNORECASE,
)
_PAGER = lazy_compile(r"pag(?:e|es|er|ing|ination|enavi)|nav-links|fenye", re.IGNORECASE)
_NEXT_CLASS = lazy_compile(
    r"(?:^|[\s_-])next(?:[_-]?(?:page|btn|link|posts?))?(?:$|\s)|nextpage|page-?next", re.IGNORECASE
)
_CURRENT = lazy_compile(
    r"(?:^|[\s_-])(?:current|active|on|cur|now|selected|this)(?:$|[\s_-])", re.I
)
# Attributes of buttons that hold the address of the page that they load.
_BUTTONS = (
    "data-next",
    "data-next-url",
    "data-next-page",
    "data-nextpage",
    "data-url",
    "data-href",
)
_PAGER_DEPTH = 3
_MOST_PAGERS = 12


def next_page(tree: LexborHTMLParser, url: str) -> str:
    """Return the address of a listing's next page as printed, or "".

    In order of preference: ``rel=next``, words such as "next page", classes, the numbers of a
    pager, and "more" with an address that has a page number.
    """
    base = base_of(tree, url)
    for candidates in (_declared, _by_words, _by_class, _by_number, _more):
        for href in candidates(tree):
            address = absolute(base, href) if href and not href.startswith("#") else ""
            if address and canonical(address) != canonical(url):
                return address
    return ""


def _declared(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("link[rel~=next][href], a[rel~=next][href]"):
        yield attribute(node, "href")


def _by_words(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a[href]"):
        label = one_line(node.text() or attribute(node, "aria-label"), 40)
        if _NEXT_WORDS.fullmatch(label):
            yield attribute(node, "href")


def _by_class(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a[class*=next][href], [class*=next] > a[href]:only-child"):
        href = attribute(node, "href")
        own = f"{attribute(node, 'class')} {attribute(node.parent, 'class') if node.parent else ''}"
        if _NEXT_CLASS.search(own) and (_COUNTS_PAGES.search(href) or _pager_of(node) is not None):
            yield href


def _by_number(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the page after the current one in pagers that only have numbers."""
    seen: set[int] = set()
    for link in tree.css("a[href]"):
        if not (link.text() or "").strip().isdigit():
            continue
        pager = _pager_of(link)
        if pager is None or pager.mem_id in seen or len(seen) >= _MOST_PAGERS:
            continue
        seen.add(pager.mem_id)
        pages = {
            int(text): attribute(node, "href")
            for node in pager.css("a[href]")
            if (text := (node.text() or "").strip()).isascii() and text.isdigit() and len(text) < 5
        }
        yield pages.get(_current(pager, pages) + 1, "")


def _current(pager: LexborNode, pages: dict[int, str]) -> int:
    """Return a pager's current page number: the marked one, or the one without a link."""
    for node in pager.css("*"):
        text = (node.text() or "").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 5):
            continue
        unlinked = node.tag != "a" and node.parent is not None and node.parent.tag != "a"
        unlinked = unlinked and node.css_first("a") is None
        if unlinked or attribute(node, "aria-current") or _CURRENT.search(attribute(node, "class")):
            return int(text)
    return next(n for n in range(1, len(pages) + 2) if n not in pages)


def _more(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a, button, div[data-next], div[data-next-url]"):
        label = one_line(node.text() or attribute(node, "aria-label"), 40)
        if not _MORE_WORDS.fullmatch(label):
            continue
        for name in ("href", *_BUTTONS):
            href = attribute(node, name)
            if _COUNTS_PAGES.search(href):
                yield href


def _pager_of(node: LexborNode) -> LexborNode | None:
    parent, depth = node.parent, _PAGER_DEPTH
    while parent is not None and depth > 0 and parent.tag not in ("body", "html", "-undef"):
        names = " ".join(attribute(parent, name) for name in ("class", "id", "aria-label"))
        # The list of items is within the pager.
        if _PAGER.search(names) and parent.tag not in ("li", "span", "main", "article"):
            return parent
        parent, depth = parent.parent, depth - 1
    return None


MAX_LINKS = 1_000
_ITEM_CHARACTERS = 600


@record
class Listing:
    """A parsed listing.

    Attributes:
        entries: articles, in the page's order, each once.
        next_url: address of its next page as printed, or "".
    """

    entries: tuple[Entry, ...]
    next_url: str = ""


async def visit_listing(visit: Visit) -> Discovery:
    """Read a section page, and its next pages while all of their articles are new.

    Raises:
        FetchError: the first page could not be fetched.
        DiscoverError: ``no_links``: the first page has no article links.
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
        # This page has known articles, so all on the next one are older and known.
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
    links = visit.links(entries, MAX_LINKS)
    return Discovery(
        links=links, pages=tuple(pages), notes=tuple(notes), window=visit.window(links)
    )


def parse_listing(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> Listing:
    """Return the articles that a page lists, and its next page.

    Args:
        body: bytes of the page.
        url: its address.
        content_type: its Content-Type header, or "".
        source: its source; `selector` names the links, or elements that contain them, and without
            one they are learned. Its patterns filter articles, its zone applies to their times.
        at: the present time.

    Raises:
        DiscoverError: ``no_links``: the page has no article links.
    """
    text = scrub(decode(body, content_type).text)
    if not source.selector and (document := json_document(text)) is not None:
        told = embedded_entries(iter((document,)), url, source, at)
        if not told:
            raise _no_links(url, "no list in its JSON has headlines and addresses of articles")
        return Listing(entries=told)
    tree = LexborHTMLParser(text)
    base = base_of(tree, url)
    if source.selector:
        chosen = _by_selector(tree, base, url, source)
        why = f"the selector {source.selector!r} matches none"
    else:
        chosen = learned_anchors(tree, base, url)
        why = "none of its blocks looks like a list of articles"
    entries = tuple(_entries(chosen, source, at))
    if not chosen and not source.selector:
        # A page rendered by JavaScript may embed its data.
        entries = embedded_entries(documents_in(tree), url, source, at)
    if not chosen and not entries:
        raise _no_links(url, why)
    return Listing(entries=entries, next_url=next_page(tree, url))


def _no_links(url: str, why: str) -> DiscoverError:
    return DiscoverError(
        f"no article links: {url}: {why}", url=url, error_class=ErrorClass.NO_LINKS
    )


def _by_selector(tree: LexborHTMLParser, base: str, url: str, source: Source) -> list[Anchor]:
    try:
        nodes = tree.css(source.selector)
    except (SelectolaxError, ValueError):
        raise DiscoverError(
            f"source {source.name}: {source.selector!r} is not a CSS selector",
            url=url,
            error_class=ErrorClass.NO_LINKS,
        ) from None
    anchors: list[Anchor] = []
    for node in nodes:
        for link in [node] if node.tag == "a" else node.css("a[href]"):
            if address := absolute(base, attribute(link, "href")):
                anchors.append(Anchor(link, address, title_of(link), "", 1.0, len(anchors), False))
    return anchors


def _entries(anchors: Sequence[Anchor], source: Source, at: datetime) -> Iterator[Entry]:
    wanted = Wanted(source)
    best: dict[str, Anchor] = {}
    for anchor in anchors:
        known = best.get(anchor.url)
        # A card links its picture, headline and summary: the headline is the article's.
        if known is None or (len(known.title) < len(anchor.title) and columns(known.title) < 16):
            best[anchor.url] = anchor
    articles = {attribute(anchor.node, "href"): anchor.url for anchor in anchors}
    items = Items(lambda href: articles.get(href, ""))
    for url in dict.fromkeys(anchor.url for anchor in anchors):
        if not wanted.resolve(url, url):
            continue
        raw = _time_of(items.around(best[url].node, url))
        yield Entry(
            url=url,
            title=one_line(best[url].title, 300),
            published=parse_feed_date(raw, source, at),
            published_raw=one_line(raw),
        )


def _time_of(item: LexborNode) -> str:
    """Return the time in an article's item as printed, or ""."""
    stamp = item.css_first("time[datetime]")
    if stamp is not None:
        return stamp.attributes.get("datetime") or ""
    return find_time(item.text(separator=" ")[:_ITEM_CHARACTERS])
