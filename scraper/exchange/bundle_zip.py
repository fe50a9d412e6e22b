"""The ZIP file of a bundle: written so that the same content gives the same bytes, read warily.

A bundle comes from anyone's hands. What is read of it stays within bounds that hold before a byte
is unpacked (size of the file, entries, size of the directory) and while unpacking (bytes of an
entry and of all), nothing is written to disk, and names are never used as paths.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from scraper.errors import ErrorClass, ScraperError
from scraper.text.patterns import lazy_compile

__all__ = ["MOST_BYTES", "BundleError", "Zip", "make_zip", "new_zip", "zip_time"]

MOST_BYTES = 512 * 1024 * 1024  # of the file, and of all that is packed in it
_MOST_ENTRIES = 500
_MOST_DIRECTORY = 128 * 1024
_MOST_READ = 64 * 1024 * 1024  # of an entry that is read whole
_PIECE = 64 * 1024
_END, _END_BYTES = b"PK\x05\x06", 22  # APPNOTE.TXT, 4.3.16: end of central directory
_ZIP64 = b"PK\x06\x07"
_LOCAL_BYTES, _CENTRAL_BYTES = 30, 46  # 4.3.7 and 4.3.12, without names
_NAME = lazy_compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?:/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)*")
_LARGEST = 0xFFFFFFFF
_PLAIN_FILE = 0o100644 << 16


class BundleError(ScraperError):
    """The file is no bundle, or can't be read as one.

    Its `error_class` is ``not_a_bundle``, ``truncated`` or ``too_large``.
    """

    error_class = ErrorClass.NOT_A_BUNDLE


def make_zip(files: Mapping[str, bytes], at: datetime) -> bytes:
    """Return a ZIP file that depends on nothing but its arguments (and the release of zlib).

    Args:
        files: content by name, in the order in which it is written.
        at: the time that all entries bear, aware; ZIP knows whole even seconds from 1980 on.
    """
    stamp = zip_time(at)
    out = io.BytesIO()
    with new_zip(out, compresslevel=6) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever the machine is: the attributes are a mode
            entry.external_attr = _PLAIN_FILE
            target.writestr(entry, content)
    return out.getvalue()


@contextmanager
def new_zip(out: IO[bytes] | Path, compresslevel: int | None = None) -> Iterator[zipfile.ZipFile]:
    """Give a ZIP file to write, which is finished at the end, and left as it is after an error.

    `zipfile` would finish it in any case, and fail with a message of its own where Ctrl-C came in
    the midst of an entry.
    """
    made = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=compresslevel)
    try:
        yield made
    except BaseException:
        file, made.fp = made.fp, None
        if file is not None and isinstance(out, Path):
            file.close()
        raise
    made.close()


def zip_time(at: datetime) -> tuple[int, int, int, int, int, int]:
    """Return a time as ZIP can hold it."""
    return (max(1980, min(at.year, 2107)), at.month, at.day, at.hour, at.minute, at.second // 2 * 2)


def _name(entry: zipfile.ZipInfo) -> bytes:
    return entry.filename.encode("utf-8", "surrogateescape")


def _shared_fields(entry: zipfile.ZipInfo) -> bytes:
    """Return what both headers of an entry that `make_zip` wrote say of it."""
    year, month, day, hour, minute, second = entry.date_time
    return struct.pack(
        "<5H3L2H",
        20, 0, zipfile.ZIP_DEFLATED,
        hour << 11 | minute << 5 | second // 2, max(0, year - 1980) << 9 | month << 5 | day,
        entry.CRC, min(entry.compress_size, _LARGEST), min(entry.file_size, _LARGEST),
        len(_name(entry)), 0,
    )  # fmt: skip


def _local_header(entry: zipfile.ZipInfo) -> bytes:
    """Return the header before an entry (APPNOTE.TXT, 4.3.7)."""
    return b"PK\3\4" + _shared_fields(entry) + _name(entry)


def _central_header(entry: zipfile.ZipInfo, begins: int) -> bytes:
    """Return an entry's header in the directory (APPNOTE.TXT, 4.3.12)."""
    rest = struct.pack("<3H2L", 0, 0, 0, _PLAIN_FILE, begins)
    return b"PK\1\2" + bytes((20, 3)) + _shared_fields(entry) + rest + _name(entry)


class Zip:
    """A ZIP file from anyone's hands, opened for reading.

    Args:
        path: the file.

    Raises:
        BundleError: it is no ZIP file, is cut off or holds more than a bundle can.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._size = path.stat().st_size
            self._file = path.open("rb")
        except OSError as error:
            raise BundleError(f"{path} can't be read: {error.strerror}") from None
        try:
            self._check_end(self._file)
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, struct.error, UnicodeDecodeError, OSError) as error:
            self._file.close()
            raise BundleError(
                f"{path} is no bundle: its ZIP directory is damaged: {error}"
            ) from None
        except BundleError:
            self._file.close()
            raise
        self._left = MOST_BYTES

    def __enter__(self) -> Zip:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def _check_end(self, file: IO[bytes]) -> None:
        """Refuse what does not end as a bundle ends, before its directory is read."""
        begins = file.read(4)
        if self._size > MOST_BYTES:
            raise BundleError(
                f"{self.path} is larger than {MOST_BYTES >> 20} MB",
                error_class=ErrorClass.TOO_LARGE,
            )
        file.seek(max(0, self._size - _END_BYTES - 20))
        end = file.read()
        file.seek(0)
        tail = end[-_END_BYTES:]
        if begins[:2] != b"PK":
            raise BundleError(f"{self.path} is no bundle: it is no ZIP file")
        if len(tail) < _END_BYTES or not tail.startswith(_END) or tail[-2:] != b"\0\0":
            raise BundleError(
                f"{self.path} is cut off, or something was added at its end",
                error_class=ErrorClass.TRUNCATED,
            )
        entries, size, offset = struct.unpack("<HLL", tail[10:20])
        if end.startswith(_ZIP64) or entries > _MOST_ENTRIES or size > _MOST_DIRECTORY:
            raise BundleError(
                f"{self.path} is no bundle: it holds too many entries",
                error_class=ErrorClass.TOO_LARGE,
            )
        if offset + size + _END_BYTES != self._size:
            raise BundleError(
                f"{self.path} is cut off, or something was put into it",
                error_class=ErrorClass.TRUNCATED,
            )

    def odd(self, at: datetime | None) -> Iterator[tuple[str, str]]:
        """Yield what no bundle has: name of an entry (or "") and what is odd with it.

        Args:
            at: the time that all entries should bear, or None when it is not known.
        """
        entries = self._zip.infolist()
        listed = _CENTRAL_BYTES * len(entries) + sum(len(_name(entry)) for entry in entries)
        begins, told = 0, self._size - _END_BYTES - listed
        seen: set[str] = set()
        for entry in entries:
            name, length = entry.filename, len(_name(entry))
            if name in seen:
                yield name, "stands there twice"
            elif not _NAME.fullmatch(name) or entry.orig_filename != name:
                yield name, "has a name that could lead out of the folder it is unpacked in"
            elif (
                self._bytes(begins, _LOCAL_BYTES + length) != _local_header(entry)
                or self._bytes(told, _CENTRAL_BYTES + length) != _central_header(entry, begins)
                or (at is not None and entry.date_time != zip_time(at))
            ):
                yield name, "was not packed by `scraper cite`"
            seen.add(name)
            begins += _LOCAL_BYTES + length + entry.compress_size
            told += _CENTRAL_BYTES + length
        count = len(entries)
        end = struct.pack("<4s4H2LH", _END, 0, 0, count, count, listed, begins, 0)
        if begins + listed + _END_BYTES != self._size or self._bytes(told, _END_BYTES) != end:
            yield "", "holds bytes that belong to no entry"

    def _bytes(self, at: int, count: int) -> bytes:
        self._file.seek(max(0, at))
        return self._file.read(count)

    def names(self) -> list[str]:
        """Return the names of the entries, in their order."""
        return [entry.filename for entry in self._zip.infolist()]

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content of an entry.

        Raises:
            BundleError: (``too_large``) the entries together unpack to more than a bundle can hold;
                (``truncated``) the entry is damaged.
        """
        try:
            with self._zip.open(name) as stream:
                while piece := stream.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise BundleError(
                            f"{self.path} unpacks to more than {MOST_BYTES >> 20} MB",
                            error_class=ErrorClass.TOO_LARGE,
                        )
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            EOFError,
            NotImplementedError,
            RuntimeError,  # an entry that is said to be encrypted
            UnicodeDecodeError,
            OSError,
        ) as error:
            raise BundleError(
                f"{name} is damaged: {error}", error_class=ErrorClass.TRUNCATED
            ) from None

    def read(self, name: str, most: int = _MOST_READ) -> bytes:
        """Return the content of an entry.

        Args:
            name: of the entry.
            most: bytes that it may have.

        Raises:
            BundleError: it is not there, too large or damaged.
        """
        content = bytearray()
        if name not in self._zip.namelist():
            raise BundleError(f"{self.path} is no bundle: it has no {name}")
        for piece in self.pieces(name):
            content += piece
            if len(content) > most:
                raise BundleError(f"{name} is too large", error_class=ErrorClass.TOO_LARGE)
        return bytes(content)
