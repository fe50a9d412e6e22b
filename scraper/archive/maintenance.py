"""Maintenance: keeps the search index and the database files small."""

from __future__ import annotations

import shutil

from scraper.archive.database import leftovers, translate
from scraper.archive.retention import RetentionMixin
from scraper.archive.search_index import merge

__all__ = ["MaintenanceMixin"]


class MaintenanceMixin(RetentionMixin):
    """Maintenance of the files."""

    def tidy(self, *, above: int = 64 * 1024 * 1024) -> int:
        """Merge a part of the search index, and checkpoint large write-ahead logs.

        Args:
            above: size in bytes above which a log is checkpointed.

        Returns:
            Size of the logs afterwards in bytes: large if a reader still needs them.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``) the index could not be written.
        """
        with self._writing() as connection:
            merge(connection)
        return self._store.checkpoint(above) + self._bodies_store.checkpoint(above)

    def vacuum(self) -> int:
        """Delete leftovers of interruptions, and rewrite both files without unused space.

        Returns:
            Bytes saved.

        Raises:
            ArchiveError: (``db_full``) the disk has no room for the rewritten file.
        """
        saved = 0
        parts = self._parts.folder
        for path in (
            *leftovers(self.folder),
            *(leftovers(parts) if parts.is_dir() and not self._store.sealed else ()),
        ):
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
        """Return the free bytes on the archive's disk.

        Raises:
            ArchiveError: (``db_io``, ``db_denied``) its folder cannot be looked at now.
        """
        try:
            return shutil.disk_usage(self.folder).free
        except OSError as error:
            raise translate(error, self._store.path) from error
