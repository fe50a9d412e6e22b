"""The archive while a pipeline is open: in a thread of its own, so that no disk blocks the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import ParamSpec, Self, TypeVar

from scraper.archive import Archive, SourceVisit
from scraper.errors import ArchiveError, ErrorClass
from scraper.models import HostState, Link
from scraper.pipeline.events import RunCounts

__all__ = ["ArchiveThread"]

P = ParamSpec("P")
T = TypeVar("T")


class ArchiveThread:
    """One thread that owns an archive; an asynchronous context manager.

    Args:
        open_archive: opens the archive, in that thread; None keeps nothing (``--no-save``).
        least_free: bytes that must be free on its disk before anything is begun.
        clock: the present moment.

    Attributes:
        archive: what is kept in, or None. Its methods are to be called by way of `call`.
    """

    def __init__(
        self,
        open_archive: Callable[[], Archive] | None,
        *,
        least_free: int,
        clock: Callable[[], datetime],
    ) -> None:
        self.archive: Archive | None = None
        self._open_archive = open_archive
        self._least_free = least_free
        self._clock = clock
        self._hosts_to_save: dict[str, HostState] = {}

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        async with AsyncExitStack() as opened:
            opened.callback(self._thread.shutdown)
            if self._open_archive is not None:
                self.archive = await self.call(self._open_archive)
                opened.push_async_callback(self.call, self.archive.close)
            self._open = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the archive in the thread that owns it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*args, **kwargs))

    def archive_or_fail(self) -> Archive:
        """Return the archive (`ArchiveError` where nothing is kept)."""
        if self.archive is None:
            raise ArchiveError("this pass needs an archive")
        return self.archive

    def require_free_space(self) -> None:
        """Refuse to begin anything when the archive's disk is nearly full.

        Raises:
            ArchiveError: (``db_full``) less is free than ``[archive] least_free``.
        """
        if self.archive is None:
            return
        free, least = self.archive.free(), self._least_free
        if free < least:
            raise ArchiveError(
                f"paused: {free // 2**20:,} MB are free on the disk of {self.archive.folder}, and"
                f" collecting pauses below {least // 2**20:,} MB (least_free in settings.toml)",
                error_class=ErrorClass.DB_FULL,
            )

    @asynccontextmanager
    async def run(self, kind: str, tally: RunCounts) -> AsyncIterator[RunCounts]:
        """Keep the row of `runs` true, also when the pass is broken off."""
        if self.archive is None:
            yield tally
            return
        run = await self.call(self.archive.begin_run, kind, self._clock())
        try:
            yield tally
        finally:
            await self.call(self.archive.end_run, run, self._clock(), dict(tally.total()))

    async def record_visits(self, visits: Sequence[SourceVisit]) -> list[tuple[Link, ...]]:
        """Write visits to sources; return for each the links that need a fetch now."""
        return await self.call(self.archive_or_fail().record_visits, visits)

    async def is_archived(self, url: str) -> bool:
        """Return whether a page has a version."""
        state = await self.call(self.archive_or_fail().page_state, url)
        return state.version_id is not None

    # Hosts, in the form that `scraper.pipeline.archive_hosts` wants

    async def read_host(self, host: str) -> HostState:
        """Return what is remembered of a host."""
        if self.archive is None:
            return HostState(host=host)
        return await self.call(self.archive.host_state, host)

    def save_host(self, state: HostState) -> None:
        """Have the state of a host written when the archive's thread comes round to it."""
        if self.archive is not None:
            self._hosts_to_save[state.host] = state
            self._thread.submit(self._save_hosts)

    def _save_hosts(self) -> None:
        """Write the states that gathered since."""
        states = []
        while self._hosts_to_save:
            states.append(self._hosts_to_save.popitem()[1])
        if self.archive is not None and states:
            self.archive.save_hosts(states)
