"""The archive's two files, opened together: the base of every mixin of `Archive`.

The mixins import the base and `archive.py` imports the mixins, so the base has a file of its own.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Self

from scraper.archive.alerts import AlertStore
from scraper.archive.bodies import BodyStore
from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import ExtractionStore
from scraper.archive.parts import Parts, part_files
from scraper.archive.quotes import QuoteStore
from scraper.archive.resealing import reseal
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, BODIES, BODIES_ID
from scraper.archive.stories import StoryStore
from scraper.archive.topics import TopicStore
from scraper.errors import ArchiveError, ErrorClass
from scraper.models import PackedBody, PackingTerms, Page
from scraper.urls import host_of, site_of

__all__ = ["ArchiveBase"]


class ArchiveBase:
    """`archive.db` and `bodies.db` of one folder, open.

    `Archive` documents the arguments and the errors.
    """

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
        later: tuple[str, int] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._number = 0
        self._run_id: int | None = None  # the open run that attempts belong to
        self._open_runs: set[int] = set()
        self._store = DatabaseFile(
            self.folder / "archive.db", ARCHIVE, ARCHIVE_ID, create=create, readonly=readonly
        )
        self._parts = Parts(self._store.connection, part_files(self.folder), self._open_part)
        try:
            if later is None:
                if not self._store.readonly:
                    reseal(self._store, self._parts.folder)
                self._store.connection.parts = self._parts
                self._parts.refresh()
            else:
                self._go_on_in(*later)
            self._require_bodies()
            self._bodies_store = DatabaseFile(
                self.folder / "bodies.db", BODIES, BODIES_ID, create=create, readonly=readonly
            )
        except BaseException:
            self._parts.close()
            self._store.close()
            raise
        self._bodies = BodyStore(self._bodies_store, earlier=self._earlier_bodies)
        self._extractions = ExtractionStore(self._store.connection, self._bodies)
        self.topics = TopicStore(self._store, self._extractions)
        self.quotes = QuoteStore(self._store, self._extractions)
        self.stories = StoryStore(self._store, self._extractions)
        self.alerts = AlertStore(self._store)

    # Sealed parts

    def _open_part(self, folder: Path, number: int) -> ArchiveBase:
        mode = "mode=ro&immutable=1" if self.immutable else "mode=ro"
        later = f"{self._store.path.resolve().as_uri()}?{mode}"
        part = type(self)(folder, create=False, readonly=True, later=(later, number))
        part._bodies.earlier = self._earlier_bodies
        return part

    def _go_on_in(self, uri: str, number: int) -> None:
        """Hide the pages of this part that a later file goes on with: see `_shown`."""
        self._number = number
        with self._store.reading() as connection:
            connection.execute("attach ? as later", [uri])

    def _shown(self, column: str) -> str:
        """Return the SQL condition that a page is shown by this file; ``and`` begins it.

        Args:
            column: that holds the page's number, with the name of its table.
        """
        assert "." in column
        if not self._number:
            return "true"
        return (
            f"not exists (select 1 from later.carried hidden where hidden.page_id = {column}"
            f" and hidden.until >= {self._number})"
        )

    def _earlier_bodies(self) -> Iterator[BodyStore]:
        for part in reversed(self._parts):
            yield part.archive._bodies

    @property
    def part_names(self) -> tuple[str, ...]:
        """Names of the sealed parts of the archive."""
        return tuple(part.name for part in self._parts)

    def _require_bodies(self) -> None:
        """Refuse half an archive: a new `bodies.db` would hide that the old one is lost."""
        path = self.folder / "bodies.db"
        if path.exists():
            return
        with self._reading() as connection:
            row = connection.execute("select 1 from fetches where body is not null limit 1")
            lost = row.fetchone() is not None
        if lost:
            raise ArchiveError(
                f"{path} is missing, which holds the raw pages of {self._store.path}: "
                "put it back, or restore a backup of both",
                error_class=ErrorClass.DB_CORRUPT,
            )

    @property
    def readonly(self) -> bool:
        """Whether the archive is open for reading only, by request or for want of permission."""
        return self._store.readonly

    @property
    def immutable(self) -> bool:
        """Whether the files are read as they are, since no log may be made beside them."""
        return self._store.immutable

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both files, and those of the parts."""
        self._parts.close()
        self._store.close()
        self._bodies_store.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection of `archive.db` for reading, with SQLite's errors translated."""
        with self._store.reading() as connection:
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give the connection of `archive.db` for reading it as it is at one moment.

        Other processes may write meanwhile; what they write is not seen.
        """
        with self._store.reading() as connection:
            connection.execute("begin")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("rollback")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection of `archive.db` in one write transaction: all of it is kept, or none.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``, ``db_io``, ``db_corrupt``) nothing was written.
        """
        try:
            with self._store.transaction() as connection:
                yield connection
        except BaseException:
            # What was read within the transaction may never have been committed.
            self._extractions.clear_cache()
            raise

    # Raw bodies of responses: written before the rows that name them

    def _store_bodies(
        self,
        pages: Sequence[tuple[Page, str]],
        at: datetime,
        packed: Mapping[str, PackedBody] = MappingProxyType({}),
    ) -> list[str]:
        """Store the bodies of responses in one transaction of `bodies.db`.

        Args:
            pages: each response with the address of the page that it belongs to.
            at: time of the attempt.
            packed: what workers have compressed, by the SHA-256 of the body.

        Returns:
            The SHA-256 of each body in hexadecimal digits, "" for a response without a body.
        """
        digests = [hashlib.sha256(page.body).hexdigest() if page.body else "" for page, _ in pages]
        if all(digest == "" or self._bodies.has(digest) for digest in digests):
            return digests
        try:
            with self._bodies_store.transaction():
                self._bodies.drop_removed_references()
                return [
                    self._bodies.put(
                        page.body,
                        site=_site(page),
                        address=address,
                        at=at,
                        digest=digest,
                        packed=packed.get(digest),
                    )
                    if page.body
                    else ""
                    for (page, address), digest in zip(pages, digests, strict=True)
                ]
        except BaseException:
            self._bodies.clear_cache()
            raise

    def _restore_swept(self, digests: Sequence[str], pages: Sequence[tuple[Page, str]]) -> None:
        """Store those bodies again that `delete_orphans` removed before a row named them."""
        for digest, page in zip(digests, pages, strict=True):
            if digest and not self._bodies.has(digest):
                self._store_bodies([page], page[0].fetched_at)

    def packing(self, pages: Sequence[Page]) -> list[PackingTerms]:
        """Return for each response what `BodyPacker` needs to know of the pages stored so far."""
        with self._bodies_store.reading():
            return [self._bodies.packing(_site(page)) for page in pages]


def _site(page: Page) -> str:
    """Return the site whose other pages a response may resemble."""
    return site_of(page.final_url) or host_of(page.final_url)
