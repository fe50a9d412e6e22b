"""The passes: fetch some addresses, collect from all sources that are due, import captures."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from scraper.archive import Archive, SourceState, Visited
from scraper.config import Config, pick
from scraper.discover import Found, find_sources
from scraper.errors import ArchiveError, FetchError, ScraperError, UsageError
from scraper.extract.pool import ParserPool
from scraper.fetch import Client, PageRenderer, Transport
from scraper.models import (
    Attempt,
    Discovery,
    HostState,
    Learned,
    Link,
    Page,
    Recorded,
    Reservation,
    Source,
)
from scraper.pipeline.attempt import Attempter, guarded
from scraper.pipeline.batch import Batch
from scraper.pipeline.checking import Checked, check_source
from scraper.pipeline.hosts import Hosts, is_own
from scraper.pipeline.memory import Memory
from scraper.pipeline.opinion import weigh
from scraper.pipeline.relevance import Relevance
from scraper.pipeline.tally import Tally
from scraper.pipeline.visiting import CaptureSource, Logbook, visit_source
from scraper.urls import host_of, identity

__all__ = ["BY_HAND", "Event", "Outcome", "Pipeline", "utcnow"]

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

# The name under which addresses that no source showed are counted.
BY_HAND = "(by hand)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a user may want to see as it happens.

    Attributes:
        kind: ``visit`` (a source was read) or ``link`` (a link was settled).
        source: name of the source.
        url: address of the source or link.
        outcome: ``ok`` or ``failed`` for a visit; kept, unchanged, rejected, failed for a link.
        detail: why, in words.
        expected: for a visit, the number of links that will be settled because of it.
    """

    kind: str
    source: str
    url: str
    outcome: str
    detail: str = ""
    expected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one link."""

    attempt: Attempt
    recorded: Recorded


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class Pipeline:
    """One open way through all stages; an asynchronous context manager.

    Args:
        config: bounds and sources.
        open_archive: opens where everything is recorded, in the thread that will own it; None
            records nothing (``--no-save``).
        transport: what stands for the web, or None for the web itself.
        captures: reads watched files of captures, for sources of the kind ``warc``.
        clock: the present moment; replaced only where time is simulated.
        on_event: called in the event loop for each visit and each settled link.
        render: whether a browser draws every page, whatever its source says.
    """

    def __init__(
        self,
        config: Config,
        *,
        open_archive: Callable[[], Archive] | None = None,
        transport: Transport | None = None,
        captures: CaptureSource | None = None,
        clock: Callable[[], datetime] = utcnow,
        on_event: Callable[[Event], None] | None = None,
        render: bool = False,
    ) -> None:
        self.config = config
        self.archive: Archive | None = None
        self._open_archive = open_archive
        self.clock = clock
        self._transport = transport
        self._captures = captures
        self._render = render
        self._warned = False
        self._on_event = on_event or (lambda event: None)
        self._open = AsyncExitStack()
        self._logbook = Logbook(self._record_visits)
        self._hosts_to_save: dict[str, HostState] = {}

    async def __aenter__(self) -> Self:
        parse = self.config.parse
        # One thread owns the archive while the pipeline is open: a slow disk never blocks the loop.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._open.callback(self._writer.shutdown)
        if self._open_archive is not None:
            self.archive = await self._archived(self._open_archive)
            self._open.push_async_callback(self._archived, self.archive.close)
        hosts = Hosts(self._read_host, self._save_host)
        self._pool = self._open.enter_context(
            ParserPool(
                workers=parse.workers,
                timeout=parse.timeout,
                memory=parse.memory,
                recycle=parse.recycle,
                preload=("scraper.extract.warm", "scraper.discover", "scraper.pipeline.reading"),
            )
        )
        self._client = await self._open.enter_async_context(
            Client(self.config.fetch, transport=self._transport, hosts=hosts, clock=self.clock)
        )
        renderer = await self._open.enter_async_context(
            PageRenderer(self._client, self.config.fetch)
        )
        zones = {source.name: source.zone for source in self.config.sources}
        self._memory: Memory | None = None
        if self.archive is not None:
            self._memory = Memory(self.archive, self._archived, self._pool, zones=zones)
        self._relevance = Relevance.of(self.config)
        self._attempter = Attempter(
            self._client.get,
            self._pool,
            zones=zones,
            recall=self._recall,
            reserved=self._reserved,
            clock=self.clock,
            settings=self.config.fetch,
            draw=renderer.get,
            drawn=None if self._render else {s.name for s in self.config.sources if s.render},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    # -- the three passes ---------------------------------------------------------------------

    async def fetch(self, urls: Sequence[str]) -> AsyncIterator[Outcome]:
        """Fetch addresses now, in order, whatever is due; yield what became of each."""
        async with self._run("fetch", Tally()) as tally:
            for url in urls:
                yield await self._settle(Link(url=url), tally, conditional=False)

    async def read_saved(self, page: Page) -> Outcome:
        """Read a page that was saved elsewhere as if it had just been fetched."""
        async with self._run("fetch", Tally()) as tally:
            return await self._settle(Link(url=page.url), tally, page=page)

    async def collect(
        self, names: Sequence[str] = (), *, stop: asyncio.Event | None = None
    ) -> Tally:
        """Make one pass over the sources that are due, and the pages due for another look.

        Args:
            names: sources to visit whether due or not; none means all that are due.
            stop: when it is set, nothing new is begun and what is under way is finished.

        Returns:
            The counts by source.

        Raises:
            ConfigError: a name is not in the configuration.
            ArchiveError: the archive can't be written.
        """
        self.need_room()
        archive = self._need_archive()
        stop = stop or asyncio.Event()
        sources = pick(self.config.sources, names)
        await self._archived(archive.sync_sources, self.config.sources, self.clock())
        states = {
            state.source.name: state
            for state in await self._archived(archive.due_sources, self.clock(), tuple(names))
        }
        due = [source for source in sources if source.name in states]
        self._ask_for_contact(due)
        async with self._run("collect", Tally()) as tally:
            taken: set[str] = set()
            rechecks = await self._archived(archive.due_pages, self.clock(), 500)
            chosen = {source.name for source in sources}
            rechecks = [link for link in rechecks if not names or link.source in chosen]
            for link in rechecks:
                tally.of(link.source or BY_HAND).seen += 1
                taken.add(_key(link.url))

            async def visit(source: Source) -> None:
                if stop.is_set():
                    return
                state = states[source.name]
                if source.kind == "warc":
                    await self._visit_captures(source, state, tally)
                    return
                await self._settle_all(await self._visit(source, state, tally, taken), tally, stop)

            await _together(
                self._settle_all(rechecks, tally, stop), *(visit(source) for source in due)
            )
        return tally

    async def import_captures(
        self, captures: Iterator[tuple[str, Page]], *, label: str, tally: Tally
    ) -> None:
        """Read captured responses into the archive, a few at a time, in constant memory.

        Args:
            captures: (identity of the capture, page) pairs; those known already are passed over.
            label: name that they are counted under.
            tally: where they are counted.

        Raises:
            ScraperError: what `captures` raised, once everything before it is archived.
        """
        async with self._run("import", tally):
            await self._take(captures, label, "", tally)

    async def _take(
        self, captures: Iterator[tuple[str, Page]], label: str, source: str, tally: Tally
    ) -> list[Link]:
        """Read captures into the archive; return links to those that were new to it."""
        archive = self._need_archive()
        waiting: deque[tuple[str, asyncio.Task[Attempt]]] = deque()
        batch = Batch(lambda attempts: self._record_batch(attempts, label, tally))
        links: list[Link] = []
        tally.of(label)
        try:
            for key, page in captures:
                tally.of(label).seen += 1
                if await self._archived(archive.seen_capture, key):
                    tally.of(label).known += 1
                    continue
                self.need_room()
                links.append(Link(url=page.url, source=source, position=len(links)))
                task = asyncio.create_task(self._attempter.attempt(links[-1], page=page))
                waiting.append((key, task))
                if len(waiting) >= 2 * self.config.parse.workers:
                    await batch.add(*waiting.popleft())
        finally:
            while waiting:
                await batch.add(*waiting.popleft())
            await batch.write()
        return links

    async def _record_batch(self, attempts: Sequence[Attempt], label: str, tally: Tally) -> None:
        if self._memory is None:
            outcomes = [_unsaved(attempt) for attempt in attempts]
        else:
            attempts = [await self._judged(attempt) for attempt in attempts]
            outcomes = await self._memory.record_all(attempts, self.clock())
        for attempt, recorded in zip(attempts, outcomes, strict=True):
            self._count(attempt, recorded, label, tally)

    async def check(self) -> None:
        """Look for damage in the archive (`ArchiveError` when there is some)."""
        await self._archived(self._need_archive().check)

    async def tidy(self) -> int:
        """Fold the archive's write-ahead logs where a long reader let them grow.

        Returns:
            Bytes that the logs still hold.
        """
        return await self._archived(self._need_archive().tidy)

    # -- what a source offers ------------------------------------------------------------------

    async def look(self, url: str) -> Found:
        """Find out what there is to watch at an address; nothing is recorded.

        Raises:
            FetchError, DiscoverError: the address can't be had, or there is nothing.
        """
        return await find_sources(url, self._client.get, self._pool.run, at=self.clock())

    async def try_source(self, source: Source) -> Checked:
        """Try every stage of a source; nothing is recorded."""
        return await check_source(
            source, self._client.get, self._pool.run, self._attempter, at=self.clock()
        )

    # -- one source, one link -----------------------------------------------------------------

    async def _visit(
        self, source: Source, state: SourceState, tally: Tally, taken: set[str]
    ) -> Sequence[Link]:
        """Read a source; return the links to settle that are not `taken`, and take them.

        What this pass has taken up already, as a page due for another look or from another source,
        is counted there, whether or not it is settled by now.
        """
        self.need_room()
        archive = self._need_archive()
        counts, at = tally.of(source.name), self.clock()

        async def known(urls: Sequence[str]) -> frozenset[str]:
            return await self._archived(archive.known, urls)

        discovery = await guarded(
            visit_source(source, state, self._client.get, self._pool.run, at=at, known=known)
        )
        if isinstance(discovery, ScraperError):
            await self._failed_visit(source, at, discovery, tally)
            return ()
        visited = Visited(source=source.name, at=at, discovery=discovery)
        due = await self._logbook.record(visited)
        untaken = sum(_key(link.url) not in taken for link in discovery.links)
        links = [link for link in due if _key(link.url) not in taken]
        taken.update(_key(link.url) for link in links)
        counts.seen += untaken
        counts.known += untaken - len(links)
        served = f"served by {discovery.served_by}" if discovery.served_by else ""
        failed = [f"{rung.kind}: {rung.message}" for rung in discovery.failed]
        said = "304 not modified" if discovery.unchanged else "; ".join(discovery.notes)
        detail = "; ".join(part for part in (served, *failed, said) if part)
        self._say("visit", source.name, source.url, "ok", detail, expected=len(links))
        return links

    async def _failed_visit(
        self, source: Source, at: datetime, error: ScraperError, tally: Tally
    ) -> None:
        tally.of(source.name).error = error.message
        await self._logbook.record(
            Visited(
                source=source.name,
                at=at,
                discovery=None,
                error_class=error.error_class,
                message=error.message,
            )
        )
        self._say("visit", source.name, source.url, "failed", error.message)

    async def _visit_captures(self, source: Source, state: SourceState, tally: Tally) -> None:
        """Read what is new in a watched file or folder of captures."""
        at = self.clock()
        try:
            if self._captures is None:
                raise UsageError(f"source {source.name}: nothing here reads captures")
            captures, mark, files = await asyncio.to_thread(
                self._captures, Path(source.url), state.etag
            )
            links = await self._take(captures, source.name, source.name, tally)
        except ArchiveError:
            raise  # it is the archive that fails, not the source
        except ScraperError as error:
            await self._failed_visit(source, at, error, tally)
            return
        discovery = Discovery(links=tuple(links), unchanged=not files, validator=mark)
        await self._logbook.record(Visited(source=source.name, at=at, discovery=discovery))
        detail = f"{files} files are new or changed" if files else "no file is new or changed"
        self._say("visit", source.name, source.url, "ok", detail)

    async def _settle_all(self, links: Iterable[Link], tally: Tally, stop: asyncio.Event) -> None:
        """Settle links: those of one host one after another, hosts side by side.

        A slow host with many links then holds up none but itself.
        """
        by_host: dict[str, list[Link]] = {}
        for link in links:
            by_host.setdefault(host_of(link.url), []).append(link)

        async def one_host(waiting: Sequence[Link]) -> None:
            for link in waiting:
                if not stop.is_set():
                    await self._settle(link, tally)

        await _together(*map(one_host, by_host.values()))

    async def _settle(
        self, link: Link, tally: Tally, *, page: Page | None = None, conditional: bool = True
    ) -> Outcome:
        """Fetch (unless a page is given), read and record one link."""
        self.need_room()
        etag = last_modified = ""
        if self.archive is not None and conditional and page is None:
            state = await self._archived(self.archive.page_state, link.url)
            etag, last_modified = state.etag, state.last_modified
        attempt = await self._attempter.attempt(
            link, page=page, etag=etag, last_modified=last_modified
        )
        attempt = weigh(attempt)
        recorded = await self._record(attempt)
        self._count(attempt, recorded, link.source or BY_HAND, tally)
        return Outcome(attempt=attempt, recorded=recorded)

    async def _record(self, attempt: Attempt) -> Recorded:
        if self._memory is None:
            return _unsaved(attempt)
        return await self._memory.record(await self._judged(attempt), self.clock())

    async def _judged(self, attempt: Attempt) -> Attempt:
        """Judge what an attempt brought, and take from it what its source does not keep."""
        attempt = self._relevance.judged(attempt)
        if self._relevance.unwanted(attempt) and not await self._is_archived(attempt.link.url):
            attempt = self._relevance.without(attempt)
        return attempt

    async def _is_archived(self, url: str) -> bool:
        """Whether a page has a version: what was kept once is followed whatever it comes to."""
        state = await self._archived(self._need_archive().page_state, url)
        return state.version_id is not None

    async def _recall(self, host: str) -> Learned | None:
        return None if self._memory is None else await self._memory.recall(host)

    def _count(self, attempt: Attempt, recorded: Recorded, label: str, tally: Tally) -> None:
        tally.add(label, recorded.outcome)
        detail = recorded.message or attempt.message or recorded.reason
        self._say("link", label, attempt.link.url, recorded.outcome, detail)

    async def _reserved(self, url: str) -> tuple[Reservation, ...]:
        """Return what a host's files reserve for an address, where it will be recorded."""
        return await self._client.reservations(url) if self.archive is not None else ()

    def _ask_for_contact(self, sources: Sequence[Source]) -> None:
        """Warn, once, that others' sites are asked without a word on who asks."""
        named = bool(self.config.fetch.contact) or self._transport is not None
        if not named and not self._warned and not all(is_own(source.url) for source in sources):
            self._warned = True
            log.warning(
                "no contact is set: put an address or a page where sites' owners can reach you "
                "into settings.toml, [fetch] contact; it is sent with each request"
            )

    # -- the archive, the run, the audience ----------------------------------------------------

    async def _record_visits(self, visits: Sequence[Visited]) -> list[tuple[Link, ...]]:
        return await self._archived(self._need_archive().record_visits, visits)

    def _need_archive(self) -> Archive:
        if self.archive is None:
            raise ArchiveError("this pass needs an archive")
        return self.archive

    def need_room(self) -> None:
        """Refuse to begin anything when the archive's disk is nearly full.

        Raises:
            ArchiveError: (``db_full``) less is free than ``[archive] least_free``.
        """
        if self.archive is None:
            return
        free, least = self.archive.free(), self.config.archive.least_free
        if free < least:
            raise ArchiveError(
                f"paused: {free // 2**20:,} MB are free on the disk of {self.archive.folder}, and"
                f" collecting pauses below {least // 2**20:,} MB (least_free in settings.toml)",
                error_class="db_full",
            )

    async def _archived(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the archive in the thread that owns it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: function(*args, **kwargs))

    async def _read_host(self, host: str) -> HostState:
        if self.archive is None:
            return HostState(host=host)
        return await self._archived(self.archive.host_state, host)

    def _save_host(self, state: HostState) -> None:
        if self.archive is not None:
            self._hosts_to_save[state.host] = state
            self._writer.submit(self._save_hosts)

    def _save_hosts(self) -> None:
        """Write the states that gathered since the archive's thread came round to it."""
        states = []
        while self._hosts_to_save:
            states.append(self._hosts_to_save.popitem()[1])
        if self.archive is not None and states:
            self.archive.save_hosts(states)

    @asynccontextmanager
    async def _run(self, kind: str, tally: Tally) -> AsyncIterator[Tally]:
        """Keep the row of `runs` true, also when the pass is broken off."""
        if self.archive is None:
            yield tally
            return
        run = await self._archived(self.archive.begin_run, kind, self.clock())
        try:
            yield tally
        finally:
            await self._archived(self.archive.end_run, run, self.clock(), dict(tally.total()))

    def _say(
        self, kind: str, source: str, url: str, outcome: str, detail: str, *, expected: int = 0
    ) -> None:
        self._on_event(
            Event(
                kind=kind,
                source=source,
                url=url,
                outcome=outcome,
                detail=detail,
                expected=expected,
            )
        )


async def _together(*work: Awaitable[None]) -> None:
    """Wait until all is done, also where something fails: then raise what did."""
    for failure in await asyncio.gather(*work, return_exceptions=True):
        if failure is not None:
            raise failure


def _key(url: str) -> str:
    """Return what tells pages apart within a pass; an address that is none stands for itself."""
    try:
        return identity(url)
    except FetchError:
        return url


def _unsaved(attempt: Attempt) -> Recorded:
    """Return what the archive would say of an attempt that it has never seen."""
    if attempt.error_class:
        return Recorded(outcome="failed", reason=attempt.error_class, message=attempt.message)
    if attempt.article is None:
        kind = attempt.verdict.kind if attempt.verdict else "empty_extract"
        return Recorded(outcome="rejected", reason=kind, message=attempt.message)
    return Recorded(outcome="kept", reason="not saved")
