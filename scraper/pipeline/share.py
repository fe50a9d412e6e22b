"""A share of an import: captures that are read and judged here, and written by another machine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from scraper.code_version import code_version
from scraper.config import Config
from scraper.errors import ScraperError
from scraper.extraction import extractor_version
from scraper.models import Page
from scraper.pipeline.chunks import ReadElsewhere, ReadingTerms, read_share
from scraper.pipeline.link import as_error
from scraper.topics.lexicon import lexicon_in
from scraper.workers import ParserPool

__all__ = ["read_captures_elsewhere", "reading_terms"]

T = TypeVar("T")

# The files on which a reading and the identity of a capture depend, beside those of an article.
_ROOTS = ("errors.py", "exchange", "fetching", "models", "pipeline", "verdict")
# Captures that a worker takes at once, and bytes of them: what is read ahead is bounded by both.
_CHUNK, _CHUNK_BYTES = 16, 2 * 1024 * 1024


def reading_terms(config: Config) -> Mapping[str, str]:
    """Return what a reading depends on beside the page, by name.

    Where two machines agree in it, one may write what the other read.
    """
    return {
        "code": code_version(_ROOTS)[:10],
        "extractor": extractor_version(),
        "lexicon": lexicon_in(config.folder).version,
        "user_agent": config.fetch.user_agent.split("/")[0],
        "max_bytes": str(config.fetch.max_bytes),
    }


async def read_captures_elsewhere(
    captures: Iterator[tuple[T, Page]], config: Config
) -> AsyncIterator[tuple[T, Page, ReadElsewhere]]:
    """Read captures with all workers, in constant memory; yield what was made of them, in order.

    Args:
        captures: what names a capture, and its page.
        config: bounds on pages and workers, and the lexicon.

    Raises:
        ConfigError: the lexicon is wrong.
        ScraperError: what `captures` raised; no worker can be had.
    """
    parse = config.parse
    terms = ReadingTerms(
        zone="",
        cap=config.fetch.max_bytes,
        agent=config.fetch.user_agent.split("/")[0],
        folder=config.folder,
        lexicon=lexicon_in(config.folder).version,
        bodies=Path(),
        seconds=parse.timeout / 3,
    )
    preload = ("scraper.pipeline.warm", "scraper.pipeline.chunks")
    with ParserPool(
        workers=parse.workers, timeout=parse.timeout, memory=parse.memory,
        recycle=parse.recycle, preload=preload,
    ) as pool:  # fmt: skip
        reader = _ShareReader(pool, terms)
        waiting: deque[tuple[list[tuple[T, Page]], asyncio.Task[list[ReadElsewhere]]]] = deque()
        try:
            while True:
                chunk = await asyncio.to_thread(_next_chunk, captures)
                if chunk:
                    read = reader.read([page for _, page in chunk])
                    waiting.append((chunk, asyncio.create_task(read)))
                while waiting and (not chunk or len(waiting) >= 2 * parse.workers):
                    done, task = waiting.popleft()
                    for (name, page), made in zip(done, await task, strict=True):
                        yield name, page, made
                if not chunk:
                    return
        finally:
            for _, task in waiting:
                task.cancel()
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)


def _next_chunk(captures: Iterator[tuple[T, Page]]) -> list[tuple[T, Page]]:
    """Return the next captures, none at the end."""
    found: list[tuple[T, Page]] = []
    size = 0
    for name, page in captures:
        found.append((name, page))
        size += len(page.body)
        if len(found) >= _CHUNK or size >= _CHUNK_BYTES:
            break
    return found


class _ShareReader:
    """Has chunks of pages read by workers.

    Args:
        pool: the workers.
        terms: how pages are read.
    """

    def __init__(self, pool: ParserPool, terms: ReadingTerms) -> None:
        self._pool = pool
        self._terms = terms

    async def read(self, pages: Sequence[Page]) -> list[ReadElsewhere]:
        """Return what was made of each page, whatever happens to its worker."""
        read: list[ReadElsewhere] = []
        while len(read) < len(pages):
            rest = pages[len(read) :]
            made = await as_error(self._pool.run(read_share, rest, self._terms))
            if not isinstance(made, ScraperError):
                read += made
            elif len(rest) == 1:
                # The machine that writes reads it itself, and says what it comes to.
                read.append(ReadElsewhere(outcome="unread"))
            else:
                # One of them stopped the worker: each by itself, so that it costs none but itself.
                for page in rest:
                    read += await self.read([page])
        return read
