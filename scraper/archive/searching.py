"""Search as a method of the archive, and the upkeep of its index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.records import Facets, SearchHit, SearchPage
from scraper.archive.search import count_older, search_connection
from scraper.archive.search_facets import facets_of
from scraper.archive.search_index import is_current, reindex, reindex_versions
from scraper.archive.search_versions import earlier_hits

__all__ = ["SearchMixin"]


def _by_rank(hit: SearchHit) -> float:
    return hit.rank


def _by_date(hit: SearchHit) -> float:
    at = hit.published or hit.first_seen_at
    return -at.timestamp() if at else 0.0


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
        self,
        typed: str,
        limit: int = 20,
        *,
        offset: int = 0,
        order: str = "relevance",
        outlet: str = "",
        versions: bool = False,
    ) -> SearchPage:
        """Return a page of the articles that a query finds, how many there are, and notes.

        Args:
            typed: the query as typed: see `scraper.search.query`.
            limit: how many articles at most.
            offset: how many to pass over.
            order: ``relevance``, ``date`` (newest first) or ``fresh`` (by relevance, where fresh
                ones count more).
            outlet: only articles of the outlet with this name, where it is not "".
            versions: whether to show, on the first page, articles of which an earlier version holds
                the words and the current one does not.

        Raises:
            UsageError: the order is unknown.
        """
        # Parts first: what is taken back from them meanwhile is then found in the current file.
        files = (*(part.archive for part in reversed(self._parts)), self)
        if len(files) == 1:
            return self._page_here(typed, limit, offset, order, outlet, versions)
        wanted = offset + limit + 1
        earlier = versions and not offset
        pages: list[SearchPage] = []
        for file in files:
            page = None
            if order == "date" and not earlier and file is not self:
                page = file._count_here(typed, wanted, outlet, (hit for p in pages for hit in p.hits))
            pages.append(page or file._page_here(typed, wanted, 0, order, outlet, earlier))
        hits = {hit.id: hit for page in pages for hit in page.hits}
        # Without words all are ranked alike: the newest come first.
        dated = order == "date" or not any(hit.rank for hit in hits.values())
        key = _by_date if dated else _by_rank
        ranked = sorted(hits.values(), key=lambda hit: (key(hit), -hit.id))
        return SearchPage(
            hits=tuple(ranked[offset : offset + limit]),
            found=max(sum(page.found for page in pages), len(ranked)),
            at_least=any(page.at_least for page in pages),
            more=len(ranked) > offset + limit,
            notes=tuple(dict.fromkeys(note for page in pages for note in page.notes)),
        )

    def _count_here(
        self, typed: str, wanted: int, outlet: str, newer: Iterable[SearchHit]
    ) -> SearchPage | None:
        """Return how much a query finds in this file, where others have enough newer hits."""
        newest = sorted(map(_by_date, newer))[:wanted]
        if len(newest) < wanted:
            return None
        with self._reading() as connection:
            counted = count_older(
                connection, typed, wanted=wanted, than=datetime.fromtimestamp(-newest[-1], UTC),
                outlet=outlet, shown=self._shown("a.id"),
            )  # fmt: skip
        if counted is None:
            return None
        return SearchPage(hits=(), found=counted[0], at_least=counted[1])

    def _page_here(
        self, typed: str, limit: int, offset: int, order: str, outlet: str, versions: bool
    ) -> SearchPage:
        """Return what a query finds in this file alone."""
        with self._reading() as connection:
            page = search_connection(
                connection, typed, limit=limit, offset=offset, order=order, outlet=outlet,
                shown=self._shown("a.id"),
            )  # fmt: skip
            if not versions or offset:
                return page
            earlier, notes = earlier_hits(
                connection, self._extractions, typed, most=limit, shown=self._shown("a.id")
            )
        key = _by_date if order == "date" else _by_rank
        return replace(
            page,
            hits=tuple(sorted((*page.hits, *earlier), key=key)[:limit]),
            found=page.found + len(earlier),
            notes=(*page.notes, *notes),
        )

    def facets(self, typed: str, *, most: int = 20) -> Facets:
        """Count what a query finds in the current file by outlet, language, month, name and state.

        Args:
            typed: the query as typed.
            most: values of each kind at most.
        """
        with self._reading() as connection:
            return facets_of(connection, typed, most=most)

    def reindex(self) -> int:
        """Make the search index again; return the number of articles in it."""
        with self._writing() as connection:
            reindex_versions(connection, self._extractions)
            return reindex(connection)

    def _refresh_index(self) -> None:
        """Make the index again if it was written with other terms."""
        with self._reading() as connection:
            current = is_current(connection)
        if not current:
            self.reindex()
