"""Captured responses: read into the archive a few at a time, from an import or a watched file.

Attempts that are written together: a transaction for each costs more than what is in it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeAlias

from scraper.errors import FetchError, ScraperError, UsageError
from scraper.models import Attempt, Discovery, Learned, Link, Page, ReadPage, Source
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.chunks import CapturedPage, ReadingTerms, read_chunk
from scraper.pipeline.events import RunCounts
from scraper.pipeline.link import LinkFetcher, Recall, as_error
from scraper.pipeline.record import LinkRecorder
from scraper.record import record
from scraper.urls import host_of, identity
from scraper.workers import ParserPool

__all__ = ["CaptureBatch", "CaptureReader", "CaptureSource", "page_key"]

# An attempt, with what was learned of its host before its page was read.
_Read: TypeAlias = tuple[Attempt, Learned | None]


# Half of what an article costs in a transaction of its own; more gain little and say nothing of
# themselves for seconds.
_MOST = 25
# Captures that a worker takes at once, and bytes of them: a second's work.
_CHUNK, _CHUNK_BYTES = 16, 2 * 1024 * 1024


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

    async def add(self, attempt: Attempt) -> None:
        """Take the attempt at a capture."""
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


@record
class _Waiting:
    """A capture that is read.

    Attributes:
        key: its identity.
        link: its address, with its source.
        page: the response as it was captured.
        reading: what another machine read from it, or b"".
    """

    key: str
    link: Link
    page: Page
    reading: bytes


class CaptureReader:
    """Reads captures in constant memory, however many there are.

    Workers take several at a time and do all that can be done before they are written; what is
    read ahead is bounded. What was read before something was learned of its host is read again, so
    that the archive does not depend on how many workers there are, nor on how fast they are.

    Args:
        thread: the archive.
        fetcher: makes attempts of pages.
        recorder: records what was read.
        watched: reads watched files of captures, for sources of the kind ``warc``, or None.
        pool: the workers.
        recall: what is boilerplate on a host.
        lexicon: the folder of the configuration whose lexicon judges, and its version.
        in_flight: chunks of pages that are read at once.
    """

    def __init__(
        self,
        thread: ArchiveThread,
        fetcher: LinkFetcher,
        recorder: LinkRecorder,
        watched: CaptureSource | None,
        *,
        pool: ParserPool,
        recall: Recall,
        lexicon: tuple[Path | None, str],
        in_flight: int,
    ) -> None:
        self._archive_thread = thread
        self._fetcher = fetcher
        self._recorder = recorder
        self._watched = watched
        self._pool = pool
        self._recall = recall
        self._lexicon = lexicon
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
        thread = self._archive_thread
        archive = thread.archive_or_fail()
        terms = self._fetcher.terms(
            source, bodies=archive.folder / "bodies.db", lexicon=self._lexicon
        )
        waiting: deque[asyncio.Task[list[_Read]]] = deque()
        read_with: dict[str, Learned | None] = {}

        async def write(attempts: Sequence[Attempt]) -> None:
            fresh = [self._fresh(one, read_with.pop(one.capture, None)) for one in attempts]
            await self._recorder.record(await asyncio.gather(*fresh), label, tally)

        batch = CaptureBatch(write)

        async def finish(chunk: asyncio.Task[list[_Read]]) -> None:
            for attempt, learned in await chunk:
                read_with[attempt.capture] = learned
                await batch.add(attempt)

        links: list[Link] = []
        counts = tally.of(label)
        finished = False
        try:
            while not finished:
                # Reading and unpacking is work that the event loop must not wait for.
                found, finished, broken = await asyncio.to_thread(_next_chunk, captures)
                known = await thread.call(archive.seen_captures, [key for key, _ in found])
                fresh = [(key, page) for key, page in found if key not in known]
                counts.seen += len(found)
                counts.known += len(found) - len(fresh)
                if fresh:
                    thread.require_free_space()
                    new = [
                        Link(url=page.url, source=source, position=len(links) + n)
                        for n, (_, page) in enumerate(fresh)
                    ]
                    links += new
                    chunk = [
                        _Waiting(key=key, link=link, page=_unread(page), reading=_reading_of(page))
                        for (key, page), link in zip(fresh, new, strict=True)
                    ]
                    waiting.append(asyncio.create_task(self._read(chunk, terms)))
                if broken is not None:
                    raise broken
                if len(waiting) >= self._in_flight:
                    await finish(waiting.popleft())
        finally:
            try:
                while waiting:
                    await finish(waiting.popleft())
            finally:
                await batch.write()
        return links

    async def _read(self, chunk: Sequence[_Waiting], terms: ReadingTerms) -> list[_Read]:
        """Return the attempts at captures, each with what was learned of its host before."""
        read: list[_Read] = []
        while len(read) < len(chunk):
            rest = chunk[len(read) :]
            captures = await self._captured(rest)
            made = await as_error(self._pool.run(read_chunk, captures, terms))
            if isinstance(made, ScraperError):
                # One of them stopped the worker: each by itself, so that it costs none but itself.
                attempts = [await self._fetcher.attempt(one.link, page=one.page) for one in rest]
            else:
                attempts = [
                    await self._fetcher.attempt_read(one.link, found)
                    for one, found in zip(rest, made, strict=False)
                ]
            read += [
                (replace(attempt, capture=one.key), capture.learned)
                for one, capture, attempt in zip(rest, captures, attempts, strict=False)
            ]
        return read

    async def _captured(self, waiting: Sequence[_Waiting]) -> list[CapturedPage]:
        """Return pages with what their workers need to know."""
        archive = self._archive_thread.archive_or_fail()
        packing = await self._archive_thread.call(archive.packing, [one.page for one in waiting])
        return [
            CapturedPage(
                page=one.page,
                learned=await self._recall(host_of(one.page.final_url)),
                packing=terms,
                reading=one.reading,
            )
            for one, terms in zip(waiting, packing, strict=True)
        ]

    async def _fresh(self, attempt: Attempt, learned: Learned | None) -> Attempt:
        """Return an attempt as it is with what is known of its host by now."""
        page = attempt.page
        if page is None or not page.body or attempt.error_class:
            return attempt
        if await self._recall(host_of(page.final_url)) == learned:
            return attempt
        again = await self._fetcher.attempt_decoded(attempt.link, page)
        return replace(again, capture=attempt.capture, packed=attempt.packed)


def _unread(page: Page) -> Page:
    return page.unread() if isinstance(page, ReadPage) else page


def _reading_of(page: Page) -> bytes:
    return page.reading if isinstance(page, ReadPage) else b""


def _next_chunk(
    captures: Iterator[tuple[str, Page]],
) -> tuple[list[tuple[str, Page]], bool, ScraperError | None]:
    """Return the next captures, whether they are the last, and what error ended them, if any."""
    found: list[tuple[str, Page]] = []
    size = 0
    try:
        for capture in captures:
            found.append(capture)
            size += len(capture[1].body)
            if len(found) >= _CHUNK or size >= _CHUNK_BYTES:
                return found, False, None
    except ScraperError as error:
        return found, True, error
    return found, True, None
