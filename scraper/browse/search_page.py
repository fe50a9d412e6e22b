"""The page of search."""

from __future__ import annotations

import logging
from typing import Any

from datasette.database import QueryInterrupted

from scraper.archive import Facets
from scraper.archive.search import ORDERS, search_connection
from scraper.archive.search_facets import facets_of
from scraper.browse import filters
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.search.query import LONGEST_QUERY

__all__ = ["SearchPages"]

_LOG = logging.getLogger(__name__)

# Results further down than these are not shown.
_FARTHEST = 10_000


class SearchPages(Pages):
    """What a query finds, with the hits marked."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/-/search$", self.search)]

    @reporting
    async def search(self, request: Any) -> Any:
        """Show the articles that a query finds, with the hits marked."""
        typed = (request.args.get("q") or "").strip()[:LONGEST_QUERY]
        outlet = request.args.get("outlet") or ""
        order = request.args.get("order") or ORDERS[0]
        order = order if order in ORDERS else ORDERS[0]
        offset = min(int_arg(request, "offset"), _FARTHEST)
        versions = request.args.get("versions") == "1"
        wanted: dict[str, Any] = {
            "limit": PER_PAGE, "offset": offset, "order": order, "outlet": outlet,
        }  # fmt: skip
        if versions:
            # Earlier texts are read from records, which need both files.
            page = await self._read(
                lambda archive: archive.search_page(typed, versions=True, **wanted)
            )
        else:
            page = await self._searched(
                lambda connection: search_connection(connection, typed, **wanted)
            )
        try:
            facets = await self._searched(lambda connection: facets_of(connection, typed))
        except QueryInterrupted:
            _LOG.warning("the counts of a search took too long and were left out")
            facets = Facets(counted=0, complete=False)
        return await self._render(
            request,
            "search",
            coverage=await self._coverage.get(self._read),
            q=typed,
            outlet=outlet,
            order=order,
            versions="1" if versions else "",
            orders=ORDERS,
            facets=facets,
            found=page.found,
            at_least=page.at_least,
            notes=page.notes,
            hits=[filters.hit_row(hit) for hit in page.hits],
            offset=offset,
            next_offset=offset + PER_PAGE if page.more else 0,
            previous_offset=max(0, offset - PER_PAGE) if offset else None,
        )
