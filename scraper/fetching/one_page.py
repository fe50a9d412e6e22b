"""One address fetched now: what the Python API offers of fetching."""

from __future__ import annotations

import asyncio

from scraper.errors import UsageError
from scraper.fetching.client import Client
from scraper.models import FetchSettings, Page

__all__ = ["fetch", "fetch_async"]


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
