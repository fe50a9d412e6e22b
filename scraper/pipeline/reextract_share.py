"""A share of a reextraction: versions that are read anew here, and written by another machine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from scraper.archive import Archive, StaleVersion
from scraper.config import Config
from scraper.errors import ErrorClass, ExtractError, ScraperError
from scraper.models import Page
from scraper.pipeline.judging import rederive
from scraper.pipeline.link import as_error
from scraper.pipeline.readings import VersionReading, dump_reading
from scraper.pipeline.reextract import WantedExtractors, pages_key
from scraper.record import record
from scraper.topics.lexicon import lexicon_in
from scraper.workers import ParserPool

__all__ = ["VersionRead", "reread_versions"]

# What says nothing of a page: the machine that writes tries it again.
_UNREAD = (ErrorClass.PARSE_CRASH, ErrorClass.PARSE_TIMEOUT)


@record
class VersionRead:
    """What was made of a version.

    Attributes:
        id: the version.
        key: what `pages_key` says of its pages.
        page: its first page, without body.
        outcome: ``article``, the class of an error, or ``unread`` where a page stopped its worker.
        on_topic: what the lexicon says of the article, or None.
        reading: what was read, for `GivenReading`; b"" where it has to be read there.
    """

    id: int
    key: str
    page: Page
    outcome: str
    on_topic: bool | None = None
    reading: bytes = b""


async def reread_versions(
    archive: Archive, config: Config, versions: Sequence[StaleVersion]
) -> AsyncIterator[VersionRead]:
    """Read versions anew with all workers, in constant memory; yield what was made, in order.

    A version whose record is current, or whose raw page was deleted or is damaged, is passed over.

    Args:
        archive: where their pages are; it must be open in this thread.
        config: bounds of parsing, the sources' time zones, and the lexicon.
        versions: in the order of their ids.

    Raises:
        ArchiveError: the archive can't be read.
        ConfigError: the lexicon is wrong.
    """
    parse = config.parse
    wanted = WantedExtractors(archive)
    zones = {source.name: source.zone for source in config.sources}
    lexicon = lexicon_in(config.folder).version
    with ParserPool(
        workers=parse.workers, timeout=parse.timeout, memory=parse.memory, recycle=parse.recycle,
        preload=("scraper.pipeline.warm", "scraper.pipeline.judging"),
    ) as pool:  # fmt: skip

        async def read(version: StaleVersion, pages: Sequence[Page]) -> VersionRead:
            zone, learned = zones.get(version.source, ""), wanted.of(version)[0]
            made = await as_error(pool.run(rederive, pages, zone, learned, config.folder, lexicon))
            told = VersionRead(
                id=version.id, key=pages_key(pages, zone), page=replace(pages[0], body=b""),
                outcome="article",
            )  # fmt: skip
            if isinstance(made, ScraperError):
                if not isinstance(made, ExtractError) or made.error_class in _UNREAD:
                    return replace(told, outcome="unread")
                reading = dump_reading(VersionReading(error=made))
                return replace(told, outcome=str(made.error_class), reading=reading)
            on_topic = made.judged[0].topic.on if made.judged else None
            reading = dump_reading(VersionReading(made=made))
            return replace(told, on_topic=on_topic, reading=reading)

        waiting: deque[asyncio.Task[VersionRead]] = deque()
        try:
            for version in wanted.stale(versions):
                try:
                    pages = archive.response(version.id)
                except ScraperError:
                    # It is damaged, as the machine that writes will find.
                    continue
                if not pages:
                    continue
                waiting.append(asyncio.create_task(read(version, pages)))
                if len(waiting) >= 4 * parse.workers:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
