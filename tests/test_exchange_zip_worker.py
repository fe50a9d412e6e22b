"""A WACZ is listed and unpacked by a process that can be killed; what is left out is said."""

from __future__ import annotations

import struct
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import ErrorClass, ExtractError, ScraperError
from scraper.exchange import warc_worker
from scraper.exchange.imports import zip_worker
from scraper.workers import ParserPool
from tests.test_exchange_cut_zip import read
from tests.test_exchange_imports import warc


def wacz(path: Path, *files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for number, content in enumerate(files):
            packed.writestr(f"archive/{number}.warc", content)
    return path


def test_the_process_that_imports_opens_no_zip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = wacz(tmp_path / "crawl.wacz", warc(1, 2), warc(3))

    def refuse(path: Path) -> None:
        raise AssertionError("opened in the process that imports")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    assert read(path) == (["1", "2", "3"], None)


def directory(entries: int) -> bytes:
    """Return a ZIP whose directory has many entries: 54 bytes each."""
    local = b"PK\3\4" + bytes(26)
    listed = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, *[0] * 7, 8, *[0] * 6) + b"%08d" % n
        for n in range(entries)
    )
    end = len(local) + len(listed)
    return b"".join(
        (
            local,
            listed,
            struct.pack(
                "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, len(listed), len(local)
            ),
            struct.pack("<4sLQL", b"PK\6\7", 0, end, 1),
            struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0),
        )
    )


def test_a_directory_of_any_size_costs_the_file_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small = partial(ParserPool, memory=400 * 1024**2)
    monkeypatch.setattr(warc_worker, "ParserPool", small)
    assert read(wacz(tmp_path / "small.wacz", warc(1))) == (["1"], None)
    path = tmp_path / "crawl.wacz"
    path.write_bytes(directory(10))
    _, error = read(path)
    assert error is not None and "there is no WARC file in it" in error.message
    path.write_bytes(directory(1_000_000))
    found, error = read(path)
    assert not found and error is not None
    assert "its directory stopped the process that reads it" in error.message


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of files whose unpacking ends the process; calls are made in this one."""
    deadly: list[int] = []

    async def run(pool: object, function: Callable[..., Any], *args: Any) -> Any:
        if function is zip_worker.unpack_next and args[2] in deadly:
            monkeypatch.setattr(zip_worker, "_reading", None)
            raise ExtractError("it died", error_class=ErrorClass.PARSE_CRASH)
        return function(*args)

    monkeypatch.setattr(warc_worker.ParserPool, "run", run)
    return deadly


def test_a_file_that_stops_its_unpacking_costs_itself_alone(
    here: list[int], tmp_path: Path
) -> None:
    here.append(1)
    found, error = read(wacz(tmp_path / "crawl.wacz", warc(1), warc(2), warc(3)))
    assert found == ["1", "3"]
    assert error is not None and "WARC file 2: its unpacking was stopped" in error.message


def test_files_that_all_stop_their_unpacking_are_given_up(here: list[int], tmp_path: Path) -> None:
    here += range(1, 30)
    found, error = read(wacz(tmp_path / "crawl.wacz", *[warc(1)] * 30))
    assert found == ["1"]
    assert error is not None and "the rest not read" in error.message


def test_a_file_is_unpacked_in_several_calls(
    here: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(zip_worker, "_PULSE", -1.0)
    monkeypatch.setattr(zip_worker, "_BLOCK", 100)
    assert read(wacz(tmp_path / "crawl.wacz", warc(1, 2), warc(3))) == (["1", "2", "3"], None)


def test_files_past_the_bound_are_said_to_be_left_out(
    here: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(zip_worker, "_MOST_MEMBERS", 2)
    path = wacz(tmp_path / "crawl.wacz", warc(1), warc(2), warc(3))
    found, error = read(path)
    assert found == ["1", "2"]
    assert error is not None and "the last 1 were not read" in error.message
    # The same of one that lost its directory.
    path.write_bytes(path.read_bytes()[:-30])
    found, error = read(path)
    assert found == ["1", "2"]
    assert error is not None and "holds more than 2 WARC files" in error.message


def test_a_disk_that_is_full_is_told_as_such(
    here: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class _Gone(tempfile.TemporaryDirectory[str]):
        def __enter__(self) -> str:
            return str(tmp_path / "gone")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", _Gone)
    found, error = read(wacz(tmp_path / "crawl.wacz", warc(1)))
    assert not found
    assert isinstance(error, ScraperError) and "can't be unpacked into" in error.message
