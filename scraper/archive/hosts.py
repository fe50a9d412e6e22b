"""Per-host lock between the processes that work on one archive.

A small file has a slot for each host: a record lock (POSIX `fcntl`) on the slot locks the host, and
its eight bytes say when the last request ended; while one is under way they hold the negative
moment of its beginning. The system releases a lock when its process ends, however it ends: whoever
then finds a request that never ended counts the pause from that moment on. Behind the slots there
is as much room for the waits that hosts asked for: the archive, too, has them, but a moment later.
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
_WAITS: Final = _SLOTS * _MOMENT.size


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
        if self._moment(host) < 0.0:
            # The process that was asking died; when is not known, but not later than now.
            self._write(host, self._clock())
        return True

    def idle_seconds(self, host: str) -> float:
        """Return for how many seconds a host was asked for nothing; infinity if it never was."""
        moment, now = self._moment(host), self._clock()
        if moment < 0.0:
            return 0.0
        return now - moment if 0.0 < moment <= now else float("inf")

    def begin(self, host: str) -> None:
        """Note that a request begins, so that the pause after it outlives this process."""
        self._write(host, -self._clock())

    def release(self, host: str, *, asked: bool) -> None:
        """Release the lock on a host.

        Args:
            host: the same as was locked.
            asked: whether a request was sent, so that the pause before the next begins now.
        """
        if asked:
            self._write(host, self._clock())
        fcntl.lockf(self._file, fcntl.LOCK_UN, _MOMENT.size, _place(host))

    def note_wait(self, host: str, until: float) -> None:
        """Note until when a host wants no request, with its lock held.

        Args:
            host: the same as was locked.
            until: seconds of the clock on the wall, which outlives a boot; 0: it may be asked.
        """
        os.pwrite(self._file, _MOMENT.pack(until), _WAITS + _place(host))

    def waits_until(self, host: str) -> float:
        """Return until when a host wants no request, as it was noted last."""
        return self._read(_WAITS + _place(host))

    def _moment(self, host: str) -> float:
        return self._read(_place(host))

    def _read(self, place: int) -> float:
        found = os.pread(self._file, _MOMENT.size, place)
        return float(_MOMENT.unpack(found)[0]) if len(found) == _MOMENT.size else 0.0

    def _write(self, host: str, moment: float) -> None:
        os.pwrite(self._file, _MOMENT.pack(moment), _place(host))


def _place(host: str) -> int:
    return zlib.crc32(host.encode("utf-8", "surrogatepass")) % _SLOTS * _MOMENT.size
