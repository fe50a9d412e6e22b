"""One link is fetched and read, and its further pages are followed; an attempt always results.

Many feeds carry whole articles. An entry's text never replaces the page's: where the page cannot be
read (a wall, a JavaScript-rendered page) or says something else, the entry's text is kept beside it
as evidence; where both agree, that is noted and the copy is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from scraper.discovery import Get
from scraper.errors import ErrorClass, ExtractError, FetchError, ScraperError, WorkersLost
from scraper.fetching.opt_outs import forbids_archiving
from scraper.models import (
    Article,
    Attempt,
    Candidate,
    FetchSettings,
    Learned,
    Link,
    Page,
    Reservation,
    Verdict,
)
from scraper.pipeline.chunks import ReadCapture, ReadingTerms
from scraper.pipeline.parse import (
    MAX_PAGES,
    ParsedPage,
    decode_capture,
    join_pages,
    read_page,
)
from scraper.pipeline.plugin_rules import PluginRules
from scraper.pipeline.refusals import metadata_only, refused
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, host_of
from scraper.workers import ParserPool

__all__ = [
    "LinkFetcher",
    "OptOutReader",
    "Recall",
    "as_error",
    "attach_entry_text",
    "overlap",
]


T = TypeVar("T")

log = logging.getLogger(__name__)

# The share of an entry's text that must stand in the page's for the two to agree.
AGREED = 0.5
# Pieces of a text that are looked for, characters each, and how many of them at most.
_PIECE, _MOST_PIECES = 16, 300
_LEFT_OUT = lazy_compile(r"\W+")
# Verdicts that say nothing of the page, or after which the publisher wants no copy of it.
_NO_QUESTION = frozenset({"unchanged", "noarchive"})


def overlap(entry: str, text: str) -> float:
    """Return the share of an entry's text that stands in a page's text, from 0 to 1."""
    wanted, there = _LEFT_OUT.sub("", entry), _LEFT_OUT.sub("", text)
    starts = range(0, max(1, len(wanted) - _PIECE + 1), _PIECE)
    step = -(-len(starts) // _MOST_PIECES)
    pieces = [wanted[start : start + _PIECE] for start in starts[::step]]
    return sum(piece in there for piece in pieces) / len(pieces)


def attach_entry_text(attempt: Attempt) -> Attempt:
    """Return an attempt with what its source's entry adds to it.

    The entry's text stays with the link only where it is evidence of something that the page does
    not say: the archive keeps what is left there, beside the page and marked as what it is.
    """
    content = attempt.link.content
    if not content:
        return attempt
    without = replace(attempt, link=replace(attempt.link, content=""))
    verdict = attempt.verdict
    if verdict is not None and verdict.kind in _NO_QUESTION:
        return without
    if attempt.article is None:
        if verdict is None:
            return attempt
        seen = f"the entry of source {attempt.link.source} holds {len(content)} characters of text"
        return replace(attempt, verdict=replace(verdict, evidence=(*verdict.evidence, seen)))
    share = overlap(content, attempt.article.text)
    candidate = Candidate(
        field="text",
        value=content[:200],
        origin=f"entry of source {attempt.link.source}",
        note=f"second opinion: {share:.0%} of its {len(content)} characters stand in the text",
    )
    article = replace(attempt.article, candidates=(*attempt.article.candidates, candidate))
    return replace(without if share >= AGREED else attempt, article=article)


class OptOutReader(Protocol):
    """How what the files of a host reserve for an address is asked for."""

    def __call__(self, url: str) -> Awaitable[tuple[Reservation, ...]]: ...


class Recall(Protocol):
    """How what was learned on a host is asked for."""

    def __call__(self, host: str) -> Awaitable[Learned | None]: ...


async def as_error(work: Awaitable[T]) -> T | ScraperError:
    """Return what comes of the work on one page, or the error: the one place where any may happen.

    A bug that one page brings out must not cost the others: it is returned as our error of the
    class ``internal``.
    """
    try:
        return await work
    except WorkersLost:
        # It says nothing of this page: the pass ends, and the page stays due.
        raise
    except ScraperError as error:
        return error
    except Exception as error:
        log.debug("unexpected error", exc_info=True)
        message = f"unexpected {type(error).__name__}: {error} (a bug: -v shows more)"
        return ScraperError(message, error_class=ErrorClass.INTERNAL)


class LinkFetcher:
    """Turns links into attempts.

    Args:
        get: fetches a page.
        pool: parses it.
        zones: IANA time zone by name of source, for times printed without one.
        recall: what is boilerplate on a host.
        reserved: what the files of an address's host reserve for it.
        clock: the present moment.
        settings: our name, and whether pages that are not to be archived are kept.
        draw: fetches a page and has a browser draw it.
        drawn: the sources whose pages are drawn, None for all pages.
    """

    def __init__(
        self,
        get: Get,
        pool: ParserPool,
        *,
        zones: Mapping[str, str],
        recall: Recall,
        reserved: OptOutReader,
        clock: Callable[[], datetime],
        settings: FetchSettings,
        draw: Get,
        drawn: Container[str] | None = (),
    ) -> None:
        self._get = get
        self._draw = draw
        self._drawn = drawn
        self._pool = pool
        self._zones = zones
        self._recall = recall
        self._reserved = reserved
        self._clock = clock
        self._agent = settings.user_agent.split("/")[0]
        self._keep_noarchive = settings.keep_noarchive
        self._max_bytes = settings.max_bytes
        self._rules = PluginRules(pool)

    async def attempt(
        self, link: Link, *, page: Page | None = None, etag: str = "", last_modified: str = ""
    ) -> Attempt:
        """Return the attempt, whatever happens.

        Args:
            link: what to attempt.
            page: its page, if it came from elsewhere than the web.
            etag, last_modified: validators of the last answer, to ask "has it changed?".
        """
        if page is None:
            get = self._get_for(link.source)
            got = await as_error(get(link.url, etag=etag, last_modified=last_modified))
            if isinstance(got, ScraperError):
                return self._failed(link, None, got)
            page = got
        else:
            decoded = await as_error(self._pool.run(decode_capture, page, self._max_bytes))
            if isinstance(decoded, ScraperError):
                return self._failed(link, replace(page, body=b""), decoded)
            page = decoded
        return await self.attempt_decoded(link, page)

    async def attempt_read(self, link: Link, read: ReadCapture) -> Attempt:
        """Return the attempt at a captured page that a worker has read, whatever happens.

        Args:
            link: what is attempted.
            read: what the worker made of its page.
        """
        if read.error is not None:
            return self._failed(link, read.page, read.error)
        attempt = await self.attempt_decoded(link, read.page, read.reading)
        if attempt.article is None or read.reading is None:
            return replace(attempt, packed=read.packed)
        if attempt.article is not read.reading.article:
            # Joined from several pages: it is another text than the worker saw.
            return replace(attempt, packed=read.packed)
        return replace(
            attempt,
            judgement=read.judgement,
            quotes=read.quotes,
            prepared=read.prepared,
            packed=read.packed,
        )

    async def attempt_decoded(
        self, link: Link, page: Page, reading: ParsedPage | None = None
    ) -> Attempt:
        """Return the attempt at a page whose encodings are undone, whatever happens.

        Args:
            link: what is attempted.
            page: its page.
            reading: what was read from it, or None to read it.
        """
        read = await as_error(self._read(link, page, reading))
        return self._failed(link, page, read) if isinstance(read, ScraperError) else read

    def terms(self, source: str, *, bodies: Path, lexicon: tuple[Path | None, str]) -> ReadingTerms:
        """Return how workers read the captures of a pass.

        Args:
            source: name of the source that shows them, or "".
            bodies: the archive's file of raw pages.
            lexicon: the folder of the configuration whose lexicon judges, and its version.
        """
        return ReadingTerms(
            zone=self._zones.get(source, ""),
            cap=self._max_bytes,
            agent=self._agent,
            folder=lexicon[0],
            lexicon=lexicon[1],
            bodies=bodies,
            seconds=self._pool.timeout / 3,
        )

    def _get_for(self, source: str) -> Get:
        return self._draw if self._drawn is None or source in self._drawn else self._get

    def _failed(self, link: Link, page: Page | None, error: ScraperError) -> Attempt:
        at = page.fetched_at if page else self._clock()
        base = Attempt(link=link, at=at, page=page, message=error.message)
        if error.error_class == ErrorClass.ROBOTS_DENIED:
            # Nothing failed: the publisher said no.
            verdict = Verdict(kind="robots_denied", evidence=(error.message,))
            return replace(base, verdict=verdict)
        return replace(base, error_class=error.error_class)

    async def _read(self, link: Link, page: Page, reading: ParsedPage | None) -> Attempt:
        base = Attempt(link=link, at=page.fetched_at, page=page)
        if page.status == 304:
            return replace(base, verdict=Verdict(kind="unchanged"))
        reading = reading or await self._parse(page, link.source)
        found = reading.reservations
        if reading.article is not None:
            found += await self._reserved(page.final_url)
        withheld = forbids_archiving(found) and not self._keep_noarchive
        # What is not to be archived leaves no body, whatever it turns out to be.
        base = replace(base, page=replace(page, body=b"") if withheld else page, reservations=found)
        if reading.article is None:
            return refused(base, reading)
        if withheld:
            return metadata_only(base, reading.article)
        refusal, faults = await self._rules.ask(page, reading.article)
        if refusal is not None:
            return refused(base, ParsedPage(verdict=refusal))
        article, extra = await self._follow(reading.article, page, link.source)
        return replace(
            base,
            verdict=reading.verdict,
            message="; ".join(faults),
            article=article,
            extra_pages=extra,
            footprint=reading.footprint,
            shape=reading.shape,
        )

    async def _follow(
        self, first: Article, page: Page, source: str
    ) -> tuple[Article, tuple[Page, ...]]:
        """Fetch and join the following pages of an article that goes on."""
        parts: list[Article] = []
        pages: list[Page] = []
        visited = {page.url, page.final_url}
        url = absolute(page.final_url, first.next_url) if first.next_url else ""
        while url and url not in visited and len(pages) < MAX_PAGES - 1:
            visited.add(url)
            try:
                following = await self._get_for(source)(url)
                reading = await self._parse(following, source)
            except (FetchError, ExtractError) as error:
                # Half an article under a good headline would look like an edit: refuse the whole.
                raise FetchError(
                    f"page {len(pages) + 2} of the article failed: {error.message}",
                    url=url,
                    error_class=error.error_class,
                ) from error
            if reading.article is None:
                break
            pages.append(following)
            parts.append(reading.article)
            url = absolute(following.final_url, reading.article.next_url or "")
        return join_pages(first, parts) if parts else first, tuple(pages)

    async def _parse(self, page: Page, source: str) -> ParsedPage:
        learned = await self._recall(host_of(page.final_url))
        zone = self._zones.get(source, "")
        return await self._pool.run(read_page, page, zone, learned, self._agent)
