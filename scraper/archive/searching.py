"""Search as a method of the archive, and the upkeep of its index."""

from __future__ import annotations

from scraper.archive.base import ArchiveBase
from scraper.archive.records import Facets, SearchHit, SearchPage
from scraper.archive.search import search_connection
from scraper.archive.search_facets import facets_of
from scraper.archive.search_index import is_current, reindex

__all__ = ["SearchMixin"]


class SearchMixin(ArchiveBase):
    """Full-text search, and its index."""

    def search(self, typed: str, limit: int = 20) -> list[SearchHit]:
        """Return the articles that a query finds, best first.

        Chinese is found in both scripts, whichever the query uses.

        Args:
            typed: the query as typed; one without a word finds nothing.
            limit: how many articles at most.
        """
        return list(self.search_page(typed, limit).hits)

    def search_page(
        self, typed: str, limit: int = 20, *, offset: int = 0, order: str = "relevance"
    ) -> SearchPage:
        """Return a page of the articles that a query finds, how many there are, and notes.

        Args:
            typed: the query as typed: see `scraper.search.query`.
            limit: how many articles at most.
            offset: how many to pass over.
            order: ``relevance``, ``date`` (newest first) or ``fresh`` (by relevance, where fresh
                ones count more).

        Raises:
            UsageError: the order is unknown.
        """
        with self._reading() as connection:
            return search_connection(connection, typed, limit=limit, offset=offset, order=order)

    def facets(self, typed: str, *, most: int = 20) -> Facets:
        """Count what a query finds by outlet, language, month and name.

        Args:
            typed: the query as typed.
            most: values of each kind at most.
        """
        with self._reading() as connection:
            return facets_of(connection, typed, most=most)

    def reindex(self) -> int:
        """Make the search index again; return the number of articles in it."""
        with self._writing() as connection:
            return reindex(connection)

    def _refresh_index(self) -> None:
        """Make the index again if it was written with other terms."""
        with self._reading() as connection:
            current = is_current(connection)
        if not current:
            self.reindex()
