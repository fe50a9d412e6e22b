"""The pages of the ledger: edits, takedowns and everything else that happened to articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from scraper.archive.schedule import TAKEN_DOWN, TAKEN_DOWN_STATUSES
from scraper.browse.feeds import Feed, FeedEntry, feed_response
from scraper.browse.filters import names, with_query
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.browse.queries import filtered

__all__ = ["ChangePages"]

_KINDS = (
    "", "edits", "new", "edited", "retitled", "rebylined", "reverted", "moved", "gone", "returned",
)  # fmt: skip
_CLASSES = (
    "headline", "byline", "number", "magnitude", "name", "quote", "negation", "certainty",
    "correction", "addition", "removal", "script", "typo", "reorder", "wording",
)  # fmt: skip
# How a takedown showed.
_TAKEDOWNS = (*TAKEN_DOWN.values(), *TAKEN_DOWN_STATUSES.values())
_SEVERITIES = (1, 2, 3)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"[a-z][a-z ]{1,30}")
# Characters of an edit in a feed's summary.
_SUMMARY = 400


class ChangePages(Pages):
    """What happened to articles, newest first."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/-/changes$", self.changes), (r"/-/changes\.(?:atom|json)$", self.feed)]

    @reporting
    async def changes(self, request: Any) -> Any:
        """Show changes of articles, newest first."""
        chosen = _filters(request)
        rows = await self._changes(chosen, before=int_arg(request, "before"), limit=PER_PAGE + 1)
        shown = rows[:PER_PAGE]
        query = {name: value for name, value in chosen.items() if name != "kind"}
        kind = chosen.get("kind", "")
        return await self._render(
            request,
            "changes",
            coverage=await self._coverage.get(self._read),
            changes=shown,
            chosen=chosen,
            kind=kind,
            kinds=[(k, with_query("/-/changes", **query, kind=k)) for k in _KINDS],
            classes=_CLASSES,
            takedowns=_TAKEDOWNS,
            other_class=chosen.get("class", "") not in ("", *_CLASSES, *_TAKEDOWNS),
            severities=_SEVERITIES,
            # Without a kind, the feed has no new articles.
            feed_query=with_query("", **{**chosen, "kind": chosen.get("kind", "all")}),
            older=with_query("/-/changes", **chosen, before=shown[-1]["cursor"])
            if len(rows) > PER_PAGE
            else "",
        )

    @reporting
    async def feed(self, request: Any) -> Any:
        """Return the same changes as a feed."""
        chosen = _filters(request)
        shown = {} if request.args.get("kind") == "all" else {"kind": "edits"}
        rows = await self._changes({**shown, **chosen}, before=0, limit=PER_PAGE)
        title = ", ".join(["Changes", *(f"{k} {v}" for k, v in chosen.items())])
        return feed_response(
            request,
            Feed(
                title=title,
                path=with_query("/-/changes", **chosen),
                entries=[_entry(row) for row in rows],
            ),
        )

    async def _changes(
        self, chosen: Mapping[str, str], *, before: int, limit: int
    ) -> list[dict[str, Any]]:
        conditions = [name for name in chosen if name != "kind"]
        if kind := chosen.get("kind"):
            conditions.append("edits" if kind == "edits" else "kind")
        elif "class" in chosen or "severity" in chosen:
            # New articles have neither; they are most of the ledger.
            conditions.append("edits")
        if before:
            conditions.append("before")
        values: dict[str, object] = {**chosen, "before": before, "limit": limit}
        if "severity" in chosen:
            values["severity"] = int(chosen["severity"])
        return await self._with_edits(await self._run(filtered("changes", conditions), values))


def _filters(request: Any) -> dict[str, str]:
    """Return the filters of a request; unknown values are ignored."""
    wanted: dict[str, tuple[str, Callable[[str], object]]] = {
        "kind": (request.args.get("kind") or "", lambda v: v in _KINDS),
        "class": (request.args.get("class") or "", _NAME.fullmatch),
        "severity": (request.args.get("severity") or "", lambda v: v in {"1", "2", "3"}),
        "by": ((request.args.get("by") or request.args.get("outlet") or "")[:200], bool),
        "since": (request.args.get("since") or "", _DAY.fullmatch),
        "until": (request.args.get("until") or "", _DAY.fullmatch),
    }
    return {name: value for name, (value, fits) in wanted.items() if value and fits(value)}


def _entry(row: Mapping[str, Any]) -> FeedEntry:
    classes = names(row["classes"])
    path = f"/-/article/{row['article_id']}"
    if row["before"]:
        path = f"{path}/diff?a={row['before']}&b={row['after']}"
    told = [f"{row['kind']}: {', '.join(classes)}" if classes else str(row["kind"])]
    told += [f"- {line}" for line in row["removed"].split("\n")[:2] if line]
    told += [f"+ {line}" for line in row["added"].split("\n")[:2] if line]
    return FeedEntry(
        id=f"change-{row['cursor']}",
        title=f"{row['kind']}: {row['title'] or '(no title)'}",
        path=path,
        at=row["at"],
        summary="\n".join(told)[:_SUMMARY],
        author=row["outlet"] or "",
        language=row["language"] or "",
        tags=(row["kind"], *classes),
    )
