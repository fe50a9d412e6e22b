"""Datasette's hooks: what this program adds to a Datasette that serves an archive.

All hooks but `get_metadata` exist in Datasette 0.65 and the 1.0 alphas; without it, tables have no
descriptions. The plugin does nothing in a Datasette without an archive.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping
from inspect import isawaitable
from typing import Any, TypeVar, cast

from datasette import hookimpl

from scraper.archive.search import index_query, search_json
from scraper.archive.search_filters import define_functions
from scraper.browse.archive_database import archive_of
from scraper.browse.article_pages import ArticlePages
from scraper.browse.change_pages import ChangePages
from scraper.browse.comparisons import Comparisons
from scraper.browse.coverage_pages import CoveragePages
from scraper.browse.coverage_summary import CoverageCache
from scraper.browse.diff_page import DiffPages
from scraper.browse.drift_pages import DriftPages
from scraper.browse.front_page import FrontPage
from scraper.browse.name_pages import NamePages
from scraper.browse.raw_pages import RawPages
from scraper.browse.request_errors import error_message, error_status
from scraper.browse.search_page import SearchPages
from scraper.browse.security import with_headers
from scraper.browse.source_pages import SourcePages
from scraper.browse.story_pages import StoryPages
from scraper.browse.tables import cell, metadata_of
from scraper.browse.templates import prepare_templates, show_error, style_path

F = TypeVar("F", bound=Callable[..., Any])

_LOG = logging.getLogger(__name__)
_hook = cast("Callable[[F], F]", hookimpl)
_wrapping_hook = cast("Callable[[F], F]", hookimpl(wrapper=True))
_last_hook = cast("Callable[[F], F]", hookimpl(trylast=True))


# One set of workers for all archives of this process.
COMPARISONS = Comparisons()


@_last_hook
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """Offer our search to SQL, and replace the query builder of Datasette's search box with ours.

    ``select json_extract(value, '$.id') from json_each(article_search('开源 OR "open source"'))``
    """
    archive = archive_of(datasette)
    if archive is not None and database == archive.database:
        define_functions(conn)
        conn.create_function("escape_fts", 1, lambda text: index_query(str(text)))
        conn.create_function("article_search", 1, lambda text: search_json(conn, str(text)))
        conn.create_function(
            "article_search", 2, lambda text, limit: search_json(conn, str(text), int(limit))
        )


@_hook
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Add our templates."""
    if archive_of(datasette) is not None:
        prepare_templates(env)


@_hook
def get_metadata(datasette: Any) -> Mapping[str, Any]:
    """Describe the tables."""
    archive = archive_of(datasette)
    return metadata_of(archive.database) if archive else {}


@_hook
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """Add our pages."""
    archive = archive_of(datasette)
    if archive is None:
        return []
    kinds = (
        FrontPage, ArticlePages, DiffPages, RawPages, StoryPages, SearchPages, ChangePages,
        NamePages, SourcePages, DriftPages, CoveragePages,
    )  # fmt: skip
    shared = CoverageCache(), COMPARISONS
    return [route for pages in kinds for route in pages(datasette, archive, *shared).routes()]


@_hook
def extra_css_urls(datasette: Any) -> list[str]:
    """Give Datasette's own pages our style."""
    return [style_path("tables")] if archive_of(datasette) else []


@_hook
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """Link Datasette's pages to ours."""
    if archive_of(datasette) is None:
        return []
    return [
        {"href": "/", "label": "Front page"},
        {"href": "/-/search", "label": "Search"},
        {"href": "/-/stories", "label": "Stories"},
        {"href": "/-/changes", "label": "Changes"},
        {"href": "/-/names", "label": "Names"},
        {"href": "/-/sources", "label": "Sources"},
        {"href": "/-/coverage", "label": "Coverage"},
    ]


@_hook
def render_cell(row: Any, value: Any, column: str, table: str | None, datasette: Any) -> Any:
    """Link a row to the reading page."""
    return cell(table, column, row, value) if archive_of(datasette) else None


@_hook
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Add the security headers to every response."""
    return with_headers if archive_of(datasette) else lambda app: app


@_hook
def forbidden(datasette: Any, request: Any, message: str) -> Any:
    """Show a refusal as one of our pages."""
    if archive_of(datasette) is None:
        return None
    if "sql" in request.args or "_where" in request.args:
        message = "SQL queries are turned off; `scraper browse --sql` allows them."
    return show_error(datasette, request, 403, message)


@_wrapping_hook
def handle_exception(
    datasette: Any, request: Any, exception: Exception
) -> Generator[None, list[Any], list[Any]]:
    """Answer an exception with one of our pages, as the request's error where it is one.

    It runs before the other hooks: Datasette's own prints a traceback when a reader mistypes.
    """
    others = yield
    if archive_of(datasette) is None:
        return others
    for other in others:
        if isawaitable(other) and hasattr(other, "close"):
            other.close()
    status = error_status(exception)
    if status >= 500:
        _LOG.error("%s: %s", request.path, exception, exc_info=exception)
        return [show_error(datasette, request, status, "")]
    return [show_error(datasette, request, status, error_message(exception))]
