"""One daemon an archive: the lock that keeps a second one out."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from scraper.errors import ArchiveLocked

__all__ = ["hold"]


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold an archive as its one daemon for as long as the block runs.

    Raises:
        ArchiveLocked: another daemon holds it.
    """
    path = folder / "daemon.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            raise ArchiveLocked(
                f"{folder}: another daemon holds this archive"
                + (f" (process {holder})" if holder else "")
                + ": end that one first"
            ) from None
        # The system lets go of the lock when the process ends, however it ends: what an earlier
        # one wrote here means nothing.
        lock.truncate(0)
        lock.write(f"{os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        lock.flush()
        yield
