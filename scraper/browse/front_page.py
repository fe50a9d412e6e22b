"""The front page: stories and articles by day, what changed since the last visit, warnings."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from itertools import groupby
from typing import Any

from scraper.browse.archive_database import ArchiveDatabase
from scraper.browse.comparisons import Comparisons
from scraper.browse.coverage_summary import CoverageCache
from scraper.browse.filters import day_of, with_query
from scraper.browse.last_visit import COOKIE, KEPT, read_visit
from scraper.browse.pages import Pages, View, reporting
from scraper.browse.queries import filtered
from scraper.record import record
from scraper.topics.facts import Fact

__all__ = ["FrontPage"]

_LOG = logging.getLogger(__name__)

_SHOWN = 60
_FEW_CHANGES = 8
_MOST_HEADLINES = 6
_COMPARED = 400
# Seconds for which the contradictions of the week are shown again.
_KEPT_SECONDS = 300.0
# Seconds for which the page waits for them, and after which they are compared again if in vain.
_PATIENCE, _AGAIN = 1.0, 15.0
_CURSOR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\.([0-9]{1,15})")


@record
class Entry:
    """An article on the front page, or a story with its articles.

    Attributes:
        article: the article; for a story, its latest.
        story: number of the story, or None.
        others: other articles of the story, the latest first.
        count: how many articles the story has.
        outlets: names of the story's outlets with the language of each, the latest first.
    """

    article: Mapping[str, Any]
    story: int | None = None
    others: Sequence[Mapping[str, Any]] = ()
    count: int = 1
    outlets: Sequence[Mapping[str, Any]] = field(default=())


class FrontPage(Pages):
    """New articles by story and day, changes, and the state of the sources."""

    def __init__(
        self,
        datasette: Any,
        archive: ArchiveDatabase,
        coverage: CoverageCache | None = None,
        comparisons: Comparisons | None = None,
    ) -> None:
        super().__init__(datasette, archive, coverage, comparisons)
        # When the articles of the week were compared, which they were, and what was found.
        self._compared: tuple[float, tuple[int, ...], tuple[Fact, ...] | None] = (0.0, (), ())

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/$", self.front)]

    @reporting
    async def front(self, request: Any) -> Any:
        """Show the newest articles by story and day."""
        chosen = _filters(request)
        cursor = _CURSOR.fullmatch(request.args.get("before") or "")
        at, number = (cursor[1], int(cursor[2])) if cursor else ("", 0)
        last = await self._last_fetch()
        rows = await self._run(
            filtered("front_articles", chosen),
            {"at": at, "id": number, "last": last, "limit": _SHOWN + 1, **chosen},
        )
        shown = rows[:_SHOWN]
        # No story of the page before is repeated.
        entries = _entries(shown, await self._stories(shown), before="" if chosen else at)
        newest = (await self._rows("last_change"))[0]["id"]
        visit = read_visit(request.cookies.get(COOKIE, ""), newest=newest, now=int(time.time()))
        coverage = await self._coverage.get(self._read)
        older = f"{rows[_SHOWN - 1]['at']}.{rows[_SHOWN - 1]['id']}" if len(rows) > _SHOWN else ""
        page = await self._render(
            request,
            "front",
            figures=next(iter(await self._optional("figures")), None),
            days=_by_day(entries),
            chips=_chips(chosen, await self._optional("filter_values")),
            filtered=bool(chosen),
            feed_query=_feed_query(chosen),
            first_page=not cursor,
            older=with_query("/", **chosen, before=older) if older else "",
            newest_page=with_query("/", **chosen),
            newer=await self._newer(chosen, at, number, last) if cursor else "",
            new_changes=await self._new_changes(visit.seen),
            last_visit=visit.at if visit.seen is not None else 0,
            changes=await self._with_edits(
                await self._run(filtered("changes", ["edits"]), {"limit": _FEW_CHANGES})
            ),
            contradictions=() if cursor else await self._disagreements(last),
            last_fetch=last,
            in_trouble=[s for s in await self._sources(coverage) if _in_trouble(s)],
            coverage=coverage,
        )
        page.set_cookie(COOKIE, visit.cookie, max_age=KEPT, httponly=True, samesite="lax")
        return page

    async def _newer(self, chosen: Mapping[str, str], at: str, number: int, last: str) -> str:
        """Return the page before one that begins at a place, "" where that is the newest one."""
        rows = await self._run(
            filtered("front_newer", chosen),
            {"at": at, "id": number, "last": last, "many": _SHOWN, **chosen},
        )
        return with_query("/", **chosen, before=f"{rows[0]['at']}.{rows[0]['id']}") if rows else ""

    async def _stories(self, articles: Sequence[Mapping[str, Any]]) -> dict[int, list[Any]]:
        numbers = sorted({a["story_id"] for a in articles if a["story_id"] is not None})
        rows = await self._rows("story_articles", stories=json.dumps(numbers)) if numbers else []
        return {n: list(found) for n, found in groupby(rows, lambda row: row["story_id"])}

    async def _new_changes(self, seen: int | None) -> list[dict[str, Any]]:
        if seen is None:
            return []
        rows = await self._optional("changes_after", after=seen, limit=_FEW_CHANGES + 1)
        return await self._with_edits(rows)

    async def _disagreements(self, last: str) -> Sequence[Fact] | None:
        """Return the contradictions of the week, kept for some minutes; None: not compared yet."""
        rows = await self._optional("recent_articles", last=last, days="-7 days", limit=_COMPARED)
        ids, now = tuple(row["id"] for row in rows), time.monotonic()
        if self._compared[1] != ids or now - self._compared[0] > _KEPT_SECONDS:
            found: tuple[Fact, ...] | None = None
            with suppress(TimeoutError):
                comparing = self._comparisons.disagreements(self._archive.folder, ids)
                found = await asyncio.wait_for(comparing, _PATIENCE)
            if found is None:
                _LOG.warning("the contradictions of the week took too long and were left out")
                now += _AGAIN - _KEPT_SECONDS
            self._compared = now, ids, found
        return self._compared[2]


def _by_day(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return the entries by the day of each, the latest first."""

    def day(entry: Entry) -> str:
        return day_of(entry.article["at"], entry.article["published_offset"])

    ordered = sorted(entries, key=day, reverse=True)
    return [(date, list(found)) for date, found in groupby(ordered, day)]


def _in_trouble(source: Mapping[str, Any]) -> bool:
    return bool(source["enabled"] and (source["failures"] or source["gaps"]))


def _filters(request: Any) -> dict[str, str]:
    """Return the filters of a request: language, outlet, and the switches."""
    chosen = {name: (request.args.get(name) or "")[:200] for name in ("lang", "outlet")}
    chosen |= {name: "1" for name in ("topic", "changed", "gone") if request.args.get(name) == "1"}
    return {name: value for name, value in chosen.items() if value}


def _feed_query(chosen: Mapping[str, str]) -> str:
    """Return the query string of the search whose feed has what the filters show, or ""."""
    conditions = [
        f"{name}:{'yes' if value == '1' else value}"
        for name, value in chosen.items()
        if name != "outlet" and not (set(value) & set('" '))
    ]
    outlet = chosen.get("outlet", "")
    if outlet and '"' not in outlet:
        conditions.append(f'outlet:"{outlet}"')
    return with_query("", q=" ".join(conditions)) if conditions else ""


def _chips(
    chosen: Mapping[str, str], outlets: Sequence[Mapping[str, Any]]
) -> list[dict[str, object]]:
    """Return the filters on offer, each with its address and whether it is on."""
    offers = [
        ("lang", "en", "English"), ("lang", "zh", "中文"), ("topic", "1", "on topic"),
        ("changed", "1", "changed"), ("gone", "1", "gone"),
        *(("outlet", row["name"], row["name"]) for row in outlets if len(outlets) > 1),
    ]  # fmt: skip
    if "outlet" in chosen and all(o[:2] != ("outlet", chosen["outlet"]) for o in offers):
        offers.append(("outlet", chosen["outlet"], chosen["outlet"]))
    chips = []
    for name, value, label in offers:
        on = chosen.get(name) == value
        others = {k: v for k, v in chosen.items() if k != name}
        address = with_query("/", **others) if on else with_query("/", **others, **{name: value})
        chips.append({"label": label, "href": address, "on": on})
    return chips


def _entries(
    articles: Sequence[Mapping[str, Any]],
    stories: Mapping[int, Sequence[Mapping[str, Any]]],
    *,
    before: str,
) -> list[Entry]:
    """Return articles, those of one story together in the place of the latest of them.

    Args:
        articles: the page's, the latest first.
        stories: the articles of their stories, the latest first.
        before: the time at which the page begins, "" for any: a story with a later article stands
            on an earlier page.
    """
    entries: list[Entry] = []
    told: set[int] = set()
    for article in articles:
        number = article["story_id"]
        if number is None:
            entries.append(Entry(article=article))
            continue
        members = stories.get(number, ())
        if number in told or (before and members and members[0]["at"] >= before):
            continue
        told.add(number)
        others = [m for m in members if m["id"] != article["id"]]
        outlets = {m["outlet"]: m for m in (article, *others)}
        entries.append(
            Entry(
                article=article, story=number, others=others[:_MOST_HEADLINES],
                count=len(others) + 1, outlets=tuple(outlets.values()),
            )
        )  # fmt: skip
    return entries
