"""Comparisons of what strangers wrote: small ones at once, others in processes that can be stopped.

Whoever writes two texts chooses what it costs to compare them: sentences, quotes and figures are
compared by pairs. A thread cannot be stopped and takes time from all other pages; a process can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from scraper.archive.comparisons import (
    differences_of_articles,
    disagreements_in,
    name_facts_in,
    story_differences_in,
)
from scraper.archive.story_reports import StoryDifferences
from scraper.edits import Comparison
from scraper.errors import ExtractError, WorkersLost
from scraper.models import Article
from scraper.topics.facts import Fact
from scraper.workers import ParserPool, within

__all__ = ["PRELOADED", "SECONDS", "Comparisons"]

T = TypeVar("T")

# Seconds of processor time for one comparison: two long articles that share nothing take half of
# it. Of wall clock it may take more, on a machine that does much else.
SECONDS = 2.0
_WALL_CLOCK = 30.0
# Characters of text that are compared at once: half a second at the very worst, and nearly all
# edits and stories are smaller. Others wait for a worker, the first one a second longer.
_SMALL = 12_000
# Modules that the workers of all pages begin with: they are forked from one process.
PRELOADED = ("scraper.archive.comparisons",)


class Comparisons:
    """Runs comparisons; the workers start with the first that is not small.

    All methods return None where a comparison takes too long, or no worker can be had.

    Args:
        seconds: of processor time for one comparison.

    Attributes:
        seconds: as given.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._pool = ParserPool(workers=2, timeout=_WALL_CLOCK, preload=PRELOADED)

    async def articles(self, old: Article, new: Article) -> Comparison | None:
        """Return what changed from one record of a page to another."""
        # The worker needs nothing of the page around the text.
        one, other = (replace(a, kept=(), removed=(), candidates=()) for a in (old, new))
        return await self._run(differences_of_articles, one, other)

    async def story(self, folder: Path, articles: Sequence[int]) -> StoryDifferences | None:
        """Return where the figures and quotes of a story's articles differ."""
        return await self._run(story_differences_in, folder, tuple(articles))

    async def name(self, folder: Path, entity_id: int) -> tuple[tuple[Fact, ...], bool] | None:
        """Return what articles say of a name, and whether all its figures were compared."""
        return await self._run(name_facts_in, folder, entity_id)

    async def disagreements(self, folder: Path, articles: Sequence[int]) -> tuple[Fact, ...] | None:
        """Return the facts on which articles contradict one another, the most reported first."""
        return await self._run(disagreements_in, folder, tuple(articles))

    async def _run(self, function: Callable[..., T | None], *args: object) -> T | None:
        small = await asyncio.to_thread(function, *args, most=_SMALL)
        if small is not None:
            return small
        try:
            return await self._pool.run(partial(within, self.seconds, function), *args)
        except (ExtractError, WorkersLost):
            return None
