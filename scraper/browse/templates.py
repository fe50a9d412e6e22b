"""The templates, in Datasette's Jinja environment, the style sheets and the script."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from datasette.utils.asgi import Response
from jinja2 import FileSystemLoader, PrefixLoader

from scraper.browse import filters
from scraper.browse.archive_database import archive_of
from scraper.browse.queries import QUERIES
from scraper.browse.security import OWN_POLICY
from scraper.urls import web_url

__all__ = [
    "ASSETS",
    "Asset",
    "prepare_templates",
    "redirect",
    "render",
    "script_path",
    "show_error",
    "style_path",
]

_HERE = Path(__file__).parent


_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Asset(NamedTuple):
    """A file that pages ask for: its content and its content type."""

    content: bytes
    content_type: str


def _assets() -> dict[str, Asset]:
    """Return style sheets and scripts by path, which changes with the content: they are cached."""
    found = {}
    for path in sorted((_HERE / "static").iterdir()):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            address = f"/-/scraper/{path.stem}-{digest}{path.suffix}"
            found[address] = Asset(content, _TYPES[path.suffix])
    return found


ASSETS = _assets()


def prepare_templates(env: Any) -> None:
    """Add our templates to Datasette's Jinja environment, which escapes all values."""
    ours = PrefixLoader({"scraper": FileSystemLoader(_HERE / "templates")})
    env.loader.loaders.append(ours)
    env.globals.update(
        lang=filters.lang_attribute,
        moment=filters.format_time,
        published=filters.format_published,
        duration=filters.duration,
        names=filters.names,
        web_url=web_url,
        with_query=filters.with_query,
        in_path=filters.in_path,
        marked_edit=filters.marked_edit,
        in_words=filters.figure,
        evidence=json.loads,
        script_path=script_path,
        style_path=style_path,
    )
    env.filters["language_name"] = filters.language_name
    env.filters["headline"] = filters.headline


def style_path(name: str) -> str:
    """Return the path of a style sheet."""
    return _path(name, ".css")


def script_path(name: str) -> str:
    """Return the path of a script."""
    return _path(name, ".js")


def _path(name: str, suffix: str) -> str:
    return next(p for p in ASSETS if p.startswith(f"/-/scraper/{name}-") and p.endswith(suffix))


async def render(
    datasette: Any,
    request: Any,
    template: str,
    context: dict[str, Any],
    status: int = 200,
    policy: str = OWN_POLICY,
) -> Any:
    """Return a page made from one of our templates."""
    body = await datasette.render_template(f"scraper/{template}.html", context, request=request)
    return Response.html(body, status=status, headers={"content-security-policy": policy})


def redirect(path: str) -> Any:
    """Return a redirect to another of our paths."""
    return Response("", status=302, headers={"location": path})


async def show_error(datasette: Any, request: Any, status: int, message: str) -> Any:
    """Return an error as one of our pages, or as JSON where the address asks for that.

    Args:
        datasette: the Datasette that serves the archive.
        request: the request that failed.
        status: HTTP status.
        message: plain text for the reader; "" points to the log.
    """
    title = {400: "Not understood", 403: "Not allowed", 404: "Not found"}.get(status, "Failed")
    message = message or "Something went wrong. The log has the details."
    if request.path.endswith(".json"):
        answer = {"ok": False, "error": message, "status": status, "title": title}
        return Response.json(answer, status=status)
    context: dict[str, Any] = {"title": title, "message": message}
    archive = archive_of(datasette)
    if archive is not None and status == 404:
        # What is not found here may lie in one of them.
        rows = await datasette.get_database(archive.database).execute(QUERIES["sealed_parts"])
        context["sealed_parts"] = [dict(row) for row in rows]
    return await render(datasette, request, "error", context, status)
