"""Attempts that are written together: a transaction for each costs more than what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from scraper.errors import FetchError
from scraper.models import Attempt
from scraper.urls import identity

__all__ = ["Batch", "page_key"]

# Half of what an article costs in a transaction of its own; more gain little and say nothing of
# themselves for seconds.
_MOST = 25


class Batch:
    """Gathers attempts at captures until there are enough, or one at a page that is among them.

    What is not written yet when the process dies is read again by the next import.

    Args:
        write: writes attempts at different pages in one transaction.
    """

    def __init__(self, write: Callable[[Sequence[Attempt]], Awaitable[None]]) -> None:
        self._write = write
        self._attempts: dict[str, Attempt] = {}

    async def add(self, capture: str, task: asyncio.Task[Attempt]) -> None:
        """Take the attempt at a capture, once it is made."""
        attempt = replace(await task, capture=capture)
        page = attempt.page
        keys = {page_key(attempt.link.url), page_key(page.final_url if page else attempt.link.url)}
        if keys & self._attempts.keys() or len(self._attempts) >= 2 * _MOST:
            await self.write()
        self._attempts |= dict.fromkeys(keys, attempt)
        if len(set(map(id, self._attempts.values()))) >= _MOST:
            await self.write()

    async def write(self) -> None:
        """Write what there is."""
        attempts = list({id(a): a for a in self._attempts.values()}.values())
        self._attempts.clear()
        if attempts:
            await self._write(attempts)


def page_key(url: str) -> str:
    """Return what tells pages apart within a pass; an address that is none stands for itself."""
    try:
        return identity(url)
    except FetchError:
        return url
