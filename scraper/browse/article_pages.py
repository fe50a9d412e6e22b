"""The pages of one article: its text, its versions compared, its raw page."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from scraper.archive import Archive, Version
from scraper.browse import filters
from scraper.browse.markdown_blocks import markdown_blocks
from scraper.browse.pages import Pages, View, int_arg, reporting
from scraper.browse.security import RAW_POLICY
from scraper.browse.templates import STYLES
from scraper.edits import compare_articles
from scraper.models import DOUBTFUL

__all__ = ["ArticlePages"]

# Names of codecs for browsers, where they do not know Python's.
_WEB_CHARSETS = {"big5hkscs": "big5", "utf_8_sig": "utf-8", "cp932": "shift_jis", "cp949": "euc-kr"}


class ArticlePages(Pages):
    """An article and all that the archive knows of it."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        article = r"/-/article/(?P<id>[0-9]{1,15})"
        return [
            (rf"{article}$", self.article),
            (rf"{article}/diff$", self.diff),
            (rf"{article}/raw/(?P<number>[0-9]{{1,9}})$", self.raw),
            (r"/-/scraper/[a-z]+-[0-9a-f]{12}\.css$", self.style),
        ]

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
            doubtful_below=DOUBTFUL,
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

    async def style(self, request: Any) -> Any:
        """Return a style sheet."""
        if request.path not in STYLES:
            return Response.text("another version's style sheet\n", status=404)
        return Response(
            STYLES[request.path],
            content_type="text/css; charset=utf-8",
            headers={"cache-control": "public, max-age=31536000, immutable"},
        )
