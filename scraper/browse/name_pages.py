"""The pages of names: companies, models, people and others, and what outlets say of them."""

from __future__ import annotations

from typing import Any

from scraper.archive import Archive
from scraper.browse.contradictions import disagreements
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.errors import NotFound
from scraper.topics.facts import Fact, compare, series_among

__all__ = ["NamePages"]

_KINDS = ("", "model", "company", "project", "person", "benchmark", "licence", "chip", "policy",
          "event")  # fmt: skip
_MOST_NAMES = 300
# Articles whose figures are compared across names.
_MOST_COMPARED = 2000


class NamePages(Pages):
    """The pages of names of one archive."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [
            (r"/-/names$", self.names),
            (r"/-/name/(?P<id>[0-9]{1,15})$", self.name),
            (r"/-/contradictions$", self.contradictions),
        ]

    @reporting
    async def contradictions(self, request: Any) -> Any:
        """Show who contradicts whom, across names, in the weeks before the newest article."""
        rows = await self._rows("recent_articles", days="-31 days", limit=_MOST_COMPARED)
        facts = await self._read(lambda archive: disagreements(archive, [r["id"] for r in rows]))
        return await self._render(
            request,
            "contradictions",
            facts=facts,
            articles=len(rows),
            coverage=await self._coverage.get(self._read),
        )

    @reporting
    async def names(self, request: Any) -> Any:
        """List names, most frequent first."""
        kind = request.args.get("kind") or ""
        kind = kind if kind in _KINDS else ""
        rows = await self._rows("names", kind=kind, limit=_MOST_NAMES)
        return await self._render(request, "names", rows=rows, kind=kind, kinds=_KINDS)

    @reporting
    async def name(self, request: Any) -> Any:
        """Show the figures that outlets give for a name, and the articles that mention it."""
        entity_id = int(request.url_vars["id"])
        found = await self._rows("name", id=entity_id)
        if not found:
            raise NotFound(f"the archive knows no name {entity_id}")

        def read(archive: Archive) -> tuple[Fact, ...]:
            models = archive.topics.entities("model")
            series = series_among((e.name for e in models), {e.family for e in models})
            return compare(archive.topics.claims([entity_id]), series)

        offset = int_arg(request, "offset")
        rows = await self._rows("name_articles", id=entity_id, limit=PER_PAGE + 1, offset=offset)
        facts = await self._read(read)
        return await self._render(
            request,
            "name",
            name=found[0],
            facts=facts,
            contradictions=[(fact, c) for fact in facts for c in fact.disagreements],
            corrections=[(fact, c) for fact in facts for c in fact.corrections],
            articles=rows[:PER_PAGE],
            next_offset=offset + PER_PAGE if len(rows) > PER_PAGE else 0,
            offset=offset,
        )
