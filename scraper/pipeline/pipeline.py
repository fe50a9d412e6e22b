"""The pipeline: all stages wired together, and the passes that may be asked of it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from scraper.archive import Archive
from scraper.archive.hosts import HostLocks
from scraper.config import Config, pick
from scraper.discovery import DetectedSources, find_sources
from scraper.discovery.sitemap_archive import sitemaps_since
from scraper.discovery.visit import Visit
from scraper.errors import UsageError
from scraper.fetching import Client, PageRenderer, Transport
from scraper.models import Learned, Link, Page, Reservation, Source
from scraper.pipeline.archive_hosts import ArchiveHostStore
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.backfill import BackfillAccess
from scraper.pipeline.captures import CaptureReader, CaptureSource
from scraper.pipeline.check_source import SourceCheck, check_source
from scraper.pipeline.collect import Collector
from scraper.pipeline.events import Event, LinkOutcome, RunCounts, utcnow
from scraper.pipeline.learned_boilerplate import LearnedBoilerplate
from scraper.pipeline.link import LinkFetcher
from scraper.pipeline.record import LinkRecorder, TopicFilter
from scraper.pipeline.story_texts import read_pending
from scraper.pipeline.visits_ahead import is_quiet
from scraper.urls import is_own_machine
from scraper.workers import ParserPool

__all__ = ["Pipeline"]

T = TypeVar("T")

log = logging.getLogger(__name__)

# Modules that each worker needs.
_PRELOAD = (
    "scraper.pipeline.warm", "scraper.discovery", "scraper.pipeline.parse",
    "scraper.pipeline.judging", "scraper.pipeline.chunks",
)  # fmt: skip
_PRELOAD_FEW = ("scraper.pipeline.parse",)
# Captures of the past that are held until they are written together.
_MOST_HELD = 25
# Pages that one pass looks at again.
_MOST_RECHECKS = 500
# States of pages that a backfill asks for: never tried, or tried in vain.
_OPEN = ("new", "failed")


class Pipeline:
    """All stages, open and wired; an asynchronous context manager.

    Args:
        config: limits and sources.
        open_archive: opens where everything is recorded, in the thread that will own it; None
            records nothing (``--no-save``).
        transport: what stands for the web, or None for the web itself.
        captures: reads watched files of captures, for sources of the kind ``warc``.
        clock: the present moment; replaced only where time is simulated.
        on_event: called in the event loop for each visit and each recorded link.
        render: whether a browser draws every page, whatever its source says.
        unsourced_topic: what is kept of articles that no source shows: all or only what is on
            topic (``only``).
        few: whether a page or two are all that is to be read: one worker, which loads what these
            need, is then cheaper than a server that loads what any page may need.

    Attributes:
        config, clock: as given.
        archive_thread: the archive, in the thread that owns it.
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
        unsourced_topic: str = "all",
        few: bool = False,
    ) -> None:
        self.config = config
        self._few = few
        self._unsourced_topic = unsourced_topic
        self.clock = clock
        self._transport = transport
        self._captures = captures
        self._render = render
        self._warned = False
        self._on_event = on_event or (lambda event: None)
        self.archive_thread = ArchiveThread(
            open_archive, least_free=config.archive.least_free, clock=clock
        )

    @property
    def archive(self) -> Archive | None:
        """The archive while it is open, or None."""
        return self.archive_thread.archive

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(self.archive_thread)
            await self._wire(opened)
            self._open = opened.pop_all()
        return self

    async def _wire(self, opened: AsyncExitStack) -> None:
        """Open what fetches and what parses, and wire the stages."""
        config, thread = self.config, self.archive_thread
        self._pool = opened.enter_context(
            ParserPool(
                workers=1 if self._few else config.parse.workers,
                timeout=config.parse.timeout,
                memory=config.parse.memory,
                recycle=config.parse.recycle,
                preload=_PRELOAD_FEW if self._few else _PRELOAD,
            )
        )
        locks = None
        if thread.archive is not None:
            # The loop's clock is the monotonic one, unless time itself is simulated.
            clock = asyncio.get_running_loop().time
            locks = opened.enter_context(HostLocks(thread.archive.folder, clock=clock))
        hosts = ArchiveHostStore(thread.read_host, thread.save_host, locks)
        self._client = await opened.enter_async_context(
            Client(config.fetch, transport=self._transport, hosts=hosts, clock=self.clock)
        )
        renderer = await opened.enter_async_context(PageRenderer(self._client, config.fetch))
        zones = {source.name: source.zone for source in config.sources}
        self._learned_boilerplate: LearnedBoilerplate | None = None
        if thread.archive is not None:
            self._learned_boilerplate = LearnedBoilerplate(
                thread.archive, thread.call, self._pool, zones=zones
            )
        self._fetcher = LinkFetcher(
            self._client.get,
            self._pool,
            zones=zones,
            recall=self._recall,
            reserved=self._reserved,
            clock=self.clock,
            settings=config.fetch,
            draw=renderer.get,
            drawn=None if self._render else {s.name for s in config.sources if s.render},
        )
        topic_filter = TopicFilter.of(config, self._unsourced_topic)
        self._recorder = LinkRecorder(
            thread,
            self._fetcher,
            self._learned_boilerplate,
            topic_filter,
            pool=self._pool,
            clock=self.clock,
            on_event=self._on_event,
        )
        self._capture_reader = CaptureReader(
            thread,
            self._fetcher,
            self._recorder,
            self._captures,
            pool=self._pool,
            recall=self._recall,
            lexicon=topic_filter.lexicon,
            in_flight=2 * config.parse.workers,
        )
        self._collector = Collector(
            thread,
            self._recorder,
            self._capture_reader,
            get=self._client.get,
            run=self._pool.run,
            clock=self.clock,
            on_event=self._on_event,
            max_sitemap_bytes=config.fetch.max_sitemap_bytes,
        )

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def _recall(self, host: str) -> Learned | None:
        return (
            None
            if self._learned_boilerplate is None
            else await self._learned_boilerplate.recall(host)
        )

    async def _reserved(self, url: str) -> tuple[Reservation, ...]:
        """Return what a host's files reserve for an address, where it will be recorded."""
        return await self._client.reservations(url) if self.archive is not None else ()

    # The passes

    async def fetch(self, urls: Sequence[str]) -> AsyncIterator[LinkOutcome]:
        """Fetch addresses now, in order, whatever is due; yield what became of each."""
        async with self.archive_thread.run("fetch", RunCounts()) as tally:
            for url in urls:
                yield await self._recorder.process_link(Link(url=url), tally, conditional=False)

    async def read_saved(self, page: Page) -> LinkOutcome:
        """Read a page that was saved elsewhere as if it had just been fetched."""
        async with self.archive_thread.run("fetch", RunCounts()) as tally:
            return await self._recorder.process_link(Link(url=page.url), tally, page=page)

    async def collect(
        self,
        names: Sequence[str] = (),
        *,
        stop: asyncio.Event | None = None,
        at_most: float = math.inf,
    ) -> RunCounts:
        """Make one pass over the sources that are due, and the pages due for another look.

        Args:
            names: sources to visit whether due or not; none means all that are due.
            stop: when it is set, nothing new is begun and what is under way is finished.
            at_most: seconds after which no page is begun: a host that wants a minute between two
                requests and has many of them then does not keep the others waiting for its last.
                What is left is due at the next pass.

        Returns:
            The counts by source.

        Raises:
            ConfigError: a name is not in the configuration.
            ArchiveError: the archive can't be written.
        """
        until = asyncio.get_running_loop().time() + at_most
        thread = self.archive_thread
        thread.require_free_space()
        archive = thread.archive_or_fail()
        sources = pick(self.config.sources, names)
        await thread.call(archive.sync_sources, self.config.sources, self.clock())
        states = {
            state.source.name: state
            for state in await thread.call(archive.due_sources, self.clock(), tuple(names))
        }
        # What is asked for by name is asked for now.
        resting = [s.name for s in self.config.sources if not names and is_quiet(s, self.clock())]
        due = [s for s in sources if s.name in states and s.name not in resting]
        self._ask_for_contact(due)
        async with thread.run("collect", RunCounts()) as tally:
            rechecks = await thread.call(
                archive.due_pages, self.clock(), _MOST_RECHECKS, without=resting
            )
            chosen = {source.name for source in sources}
            rechecks = [link for link in rechecks if not names or link.source in chosen]
            await self._collector.collect(
                due, states, rechecks, tally, stop or asyncio.Event(), until=until
            )
            await self._read_released(tally, stop or asyncio.Event())
        return tally

    async def _read_released(self, tally: RunCounts, stop: asyncio.Event) -> None:
        """Read pages that were held while their host drifted, as they were fetched then."""
        archive = self.archive_thread.archive_or_fail()
        for held in await self.archive_thread.call(archive.released_pages):
            if stop.is_set():
                return
            await self._recorder.process_link(held.link, tally, page=held.page, released=True)
            await self.archive_thread.call(archive.settle_look, held.look)

    async def import_captures(
        self, captures: Iterator[tuple[str, Page]], *, label: str, tally: RunCounts
    ) -> None:
        """Read captured responses into the archive, a few at a time, in constant memory.

        Args:
            captures: (identity of the capture, page) pairs; those known already are passed over.
            label: name that they are counted under.
            tally: where they are counted.

        Raises:
            ScraperError: what `captures` raised, once everything before it is archived.
        """
        async with self.archive_thread.run("import", tally):
            await self._capture_reader.take(captures, label, "", tally)

    async def backfill(
        self,
        name: str,
        captures: Callable[[Source, BackfillAccess], AsyncIterator[tuple[str, Page]]],
        *,
        tally: RunCounts,
        failed: Callable[[str], None],
    ) -> None:
        """Take in captures of a source's site, the oldest first.

        Args:
            name: of the source.
            captures: finds them, given the source and what it takes; (identity, page) pairs.
            tally: where they are counted.
            failed: is told of each capture that could not be had.

        Raises:
            ConfigError: no source has this name.
            ScraperError: raised by `captures`; what was found before it is archived.
        """
        source = await self._known_source(name)
        thread = self.archive_thread
        archive = thread.archive_or_fail()

        async def seen(key: str) -> bool:
            return key in await thread.call(archive.seen_captures, [key])

        batch: list[tuple[str, Page]] = []

        async def write() -> None:
            some, batch[:] = list(batch), []
            await self._capture_reader.take(iter(some), name, name, tally)

        access = BackfillAccess(get=self._client.get, run=self._pool.run, seen=seen, failed=failed)
        async with thread.run("import", tally):
            try:
                async for capture in captures(source, access):
                    batch.append(capture)
                    if len(batch) >= _MOST_HELD:
                        await write()
            finally:
                await write()

    async def backfill_from_sitemaps(
        self,
        name: str,
        since: datetime,
        until: datetime,
        *,
        sitemap: str,
        undated: bool,
        tally: RunCounts,
        failed: Callable[[str], None],
    ) -> int:
        """Fetch what the sitemaps of a source's site list of a time, a document at a time.

        The pages are fetched now, so that their date is now; what is archived, or was refused, is
        not fetched again.

        Args:
            name: of the source.
            since, until: UTC.
            sitemap: address of a sitemap, or "" for those of the site.
            undated: whether addresses are taken of which nothing tells the time.
            tally: where they are counted.
            failed: is told of each document that could not be read.

        Returns:
            How many addresses were left out because nothing tells their time.

        Raises:
            ConfigError: no source has this name.
            FetchError, DiscoverError: there is no sitemap.
        """
        source = await self._known_source(name)
        visit = Visit(
            source=source,
            get=self._client.get,
            run=self._pool.run,
            etag="",
            last_modified="",
            at=self.clock(),
            max_sitemap_bytes=self.config.fetch.max_sitemap_bytes,
        )
        left_out = 0
        async with self.archive_thread.run("import", tally):
            async for part in sitemaps_since(
                visit, since, until, sitemap=sitemap, undated=undated, failed=failed
            ):
                left_out += part.undated
                await self._fetch_new(part.links, name, part.url, tally)
        return left_out

    async def _known_source(self, name: str) -> Source:
        """Return a source of the configuration, which the archive then knows."""
        (source,) = pick(self.config.sources, [name])
        archive = self.archive_thread.archive_or_fail()
        await self.archive_thread.call(archive.sync_sources, self.config.sources, self.clock())
        return source

    async def _fetch_new(
        self, links: Sequence[Link], label: str, place: str, tally: RunCounts
    ) -> None:
        """Fetch the pages of links that no earlier attempt has settled, hosts side by side."""
        archive = self.archive_thread.archive_or_fail()
        fresh = []
        for link in links:
            state = await self.archive_thread.call(archive.page_state, link.url)
            if state.state in _OPEN:
                fresh.append(link)
        counts = tally.of(label)
        counts.seen += len(links)
        counts.known += len(links) - len(fresh)
        self._on_event(
            Event(kind="visit", source=label, url=place, outcome="ok", expected=len(fresh))
        )
        await self._recorder.process_links(fresh, tally, asyncio.Event())

    async def read_file(self, path: Path, parse: Callable[[bytes, str], T], *, most: int) -> T:
        """Return what a parser makes of a file, in a worker: the bytes may come from anyone.

        Args:
            path: the file.
            parse: is given its bytes and its name.
            most: bytes that it may have.

        Raises:
            ScraperError: what `parse` raised; the file cannot be read, or is too large.
        """
        try:
            with path.open("rb") as file:
                body = file.read(most + 1)
        except OSError as error:
            raise UsageError(f"{path} can't be read: {error.strerror}") from None
        if len(body) > most:
            raise UsageError(f"{path}: it has more than {most >> 20} MB")
        return await self._pool.run(parse, body, str(path))

    async def run_apart(self, function: Callable[..., T], *args: object) -> T:
        """Run a function in a worker: it may be that of a plugin.

        Raises:
            ExtractError: the worker was stopped or died.
        """
        return await self._pool.run(function, *args)

    async def fetch_listed(self, urls: Sequence[str], *, label: str, tally: RunCounts) -> None:
        """Fetch the pages of a list that were not archived yet, hosts side by side.

        Args:
            urls: addresses.
            label: name that those known already are counted under.
            tally: where all are counted.
        """
        thread = self.archive_thread
        archive = thread.archive_or_fail()
        async with thread.run("import", tally):
            links: list[Link] = []
            for url in urls:
                state = await thread.call(archive.page_state, url)
                if state.article_id is None:
                    links.append(Link(url=url, position=len(links)))
            known = len(urls) - len(links)
            if known:
                tally.of(label).seen += known
                tally.of(label).known += known
            self._on_event(
                Event(kind="visit", source=label, url=label, outcome="ok", expected=len(links))
            )
            await self._recorder.process_links(links, tally, asyncio.Event())

    async def ask_hub(self, hub: str, fields: Mapping[str, str]) -> int:
        """Send a feed's hub a request; return the status of its answer.

        Raises:
            FetchError: it gave none.
        """
        return (await self._client.post_form(hub, fields)).status

    # What a source offers: nothing of it is recorded

    async def find_sources(self, url: str) -> DetectedSources:
        """Find out what there is to watch at an address.

        Raises:
            FetchError, DiscoverError: the address can't be had, or there is nothing.
        """
        return await find_sources(
            url,
            self._client.get,
            self._pool.run,
            at=self.clock(),
            max_sitemap_bytes=self.config.fetch.max_sitemap_bytes,
        )

    async def check_source(self, source: Source) -> SourceCheck:
        """Try every stage of a source."""
        return await check_source(
            source,
            self._client.get,
            self._pool.run,
            self._fetcher,
            at=self.clock(),
            max_sitemap_bytes=self.config.fetch.max_sitemap_bytes,
        )

    # The archive's upkeep, in the thread that owns it

    async def check(self) -> None:
        """Look for damage in the archive (`ArchiveError` when there is some)."""
        await self.archive_thread.call(self.archive_thread.archive_or_fail().check)

    async def group_stories(self, stop: asyncio.Event, *, at_most: float | None = None) -> int:
        """Group the articles that came in to stories, some at a time; return how many.

        Args:
            stop: when it is set, the rest is left to the next pass.
            at_most: seconds after which the rest is left to the next pass; some are grouped in
                any case. None groups all.
        """
        stories, grouped = self.archive_thread.archive_or_fail().stories, 0
        loop = asyncio.get_running_loop()
        end = math.inf if at_most is None else loop.time() + at_most
        while not stop.is_set():
            pending = await self.archive_thread.call(stories.pending)
            readings = await read_pending(pending, self._pool.run)
            report = await self.archive_thread.call(
                stories.group_new, self.clock(), readings=readings
            )
            if not report.articles:
                break
            grouped += report.articles
            if loop.time() >= end:
                break
        return grouped

    async def tidy(self) -> int:
        """Merge some of the archive's index, and fold logs that a long reader let grow.

        Returns:
            Bytes that the logs still hold.
        """
        return await self.archive_thread.call(self.archive_thread.archive_or_fail().tidy)

    def _ask_for_contact(self, sources: Sequence[Source]) -> None:
        """Warn, once, that others' sites are asked without saying who asks."""
        named = bool(self.config.fetch.contact) or self._transport is not None
        if (
            not named
            and not self._warned
            and not all(is_own_machine(source.url) for source in sources)
        ):
            self._warned = True
            log.warning(
                "no contact is set: put an address or a page where sites' owners can reach you "
                "into settings.toml, [fetch] contact; it is sent with each request"
            )
