"""What an archive is asked: articles, versions, search, the ledger, figures. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scraper.archive import search as searching
from scraper.archive.coverage import HISTORY_DAYS, histories
from scraper.archive.status import status
from scraper.archive.opening import ArchiveBase
from scraper.archive.records import ArticleRow, ChangeRow, EntryText, FetchRow, SearchHit, Status, Version, VersionRow
from scraper.archive.hash_chain import LedgerHead, entry, head
from scraper.archive.survival import Survival, survival
from scraper.archive.sql_values import storable_text
from scraper.models import RemovedBlock, Reservation, SourceHistory

__all__ = ["QueryMixin"]


class QueryMixin(ArchiveBase):
    """The side of an archive that answers; each answer is of one moment.

    Methods that take a `ref`, an article's number or any of its addresses, raise `NotFound` where
    there is none.
    """

    def find(self, ref: str | int) -> ArticleRow:
        """Return an article by its number or any of its addresses.

        Raises:
            NotFound: there is none; the message says what there is instead.
        """
        with self._store.reading():
            return self._reading.find(ref)

    def search(self, query: str, limit: int = 20) -> list[SearchHit]:
        """Return articles that hold all words of a query, best first.

        Chinese is found in both scripts, whichever the query is in.
        """
        with self._store.reading() as connection:
            return searching.search(connection, storable_text(query), limit)

    def versions(self, ref: str | int) -> tuple[VersionRow, ...]:
        """Return the versions of an article, first to last."""
        with self._store.reading():
            return self._reading.versions(ref)

    def version(self, ref: str | int, number: int | None = None) -> Version:
        """Return a version with its whole record; the current one without a number."""
        with self._store.reading():
            return self._reading.version(ref, number)

    def removed(self, ref: str | int) -> tuple[RemovedBlock, ...]:
        """Return the blocks that were cut from the current version of an article."""
        with self._store.reading():
            return self._reading.removed(ref)

    def reservations(self, ref: str | int) -> tuple[Reservation, ...]:
        """Return what an article's publisher reserved when its page was last read whole."""
        with self._store.reading():
            return self._reading.reservations(ref)

    def entry_texts(self, ref: str | int) -> tuple[EntryText, ...]:
        """Return what sources' own entries said of a page, archived or not, first to last."""
        with self._store.reading():
            return self._reading.entry_texts(ref)

    def changes(
        self, after: int = 0, limit: int = 100, *, least_severity: int = 0
    ) -> tuple[ChangeRow, ...]:
        """Return the ledger's entries behind a cursor, in order."""
        with self._store.reading():
            return self._reading.changes(after, limit, least_severity)

    def fetches(self, ref: str | int) -> tuple[FetchRow, ...]:
        """Return all attempts at a page, archived or not, first to last."""
        with self._store.reading():
            return self._reading.fetches(ref)

    def body(self, sha256: str) -> bytes:
        """Return a raw body, checked against its address.

        Raises:
            NotFound: there is none.
            ArchiveError: (``db_corrupt``) it is damaged.
        """
        return self._bodies.get(sha256)

    def status(self, at: datetime) -> Status:
        """Return the archive in figures."""
        with self._store.reading() as connection:
            return status(connection, self._bodies_store.connection, self.folder, at)

    def coverage(
        self, at: datetime, names: Sequence[str] = (), *, days: int = HISTORY_DAYS
    ) -> tuple[SourceHistory, ...]:
        """Return what came of each source day by day, which `scraper.coverage.report` weighs.

        Args:
            at: now.
            names: only these sources; () for all.
            days: how many days back.

        Raises:
            UsageError: a name is unknown.
        """
        with self._store.reading() as connection:
            return histories(connection, at, names, days)

    def survival(self, host: str = "") -> tuple[Survival, ...]:
        """Return how long each outlet's articles stand: until a takedown, until the first edit."""
        with self._store.reading() as connection:
            return survival(connection, host=host)

    def ledger_entry(self, chain: str) -> LedgerHead | None:
        """Return the entry of the ledger that has this hash, or None."""
        with self._store.reading() as connection:
            return entry(connection, chain)

    def head(self) -> LedgerHead:
        """Return the end of the ledger, whose hash vouches for all that was archived before."""
        with self._store.reading() as connection:
            return head(connection)
