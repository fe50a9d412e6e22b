"""Datasette's hooks: what `scraper` adds to a Datasette that serves one of its archives.

Only hooks that Datasette 0.65 and the 1.0 alphas share, save `get_metadata`, without which tables
lose their descriptions and nothing else. A Datasette without an archive is left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping
from inspect import isawaitable
from typing import Any, TypeVar, cast

from datasette import hookimpl

from scraper.browse.archive_database import archive_of
from scraper.browse.article_pages import Pages
from scraper.browse.coverage_pages import CoveragePages
from scraper.browse.name_pages import NamePages
from scraper.browse.request_errors import error_message, error_status
from scraper.browse.security import with_headers
from scraper.browse.tables import cell, metadata_of
from scraper.browse.templates import prepare_templates, show_error, style_path
from scraper.text.chinese import query

F = TypeVar("F", bound=Callable[..., Any])

_LOG = logging.getLogger(__name__)
_hook = cast("Callable[[F], F]", hookimpl)
_wrapping_hook = cast("Callable[[F], F]", hookimpl(wrapper=True))
_last_hook = cast("Callable[[F], F]", hookimpl(trylast=True))


@_last_hook
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """Let Datasette's search box find Chinese: our query builder takes the place of its own."""
    home = archive_of(datasette)
    if home is not None and database == home.database:
        # An empty query is an error to FTS5, an empty phrase finds nothing.
        conn.create_function(
            "escape_fts", 1, lambda text: query(str(text)) or '""', deterministic=True
        )


@_hook
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Add our templates."""
    if archive_of(datasette) is not None:
        prepare_templates(env)


@_hook
def get_metadata(datasette: Any) -> Mapping[str, Any]:
    """Describe the tables."""
    home = archive_of(datasette)
    return metadata_of(home.database) if home else {}


@_hook
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """Add our pages."""
    home = archive_of(datasette)
    if home is None:
        return []
    every = (Pages, NamePages, CoveragePages)
    return [route for pages in every for route in pages(datasette, home).routes()]


@_hook
def extra_css_urls(datasette: Any) -> list[str]:
    """Set Datasette's own pages in our type and colours."""
    return [style_path("tables")] if archive_of(datasette) else []


@_hook
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """Lead from Datasette's pages to ours."""
    if archive_of(datasette) is None:
        return []
    return [
        {"href": "/", "label": "Front page"},
        {"href": "/-/search", "label": "Search"},
        {"href": "/-/changes", "label": "Changes"},
        {"href": "/-/names", "label": "Names"},
        {"href": "/-/sources", "label": "Sources"},
        {"href": "/-/coverage", "label": "Coverage"},
    ]


@_hook
def render_cell(row: Any, value: Any, column: str, table: str | None, datasette: Any) -> Any:
    """Lead from a row to the reading page."""
    return cell(table, column, row, value) if archive_of(datasette) else None


@_hook
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Shield every response."""
    return with_headers if archive_of(datasette) else lambda app: app


@_hook
def forbidden(datasette: Any, request: Any, message: str) -> Any:
    """Show a refusal as a page of ours."""
    if archive_of(datasette) is None:
        return None
    return show_error(datasette, request, 403, message)


@_wrapping_hook
def handle_exception(
    datasette: Any, request: Any, exception: Exception
) -> Generator[None, list[Any], list[Any]]:
    """Answer an exception with a page of ours, and as an error of the request where it is one.

    Around the other hooks: Datasette's own prints a traceback for what a reader mistypes.
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
