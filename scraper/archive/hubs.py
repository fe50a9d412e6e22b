"""Subscriptions to hubs that tell when a feed changes (WebSub): one for each source that names one.

A hub only says when to look: sources are polled as before, so that one that fails costs nothing.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from scraper.archive.base import ArchiveBase
from scraper.archive.schedule import SHORTEST
from scraper.archive.sql_values import from_utc_text, utc_text, utc_time
from scraper.models import Discovery
from scraper.record import record

__all__ = [
    "HubMixin",
    "HubSubscription",
    "ask_again",
    "lease_of",
    "next_request",
    "note_hub",
]

# A hub that was asked has so long to verify.
_VERIFIES_WITHIN = timedelta(hours=1)
_FIRST_RETRY, _LONGEST_RETRY = timedelta(hours=1), timedelta(days=7)
# A lease is renewed when a tenth of it is left, at least an hour before its end.
_LEFT, _LEAST_LEFT = 0.1, 3600
_LEAST_LEASE, _MOST_LEASE = 300, 90 * 86400


@record
class HubSubscription:
    """A source whose feed names a hub.

    Attributes:
        source: name of the source.
        hub, topic: addresses of the hub, and of the feed as the hub knows it.
        key: fingerprint of the key file that it was asked with, or "".
        state: found, asked, active, denied or failed.
        asked_at: when the hub was asked last; None once that was in vain.
        verified_at: when it verified a request last.
        expires_at: end of the lease.
        next_at: the hub is not asked again before.
        failures: requests in vain, in a row.
        message: why the last was, or "".
        last_push_at: when a signed message came last.
    """

    source: str
    hub: str
    topic: str
    key: str
    state: str
    asked_at: datetime | None
    verified_at: datetime | None
    expires_at: datetime | None
    next_at: datetime
    failures: int
    message: str
    last_push_at: datetime | None

    @property
    def is_unverified(self) -> bool:
        """Whether the hub did not verify what it was asked for last."""
        if self.asked_at is None:
            return False
        return self.verified_at is None or self.verified_at < self.asked_at


def next_request(at: datetime, failures: int) -> datetime:
    """Return when a hub that failed several times in a row is asked again."""
    return at + min(_LONGEST_RETRY, _FIRST_RETRY * int(2 ** min(max(0, failures - 1), 10)))


def lease_of(seconds: str) -> int:
    """Return the lease that a hub grants, within bounds; a day where it tells none."""
    known = seconds.isascii() and seconds.isdigit() and len(seconds) < 12
    return min(_MOST_LEASE, max(_LEAST_LEASE, int(seconds))) if known else 86400


def ask_again(at: datetime, lease: int) -> datetime:
    """Return when a lease is renewed."""
    left = min(lease / 2, max(_LEAST_LEFT, _LEFT * lease))
    return at + timedelta(seconds=lease - left)


def note_hub(
    connection: sqlite3.Connection, source_id: int, discovery: Discovery, at: datetime
) -> None:
    """Note which hub a feed names, within a transaction; a visit that read nothing says nothing."""
    if discovery.unchanged or discovery.served_by or not discovery.pages:
        return
    if not discovery.hub:
        connection.execute("delete from hub_subscriptions where source_id = ?", [source_id])
        return
    connection.execute(
        "insert into hub_subscriptions (source_id, hub, topic, state, next_at)"
        " values (?1, ?2, ?3, 'found', ?4) on conflict (source_id) do update set hub = ?2,"
        " topic = ?3, key = '', state = 'found', expires_at = null, next_at = ?4, failures = 0,"
        " message = '' where hub <> ?2 or topic <> ?3",
        [source_id, discovery.hub, discovery.topic, utc_text(at)],
    )


class HubMixin(ArchiveBase):
    """Subscriptions to hubs, by source."""

    def hub_subscriptions(self) -> tuple[HubSubscription, ...]:
        """Return the subscriptions of the enabled sources, by name."""
        with self._reading() as connection:
            rows = connection.execute(
                "select h.*, s.name from hub_subscriptions h join sources s on s.id = h.source_id"
                " where s.enabled order by s.name"
            ).fetchall()
        return tuple(
            HubSubscription(
                source=row["name"],
                hub=row["hub"],
                topic=row["topic"],
                key=row["key"],
                state=row["state"],
                asked_at=from_utc_text(row["asked_at"]),
                verified_at=from_utc_text(row["verified_at"]),
                expires_at=from_utc_text(row["expires_at"]),
                next_at=utc_time(row["next_at"]),
                failures=row["failures"],
                message=row["message"],
                last_push_at=from_utc_text(row["last_push_at"]),
            )
            for row in rows
        )

    def hub_asked(self, source: str, key: str, at: datetime) -> None:
        """Note that a hub is asked now; what it says may come before the request's own answer."""
        self._set(
            source,
            "key = ?, state = iif(state = 'active', state, 'asked'), asked_at = ?, next_at = ?",
            [key, utc_text(at), utc_text(at + _VERIFIES_WITHIN)],
        )

    def hub_failed(self, source: str, message: str, at: datetime, *, denied: bool = False) -> None:
        """Note that a hub refused or did not answer; a lease that lasts goes on lasting."""
        with self._writing() as connection:
            row = _row(connection, source)
            if row is None:
                return
            failures = row["failures"] + 1
            lasts = row["expires_at"] is not None and utc_time(row["expires_at"]) > at
            state = "denied" if denied else "active" if lasts else "failed"
            connection.execute(
                "update hub_subscriptions set state = ?, failures = ?, message = ?, next_at = ?,"
                " asked_at = null where source_id = ?",
                [
                    state, failures, message[:300], utc_text(next_request(at, failures)),
                    row["source_id"],
                ],
            )  # fmt: skip

    def hub_verified(self, source: str, lease: int, at: datetime) -> None:
        """Note that a hub verified a subscription, and for how many seconds."""
        self._set(
            source,
            "state = 'active', verified_at = ?, expires_at = ?, next_at = ?, failures = 0,"
            " message = ''",
            [
                utc_text(at),
                utc_text(at + timedelta(seconds=lease)),
                utc_text(ask_again(at, lease)),
            ],
        )

    def hub_told(self, source: str, at: datetime) -> bool:
        """Note that a hub told of something new; return whether a visit was hastened.

        No visit comes sooner than ten minutes after another. A source with a cron line is visited
        at its own times.
        """
        self._set(source, "last_push_at = ?", [utc_text(at)])
        with self._writing() as connection:
            row = connection.execute(
                "select id, interval, last_visit_at, failures, next_due_at from sources"
                " where name = ? and enabled and cron = ''",
                [source],
            ).fetchone()
            # A source that fails is asked as seldom as its failures say.
            if row is None or row["failures"]:
                return False
            last = from_utc_text(row["last_visit_at"])
            least = timedelta(seconds=min(SHORTEST, row["interval"]))
            due = utc_text(at if last is None else max(at, last + least))
            if due >= row["next_due_at"]:
                return False
            connection.execute("update sources set next_due_at = ? where id = ?", [due, row["id"]])
        return True

    def _set(self, source: str, assignments: str, values: list[object]) -> None:
        with self._writing() as connection:
            connection.execute(
                f"update hub_subscriptions set {assignments} where source_id ="
                " (select id from sources where name = ?)",
                [*values, source],
            )


def _row(connection: sqlite3.Connection, source: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "select h.* from hub_subscriptions h join sources s on s.id = h.source_id where s.name = ?",
        [source],
    ).fetchone()
    return row
