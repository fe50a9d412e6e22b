"""One pass over the sources that are due, and the pages due for another look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from scraper.archive import SourceState, SourceVisit
from scraper.discovery import Get, Run
from scraper.errors import ArchiveError, ScraperError
from scraper.models import Discovery, Link, Source
from scraper.models.source_kinds import is_captures
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.captures import CaptureReader, page_key
from scraper.pipeline.events import BY_HAND, Event, RunCounts
from scraper.pipeline.link import as_error
from scraper.pipeline.record import LinkRecorder, gather_or_raise
from scraper.pipeline.visiting import VisitWriter, visit_source

__all__ = ["Collector"]


class Collector:
    """Visits sources side by side and settles what they show.

    Args:
        keeper: the archive.
        settler: settles links.
        captures: visits sources of the kind ``warc``.
        get: fetches an address.
        run: runs a pure parser in a worker.
        clock: the present moment.
        tell: called for each visit.
        max_sitemap_bytes: cap on a sitemap.
    """

    def __init__(
        self,
        keeper: ArchiveThread,
        settler: LinkRecorder,
        captures: CaptureReader,
        *,
        get: Get,
        run: Run,
        clock: Callable[[], datetime],
        tell: Callable[[Event], None],
        max_sitemap_bytes: int,
    ) -> None:
        self._keeper = keeper
        self._settler = settler
        self._captures = captures
        self._get = get
        self._run = run
        self._clock = clock
        self._tell = tell
        self._max_sitemap_bytes = max_sitemap_bytes
        self._logbook = VisitWriter(keeper.record_visits)

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
            await self._settler.settle_all(links, tally, stop)

        await gather_or_raise(
            self._settler.settle_all(rechecks, tally, stop), *(visit(source) for source in due)
        )

    async def _visit(
        self, source: Source, state: SourceState, tally: RunCounts, taken: set[str]
    ) -> Sequence[Link]:
        """Read a source; return the links to settle that are not `taken`, and take them.

        What this pass has taken up already, as a page due for another look or from another source,
        is counted there, whether or not it is settled by now.
        """
        self._keeper.need_room()
        archive = self._keeper.needed()
        counts, at = tally.of(source.name), self._clock()

        async def known(urls: Sequence[str]) -> frozenset[str]:
            return await self._keeper.call(archive.known, urls)

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
        due = await self._logbook.record(visited)
        untaken = sum(page_key(link.url) not in taken for link in discovery.links)
        links = [link for link in due if page_key(link.url) not in taken]
        taken.update(page_key(link.url) for link in links)
        counts.seen += untaken
        counts.known += untaken - len(links)
        self._say(source, "ok", _in_words(discovery), expected=len(links))
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
        await self._logbook.record(SourceVisit(source=source.name, at=at, discovery=discovery))
        self._say(
            source,
            "ok",
            f"{files} files are new or changed" if files else "no file is new or changed",
        )

    async def _failed(
        self, source: Source, at: datetime, error: ScraperError, tally: RunCounts
    ) -> None:
        tally.of(source.name).error = error.message
        await self._logbook.record(
            SourceVisit(
                source=source.name,
                at=at,
                discovery=None,
                error_class=error.error_class,
                message=error.message,
            )
        )
        self._say(source, "failed", error.message)

    def _say(self, source: Source, outcome: str, detail: str, *, expected: int = 0) -> None:
        self._tell(
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
    failed = [f"{rung.kind}: {rung.message}" for rung in discovery.failed]
    said = "304 not modified" if discovery.unchanged else "; ".join(discovery.notes)
    return "; ".join(part for part in (served, *failed, said) if part)
