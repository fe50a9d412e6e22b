"""What keeps an archive sound: looking for damage, mending, copies, letting go, making room."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from scraper.archive import search as searching
from scraper.archive.backup import backup, restore_files
from scraper.archive.integrity import LEAST_FREE, run_checks
from scraper.archive.database import leftovers
from scraper.archive.integrity import Finding
from scraper.archive.repair import BackupParts, RepairResult, repair
from scraper.archive.opening import ArchiveBase
from scraper.archive.retention import PrunedBodies, delete_orphans, prune_bodies
from scraper.archive.hash_chain import LedgerHead, head
from scraper.archive.integrity import verify_contents
from scraper.errors import ArchiveError

__all__ = ["MaintenanceMixin", "restore_from"]


class MaintenanceMixin(ArchiveBase):
    """The side of an archive that whoever runs it looks after."""

    def tidy(self, *, above: int = 64 * 1024 * 1024) -> int:
        """Merge some of the search index, and fold write-ahead logs that a long reader let grow.

        Args:
            above: bytes from which a log is folded.

        Returns:
            Bytes that the logs hold afterwards: many, if a reader still holds them back.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``) the index could not be written.
        """
        with self._store.transaction() as connection:
            searching.merge(connection)
        return self._store.fold_log(above) + self._bodies_store.fold_log(above)

    def check(self) -> None:
        """Look for damage in both files.

        Raises:
            ArchiveError: (``db_corrupt``) the message says in which and where.
        """
        self._store.check()
        self._bodies_store.check()

    def doctor(
        self,
        progress: Callable[[str], None] = lambda step: None,
        *,
        least_free: int = LEAST_FREE,
    ) -> tuple[Finding, ...]:
        """Look at everything that must hold: files, references, index, bodies, hash chain, room.

        Args:
            progress: is told each step.
            least_free: bytes that should be free on the archive's disk.

        Returns:
            What is not as it should be; nothing when all is well.
        """
        with self._store.reading():
            return tuple(
                run_checks(
                    self._store,
                    self._bodies,
                    self._extractions,
                    self.folder,
                    progress,
                    least_free=least_free,
                )
            )

    def verify(
        self, progress: Callable[[str], None] = lambda step: None
    ) -> tuple[LedgerHead, tuple[Finding, ...]]:
        """Look whether anything was altered since it was archived: the part of `doctor` for that.

        Args:
            progress: is told each step.

        Returns:
            The end of the ledger, whose hash vouches for all behind it, and what was altered.
        """
        with self._store.reading() as connection:
            found = tuple(verify_contents(connection, self._bodies, self._extractions, progress))
            return head(connection), tuple(f for f in found if f.level == "error")

    def backup(self, target: Path, progress: Callable[[str], None] = lambda step: None) -> Path:
        """Write a copy of the archive into a new folder while it is in use, and examine the copy.

        Args:
            target: the folder; it must not exist.
            progress: is told each step.

        Raises:
            ArchiveError: it could not be written, or lacks what the archive has; nothing is left
                of it.
        """

        def check(folder: Path) -> None:
            with MaintenanceMixin(folder, readonly=True) as copy:
                wrong = {f.what for f in copy.doctor(progress, least_free=0) if f.level == "error"}
            if wrong:
                # What is wrong here as well is no fault of the copy.
                wrong -= {f.what for f in self.doctor(progress, least_free=0)}
            if wrong:
                raise ArchiveError(
                    f"the copy does not hold: {min(wrong)}; try again", error_class="db_corrupt"
                )

        progress("copy")
        return backup(self._store, self._bodies_store, target, check)

    def mend(self, source: Path | None = None) -> RepairResult:
        """Put right what can be had again: indexes, what articles show, content from a backup.

        Args:
            source: folder of a backup, or None.

        Raises:
            ArchiveError: the backup cannot be read, or nothing could be written.
        """
        if source is None:
            return repair(self._store, self._bodies, self._extractions, None)
        with MaintenanceMixin(source, readonly=True) as kept:
            other = BackupParts(
                connection=kept._store.connection,
                bodies=kept._bodies,
                extractions=kept._extractions,
            )
            return repair(self._store, self._bodies, self._extractions, other)

    def thin(
        self,
        before: datetime,
        at: datetime,
        *,
        dry_run: bool,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> PrunedBodies:
        """Let go of raw bodies of unchanged fetches: never a page's first, last or a version's.

        The fetches stay, with the SHA-256 of what was fetched.

        Args:
            before: only fetches that are older than this.
            at: now.
            dry_run: only count.
            progress: is told how many bodies are dealt with, and of how many.
        """
        return prune_bodies(self._store, self._bodies, before, at, dry_run=dry_run, progress=progress)

    def sweep(self) -> int:
        """Remove raw bodies that nothing names, left by an interruption; return how many."""
        return delete_orphans(self._store, self._bodies)

    def vacuum(self) -> int:
        """Remove what interruptions left, and write both files anew without unused room.

        Returns:
            Bytes saved.

        Raises:
            ArchiveError: (``db_full``) there is no room for that.
        """
        saved = 0
        for path in leftovers(self.folder):
            saved += path.stat().st_size
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        self.sweep()
        with self._store.transaction() as connection:
            searching.merge(connection, whole=True)
        return saved + self._store.vacuum() + self._bodies_store.vacuum()

    def free(self) -> int:
        """Return the bytes that are free on the archive's disk."""
        return shutil.disk_usage(self.folder).free

    def reindex(self) -> int:
        """Make the search index anew; return the number of articles in it."""
        with self._store.transaction() as connection:
            return searching.reindex(connection)


def restore_from(source: Path, folder: Path, at: datetime) -> Path | None:
    """Put a backup in the place of an archive, which nothing may have open.

    Args:
        source: folder of the backup.
        folder: of the archive.
        at: now.

    Returns:
        The folder to which the files that were there before were moved, or None.

    Raises:
        ArchiveError: the backup does not hold, or cannot be copied; nothing was replaced.
    """
    with MaintenanceMixin(source, readonly=True) as kept:
        wrong = [finding for finding in kept.doctor(least_free=0) if finding.level == "error"]
        if wrong:
            raise ArchiveError(f"{source} does not hold: {wrong[0].what}", error_class="db_corrupt")
        return restore_files((kept._store, kept._bodies_store), folder, at)
