"""Captures of the past: asked of a web archive's server one by one, with their own dates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from scraper.discovery import Get
from scraper.discovery.cdx import CdxLine, parse_cdx, queries_of
from scraper.discovery.visit import Run, Wanted
from scraper.errors import ErrorClass, FetchError
from scraper.models import Page, Source
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.urls import site_of

__all__ = ["BackfillAccess", "captures_since", "replay_of"]

_MOST_INDEX_BYTES = 64 * 1024 * 1024
_REPLAYED = lazy_compile(r".{0,2000}?/(\d{14})(?:id_)?/(https?://.{1,8000})")
_ORIGINAL = "x-archive-orig-"


def replay_of(server: str) -> str:
    """Return the address under which a CDX server's archive replays captures.

    ``https://host/coll/cdx`` of pywb has ``https://host/coll/``, ``https://host/cdx/search/cdx`` of
    Wayback ``https://host/web/``.
    """
    base = server.partition("?")[0].rstrip("/")
    if base.endswith("/cdx/search/cdx"):
        return base.removesuffix("cdx/search/cdx") + "web/"
    return base.removesuffix("cdx") if base.endswith("/cdx") else f"{base}/"


@record
class BackfillAccess:
    """What finding captures of the past takes.

    Attributes:
        get: fetches an address, politely.
        run: runs a parser in a worker.
        seen: whether the archive has a capture already.
        failed: is told of what could not be had.
    """

    get: Get
    run: Run
    seen: Callable[[str], Awaitable[bool]]
    failed: Callable[[str], None]


async def captures_since(
    source: Source, server: str, since: datetime, until: datetime, access: BackfillAccess
) -> AsyncIterator[tuple[str, Page]]:
    """Yield captures of a source's site that a web archive holds, the oldest first.

    Args:
        source: whose site, and whose patterns, say which addresses are wanted.
        server: address of the CDX server.
        since, until: UTC.
        access: what it takes.
    """
    wanted = Wanted(source)
    for first, last in queries_of(since, until):
        query = (
            f"{server.partition('?')[0]}?url={quote(site_of(source.url), safe='')}"
            f"&matchType=domain&from={first}&to={last}&output=json"
        )
        page = await access.get(query, max_bytes=_MOST_INDEX_BYTES)
        if page.status != 200:
            raise FetchError(
                f"{query}: the CDX server answered {page.status}",
                url=query,
                error_class=ErrorClass.HTTP_ERROR,
            )
        for line in await access.run(parse_cdx, page.body, query):
            key = f"cdx:{line.timestamp}:{line.url}"
            if not wanted.accepts(line.url) or await access.seen(key):
                continue
            try:
                yield key, await _replayed(line, replay_of(server), access.get)
            except FetchError as error:
                access.failed(error.message)


async def _replayed(line: CdxLine, replay: str, get: Get) -> Page:
    """Return a capture as it was when it was made.

    Raises:
        FetchError: it did not come.
    """
    address = f"{replay}{line.timestamp}id_/{line.url}"
    page = await get(address)
    if page.status != 200:
        raise FetchError(
            f"{address}: the archive answered {page.status}",
            url=address,
            error_class=ErrorClass.HTTP_ERROR,
        )
    # An archive redirects to the capture that it has: that one's address and date count.
    match = _REPLAYED.fullmatch(page.final_url)
    final, stamp = (match[2], match[1]) if match else (line.url, line.timestamp)
    at = _memento(page) or datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    headers = {
        name.removeprefix(_ORIGINAL): value
        for name, value in page.headers.items()
        if name.startswith(_ORIGINAL)
    }
    if not headers and "content-type" in page.headers:
        headers = {"content-type": page.headers["content-type"]}
    # The body came decoded from the archive's server.
    headers = {n: v for n, v in headers.items() if n not in ("content-encoding", "content-length")}
    return replace(
        page, url=line.url, final_url=final, headers=headers, hops=(), fetched_at=at, elapsed_ms=0
    )


def _memento(page: Page) -> datetime | None:
    """Return the time of the capture as RFC 7089 has it told, or None."""
    try:
        at = parsedate_to_datetime(page.headers.get("memento-datetime", ""))
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo and at.year >= 1990 else None
