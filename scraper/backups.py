"""Backups on schedule: ``[backup] every, keep`` of settings.toml.

Each backup is made and checked by `scraper backup` in a process of its own, so that a large archive
holds up no pass. Older ones are deleted only once a new one is verified.
"""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.archive.backup import size_of_backup
from scraper.archive.database import leftovers
from scraper.config import BackupSettings

__all__ = ["BackupSchedule", "expired", "keep_latest"]

log = logging.getLogger(__name__)

_STAMP = r"[0-9]{8}T[0-9]{6}Z"
_TIME = re.compile(_STAMP)
_NAME = re.compile(f"backup-{_STAMP}")
# What a process leaves of a backup that is killed, with its number.
_PARTIAL = re.compile(rf"\.{_NAME.pattern}\.[0-9]+\.part")
# A number may be given again: no backup takes so long, in seconds.
_ABANDONED = 2 * 86400.0
# After a backup that failed, the next is tried this much later.
_RETRY = timedelta(hours=1)


def expired(names: Iterable[str], keep: int, prefix: str = "backup") -> Sequence[str]:
    """Return which backups are to be deleted, oldest first: all but the latest.

    Args:
        names: of folders; what is not named like a backup of ours is never among them.
        keep: how many stay.
        prefix: with which their names begin, before the time.
    """
    ours = sorted(
        name
        for name in names
        if name.startswith(f"{prefix}-") and _TIME.fullmatch(name, len(prefix) + 1)
    )
    return ours[: max(0, len(ours) - keep)]


def keep_latest(made: Path, keep: int, prefix: str = "backup") -> Sequence[Path]:
    """Delete the backups beside one but for the latest; return which were deleted.

    Args:
        made: that was just made. It stays, whatever time others claim that a wrong clock named.
        keep: how many stay.
        prefix: with which their names begin, before the time.

    Raises:
        OSError: the folder cannot be read.
    """
    names = [path.name for path in made.parent.iterdir() if path.name != made.name]
    old = [made.with_name(name) for name in expired(names, keep - 1, prefix)]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return old


class BackupSchedule:
    """Makes backups of an archive when they are due.

    Args:
        settings: how often, how many, where.
        archive: folder of the archive.
        least_free: bytes that a backup leaves free on the archive's disk: collecting pauses below.
    """

    def __init__(self, settings: BackupSettings, archive: Path, *, least_free: int = 0) -> None:
        self._settings = settings
        self._least_free = least_free
        self._archive = archive.absolute()
        beside = self._archive.with_name(f"{self._archive.name}-backups")
        self._folder = Path(settings.folder).expanduser() if settings.folder else beside
        self._not_before: datetime | None = None

    def is_due(self, last: datetime | None, at: datetime) -> bool:
        """Return whether a backup is to be made now.

        Args:
            last: when the last verified one was finished, or None; long to come: a wrong clock.
            at: now.
        """
        if not self._settings.every or (self._not_before and at < self._not_before):
            return False
        every = timedelta(hours=self._settings.every)
        return last is None or abs(at - last) >= every

    def holds_any(self) -> bool:
        """Return whether a backup lies in the folder: it may be deleted, or the disk be new.

        Raises:
            OSError: the folder cannot be read.
        """
        names = (path.name for path in self._folder.iterdir()) if self._folder.exists() else ()
        return any(map(_NAME.fullmatch, names))

    async def make(self, at: datetime) -> Path | None:
        """Make a backup, check it, and delete those that are too many; return its folder, or None.

        When it is cancelled, the process that makes it is ended.

        Raises:
            OSError: the process cannot be started, or older backups cannot be listed.
        """
        self._not_before = at + _RETRY
        self._sweep()
        if lack := self._lack_of_room():
            log.error("backup: %s", lack)
            return None
        target = self._folder / f"backup-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scraper", "--archive", str(self._archive), "--quiet", "backup",
            str(target), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            _, said = await process.communicate()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        if process.returncode:
            lines = said.decode("utf-8", "replace").strip().splitlines()
            log.error("backup: %s", lines[-1] if lines else f"exit code {process.returncode}")
            return None
        log.info("backup: verified: %s", target)
        keep_latest(target, self._settings.keep)
        return target

    def _sweep(self) -> None:
        """Delete what backups left whose process was killed: each has the size of the archive."""
        if not self._folder.exists():
            return
        left = leftovers(self._folder)
        for path in self._folder.iterdir():
            age = time.time() - path.stat().st_mtime
            if _PARTIAL.fullmatch(path.name) and (path in left or age > _ABANDONED):
                log.warning("backup: %s was interrupted: it is deleted", path)
                shutil.rmtree(path, ignore_errors=True)

    def _lack_of_room(self) -> str:
        """Return why there is no room for a backup, or ""."""
        disk = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        free, size = shutil.disk_usage(disk).free, size_of_backup(self._archive)
        shared = disk.stat().st_dev == self._archive.stat().st_dev
        leave = self._least_free if shared else 0
        if free - size >= leave:
            return ""
        rest = f" and leave {leave >> 20:,} MB for collecting" if leave else ""
        return (
            f"it would take {(size >> 20) + 1:,} MB in {self._folder}{rest}, but only"
            f" {free >> 20:,} MB are free: make room, or name a folder on another disk"
        )
