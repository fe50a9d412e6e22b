"""WARC files read in a worker: the same captures, and one that stops it costs itself alone."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.errors import ErrorClass, ExtractError, FetchError, ScraperError
from scraper.exchange import shares, warc, warc_worker
from scraper.exchange.capture_transport import CaptureTransport
from scraper.exchange.imports import Found
from scraper.exchange.shares import Part, Share
from scraper.exchange.units import plan_file, unit_captures
from scraper.exchange.warc import Capture, read_captures
from scraper.exchange.warc_records import Record
from scraper.exchange.warc_worker import captures_in_worker

NUMBERS = range(40)


def write(path: Path, *, packed: bool = True) -> Path:
    """Write pages, a redirect to the last of them, and a revisit of the first."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)

    def add(kind: str, number: int | str, status: str, body: bytes, **more: str) -> None:
        fields = [("Content-Type", "text/html"), *((k, v) for k, v in more.items() if k[0] == "L")]
        record = writer.create_warc_record(
            f"https://elin.example/{number}", kind, payload=io.BytesIO(body), length=len(body),
            http_headers=StatusAndHeaders(status, fields, "HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2026-03-01T08:00:00Z", "WARC-Record-ID": f"<{number}>"}
            | {k: v for k, v in more.items() if k[0] == "W"},
        )  # fmt: skip
        writer.write_record(record)

    add("response", "moved", "302 Found", b"", Location="https://elin.example/39")
    for number in NUMBERS:
        add("response", number, "200 OK", f"<p>Berth {number} is open.".encode() * 20)
    add("revisit", "again", "200 OK", b"", **{"WARC-Refers-To": "<0>"})
    path.write_bytes(out.getvalue())
    return path


def told(captures: Iterator[Capture]) -> tuple[list[Capture], str]:
    """Return captures, and what error ended them."""
    found: list[Capture] = []
    try:
        found.extend(captures)
    except ScraperError as error:
        return found, f"{type(error).__name__}: {error.message}"
    return found, ""


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
def test_a_worker_reads_what_is_read_here_damaged_files_too(tmp_path: Path, packed: bool) -> None:
    whole = write(tmp_path / "whole", packed=packed).read_bytes()
    chance = random.Random(7)
    middle = len(whole) // 2
    files = [whole, whole[:middle], whole[middle:], b"", b"WARC/1.0\r\n\r\n", gzip.compress(b"x")]
    for _ in range(4):
        damaged = bytearray(whole)
        for _ in range(6):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        files.append(bytes(damaged))
    read = 0
    for number, content in enumerate(files):
        path = tmp_path / f"{number}.warc"
        path.write_bytes(content)
        here = told(read_captures(path))
        assert told(captures_in_worker(path)) == here
        read += len(here[0])
    assert len(told(read_captures(tmp_path / "0.warc"))[0]) == len(NUMBERS) + 2
    assert read > 3 * len(NUMBERS)


def test_a_file_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    _, error = told(captures_in_worker(tmp_path / "none.warc"))
    assert "can't be read" in error


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses whose records end the process that reads them; calls are made in this one."""
    deadly: list[str] = []
    read: Callable[[Record], Capture | None] = warc._capture

    def capture(record: Record) -> Capture | None:
        if record.url in deadly:
            raise SystemExit
        return read(record)

    async def run(pool: object, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except SystemExit:
            monkeypatch.setattr(warc_worker, "_reading", None)
            raise ExtractError("it died", error_class=ErrorClass.PARSE_CRASH) from None

    monkeypatch.setattr(warc, "_capture", capture)
    monkeypatch.setattr(warc_worker.ParserPool, "run", run)
    return deadly


def numbers(captures: list[Capture]) -> list[str]:
    return [capture.page.url.rpartition("/")[2] for capture in captures]


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
@pytest.mark.parametrize("deadly", [(0,), (17,), (39,), (15, 16, 17), (3, 30)], ids=str)
def test_what_stops_the_worker_costs_itself_alone(
    deadly: tuple[int, ...], packed: bool, stopped: list[str], tmp_path: Path
) -> None:
    path = write(tmp_path / "x.warc", packed=packed)
    stopped += [f"https://elin.example/{number}" for number in deadly]
    found, error = told(captures_in_worker(path))
    pages = [name for name in numbers(found) if name.isdigit()]
    assert pages == [str(number) for number in NUMBERS if number not in deadly]
    assert error.startswith("BrokenRecords: ")
    assert error.count("it stopped the process that reads it") == len(deadly)
    # What led to a record that is not read leads nowhere.
    assert ("again" in numbers(found)) is (0 not in deadly)
    assert numbers(found).count("moved") == 1


def test_a_file_whose_records_all_stop_the_worker_is_given_up(
    stopped: list[str], tmp_path: Path
) -> None:
    path = write(tmp_path / "x.warc")
    stopped += [f"https://elin.example/{number}" for number in NUMBERS if number >= 10]
    found, error = told(captures_in_worker(path))
    assert numbers(found) == [str(number) for number in range(9 + 1)]
    assert "was stopped again and again" in error and "10 captures were read" in error


def test_a_worker_that_others_end_is_followed_by_one_that_goes_on(
    stopped: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    captures = captures_in_worker(write(tmp_path / "x.warc"))
    found = []
    for number, capture in enumerate(captures):
        found.append(capture)
        if number % 16 == 15:
            monkeypatch.setattr(warc_worker, "_reading", None)
    assert numbers(found) == [*map(str, NUMBERS), "moved", "again"]


def test_the_process_that_imports_parses_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A parser that hangs or dies would take the import with it."""

    def refuse(record: Record) -> None:
        raise AssertionError(f"read in process {os.getpid()}")

    monkeypatch.setattr(warc, "_capture", refuse)
    found, error = told(captures_in_worker(write(tmp_path / "x.warc")))
    assert (len(found), error) == (len(NUMBERS) + 2, "")


def test_what_replays_captures_parses_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError(f"read in process {os.getpid()}")

    monkeypatch.setattr(warc, "_capture", refuse)
    found = Found(write(tmp_path / "x.warc"), "warc", tmp_path)
    transport = CaptureTransport([found.path])
    try:
        assert answered(transport, 7) == "<p>Berth 7 is open." * 20
    finally:
        transport.close()
    plan = plan_file(0, found, "x")
    taken = [page.url for unit in plan.units for _, page in unit_captures(unit)]
    assert (len(taken), plan.broken) == (len(NUMBERS) + 2, "")


def test_a_record_that_stops_its_reader_is_not_replayed_and_others_are(
    stopped: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stopped += ["https://elin.example/5"]
    transport = CaptureTransport([write(tmp_path / "x.warc")])
    assert "it stopped the process that reads it" in caplog.text
    with pytest.raises(FetchError, match="was captured"):
        answered(transport, 5)
    stopped[:] = ["https://elin.example/6"]
    with pytest.raises(FetchError, match=r"/6: its capture in .* can't be read: it died") as told:
        answered(transport, 6)
    assert told.value.error_class == ErrorClass.PARSE_CRASH
    assert answered(transport, 7) == "<p>Berth 7 is open." * 20


def answered(transport: CaptureTransport, number: int) -> str:
    """Return what a client gets for a page."""

    async def get() -> str:
        request = httpx.Request("GET", f"https://elin.example/{number}")
        response = await transport.handle_async_request(request)
        return (await response.aread()).decode()

    return asyncio.run(get())


@pytest.mark.parametrize("hit", [1, 2, 3])
def test_a_stop_in_one_share_moves_no_other_capture(
    tmp_path: Path, stopped: list[str], monkeypatch: pytest.MonkeyPatch, hit: int
) -> None:
    monkeypatch.setattr(shares, "DIVIDED_BYTES", 1)
    path = write(tmp_path / "x.warc")
    taken: list[str] = []
    telling: list[int] = []
    whole = Share([(Found(path=path, kind="warc", root=tmp_path), "x")], Part())
    every = [page.url for _, page, _ in whole.captures()]
    assert not whole.broken
    for number in (1, 2, 3):
        stopped[:] = ["https://elin.example/5"] if number == hit else []
        share = Share([(Found(path=path, kind="warc", root=tmp_path), "x")], Part(number, 3))
        taken += [page.url for _, page, _ in share.captures()]
        telling += [number] if share.broken else []
    assert telling == [hit]
    assert len(taken) == len(set(taken))
    assert set(every) - set(taken) <= {"https://elin.example/5"}
