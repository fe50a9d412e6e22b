"""Plain lists of addresses: one a line, `#` begins a comment, a title may follow a tab or blank."""

from __future__ import annotations

from datetime import datetime

from scraper.discover.characters import decode, scrub
from scraper.discover.visit import Entry, Visit, Wanted, looks_like_html, one_line
from scraper.errors import DiscoverError
from scraper.models import Discovery, Source
from scraper.urls import absolute

__all__ = ["MAX_ADDRESSES", "parse_addresses", "visit_addresses"]

MAX_ADDRESSES = 50_000


async def visit_addresses(visit: Visit) -> Discovery:
    """Read a list of addresses.

    Raises:
        FetchError: it did not come.
        DiscoverError: ``no_links``: no line of it is an address.
    """
    page = await visit.page(visit.source.url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    entries = await visit.parse(parse_addresses, page)
    return Discovery(links=visit.links(entries, MAX_ADDRESSES), pages=(page,))


def parse_addresses(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> tuple[Entry, ...]:
    """Return the addresses of a list, in its order, at most `MAX_ADDRESSES`.

    Raises:
        DiscoverError: ``no_links``.
    """
    text = scrub(decode(body, content_type))
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
            error_class="no_links",
        )
    return tuple(entries[:MAX_ADDRESSES])
