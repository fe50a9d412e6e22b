"""Frees a captured body of Transfer-Encoding and Content-Encoding, within a cap.

Captures are less strict than the wire: many tools store the body decoded and keep the header that
says otherwise. So a body that is not what its header says is taken as it stands.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

__all__ = ["MAX_BODY", "free"]

# Larger pages are refused by extraction anyway; one byte more than this is kept to show it.
MAX_BODY = 10 * 1024 * 1024


def free(body: bytes, headers: Mapping[str, str]) -> bytes:
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
