"""The front page."""

from __future__ import annotations

from typing import Any

from scraper.browse.pages import Pages, View, reporting

__all__ = ["FrontPage"]

_FEW_SOURCES = 8


class FrontPage(Pages):
    """New articles, changes, and the state of the sources."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/$", self.front)]

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
