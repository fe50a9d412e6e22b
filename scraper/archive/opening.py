"""The archive's two files, opened together: what all sides of an archive stand on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from scraper.archive import search as searching
from scraper.archive.bodies import Bodies
from scraper.archive.connection import Store
from scraper.archive.due import Due
from scraper.archive.extractions import Extractions
from scraper.archive.learning import Learning
from scraper.archive.reading import Reading
from scraper.archive.records import Edits
from scraper.archive.runs import Runs
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, BODIES, BODIES_ID
from scraper.archive.stale import Stale
from scraper.archive.topics import TopicShelf
from scraper.archive.watching import Watching
from scraper.errors import ArchiveError, UsageError

__all__ = ["OpenFiles"]


class OpenFiles:
    """`archive.db` and `bodies.db` of a folder, open, with what reads and writes their tables.

    `Archive` tells of the arguments and errors.
    """

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
        edits: Edits | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._edits = edits
        self._run_id: int | None = None
        self._store = Store(
            self.folder / "archive.db", ARCHIVE, ARCHIVE_ID, create=create, readonly=readonly
        )
        try:
            self._expect_bodies()
            self._bodies_store = Store(
                self.folder / "bodies.db", BODIES, BODIES_ID, create=create, readonly=readonly
            )
        except BaseException:
            self._store.close()
            raise
        self._bodies = Bodies(self._bodies_store)
        self._extractions = Extractions(self._store.connection, self._bodies)
        self._reading = Reading(self._store.connection, self._extractions, self._bodies)
        self._watching = Watching(self._store.connection)
        self._due = Due(self._store.connection)
        self._stale = Stale(self._store.connection)
        self._runs = Runs(self._store.connection)
        self._learning = Learning(self._store.connection)
        self.topics = TopicShelf(self._store, self._extractions)
        if not readonly:
            self._refresh_index()

    def _expect_bodies(self) -> None:
        """Refuse half an archive: a new `bodies.db` would hide that the old one was lost."""
        path = self.folder / "bodies.db"
        if path.exists():
            return
        with self._store.reading() as connection:
            row = connection.execute("select 1 from fetches where body is not null limit 1")
            lost = row.fetchone() is not None
        if lost:
            raise ArchiveError(
                f"{path} is missing, which holds the raw pages of {self._store.path}: "
                "put it back, or restore a backup of both",
                error_class="db_corrupt",
            )

    def _refresh_index(self) -> None:
        """Make the index anew if it was written with other terms than ours."""
        with self._store.reading() as connection:
            known = connection.execute(
                "select value from facts where key = 'segmentation'"
            ).fetchone()
        if known is None or known["value"] != str(searching.SEGMENTATION):
            with self._store.transaction() as connection:
                searching.reindex(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close both files."""
        self._store.close()
        self._bodies_store.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._store.transaction() as connection:
                yield connection
        except BaseException:
            self._extractions.forget_cached()
            raise

    def _need_edits(self) -> Edits:
        if self._edits is None:
            raise UsageError("this archive was opened without `edits`, so it cannot judge edits")
        return self._edits
