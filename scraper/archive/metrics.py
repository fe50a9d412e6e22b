"""What the archive's tables grew by since a moment, and what waits: for metrics, cheaply."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.record import record

__all__ = ["ArchiveGrowth", "GrowthCursor", "MetricsMixin"]

# Rows that are counted at once; what is more is counted the next time.
_MOST_ROWS = 20_000


@record
class GrowthCursor:
    """Numbers of the last rows that were counted."""

    fetch: int
    version: int
    change: int


@record
class ArchiveGrowth:
    """What came since a cursor, and how the archive stands.

    Attributes:
        cursor: for the next time.
        fetches: new fetches by class.
        versions: new versions.
        changes: new entries of the ledger by kind.
        edits: new edits by class of edit.
        queue: what waits: sources and pages that are due, held pages, alerts not sent.
        lag_seconds: how long the source or page that is due longest has waited.
        bytes: of the archive's files by name.
        free_bytes: on its disk.
    """

    cursor: GrowthCursor
    fetches: Mapping[str, int]
    versions: int
    changes: Mapping[str, int]
    edits: Mapping[str, int]
    queue: Mapping[str, int]
    lag_seconds: float
    bytes: Mapping[str, int]
    free_bytes: int


class MetricsMixin(ArchiveBase):
    """Growth of the archive."""

    def growth_cursor(self) -> GrowthCursor:
        """Return the cursor of this moment."""
        with self._reading() as connection:
            row = connection.execute(
                # The last may rest in a sealed part.
                "select max((select coalesce(max(id), 0) from fetches), last_fetch) as fetch,"
                " max((select coalesce(max(id), 0) from versions), last_version) as version,"
                " max((select coalesce(max(id), 0) from changes), last_change) as change"
                " from (select coalesce(max(last_fetch), 0) as last_fetch,"
                " coalesce(max(last_version), 0) as last_version,"
                " coalesce(max(last_change), 0) as last_change from parts)"
            ).fetchone()
        return GrowthCursor(fetch=row["fetch"], version=row["version"], change=row["change"])

    def growth(self, since: GrowthCursor, at: datetime) -> ArchiveGrowth:
        """Return what came since a cursor, and how the archive stands at a time."""
        now = utc_text(at)
        with self._reading() as connection:
            fetches = connection.execute(
                "select id, class from fetches where id > ? order by id limit ?",
                [since.fetch, _MOST_ROWS],
            ).fetchall()
            versions = connection.execute(
                "select count(*) as n, coalesce(max(id), ?1) as last from versions where id > ?1",
                [since.version],
            ).fetchone()
            changes = connection.execute(
                "select id, kind, classes from changes where id > ? order by id limit ?",
                [since.change, _MOST_ROWS],
            ).fetchall()
            row = connection.execute(
                "select (select count(*) from sources where enabled and next_due_at <= ?1)"
                " as sources, (select count(*) from pages where next_check_at <= ?1) as pages,"
                " (select count(*) from page_looks where state = 'held') as held,"
                " (select count(*) from alert_deliveries d left join alert_messages m"
                " on m.id = d.message_id where m.id is null or m.state in ('waiting', 'sending'))"
                " as alerts, (select min(next_due_at) from sources where enabled) as source_due,"
                " (select min(next_check_at) from pages where next_check_at is not null)"
                " as page_due",
                [now],
            ).fetchone()
        due = [from_utc_text(row[name]) for name in ("source_due", "page_due")]
        waits = [(at - moment).total_seconds() for moment in due if moment]
        return ArchiveGrowth(
            cursor=GrowthCursor(
                fetch=fetches[-1]["id"] if fetches else since.fetch,
                version=versions["last"],
                change=changes[-1]["id"] if changes else since.change,
            ),
            fetches=Counter(fetch["class"] for fetch in fetches),
            versions=versions["n"],
            changes=Counter(change["kind"] for change in changes),
            edits=Counter(
                name
                for change in changes
                if change["kind"] not in ("new", "gone", "returned", "moved")
                for name in json.loads(change["classes"])
            ),
            queue={name: row[name] for name in ("sources", "pages", "held", "alerts")},
            lag_seconds=max(0.0, *waits) if waits else 0.0,
            bytes={path.name: path.stat().st_size for path in sorted(self.folder.glob("*.db*"))},
            free_bytes=shutil.disk_usage(self.folder).free,
        )
