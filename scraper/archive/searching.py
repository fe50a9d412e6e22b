"""Search as a method of the archive, and the upkeep of its index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scraper.archive.base import ArchiveBase
from scraper.archive.parts import Part
from scraper.archive.records import Facets, SearchHit, SearchPage
from scraper.archive.search import search_files
from scraper.archive.search_facets import facets_of
from scraper.archive.search_index import is_current, reindex, reindex_versions
from scraper.archive.search_versions import earlier_hits
from scraper.archive.searched_file import SearchedFile

__all__ = ["SearchMixin"]


def _by_rank(hit: SearchHit) -> float:
    return hit.rank


def _by_date(hit: SearchHit) -> float:
    at = hit.published or hit.first_seen_at
    return -at.timestamp() if at else 0.0


def _searched_part(part: Part) -> SearchedFile:
    return SearchedFile(
        part.connection,
        part.archive._store.path,
        shown=part.archive._shown,
        last_at=part.row["last_at"] or "",
        articles=part.row["articles"],
    )


def _with_earlier(
    page: SearchPage, files: Sequence[SearchMixin], typed: str, limit: int, order: str
) -> SearchPage:
    """Return a first page with the articles of which only an earlier version holds the words."""
    shown = {hit.id for hit in page.hits}
    hits, notes = list(page.hits), list(page.notes)
    for file in files:
        with file._reading() as connection:
            earlier, told = earlier_hits(
                connection, file._extractions, typed, most=limit, shown=file._shown("a.id")
            )
        hits += [hit for hit in earlier if hit.id not in shown]
        notes += told
    return replace(
        page,
        hits=tuple(sorted(hits, key=_by_date if order == "date" else _by_rank)[:limit]),
        found=page.found + len(hits) - len(page.hits),
        more=page.more or len(hits) > limit,
        notes=tuple(dict.fromkeys(notes)),
    )


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
        with self._reading():
            parts = tuple(reversed(self._parts))
            page = search_files(
                # Parts first: what is taken back from them meanwhile is then found in the current
                # file.
                (*map(_searched_part, parts), SearchedFile(self._store.connection)),
                typed, limit=limit, offset=offset, order=order, outlet=outlet,
            )  # fmt: skip
        if not versions or offset:
            return page
        files = (*(part.archive for part in parts), self)
        return _with_earlier(page, files, typed, limit, order)

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
