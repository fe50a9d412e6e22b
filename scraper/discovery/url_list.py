"""Plain lists of addresses: one a line, `#` begins a comment, a title may follow a tab or blank."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from scraper.discovery.visit import Entry, Visit, Wanted, looks_like_html, one_line
from scraper.errors import DiscoverError, ErrorClass
from scraper.models import Discovery, Source
from scraper.text.encoding import decode, scrub
from scraper.urls import absolute

__all__ = ["MAX_ADDRESSES", "parse_addresses", "visit_addresses"]

MAX_ADDRESSES = 50_000
# Of a list on this machine; one on the web has the bound of every response.
MAX_BYTES = 10 * 1024 * 1024


async def visit_addresses(visit: Visit) -> Discovery:
    """Read a list of addresses, on the web or on this machine.

    Raises:
        FetchError: it did not come.
        DiscoverError: ``no_links``: no line of it is an address, or there is no such file.
    """
    url = visit.source.url
    if not url.lower().startswith(("http://", "https://")):
        body = await asyncio.to_thread(_read, Path(url))
        entries = await visit.run(parse_addresses, body, url, "", visit.source, visit.at)
        return Discovery(links=visit.links(entries, MAX_ADDRESSES))
    page = await visit.page(url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    entries = await visit.parse(parse_addresses, page)
    return Discovery(links=visit.links(entries, MAX_ADDRESSES), pages=(page,))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        raise DiscoverError(
            f"{path} can't be read: {error.strerror}",
            url=str(path),
            error_class=ErrorClass.NO_LINKS,
        ) from None


def parse_addresses(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> tuple[Entry, ...]:
    """Return the addresses of a list, in its order, at most `MAX_ADDRESSES`.

    Raises:
        DiscoverError: ``no_links``.
    """
    text = scrub(decode(body, content_type).text)
    wanted = Wanted(source)
    entries: list[Entry] = []
    addresses = 0
    for line in () if looks_like_html(text) else text.splitlines():
        href, _, title = line.strip().replace("\t", " ").partition(" ")
        if href.lower().startswith(("http://", "https://")) and absolute(url, href):
            addresses += 1
            if found := wanted.resolve(url, href):
                entries.append(Entry(url=found, title=one_line(title)))
    if not addresses:
        raise DiscoverError(
            f"no addresses: {url} is no list with one address a line",
            url=url,
            error_class=ErrorClass.NO_LINKS,
        )
    return tuple(entries[:MAX_ADDRESSES])
