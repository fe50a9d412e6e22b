"""Per-host locks between the processes that work on one archive.

One small file holds a slot for each host: a record lock (POSIX `fcntl`) on the slot is the host's
lock, its eight bytes say when the last holder released it. The system releases a lock when its
process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Final, Self

__all__ = ["HostLocks"]

# Hosts whose names share a slot wait for each other: among 200 hosts, one pair in three archives.
_SLOTS: Final = 1 << 16
_MOMENT: Final = struct.Struct("<d")


class HostLocks:
    """Locks on hosts. Within one process the caller takes each lock once at a time.

    Moments are of the machine's monotonic clock, which all its processes share; a moment from
    before the machine's last start lies in the future or long ago.

    Args:
        folder: of the archive.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "turns.lock", os.O_RDWR | os.O_CREAT, 0o666)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        # Closing releases every lock that is still held.
        os.close(self._file)

    def acquire(self, host: str) -> bool:
        """Take a host's lock; return whether it was free."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, _MOMENT.size, _place(host))
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        return True

    def idle_seconds(self, host: str) -> float:
        """Return the seconds since a host's lock was released; infinity where nobody held it."""
        found = os.pread(self._file, _MOMENT.size, _place(host))
        ended = _MOMENT.unpack(found)[0] if len(found) == _MOMENT.size else 0.0
        now = time.monotonic()
        return now - ended if 0.0 < ended <= now else float("inf")

    def release(self, host: str, *, asked: bool) -> None:
        """Release a host's lock.

        Args:
            host: whose lock was taken.
            asked: whether the host was asked for something, so that its rest begins now.
        """
        place = _place(host)
        if asked:
            os.pwrite(self._file, _MOMENT.pack(time.monotonic()), place)
        fcntl.lockf(self._file, fcntl.LOCK_UN, _MOMENT.size, place)


def _place(host: str) -> int:
    return zlib.crc32(host.encode("utf-8", "surrogatepass")) % _SLOTS * _MOMENT.size
