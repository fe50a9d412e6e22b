"""The archive in figures: rows by table and state, bytes by file, health of the sources."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
# Of those, the tables of which a sealed part has rows, with the page's number.
_PARTED = {
    "articles": "id", "versions": "page_id", "pages": "id", "sightings": "page_id",
    "changes": "page_id", "judgements": "page_id", "passed_over": "page_id",
}  # fmt: skip


class StatusMixin(ArchiveBase):
    """The archive in figures."""

    def status(self, at: datetime) -> Status:
        """Return the figures of the archive at a time; `Status` documents them."""
        with self._reading() as connection:
            status = _status(connection, self._bodies_store.connection, self.folder, at)
            if not self._parts:
                return status
            files = [
                path
                for part in self._parts
                for path in sorted(Path(part.archive.folder).glob("*.db"))
            ]
            return replace(
                status,
                counts=_sum(status.counts, *(part.archive._counts() for part in self._parts))
                | {"bodies": self._count_bodies()},
                sources=self._with_resting(status.sources),
                pages=_sum(
                    status.pages, *(part.archive._count_pages() for part in self._parts)
                ),
                fetches=_sum(
                    status.fetches, *(part.archive._count_fetches() for part in self._parts)
                ),
                bytes={
                    **status.bytes,
                    **{str(path.relative_to(self._parts.folder.parent)): path.stat().st_size
                       for path in files},
                },
            )  # fmt: skip

    def _with_resting(self, sources: Sequence[SourceHealth]) -> tuple[SourceHealth, ...]:
        """Return the health of sources with what they brought that rests in sealed parts."""
        pages: Counter[str] = Counter()
        articles: Counter[str] = Counter()
        last: dict[str, str] = {}
        for part in self._parts:
            for row in part.connection.execute(
                "select s.name, count(*) as pages, count(a.id) as articles,"
                " coalesce(max(a.first_seen_at), '') as last from pages p"
                " join sources s on s.id = p.source_id left join articles a on a.id = p.id"
                f" where {part.archive._shown('p.id')} group by 1"
            ):
                pages[row["name"]] += row["pages"]
                articles[row["name"]] += row["articles"]
                last[row["name"]] = max(row["last"], last.get(row["name"], ""))
        return tuple(
            replace(
                one,
                pages=one.pages + pages[one.name],
                articles=one.articles + articles[one.name],
                last_article_at=max(
                    filter(None, (one.last_article_at, from_utc_text(last.get(one.name) or None))),
                    default=None,
                ),
            )
            for one in sources
        )

    def _counts(self) -> dict[str, int]:
        """Return how many rows of each kind this part shows; of what stays in one file, none."""
        run = self._store.connection.execute
        counts = {
            name: int(
                run(
                    f"select count(*) from {name} where {self._shown(f'{name}.{column}')}"
                ).fetchone()[0]
            )
            for name, column in _PARTED.items()
        }
        gone = (
            f"select count(*) from articles where state = 'gone' and {self._shown('articles.id')}"
        )
        counts["gone"] = int(run(gone).fetchone()[0])
        counts["fetches"] = sum(self._count_fetches().values())
        return counts

    def _count_pages(self) -> dict[str, int]:
        rows = self._store.connection.execute(
            f"select state, count(*) from pages where {self._shown('pages.id')} group by 1"
        )
        return {str(row[0]): int(row[1]) for row in rows}

    def _count_fetches(self) -> dict[str, int]:
        """Count the fetches of pages that this part shows, and those of sources that rest in it."""
        rows = self._store.connection.execute(
            "select class, count(*) from fetches where"
            f" (page_id is not null and {self._shown('fetches.page_id')})"
            " or (page_id is null and at < (select before from later.parts where number = ?))"
            " group by 1",
            [self._number],
        )
        return {str(row[0]): int(row[1]) for row in rows}

    def _count_bodies(self) -> int:
        """Count the raw pages of all files; those that two of them hold have one number."""
        found, last = 0, 0
        for one in (*reversed(tuple(self._bodies.earlier())), self._bodies):
            with one.store.reading() as bodies:
                (number,) = bodies.execute(
                    "select count(*) from bodies where id > ?", [last]
                ).fetchone()
                (last,) = bodies.execute("select coalesce(max(id), 0) from bodies").fetchone()
            found += int(number)
        return found


def _sum(*counts: Mapping[str, int]) -> dict[str, int]:
    """Return the sums of counts, the most first where they are of one kind."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)


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
