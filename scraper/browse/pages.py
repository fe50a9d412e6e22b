"""What all reading pages share: queries, answers to errors, templates."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast

from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit

from scraper.archive import Archive, VersionRow
from scraper.archive.ledger_edits import ledger_edits
from scraper.browse.archive_database import ArchiveDatabase
from scraper.browse.comparisons import PRELOADED, Comparisons
from scraper.browse.coverage_summary import CoverageCache, CoverageSummary
from scraper.browse.queries import QUERIES
from scraper.browse.security import OWN_POLICY
from scraper.browse.templates import render, show_error
from scraper.errors import ArchiveError, NotFound
from scraper.workers import ParserPool

__all__ = ["PER_PAGE", "Pages", "View", "WorkerPages", "in_time", "int_arg", "reporting"]

T = TypeVar("T")
P = TypeVar("P", bound="Pages")
View = Callable[[Any], Awaitable[Any]]

_LOG = logging.getLogger(__name__)

# Rows on one page of a list.
PER_PAGE = 30
_MOST_SOURCES = 1000


def reporting(view: Callable[[P, Any], Awaitable[Any]]) -> Callable[[P, Any], Any]:
    """Answer the archive's errors, and a query that takes too long, with an error page."""

    @wraps(view)
    async def reported(pages: P, request: Any) -> Any:
        try:
            return await view(pages, request)
        except NotFound as error:
            return await show_error(pages.datasette, request, 404, error.message)
        except ArchiveError as error:
            _LOG.warning("%s", error)
            return await show_error(pages.datasette, request, 500, error.message)
        except QueryInterrupted:
            message = "The archive took too long to answer. Ask for something more specific."
            return await show_error(pages.datasette, request, 503, message)

    return reported


def int_arg(request: Any, name: str, default: int = 0) -> int:
    """Return a number of at most 15 digits from the query string, or the default."""
    value = request.args.get(name) or ""
    return int(value) if re.fullmatch(r"[0-9]{1,15}", value) else default


def in_time(versions: Sequence[VersionRow]) -> list[VersionRow]:
    """Return versions by when each was first seen: a capture of long ago has a late number."""
    return sorted(versions, key=lambda row: (row.first_observed_at, row.number))


class Pages:
    """Pages of one archive; a subclass for each subject.

    Args:
        datasette: the one that serves it.
        archive: its name and folder.
        coverage: the summary of coverage that all pages share.
        comparisons: the workers that all pages share.
    """

    def __init__(
        self,
        datasette: Any,
        archive: ArchiveDatabase,
        coverage: CoverageCache | None = None,
        comparisons: Comparisons | None = None,
    ) -> None:
        self.datasette = datasette
        self._archive = archive
        self._coverage = coverage or CoverageCache()
        self._comparisons = comparisons or Comparisons()

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        raise NotImplementedError

    async def _rows(self, query: str, /, **values: object) -> list[dict[str, Any]]:
        return await self._run(QUERIES[query], values)

    async def _run(self, sql: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
        database = self.datasette.get_database(self._archive.database)
        return [dict(row) for row in await database.execute(sql, values)]

    async def _read(self, read: Callable[[Archive], T]) -> T:
        """Return what `read` returns for the archive, which is opened and closed in one thread."""

        def with_archive() -> T:
            with Archive(self._archive.folder, create=False, readonly=True) as archive:
                return read(archive)

        return await asyncio.to_thread(with_archive)

    async def _render(
        self, request: Any, template: str, *, policy: str = OWN_POLICY, **context: Any
    ) -> Any:
        context["database"] = self._archive.database
        context["sealed_parts"] = await self._rows("sealed_parts")
        return await render(self.datasette, request, template, context, policy=policy)

    async def _optional(self, query: str, /, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query that a page can do without, or none if it takes too long."""
        try:
            return await self._rows(query, **values)
        except QueryInterrupted:
            _LOG.warning("%s took too long and was left out", query)
            return []

    async def _searched(self, search: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a search finds through Datasette's connection, within its time limit."""
        database = self.datasette.get_database(self._archive.database)
        limit = self.datasette.setting("sql_time_limit_ms")

        def within_limit(connection: sqlite3.Connection) -> T:
            with sqlite_timelimit(connection, limit):
                try:
                    return search(connection)
                except sqlite3.OperationalError as error:
                    if error.args == ("interrupted",):
                        raise QueryInterrupted(error, "search", {}) from error
                    raise

        return cast("T", await database.execute_fn(within_limit))

    async def _last_fetch(self) -> str:
        """Return the time of the latest fetch, as the archive stores times, or ""."""
        return str((await self._rows("last_fetch"))[0]["at"] or "")

    async def _with_edits(self, changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return rows of the ledger, each edit with its two versions and the sentences that moved.

        Its time is when the text that it led to was first seen.
        """
        if not changes:
            return []
        ids = [row["cursor"] for row in changes]
        edits = await self._searched(lambda connection: ledger_edits(connection, ids))
        found = []
        for row in changes:
            edit = edits.get(row["cursor"])
            known: dict[str, Any] = {"before": None, "after": None, "added": "", "removed": ""}
            if edit is not None:
                known = {
                    "before": edit.before, "after": edit.after, "at": edit.seen_at,
                    "title": edit.new_title, "old_title": edit.old_title,
                    "new_title": edit.new_title, "classes": edit.classes,
                    "added": edit.added, "removed": edit.removed,
                }  # fmt: skip
            found.append({**row, **known})
        return found

    async def _sources(self, coverage: CoverageSummary | None) -> list[dict[str, Any]]:
        """Return the state of the sources, those in trouble first."""
        last = await self._last_fetch()
        gaps = {row["source_id"]: row for row in await self._optional("gaps", last=last)}
        sources = [
            {"gaps": 0, "longest_gap": 0, **row, **gaps.get(row["id"], {})}
            for row in await self._rows("sources", limit=_MOST_SOURCES)
        ]
        missing = coverage.missing if coverage else frozenset()

        def trouble(row: dict[str, Any]) -> tuple[bool, ...]:
            return not row["enabled"], not row["failures"], row["name"] not in missing

        return sorted(sources, key=trouble)


class WorkerPages(Pages):
    """Pages that read what strangers wrote in a process that can be stopped.

    Attributes:
        seconds: that one call of the process may take; each subclass sets it.
    """

    seconds: ClassVar[float]

    def __init__(
        self,
        datasette: Any,
        archive: ArchiveDatabase,
        coverage: CoverageCache | None = None,
        comparisons: Comparisons | None = None,
    ) -> None:
        super().__init__(datasette, archive, coverage, comparisons)
        self._pool = ParserPool(workers=1, timeout=self.seconds, preload=PRELOADED)
