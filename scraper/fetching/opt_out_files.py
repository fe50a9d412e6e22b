"""The files of a host that say what its publisher reserves, asked for once a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from scraper.errors import FetchError
from scraper.fetching.host_state import HostStore
from scraper.fetching.opt_outs import AI_TXT, TDMREP, host_reservations
from scraper.models import Reservation
from scraper.urls import host_of

__all__ = ["OptOutFiles"]

_AGE = timedelta(hours=24)


class OptOutFiles:
    """Knows what the files of each host reserve.

    Args:
        agent: our product token, such as ``scraper``.
        hosts: what is remembered of hosts.
        clock: the present moment.
        read: fetches a small file, obeying robots.txt; returns status and text, or raises
            `FetchError`.
    """

    def __init__(
        self,
        *,
        agent: str,
        hosts: HostStore,
        clock: Callable[[], datetime],
        read: Callable[[str], Awaitable[tuple[int, str]]],
    ) -> None:
        self._agent = agent
        self._hosts = hosts
        self._clock = clock
        self._read = read
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, url: str) -> tuple[Reservation, ...]:
        """Return what the files of an address's host reserve for it; none where none can be had."""
        host = host_of(url)
        async with self._locks.setdefault(host, asyncio.Lock()):
            await self._hosts.recall(host)
            asked = self._hosts.load(host).reserved_at
            if asked is None or not timedelta(0) <= self._clock() - asked < _AGE:
                origin = f"{url.partition('://')[0]}://{host}"
                ai_txt, tdmrep = (
                    await self._text(origin + AI_TXT),
                    await self._text(origin + TDMREP),
                )
                state = replace(
                    self._hosts.load(host),
                    reserved_at=self._clock(),
                    ai_txt=ai_txt,
                    tdmrep=tdmrep,
                )
                self._hosts.save(state)
            state = self._hosts.load(host)
            # Parsed beside the event loop, as long texts take long; once for each text.
            return await asyncio.to_thread(
                host_reservations,
                url,
                tdmrep=state.tdmrep,
                ai_txt=state.ai_txt,
                agent=self._agent,
            )

    async def _text(self, address: str) -> str:
        try:
            status, text = await self._read(address)
        except FetchError:
            return ""
        # Many a site answers with its front page, or a page that says there is no such file.
        return text if status == 200 and not text.lstrip().startswith("<") else ""
