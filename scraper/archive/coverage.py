"""What came of each source, day by day: visits, and what became of the entries that it showed."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from scraper.archive.base import ArchiveBase
from scraper.archive.database import BUSY_SECONDS
from scraper.archive.source_days import day_of, zone_named
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.cron import visit_hours
from scraper.errors import UsageError
from scraper.models import CoverageDay, SourceHistory
from scraper.urls import is_own_machine

__all__ = ["HISTORY_DAYS", "CoverageMixin"]

# A summary of the coverage is shown again for so long.
_REMEMBERED = timedelta(minutes=10)
# Long enough that the Spring Festival of the year before is among the days.
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
    when p.last_class = 'drift' and exists (
        select 1 from page_looks k where k.page_id = p.id and k.state in ('held', 'released')
    ) then 'held'
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


class CoverageMixin(ArchiveBase):
    """History of the sources by day."""

    def coverage(
        self, at: datetime, names: Sequence[str] = (), *, days: int = HISTORY_DAYS
    ) -> tuple[SourceHistory, ...]:
        """Return what came of each source day by day, ordered by name, for `scraper.coverage`.

        Sources that are no longer configured count as paused.

        Args:
            at: now.
            names: only these sources; () for all.
            days: how many days back from now, or from the last visit to any source.

        Raises:
            UsageError: a name is unknown.
        """
        with self._reading() as connection:
            files = (self, *(part.archive for part in self._parts))
            return _histories(connection, at, names, days, files)

    def remembered_coverage(self, days: int, at: datetime) -> str | None:
        """Return what `remember_coverage` kept, where it still holds.

        It does on the day on which it was kept, for ten minutes, or until something is fetched.

        Args:
            days: length of the period.
            at: now.
        """
        with self._reading() as connection:
            row = connection.execute(
                "select value, (select max(id) from fetches) as last from facts where key = ?",
                [f"coverage {days}"],
            ).fetchone()
        if row is None:
            return None
        kept = json.loads(row["value"])
        made = datetime.fromisoformat(kept["at"])
        fresh = timedelta(0) <= at - made < _REMEMBERED or kept["last"] == row["last"]
        return str(kept["text"]) if fresh and made.date() == at.date() else None

    def remember_coverage(self, days: int, at: datetime, text: str) -> None:
        """Keep a summary of the coverage of a period, unless another program is writing.

        Args:
            days: length of the period.
            at: now.
            text: the summary.
        """
        if self.readonly:
            return
        with self._reading() as connection:
            (last,) = connection.execute("select max(id) from fetches").fetchone()
            connection.execute("pragma busy_timeout = 0")
            try:
                connection.execute(
                    "insert or replace into facts (key, value) values (?, ?)",
                    [
                        f"coverage {days}",
                        json.dumps({"at": at.isoformat(), "last": last, "text": text}),
                    ],
                )
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
            finally:
                connection.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")


def _histories(
    connection: sqlite3.Connection,
    at: datetime,
    names: Sequence[str],
    days: int,
    files: Sequence[ArchiveBase],
) -> tuple[SourceHistory, ...]:
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
    entries = _entries(files, first, zones, calendars, names)
    visits = _visits(connection, first)
    overruns = _overruns(connection, first, zones)
    ran = {zone: _ran(files, calendar) for zone, calendar in calendars.items()}
    return tuple(
        SourceHistory(
            name=row["name"],
            outlet=row["outlet"],
            zone=row["zone"],
            interval=max(
                row["interval"],
                row["wait"],
                visit_hours(row["cron"], row["quiet"], row["clock"]).longest_pause(),
            ),
            enabled=bool(row["enabled"]),
            since=date.fromisoformat(row["since"]) if row["since"] else None,
            today=at.astimezone(zone_named(row["zone"])).date(),
            days=_days(entries.get(row["id"], {}), visits.get(row["id"], {})),
            ran=ran[row["zone"]],
            failures=row["failures"],
            last_message=row["last_message"],
            overruns=tuple(overruns.get(row["id"], ())),
            own=is_own_machine(row["url"]),
        )
        for row in rows
    )


def _entries(
    files: Sequence[ArchiveBase],
    first: datetime,
    zones: dict[int, str],
    calendars: dict[str, _Calendar],
    names: Sequence[str],
) -> dict[int, dict[date, dict[str, int]]]:
    """Return the entries of each source by day and by what became of them."""
    found: dict[int, dict[date, dict[str, int]]] = {source_id: {} for source_id in zones}
    wanted = json.dumps(list(zones)) if names else None
    for source_id, shown, became in (
        row
        for file in files
        for row in file._store.connection.execute(
            f"{_ENTRIES} and {file._shown('s.page_id')}", [utc_text(first), wanted]
        )
    ):
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
    day, end = first.astimezone(zone_named(zone)).date(), last.astimezone(zone_named(zone)).date()
    days = [day + timedelta(days=number) for number in range((end - day).days + 1)]
    begun = (datetime.combine(day, time(), zone_named(zone)) for day in days)
    return days, [utc_text(moment) for moment in begun]


def _ran(files: Sequence[ArchiveBase], calendar: _Calendar) -> frozenset[date]:
    """Return the days on which the program fetched anything, at the cost of a few looks a day."""
    days, midnights = calendar
    found = []
    for day, (begun, ended) in zip(days, pairwise([*midnights, "9999"]), strict=True):
        if any(
            file._store.connection.execute(_FETCHED, [begun, ended]).fetchone()[0] for file in files
        ):
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


def _overruns(
    connection: sqlite3.Connection, first: datetime, zones: dict[int, str]
) -> dict[int, list[tuple[date, int]]]:
    """Return day and entries of the visits at which all was new, by source."""
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for source_id, at, entries in connection.execute(
        "select source_id, at, entries from overruns where at >= ? order by at", [utc_text(first)]
    ):
        if source_id in zones:
            found[source_id].append((day_of(at, zones[source_id]), entries))
    return found
