"""Finds articles' addresses: ``discover(source, get)`` gives the links that a source shows.

visit.py         what the kinds share: the visit, filters, the way from entries to links
feed.py          RSS, RDF, Atom, JSON Feed: entries, their addresses, their texts
sitemap.py       sitemaps, their indexes, news sitemaps, robots.txt
listing.py       section pages: their article links and their next page
link_ranking.py  which links of a page are articles
json_lists.py    lists of articles in JSON, as answers or within pages that JavaScript renders
url_list.py      plain lists of addresses, on the web or on this machine
plugin_source.py sources whose kind a plugin adds
sitemap_archive.py  what all sitemaps of a site list of a time
cdx.py           indexes of captures
xml_repair.py    XML that is nearly well formed or gzipped
autodetect.py    what a site's address offers to watch
site_info.py     what a page says of its site: feeds, name, language, software

The kinds of source stand in `scraper.models.source_kinds`; a new kind is a line there and a file
here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pkgutil import resolve_name

from scraper.discovery.autodetect import DetectedSources, find_sources
from scraper.discovery.feed import NO_ENTRIES
from scraper.discovery.visit import Get, Known, Run, Visit, inline, nothing_known
from scraper.discovery.xml_repair import MAX_SITEMAP_BYTES
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Discovery, FailedFallback, Source
from scraper.models.source_kinds import kind_names, kind_of_source
from scraper.urls import host_of

__all__ = ["DetectedSources", "Get", "Known", "Reader", "Run", "discover", "find_sources"]

Reader = Callable[[Visit], Awaitable[Discovery]]

# What is wrong with a host, not with one of its addresses: another one there would fare no better.
_WHOLE_HOST = frozenset(
    {
        ErrorClass.RATE_LIMITED,
        ErrorClass.ROBOTS_UNREACHABLE,
        ErrorClass.DNS,
        ErrorClass.CONNECT,
        ErrorClass.TLS,
        ErrorClass.TIMEOUT,
    }
)


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
    max_sitemap_bytes: int = MAX_SITEMAP_BYTES,
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
        max_sitemap_bytes: cap on a sitemap, on the wire and unpacked.

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
        max_sitemap_bytes=max_sitemap_bytes,
    )
    failed: list[FailedFallback] = []
    without_entries: Discovery | None = None
    error: FetchError | DiscoverError | ExtractError | None = None
    broken_hosts: set[str] = set()
    for fallback in ("", *source.fallback):
        visit = _visit_of(first, fallback)
        if host_of(visit.source.url) in broken_hosts:
            continue
        try:
            found = await _reader_of(visit.source)(visit)
        except (FetchError, DiscoverError, ExtractError) as caught:
            failed.append(_failure(visit.source, caught.error_class, caught.message))
            error = error or caught
            if caught.error_class in _WHOLE_HOST:
                broken_hosts.add(host_of(visit.source.url))
            continue
        found = replace(found, served_by=fallback, failed=tuple(failed))
        if found.links or NO_ENTRIES not in found.notes:
            return found
        failed.append(_failure(visit.source, ErrorClass.NO_LINKS, NO_ENTRIES))
        without_entries = without_entries or found
    if without_entries is not None:
        return without_entries
    assert error is not None  # the source's own address was tried and did not return
    if len(failed) > 1:
        tried = "; ".join(
            f"{fallback.kind} {fallback.url}: {fallback.message}" for fallback in failed[1:]
        )
        error.message += f"; in its stead {tried}"
    raise error


def _visit_of(first: Visit, fallback: str) -> Visit:
    """Return the visit to a fallback, or the one to the source's own address for ""."""
    if not fallback:
        return first
    kind, _, url = fallback.partition(" ")
    # Validators, the selector and the time of the last visit belong to the source's own address.
    source = replace(first.source, kind=kind, url=url, selector="")
    return replace(first, source=source, etag="", last_modified="", since=None)


def _reader_of(source: Source) -> Reader:
    """Return the function that reads a source's kind, by the table of kinds."""
    reader = kind_of_source(source.kind).reader
    if not reader:
        known = ", ".join(name for name in kind_names() if kind_of_source(name).reader)
        raise DiscoverError(
            f"source {source.name}: no such kind: {source.kind!r} (one of {known})",
            url=source.url,
        )
    function: Reader = resolve_name(reader)
    return function


def _failure(source: Source, error_class: ErrorClass, message: str) -> FailedFallback:
    return FailedFallback(
        kind=source.kind, url=source.url, error_class=error_class, message=message
    )
