"""Captured responses: read into the archive a few at a time, from an import or a watched file."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from scraper.errors import UsageError
from scraper.models import Attempt, Discovery, Link, Page, Source
from scraper.pipeline.attempt import Attempter
from scraper.pipeline.batch import Batch
from scraper.pipeline.keeping import Keeper
from scraper.pipeline.settling import Settler
from scraper.pipeline.tally import Tally
from scraper.pipeline.visiting import CaptureSource

__all__ = ["CaptureReader"]


class CaptureReader:
    """Reads captures in constant memory, however many there are.

    Args:
        keeper: the archive.
        attempter: reads pages.
        settler: records what was read.
        watched: reads watched files of captures, for sources of the kind ``warc``, or None.
        in_flight: pages that are read at once.
    """

    def __init__(
        self,
        keeper: Keeper,
        attempter: Attempter,
        settler: Settler,
        watched: CaptureSource | None,
        *,
        in_flight: int,
    ) -> None:
        self._keeper = keeper
        self._attempter = attempter
        self._settler = settler
        self._watched = watched
        self._in_flight = in_flight

    async def visit(self, source: Source, state: str, tally: Tally) -> tuple[Discovery, int]:
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
        self, captures: Iterator[tuple[str, Page]], label: str, source: str, tally: Tally
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
        archive = self._keeper.needed()
        waiting: deque[tuple[str, asyncio.Task[Attempt]]] = deque()

        async def write(attempts: Sequence[Attempt]) -> None:
            await self._settler.record(attempts, label, tally)

        batch = Batch(write)
        links: list[Link] = []
        counts = tally.of(label)
        try:
            for key, page in captures:
                counts.seen += 1
                if await self._keeper.call(archive.seen_capture, key):
                    counts.known += 1
                    continue
                self._keeper.need_room()
                links.append(Link(url=page.url, source=source, position=len(links)))
                task = asyncio.create_task(self._attempter.attempt(links[-1], page=page))
                waiting.append((key, task))
                if len(waiting) >= self._in_flight:
                    await batch.add(*waiting.popleft())
        finally:
            while waiting:
                await batch.add(*waiting.popleft())
            await batch.write()
        return links
