"""Fetching: ``get(url)`` gives a page, politely and within bounds; a verdict says what it is.

client.py      an address asked for, redirects followed
web.py         one request through httpx
answer.py      one response read, its body under a cap
guard.py       which addresses may be dialled
encodings.py   Content-Encoding under a cap
robots.py      robots.txt asked for and obeyed
politeness.py  pace, waits, what robots.txt means
optouts.py     what a publisher reserves (reserved.py asks a host for its files)
browser.py     pages that only a script fills, drawn (desk.py answers what they ask for)
verdict.py     is it the article? (rules.py for little text; signs.py and vocabulary.py hold the
               tables, looks.py and voice.py the measures)
"""

from __future__ import annotations

import asyncio

from scraper.errors import UsageError
from scraper.fetching.client import Client, RawResponse, Transport
from scraper.fetching.host_state import HostStore
from scraper.fetching.rendering import PageRenderer
from scraper.models import FetchSettings, Page

__all__ = ["Client", "HostStore", "PageRenderer", "RawResponse", "Transport", "fetch"]


def fetch(url: str, *, settings: FetchSettings | None = None) -> Page:
    """Fetch one address now and return the page.

    Args:
        url: an http or https address.
        settings: bounds and manners; by default those of `FetchSettings`.

    Raises:
        FetchError: there is no usable response; `error_class` tells why.
        UsageError: an event loop is running in this thread: use `Client` there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_fetch(url, settings or FetchSettings()))
    raise UsageError("fetch() can't be called in a running event loop: use Client there")


async def _fetch(url: str, settings: FetchSettings) -> Page:
    async with Client(settings) as client:
        return await client.get(url)
