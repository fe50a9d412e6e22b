"""Finds articles' addresses: ``discover(source, get)`` gives the links that a source shows.

visit.py        what the kinds share: the visit, filters, the way from entries to links
feed.py         RSS, RDF, Atom, JSON Feed
sitemap.py      sitemaps, their indexes, news sitemaps, robots.txt
listing.py      section pages: links by selector, or by the repeating block that holds them
addresses.py    plain lists of addresses
characters.py   bytes to text

A new kind of source is a file here and a line in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from scraper.discover.addresses import visit_addresses
from scraper.discover.feed import visit_feed
from scraper.discover.listing import visit_listing
from scraper.discover.sitemap import visit_sitemap
from scraper.discover.visit import Get, Run, Visit, inline
from scraper.errors import DiscoverError
from scraper.models import Discovery, Source

__all__ = ["KINDS", "Get", "Run", "discover"]

KINDS: Mapping[str, Callable[[Visit], Awaitable[Discovery]]] = {
    "feed": visit_feed,
    "sitemap": visit_sitemap,
    "listing": visit_listing,
    "urls": visit_addresses,
}


async def discover(
    source: Source,
    get: Get,
    run: Run = inline,
    *,
    etag: str = "",
    last_modified: str = "",
    at: datetime | None = None,
) -> Discovery:
    """Visit a source and return the links that it shows.

    Args:
        source: what to visit; its `include` and `exclude` patterns filter the links.
        get: fetches an address, returning a page for any status.
        run: runs a pure parser in a worker that can be killed; by default it runs in place.
        etag, last_modified: validators of the last visit, or "".
        at: the present moment, by default the clock's.

    Returns:
        The links, or ``unchanged`` when the server answered 304.

    Raises:
        FetchError: no response, or a status other than 200.
        DiscoverError: the response is not what the source's kind says, or shows no links.
        ExtractError: the document could not be parsed within the bounds of a worker.
    """
    visit = KINDS.get(source.kind)
    if visit is None:
        raise DiscoverError(
            f"source {source.name}: no such kind: {source.kind!r} (one of {', '.join(KINDS)})",
            url=source.url,
        )
    return await visit(
        Visit(
            source=source,
            get=get,
            run=run,
            etag=etag,
            last_modified=last_modified,
            at=at or datetime.now(UTC),
        )
    )
