"""The pages for readers: front page, article, comparison, search, changes, sources, outlets."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar, cast

from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Response

from scraper.archive import Archive, Facets, Version
from scraper.archive.search import ORDERS, search_connection
from scraper.archive.search_facets import facets_of
from scraper.browse import filters
from scraper.browse.archive_database import ArchiveDatabase
from scraper.browse.coverage_summary import CoverageCache, CoverageSummary
from scraper.browse.markdown_blocks import markdown_blocks
from scraper.browse.queries import QUERIES
from scraper.browse.security import RAW_POLICY
from scraper.browse.templates import STYLES, render, show_error
from scraper.edits import compare_articles
from scraper.errors import ArchiveError, NotFound
from scraper.search.query import LONGEST_QUERY

__all__ = ["Pages", "int_arg", "reporting"]

T = TypeVar("T")
P = TypeVar("P", bound="Pages")
View = Callable[[Any], Awaitable[Any]]

_LOG = logging.getLogger(__name__)

_PER_PAGE = 30
# Results further down than these are not shown.
_FARTHEST = 10_000
_FEW_SOURCES, _MOST_SOURCES = 8, 1000
_KINDS = (
    "", "edits", "new", "edited", "retitled", "rebylined", "reverted", "moved", "gone", "returned",
)  # fmt: skip
# Names of codecs for browsers, where they do not know Python's.
_WEB_CHARSETS = {"big5hkscs": "big5", "utf_8_sig": "utf-8", "cp932": "shift_jis", "cp949": "euc-kr"}


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
            message = "The archive took too long to answer this; ask for something more exact."
            return await show_error(pages.datasette, request, 503, message)

    return reported


def int_arg(request: Any, name: str, default: int = 0) -> int:
    """Return a number of at most 15 digits from the query string, or the default."""
    value = request.args.get(name) or ""
    return int(value) if re.fullmatch(r"[0-9]{1,15}", value) else default


class Pages:
    """The pages of one archive.

    Args:
        datasette: the one that serves it.
        archive: its name and folder.
    """

    def __init__(self, datasette: Any, archive: ArchiveDatabase) -> None:
        self.datasette = datasette
        self._archive = archive
        self._coverage = CoverageCache()

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        article = r"/-/article/(?P<id>[0-9]{1,15})"
        return [
            (r"/$", self.front),
            (rf"{article}$", self.article),
            (rf"{article}/diff$", self.diff),
            (rf"{article}/raw/(?P<number>[0-9]{{1,9}})$", self.raw),
            (r"/-/search$", self.search),
            (r"/-/changes$", self.changes),
            (r"/-/sources$", self.sources),
            (r"/-/outlet/(?P<name>[^/]+)$", self.outlet),
            (r"/-/scraper/[a-z]+-[0-9a-f]{12}\.css$", self.style),
        ]

    # Reading

    async def _rows(self, query: str, /, **values: object) -> list[dict[str, Any]]:
        database = self.datasette.get_database(self._archive.database)
        rows = await database.execute(QUERIES[query], values)
        return [dict(row) for row in rows]

    async def _read(self, read: Callable[[Archive], T]) -> T:
        """Return what `read` returns of the archive, opened in a thread that it does not leave."""

        def with_archive() -> T:
            with Archive(self._archive.folder, create=False, readonly=True) as archive:
                return read(archive)

        return await asyncio.to_thread(with_archive)

    async def _render(self, request: Any, template: str, **context: Any) -> Any:
        context["database"] = self._archive.database
        return await render(self.datasette, request, template, context)

    async def _optional(self, query: str, /, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query that a page can do without, or none if it takes too long."""
        try:
            return await self._rows(query, **values)
        except QueryInterrupted:
            _LOG.warning("%s took too long and was left out", query)
            return []

    async def _sources(self, coverage: CoverageSummary | None) -> list[dict[str, Any]]:
        """Return the state of the sources, those in trouble first."""
        gaps = {row["source_id"]: row for row in await self._optional("gaps")}
        sources = [
            {"gaps": 0, "longest_gap": 0, **row, **gaps.get(row["id"], {})}
            for row in await self._rows("sources", limit=_MOST_SOURCES)
        ]
        missing = coverage.missing if coverage else frozenset()

        def trouble(row: dict[str, Any]) -> tuple[bool, ...]:
            return not row["enabled"], not row["failures"], row["name"] not in missing

        return sorted(sources, key=trouble)

    # Pages

    @reporting
    async def front(self, request: Any) -> Any:
        """Show new articles, changes, and the state of the sources."""
        coverage = await self._coverage.get(self._read)
        return await self._render(
            request,
            "front",
            figures=next(iter(await self._optional("figures")), None),
            articles=await self._rows("latest", limit=20),
            changes=await self._rows("changes", before=0, kind="edits", limit=8),
            sources=(await self._sources(coverage))[:_FEW_SOURCES],
            coverage=coverage,
        )

    @reporting
    async def article(self, request: Any) -> Any:
        """Show an article and all that the archive knows of it."""
        article_id = int(request.url_vars["id"])
        number = int_arg(request, "version") or None

        def read(archive: Archive) -> dict[str, Any]:
            return {
                "row": archive.find(article_id),
                "version": archive.version(article_id, number),
                "versions": archive.versions(article_id),
                "fetches": archive.fetches(article_id),
                "reservations": archive.reservations(article_id),
            }

        found = await self._read(read)
        version: Version = found["version"]
        version_id = version.row.id
        return await self._render(
            request,
            "article",
            **found,
            record=version.article,
            blocks=markdown_blocks(version.article),
            cuts=filters.by_rule(version.article.removed),
            sightings=await self._rows("sightings", article_id=article_id),
            topic=next(iter(await self._rows("article_topic", version_id=version_id)), None),
            names_in=await self._rows("article_names", version_id=version_id),
            figures_in=await self._rows("article_figures", version_id=version_id),
        )

    @reporting
    async def diff(self, request: Any) -> Any:
        """Show the difference between two versions, sentence by sentence."""
        article_id = int(request.url_vars["id"])
        old_number, new_number = int_arg(request, "a"), int_arg(request, "b")

        def read(archive: Archive) -> dict[str, Any]:
            row = archive.find(article_id)
            new = archive.version(article_id, new_number or row.version)
            old = archive.version(article_id, old_number or max(1, new.row.number - 1))
            return {
                "row": row,
                "versions": archive.versions(article_id),
                "old": old,
                "new": new,
                "comparison": compare_articles(old.article, new.article),
            }

        found = await self._read(read)
        headline, byline = found["comparison"].headline, found["comparison"].byline
        return await self._render(
            request,
            "diff",
            **found,
            headline=filters.row_of(headline) if headline else None,
            byline=filters.row_of(byline) if byline else None,
            rows=filters.rows_of(found["comparison"]),
        )

    @reporting
    async def raw(self, request: Any) -> Any:
        """Return the body as the site sent it, as plain text that no browser interprets."""
        article_id, number = int(request.url_vars["id"]), int(request.url_vars["number"])

        def read(archive: Archive) -> tuple[bytes, str]:
            version = archive.version(article_id, number)
            return archive.body(version.row.body), version.article.encoding

        body, encoding = await self._read(read)
        charset = _WEB_CHARSETS.get(encoding, encoding.replace("_", "-")) or "utf-8"
        return Response(
            body,
            content_type=f"text/plain; charset={charset}",
            headers={"content-security-policy": RAW_POLICY, "x-content-type-options": "nosniff"},
        )

    @reporting
    async def search(self, request: Any) -> Any:
        """Show the articles that a query finds, with the hits marked."""
        typed = (request.args.get("q") or "").strip()[:LONGEST_QUERY]
        outlet = request.args.get("outlet") or ""
        order = request.args.get("order") or ORDERS[0]
        order = order if order in ORDERS else ORDERS[0]
        offset = min(int_arg(request, "offset"), _FARTHEST)
        versions = request.args.get("versions") == "1"
        wanted: dict[str, Any] = {
            "limit": _PER_PAGE, "offset": offset, "order": order, "outlet": outlet,
        }  # fmt: skip
        if versions:
            # Earlier texts are read from records, which need both files.
            page = await self._read(
                lambda archive: archive.search_page(typed, versions=True, **wanted)
            )
        else:
            page = await self._searched(
                lambda connection: search_connection(connection, typed, **wanted)
            )
        try:
            facets = await self._searched(lambda connection: facets_of(connection, typed))
        except QueryInterrupted:
            _LOG.warning("the counts of a search took too long and were left out")
            facets = Facets(counted=0, complete=False)
        return await self._render(
            request,
            "search",
            coverage=await self._coverage.get(self._read),
            q=typed,
            outlet=outlet,
            order=order,
            versions="1" if versions else "",
            orders=ORDERS,
            facets=facets,
            found=page.found,
            at_least=page.at_least,
            notes=page.notes,
            hits=[filters.hit_row(hit) for hit in page.hits],
            offset=offset,
            next_offset=offset + _PER_PAGE if page.more else 0,
            previous_offset=max(0, offset - _PER_PAGE) if offset else None,
        )

    async def _searched(self, search: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a search finds in Datasette's connection, within its limit of time."""
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

    @reporting
    async def changes(self, request: Any) -> Any:
        """Show changes of articles, newest first."""
        kind = request.args.get("kind") or ""
        kind = kind if kind in _KINDS else ""
        rows = await self._rows(
            "changes", before=int_arg(request, "before"), kind=kind, limit=_PER_PAGE + 1
        )
        shown = rows[:_PER_PAGE]
        return await self._render(
            request,
            "changes",
            coverage=await self._coverage.get(self._read),
            changes=shown,
            kind=kind,
            kinds=_KINDS,
            before=shown[-1]["cursor"] if len(rows) > _PER_PAGE else 0,
        )

    @reporting
    async def sources(self, request: Any) -> Any:
        """Show the state of every source."""
        counts = {row["source_id"]: row for row in await self._optional("source_counts")}
        none = {"pages": 0, "articles": 0}
        coverage = await self._coverage.get(self._read)
        rows = await self._sources(coverage)
        sources = [{**row, **counts.get(row["id"], none)} for row in rows]
        return await self._render(request, "sources", sources=sources, coverage=coverage)

    @reporting
    async def outlet(self, request: Any) -> Any:
        """Show an outlet's articles, newest first."""
        name = filters.from_path(request.url_vars["name"])
        found = await self._rows("outlet", name=name)
        if not found:
            raise NotFound(f"the archive knows no outlet named {name}")
        offset = int_arg(request, "offset")
        rows = await self._rows(
            "outlet_articles", outlet_id=found[0]["id"], limit=_PER_PAGE + 1, offset=offset
        )
        return await self._render(
            request,
            "outlet",
            outlet=found[0],
            articles=rows[:_PER_PAGE],
            next_offset=offset + _PER_PAGE if len(rows) > _PER_PAGE else 0,
            offset=offset,
        )

    async def style(self, request: Any) -> Any:
        """Return a style sheet."""
        if request.path not in STYLES:
            return Response.text("another version's style sheet\n", status=404)
        return Response(
            STYLES[request.path],
            content_type="text/css; charset=utf-8",
            headers={"cache-control": "public, max-age=31536000, immutable"},
        )
