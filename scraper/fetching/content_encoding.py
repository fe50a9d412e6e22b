"""Content-Encoding undone in small steps: strictly on the wire, leniently for captures.

httpx inflates each chunk whole: 400 bytes of Brotli become half a gigabyte in one step, and a
truncated stream is taken for a complete one. `ContentDecoder` gives at most 64 KiB a step, so that
its caller can stop at a cap, and a stream without its end is an error.

Captures are read by the same decoder (`captured_body`), but less strictly: many tools store a body
decoded and keep the header that says otherwise. What is not as its header says is taken as it
stands, and of a stream that breaks off, what came before the break.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import brotli
import zstandard

from scraper.errors import ErrorClass, FetchError

__all__ = [
    "ACCEPTED",
    "ContentDecoder",
    "captured_body",
    "decode_captured",
    "is_cut",
]

# What requests ask for: nothing else is taken from the wire.
ACCEPTED = "gzip, deflate, br"
_STEP = 64 * 1024
_MAGIC = b"\x1f\x8b"
# A line with the size of a chunk, blank lines before it, extensions behind it.
_CHUNK_SIZE = re.compile(
    rb"[\r\n]{0,8}[ \t]{0,8}([0-9A-Fa-f]{1,12})[ \t]{0,64}(?:;[^\r\n]{0,1024})?\r?\n"
)
# Each member costs a fresh decoder: nobody honest sends a hundred in one piece.
_MOST_MEMBERS = 100
# A captured body is fed in pieces as the wire brings them, so that the same limits hold.
_PIECE = 16 * 1024
# Each coding multiplies: two are what servers send by mistake, more are an attack.
_MOST_CODINGS = 2
# Bytes that a zstd stream may ask to be remembered (RFC 8878 recommends 8 MB, servers send more).
_ZSTD_WINDOW = 2**27


class _BadCoding(Exception):
    """The bytes are not what the coding says, or they are an attack."""


class _Coding(Protocol):
    """A stream in one coding, fed piece by piece."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece decodes to, in steps of about 64 KiB."""

    @property
    def ended(self) -> bool:
        """Whether the stream came to its end."""


class _Zlib:
    """gzip with all its members, or deflate with or without zlib's frame."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._zlib = zlib.decompressobj(31 if gzip else 15)
        self._started = self._padded = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._gzip and not self._started and data[0] & 0x0F != 8:
            # RFC 9110 says zlib; many servers send the bare stream.
            self._zlib = zlib.decompressobj(-15)
        self._started = True
        members = 0
        while data and not self._padded:
            if self._zlib.eof:
                # Another member (RFC 1952, section 2.2), or padding, which gzip(1) ignores too.
                self._padded = not self._gzip or not data.startswith(_MAGIC[: len(data)])
                if self._padded:
                    return
                members += 1
                if members > _MOST_MEMBERS:
                    raise _BadCoding(f"more than {_MOST_MEMBERS} gzip members in one piece")
                self._zlib = zlib.decompressobj(31)
            step = self._zlib.decompress(data, _STEP)
            yield step
            # All input may be taken while output still waits in zlib's window.
            while len(step) == _STEP and not self._zlib.unconsumed_tail and not self._zlib.eof:
                step = self._zlib.decompress(b"", _STEP)
                yield step
            data = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail

    @property
    def ended(self) -> bool:
        return self._zlib.eof


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self.ended:
            return  # What stands behind the stream's end is no part of the page.
        step = self._brotli.process(data, output_buffer_limit=_STEP)
        yield step
        # "Can accept more data" is said even while output waits: a full step tells that it may.
        while not self.ended and (len(step) >= _STEP or not self._brotli.can_accept_more_data()):
            step = self._brotli.process(b"", output_buffer_limit=_STEP)
            yield step

    @property
    def ended(self) -> bool:
        return bool(self._brotli.is_finished())


class _Zstd:
    """Zstandard (RFC 8878), which only captures hold: requests do not ask for it.

    The library decodes a piece whole, and a hundred bytes may hold a megabyte: a piece is fed byte
    group by byte group, so that one step gives at most a few blocks of 128 KiB.
    """

    _GROUP = 16

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), self._GROUP):
            if self.ended:
                return
            yield self._zstd.decompress(data[at : at + self._GROUP])

    @property
    def ended(self) -> bool:
        return bool(self._zstd.eof)


_ON_THE_WIRE: Mapping[str, Callable[[], _Coding]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
}
_CAPTURED = {**_ON_THE_WIRE, "zstd": _Zstd}
_ERRORS = (_BadCoding, zlib.error, brotli.error, zstandard.ZstdError)


class ContentDecoder:
    """Undoes one Content-Encoding strictly.

    Args:
        encoding: the header's value.
        url: the address, for messages.

    Raises:
        FetchError: (``bad_encoding``) the encoding is unknown, or there are several.
    """

    def __init__(self, encoding: str, url: str) -> None:
        names = _names(encoding)
        self._url = url
        self._name = names[0] if names else ""
        if len(names) > 1 or (names and self._name not in _ON_THE_WIRE):
            raise self._bad(f"Content-Encoding {encoding[:80]!r} is not one that we asked for")
        self._coding = _ON_THE_WIRE[self._name]() if names else None
        self._started = False

    @property
    def is_coded(self) -> bool:
        """Whether there is an encoding to undo."""
        return self._coding is not None

    def _bad(self, why: str) -> FetchError:
        return FetchError(f"{self._url}: {why}", url=self._url, error_class=ErrorClass.BAD_ENCODING)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece of the body decodes to, in pieces of about 64 KiB.

        Raises:
            FetchError: (``bad_encoding``) the bytes are not what the header says.
        """
        if not data:
            return
        if self._coding is None:
            yield data
            return
        self._started = True
        try:
            yield from self._coding.feed(data)
        except _BadCoding as error:
            raise self._bad(str(error)) from error
        except _ERRORS as error:
            raise self._bad(f"the body is not {self._name} as its header says") from error

    def finish(self) -> None:
        """Check that the stream came to its end.

        Raises:
            FetchError: (``truncated``) it did not.
        """
        if self._coding is not None and self._started and not self._coding.ended:
            raise FetchError(
                f"{self._url}: the {self._name} body ends before its end",
                url=self._url,
                error_class=ErrorClass.TRUNCATED,
            )


def captured_body(body: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
    """Yield a captured body as its server meant it, in pieces: the caller stops at its cap.

    Args:
        body: the bytes as they were captured.
        headers: response headers, lower-case names.
    """
    sent = _names(headers.get("transfer-encoding", ""))
    if "chunked" in sent:
        body = _unchunked(body)
    names = [*_names(headers.get("content-encoding", "")), *sent]
    if body.startswith(_MAGIC) and "html" in headers.get("content-type", "html").lower():
        # No page begins so: whoever stored it left out the header.
        names = names if any(name in _CAPTURED for name in names) else ["gzip"]
    pieces: Iterator[bytes] = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
    known = [name for name in names if name in _CAPTURED]
    for name in known[::-1][:_MOST_CODINGS]:
        pieces = _undone(pieces, _CAPTURED[name]())
    return pieces


def decode_captured(body: bytes, headers: Mapping[str, str], url: str, *, cap: int) -> bytes:
    """Return a captured body as its server meant it.

    Args:
        body: the bytes as they were captured.
        headers: response headers, lower-case names.
        url: the address, for messages.
        cap: bytes that it may have, as on the wire.

    Raises:
        FetchError: (``too_large``) it has more.
    """
    whole = bytearray()
    for piece in captured_body(body, headers):
        whole += piece
        if len(whole) > cap:
            raise FetchError(
                f"{url}: more than {cap:,} bytes (settings.toml, [fetch] max_bytes)",
                url=url,
                error_class=ErrorClass.TOO_LARGE,
            )
    return bytes(whole)


def _names(encoding: str) -> list[str]:
    """Return the codings that a header names, in the order in which they were applied."""
    names = (name.strip().lower().removeprefix("x-") for name in encoding.split(","))
    return [name for name in names if name not in ("", "identity")]


def _undone(pieces: Iterator[bytes], coding: _Coding) -> Iterator[bytes]:
    """Yield what pieces decode to, or the pieces as they stand where nothing of them does."""
    held: list[bytes] = []
    decoded = False
    for piece in pieces:
        if not decoded:
            held.append(piece)
        try:
            for step in coding.feed(piece):
                decoded = decoded or bool(step)
                yield step
        except _ERRORS:
            if decoded:
                return
            break
        if decoded:
            held.clear()
    if not decoded:
        yield from held
        yield from pieces


def is_cut(body: bytes, headers: Mapping[str, str]) -> bool:
    """Return whether a captured body is shorter than its headers say, or ends within a chunk.

    Args:
        body: the bytes as they were captured.
        headers: response headers, lower-case names.
    """
    if "chunked" in _names(headers.get("transfer-encoding", "")) and _chunks(body)[1]:
        return True
    if headers.get("content-encoding") or headers.get("transfer-encoding"):
        return False
    length = headers.get("content-length", "").strip()
    is_number = length.isascii() and length.isdigit() and len(length) < 16
    return is_number and len(body) < int(length)


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a body; one without them comes back as it is."""
    parts, _ = _chunks(body)
    return body if parts is None else b"".join(parts)


def _chunks(body: bytes) -> tuple[list[bytes] | None, bool]:
    """Return the chunks (RFC 9112, section 7.1), and whether the last of them is cut.

    Lines may end in a line feed alone, and blank ones may stand before a size. None: there are no
    chunks.
    """
    parts: list[bytes] = []
    at = 0
    while (found := _CHUNK_SIZE.match(body, at)) is not None:
        size = int(found[1], 16)
        if size == 0:
            is_end = parts or body[found.end() :].strip(b"\r\n") == b""
            return (parts if is_end else None), False
        parts.append(body[found.end() : found.end() + size])
        at = found.end() + size
    return (parts or None), at > len(body)
