"""What came of each source, day by day: visits, and what became of the entries that it showed."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scraper.archive.sql_values import utc_text, from_utc_text
from scraper.errors import UsageError
from scraper.models import CoverageDay, SourceHistory

__all__ = ["HISTORY_DAYS", "count_earlier_visits", "count_visit", "histories"]

# The days that are told of: so many that the Spring Festival of the year before is among them.
HISTORY_DAYS = 400

# Days of a zone, and the moments at which they began, as times are stored.
_Calendar = tuple[list[date], list[str]]

# Nearly every run brings one of these; by class and time there is an index.
_FETCHED = "select " + " or ".join(
    f"exists (select 1 from fetches where class = '{name}' and at >= ?1 and at < ?2)"
    for name in ("unchanged", "ok", "timeout", "http_error")
)

# Of a page that a source showed, what it came to. `kept` for the source that showed it first.
_ENTRIES = """
select s.source_id, s.first_seen_at, case
    when p.state = 'live' or (p.state = 'gone' and exists (select 1 from articles where id = p.id))
        then iif(p.source_id = s.source_id, 'kept', 'known')
    when p.last_class = 'off_topic' then 'off_topic'
    when p.state = 'quarantined' then 'rejected'
    when p.state = 'new' then 'waiting'
    else 'failed' end
from sightings s indexed by sightings_first join pages p on p.id = s.page_id
where s.first_seen_at >= ?1 and (?2 is null or s.source_id in (select value from json_each(?2)))
    and not exists (
        select 1 from sightings e
        where e.source_id = s.source_id and e.page_id = s.page_id and e.id < s.id
    )
"""


def histories(
    connection: sqlite3.Connection, at: datetime, names: Sequence[str], days: int
) -> tuple[SourceHistory, ...]:
    """Return what came of each source, by name; those that are configured no more count as paused.

    Args:
        connection: of the archive file.
        at: now.
        names: only these sources; () for all.
        days: how many days back from now, or from the last visit of all.

    Raises:
        UsageError: a name is unknown.
    """
    rows = connection.execute(
        "select s.*, o.name as outlet, o.zone,"
        " (select min(d.day) from source_days d where d.source_id = s.id and d.visits > d.failed)"
        " as since from sources s join outlets o on o.id = s.outlet_id"
        + (" where s.name in (select value from json_each(?))" if names else "")
        + " order by s.name",
        [json.dumps(list(names))] if names else [],
    ).fetchall()
    unknown = sorted(set(names) - {row["name"] for row in rows})
    if unknown:
        raise UsageError(f"no source is named {', '.join(unknown)}")
    zones = {row["id"]: row["zone"] for row in rows}
    # An archive that nobody runs any more tells of its own last days.
    (last,) = connection.execute("select max(last_visit_at) from sources").fetchone()
    first = min(at, from_utc_text(last) or at) - timedelta(days=days)
    calendars = {zone: _calendar(first, at, zone) for zone in set(zones.values())}
    entries = _entries(connection, first, zones, calendars, names)
    visits = _visits(connection, first)
    overruns = _overruns(connection, first, zones)
    ran = {zone: _ran(connection, calendar) for zone, calendar in calendars.items()}
    return tuple(
        SourceHistory(
            name=row["name"],
            outlet=row["outlet"],
            zone=row["zone"],
            interval=max(row["interval"], row["wait"]),
            enabled=bool(row["enabled"]),
            since=date.fromisoformat(row["since"]) if row["since"] else None,
            today=at.astimezone(_zone(row["zone"])).date(),
            days=_days(entries.get(row["id"], {}), visits.get(row["id"], {})),
            ran=ran[row["zone"]],
            failures=row["failures"],
            last_message=row["last_message"],
            overruns=tuple(overruns.get(row["id"], ())),
        )
        for row in rows
    )


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
    _count(connection, source["id"], _day(utc_text(at), zone), error_class)


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
            _count(connection, place[0], _day(visit[0][0], place[1]), _failure(visit))
            visit = []
        place = here
        visit.append((at, class_))
    if place is not None:
        _count(connection, place[0], _day(visit[0][0], place[1]), _failure(visit))


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


def _entries(
    connection: sqlite3.Connection,
    first: datetime,
    zones: dict[int, str],
    calendars: dict[str, _Calendar],
    names: Sequence[str],
) -> dict[int, dict[date, dict[str, int]]]:
    """Return the entries of each source by day and by what became of them."""
    found: dict[int, dict[date, dict[str, int]]] = {source_id: {} for source_id in zones}
    wanted = json.dumps(list(zones)) if names else None
    for source_id, shown, became in connection.execute(_ENTRIES, [utc_text(first), wanted]):
        if source_id not in found:
            continue
        days, midnights = calendars[zones[source_id]]
        # What another clock dated later than now belongs to the last day.
        day = days[bisect_right(midnights, shown) - 1]
        counts = found[source_id].setdefault(day, {})
        counts[became] = counts.get(became, 0) + 1
    return found


def _calendar(first: datetime, last: datetime, zone: str) -> _Calendar:
    """Return the days of a zone from one moment to another, and when each began, as stored."""
    day, end = first.astimezone(_zone(zone)).date(), last.astimezone(_zone(zone)).date()
    days = [day + timedelta(days=number) for number in range((end - day).days + 1)]
    begun = (datetime.combine(day, time(), _zone(zone)) for day in days)
    return days, [utc_text(moment) for moment in begun]


def _ran(connection: sqlite3.Connection, calendar: _Calendar) -> frozenset[date]:
    """Return the days on which the program fetched anything, at the cost of a few looks a day."""
    days, midnights = calendar
    found = []
    for day, (begun, ended) in zip(days, pairwise([*midnights, "9999"]), strict=True):
        if connection.execute(_FETCHED, [begun, ended]).fetchone()[0]:
            found.append(day)
    return frozenset(found)


def _visits(
    connection: sqlite3.Connection, first: datetime
) -> dict[int, dict[date, tuple[int, int, str]]]:
    """Return visits, failed visits and the last failure's class by source and day."""
    found: dict[int, dict[date, tuple[int, int, str]]] = defaultdict(dict)
    for source_id, day, visits, failed, last_class in connection.execute(
        "select source_id, day, visits, failed, last_class from source_days where day >= ?",
        [first.date().isoformat()],
    ):
        found[source_id][date.fromisoformat(day)] = (visits, failed, last_class)
    return found


def _days(
    entries: dict[date, dict[str, int]], visits: dict[date, tuple[int, int, str]]
) -> tuple[CoverageDay, ...]:
    days = []
    for day in sorted(entries.keys() | visits.keys()):
        visited, failed, last_class = visits.get(day, (0, 0, ""))
        days.append(
            CoverageDay(
                day=day,
                visits=visited,
                visits_failed=failed,
                error_class=last_class,
                **entries.get(day, {}),
            )
        )
    return tuple(days)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _day(at: str, zone: str) -> date:
    """Return the day of a stored time in a zone."""
    return datetime.fromisoformat(at).astimezone(_zone(zone)).date()


def _overruns(
    connection: sqlite3.Connection, first: datetime, zones: dict[int, str]
) -> dict[int, list[tuple[date, int]]]:
    """Return day and entries of the visits at which all was new, by source."""
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for source_id, at, entries in connection.execute(
        "select source_id, at, entries from overruns where at >= ? order by at", [utc_text(first)]
    ):
        if source_id in zones:
            found[source_id].append((_day(at, zones[source_id]), entries))
    return found
