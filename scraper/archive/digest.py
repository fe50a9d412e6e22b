"""What happened between two moments, as the digest tells it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from scraper.archive.alert_events import matching
from scraper.archive.base import ArchiveBase
from scraper.archive.ledger_edits import LedgerEdit, ledger_edits
from scraper.archive.sql_values import utc_text, utc_time
from scraper.archive.topics import claims_in
from scraper.record import record
from scraper.topics.facts import Contradiction, Fact, series_among, unsettled

__all__ = ["DigestChange", "DigestMixin", "DigestName"]

# Figures are compared with those of so many days.
_CLAIM_DAYS, _MOST_CLAIMS, _MOST_NAMES = 60, 5000, 500


@record
class DigestChange:
    """A change of an article.

    Attributes:
        cursor, at, kind, classes, severity: as in the ledger.
        article_id, url, title, outlet: the article.
        version: number of the version that it made, or None.
        added, removed: sentences that came and went, one to a line.
    """

    cursor: int
    at: datetime
    kind: str
    classes: tuple[str, ...]
    severity: int
    article_id: int
    url: str
    title: str
    outlet: str
    version: int | None
    added: str
    removed: str


@record
class DigestName:
    """A name that was first seen in a period.

    Attributes:
        kind, name: what it is, as in `scraper topics`.
        articles: how many name it.
        article_id, outlet, title: the first of them.
    """

    kind: str
    name: str
    articles: int
    article_id: int
    outlet: str
    title: str


class DigestMixin(ArchiveBase):
    """What happened between two moments."""

    def matching(self, typed: str, ids: Sequence[int], at: datetime) -> frozenset[int]:
        """Return which of some articles a query finds; `at` is now."""
        with self._reading() as connection:
            return matching(connection, typed, ids, at.date())

    def change_counts(self, since: datetime, until: datetime) -> Mapping[tuple[str, int], int]:
        """Return how many changes there were, by kind and number of the article."""
        with self._reading() as connection:
            rows = connection.execute(
                "select kind, page_id, count(*) as n from changes where at >= ? and at < ?"
                " group by kind, page_id",
                [utc_text(since), utc_text(until)],
            )
            return {(row["kind"], row["page_id"]): row["n"] for row in rows}

    def changes_between(
        self, since: datetime, until: datetime, *, least_severity: int = 0
    ) -> tuple[DigestChange, ...]:
        """Return what publishers did to articles, new articles aside, the gravest first.

        Takedowns and returns are told whatever their severity.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "select c.*, a.url, a.outlet, v.number from changes c"
                " join articles a on a.id = c.page_id left join versions v on v.id = c.version_id"
                " where c.at >= ? and c.at < ? and c.kind <> 'new'"
                " and (c.severity >= ? or c.kind in ('gone', 'returned'))"
                " order by c.severity desc, c.id",
                [utc_text(since), utc_text(until), least_severity],
            ).fetchall()
            edits = ledger_edits(connection, (row["id"] for row in rows))
        return tuple(_change(row, edits.get(row["id"])) for row in rows)

    def stories_between(self, since: datetime, until: datetime) -> frozenset[int]:
        """Return the stories to which an article came that was first seen in a period."""
        with self._reading() as connection:
            rows = connection.execute(
                "select distinct m.story_id from changes c join story_members m"
                " on m.article_id = c.page_id where c.at >= ? and c.at < ? and c.kind = 'new'",
                [utc_text(since), utc_text(until)],
            )
            return frozenset(row["story_id"] for row in rows)

    def names_between(self, since: datetime, until: datetime) -> tuple[DigestName, ...]:
        """Return the names that no article had before, those in most articles first."""
        with self._reading() as connection:
            rows = connection.execute(
                "select e.kind, e.name, count(distinct a.id) as articles, a.id as article_id,"
                " a.outlet, a.title, min(a.first_seen_at) as first from entities e"
                " join mentions m on m.entity_id = e.id join articles a"
                " on a.version_id = m.version_id where e.id in (select n.entity_id from mentions n"
                " join changes c on c.version_id = n.version_id"
                " where c.at >= ?1 and c.at < ?2) group by e.id"
                " having first >= ?1 and first < ?2 order by articles desc, e.kind, e.name",
                [utc_text(since), utc_text(until)],
            ).fetchall()
        names = ("kind", "name", "articles", "article_id", "outlet", "title")
        return tuple(DigestName(**{name: row[name] for name in names}) for row in rows)

    def contradictions_between(
        self, since: datetime, until: datetime
    ) -> tuple[tuple[Fact, Contradiction], ...]:
        """Return unsettled contradictions of which one side was read in a period."""
        with self._reading() as connection:
            rows = connection.execute(
                "select distinct q.entity_id, q.page_id from changes c join quantities q"
                " on q.version_id = c.version_id where c.at >= ? and c.at < ? order by q.entity_id",
                [utc_text(since), utc_text(until)],
            ).fetchall()
            names = list(dict.fromkeys(row["entity_id"] for row in rows))[:_MOST_NAMES]
            if not names:
                return ()
            begin = until - timedelta(days=_CLAIM_DAYS)
            claims = [
                claim
                for claim in claims_in(connection, "q.entity_id", names)
                if begin <= claim.observed_at < until
            ]
            known = connection.execute("select name, family from entities").fetchall()
        series = series_among((row["name"] for row in known), {row["family"] for row in known})
        fresh = {row["page_id"] for row in rows}
        return tuple(unsettled(claims[-_MOST_CLAIMS:], series, fresh))


def _change(row: sqlite3.Row, edit: LedgerEdit | None) -> DigestChange:
    return DigestChange(
        cursor=row["id"],
        at=utc_time(row["at"]),
        kind=row["kind"],
        classes=tuple(json.loads(row["classes"])),
        severity=row["severity"],
        article_id=row["page_id"],
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        version=row["number"],
        added=edit.added if edit else "",
        removed=edit.removed if edit else "",
    )
