"""The pages of sources and of outlets."""

from __future__ import annotations

from typing import Any

from scraper.browse import filters
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.errors import NotFound

__all__ = ["SourcePages"]


class SourcePages(Pages):
    """The state of every source, and what an outlet published."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [
            (r"/-/sources$", self.sources),
            (r"/-/outlet/(?P<name>[^/]+)$", self.outlet),
        ]

    @reporting
    async def sources(self, request: Any) -> Any:
        """Show the state of every source."""
        counts = {row["source_id"]: row for row in await self._rows("source_counts")}
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
            "outlet_articles", outlet_id=found[0]["id"], limit=PER_PAGE + 1, offset=offset
        )
        return await self._render(
            request,
            "outlet",
            outlet=found[0],
            articles=rows[:PER_PAGE],
            next_offset=offset + PER_PAGE if len(rows) > PER_PAGE else 0,
            offset=offset,
        )
