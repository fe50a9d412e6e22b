"""Captured responses: read into the archive a few at a time, from an import or a watched file.

Attempts that are written together: a transaction for each costs more than what is in it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from scraper.errors import FetchError, UsageError
from scraper.models import Attempt, Discovery, Link, Page, Source
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.events import RunCounts
from scraper.pipeline.link import LinkFetcher
from scraper.pipeline.record import LinkRecorder
from scraper.urls import identity

__all__ = ["CaptureBatch", "CaptureReader", "CaptureSource", "page_key"]


# Half of what an article costs in a transaction of its own; more gain little and say nothing of
# themselves for seconds.
_MOST = 25


class CaptureSource(Protocol):
    """Reads a watched file or folder of captures.

    Given its path and what the last visit left to be remembered ("" for nothing), it returns the
    (identity, page) pairs of the files that are new or changed, what is to be remembered now, and
    how many such files there are.
    """

    def __call__(
        self, place: Path, state: str, /
    ) -> tuple[Iterator[tuple[str, Page]], str, int]: ...


class CaptureBatch:
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


class CaptureReader:
    """Reads captures in constant memory, however many there are.

    Args:
        thread: the archive.
        fetcher: reads pages.
        recorder: records what was read.
        watched: reads watched files of captures, for sources of the kind ``warc``, or None.
        in_flight: pages that are read at once.
    """

    def __init__(
        self,
        thread: ArchiveThread,
        fetcher: LinkFetcher,
        recorder: LinkRecorder,
        watched: CaptureSource | None,
        *,
        in_flight: int,
    ) -> None:
        self._archive_thread = thread
        self._fetcher = fetcher
        self._recorder = recorder
        self._watched = watched
        self._in_flight = in_flight

    async def visit(self, source: Source, state: str, tally: RunCounts) -> tuple[Discovery, int]:
        """Read what is new in a watched file or folder.

        Args:
            source: of the kind ``warc``.
            state: what the last visit left to be remembered, or "".
            tally: where the captures are counted.

        Returns:
            What it brought, and how many files were new or changed.

        Raises:
            ScraperError: the file cannot be read.
        """
        if self._watched is None:
            raise UsageError(f"source {source.name}: nothing here reads captures")
        captures, mark, files = await asyncio.to_thread(self._watched, Path(source.url), state)
        links = await self.take(captures, source.name, source.name, tally)
        return Discovery(links=tuple(links), unchanged=not files, validator=mark), files

    async def take(
        self, captures: Iterator[tuple[str, Page]], label: str, source: str, tally: RunCounts
    ) -> list[Link]:
        """Read captures into the archive.

        Args:
            captures: (identity of the capture, page) pairs; those known already are passed over.
            label: name that they are counted under.
            source: name of the source that shows them, or "".
            tally: where they are counted.

        Returns:
            Links to those that were new to the archive.

        Raises:
            ScraperError: what `captures` raised, once everything before it is archived.
        """
        archive = self._archive_thread.archive_or_fail()
        waiting: deque[tuple[str, asyncio.Task[Attempt]]] = deque()

        async def write(attempts: Sequence[Attempt]) -> None:
            await self._recorder.record(attempts, label, tally)

        batch = CaptureBatch(write)
        links: list[Link] = []
        counts = tally.of(label)
        try:
            # Reading and unpacking is work that the event loop must not wait for.
            while (capture := await asyncio.to_thread(next, captures, None)) is not None:
                key, page = capture
                counts.seen += 1
                if await self._archive_thread.call(archive.seen_capture, key):
                    counts.known += 1
                    continue
                self._archive_thread.require_free_space()
                links.append(Link(url=page.url, source=source, position=len(links)))
                task = asyncio.create_task(self._fetcher.attempt(links[-1], page=page))
                waiting.append((key, task))
                if len(waiting) >= self._in_flight:
                    await batch.add(*waiting.popleft())
        finally:
            while waiting:
                await batch.add(*waiting.popleft())
            await batch.write()
        return links
