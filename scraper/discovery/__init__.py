"""Finds articles' addresses: ``discover(source, get)`` gives the links that a source shows.

visit.py        what the kinds share: the visit, filters, the way from entries to links
feed.py         RSS, RDF, Atom, JSON Feed
entry_links.py  the address of a feed's entry, whatever stands before it
entry_texts.py  the text of its article that an entry holds
mending.py      XML that is nearly well formed
sitemap.py      sitemaps, their indexes, news sitemaps, robots.txt
listing.py      section pages: links by selector, or by learning which are articles
anchors.py      the links of a page, weighed: the repeating block that holds its articles
headlines.py    what article links look like: tables of words and shapes
embedded.py     lists of articles in JSON, as answers or within pages that a script fills
paging.py       where a listing goes on
addresses.py    plain lists of addresses, on the web or on this machine
autodetect.py   what there is to watch at a site's address
site.py         what a page says of its site
page_links.py   the feeds that a page names
printed.py      times as they are printed
languages.py    language tags, and what they tell of script and time zone

A new kind of source is a file here and a line in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from scraper.discovery.autodetect import DetectedSources, find_sources
from scraper.discovery.feed import NO_ENTRIES, visit_feed
from scraper.discovery.listing import visit_listing
from scraper.discovery.sitemap import visit_sitemap
from scraper.discovery.url_list import visit_addresses
from scraper.discovery.visit import Get, Known, Run, Visit, inline, nothing_known
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Discovery, FailedFallback, Source
from scraper.urls import host_of

__all__ = ["KINDS", "DetectedSources", "Get", "Known", "Run", "discover", "find_sources"]

KINDS: Mapping[str, Callable[[Visit], Awaitable[Discovery]]] = {
    "feed": visit_feed,
    "sitemap": visit_sitemap,
    "listing": visit_listing,
    "urls": visit_addresses,
}

# What is wrong with a host, not with one of its addresses: another one there would fare no better.
_WHOLE_HOST = frozenset({ErrorClass.RATE_LIMITED, ErrorClass.ROBOTS_UNREACHABLE, ErrorClass.DNS, ErrorClass.CONNECT, ErrorClass.TLS, ErrorClass.TIMEOUT})


async def discover(
    source: Source,
    get: Get,
    run: Run = inline,
    *,
    etag: str = "",
    last_modified: str = "",
    at: datetime | None = None,
    since: datetime | None = None,
    known: Known = nothing_known,
) -> Discovery:
    """Visit a source and return the links that it shows.

    Where its address fails, or is a feed without entries, its fallbacks are tried in their order;
    what was tried and why it failed stands in `Discovery.failed`.

    Args:
        source: what to visit; its `include` and `exclude` patterns filter the links.
        get: fetches an address, returning a page for any status.
        run: runs a pure parser in a worker that can be killed; by default it runs in place.
        etag, last_modified: validators of the last visit, or "".
        at: the present moment, by default the clock's.
        since: when the source's own address was last read, or None: of a sitemap only what
            changed since then is returned.
        known: tells which addresses were met before: a listing is read on to its next page only
            while it shows nothing but new ones.

    Returns:
        The links, or ``unchanged`` when the server answered 304.

    Raises:
        FetchError: no response, or a status other than 200.
        DiscoverError: the response is not what the source's kind says, or shows no links.
        ExtractError: the document could not be parsed within the bounds of a worker.
    """
    first = Visit(
        source=source,
        get=get,
        run=run,
        etag=etag,
        last_modified=last_modified,
        at=at or datetime.now(UTC),
        since=since,
        known=known,
    )
    failed: list[FailedFallback] = []
    without_entries: Discovery | None = None
    error: FetchError | DiscoverError | ExtractError | None = None
    broken_hosts: set[str] = set()
    for rung in ("", *source.fallback):
        visit = _visit_of(first, rung)
        if host_of(visit.source.url) in broken_hosts:
            continue
        try:
            found = await _kind_of(visit.source)(visit)
        except (FetchError, DiscoverError, ExtractError) as caught:
            failed.append(_failure(visit.source, caught.error_class, caught.message))
            error = error or caught
            if caught.error_class in _WHOLE_HOST:
                broken_hosts.add(host_of(visit.source.url))
            continue
        found = replace(found, served_by=rung, failed=tuple(failed))
        if found.links or NO_ENTRIES not in found.notes:
            return found
        failed.append(_failure(visit.source, ErrorClass.NO_LINKS, NO_ENTRIES))
        without_entries = without_entries or found
    if without_entries is not None:
        return without_entries
    assert error is not None  # the source's own address was tried and did not return
    if len(failed) > 1:
        tried = "; ".join(f"{rung.kind} {rung.url}: {rung.message}" for rung in failed[1:])
        error.message += f"; in its stead {tried}"
    raise error


def _visit_of(first: Visit, rung: str) -> Visit:
    """Return the visit to a fallback, or the one to the source's own address for ""."""
    if not rung:
        return first
    kind, _, url = rung.partition(" ")
    # Validators, the selector and the time of the last visit belong to the source's own address.
    source = replace(first.source, kind=kind, url=url, selector="")
    return replace(first, source=source, etag="", last_modified="", since=None)


def _kind_of(source: Source) -> Callable[[Visit], Awaitable[Discovery]]:
    visit = KINDS.get(source.kind)
    if visit is None:
        raise DiscoverError(
            f"source {source.name}: no such kind: {source.kind!r} (one of {', '.join(KINDS)})",
            url=source.url,
        )
    return visit


def _failure(source: Source, error_class: ErrorClass, message: str) -> FailedFallback:
    return FailedFallback(
        kind=source.kind, url=source.url, error_class=error_class, message=message
    )
