"""A changed page is compared with the archived one in a worker, which can be stopped."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from archiving import HOUR, START, URL, article

from scraper.archive import Archive
from scraper.models import Attempt, Recorded
from scraper.pipeline.learned_boilerplate import LearnedBoilerplate
from scraper.workers import ParserPool

P = ParamSpec("P")
T = TypeVar("T")


async def at_once(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return function(*args, **kwargs)


def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
    return at_once(function, *args, **kwargs)


def recorded(archive: Archive, attempts: Sequence[Attempt], *, timeout: float) -> list[Recorded]:
    """Record attempts one after another, as a pass does."""

    async def one_by_one() -> list[Recorded]:
        with ParserPool(workers=1, timeout=timeout, preload=("scraper.edits",)) as pool:
            learned = LearnedBoilerplate(archive, call, pool, zones={})
            return [(await learned.record_all([a], a.at))[0] for a in attempts]

    return asyncio.run(one_by_one())


def test_an_edit_is_told_as_it_was_compared_in_the_worker(tmp_path: Path) -> None:
    texts = ("The bay has 3 ships.\nIt rains.", "The bay has 4 ships.\nIt rains.")
    with Archive(tmp_path / "archive") as archive:
        made = [article(text, at=START + n * HOUR) for n, text in enumerate(texts)]
        assert [r.reason for r in recorded(archive, made, timeout=20.0)] == ["new", "edited"]
        (edit,) = [change for change in archive.changes() if change.kind == "edited"]
        assert edit.classes == ("number",) and edit.severity == 2
        assert archive.doctor(least_free=0) == ()


def test_a_comparison_that_does_not_end_is_a_failed_attempt(tmp_path: Path) -> None:
    chance = random.Random(1)

    def hostile() -> str:
        words = ["".join(chance.choices("abcdefghij", k=4)) for _ in range(6 * 120_000)]
        return "\n".join(" ".join(words[n : n + 6]) + "." for n in range(0, len(words), 6))

    first, second = hostile(), hostile()
    with Archive(tmp_path / "archive") as archive:
        archive.record(article(first))
        (failed,) = recorded(archive, [article(second, at=START + HOUR)], timeout=1.0)
        assert (failed.outcome, failed.reason) == ("failed", "parse_timeout")
        assert "compared" in failed.message
        fetch = archive.fetches(URL)[-1]
        assert fetch.error_class == "parse_timeout" and fetch.body, "the page itself is kept"
        assert archive.find(URL).text == first and len(archive.versions(URL)) == 1
