"""A site's past, as its sitemaps list it: all documents of a time, not only the newest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from scraper.discovery.sitemap import (
    MAX_DEPTH,
    MAX_URLS,
    ROBOTS,
    Sitemap,
    named_elsewhere,
    near_children,
    read_sitemap,
)
from scraper.discovery.visit import Entry, Visit
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Link, Page
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.urls import canonical

__all__ = ["SitemapPart", "Span", "named_span", "sitemaps_since"]

# Documents of one site: a day each for a quarter of a century.
_MOST_DOCUMENTS = 10_000
# A name gives the publisher's days, not ours.
_ZONES = timedelta(days=1)
_DAYS = lazy_compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
# What says more of a page than a year, which may stand in a headline.
_MONTH = timedelta(days=31)
# Where a site without a word in robots.txt has its sitemap: an index sooner than its newest part.
_USUAL = ("/sitemap_index.xml", "/sitemap.xml")


@record(kw_only=False)
class Span:
    """A time: from its first moment to the one after its last."""

    first: datetime
    after: datetime

    def meets(self, other: Span) -> bool:
        """Return whether two times have a moment in common."""
        return self.first < other.after and other.first < self.after


@record
class SitemapPart:
    """What one document lists of a time.

    Attributes:
        url: its address.
        links: the articles, the oldest first.
        undated: how many addresses were left out because nothing tells their time.
    """

    url: str
    links: tuple[Link, ...]
    undated: int = 0


def named_span(url: str) -> Span | None:
    """Return the year, month or day that an address names in its path, or None.

    ``/sitemap-2024-05.xml`` and ``/2024/05/story`` name May of 2024. An address that names several
    that do not agree names none.
    """
    found = {
        tuple(int(part) for part in match.groups() if part)
        for match in _DAYS.finditer(urlsplit(url).path)
    }
    finest = max(found, key=len, default=())
    if not finest or any(parts != finest[: len(parts)] for parts in found):
        return None
    year, month, day = (*finest, 0, 0)[:3]
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
    except ValueError:
        return None
    if day:
        return Span(first, first + timedelta(days=1))
    if month:
        return Span(first, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))
    return Span(first, datetime(year + 1, 1, 1, tzinfo=UTC))


async def sitemaps_since(
    visit: Visit,
    since: datetime,
    until: datetime,
    *,
    sitemap: str = "",
    undated: bool = False,
    failed: Callable[[str], None],
) -> AsyncIterator[SitemapPart]:
    """Yield what the sitemaps of a site list of a time, document by document, the oldest first.

    Of an index only the documents are read that may list something of that time: by the time of
    their last change, and by the day, month or year in their name. An address belongs to the time
    when its own time (``lastmod``, or that of a news sitemap) does; one without is dated by its
    path, else by the name of its document.

    Args:
        visit: whose source names the site and the patterns, and how documents are fetched.
        since, until: UTC.
        sitemap: address of a sitemap; "" takes those that robots.txt names, else the usual one.
        undated: whether addresses are taken of which nothing tells the time.
        failed: is told of each document that could not be read.

    Raises:
        FetchError, DiscoverError, ExtractError: the first document could not be read.
    """
    span = Span(since, until)
    top, first = await _first_document(visit, sitemap)
    elsewhere = await named_elsewhere(visit, first, top)
    seen = {canonical(top.url), canonical(top.final_url)}
    if first.entries:
        yield _part(visit, first, top.final_url, span, undated)
    waiting = _of_time(first, top, span, elsewhere, 1)
    while waiting and len(seen) < _MOST_DOCUMENTS:
        child, depth = waiting.pop(0)
        if canonical(child.url) in seen:
            continue
        seen.add(canonical(child.url))
        try:
            page, document = await _document(visit, child.url)
        except (FetchError, DiscoverError, ExtractError) as error:
            failed(error.message)
            continue
        if depth < MAX_DEPTH:
            waiting = _of_time(document, page, span, elsewhere, depth + 1) + waiting
        if document.entries:
            yield _part(visit, document, child.url, span, undated)
    if waiting:
        failed(f"{len(waiting)} more documents were not read: {_MOST_DOCUMENTS:,} are the most")


async def _first_document(visit: Visit, sitemap: str) -> tuple[Page, Sitemap]:
    """Return the document to begin with: the one that is named, or the site's own.

    Raises:
        FetchError, DiscoverError, ExtractError: the named one cannot be read, or there is none.
    """
    named = sitemap or (visit.source.url if visit.source.kind == "sitemap" else "")
    if named:
        return await _document(visit, named)
    tried: list[str] = []
    for place in (ROBOTS, *_USUAL):
        try:
            page, found = await _document(visit, urljoin(visit.source.url, place))
        except (FetchError, DiscoverError, ExtractError) as error:
            tried.append(error.message)
            continue
        if found.children or found.entries:
            return page, found
    raise DiscoverError(
        f"no sitemap was found ({'; '.join(tried)}); --sitemap URL names one",
        url=visit.source.url,
        error_class=ErrorClass.NOT_A_SITEMAP,
    )


async def _document(visit: Visit, url: str) -> tuple[Page, Sitemap]:
    page = await visit.page(url, max_bytes=visit.max_sitemap_bytes)
    return page, await read_sitemap(visit, page)


def _of_time(
    sitemap: Sitemap, page: Page, span: Span, elsewhere: frozenset[str], depth: int
) -> list[tuple[Entry, int]]:
    """Return the children that may list something of a time, the oldest first."""
    dated: list[tuple[datetime, Entry]] = []
    for child in near_children(sitemap, page, elsewhere):
        named = named_span(child.url)
        # What was changed last before the time lists nothing of it; what was changed after may.
        if child.published is not None and child.published < span.first - _ZONES:
            continue
        if named is not None and not span.meets(_wide(named)):
            continue
        dated.append((named.first if named else child.published or span.after, child))
    dated.sort(key=lambda pair: pair[0])
    return [(child, depth) for _, child in dated]


def _wide(span: Span) -> Span:
    return Span(span.first - _ZONES, span.after + _ZONES)


def _part(visit: Visit, sitemap: Sitemap, url: str, span: Span, undated: bool) -> SitemapPart:
    of_document = _month_of(url)
    chosen: list[tuple[datetime, Entry]] = []
    left_out = 0
    for entry, time in _dated(sitemap, of_document):
        if time is None and not undated:
            left_out += 1
        elif time is None or span.meets(time):
            chosen.append((time.first if time else span.after, entry))
    chosen.sort(key=lambda pair: pair[0])
    links = visit.links((entry for _, entry in chosen), MAX_URLS)
    return SitemapPart(url=url, links=links, undated=left_out)


def _dated(sitemap: Sitemap, of_document: Span | None) -> Iterator[tuple[Entry, Span | None]]:
    for entry in sitemap.entries:
        if entry.published is not None:
            yield entry, Span(entry.published, entry.published + timedelta(seconds=1))
        else:
            yield entry, _month_of(entry.url) or of_document


def _month_of(url: str) -> Span | None:
    """Return the month or day that an address names, or None."""
    named = named_span(url)
    return named if named and named.after - named.first <= _MONTH else None
