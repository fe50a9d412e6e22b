"""A WACZ that is cut off gives what is whole in it, names the damage, and never more than that."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.imports import captures_of, files_of
from tests.test_exchange_imports import run, urls, warc

STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


class _Pipe(io.RawIOBase):
    """What cannot be sought: lengths are then written behind the files."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)


def wacz(method: int, *, streamed: bool) -> tuple[bytes, list[int]]:
    """Return a WACZ of two WARC files, and where each file in it ends."""
    pipe, kept = _Pipe(), io.BytesIO()
    ends = []
    with zipfile.ZipFile(pipe if streamed else kept, "w", method) as packed:
        for name, content in (
            ("pages/pages.jsonl", b'{"url": "https://elin.example/1"}\n' * 50),
            ("archive/a.warc.gz", warc(1, 2)),
            ("archive/b.warc.gz", warc(3)),
            # These bytes look like the mark behind a file.
            ("datapackage.json", b"PK\x07\x08" * 30),
        ):
            packed.writestr(name, content)
            ends.append(len(pipe.written) if streamed else kept.tell())
    return bytes(pipe.written) if streamed else kept.getvalue(), ends


def read(path: Path) -> tuple[list[str], ScraperError | None]:
    found = []
    try:
        for _, page, _ in captures_of(files_of(path)[0]):
            found.append(page.url[-1])
    except ScraperError as error:
        return found, error
    return found, None


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_what_is_whole_before_the_damage_is_read(
    tmp_path: Path, method: int, streamed: bool
) -> None:
    whole, ends = wacz(method, streamed=streamed)
    path = tmp_path / "crawl.wacz"
    path.write_bytes(whole)
    assert read(path) == (["1", "2", "3"], None)
    for size in (
        ends[-1] + 1,
        ends[-1] - 1,
        ends[2] + 10,
        *range(ends[1] - 40, ends[2], 97),
        40,
        5,
    ):
        path.write_bytes(whole[:size])
        found, error = read(path)
        assert error is not None
        assert error.error_class == ErrorClass.TRUNCATED and "at byte" in str(error), size
        least = ["1", "2", "3"] if size >= ends[2] else ["1", "2"] if size >= ends[1] else []
        assert found[: len(least)] == least
        assert found == list("123")[: len(found)]


def test_an_import_of_one_archives_what_is_whole_and_says_what_is_not(tmp_path: Path) -> None:
    whole, ends = wacz(STORED, streamed=False)
    path = tmp_path / "crawl.wacz"
    path.write_bytes(whole[: ends[2] - 20])
    done = run(tmp_path / "archive", "import", str(path))
    assert done.exit_code == 1
    assert sorted(urls(tmp_path / "archive"))[:2] == [f"https://elin.example/{n}" for n in (1, 2)]
    assert f"archive/b.warc.gz at byte {ends[1]}: it is cut off" in " ".join(done.output.split())
    assert "Traceback" not in done.output


@pytest.mark.parametrize("at", range(0, 60, 3))
def test_headers_that_lie_cost_only_what_they_say(tmp_path: Path, at: int) -> None:
    whole, ends = wacz(DEFLATED, streamed=False)
    for value in (0, 255):
        altered = bytearray(whole[: ends[2] - 20])
        altered[ends[0] + at] = value
        path = tmp_path / "crawl.wacz"
        path.write_bytes(altered)
        found, error = read(path)
        assert error is not None
        assert found == [number for number in "123" if number in found]
