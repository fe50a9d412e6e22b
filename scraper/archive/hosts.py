"""Per-host lock between the processes that work on one archive.

A small file has a slot for each host: a record lock (POSIX `fcntl`) on the slot locks the host, and
its eight bytes say when the last holder released it. The system releases a lock when its process
ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from scraper.archive.database import translate

__all__ = ["HostLocks"]

# Hosts whose names share a slot wait for each other; among 200, one pair in three archives.
_SLOTS: Final = 1 << 16
_MOMENT: Final = struct.Struct("<d")


class HostLocks:
    """Locks on hosts. Within one process the caller must hold each host once at a time.

    Args:
        folder: of the archive.
        clock: seconds; by default of the machine's monotonic clock, which all its processes share.
            Times from before the last boot lie in the future or long ago.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        path = folder / "turns.lock"
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise translate(error, path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        # Closing releases every lock that is still held.
        os.close(self._file)

    def acquire(self, host: str) -> bool:
        """Lock a host; return whether it was free."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, _MOMENT.size, _place(host))
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        return True

    def idle_seconds(self, host: str) -> float:
        """Return for how many seconds a host has been unlocked; infinity if it never was locked."""
        found = os.pread(self._file, _MOMENT.size, _place(host))
        ended = _MOMENT.unpack(found)[0] if len(found) == _MOMENT.size else 0.0
        now = self._clock()
        return now - ended if 0.0 < ended <= now else float("inf")

    def release(self, host: str, *, asked: bool) -> None:
        """Release the lock on a host.

        Args:
            host: the same as was locked.
            asked: whether a request was sent, so that the pause before the next begins now.
        """
        place = _place(host)
        if asked:
            os.pwrite(self._file, _MOMENT.pack(self._clock()), place)
        fcntl.lockf(self._file, fcntl.LOCK_UN, _MOMENT.size, place)


def _place(host: str) -> int:
    return zlib.crc32(host.encode("utf-8", "surrogatepass")) % _SLOTS * _MOMENT.size
