"""What is due, and what a visit or a refetch has to know of the last one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from scraper.archive.page_urls import PageUrls
from scraper.archive.records import PageState, SourceState
from scraper.archive.sql_values import utc_text, from_utc_text
from scraper.errors import FetchError, UsageError
from scraper.models import Link, Source
from scraper.urls import canonical

__all__ = ["DueQueries"]

# After so many 304 in a row the page is asked for without conditions: some servers never change
# their mind.
_PROBE_EVERY = 5
# A source is visited far more often than a page.
_PROBE_SOURCE_EVERY = 20
# After so many visits in a row that told of the same new address, it is the source's.
_MOVED_AFTER = 3


class DueQueries:
    """Reads `sources` and `pages` for who goes and asks the web.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def sources(self, at: datetime, names: Sequence[str] = ()) -> list[SourceState]:
        """Return the sources that are due, most overdue first; those named are due regardless."""
        rows = self._connection.execute(
            "select s.*, o.name as outlet, o.language, o.zone from sources s"
            " join outlets o on o.id = s.outlet_id where"
            + (
                " s.name in (select value from json_each(:names))"
                if names
                else " s.enabled and s.next_due_at <= :at"
            )
            + " order by s.next_due_at, s.id",
            {"names": json.dumps(list(names)), "at": utc_text(at)},
        ).fetchall()
        unknown = sorted(set(names) - {row["name"] for row in rows})
        if unknown:
            raise UsageError(f"no source is named {', '.join(unknown)}")
        return [
            SourceState(
                source=Source(
                    name=row["name"],
                    kind=row["kind"],
                    url=row["url"],
                    outlet=row["outlet"],
                    language=row["language"],
                    zone=row["zone"],
                    interval=row["interval"],
                    enabled=bool(row["enabled"]),
                ),
                etag=row["etag"] if _is_conditional(row) else "",
                last_modified=row["last_modified"] if _is_conditional(row) else "",
                failures=row["failures"],
                next_due_at=from_utc_text(row["next_due_at"]),
                last_ok_at=from_utc_text(row["last_ok_at"]),
                moved_to=row["moved_to"] if row["moved_times"] >= _MOVED_AFTER else "",
                served_by=row["served_by"],
            )
            for row in rows
        ]

    def pages(self, at: datetime, limit: int) -> list[Link]:
        """Return pages that are to be looked at (again), most overdue first."""
        rows = self._connection.execute(
            "select p.url, coalesce(s.name, '') as source from pages p"
            " left join sources s on s.id = p.source_id where p.next_check_at <= ?"
            " order by p.next_check_at, p.id limit ?",
            [utc_text(at), limit],
        )
        return [Link(url=row["url"], source=row["source"]) for row in rows]

    def page_state(self, url: str) -> PageState:
        """Return what a refetch of an address has to know; a state of ``new`` if nothing."""
        page_id = PageUrls(self._connection).find(url)
        if page_id is None:
            return PageState(url=url)
        row = self._connection.execute(
            "select p.*, a.id as article_id, v.number, v.id as version_id, e.extractor"
            " from pages p left join articles a on a.id = p.id"
            " left join versions v on v.id = a.version_id"
            " left join extractions e on e.id = v.extraction_id"
            " where p.id = ?",
            [page_id],
        ).fetchone()
        # A page that is away must be seen whole to count as returned.
        conditional = row["state"] == "live" and (
            row["unchanged_streak"] % _PROBE_EVERY != _PROBE_EVERY - 1
        )
        return PageState(
            url=row["url"],
            state=row["state"],
            etag=row["etag"] if conditional else "",
            last_modified=row["last_modified"] if conditional else "",
            article_id=row["article_id"],
            version=row["number"],
            version_id=row["version_id"],
            extractor=row["extractor"] or "",
        )

    def known(self, urls: Sequence[str]) -> frozenset[str]:
        """Return those of some addresses that are known, as they were given."""
        canonicals: dict[str, list[str]] = {}
        for url in urls:
            with suppress(FetchError):
                canonicals.setdefault(canonical(url), []).append(url)
        rows = self._connection.execute(
            "select u.url from json_each(?) j join page_urls u on u.url = j.value",
            [json.dumps(list(canonicals))],
        )
        return frozenset(url for row in rows for url in canonicals[row["url"]])


def _is_conditional(source: sqlite3.Row) -> bool:
    """Whether a source may be asked if it changed, rather than for what it holds."""
    return int(source["unchanged_streak"]) % _PROBE_SOURCE_EVERY != _PROBE_SOURCE_EVERY - 1
