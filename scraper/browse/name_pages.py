"""The pages of names: companies, models, people and others, and what outlets say of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from scraper.archive.comparisons import MOST_FIGURES
from scraper.browse.charts import lines_by_week
from scraper.browse.feeds import Feed, article_entry, feed_response
from scraper.browse.filters import in_path, language_name
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.browse.queries import QUERIES
from scraper.browse.security import PICTURE_POLICY, inert_cell
from scraper.browse.shown_facts import shown_fact
from scraper.errors import NotFound

__all__ = ["NamePages"]

_KINDS = ("", "model", "company", "project", "person", "benchmark", "licence", "chip", "policy",
          "event")  # fmt: skip
_MOST_NAMES = 300
# Newest articles whose names are counted.
_NEWEST = 5000
# Newest articles whose figures are compared across names.
_MOST_COMPARED = 2000
# Facts of all names, and pairs of articles that contradict one another, that a page shows.
_MOST_FACTS, _MOST_PAIRS = 60, 20
# Latest weeks that a chart shows.
_MOST_WEEKS = 104
# Of the articles that have a name, those that came in last: listed, and read for other names.
_LISTED, _LATEST = 2000, 300


class NamePages(Pages):
    """The pages of names of one archive."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [
            (r"/-/names$", self.names),
            (r"/-/names/weeks\.(?P<form>svg|csv)$", self.weeks_file),
            (r"/-/name/(?P<id>[0-9]{1,15})$", self.name),
            (r"/-/name/(?P<id>[0-9]{1,15})/coverage\.(?P<form>svg|csv)$", self.coverage_file),
            (r"/-/name/(?P<id>[0-9]{1,15})\.(?:atom|json)$", self.feed),
            (r"/-/contradictions$", self.contradictions),
        ]

    @reporting
    async def contradictions(self, request: Any) -> Any:
        """Show who contradicts whom, across names, in the weeks before the newest article."""
        rows = await self._rows(
            "recent_articles", last=await self._last_fetch(), days="-31 days", limit=_MOST_COMPARED
        )
        ids = [row["id"] for row in rows]
        facts = await self._comparisons.disagreements(self._archive.folder, ids)
        return await self._render(
            request,
            "contradictions",
            facts=[shown_fact(fact) for fact in (facts or ())[:_MOST_FACTS]],
            more_facts=max(0, len(facts or ()) - _MOST_FACTS),
            not_compared=facts is None,
            articles=len(rows),
            newest=_MOST_COMPARED,
            coverage=await self._coverage.get(self._read),
        )

    @reporting
    async def names(self, request: Any) -> Any:
        """List names, most frequent first."""
        kind = request.args.get("kind") or ""
        kind = kind if kind in _KINDS else ""
        rows = await self._rows("names", kind=kind, newest=_NEWEST, limit=_MOST_NAMES)
        proposed = [] if kind else await self._optional("names_proposed")
        weeks = await self._optional("names_weeks", kind=kind, newest=_NEWEST)
        return await self._render(
            request,
            "names",
            rows=rows,
            kind=kind,
            kinds=_KINDS,
            proposed=proposed,
            newest=_NEWEST,
            articles=(await self._rows("article_count"))[0]["number"],
            weeks=weeks,
            clipped=_is_clipped(weeks),
            most_weeks=_MOST_WEEKS,
            query=self._query_behind("names_weeks", kind=kind, newest=_NEWEST),
        )

    def _query_behind(self, name: str, /, **values: object) -> tuple[str, str]:
        """Return the query behind a chart, and where it runs if readers may send queries."""
        sql = QUERIES[name].strip()
        if not self.datasette.setting("default_allow_sql"):
            return sql, ""
        return sql, f"/{in_path(self._archive.database)}?{urlencode({'sql': sql, **values})}"

    @reporting
    async def weeks_file(self, request: Any) -> Any:
        """Return how many articles have the most frequent names of a kind, by week."""
        kind = request.args.get("kind") or ""
        kind = kind if kind in _KINDS else ""
        rows = await self._rows("names_weeks", kind=kind, newest=_NEWEST)
        return _counts_file(request.url_vars["form"], rows, "name")

    @reporting
    async def coverage_file(self, request: Any) -> Any:
        """Return the number of articles with a name, by week and language, as a chart or as CSV."""
        rows = await self._rows("name_weeks", id=int(request.url_vars["id"]), newest=_NEWEST)
        return _counts_file(request.url_vars["form"], rows, "language")

    @reporting
    async def name(self, request: Any) -> Any:
        """Show the figures that outlets give for a name, and the articles that mention it."""
        entity_id = int(request.url_vars["id"])
        found = await self._rows("name", id=entity_id)
        if not found:
            raise NotFound(f"the archive knows no name {entity_id}")

        offset = int_arg(request, "offset")
        # Side by side: of a large archive each of them waits for the disk.
        rows, weeks, beside, first, compared = await asyncio.gather(
            self._rows(
                "name_articles", id=entity_id, newest=_LISTED, limit=PER_PAGE + 1, offset=offset
            ),
            self._optional("name_weeks", id=entity_id, newest=_NEWEST),
            self._optional("name_beside", id=entity_id, latest=_LATEST),
            self._first(entity_id),
            self._comparisons.name(self._archive.folder, entity_id),
        )
        facts, complete = compared or ((), True)
        contradictions = [(fact, c) for fact in facts for c in fact.disagreements]
        corrections = [(fact, c) for fact in facts for c in fact.corrections]
        return await self._render(
            request,
            "name",
            name=found[0],
            quoted=quote(found[0]["name"]),
            weeks=weeks,
            clipped=_is_clipped(weeks),
            most_weeks=_MOST_WEEKS,
            query=self._query_behind("name_weeks", id=entity_id, newest=_NEWEST),
            beside=beside,
            named=sum(row["articles"] for row in weeks),
            newest=_NEWEST,
            listed=_LISTED,
            latest=_LATEST,
            first=first,
            facts=[shown_fact(fact) for fact in facts],
            not_compared=compared is None,
            complete=complete,
            most_figures=MOST_FIGURES,
            most_pairs=_MOST_PAIRS,
            contradictions=contradictions,
            corrections=corrections,
            articles=rows[:PER_PAGE],
            next_offset=offset + PER_PAGE if len(rows) > PER_PAGE else 0,
            previous_offset=max(0, offset - PER_PAGE) if offset else None,
            offset=offset,
        )

    async def _first(self, entity_id: int) -> dict[str, Any] | None:
        """Return the first article that is known to have had a name, None where none is told."""
        rows = await self._optional("name_first_early", id=entity_id)
        return next(iter(rows or await self._optional("name_first", id=entity_id)), None)

    @reporting
    async def feed(self, request: Any) -> Any:
        """Return the newest articles that have a name as a feed."""
        entity_id = int(request.url_vars["id"])
        found = await self._rows("name", id=entity_id)
        if not found:
            raise NotFound(f"the archive knows no name {entity_id}")
        rows = await self._rows(
            "name_articles", id=entity_id, newest=_LISTED, limit=PER_PAGE, offset=0
        )
        feed = Feed(
            title=found[0]["name"],
            path=f"/-/name/{entity_id}",
            entries=[article_entry(row) for row in rows],
        )
        return feed_response(request, feed)


def _counts_file(form: str, rows: Sequence[Mapping[str, Any]], column: str) -> Any:
    """Return numbers of articles by week and another column as a chart or as CSV."""
    if form == "csv":
        # A cell with a comma or a quote stands in quotes (RFC 4180).
        lines = [f"week,{column},articles"]
        for row in rows:
            cell = inert_cell(row[column])
            if any(mark in cell for mark in ',"\r\n'):
                cell = '"' + cell.replace('"', '""') + '"'
            lines.append(f"{row['week']},{cell},{row['articles']}")
        return Response("\r\n".join(lines) + "\r\n", content_type="text/csv; charset=utf-8")
    weeks, series = _by_week(rows, column)
    return Response(
        lines_by_week(weeks, series),
        content_type="image/svg+xml",
        headers={"content-security-policy": PICTURE_POLICY},
    )


def _is_clipped(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a chart of some counts leaves weeks out."""
    return bool(_weeks(rows)) and rows[0]["week"] < _weeks(rows)[0].isoformat()


def _weeks(rows: Sequence[Mapping[str, Any]]) -> list[date]:
    """Return the first and the last week of a chart; none where no row has a week that is over.

    A page that dates itself in years to come does not push all others out of the chart.
    """
    today = datetime.now(UTC).date().isoformat()
    found = [row["week"] for row in rows if row["week"] and row["week"] <= today]
    if not found:
        return []
    first, last = date.fromisoformat(found[0]), date.fromisoformat(found[-1])
    return [max(first, last - timedelta(weeks=_MOST_WEEKS - 1)), last]


def _by_week(
    rows: Sequence[Mapping[str, Any]], column: str
) -> tuple[list[str], dict[str, list[int]]]:
    """Return the weeks from the first to the last, and the counts of each value in them."""
    counts = {(row["week"], row[column]): row["articles"] for row in rows}
    if not _weeks(rows):
        return [], {}
    first, last = _weeks(rows)
    weeks = [(first + timedelta(weeks=n)).isoformat() for n in range((last - first).days // 7 + 1)]
    values = sorted({row[column] for row in rows})
    names = {each: language_name(each) if column == "language" else each for each in values}
    return weeks, {names[each]: [counts.get((week, each), 0) for week in weeks] for each in values}
