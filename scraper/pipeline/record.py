"""A link is fetched, read, judged by topic, recorded and counted, whatever comes of it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from scraper.config import Config
from scraper.errors import ConfigError, ScraperError
from scraper.models import Attempt, Link, Page, Recorded
from scraper.pipeline.archive_thread import ArchiveThread
from scraper.pipeline.events import BY_HAND, Event, LinkOutcome, RunCounts
from scraper.pipeline.judging import judge_text
from scraper.pipeline.learned_boilerplate import LearnedBoilerplate
from scraper.pipeline.link import LinkFetcher, as_error, attach_entry_text
from scraper.pipeline.quotes import read_quotes
from scraper.pipeline.refusals import unsaved
from scraper.topics import judge
from scraper.topics.lexicon import Lexicon, lexicon_in
from scraper.urls import host_of
from scraper.workers import ParserPool

log = logging.getLogger(__name__)

__all__ = ["LinkRecorder", "TopicFilter", "gather_or_raise"]


class TopicFilter:
    """Judges what attempts brought, by the lexicon, and takes out what a source does not keep.

    Args:
        lexicon: what is looked for.
        choices: by name of source, what is kept of it: all, only, metadata.
        folder: of the configuration that the lexicon is of, or None.
    """

    def __init__(
        self, lexicon: Lexicon, choices: Mapping[str, str], folder: Path | None = None
    ) -> None:
        self._lexicon = lexicon
        self._choices = choices
        self._folder = folder

    @classmethod
    def of(cls, config: Config, unsourced: str = "all") -> TopicFilter:
        """Return what a configuration asks for (`ConfigError` when its lexicon is wrong).

        Args:
            config: the configuration.
            unsourced: what is kept of the articles that no source shows.
        """
        choices = {source.name: source.topic for source in config.sources} | {"": unsourced}
        return cls(lexicon_in(config.folder), choices, config.folder)

    @property
    def lexicon(self) -> tuple[Path | None, str]:
        """The folder of the configuration that the lexicon is of, and the lexicon's version."""
        return self._folder, self._lexicon.version

    async def judged(self, attempt: Attempt, pool: ParserPool) -> Attempt:
        """Return the attempt as `with_judgement` does, judged in a worker that can be stopped.

        One that was judged already comes back as it is. A text that stops its worker stays
        unjudged: it is kept, and `scraper rescore` judges it.
        """
        article = attempt.article
        if article is None or not article.text.strip():
            return attempt
        if attempt.judgement is not None and attempt.judgement.lexicon == self._lexicon.version:
            return attempt
        found = await as_error(
            pool.run(judge_text, article.title, article.text, self._folder, self._lexicon.version)
        )
        if found is None or isinstance(found, ConfigError):
            # The file of the lexicon is another one since: the configuration is read again soon.
            return self.with_judgement(attempt)
        if isinstance(found, ScraperError):
            log.warning("%s: its topics were not judged: %s", attempt.link.url, found)
            return attempt
        judgement, quotes = found
        return replace(attempt, judgement=judgement, quotes=quotes)

    def with_judgement(self, attempt: Attempt) -> Attempt:
        """Return the attempt with its judgement and its quotes, if it brought an article."""
        article = attempt.article
        if article is None or not article.text.strip():
            return attempt
        return replace(
            attempt,
            judgement=judge(article.title, article.text, self._lexicon),
            quotes=read_quotes(article.text, self._lexicon),
        )

    def is_unwanted(self, attempt: Attempt) -> bool:
        """Whether the source of a judged attempt does not keep articles like it."""
        choice = self._choices.get(attempt.link.source, "all")
        return choice != "all" and attempt.judgement is not None and not attempt.judgement.topic.on

    def without_content(self, attempt: Attempt) -> Attempt:
        """Return the attempt so that the archive passes it over: no body, no text is kept."""
        page = attempt.page
        return replace(
            attempt,
            page=replace(page, body=b"") if page else None,
            extra_pages=(),
            footprint=None,
            passed_over=self._choices[attempt.link.source],
        )


class LinkRecorder:
    """Takes a link from its address to its row.

    Args:
        thread: the archive, if there is one.
        fetcher: fetches and reads pages.
        learned_boilerplate: records attempts and learns from them, or None to record nothing.
        topic_filter: judges articles.
        pool: where they are judged.
        clock: the present moment.
        on_event: called for each recorded link.
    """

    def __init__(
        self,
        thread: ArchiveThread,
        fetcher: LinkFetcher,
        learned_boilerplate: LearnedBoilerplate | None,
        topic_filter: TopicFilter,
        *,
        pool: ParserPool,
        clock: Callable[[], datetime],
        on_event: Callable[[Event], None],
    ) -> None:
        self._archive_thread = thread
        self._fetcher = fetcher
        self._learned_boilerplate = learned_boilerplate
        self._topic_filter = topic_filter
        self._pool = pool
        self._clock = clock
        self._on_event = on_event

    async def process_link(
        self,
        link: Link,
        tally: RunCounts,
        *,
        page: Page | None = None,
        conditional: bool = True,
        released: bool = False,
    ) -> LinkOutcome:
        """Fetch, read, judge and record one link.

        Args:
            link: what is to be fetched.
            tally: where it is counted.
            page: a response that stands for a fetch, or None.
            conditional: whether the site may answer that nothing changed.
            released: whether the page was held and is read again.
        """
        self._archive_thread.require_free_space()
        archive = self._archive_thread.archive
        etag = last_modified = ""
        if archive is not None and conditional and page is None:
            state = await self._archive_thread.call(archive.page_state, link.url)
            etag, last_modified = state.etag, state.last_modified
        attempt = await self._fetcher.attempt(
            link, page=page, etag=etag, last_modified=last_modified
        )
        attempt = replace(attach_entry_text(attempt), released=released)
        (recorded,) = await self.record([attempt], link.source or BY_HAND, tally)
        return LinkOutcome(attempt=attempt, recorded=recorded)

    async def process_links(
        self,
        links: Iterable[Link],
        tally: RunCounts,
        stop: asyncio.Event,
        *,
        until: float = math.inf,
    ) -> None:
        """Process links: those of one host one after another, hosts side by side.

        A slow host with many links then holds up none but itself.

        Args:
            links: the archive knows them as due.
            tally: where they are counted.
            stop: when it is set, nothing new is begun.
            until: moment of the loop's clock after which no link is begun: it stays due, and the
                pass that takes it up counts it.
        """
        now = asyncio.get_running_loop().time
        by_host: dict[str, list[Link]] = {}
        for link in links:
            by_host.setdefault(host_of(link.url), []).append(link)

        async def one_host(host: str, waiting: Sequence[Link]) -> None:
            for link in waiting:
                # What is no address is known to nobody else, and costs no request.
                if now() >= until and host:
                    tally.of(link.source or BY_HAND).seen -= 1
                    tally.left += 1
                elif not stop.is_set():
                    await self.process_link(link, tally)

        await gather_or_raise(*(one_host(host, waiting) for host, waiting in by_host.items()))

    async def record(
        self, attempts: Sequence[Attempt], label: str, tally: RunCounts
    ) -> Sequence[Recorded]:
        """Judge attempts at different pages, record them together and count them.

        Args:
            attempts: what was made.
            label: name that they are counted under.
            tally: where.
        """
        if self._learned_boilerplate is None:
            outcomes = [unsaved(attempt) for attempt in attempts]
        else:
            judged = await asyncio.gather(*map(self._judged, attempts))
            outcomes = await self._learned_boilerplate.record_all(judged, self._clock())
        for attempt, recorded in zip(attempts, outcomes, strict=True):
            tally.add(label, recorded.outcome)
            detail = recorded.message or attempt.message or recorded.reason
            self._on_event(
                Event(
                    kind="link",
                    source=label,
                    url=attempt.link.url,
                    outcome=recorded.outcome,
                    detail=detail,
                )
            )
        return outcomes

    async def _judged(self, attempt: Attempt) -> Attempt:
        """Judge what an attempt brought, and take from it what its source does not keep."""
        attempt = await self._topic_filter.judged(attempt, self._pool)
        # What was kept once is followed whatever it comes to.
        if self._topic_filter.is_unwanted(attempt) and not await self._archive_thread.is_archived(
            attempt.link.url
        ):
            attempt = self._topic_filter.without_content(attempt)
        return attempt


async def gather_or_raise(*work: Awaitable[None]) -> None:
    """Wait until all is done, also where something fails: then raise what did."""
    for failure in await asyncio.gather(*work, return_exceptions=True):
        if failure is not None:
            raise failure
