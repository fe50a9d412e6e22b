"""Content-Encoding: what is sent comes out whole, what is a trap is an error, in steps."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest

from scraper.errors import FetchError
from scraper.fetching.content_encoding import ACCEPTED, ContentDecoder

TEXT = ("An honest page. 一个诚实的网页。" * 500).encode()
NOISE = random.Random(7).randbytes(300_000)
URL = "http://site.example/"


def bare(data: bytes) -> bytes:
    """Return a deflate stream without zlib's frame, as many servers send it."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeezer.compress(data) + squeezer.flush()


SENT: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    " GZip , identity": gzip.compress,
    "deflate": zlib.compress,
    "x-deflate": bare,
    "br": lambda data: brotli.compress(data, quality=5),
}


def inflate(encoding: str, data: bytes, piece: int = 1 << 20) -> bytes:
    """Return what a body decodes to when it comes in pieces of so many bytes."""
    inflater, body = ContentDecoder(encoding, URL), b""
    for start in range(0, len(data), piece):
        for step in inflater.feed(data[start : start + piece]):
            assert len(step) <= 2 * 65536 or encoding in ("", "identity")
            body += step
    inflater.finish()
    return body


def refusal(encoding: str, data: bytes, piece: int = 1 << 20) -> str:
    """Return the class of the error that a body ends in."""
    with pytest.raises(FetchError) as caught:
        inflate(encoding, data, piece)
    assert caught.value.url == URL
    return caught.value.error_class


@pytest.mark.parametrize("piece", [1, 1000, 1 << 20])
@pytest.mark.parametrize("encoding", SENT)
def test_what_was_sent_comes_out_however_it_is_cut(encoding: str, piece: int) -> None:
    assert inflate(encoding, SENT[encoding](TEXT), piece) == TEXT


@pytest.mark.parametrize("size", [65535, 65536, 65537, 131072, 1_000_000])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-deflate", "br"])
def test_output_that_ends_where_a_step_ends_is_not_lost(encoding: str, size: int) -> None:
    # zlib may have taken all its input while a match still waits to be written.
    for data in (b"a" * size, NOISE[:size]):
        assert inflate(encoding, SENT[encoding](data)) == data


def test_bare_deflate_of_any_run_is_complete_at_its_last_byte() -> None:
    for size in range(65536 - 4, 65536 + 300):
        assert inflate("deflate", bare(b"z" * size)) == b"z" * size


def test_gzip_members_follow_one_another() -> None:
    joined = gzip.compress(b"first, ") + gzip.compress(b"second, ") + gzip.compress(b"third")
    for piece in (1, 7, 1000):
        assert inflate("gzip", joined, piece) == b"first, second, third"


@pytest.mark.parametrize("padding", [b"\0" * 700, b"\r\n", b"<!-- cached -->"])
def test_padding_behind_gzip_is_ignored_as_gzip_itself_does(padding: bytes) -> None:
    for piece in (1, 1000):
        assert inflate("gzip", gzip.compress(TEXT) + padding, piece) == TEXT


def test_padding_behind_brotli_is_no_part_of_the_page() -> None:
    assert inflate("br", SENT["br"](TEXT), 1 << 20) == TEXT
    inflater = ContentDecoder("br", URL)
    assert b"".join(inflater.feed(SENT["br"](TEXT))) == TEXT
    assert list(inflater.feed(b"<!-- cached -->")) == []
    inflater.finish()


def test_a_crowd_of_members_is_refused() -> None:
    assert refusal("gzip", gzip.compress(b"") * 9000) == "bad_encoding"


@pytest.mark.parametrize(
    "encoding",
    ["zstd", "compress", "aes128gcm", "gzip, gzip", "br, gzip", ", ".join(["gzip"] * 9000)],
)
def test_what_was_not_asked_for_is_refused_before_a_byte_is_read(encoding: str) -> None:
    with pytest.raises(FetchError) as caught:
        ContentDecoder(encoding, URL)
    assert caught.value.error_class == "bad_encoding"
    assert len(caught.value.message) < 200


def test_what_is_asked_for_is_what_can_be_undone() -> None:
    for name in ACCEPTED.split(","):
        assert inflate(name, SENT[name.strip()](TEXT)) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_plain_body_that_claims_to_be_packed_is_refused(encoding: str) -> None:
    assert refusal(encoding, b"<html><body>not packed at all</body></html>") == "bad_encoding"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-deflate", "br"])
@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_a_stream_without_its_end_is_truncated(encoding: str, kept: float) -> None:
    packed = SENT[encoding](NOISE)
    assert refusal(encoding, packed[: int(len(packed) * kept)]) == "truncated"


def test_gzip_without_its_checksum_is_truncated() -> None:
    assert refusal("gzip", gzip.compress(TEXT)[:-3]) == "truncated"


def test_a_wrong_checksum_is_refused() -> None:
    packed = gzip.compress(TEXT)
    assert refusal("gzip", packed[:-8] + bytes(4) + packed[-4:]) == "bad_encoding"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_an_empty_body_needs_no_frame(encoding: str) -> None:
    assert inflate(encoding, b"") == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-deflate", "br"])
def test_a_bomb_comes_in_small_steps_that_can_be_stopped(encoding: str) -> None:
    packed = SENT[encoding](bytes(64 << 20))
    steps = ContentDecoder(encoding, URL).feed(packed)
    taken = [len(next(steps)) for _ in range(20)]
    assert max(taken) <= 2 * 65536
