"""Frees a captured body of Transfer-Encoding and Content-Encoding, within a cap.

Captures are less strict than the wire: many tools store the body decoded and keep the header that
says otherwise. So a body that is not what its header says is taken as it stands.

Content-Encoding undone by our own hand, in small steps under a cap.

httpx inflates each chunk whole: 400 bytes of Brotli become half a gigabyte in one step, and a
truncated stream is taken for a complete one. Here each step gives at most 64 KiB, the sum is
capped, and a stream without its end is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping

import brotli
import zstandard

from scraper.errors import ErrorClass, FetchError

__all__ = ["ACCEPTED", "MAX_BODY", "ContentDecoder", "decode_body"]


ACCEPTED = "gzip, deflate, br"
_STEP = 64 * 1024
_MAGIC = b"\x1f\x8b"
# Each member costs a fresh decoder: nobody honest sends a hundred in one piece.
_MOST_MEMBERS = 100


class ContentDecoder:
    """Undoes one Content-Encoding.

    Args:
        encoding: the header's value.
        url: the address, for messages.

    Raises:
        FetchError: (``bad_encoding``) the encoding is unknown, or there are several.
    """

    def __init__(self, encoding: str, url: str) -> None:
        names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
        names = [name for name in names if name != "identity"]
        self._name = names[0].removeprefix("x-") if names else ""
        self._url = url
        if len(names) > 1 or self._name not in ("", "gzip", "deflate", "br"):
            raise self._bad(f"Content-Encoding {encoding[:80]!r} is not one that we asked for")
        self._zlib = zlib.decompressobj(31 if self._name == "gzip" else 15)
        self._brotli = brotli.Decompressor()
        self._started = self._ended = False

    @property
    def is_coded(self) -> bool:
        """Whether there is an encoding to undo."""
        return bool(self._name)

    def _bad(self, why: str) -> FetchError:
        return FetchError(f"{self._url}: {why}", url=self._url, error_class=ErrorClass.BAD_ENCODING)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what a piece of the body decodes to, in pieces of about 64 KiB.

        Raises:
            FetchError: (``bad_encoding``) the bytes are not what the header says.
        """
        if not data:
            return
        try:
            if not self._name:
                yield data
            elif self._name == "br":
                yield from self._feed_brotli(data)
            else:
                yield from self._feed_zlib(data)
        except (zlib.error, brotli.error) as error:
            raise self._bad(f"the body is not {self._name} as its header says") from error
        self._started = True

    def _feed_brotli(self, data: bytes) -> Iterator[bytes]:
        if self._brotli.is_finished():
            return  # What stands behind the stream's end is none of its business.
        step = self._brotli.process(data, output_buffer_limit=_STEP)
        yield step
        # "Can accept more data" is said even while output waits: a full step tells that it may.
        while not self._brotli.is_finished() and (
            len(step) >= _STEP or not self._brotli.can_accept_more_data()
        ):
            step = self._brotli.process(b"", output_buffer_limit=_STEP)
            yield step

    def _feed_zlib(self, data: bytes) -> Iterator[bytes]:
        if self._name == "deflate" and not self._started and data[0] & 0x0F != 8:
            # RFC 9110 says zlib; many servers send the bare stream.
            self._zlib = zlib.decompressobj(-15)
        members = 0
        while data and not self._ended:
            if self._zlib.eof:
                # Another member (RFC 1952, section 2.2), or padding, which gzip(1) ignores too.
                self._ended = self._name != "gzip" or not data.startswith(_MAGIC[: len(data)])
                if self._ended:
                    return
                members += 1
                if members > _MOST_MEMBERS:
                    raise self._bad(f"more than {_MOST_MEMBERS} gzip members in one piece")
                self._zlib = zlib.decompressobj(31)
            step = self._zlib.decompress(data, _STEP)
            yield step
            # All input may be taken while output still waits in zlib's window.
            while len(step) == _STEP and not self._zlib.unconsumed_tail and not self._zlib.eof:
                step = self._zlib.decompress(b"", _STEP)
                yield step
            data = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail

    def finish(self) -> None:
        """Check that the stream came to its end.

        Raises:
            FetchError: (``truncated``) it did not.
        """
        if not self._name or not self._started:
            return
        ended = self._brotli.is_finished() if self._name == "br" else self._zlib.eof
        if not ended:
            raise FetchError(
                f"{self._url}: the {self._name} body ends before its end",
                url=self._url,
                error_class=ErrorClass.TRUNCATED,
            )


# Larger pages are refused by extraction anyway; one byte more than this is kept to show it.
MAX_BODY = 10 * 1024 * 1024


def decode_body(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the body as the server meant it, cut off one byte after `MAX_BODY`.

    Args:
        body: the bytes as they were captured.
        headers: response headers, lower-case names.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    codings = [c.strip().lower() for c in headers.get("content-encoding", "").split(",")]
    # Each coding multiplies: two are what servers send by mistake, more are an attack.
    for coding in [c for c in reversed(codings) if c in _DECODERS][:2]:
        body = _DECODERS[coding](body)
    return body[: MAX_BODY + 1]


def _unchunked(body: bytes) -> bytes:
    """Join the chunks (RFC 9112, section 7.1); a body without them comes back as it is."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at, at + 1024)
        try:
            size = int(body[at:end].partition(b";")[0].strip() or b"-1", 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0 or (size == 0 and not parts and body[end : end + 4] != b"\r\n\r\n"):
            return b"".join(parts) if parts else body
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


def _gzip(body: bytes) -> bytes:
    unpacked = b""
    waiting = body
    while waiting.startswith(b"\x1f\x8b") and len(unpacked) <= MAX_BODY:
        inflate = zlib.decompressobj(wbits=31)
        try:
            unpacked += inflate.decompress(waiting, MAX_BODY + 1 - len(unpacked))
        except zlib.error:
            break
        waiting = inflate.unused_data
    return unpacked or body


def _deflate(body: bytes) -> bytes:
    # RFC 9110 means zlib's format; some servers send bare deflate data.
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(wbits).decompress(body, MAX_BODY + 1) or body
        except zlib.error:
            continue
    return body


def _brotli(body: bytes) -> bytes:
    unpack = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    waiting = body
    try:
        while not unpack.is_finished() and size <= MAX_BODY:
            part = unpack.process(waiting, output_buffer_limit=MAX_BODY)
            if not part and not waiting:
                break
            waiting = b""
            parts.append(part)
            size += len(part)
    except brotli.error:
        pass
    return b"".join(parts) or body


def _zstd(body: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(body) as stream:
            return stream.read(MAX_BODY + 1) or body
    except zstandard.ZstdError:
        return body


_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
