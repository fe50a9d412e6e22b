"""Content-Encoding undone by our own hand, in small steps under a cap.

httpx inflates each chunk whole: 400 bytes of Brotli become half a gigabyte in one step, and a
truncated stream is taken for a complete one. Here each step gives at most 64 KiB, the sum is
capped, and a stream without its end is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import brotli

from scraper.errors import FetchError

__all__ = ["ACCEPTED", "Inflater"]

ACCEPTED = "gzip, deflate, br"
_STEP = 64 * 1024
_MAGIC = b"\x1f\x8b"
# Each member costs a fresh decoder: nobody honest sends a hundred in one piece.
_MOST_MEMBERS = 100


class Inflater:
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
        return FetchError(f"{self._url}: {why}", url=self._url, error_class="bad_encoding")

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
                error_class="truncated",
            )
