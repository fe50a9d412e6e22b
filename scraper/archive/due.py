"""Sources and pages that are due, with the validators of their last response."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from scraper.archive.base import ArchiveBase
from scraper.archive.page_urls import PageUrls
from scraper.archive.records import PageState, SourceState
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.errors import FetchError, UsageError
from scraper.models import Link, Source
from scraper.urls import canonical

__all__ = ["DueMixin"]

# After so many 304 in a row the page is requested without validators: some servers answer 304 for
# ever.
_PROBE_EVERY = 5
# A source is visited far more often than a page.
_PROBE_SOURCE_EVERY = 20
# After so many visits in a row, over so many days, that name the same new address, it stands in for
# the source's own: an address that is parked for a day must not lose its source.
_MOVED_AFTER = 3
_MOVED_FOR = timedelta(days=3)
# A pass has room for the pages of at least so many hosts; it looks at so many that are due.
_HOSTS, _MOST_READ = 10, 50_000
# Clocks are set by seconds all the time; further ahead lies no visit that was not made by another.
_CLOCKS_DIFFER = timedelta(minutes=1)


class DueMixin(ArchiveBase):
    """Which sources and pages are due, and what a request needs to know of the last one."""

    def due_sources(self, at: datetime, names: Sequence[str] = ()) -> list[SourceState]:
        """Return the enabled sources that are due, most overdue first.

        A source that was visited at a time yet to come is due: the clock was put back since, and
        its next visit may lie as far ahead.

        Args:
            at: now.
            names: if given, exactly these sources, whether they are due or not.

        Raises:
            UsageError: a name is unknown.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "select s.*, o.name as outlet, o.language, o.zone from sources s"
                " join outlets o on o.id = s.outlet_id where"
                + (
                    " s.name in (select value from json_each(:names))"
                    if names
                    else " s.enabled and (s.next_due_at <= :at or s.last_visit_at > :ahead)"
                )
                + " order by s.next_due_at, s.id",
                {
                    "names": json.dumps(list(names)),
                    "at": utc_text(at),
                    "ahead": utc_text(at + _CLOCKS_DIFFER),
                },
            ).fetchall()
            moved = {row["id"] for row in rows if _has_moved(connection, row, at)}
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
                moved_to=row["moved_to"] if row["id"] in moved else "",
                served_by=row["served_by"],
            )
            for row in rows
        ]

    def due_pages(self, at: datetime, limit: int, *, without: Sequence[str] = ()) -> list[Link]:
        """Return pages that are due for a fetch, the first or another, most overdue first.

        An archived page is due 1 h, 6 h, 1 d, 3 d, 7 d and 30 d after it was first seen, and more
        often after an edit and while its story is hot (`schedule.next_check`); one that could not
        be fetched after growing pauses, until it is given up.

        Up to half of them are pages found missing at the last look, most overdue first: whether
        they were taken down is open, and must not wait until all others were looked at. Of one host
        are at most a tenth, unless others leave room: one that wants a minute between two requests
        may have thousands, and the others must not wait behind them.

        Args:
            at: now.
            limit: how many at most.
            without: names of sources whose pages are left out, since they have quiet hours.
        """
        with self._reading() as connection:
            rows = [
                row
                for condition, most in (("p.gone_count > 0", (limit + 1) // 2), ("1", limit))
                for row in _spread(
                    connection.execute(
                        "select coalesce(nullif(p.moved_to, ''), p.url) as url,"
                        " coalesce(s.name, '') as source, p.id, p.host from pages p"
                        " left join sources s on s.id = p.source_id"
                        f" where p.next_check_at <= ? and {condition}"
                        " and coalesce(s.name, '') not in (select value from json_each(?))"
                        " order by p.next_check_at, p.id limit ?",
                        [utc_text(at), json.dumps(list(without)), max(most, _MOST_READ)],
                    ),
                    most,
                )
            ]
        links = {row["id"]: Link(url=row["url"], source=row["source"]) for row in rows}
        return list(links.values())[:limit]

    def looks_planned(self, until: datetime) -> dict[str, int]:
        """Return how many pages of each source, by name, are due for a fetch until a time."""
        with self._reading() as connection:
            rows = connection.execute(
                "select coalesce(s.name, '') as source, count(*) as pages from pages p"
                " left join sources s on s.id = p.source_id where p.next_check_at <= ? group by 1",
                [utc_text(until)],
            )
            return {row["source"]: row["pages"] for row in rows}

    def page_state(self, url: str) -> PageState:
        """Return the validators and the state of a page; the state is ``new`` if it is unknown."""
        with self._reading() as connection:
            page_id = PageUrls(connection).find(url)
            if page_id is None:
                for part in reversed(self._parts):
                    resting = PageUrls(part.connection).find(url)
                    if resting is not None and self._parts.shows(part, resting):
                        state: PageState = part.archive.page_state(url)
                        return state
                return PageState(url=url)
            row = connection.execute(
                "select p.*, a.id as article_id, v.number, v.id as version_id, e.extractor"
                " from pages p left join articles a on a.id = p.id"
                " left join versions v on v.id = a.version_id"
                " left join extractions e on e.id = v.extraction_id"
                " where p.id = ?",
                [page_id],
            ).fetchone()
        # A page that was taken down counts as returned only if its whole text comes.
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
        """Return those of some addresses that the archive knows, spelled as they were given."""
        canonicals: dict[str, list[str]] = {}
        for url in urls:
            with suppress(FetchError):
                canonicals.setdefault(canonical(url), []).append(url)
        with self._reading() as connection:
            return frozenset(
                url
                for file in (connection, *(part.connection for part in self._parts))
                for row in file.execute(
                    "select u.url from json_each(?) j join page_urls u on u.url = j.value",
                    [json.dumps(list(canonicals))],
                )
                for url in canonicals[row["url"]]
            )


def _spread(rows: Iterable[sqlite3.Row], most: int) -> list[sqlite3.Row]:
    """Return the first rows of each host, and where they are too few what comes after them."""
    of_host: Counter[str] = Counter()
    first: list[sqlite3.Row] = []
    later: list[sqlite3.Row] = []
    for row in rows:
        of_host[row["host"]] += 1
        if of_host[row["host"]] <= max(1, most // _HOSTS):
            first.append(row)
            if len(first) >= most:
                break
        elif len(later) < most:
            later.append(row)
    return [*first, *later][:most]


def _has_moved(connection: sqlite3.Connection, source: sqlite3.Row, at: datetime) -> bool:
    """Whether a source named a new address in enough visits and for long enough."""
    if source["moved_times"] < _MOVED_AFTER:
        return False
    # Each visit asks the source's own address once.
    since = connection.execute(
        "select at from fetches where source_id = ? and url = ? order by id desc limit 1 offset ?",
        [source["id"], source["url"], source["moved_times"] - 1],
    ).fetchone()
    first = from_utc_text(since["at"]) if since is not None else None
    return first is not None and at - first >= _MOVED_FOR


def _is_conditional(source: sqlite3.Row) -> bool:
    """Whether the next request for a source carries its validators."""
    return int(source["unchanged_streak"]) % _PROBE_SOURCE_EVERY != _PROBE_SOURCE_EVERY - 1
