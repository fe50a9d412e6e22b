"""The search page."""

from __future__ import annotations

import calendar
import logging
from typing import Any

from datasette.database import QueryInterrupted

from scraper.archive import Facets, SearchHit
from scraper.archive.search import ORDERS, search_connection
from scraper.archive.search_facets import facets_of
from scraper.browse import filters
from scraper.browse.feeds import Feed, FeedEntry, feed_response
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.search.query import LONGEST_QUERY

__all__ = ["SearchPages"]

_LOG = logging.getLogger(__name__)

# No results beyond these are shown.
_FARTHEST = 10_000
# Values of each kind that are offered to narrow a search.
_MOST_VALUES = 10


class SearchPages(Pages):
    """What a query finds, with the hits marked."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/-/search$", self.search), (r"/-/search\.(?:atom|json)$", self.feed)]

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
            # Earlier texts are read from records, which need both database files.
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
            _LOG.warning("the counts for narrowing a search took too long and were left out")
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
            narrowing=_narrowing(typed, facets, outlet),
            found=page.found,
            at_least=page.at_least,
            notes=page.notes,
            hits=[filters.hit_row(hit) for hit in page.hits],
            offset=offset,
            next_offset=offset + PER_PAGE if page.more else 0,
            previous_offset=max(0, offset - PER_PAGE) if offset else None,
        )

    @reporting
    async def feed(self, request: Any) -> Any:
        """Return a feed of the newest articles that a query finds."""
        typed = (request.args.get("q") or "").strip()[:LONGEST_QUERY]
        outlet = request.args.get("outlet") or ""
        page = await self._searched(
            lambda connection: search_connection(
                connection, typed, limit=PER_PAGE, offset=0, order="date", outlet=outlet
            )
        )
        return feed_response(
            request,
            Feed(
                title=f"Search: {typed}",
                path=filters.with_query("/-/search", q=typed, outlet=outlet, order="date"),
                entries=[
                    FeedEntry(
                        id=f"article-{hit.id}",
                        title=hit.title or "(no title)",
                        path=f"/-/article/{hit.id}",
                        at=_time_of(hit),
                        summary=hit.snippet,
                        author=hit.outlet,
                        language=hit.language,
                    )
                    for hit in page.hits
                ],
            ),
        )


def _time_of(hit: SearchHit) -> str:
    row = filters.hit_row(hit)
    return str(row["published_at"] or row["first_seen_at"] or "")


def _narrowing(
    typed: str, facets: Facets, outlet: str
) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """Return the ways to narrow a search: each kind, and its values with their counts and queries.

    Left out, because they narrow nothing: a value that all articles have, and a kind of one value.
    """
    kinds = [
        ("Language", [(n, c, f"{typed} lang:{n}") for n, c in facets.languages if n]),
        ("Name", [(n, c, f'{typed} entity:"{n}"') for n, c in facets.entities if '"' not in n]),
        (
            "Month",
            [(n, c, f"{typed} since:{n}-01 until:{_last_day(n)}") for n, c in facets.months],
        ),
    ]
    if not outlet:
        named = [(n, c, f'{typed} outlet:"{n}"') for n, c in facets.outlets if '"' not in n]
        kinds.insert(0, ("Outlet", named))
    found = []
    for label, values in kinds:
        narrowing = [value for value in values if value[1] < facets.counted]
        if typed and narrowing:
            found.append((label, narrowing[:_MOST_VALUES]))
    return found


def _last_day(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{month}-{calendar.monthrange(year, number)[1]:02}"
