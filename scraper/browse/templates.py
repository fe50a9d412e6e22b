"""The templates, in Datasette's Jinja environment, and the style sheets."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from datasette.utils.asgi import Response
from jinja2 import FileSystemLoader, PrefixLoader

from scraper.browse import filters
from scraper.browse.security import OWN_POLICY
from scraper.urls import web_url

__all__ = ["STYLES", "prepare_templates", "redirect", "render", "show_error", "style_path"]

_HERE = Path(__file__).parent


def _styles() -> dict[str, bytes]:
    """Return the style sheets by path, which changes with the content: browsers cache them."""
    sheets = ((path.stem, path.read_bytes()) for path in sorted((_HERE / "static").glob("*.css")))
    return {
        f"/-/scraper/{name}-{hashlib.sha256(sheet).hexdigest()[:12]}.css": sheet
        for name, sheet in sheets
    }


STYLES = _styles()


def prepare_templates(env: Any) -> None:
    """Add our templates to Datasette's Jinja environment, which escapes all values."""
    ours = PrefixLoader({"scraper": FileSystemLoader(_HERE / "templates")})
    env.loader.loaders.append(ours)
    env.globals.update(
        lang=filters.lang_attribute,
        moment=filters.format_time,
        duration=filters.duration,
        names=filters.names,
        web_url=web_url,
        with_query=filters.with_query,
        in_path=filters.in_path,
        marked_edit=filters.marked_edit,
        in_words=filters.figure,
        evidence=json.loads,
        style_path=style_path,
    )


def style_path(name: str) -> str:
    """Return the path of a style sheet."""
    return next(path for path in STYLES if path.startswith(f"/-/scraper/{name}-"))


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
    context = {"title": title, "message": message}
    return await render(datasette, request, "error", context, status)
