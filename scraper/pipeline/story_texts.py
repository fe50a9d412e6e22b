"""Reads the texts that are to be grouped to stories, in a worker process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

from scraper.archive.story_passes import PendingText
from scraper.config import ParseSettings
from scraper.errors import ExtractError
from scraper.stories.embedding import has_model
from scraper.stories.incremental import TextReading, read_texts
from scraper.workers import ParserPool

__all__ = ["StoryTexts", "read_pending"]

log = logging.getLogger(__name__)

Run = Callable[..., Awaitable[Any]]
# Texts that a worker takes at once.
_CHUNK = 20


async def read_pending(pending: Sequence[PendingText], run: Run) -> dict[int, TextReading]:
    """Read texts, and by its headline alone one at which the worker had to be stopped.

    Args:
        pending: the texts.
        run: calls a function in a worker, as `scraper.workers.ParserPool.run`.

    Returns:
        What was read, by number of version.

    Raises:
        ExtractError: a worker was stopped at a headline.
        WorkersLost: no worker can be had.
    """
    if not pending:
        # A worker would be started, or kept, for nothing.
        return {}
    model = has_model()
    try:
        found = await run(read_texts, [(p.title, p.text) for p in pending], embeddings=model)
    except ExtractError:
        found = [await _read_one(one, run, embeddings=model) for one in pending]
    return {p.version_id: reading for p, reading in zip(pending, found, strict=True)}


class StoryTexts:
    """Reads many texts at once, in workers that can be stopped; a context manager.

    Args:
        parse: bounds on the workers.
    """

    def __init__(self, parse: ParseSettings) -> None:
        self._pool = ParserPool(
            workers=parse.workers,
            timeout=parse.timeout,
            memory=parse.memory,
            recycle=parse.recycle,
            preload=("scraper.stories.incremental",),
        )
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()
        self._runner.close()

    def read(self, pending: Sequence[PendingText]) -> dict[int, TextReading]:
        """Return what was read of each text, by number of version, as `read_pending` does.

        Raises:
            ExtractError: a worker was stopped at a headline.
            WorkersLost: no worker can be had.
        """

        async def all_of() -> dict[int, TextReading]:
            parts = [pending[i : i + _CHUNK] for i in range(0, len(pending), _CHUNK)]
            found = await asyncio.gather(*(read_pending(part, self._pool.run) for part in parts))
            return {number: reading for part in found for number, reading in part.items()}

        return self._runner.run(all_of())


async def _read_one(one: PendingText, run: Run, *, embeddings: bool) -> TextReading:
    try:
        (reading,) = await run(read_texts, [(one.title, one.text)], embeddings=embeddings)
    except ExtractError as error:
        log.warning("version %d is grouped by its headline: %s", one.version_id, error.message)
        (reading,) = await run(read_texts, [(one.title, "")], embeddings=embeddings)
    assert isinstance(reading, TextReading)
    return reading
