"""Reads a file that may be gzipped, in bounded steps, and remembers where its members begin.

The gzip members of a WARC are its records, so that one can be read alone; a WARC that was gzipped
as a whole is one member, and a plain one has none. All three read alike here, and a cut or broken
file raises where its last whole byte ends instead of ending quietly.
"""

from __future__ import annotations

import zlib
from collections import deque
from typing import BinaryIO

from scraper.record import record

__all__ = ["BrokenFile", "EndlessHeaders", "GzipStream", "RecordOffset", "find_member"]

_BLOCK = 64 * 1024
# Bytes that the decoder is given at once: what stands behind the end of a member is copied, so
# that many tiny members in one large block would cost the square of their number.
_FED = 4 * 1024
_GZIP = b"\x1f\x8b"
_MEMBER = b"\x1f\x8b\x08"
_RECORD = b"\nWARC/"
# Headers of one record; a longer row of them is an attack or not a record.
MAX_HEADER_BYTES = 1024 * 1024
# Lines of them: a header that goes on over lines costs the square of their number.
_MOST_HEADER_LINES = 10_000
# What may stand before a record, and is passed over in bulk.
_BLANK = b"\r\n"
_NOTHING = b"\0 \t\r\n\f\v"


class BrokenFile(Exception):
    """The file ends before its end, or its compression is wrong."""


class EndlessHeaders(BrokenFile):
    """The headers of a record do not end within the bound."""


@record(kw_only=False)
class RecordOffset:
    """Where a record begins: offset in the file, and bytes to skip once that is unpacked."""

    offset: int
    skip: int = 0


class _Unpacked:
    """The unpacked bytes; `starts` holds (unpacked position, offset in the file) of members."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._read = file.tell()
        self._unpacked = 0
        self._at = 0
        self._packed = b""
        self._more()
        self.is_gzip = self._packed.startswith(_GZIP)
        self._inflate = zlib.decompressobj(wbits=31) if self.is_gzip else None
        self.starts: deque[tuple[int, int]] = deque([(0, self._offset)])

    @property
    def _offset(self) -> int:
        """Where the next packed byte stands in the file."""
        return self._read - len(self._packed) + self._at

    def _more(self) -> bool:
        """Read on; return whether there is anything left."""
        data = self._file.read(_BLOCK)
        self._read += len(data)
        self._packed, self._at = self._packed[self._at :] + data, 0
        return bool(data)

    def block(self) -> bytes:
        """Return the next unpacked bytes, b"" at the end.

        Raises:
            BrokenFile: the file is cut off or corrupt there.
        """
        data = self._unpack() if self.is_gzip else self._copy()
        self._unpacked += len(data)
        return data

    def _copy(self) -> bytes:
        if self._at >= len(self._packed):
            self._more()
        data, self._at = self._packed[self._at :], len(self._packed)
        return data

    def _unpack(self) -> bytes:
        data = b""
        while not data and self._inflate is not None:
            if self._inflate.eof:
                self._next_member()
                continue
            if self._at >= len(self._packed) and not self._more():
                raise BrokenFile("the file is cut off")
            fed = self._packed[self._at : self._at + _FED]
            try:
                data = self._inflate.decompress(fed, _BLOCK)
            except zlib.error as error:
                raise BrokenFile(f"the gzip data is corrupt ({error})") from None
            left = self._inflate.unused_data or self._inflate.unconsumed_tail
            self._at += len(fed) - len(left)
        return data

    def _next_member(self) -> None:
        while True:
            # Some tools pad the end of a file with zeros.
            while self._packed[self._at : self._at + 1] == b"\0":
                rest = self._packed[self._at :].lstrip(b"\0")
                self._at = len(self._packed) - len(rest)
            if len(self._packed) - self._at >= len(_GZIP) or not self._more():
                break
        if self._at >= len(self._packed):
            self._inflate = None
        elif not self._packed.startswith(_GZIP, self._at):
            # The member before is whole.
            self.starts.append((self._unpacked, self._offset))
            raise BrokenFile("what follows a gzip member is no gzip")
        else:
            self._inflate = zlib.decompressobj(wbits=31)
            if self.starts[-1][0] == self._unpacked:
                # An empty member holds nothing that could begin there.
                self.starts.pop()
            self.starts.append((self._unpacked, self._offset))


class GzipStream:
    """A stream of unpacked bytes with bounded lines.

    Args:
        file: opened for reading, at the start of a member or of a record.

    Attributes:
        position: unpacked bytes that were read.
        blank_lines, blank_bytes: those that `begin_record` passed over.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._source = _Unpacked(file)
        self._buffer = b""
        self._at = 0
        self.position = 0
        self.blank_lines = self.blank_bytes = 0
        self._begin = 0
        self._header_bytes = self._header_lines = 0

    def _fill(self) -> bool:
        data = self._source.block()
        self._buffer, self._at = self._buffer[self._at :] + data, 0
        return bool(data)

    def _take(self, size: int) -> bytes:
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        self.position += len(data)
        return data

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end.

        Raises:
            BrokenFile: the file is cut off or corrupt there.
        """
        parts = [self._take(size)]
        left = size - len(parts[0])
        while left > 0 and self._fill():
            parts.append(self._take(left))
            left -= len(parts[-1])
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        """Return a line of a record's headers.

        Raises:
            BrokenFile: as `read`.
            EndlessHeaders: the headers of this record do not end.
        """
        room = MAX_HEADER_BYTES - self._header_bytes
        if room <= 0 or self._header_lines >= _MOST_HEADER_LINES:
            # Nothing is read then, so that who bounds the record still knows what is left of it.
            raise EndlessHeaders("the headers of a record do not end")
        room = room if size < 0 else min(size, room)
        searched = self._at
        while True:
            end = self._buffer.find(b"\n", searched, self._at + room)
            have = len(self._buffer) - self._at
            if end >= 0 or have >= room or not self._fill():
                break
            searched = have
        line = self._take(end + 1 - self._at if end >= 0 else room)
        self._header_bytes += len(line)
        self._header_lines += 1
        return line

    def skip(self, size: int) -> None:
        """Pass over `size` bytes, however many.

        Raises:
            BrokenFile: as `read`.
        """
        while size > 0 and (passed := len(self.read(min(size, _BLOCK)))):
            size -= passed

    def begin_record(self) -> bytes:
        """Pass over blank lines and return the first line of the next record, b"" at the end.

        Zeros are blank, too: some tools pad files with them.
        """
        self.blank_lines = -1
        ended = self.position
        line = b"\n"
        while line and not line.strip(_NOTHING):
            self.blank_lines += 1
            self.blank_lines += self._pass_blank()
            self._header_bytes = self._header_lines = 0
            self._begin = self.position
            line = self.readline()
        self.blank_bytes = self._begin - ended
        return line

    def _pass_blank(self) -> int:
        """Pass over the blank lines that are unpacked already; return how many."""
        left = self._buffer[self._at :].lstrip(_BLANK)
        passed = self._buffer[self._at : len(self._buffer) - len(left)]
        # The last may be the beginning of a line that has more than that.
        self._take(passed.rfind(b"\n") + 1)
        return passed.count(b"\n")

    def seek_record(self, most: int) -> bool:
        """Pass over what is left to the next line that begins a record.

        Args:
            most: unpacked bytes that are searched.

        Returns:
            Whether there is one.

        Raises:
            BrokenFile: as `read`.
        """
        until = self.position + most
        while self.position < until:
            found = self._buffer.find(_RECORD, self._at)
            if found >= 0:
                self._take(found + 1 - self._at)
                return True
            self._take(max(0, len(self._buffer) - self._at - len(_RECORD) + 1))
            if not self._fill():
                return False
        return False

    @property
    def place(self) -> RecordOffset:
        """Where the record that was begun last stands in the file."""
        starts = self._source.starts
        while len(starts) > 1 and starts[1][0] <= self._begin:
            starts.popleft()
        unpacked, offset = starts[0]
        if self._source.is_gzip:
            return RecordOffset(offset, self._begin - unpacked)
        return RecordOffset(offset + self._begin)

    @property
    def reached(self) -> int:
        """Offset of the gzip member that was unpacked last, or of the record begun last."""
        unpacked, offset = self._source.starts[-1]
        return offset if unpacked > self._begin else self.place.offset

    @property
    def is_gzip(self) -> bool:
        """Whether the file is gzipped."""
        return self._source.is_gzip


def find_member(file: BinaryIO, start: int) -> int | None:
    """Return the offset of the next bytes from `start` that may begin a gzip member, or None."""
    file.seek(start)
    at, window = start, b""
    while data := file.read(_BLOCK):
        window += data
        found = window.find(_MEMBER)
        if found >= 0:
            return at + found
        kept = window[-len(_MEMBER) + 1 :]
        at += len(window) - len(kept)
        window = kept
    return None
