"""Visits to a source by day of its outlet's zone: the table `source_days`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scraper.archive.sql_values import utc_text

__all__ = ["count_earlier_visits", "count_visit", "day_of", "zone_named"]


def count_visit(
    connection: sqlite3.Connection, source: sqlite3.Row, at: datetime, error_class: str
) -> None:
    """Count a visit to a source under its day. Runs within a transaction.

    Args:
        connection: of the archive file.
        source: row of `sources`.
        at: when it was visited.
        error_class: why the visit failed, or "".
    """
    (zone,) = connection.execute(
        "select zone from outlets where id = ?", [source["outlet_id"]]
    ).fetchone()
    _count(connection, source["id"], day_of(utc_text(at), zone), error_class)


def count_earlier_visits(connection: sqlite3.Connection) -> None:
    """Count the visits of an archive that did not count them, from their rows in `fetches`.

    A visit may have several: responses, what failed before a fallback served. They lie within a
    minute of one another; the visit failed if none of them brought anything.
    """
    rows = connection.execute(
        "select f.source_id, o.zone, f.at, f.class from fetches f"
        " join sources s on s.id = f.source_id join outlets o on o.id = s.outlet_id"
        " where f.page_id is null and f.class <> 'bad_url' order by f.source_id, f.at, f.id"
    ).fetchall()
    visit: list[tuple[str, str]] = []
    place: tuple[int, str, str] | None = None
    for source_id, zone, at, class_ in rows:
        here = (source_id, zone, at[:16])
        if place is not None and place != here:
            _count(connection, place[0], day_of(visit[0][0], place[1]), _failure(visit))
            visit = []
        place = here
        visit.append((at, class_))
    if place is not None:
        _count(connection, place[0], day_of(visit[0][0], place[1]), _failure(visit))


def _failure(visit: Sequence[tuple[str, str]]) -> str:
    """Return why a visit failed, or "" where one of its requests brought something."""
    classes = [class_ for _, class_ in visit]
    return "" if {"ok", "unchanged"} & set(classes) else classes[-1]


def _count(connection: sqlite3.Connection, source_id: int, day: date, error_class: str) -> None:
    connection.execute(
        "insert into source_days (source_id, day, visits, failed, last_class)"
        " values (?, ?, 1, ?, ?) on conflict (source_id, day) do update set visits = visits + 1,"
        " failed = failed + excluded.failed,"
        " last_class = iif(excluded.failed, excluded.last_class, last_class)",
        [source_id, day.isoformat(), bool(error_class), error_class],
    )


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo:
    """Return a time zone by its IANA name; UTC if the name is "" or unknown."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def day_of(at: str, zone: str) -> date:
    """Return the day of a stored time in a zone, by its IANA name."""
    return datetime.fromisoformat(at).astimezone(zone_named(zone)).date()
