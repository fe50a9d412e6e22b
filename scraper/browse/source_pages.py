"""The pages of sources and of outlets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scraper.browse import filters
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.coverage.advice import ADVICE
from scraper.errors import NotFound

__all__ = ["SourcePages"]


# Sources on one page, those in trouble first.
_SHOWN = 30
# Classes with which a page's fetch can end, but for those that give a text or are no failure.
_PAGE_CLASSES = sorted(ADVICE)


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
        offset = int_arg(request, "offset")
        sources = [{**row, **counts.get(row["id"], none)} for row in rows[offset : offset + _SHOWN]]
        return await self._render(
            request,
            "sources",
            sources=sources,
            coverage=coverage,
            failing=_by_class(rows),
            held=(await self._rows("held_pages"))[0]["held"],
            errors=await self._optional(
                "page_errors", last=await self._last_fetch(), classes=json.dumps(_PAGE_CLASSES)
            ),
            advice=ADVICE,
            next_offset=offset + _SHOWN if len(rows) > offset + _SHOWN else 0,
            previous_offset=max(0, offset - _SHOWN) if offset else None,
        )

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
            previous_offset=max(0, offset - PER_PAGE) if offset else None,
            offset=offset,
        )


def _by_class(
    sources: Sequence[Mapping[str, Any]],
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return the sources whose last visit failed by error class, the most frequent first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for source in sources:
        if source["enabled"] and source["last_class"]:
            found.setdefault(source["last_class"], []).append(source)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
