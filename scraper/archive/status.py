"""The archive in figures: rows by table and state, bytes by file, health of the sources."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from scraper.archive.base import ArchiveBase
from scraper.archive.records import SourceDoubts, SourceHealth, Status
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.models import DOUBTFUL

__all__ = ["StatusMixin"]

# Articles first seen in so long a time are told of, by how well they were read.
_RECENT = timedelta(days=7)
_COUNTED = (
    "articles",
    "versions",
    "pages",
    "fetches",
    "sources",
    "outlets",
    "sightings",
    "changes",
    "runs",
    "judgements",
    "passed_over",
)


class StatusMixin(ArchiveBase):
    """The archive in figures."""

    def status(self, at: datetime) -> Status:
        """Return the figures of the archive at a time; `Status` documents them."""
        with self._reading() as connection:
            return _status(connection, self._bodies_store.connection, self.folder, at)


def _status(
    connection: sqlite3.Connection, bodies: sqlite3.Connection, folder: Path, at: datetime
) -> Status:
    def one(sql: str, *values: object) -> int:
        return int(connection.execute(sql, values).fetchone()[0])

    def table(sql: str) -> dict[str, int]:
        return {str(row[0]): int(row[1]) for row in connection.execute(sql)}

    counts = {name: one(f"select count(*) from {name}") for name in _COUNTED}
    counts["bodies"] = int(bodies.execute("select count(*) from bodies").fetchone()[0])
    counts["gone"] = one("select count(*) from articles where state = 'gone'")
    files = sorted(folder.glob("*.db*"))
    now = utc_text(at)
    return Status(
        folder=str(folder),
        at=at,
        counts=counts,
        pages=table("select state, count(*) from pages group by state order by state"),
        fetches=table("select class, count(*) from fetches group by class order by 2 desc, 1"),
        bytes={path.name: path.stat().st_size for path in files},
        free_bytes=shutil.disk_usage(folder).free,
        sources=tuple(_sources(connection)),
        due_sources=one("select count(*) from sources where enabled and next_due_at <= ?", now),
        due_pages=one("select count(*) from pages where next_check_at <= ?", now),
        last_fetch_at=from_utc_text(
            connection.execute("select max(at) from fetches").fetchone()[0]
        ),
        doubts=tuple(_doubts(connection, at)),
    )


def _doubts(connection: sqlite3.Connection, at: datetime) -> list[SourceDoubts]:
    """Return how well the latest articles were read, the sources with most doubtful ones first."""
    rows = connection.execute(
        "select coalesce(s.name, '') as source, count(*) as articles,"
        " count(a.confidence) as judged, count(iif(a.confidence < ?, 1, null)) as doubtful"
        " from articles a join pages p on p.id = a.id left join sources s on s.id = p.source_id"
        " where a.first_seen_at > ? group by 1 order by doubtful desc, source",
        [DOUBTFUL, utc_text(at - _RECENT)],
    )
    return [SourceDoubts(**dict(row)) for row in rows]


def _sources(connection: sqlite3.Connection) -> list[SourceHealth]:
    rows = connection.execute(
        "select h.*, s.interval, s.served_by, s.moved_to, s.notes, s.wait,"
        " (select count(*) from overruns r where r.source_id = h.id) as overruns,"
        " (select max(r.at) from overruns r where r.source_id = h.id) as last_overrun_at,"
        " (select max(a.first_seen_at) from pages p join articles a on a.id = p.id"
        " where p.source_id = h.id) as last_article_at"
        " from source_health h join sources s on s.id = h.id"
    )
    return [
        SourceHealth(
            name=row["name"],
            outlet=row["outlet"],
            kind=row["kind"],
            url=row["url"],
            enabled=bool(row["enabled"]),
            failures=row["failures"],
            last_class=row["last_class"],
            last_message=row["last_message"],
            last_ok_at=from_utc_text(row["last_ok_at"]),
            last_new_at=from_utc_text(row["last_new_at"]),
            last_article_at=from_utc_text(row["last_article_at"]),
            next_due_at=from_utc_text(row["next_due_at"]),
            pages=row["pages"],
            articles=row["articles"],
            interval=row["interval"],
            served_by=row["served_by"],
            moved_to=row["moved_to"],
            notes=row["notes"],
            wait=row["wait"],
            overruns=row["overruns"],
            last_overrun_at=from_utc_text(row["last_overrun_at"]),
        )
        for row in rows
    ]
