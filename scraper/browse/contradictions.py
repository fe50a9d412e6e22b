"""The contradictions among the articles of the last week, cached for some minutes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from scraper.archive import Archive
from scraper.topics.facts import Fact, compare

__all__ = ["ContradictionCache", "disagreements"]

# Seconds for which a result is shown again.
_KEPT = 300.0

Read = Callable[[Callable[[Archive], tuple[Fact, ...]]], Awaitable[tuple[Fact, ...]]]


class ContradictionCache:
    """Finds facts for which articles give contradictory values."""

    def __init__(self) -> None:
        self._last: tuple[float, tuple[int, ...], tuple[Fact, ...]] | None = None

    async def get(self, articles: Sequence[int], read: Read) -> tuple[Fact, ...]:
        """Return the facts; the one that most outlets report comes first.

        Args:
            articles: numbers of the articles that are compared.
            read: asks the archive.
        """
        key, now = tuple(articles), time.monotonic()
        if self._last is None or self._last[1] != key or now - self._last[0] > _KEPT:
            self._last = now, key, await read(lambda archive: disagreements(archive, key))
        return self._last[2]


def disagreements(archive: Archive, articles: Sequence[int]) -> tuple[Fact, ...]:
    """Return the facts on which articles contradict one another, the most reported first."""
    claims = archive.topics.claims_of_articles(articles)
    series = archive.topics.series() if claims else frozenset()
    facts = [fact for fact in compare(claims, series) if fact.disagreements]
    return tuple(
        sorted(facts, key=lambda fact: -len({c.outlet for v in fact.values for c in v.claims}))
    )
