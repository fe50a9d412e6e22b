"""The parser pool: a hostile document costs itself, nothing else."""

from __future__ import annotations

import asyncio
import ctypes
import time

import pytest

from scraper.errors import ExtractError
from scraper.workers import ParserPool


def double(value: int) -> int:
    return 2 * value


def hang() -> None:
    time.sleep(60)


def crash() -> None:
    ctypes.string_at(0)


def swallow_memory() -> int:
    return len(bytearray(4 * 1024**3))


def refuse() -> None:
    raise ExtractError("no article", url="http://a.example/", error_class="empty_extract")


@pytest.mark.parametrize(
    ("function", "error_class"),
    [(hang, "parse_timeout"), (crash, "parse_crash"), (swallow_memory, "parse_crash")],
)
def test_a_bad_document_fails_alone(function: object, error_class: str) -> None:
    async def both() -> tuple[object, int]:
        with ParserPool(workers=2, timeout=1.5, memory=2 * 1024**3) as pool:
            bad, good = await asyncio.gather(
                pool.run(function),  # type: ignore[arg-type]
                pool.run(double, 21),
                return_exceptions=True,
            )
            again = await pool.run(double, 4)
        assert good == 42
        return bad, again

    bad, again = asyncio.run(both())
    assert isinstance(bad, ExtractError)
    assert bad.error_class == error_class
    assert again == 8


def test_errors_of_the_function_come_through_whole() -> None:
    async def one() -> None:
        with ParserPool(workers=1) as pool:
            await pool.run(refuse)

    with pytest.raises(ExtractError) as caught:
        asyncio.run(one())
    assert (caught.value.error_class, caught.value.url) == ("empty_extract", "http://a.example/")
