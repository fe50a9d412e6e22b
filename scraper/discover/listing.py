"""Section and front pages: the article links that they show, by selector or by learning.

A listing repeats itself: its article links stand in blocks of one shape (the same path of tags and
classes), carry headlines and not labels, and lead to addresses of one shape. Links are grouped by
path, groups are scored by the three, and those that score like a list of headlines are taken
(anchors.py). Of a page that its scripts fill, the data that they draw is read (embedded.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.characters import decode, scrub
from scraper.discover.anchors import (
    Anchor,
    Items,
    href_of,
    learned_anchors,
    title_of,
)
from scraper.discover.embedded import documents_in, embedded_entries, json_document
from scraper.discover.headlines import find_time, width
from scraper.discover.page_links import base_of
from scraper.discover.paging import next_page
from scraper.discover.printed import printed_time
from scraper.discover.visit import Entry, Visit, Wanted, one_line
from scraper.errors import DiscoverError, ExtractError, FetchError
from scraper.models import Discovery, Source
from scraper.urls import absolute, canonical, same_site

__all__ = ["MAX_LINKS", "Listing", "parse_listing", "visit_listing"]

MAX_LINKS = 1_000
_ITEM_CHARACTERS = 600


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
    links = visit.links(entries, MAX_LINKS)
    return Discovery(
        links=links, pages=tuple(pages), notes=tuple(notes), window=visit.window(links)
    )


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
    text = scrub(decode(body, content_type).text)
    if not source.selector and (document := json_document(text)) is not None:
        told = embedded_entries(iter((document,)), url, source, at)
        if not told:
            raise _no_links(url, "no list of its JSON has headlines and addresses of articles")
        return Listing(entries=told)
    tree = LexborHTMLParser(text)
    base = base_of(tree, url)
    if source.selector:
        chosen = _by_selector(tree, base, url, source)
        why = f"the selector {source.selector!r} finds none"
    else:
        chosen = learned_anchors(tree, base, url)
        why = "no block of it repeats as a list of articles does"
    entries = tuple(_entries(chosen, source, at))
    if not chosen and not source.selector:
        # A page that its scripts fill may hold what they show.
        entries = embedded_entries(documents_in(tree), url, source, at)
    if not chosen and not entries:
        raise _no_links(url, why)
    return Listing(entries=entries, next_url=next_page(tree, url))


def _no_links(url: str, why: str) -> DiscoverError:
    return DiscoverError(f"no article links: {url}: {why}", url=url, error_class="no_links")


def _by_selector(tree: LexborHTMLParser, base: str, url: str, source: Source) -> list[Anchor]:
    try:
        nodes = tree.css(source.selector)
    except (SelectolaxError, ValueError):
        raise DiscoverError(
            f"source {source.name}: {source.selector!r} is no CSS selector",
            url=url,
            error_class="no_links",
        ) from None
    anchors: list[Anchor] = []
    for node in nodes:
        for link in [node] if node.tag == "a" else node.css("a[href]"):
            if address := absolute(base, href_of(link)):
                anchors.append(Anchor(link, address, title_of(link), "", 1.0, len(anchors), False))
    return anchors


def _entries(anchors: Sequence[Anchor], source: Source, at: datetime) -> Iterator[Entry]:
    wanted = Wanted(source)
    best: dict[str, Anchor] = {}
    for anchor in anchors:
        known = best.get(anchor.url)
        # A card links its picture, its headline and its summary: the headline names the article.
        if known is None or (len(known.title) < len(anchor.title) and width(known.title) < 16):
            best[anchor.url] = anchor
    articles = {href_of(anchor.node): anchor.url for anchor in anchors}
    items = Items(lambda href: articles.get(href, ""))
    for url in dict.fromkeys(anchor.url for anchor in anchors):
        if not wanted.resolve(url, url):
            continue
        raw = _time_of(items.around(best[url].node, url))
        yield Entry(
            url=url,
            title=one_line(best[url].title, 300),
            published=printed_time(raw, source, at),
            published_raw=one_line(raw),
        )


def _time_of(item: LexborNode) -> str:
    """Return the time that stands in an article's item as printed, or ""."""
    stamp = item.css_first("time[datetime]")
    if stamp is not None:
        return stamp.attributes.get("datetime") or ""
    return find_time(item.text(separator=" ")[:_ITEM_CHARACTERS])
