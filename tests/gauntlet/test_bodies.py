"""Gauntlet 1 to 9, 41: what a body may be."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from scraper.models import Page
from tests.gauntlet.server import forever, reply
from tests.gauntlet.trial import trial

MIB = 1 << 20
TEXT = b"<p>" + b"An honest page. " * 500 + b"</p>"


def packed_zeros(mebibytes: int) -> bytes:
    """Return gzip of so many MiB of zeros: one block again and again, its end never reached."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = squeezer.compress(bytes(MIB)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    again = squeezer.compress(bytes(MIB)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (mebibytes - 1) + squeezer.flush()


def outcome(body: bytes, encoding: str, **changes: object) -> Page | str:
    """Return what becomes of a body with a Content-Encoding."""
    found, _ = trial({"/b": reply(body, Content_Encoding=encoding)}, "/b", **changes)
    return found[0]


def test_g01_gzip_bomb() -> None:
    assert outcome(packed_zeros(1024), "gzip") == "too_large"


def test_g02_brotli_bomb() -> None:
    squeezer = brotli.Compressor(quality=5)
    zeros = bytes(16 * MIB)
    body = b"".join(squeezer.process(zeros) for _ in range(32)) + squeezer.finish()
    assert len(body) < 2000
    assert outcome(body, "br") == "too_large"


def test_g03_unasked_zstd() -> None:
    assert outcome(b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00", "zstd") == "bad_encoding"


@pytest.mark.parametrize("times", [2, 9000])
def test_g04_encodings_upon_one_another(times: int) -> None:
    body = gzip.compress(gzip.compress(TEXT))
    assert outcome(body, ", ".join(["gzip"] * times)) == "bad_encoding"


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_g05_truncated_stream(encoding: str) -> None:
    body = gzip.compress(TEXT) if encoding == "gzip" else brotli.compress(TEXT)
    assert outcome(body[:-12], encoding) == "truncated"


def test_g06_two_gzip_members() -> None:
    page = outcome(gzip.compress(TEXT) + gzip.compress(b"and more"), "gzip")
    assert isinstance(page, Page)
    assert page.body == TEXT + b"and more"


def test_g07_plain_body_labelled_gzip() -> None:
    assert outcome(TEXT, "gzip") == "bad_encoding"


@pytest.mark.parametrize(
    ("encoding", "wbits"), [("x-gzip", 31), ("deflate", -15), ("deflate", 15), ("GZIP", 31)]
)
def test_g08_other_spellings_and_bare_deflate(encoding: str, wbits: int) -> None:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    page = outcome(squeezer.compress(TEXT) + squeezer.flush(), encoding)
    assert isinstance(page, Page)
    assert page.body == TEXT


@pytest.mark.parametrize("head", ["Content-Length: 99999999999", "X-Length: unknown"])
def test_g09_endless_body(head: str) -> None:
    start = f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode()
    found, _ = trial({"/b": forever(b"x" * 65536, head=start)}, "/b", total_timeout=30.0)
    assert found == ["too_large"]


def test_g09_a_body_of_the_cap_is_whole_and_one_byte_more_is_too_large() -> None:
    routes = {"/cap": reply(b"x" * 5000), "/more": reply(b"x" * 5001),
              "/packed": reply(gzip.compress(b"x" * 5001), Content_Encoding="gzip")}  # fmt: skip
    (cap, more, packed), _ = trial(routes, "/cap", "/more", "/packed", max_bytes=5000)
    assert isinstance(cap, Page)
    assert (len(cap.body), cap.wire_bytes) == (5000, 5000)
    assert (more, packed) == ("too_large", "too_large")


def test_g09_tiny_chunks_hold_up_nobody() -> None:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    script = forever(b"1\r\nx\r\n" * 10_000, head=start)
    found, _ = trial({"/b": script}, "/b", max_bytes=100_000, total_timeout=30.0)
    assert found == ["too_large"]
