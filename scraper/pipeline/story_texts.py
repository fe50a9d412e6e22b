"""Reads the texts that are to be grouped to stories, in a worker process."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from scraper.archive.stories import PendingText
from scraper.errors import ExtractError
from scraper.stories.embedding import has_model
from scraper.stories.incremental import TextReading, read_texts

__all__ = ["read_pending"]

log = logging.getLogger(__name__)

Run = Callable[..., Awaitable[Any]]


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
    model = has_model()
    try:
        found = await run(read_texts, [(p.title, p.text) for p in pending], embeddings=model)
    except ExtractError:
        found = [await _read_one(one, run, embeddings=model) for one in pending]
    return {p.version_id: reading for p, reading in zip(pending, found, strict=True)}


async def _read_one(one: PendingText, run: Run, *, embeddings: bool) -> TextReading:
    try:
        (reading,) = await run(read_texts, [(one.title, one.text)], embeddings=embeddings)
    except ExtractError as error:
        log.warning("version %d is grouped by its headline: %s", one.version_id, error.message)
        (reading,) = await run(read_texts, [(one.title, "")], embeddings=embeddings)
    assert isinstance(reading, TextReading)
    return reading
