"""The archive's two files, opened together: what all sides of an archive stand on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from scraper.archive import search as searching
from scraper.archive.bodies import BodyStore
from scraper.archive.database import DatabaseFile
from scraper.archive.due import DueQueries
from scraper.archive.extractions import ExtractionStore
from scraper.archive.learned_boilerplate import LearnedBoilerplateTable
from scraper.archive.reading import Reading
from scraper.archive.runs import RunsAndHosts
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, BODIES, BODIES_ID
from scraper.archive.stale import StaleVersions
from scraper.archive.topics import TopicStore
from scraper.archive.sources import SourcesMixin
from scraper.errors import ArchiveError, UsageError

__all__ = ["ArchiveBase"]


class ArchiveBase:
    """`archive.db` and `bodies.db` of a folder, open, with what reads and writes their tables.

    `Archive` tells of the arguments and errors.
    """

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self._run_id: int | None = None
        self._store = DatabaseFile(
            self.folder / "archive.db", ARCHIVE, ARCHIVE_ID, create=create, readonly=readonly
        )
        try:
            self._expect_bodies()
            self._bodies_store = DatabaseFile(
                self.folder / "bodies.db", BODIES, BODIES_ID, create=create, readonly=readonly
            )
        except BaseException:
            self._store.close()
            raise
        self._bodies = BodyStore(self._bodies_store)
        self._extractions = ExtractionStore(self._store.connection, self._bodies)
        self._reading = Reading(self._store.connection, self._extractions, self._bodies)
        self._watching = SourcesMixin(self._store.connection)
        self._due = DueQueries(self._store.connection)
        self._stale = StaleVersions(self._store.connection)
        self._runs = RunsAndHosts(self._store.connection)
        self._learning = LearnedBoilerplateTable(self._store.connection)
        self.topics = TopicStore(self._store, self._extractions)
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
