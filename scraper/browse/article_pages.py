"""The pages of one article: its text, its versions compared, its raw page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from datasette.utils.asgi import Response

from scraper.archive import Archive, Version
from scraper.archive.sql_values import utc_text
from scraper.browse import filters
from scraper.browse.archive_database import bundle_maker
from scraper.browse.pages import View, WorkerPages, in_time, int_arg, reporting
from scraper.browse.security import RAW_POLICY
from scraper.browse.templates import ASSETS, show_error
from scraper.errors import ExtractError, NotFound, WorkersLost
from scraper.models import DOUBTFUL, Article
from scraper.text.controls import strip_page_controls
from scraper.text.markdown_blocks import Block, mark_terms, markdown_blocks
from scraper.urls import web_url

__all__ = ["ArticlePages"]

# An article with at least this many characters and headings gets a table of contents.
_LONG, _FEWEST_HEADINGS = 4000, 4
_BUNDLE_SECONDS = 30.0


class ArticlePages(WorkerPages):
    """Everything that the archive knows about one article."""

    # A bundle compares texts that strangers wrote: in a process that can be stopped.
    seconds = _BUNDLE_SECONDS

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        article = r"/-/article/(?P<id>[0-9]{1,15})"
        return [
            (rf"{article}$", self.article),
            (rf"{article}\.(?P<form>txt|md|json)$", self.file),
            (rf"{article}\.zip$", self.bundle),
            (r"/-/scraper/[a-z]+-[0-9a-f]{12}\.(?:css|js)$", self.asset),
        ]

    @reporting
    async def article(self, request: Any) -> Any:
        """Show an article with everything that the archive knows about it."""
        article_id = int(request.url_vars["id"])
        number = int_arg(request, "version") or None

        def read(archive: Archive) -> dict[str, Any]:
            return {
                "row": archive.find(article_id),
                "version": archive.version(article_id, number),
                "versions": in_time(archive.versions(article_id)),
                "fetches": archive.fetches(article_id),
                "reservations": archive.reservations(article_id),
            }

        found = await self._read(read)
        version: Version = found["version"]
        version_id = version.row.id
        blocks = markdown_blocks(version.article)
        names_in = await self._rows("article_names", version_id=version_id)
        quotes_in = await self._optional("article_quotes", version_id=version_id)
        marks = request.args.get("marks") or ""
        if marks == "names":
            printed = (part for n in names_in for part in n["matched"].split(" / "))
            blocks = mark_terms(blocks, printed)
        elif marks == "quotes":
            said = (part for q in quotes_in for part in q["words"].split("\n"))
            blocks = mark_terms(blocks, said)
        last_edits = await self._rows("last_edit", article_id=article_id)
        return await self._render(
            request,
            "article",
            **found,
            record=version.article,
            blocks=blocks,
            cuts=filters.by_rule(version.article.removed),
            doubtful_below=DOUBTFUL,
            story=next(iter(await self._rows("story_of", article_id=article_id)), None),
            neighbours={row["which"]: row for row in await self._neighbours(found["row"])},
            related=await self._optional("related_articles", article_id=article_id, limit=6),
            last_change=next(iter(await self._with_edits(last_edits)), None),
            before={v.number: b.number for b, v in pairwise(found["versions"])},
            lead_picture=_lead_picture(version.article, blocks),
            bundles=bundle_maker(self.datasette) is not None,
            contents=_contents(blocks, version.article.text),
            in_place=_in_place(version.article) if request.args.get("cuts") == "1" else (),
            citation=_citation(found["row"], version),
            sightings=await self._rows("sightings", article_id=article_id),
            topic=next(iter(await self._rows("article_topic", version_id=version_id)), None),
            names_in=names_in,
            quotes_in=quotes_in,
            marks=marks if marks in ("names", "quotes") else "",
            figures_in=await self._rows("article_figures", version_id=version_id),
        )

    async def _neighbours(self, row: Any) -> list[dict[str, Any]]:
        at = utc_text(row.published or row.first_seen_at)
        return await self._optional("neighbours", outlet=row.outlet, at=at, id=row.id)

    @reporting
    async def file(self, request: Any) -> Any:
        """Return a version of an article as text, Markdown or JSON."""
        article_id, form = int(request.url_vars["id"]), request.url_vars["form"]
        number = int_arg(request, "version") or None
        version = await self._read(lambda archive: archive.version(article_id, number))
        article: Article = version.article
        if form == "json":
            record = {
                "schema": "scraper/page/1", "id": article_id,
                "version": version.row.number, "url": article.url,
                "title": article.title, "authors": article.authors, "outlet": article.outlet,
                "source": article.source, "language": article.language, "script": article.script,
                "published": None if article.is_dated_by_change or not article.published
                else article.published.isoformat(),
                "modified": article.modified and article.modified.isoformat(),
                "first_observed": version.row.first_observed_at.isoformat(),
                "confidence": article.confidence, "text": article.text,
                "markdown": article.markdown,
            }  # fmt: skip
            return Response.json(record)
        body = (
            article.text
            if form == "txt"
            else f"# {article.title}\n\n{article.markdown or article.text}"
        )
        kind = "plain" if form == "txt" else "markdown"
        return Response(
            strip_page_controls(f"{body}\n"),
            content_type=f"text/{kind}; charset=utf-8",
            headers={"content-security-policy": RAW_POLICY, "x-content-type-options": "nosniff"},
        )

    @reporting
    async def bundle(self, request: Any) -> Any:
        """Return a version as a bundle that can be checked without the archive."""
        make = bundle_maker(self.datasette)
        if make is None:
            raise NotFound("bundles are made by `scraper browse` and `scraper cite`")
        article_id, number = int(request.url_vars["id"]), int_arg(request, "version")
        try:
            name, content = await self._pool.run(make, self._archive.folder, article_id, number)
        except (ExtractError, WorkersLost):
            message = f"The bundle took too long. Make it by `scraper cite {article_id}`."
            return await show_error(self.datasette, request, 503, message)
        disposition = f'attachment; filename="{name}"'
        return Response(
            content,
            content_type="application/zip",
            headers={
                "content-disposition": disposition,
                "content-security-policy": RAW_POLICY,
                "x-content-type-options": "nosniff",
            },
        )

    async def asset(self, request: Any) -> Any:
        """Return a style sheet or a script."""
        found = ASSETS.get(request.path)
        if found is None:
            return Response.text("another version's file\n", status=404)
        return Response(
            found.content,
            content_type=found.content_type,
            headers={"cache-control": "public, max-age=31536000, immutable"},
        )


def _contents(blocks: Sequence[Block], text: str) -> list[tuple[int, int, str]]:
    """Return place, level and words of each heading of a long article; nothing for a short one."""
    if len(text) < _LONG:
        return []
    found = [
        (n, block.level, "".join(span.text for span in block.lines[0]))
        for n, block in enumerate(blocks, 1)
        if block.kind == "heading" and block.lines
    ]
    return found if len(found) >= _FEWEST_HEADINGS else []


def _lead_picture(article: Article, blocks: Sequence[Block]) -> str:
    """Return the address of the lead image, or "" where the text has a place for it."""
    shown = {s.href for block in blocks for line in block.lines for s in line if s.picture}
    address = web_url(article.image)
    return "" if address in shown else address


def _in_place(article: Article) -> list[tuple[str, str]]:
    """Return the page's blocks in order: the rule that cut each ("" if kept) and its text."""
    both = [(b.position, "", b.text) for b in article.kept]
    both += [(b.position, b.rule, b.text) for b in article.removed]
    return [(rule, text) for _, rule, text in sorted(both) if text.strip()]


def _citation(row: Any, version: Version) -> str:
    """Return a line that cites a version."""
    article = version.article
    who = [*article.authors, row.outlet] if article.authors else [row.outlet]
    when = article.published.strftime("%Y-%m-%d") if article.published else "no date"
    if article.is_dated_by_change:
        when = f"last changed {when}"
    seen = version.row.first_observed_at.strftime("%Y-%m-%d %H:%M UTC")
    last = version.row.last_observed_at.strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{', '.join(who)}: “{article.title}”, {when}, {row.url}; version {version.row.number},"
        f" seen from {seen} to {last}; seal {version.row.chain}"
    )
