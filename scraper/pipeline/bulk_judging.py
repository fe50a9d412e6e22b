"""Many texts of the archive judged at once, in worker processes that can be stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from scraper.config import ParseSettings
from scraper.errors import ConfigError, ScraperError
from scraper.models import Judgement, QuoteReading
from scraper.pipeline.judging import judge_texts, read_quotes_of
from scraper.pipeline.link import as_error
from scraper.pipeline.quotes import read_quotes
from scraper.topics import judge
from scraper.topics.lexicon import Lexicon
from scraper.workers import ParserPool

__all__ = ["BulkJudge"]

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)

# Texts that a worker takes at once.
_CHUNK = 8


class BulkJudge:
    """Judges texts by one lexicon, and reads their quotes; a context manager.

    Args:
        lexicon: what judges.
        folder: of the configuration whose lexicon it is, which workers read; with a lexicon from
            elsewhere they are of no use.
        parse: bounds on the workers; None judges in this process.
    """

    def __init__(
        self, lexicon: Lexicon, folder: Path | None = None, parse: ParseSettings | None = None
    ) -> None:
        self._lexicon = lexicon
        self._folder = folder
        self._parse = parse
        self._pool: ParserPool | None = None

    def __enter__(self) -> Self:
        if self._parse is not None:
            self._runner = asyncio.Runner()
            self._pool = ParserPool(
                workers=self._parse.workers,
                timeout=self._parse.timeout,
                memory=self._parse.memory,
                recycle=self._parse.recycle,
                preload=("scraper.pipeline.warm", "scraper.pipeline.judging"),
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()
            self._runner.close()

    def judgements(self, texts: Sequence[tuple[str, str]]) -> list[Judgement | None]:
        """Return the judgements of headlines with their texts, None where a worker was stopped.

        Raises:
            WorkersLost: no worker can be had.
        """
        return self._each(judge_texts, lambda one: judge(*one, self._lexicon), texts)

    def quotes(self, texts: Sequence[str]) -> list[QuoteReading | None]:
        """Return the quotes of texts, None where a worker was stopped.

        Raises:
            WorkersLost: no worker can be had.
        """
        return self._each(read_quotes_of, lambda one: read_quotes(one, self._lexicon), texts)

    def _each(
        self, function: Callable[..., Any], here: Callable[[T], R], texts: Sequence[T]
    ) -> list[R | None]:
        """Return what a function of workers makes of texts, or `here` where there are none."""
        if self._pool is None:
            return [here(text) for text in texts]

        async def run(pool: ParserPool, part: Sequence[T]) -> list[R | None]:
            made = await as_error(pool.run(function, part, self._folder, self._lexicon.version))
            if made is None or isinstance(made, ConfigError):
                return [here(text) for text in part]
            if not isinstance(made, ScraperError):
                return list(made)
            if len(part) == 1:
                log.warning("a text was passed over: %s", made.message)
                return [None]
            # One of them stopped the worker: each by itself.
            return [one for text in part for one in await run(pool, [text])]

        async def all_of(pool: ParserPool) -> list[R | None]:
            parts = [texts[i : i + _CHUNK] for i in range(0, len(texts), _CHUNK)]
            found = await asyncio.gather(*(run(pool, part) for part in parts))
            return [one for part in found for one in part]

        return self._runner.run(all_of(self._pool))
