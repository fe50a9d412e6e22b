"""What can be told of the archive's files without opening them, and what their errors mean."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path

from scraper.errors import ArchiveError

__all__ = [
    "BUSY_SECONDS",
    "Header",
    "header",
    "leftovers",
    "require_room",
    "sync_folder",
    "translate",
    "unfinished",
]

BUSY_SECONDS = 30
# With less room than this, SQLite cannot make the small files that it works with.
_NO_ROOM_BYTES = 1024 * 1024

# A file under such a name is being made by the process whose number stands in it.
_MAKING = re.compile(r"\..+\.(\d+)\.part(?:-(?:wal|shm|journal))?")

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DISK = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})


def translate(error: sqlite3.Error | OSError, path: Path) -> ArchiveError:
    """Return our error for one of SQLite's or the system's: the file, the error's name, the deed.

    A full disk shows itself to SQLite as several errors, depending on which of its files it was
    about to write: where the disk is full, it is that.
    """
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        disk, primary = True, 0
        reason = f"{name}: {error.strerror or error}"
    else:
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        disk = primary in _DISK
        full = primary == sqlite3.SQLITE_FULL
        reason = f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
    if primary in _BUSY:
        return ArchiveError(
            f"{path} was locked by another program for {BUSY_SECONDS} seconds; try again",
            error_class="db_busy",
        )
    if full or (disk and _free(path) < _NO_ROOM_BYTES):
        return ArchiveError(
            f"no room to write {path}: free some space on its disk ({reason})",
            error_class="db_full",
        )
    if disk:
        return ArchiveError(
            f"the disk did not read or write {path}: look at the disk and the file's permissions,"
            f" then try again ({reason})",
            error_class="db_io",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ArchiveError(
            f"{path} is damaged ({reason}); look with `scraper doctor`", error_class="db_corrupt"
        )
    return ArchiveError(f"{path}: {reason}", error_class="db_corrupt")


def sync_folder(folder: Path) -> None:
    """Let a file that was just named in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leftovers(folder: Path) -> list[Path]:
    """Return the files in a folder that a process which is no more began to make."""
    found = []
    for path in sorted(folder.iterdir()):
        making = _MAKING.fullmatch(path.name)
        if making and not Path(f"/proc/{making[1]}").exists():
            found.append(path)
    return found


def _free(path: Path) -> int:
    """Return the bytes free on the disk of a file, or many where that cannot be told."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _NO_ROOM_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first 100 bytes of a file say (https://sqlite.org/fileformat.html#the_database_header)."""

    sqlite: bool
    application_id: int
    user_version: int


def header(path: Path) -> Header:
    """Read what a file says of itself."""
    with path.open("rb") as file:
        raw = file.read(100)
    if len(raw) < 100 or raw[:16] != b"SQLite format 3\0":
        return Header(sqlite=False, application_id=0, user_version=0)
    (version,) = struct.unpack(">I", raw[60:64])
    (application,) = struct.unpack(">I", raw[68:72])
    return Header(sqlite=True, application_id=application, user_version=version)


def unfinished(path: Path) -> Path:
    """Return the name under which this process makes a file before it gets its own."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def require_room(path: Path, size: int) -> None:
    """Refuse to begin what would fill the disk of a file.

    Raises:
        ArchiveError: (``db_full``) fewer bytes than `size` are free.
    """
    free = _free(path)
    if free < size + _NO_ROOM_BYTES:
        raise ArchiveError(
            f"to write {path} takes {size // 2**20 + 1} MB of room for a while, and"
            f" {free // 2**20} MB are free: free some space on its disk",
            error_class="db_full",
        )
