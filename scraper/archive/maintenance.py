"""Maintenance: keeps the search index and both files small."""

from __future__ import annotations

import shutil

from scraper.archive.database import leftovers
from scraper.archive.retention import RetentionMixin
from scraper.archive.search import merge

__all__ = ["MaintenanceMixin"]


class MaintenanceMixin(RetentionMixin):
    """Maintenance of the files."""

    def tidy(self, *, above: int = 64 * 1024 * 1024) -> int:
        """Merge some of the search index, and checkpoint write-ahead logs that grew large.

        Args:
            above: bytes from which a log is checkpointed.

        Returns:
            Bytes that the logs hold afterwards: many, if a reader still needs them.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``) the index could not be written.
        """
        with self._writing() as connection:
            merge(connection)
        return self._store.checkpoint(above) + self._bodies_store.checkpoint(above)

    def vacuum(self) -> int:
        """Delete what interruptions left, and rewrite both files without unused space.

        Returns:
            Bytes saved.

        Raises:
            ArchiveError: (``db_full``) the disk has no room for the rewritten file.
        """
        saved = 0
        for path in leftovers(self.folder):
            saved += path.stat().st_size
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        self.delete_orphans()
        with self._writing() as connection:
            merge(connection, whole=True)
        return saved + self._store.vacuum() + self._bodies_store.vacuum()

    def free(self) -> int:
        """Return the bytes that are free on the archive's disk."""
        return shutil.disk_usage(self.folder).free
