"""Fetching: ``get(url)`` gives a page, at a host's pace and within bounds.

client.py            an address asked for, redirects followed
transport.py         one request, as an httpx transport over httpcore
response.py          one response read, its body under a cap
content_encoding.py  gzip, deflate, Brotli and Zstandard under a cap
address_guard.py     which addresses may be dialled
robots.py            robots.txt asked for and obeyed
rate_limit.py        gaps, waits, what robots.txt means
host_state.py        what is remembered of hosts
opt_outs.py          what a publisher reserves
rendering.py         JavaScript-rendered pages, in a browser
"""

from __future__ import annotations

import asyncio

from scraper.errors import UsageError
from scraper.fetching.client import Client, Transport
from scraper.fetching.host_state import HostStore
from scraper.fetching.rendering import PageRenderer
from scraper.models import FetchSettings, Page

__all__ = ["Client", "HostStore", "PageRenderer", "Transport", "fetch", "fetch_async"]


def fetch(url: str, *, settings: FetchSettings | None = None) -> Page:
    """Fetch one address now and return the page.

    Args:
        url: an http or https address.
        settings: bounds and rate limits; by default those of `FetchSettings`.

    Raises:
        FetchError: there is no usable response; `error_class` tells why.
        UsageError: an event loop is running in this thread: use `fetch_async` there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(fetch_async(url, settings=settings))
    raise UsageError("fetch() can't be called in a running event loop: use fetch_async there")


async def fetch_async(url: str, *, settings: FetchSettings | None = None) -> Page:
    """Fetch one address now and return the page, from within an event loop.

    Calls do not know of one another: `Client` keeps the rests between requests to one host.

    Args:
        url: an http or https address.
        settings: bounds and rate limits; by default those of `FetchSettings`.

    Raises:
        FetchError: there is no usable response; `error_class` tells why.
    """
    async with Client(settings or FetchSettings()) as client:
        return await client.get(url)
