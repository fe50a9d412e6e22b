"""The search page."""

from __future__ import annotations

import logging
from typing import Any, Final

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
            facets = await self._searched(
                lambda connection: facets_of(connection, typed, outlet=outlet)
            )
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
            bars=_bars(typed, facets),
            unit="month" if _is_months(facets) else "year",
            bar_height=_BAR_HEIGHT,
            bar_step=_BAR_STEP,
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


# Of the chart of months, in pixels; a longer time than so many months is one of years.
_BAR_HEIGHT: Final = 36
_BAR_STEP: Final = 14
_MOST_BARS: Final = 60
_STATE_NAMES: Final = {
    "topic:yes": "on topic", "changed:yes": "changed", "gone:yes": "taken down",
}  # fmt: skip


# How a search is narrowed by a value: the value, how many have it, query and outlet.
_Narrowed = tuple[str, int, str, str]


def _narrowing(typed: str, facets: Facets, outlet: str) -> list[tuple[str, list[_Narrowed]]]:
    """Return the ways to narrow a search: each kind, and its values.

    Left out, because they narrow nothing: a value that all articles have, and a kind of one value.
    """
    conditions = {
        "Language": [(n, c, f"lang:{n}") for n, c in facets.languages if n],
        "State": [(_STATE_NAMES[n], c, n) for n, c in facets.states if c and n not in typed],
        "Name": [(n, c, f'entity:"{n}"') for n, c in facets.entities if '"' not in n],
        "Month": [(n, c, _within(n)) for n, c in facets.months],
    }
    kinds = [
        (label, [(n, c, f"{typed} {condition}", outlet) for n, c, condition in values])
        for label, values in conditions.items()
    ]
    if not outlet:
        # By the whole name: `outlet:` finds each whose name has the word.
        kinds.insert(0, ("Outlet", [(n, c, typed, n) for n, c in facets.outlets]))
    found = []
    for label, values in kinds:
        narrowing = [value for value in values if value[1] < facets.counted]
        if typed and narrowing:
            found.append((label, narrowing[:_MOST_VALUES]))
    return found


def _bars(typed: str, facets: Facets) -> list[tuple[str, int, int, str]]:
    """Return the months in their order: each with its count, the height of its bar, its query.

    Of a long time the years. Those without articles between others have a bar of no height; one
    alone is no chart.
    """
    months = _is_months(facets)
    counts: dict[int, int] = {}
    for name, count in facets.months:
        place = _place(name) if months else int(name[:4])
        counts[place] = counts.get(place, 0) + count
    if len(counts) < 2 or max(counts) - min(counts) >= _MOST_BARS:
        return []
    most = max(counts.values())
    bars: list[tuple[str, int, int, str]] = []
    for place in range(min(counts), max(counts) + 1):
        count = counts.get(place, 0)
        name = f"{place // 12:04}-{place % 12 + 1:02}" if months else f"{place:04}"
        height = max(2, round(_BAR_HEIGHT * count / most)) if count else 0
        bars.append((name, count, height, f"{typed} {_within(name)}"))
    return bars


def _is_months(facets: Facets) -> bool:
    """Return whether the chart is one of months: of years where there would be too many."""
    places = [_place(name) for name, _ in facets.months]
    return not places or max(places) - min(places) < _MOST_BARS


def _place(month: str) -> int:
    year, number = (int(part) for part in month.split("-"))
    return 12 * year + number - 1


def _within(period: str) -> str:
    """Return the condition for a month or a year."""
    return f"since:{period} until:{period}"
