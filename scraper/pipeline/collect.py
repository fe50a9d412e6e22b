"""One pass over the sources that are due, and the pages due for a recheck."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scraper.archive import SourceState, SourceVisit
from scraper.discovery import Get, Known, Run, discover
from scraper.errors import ArchiveError, DiscoverError, ExtractError, FetchError, ScraperError
from scraper.models import Discovery, Link, Source
from scraper.models.source_kinds import is_captures
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.captures import CaptureReader, page_key
from scraper.pipeline.events import BY_HAND, Event, RunCounts
from scraper.pipeline.link import as_error
from scraper.pipeline.record import LinkRecorder, gather_or_raise
from scraper.urls import canonical

__all__ = ["Collector", "VisitWriter", "visit_source", "with_new_address"]


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
        *,
        until: float = math.inf,
    ) -> None:
        """Visit sources and look at pages again, until all is done or a stop is asked for.

        Args:
            due: what to visit.
            states: what is remembered of each, by name.
            rechecks: pages that are due for another look.
            tally: where everything is counted.
            stop: when it is set, nothing new is begun and what is under way is finished.
            until: moment of the loop's clock after which no page is begun: what is left is due at
                the next pass.
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
            await self._recorder.process_links(links, tally, stop, until=until)

        await gather_or_raise(
            self._recorder.process_links(rechecks, tally, stop, until=until),
            *(visit(source) for source in due),
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
        shown = {page_key(link.url) for link in discovery.links}
        links = [link for link in due if page_key(link.url) not in taken]
        # Pages that were given up are due once more though the source did not show them now.
        again = sum(page_key(link.url) not in shown for link in links)
        untaken = sum(page_key(link.url) not in taken for link in discovery.links)
        taken.update(page_key(link.url) for link in links)
        counts.seen += untaken + again
        counts.known += untaken - (len(links) - again)
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


def with_new_address(source: Source, moved_to: str) -> Source:
    """Return a source whose new address stands in for it where its own fails.

    Its own address is still asked first: a redirect is followed at once, and what serves entries
    again after it was parked for some days is read where it is.
    """
    if not moved_to:
        return source
    return replace(source, fallback=(f"{source.kind} {moved_to}", *source.fallback))


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

    async def read(source: Source, etag: str = "", last_modified: str = "") -> Discovery:
        return await discover(
            source,
            get,
            run,
            etag=etag,
            last_modified=last_modified,
            at=at,
            # A fallback shows less than the source's own address: nothing counts as seen there.
            since=None if state.served_by else state.last_ok_at,
            known=known,
            max_sitemap_bytes=max_sitemap_bytes,
        )

    own = with_new_address(source, state.moved_to)
    found = await read(own, state.etag, state.last_modified)
    if not _only_announces(found, state.moved_to):
        return found
    try:
        moved = await read(replace(source, url=state.moved_to, fallback=()))
    except (FetchError, DiscoverError, ExtractError) as error:
        return replace(found, notes=(*found.notes, error.message))
    return replace(
        moved,
        pages=(*found.pages, *moved.pages),
        notes=(*found.notes, *moved.notes),
        unchanged=False,
        conditional=found.conditional,
        moved_to=state.moved_to,
    )


def _only_announces(found: Discovery, moved_to: str) -> bool:
    """Return whether an address serves entries itself though the source has moved elsewhere."""
    if not moved_to or found.served_by or not found.pages:
        return False
    elsewhere = canonical(found.pages[0].final_url) != canonical(moved_to)
    return elsewhere and (found.unchanged or found.moved_to == moved_to)


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
