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
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.config import BackupSettings

__all__ = ["BackupSchedule", "expired"]

log = logging.getLogger(__name__)

_NAME = re.compile(r"backup-[0-9]{8}T[0-9]{6}Z")
# After a backup that failed, the next is tried this much later.
_RETRY = timedelta(hours=1)


def expired(names: Iterable[str], keep: int) -> Sequence[str]:
    """Return which backups are to be deleted, oldest first: all but the latest.

    Args:
        names: of folders; what is not named like a backup of ours is never among them.
        keep: how many stay.
    """
    ours = sorted(name for name in names if _NAME.fullmatch(name))
    return ours[: max(0, len(ours) - keep)]


class BackupSchedule:
    """Makes backups of an archive when they are due.

    Args:
        settings: how often, how many, where.
        archive: folder of the archive.
    """

    def __init__(self, settings: BackupSettings, archive: Path) -> None:
        self._settings = settings
        self._archive = archive.absolute()
        beside = self._archive.with_name(f"{self._archive.name}-backups")
        self._folder = Path(settings.folder).expanduser() if settings.folder else beside
        self._not_before: datetime | None = None

    def is_due(self, last: datetime | None, at: datetime) -> bool:
        """Return whether a backup is to be made now.

        Args:
            last: when the last verified one was finished, or None.
            at: now.
        """
        if not self._settings.every or (self._not_before and at < self._not_before):
            return False
        return last is None or at - last >= timedelta(hours=self._settings.every)

    async def make(self, at: datetime) -> Path | None:
        """Make a backup, check it, and delete those that are too many; return its folder, or None.

        When it is cancelled, the process that makes it is ended.

        Raises:
            OSError: the process cannot be started, or older backups cannot be listed.
        """
        self._not_before = at + _RETRY
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
        for name in expired((path.name for path in self._folder.iterdir()), self._settings.keep):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        return target
