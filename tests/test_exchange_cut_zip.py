"""A WACZ that is cut off gives what is whole in it, names the damage, and never more than that."""

from __future__ import annotations

import gzip
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


def damaged(whole: bytes, at: int, how: str) -> bytes:
    if how == "a flipped bit":
        return whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]
    return whole[:at] + (b"" if how == "missing bytes" else b"surplus" * 9) + whole[at + 20 :]


@pytest.mark.parametrize("how", ["a flipped bit", "missing bytes", "surplus bytes"])
def test_damage_within_a_file_costs_the_records_that_it_hits(tmp_path: Path, how: str) -> None:
    whole, ends = wacz(STORED, streamed=False)
    path = tmp_path / "crawl.wacz"
    second = whole.rindex(b"\x1f\x8b\x08", 0, ends[1])
    # A stored file with surplus bytes is read to the length that it had.
    behind = set() if how == "surplus bytes" else {"2"}
    for at, kept in ((second - 60, {"3"} | behind), (second + 60, {"1", "3"})):
        path.write_bytes(damaged(whole, at, how))
        found, error = read(path)
        assert set(found) == kept
        assert error is not None and f"archive/a.warc.gz at byte {ends[0]}: " in str(error)


@pytest.mark.parametrize("how", ["a flipped bit", "missing bytes", "surplus bytes"])
@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_a_damaged_file_whose_records_have_no_checksums_is_not_read(
    tmp_path: Path, method: int, how: str
) -> None:
    plain = gzip.decompress(warc(1, 2))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as written:
        written.writestr("archive/a.warc", plain)
        ends = packed.tell()
        written.writestr("archive/b.warc.gz", warc(3))
    path = tmp_path / "crawl.wacz"
    for at in range(200, ends - 60, 500):
        path.write_bytes(damaged(packed.getvalue(), at, how))
        found, error = read(path)
        assert found == ["3"]
        assert error is not None and "archive/a.warc at byte 0: " in str(error)
        assert "not read, since no" in str(error) or "cannot be unpacked" in str(error)
        assert str(tmp_path.parent) not in str(error).replace(str(path), "")
