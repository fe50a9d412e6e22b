"""How a source is visited: where it is to be found by now, and what is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from scraper.archive import SourceState, SourceVisit
from scraper.discovery import Get, Known, Run, discover
from scraper.models import Discovery, Link, Page, Source

__all__ = ["CaptureSource", "VisitWriter", "at_new_address", "visit_source"]


class CaptureSource(Protocol):
    """Reads a watched file or folder of captures.

    Given its path and what the last visit left to be remembered ("" for nothing), it returns the
    (identity, page) pairs of the files that are new or changed, what is to be remembered now, and
    how many such files there are.
    """

    def __call__(
        self, place: Path, state: str, /
    ) -> tuple[Iterator[tuple[str, Page]], str, int]: ...


def at_new_address(source: Source, moved_to: str) -> Source:
    """Return a source at the address to which it has moved for good, the old one behind it."""
    if not moved_to:
        return source
    old = f"{source.kind} {source.url}"
    return replace(source, url=moved_to, fallback=(old, *source.fallback))


async def visit_source(
    source: Source,
    state: SourceState,
    get: Get,
    run: Run,
    *,
    at: datetime,
    known: Known,
    max_sitemap_bytes: int,
) -> Discovery:
    """Visit a source with what is remembered of its last visit.

    Raises:
        ScraperError: neither its address nor any that stands in for it gave links.
    """
    return await discover(
        at_new_address(source, state.moved_to),
        get,
        run,
        etag=state.etag,
        last_modified=state.last_modified,
        at=at,
        # A fallback shows less than the source's own address: then nothing counts as seen there.
        since=None if state.served_by else state.last_ok_at,
        known=known,
        max_sitemap_bytes=max_sitemap_bytes,
    )


class VisitWriter:
    """Writes visits to the archive, those that came while it was writing all at once.

    A commit waits for the disk; hundreds of sources with nothing new would each wait in turn.

    Args:
        write: writes visits in one transaction.
    """

    def __init__(
        self, write: Callable[[Sequence[SourceVisit]], Awaitable[list[tuple[Link, ...]]]]
    ) -> None:
        self._write = write
        self._waiting: list[tuple[SourceVisit, asyncio.Future[tuple[Link, ...]]]] = []
        self._task: asyncio.Task[None] | None = None

    async def record(self, visited: SourceVisit) -> tuple[Link, ...]:
        """Write a visit; return the links that need a fetch now.

        Raises:
            ArchiveError: it could not be written, nor those that were written with it.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((visited, future))
        if self._task is None:
            self._task = asyncio.create_task(self._write_all())
        links: tuple[Link, ...] = await future
        return links

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            visits = [visited for visited, _ in group]
            [outcome] = await asyncio.gather(self._write(visits), return_exceptions=True)
            for number, (_, future) in enumerate(group):
                if future.done():
                    continue
                if isinstance(outcome, BaseException):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome[number])
        self._task = None
