"""A raw page as it looked, as far as is safe: cleaned, in a sandboxed frame."""

from __future__ import annotations

from typing import Any

import nh3
from datasette.utils.asgi import Response

from scraper.archive import Archive, Version
from scraper.browse.pages import View, WorkerPages, reporting
from scraper.browse.security import FRAME_POLICY, FRAMED_POLICY, SOURCE_POLICY
from scraper.errors import ExtractError, WorkersLost
from scraper.text.encoding import decode

__all__ = ["RawPages", "clean_page"]

# Names of codecs for browsers, where they do not know Python's.
_WEB_CHARSETS = {"big5hkscs": "big5", "utf_8_sig": "utf-8", "cp932": "shift_jis", "cp949": "euc-kr"}
_ATTRIBUTES = {"style", "class", "title", "lang", "dir", "colspan", "rowspan", "width", "height"}
_MORE_TAGS = {"section", "main", "figure", "figcaption", "time"}
_LINKS = {"a", "area", "map"}
# Pictures are shown as boxes with their alternative text: no host is asked for anything.
_STYLE = (
    "<style>body{font:16px/1.6 system-ui,sans-serif;margin:1rem;max-width:60rem;background:#fff;"
    "color:#222;overflow-wrap:anywhere}img{display:inline-block;min-width:6rem;min-height:3rem;"
    "border:1px dashed #999;background:#f2f2f2;color:#555;font-size:12px}table{border-collapse:"
    "collapse}td,th{border:1px solid #ddd;padding:.2rem .4rem}</style>"
)
_TIMEOUT = 10.0


def clean_page(body: bytes, encoding: str) -> str:
    """Return a page without scripts, addresses and forms; runs in a worker process.

    Args:
        body: the raw page.
        encoding: Python's name of its codec, as the extractor found it; "" to find it now.
    """
    try:
        html = body.decode(encoding, "replace") if encoding else decode(body).text
    except LookupError:  # a codec that this Python does not have
        html = decode(body).text
    tags = (nh3.ALLOWED_TAGS | {"section", "main", "figure", "figcaption", "time"}) - {
        "a",
        "area",
        "map",
    }
    return _STYLE + nh3.clean(
        html, tags=tags, attributes={"*": _ATTRIBUTES, "img": {"alt"}}, url_schemes=set(),
        link_rel=None,
    )  # fmt: skip


class RawPages(WorkerPages):
    """What a site sent for a version: rendered, as source, and with its HTTP record."""

    seconds = _TIMEOUT

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        raw = r"/-/article/(?P<id>[0-9]{1,15})/raw/(?P<number>[0-9]{1,9})"
        return [
            (rf"{raw}$", self.raw),
            (rf"{raw}/page$", self.framed),
            (rf"{raw}/look$", self.look),
        ]

    async def _body(self, request: Any) -> tuple[Version, bytes]:
        article_id, number = int(request.url_vars["id"]), int(request.url_vars["number"])

        def read(archive: Archive) -> tuple[Version, bytes]:
            version = archive.version(article_id, number)
            return version, archive.body(version.row.body)

        return await self._read(read)

    @reporting
    async def raw(self, request: Any) -> Any:
        """Return the body as the site sent it, as plain text that no browser interprets."""
        version, body = await self._body(request)
        encoding = version.article.encoding
        charset = _WEB_CHARSETS.get(encoding, encoding.replace("_", "-")) or "utf-8"
        return Response(
            body,
            content_type=f"text/plain; charset={charset}",
            headers={"content-security-policy": SOURCE_POLICY, "x-content-type-options": "nosniff"},
        )

    @reporting
    async def look(self, request: Any) -> Any:
        """Show the raw page in a frame, beside its source and its HTTP record."""
        version, body = await self._body(request)
        pages = await self._read(lambda archive: archive.response(version.row.id))
        return await self._render(
            request,
            "raw",
            policy=FRAME_POLICY,
            row=version.row,
            article=version.article,
            article_id=int(request.url_vars["id"]),
            size=len(body),
            response=next(iter(pages), None),
            parts=len(pages),
        )

    @reporting
    async def framed(self, request: Any) -> Any:
        """Return the cleaned page, for the frame."""
        version, body = await self._body(request)
        try:
            page = await self._pool.run(clean_page, body, version.article.encoding)
        except (ExtractError, WorkersLost):
            page = "<p>This page cannot be shown safely. Read its source instead.</p>"
        return Response.html(page, headers={"content-security-policy": FRAMED_POLICY})
