"""Whose turn it is to ask a host, among all processes that work on one archive.

One small file holds a slot for each host: a record lock (POSIX `fcntl`) on the slot is the turn, its
eight bytes say when the last one ended. The system lets go of a lock when its process ends, however
it ends.
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

# Hosts whose names meet in one slot wait for each other; among 200, one pair in three archives.
_SLOTS: Final = 1 << 16
_MOMENT: Final = struct.Struct("<d")


class HostLocks:
    """The turns of hosts. Within one process it is for the caller to have one of each at a time.

    Moments are of the machine's monotonic clock, which all its processes share; what is left of an
    earlier life of the machine lies in the future or long ago.

    Args:
        folder: of the archive.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "turns.lock", os.O_RDWR | os.O_CREAT, 0o666)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        # Closing gives back whatever turn is still held.
        os.close(self._file)

    def take(self, host: str) -> bool:
        """Take a host's turn; return whether it was free."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, _MOMENT.size, _place(host))
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        return True

    def since(self, host: str) -> float:
        """Return for how many seconds nobody has had the host's turn; infinity where nobody had."""
        found = os.pread(self._file, _MOMENT.size, _place(host))
        ended = _MOMENT.unpack(found)[0] if len(found) == _MOMENT.size else 0.0
        now = time.monotonic()
        return now - ended if 0.0 < ended <= now else float("inf")

    def give_back(self, host: str, *, asked: bool) -> None:
        """Let the next one have the host's turn.

        Args:
            host: the same as was taken.
            asked: whether the host was asked for something, so that its rest begins now.
        """
        place = _place(host)
        if asked:
            os.pwrite(self._file, _MOMENT.pack(time.monotonic()), place)
        fcntl.lockf(self._file, fcntl.LOCK_UN, _MOMENT.size, place)


def _place(host: str) -> int:
    return zlib.crc32(host.encode("utf-8", "surrogatepass")) % _SLOTS * _MOMENT.size
