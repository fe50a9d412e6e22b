"""Reads a file that may be gzipped, in bounded steps, and remembers where its members begin.

The gzip members of a WARC are its records, so that one can be read alone; a WARC that was gzipped
as a whole is one member, and a plain one has none. All three read alike here, and a cut or broken
file raises where its last whole byte ends instead of ending quietly.
"""

from __future__ import annotations

import io
import zlib
from collections import deque
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["BrokenFile", "GzipStream", "RecordOffset"]

_BLOCK = 64 * 1024
_GZIP = b"\x1f\x8b"
# Headers of one record; a longer row of them is an attack or not a record.
MAX_HEADER_BYTES = 1024 * 1024


class BrokenFile(Exception):
    """The file ends before its end, or its compression is wrong."""


@dataclass(frozen=True, slots=True)
class RecordOffset:
    """Where a record begins: offset in the file, and bytes to skip once that is unpacked."""

    offset: int
    skip: int = 0


class _Raw(io.RawIOBase):
    """The unpacked bytes; `starts` holds (unpacked position, offset in the file) of members."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._read = file.tell()
        self._unpacked = 0
        self._waiting = self._more()
        self.is_gzip = self._waiting.startswith(_GZIP)
        self._inflate = zlib.decompressobj(wbits=31) if self.is_gzip else None
        self.starts: deque[tuple[int, int]] = deque([(0, self._read - len(self._waiting))])

    def _more(self) -> bytes:
        data = self._file.read(_BLOCK)
        self._read += len(data)
        return data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._unpack(len(buffer)) if self._inflate else self._copy(len(buffer))
        buffer[: len(data)] = data
        self._unpacked += len(data)
        return len(data)

    def _copy(self, size: int) -> bytes:
        self._waiting = self._waiting or self._more()
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def _unpack(self, size: int) -> bytes:
        data = b""
        while not data and self._inflate is not None:
            if self._inflate.eof:
                self._next_member()
                continue
            self._waiting = self._waiting or self._more()
            if not self._waiting:
                raise BrokenFile("the file is cut off")
            try:
                data = self._inflate.decompress(self._waiting, size)
            except zlib.error as error:
                raise BrokenFile(f"the gzip data is corrupt ({error})") from None
            self._waiting = self._inflate.unused_data or self._inflate.unconsumed_tail
        return data

    def _next_member(self) -> None:
        # Some tools pad the end of a file with zeros.
        self._waiting = self._waiting.lstrip(b"\0")
        while len(self._waiting) < len(_GZIP):
            more = self._more()
            if not more:
                break
            self._waiting = (self._waiting + more).lstrip(b"\0")
        if not self._waiting:
            self._inflate = None
        elif not self._waiting.startswith(_GZIP):
            raise BrokenFile("what follows a gzip member is no gzip")
        else:
            self._inflate = zlib.decompressobj(wbits=31)
            self.starts.append((self._unpacked, self._read - len(self._waiting)))


class GzipStream:
    """A stream of unpacked bytes with bounded lines.

    Args:
        file: opened for reading, at the start of a member or of a record.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._raw = _Raw(file)
        self._stream = io.BufferedReader(self._raw, _BLOCK)
        self._position = 0
        self._begin = 0
        self._header_bytes = 0

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end.

        Raises:
            BrokenFile: the file is cut off or corrupt there.
        """
        data = self._stream.read(size)
        self._position += len(data)
        return data

    def readline(self, size: int = -1) -> bytes:
        """Return a line of a record's headers.

        Raises:
            BrokenFile: as `read`; or the headers of this record do not end.
        """
        room = MAX_HEADER_BYTES - self._header_bytes
        line = self._stream.readline(room if size < 0 else min(size, room))
        self._position += len(line)
        self._header_bytes += len(line)
        if self._header_bytes >= MAX_HEADER_BYTES:
            raise BrokenFile("the headers of a record do not end")
        return line

    def begin_record(self) -> bytes:
        """Pass over blank lines and return the first line of the next record, b"" at the end."""
        self._header_bytes = 0
        line = self.readline()
        while line and not line.strip():
            line = self.readline()
        self._begin = self._position - len(line)
        return line

    @property
    def place(self) -> RecordOffset:
        """Where the record that was begun last stands in the file."""
        starts = self._raw.starts
        while len(starts) > 1 and starts[1][0] <= self._begin:
            starts.popleft()
        unpacked, offset = starts[0]
        if self._raw.is_gzip:
            return RecordOffset(offset, self._begin - unpacked)
        return RecordOffset(offset + self._begin)

    @property
    def reached(self) -> int:
        """Offset of the gzip member that was unpacked last, or of the record begun last."""
        unpacked, offset = self._raw.starts[-1]
        return offset if unpacked > self._begin else self.place.offset
