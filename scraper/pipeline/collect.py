"""One pass over the sources that are due, and the pages due for a recheck."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scraper.archive import SourceState, SourceVisit
from scraper.discovery import Get, Known, Run, discover
from scraper.errors import ArchiveError, ScraperError
from scraper.models import Discovery, Link, Source
from scraper.models.source_kinds import is_captures
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.captures import CaptureReader, page_key
from scraper.pipeline.events import BY_HAND, Event, RunCounts
from scraper.pipeline.link import as_error
from scraper.pipeline.record import LinkRecorder, gather_or_raise

__all__ = ["Collector", "VisitWriter", "at_new_address", "visit_source"]


class Collector:
    """Visits sources side by side and processes the links that they show.

    Args:
        thread: the archive.
        recorder: processes links.
        captures: visits sources of the kind ``warc``.
        get: fetches an address.
        run: runs a pure parser in a worker.
        clock: the present moment.
        on_event: called for each visit.
        max_sitemap_bytes: cap on a sitemap.
    """

    def __init__(
        self,
        thread: ArchiveThread,
        recorder: LinkRecorder,
        captures: CaptureReader,
        *,
        get: Get,
        run: Run,
        clock: Callable[[], datetime],
        on_event: Callable[[Event], None],
        max_sitemap_bytes: int,
    ) -> None:
        self._archive_thread = thread
        self._recorder = recorder
        self._captures = captures
        self._get = get
        self._run = run
        self._clock = clock
        self._on_event = on_event
        self._max_sitemap_bytes = max_sitemap_bytes
        self._visit_writer = VisitWriter(thread.record_visits)

    async def collect(
        self,
        due: Iterable[Source],
        states: Mapping[str, SourceState],
        rechecks: Sequence[Link],
        tally: RunCounts,
        stop: asyncio.Event,
    ) -> None:
        """Visit sources and look at pages again, until all is done or a stop is asked for.

        Args:
            due: what to visit.
            states: what is remembered of each, by name.
            rechecks: pages that are due for another look.
            tally: where everything is counted.
            stop: when it is set, nothing new is begun and what is under way is finished.
        """
        # Addresses that this pass has taken up, by identity.
        taken: set[str] = set()
        for link in rechecks:
            tally.of(link.source or BY_HAND).seen += 1
            taken.add(page_key(link.url))

        async def visit(source: Source) -> None:
            if stop.is_set():
                return
            state = states[source.name]
            if is_captures(source.kind):
                await self._visit_captures(source, state, tally)
                return
            links = await self._visit(source, state, tally, taken)
            await self._recorder.process_links(links, tally, stop)

        await gather_or_raise(
            self._recorder.process_links(rechecks, tally, stop), *(visit(source) for source in due)
        )

    async def _visit(
        self, source: Source, state: SourceState, tally: RunCounts, taken: set[str]
    ) -> Sequence[Link]:
        """Read a source; return the links to process that are not `taken`, and take them.

        What this pass has taken up already, as a page due for another look or from another source,
        is counted there, whether or not it is recorded by now.
        """
        self._archive_thread.require_free_space()
        archive = self._archive_thread.archive_or_fail()
        counts, at = tally.of(source.name), self._clock()

        async def known(urls: Sequence[str]) -> frozenset[str]:
            return await self._archive_thread.call(archive.known, urls)

        discovery = await as_error(
            visit_source(
                source,
                state,
                self._get,
                self._run,
                at=at,
                known=known,
                max_sitemap_bytes=self._max_sitemap_bytes,
            )
        )
        if isinstance(discovery, ScraperError):
            await self._failed(source, at, discovery, tally)
            return ()
        visited = SourceVisit(source=source.name, at=at, discovery=discovery)
        due = await self._visit_writer.record(visited)
        untaken = sum(page_key(link.url) not in taken for link in discovery.links)
        links = [link for link in due if page_key(link.url) not in taken]
        taken.update(page_key(link.url) for link in links)
        counts.seen += untaken
        counts.known += untaken - len(links)
        self._emit(source, "ok", _in_words(discovery), expected=len(links))
        return links

    async def _visit_captures(self, source: Source, state: SourceState, tally: RunCounts) -> None:
        """Read what is new in a watched file or folder of captures."""
        at = self._clock()
        try:
            discovery, files = await self._captures.visit(source, state.etag, tally)
        except ArchiveError:
            raise  # it is the archive that fails, not the source
        except ScraperError as error:
            await self._failed(source, at, error, tally)
            return
        await self._visit_writer.record(SourceVisit(source=source.name, at=at, discovery=discovery))
        self._emit(
            source,
            "ok",
            f"{files} files are new or changed" if files else "no file is new or changed",
        )

    async def _failed(
        self, source: Source, at: datetime, error: ScraperError, tally: RunCounts
    ) -> None:
        tally.of(source.name).error = error.message
        await self._visit_writer.record(
            SourceVisit(
                source=source.name,
                at=at,
                discovery=None,
                error_class=error.error_class,
                message=error.message,
            )
        )
        self._emit(source, "failed", error.message)

    def _emit(self, source: Source, outcome: str, detail: str, *, expected: int = 0) -> None:
        self._on_event(
            Event(
                kind="visit",
                source=source.name,
                url=source.url,
                outcome=outcome,
                detail=detail,
                expected=expected,
            )
        )


def _in_words(discovery: Discovery) -> str:
    """Return what is worth telling of a visit, or ""."""
    served = f"served by {discovery.served_by}" if discovery.served_by else ""
    failed = [f"{fallback.kind}: {fallback.message}" for fallback in discovery.failed]
    said = "304 not modified" if discovery.unchanged else "; ".join(discovery.notes)
    return "; ".join(part for part in (served, *failed, said) if part)


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
