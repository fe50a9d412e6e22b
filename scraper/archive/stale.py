"""Versions whose records another extractor made: what is to be derived anew."""

from __future__ import annotations

import sqlite3

from scraper.archive.page_urls import PageUrls
from scraper.archive.records import StaleVersion

__all__ = ["StaleVersions"]

_STALE = (
    "select v.id, v.page_id, v.number, v.length, p.url, coalesce(s.name, '') as source,"
    " e.extractor, a.version_id = v.id as current, coalesce((select nullif(f.final_url, '')"
    " from fetches f where f.version_id = v.id and f.body = v.body"
    " order by f.part, f.id limit 1), p.url) as final_url from versions v"
    " join extractions e on e.id = v.extraction_id join pages p on p.id = v.page_id"
    " join articles a on a.id = v.page_id left join sources s on s.id = p.source_id"
)


class StaleVersions:
    """Reads `versions` and `extractions` for who derives records anew.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def versions(
        self, extractor: str | None, after: int, limit: int, host: str, since: str
    ) -> tuple[StaleVersion, ...]:
        """Return versions whose record another extractor made (None: all), by id."""
        rows = self._connection.execute(
            f"{_STALE} where v.id > ? and e.extractor is not ? and ? in ('', p.host)"
            " and v.first_observed_at >= ? order by v.id limit ?",
            [after, extractor, host, since, limit],
        )
        return tuple(_version(row) for row in rows)

    def former(self, url: str, extractor: str) -> tuple[StaleVersion, ...]:
        """Return a page's versions but for the current one that another extractor read, by id."""
        rows = self._connection.execute(
            f"{_STALE} where v.page_id = ? and v.id <> a.version_id and e.extractor <> ?"
            " order by v.id",
            [PageUrls(self._connection).find(url), extractor],
        )
        return tuple(_version(row) for row in rows)

    def says(self, page_id: int, fingerprint: str) -> bool:
        """Return whether a version of a page has this fingerprint."""
        row = self._connection.execute(
            "select 1 from versions where page_id = ? and fingerprint = ?", [page_id, fingerprint]
        ).fetchone()
        return row is not None


def _version(row: sqlite3.Row) -> StaleVersion:
    return StaleVersion(
        id=row["id"],
        article_id=row["page_id"],
        number=row["number"],
        url=row["url"],
        final_url=row["final_url"],
        source=row["source"],
        extractor=row["extractor"],
        current=bool(row["current"]),
        length=row["length"],
    )
