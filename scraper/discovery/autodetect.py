"""Detects the sources that a site offers: its feeds, its sitemaps, the page as a listing.

The address may be a front page, a section, or already a feed. Feeds that the site declares come
first; then the usual feed address of the software that runs it; then links in the page's body,
sitemaps in robots.txt, and common addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scraper.discovery.feed import Feed, parse_feed
from scraper.discovery.listing import Listing, parse_listing
from scraper.discovery.site_info import Site, first_part, read_site
from scraper.discovery.sitemap import Sitemap, parse_sitemap
from scraper.discovery.visit import Entry, Get, Run, get_page, inline
from scraper.discovery.xml_repair import MAX_SITEMAP_BYTES
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Page, Source
from scraper.record import record
from scraper.text.languages import normal_tag, written_tag, zone_of, zone_of_times
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, canonical, is_home

__all__ = ["DetectedSources", "Fallback", "find_sources"]

# Maximum number of requests per search.
MAX_TRIES = 16

_COMMON_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_COMMON_SITEMAPS = ("/sitemap-news.xml", "/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml")
_ROBOTS_LINE = lazy_compile(
    r"^[^\S\n]*+site-?map[^\S\n]*+:[^\S\n]*+(\S+)", re.IGNORECASE | re.MULTILINE
)


_ANSWERS = {
    401: " (it needs a login)",
    403: " (it refuses us: another page of the site, or its feed's address, may be open)",
    404: " (no such address: try the front page)",
    410: " (removed for good: try the front page)",
    429: " (too many requests: try again later)",
}


@record
class Fallback:
    """A possible source that was found and has entries.

    Attributes:
        kind: kind of source.
        url: its address.
        entries: its present entries, in its order.
        how: how it was found, as text.
        notes: oddities.
    """

    kind: str
    url: str
    entries: tuple[Entry, ...]
    how: str
    notes: tuple[str, ...] = ()


@record
class DetectedSources:
    """The sources found at an address.

    Attributes:
        candidates: possible sources, the best first: a feed, a sitemap, the page itself.
        outlet: publisher's name on the site, or its host.
        language: tag in this project's form, or "".
        zone: IANA time zone of its printed times, most likely, or "".
        platform: software that runs the site, if recognized, or "".
        tried: failed attempts with their reasons, one sentence each.
    """

    candidates: tuple[Fallback, ...]
    outlet: str
    language: str
    zone: str
    platform: str = ""
    tried: tuple[str, ...] = ()


@dataclass(slots=True)
class _Search:
    """A search in progress: its remaining requests, its pages, its failures."""

    get: Get
    run: Run
    at: datetime
    source: Source
    asked: dict[str, Page | None]
    tried: list[str]
    max_sitemap_bytes: int = MAX_SITEMAP_BYTES

    async def page(self, url: str) -> Page | None:
        """Return a page, or None if it cannot be fetched or no requests remain."""
        key = canonical(url)
        if key in self.asked:
            return self.asked[key]
        if len(self.asked) >= MAX_TRIES:
            return None
        page: Page | None = None
        try:
            page = await get_page(self.get, url, max_bytes=self.max_sitemap_bytes)
        except FetchError as error:
            self.tried.append(error.message)
        if page is not None and page.status != 200:
            self.tried.append(f"{url}: the server answered {page.status}")
            page = None
        self.asked[key] = page
        return page

    async def parse(self, parser: Callable[..., Any], page: Page) -> Any:
        """Return a parser's result for a page, or None if the page is of another kind."""
        kind = page.headers.get("content-type", "")
        try:
            return await self.run(parser, page.body, page.final_url, kind, self.source, self.at)
        except (DiscoverError, ExtractError) as error:
            self.tried.append(error.message)
            return None


async def find_sources(
    url: str,
    get: Get,
    run: Run = inline,
    *,
    at: datetime,
    max_sitemap_bytes: int = MAX_SITEMAP_BYTES,
) -> DetectedSources:
    """Find the sources at an address.

    Args:
        url: address of a site, a section, a feed or a sitemap.
        get: function that fetches an address.
        run: function that runs a pure parser in a worker.
        at: the present time.
        max_sitemap_bytes: maximum size of a sitemap.

    Raises:
        FetchError: the address itself cannot be fetched.
        DiscoverError: (``no_links``) nothing to watch was found; the message names the attempts.
    """
    page = await get_page(get, url, max_bytes=max_sitemap_bytes)
    if page.status != 200:
        error = FetchError(
            f"{url}: the server answered {page.status}{_ANSWERS.get(page.status, '')}",
            url=url,
            error_class=ErrorClass.HTTP_ERROR,
        )
        error.status = page.status
        raise error
    source = Source(name="found", kind="feed", url=page.final_url, outlet="found")
    search = _Search(get, run, at, source, {canonical(url): page}, [], max_sitemap_bytes)
    search.asked[canonical(page.final_url)] = page
    site: Site = await search.parse(read_site, page) or Site(is_page=False)
    # Entries' times need the site's zone, so it is found first.
    zone = zone_of(page.final_url, site.tag)
    search.source = replace(source, zone=zone, language=normal_tag(site.tag))
    search.tried.clear()
    if not site.is_page:
        return await _itself(search, page)
    feed, head = await _best_feed(search, site, page.final_url)
    sitemap = await _best_sitemap(search, page.final_url)
    listing = await _as_listing(search, page)
    candidates = tuple(candidate for candidate in (feed, sitemap, listing) if candidate is not None)
    if not candidates:
        raise _nothing(url, search, _ADVICE)
    tag = head.language if head and normal_tag(site.tag) in ("", "zh") else site.tag
    tag = tag or site.tag
    return DetectedSources(
        candidates=candidates,
        outlet=site.name or (first_part(head.title) if head else "") or urlsplit(url).netloc,
        language=_language(tag, candidates[0].entries),
        zone=_zone(page.final_url, tag, candidates[0].entries),
        platform=site.platform,
        tried=tuple(search.tried),
    )


async def _itself(search: _Search, page: Page) -> DetectedSources:
    """Return the address itself as a source: a feed or a sitemap."""
    url = page.final_url
    feed: Feed | None = await search.parse(parse_feed, page)
    if feed is not None and feed.entries:
        tag = feed.language
        candidate = Fallback(
            kind="feed", url=url, entries=feed.entries, how="the address is a feed"
        )
        return DetectedSources(
            candidates=(replace(candidate, notes=feed.notes),),
            outlet=first_part(feed.title) or urlsplit(url).netloc,
            language=_language(tag, feed.entries),
            zone=_zone(url, tag, feed.entries),
        )
    sitemap: Sitemap | None = await search.parse(parse_sitemap, page)
    if sitemap is None or not (sitemap.entries or sitemap.children):
        return await _json_list(search, page)
    how = "the address is a sitemap"
    return DetectedSources(
        candidates=(
            Fallback(kind="sitemap", url=url, entries=await _some(search, sitemap), how=how),
        ),
        outlet=sitemap.title or urlsplit(url).netloc,
        language=normal_tag(sitemap.language),
        zone=zone_of(url, sitemap.language),
    )


async def _json_list(search: _Search, page: Page) -> DetectedSources:
    """Return a JSON response as a list of articles."""
    url = page.final_url
    listing = await _as_listing(search, page)
    if listing is None:
        raise _nothing(url, search, "")
    language = _language("", listing.entries)
    return DetectedSources(
        candidates=(replace(listing, how="the address is a list in JSON"),),
        outlet=urlsplit(url).netloc,
        language=language,
        zone=_zone(url, language, listing.entries),
    )


_ADVICE = (
    ". If its articles are listed on another page, add that page's address; if they are on this "
    'one, write a block for it with kind = "listing" and the selector of their links'
)


def _nothing(url: str, search: _Search, advice: str) -> DiscoverError:
    # Missing pages at common addresses are not worth reporting.
    told = [message for message in search.tried if "the server answered 404" not in message]
    in_vain = len(search.asked) - 1
    tried = f" ({in_vain} more addresses were tried)" if in_vain else ""
    why = "; ".join(dict.fromkeys(told[-3:])) or "no feed, no sitemap, no list of articles"
    return DiscoverError(
        f"nothing to watch at {url}{tried}: {why}{advice}", url=url, error_class=ErrorClass.NO_LINKS
    )


def _zone(url: str, tag: str, entries: Sequence[Entry]) -> str:
    """Return the zone of a site's printed times, from its entries or its address."""
    language = _language(tag, entries)
    usual = zone_of(url, tag if normal_tag(tag) == language else language)
    return zone_of_times([e.published for e in entries if e.published], language, usual)


def _language(tag: str, entries: Sequence[Entry]) -> str:
    """Return the language that a site states, unless its entries are in another."""
    stated = normal_tag(tag)
    titles = "".join(entry.title for entry in entries[:50])
    hanzi = sum("\u4e00" <= c <= "\u9fff" for c in titles)
    letters = sum(c.isalpha() for c in titles)
    if letters and hanzi > 0.4 * letters and stated not in ("zh-Hans", "zh-Hant"):
        return written_tag(titles) or "zh"
    if letters and hanzi < 0.05 * letters and stated.startswith("zh"):
        return "en"
    return stated


async def _best_feed(search: _Search, site: Site, url: str) -> tuple[Fallback | None, Feed | None]:
    """Return the first feed with entries, the likeliest tried first."""
    declared = [(link.url, "the page declares it") for link in site.feeds if link.declared]
    linked = [(link.url, "the page links it") for link in site.feeds if not link.declared]
    # Of several declared feeds, the one below the page's own address is its own.
    own = urlsplit(url).path.rstrip("/")
    declared.sort(key=lambda pair: not (own and urlsplit(pair[0]).path.startswith(own)))
    by_platform = [(u, f"where {site.platform} publishes it") for u in site.platform_feeds]
    common = [(urljoin(url, path), "a common address") for path in _COMMON_FEEDS]
    if not is_home(url):
        common = [(f"{url.rstrip('/')}/feed", "a common address"), *common]
    for address, how in [*declared[:4], *by_platform, *linked[:4], *common]:
        page = await search.page(address)
        feed: Feed | None = await search.parse(parse_feed, page) if page else None
        if feed is None:
            continue
        if not feed.entries:
            search.tried.append(f"{address}: a feed without entries")
            continue
        # A section's feed at a common address must not represent the whole site.
        return Fallback(
            kind="feed", url=address, entries=feed.entries, how=how, notes=feed.notes
        ), feed
    return None, None


async def _best_sitemap(search: _Search, url: str) -> Fallback | None:
    """Return a news sitemap, or any readable sitemap."""
    robots = await search.page(urljoin(url, "/robots.txt"))
    named = _ROBOTS_LINE.findall(robots.body.decode("utf-8", "replace")) if robots else []
    places = [(absolute(url, place), "robots.txt names it") for place in named[:10]]
    places += [(urljoin(url, path), "a common address") for path in _COMMON_SITEMAPS]
    # A site's sitemaps may be on another site if its robots.txt says so.
    places = [(place, how) for place, how in places if place]
    places.sort(key=lambda pair: "news" not in pair[0].rsplit("/", 1)[-1].lower())
    plain: Fallback | None = None
    for place, how in places:
        page = await search.page(place)
        sitemap: Sitemap | None = await search.parse(parse_sitemap, page) if page else None
        if sitemap is None or not (sitemap.entries or sitemap.children):
            continue
        entries = await _some(search, sitemap)
        candidate = Fallback(
            kind="sitemap", url=place, entries=entries, how=how, notes=sitemap.notes
        )
        if sitemap.news:
            return replace(candidate, how=f"{how}, a news sitemap")
        plain = plain or (candidate if entries else None)
    return plain


async def _some(search: _Search, sitemap: Sitemap) -> tuple[Entry, ...]:
    """Return the entries of a sitemap, or of an index's most promising child."""
    if sitemap.entries:
        return _newest(sitemap.entries)
    children = sorted(
        sitemap.children,
        key=lambda c: ("news" in c.url.lower(), c.published.timestamp() if c.published else 0.0),
        reverse=True,
    )
    for child in children[:2]:
        page = await search.page(child.url)
        inner: Sitemap | None = await search.parse(parse_sitemap, page) if page else None
        if inner is not None and inner.entries:
            return _newest(inner.entries)
    return ()


def _newest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(
        sorted(entries, key=lambda e: e.published.timestamp() if e.published else 0.0, reverse=True)
    )


async def _as_listing(search: _Search, page: Page) -> Fallback | None:
    listing: Listing | None = await search.parse(parse_listing, page)
    if listing is None or not listing.entries:
        return None
    how = "the page itself lists articles"
    return Fallback(kind="listing", url=page.final_url, entries=listing.entries, how=how)
