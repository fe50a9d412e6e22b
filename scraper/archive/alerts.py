"""The queue of alerts: what rules told, the messages made of it, and what became of them.

An event becomes an alert in the transaction in which the rule moves past it, so that a stop at any
moment neither loses nor repeats it. A message's alerts are settled when it is made; it is marked
before it is sent and after it was answered. What was marked and never answered may have arrived:
nobody can know, so a sink says whether it is then sent again, with the same key, or dropped.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from scraper.archive.alert_events import EVENTS, Look, heads
from scraper.archive.database import DatabaseFile
from scraper.archive.sql_values import from_utc_text, storable_text, utc_text, utc_time
from scraper.models.alerts import Alert, AlertMessage, AlertRule, NewAlert
from scraper.record import record

__all__ = ["AlertPause", "AlertStore", "Delivery", "SinkState"]

# A message tells so many alerts at most.
MOST_ALERTS = 50
# A message that its sink refused so often holds those behind it no longer.
REFUSALS = 3
# Conditions on a message `m`: it waits for a sink and quiet hours do not hold it; it holds no
# other.
_MAY_GO = (
    "m.sink = ? and m.state = 'waiting' and (not ? or exists (select 1 from alert_deliveries d"
    " where d.message_id = m.id and d.urgent))"
)
_IS_ASIDE = "(m.refused and m.attempts >= ?)"


@record
class Delivery:
    """Where and when an alert of a rule is to go.

    Attributes:
        sink: name of the sink.
        due_at: not before then.
        urgent: whether quiet hours do not hold it.
    """

    sink: str
    due_at: datetime
    urgent: bool


@record
class AlertPause:
    """A pause of a rule or a sink.

    Attributes:
        kind: ``rule`` or ``sink``.
        name: of it.
        since: when it was paused.
        until: when the pause ends; None: until it is ended.
    """

    kind: str
    name: str
    since: datetime
    until: datetime | None


@record
class SinkState:
    """What is known of a sink.

    Attributes:
        name: of it.
        waiting: alerts that are in no message yet.
        open: messages that are made and not answered.
        sent, dropped: messages, ever.
        last_sent_at: when the last was accepted, or None.
        next_at: when the next message is tried, or None.
        failures: attempts in vain at the oldest open message.
        error: why the last of them failed, or "".
    """

    name: str
    waiting: int
    open: int
    sent: int
    dropped: int
    last_sent_at: datetime | None
    next_at: datetime | None
    failures: int
    error: str


class AlertStore:
    """The queue of alerts of an archive.

    Args:
        store: the archive file.
    """

    def __init__(self, store: DatabaseFile) -> None:
        self._store = store
        # What each rule had looked at when it found nothing: an idle round writes nothing.
        self._looked: dict[AlertRule, dict[str, Any]] = {}

    # From events to alerts

    def look(self, rule: AlertRule, deliveries: Sequence[Delivery], at: datetime) -> int:
        """Queue what happened in the archive since a rule last looked.

        A rule that is met for the first time looks from now on.

        Args:
            rule: what is told; of another kind than those in `EVENTS` nothing is found here.
            deliveries: where its alerts go.
            at: now.

        Returns:
            How many alerts were queued.
        """
        with self._store.reading() as connection:
            now = heads(connection)
            if self._looked.get(rule) == now:
                return 0
        with self._store.transaction() as connection:
            since, state = _state_of(connection, rule.name, at)
            found: list[NewAlert] = []
            if rule.kind in EVENTS:
                look = Look(connection=connection, rule=rule, state=state, since=since, at=at)
                found, moved = EVENTS[rule.kind](look)
                state = {**state, **moved}
            queued = sum(_queue(connection, rule, alert, deliveries, at) for alert in found)
            connection.execute(
                "update alert_rules set state = ? where name = ?", [json.dumps(state), rule.name]
            )
        if not found:
            self._looked[rule] = now
        return queued

    def add(
        self, rule: AlertRule, alerts: Sequence[NewAlert], deliveries: Sequence[Delivery],
        at: datetime,
    ) -> int:  # fmt: skip
        """Queue what was found outside the tables of articles, each once; return how many."""
        if not alerts:
            return 0
        with self._store.reading() as connection:
            new = [alert for alert in alerts if not _is_known(connection, rule.name, alert.key)]
        if not new:
            return 0
        with self._store.transaction() as connection:
            _state_of(connection, rule.name, at)
            return sum(_queue(connection, rule, alert, deliveries, at) for alert in new)

    def rule_since(self, rule: str, at: datetime) -> datetime:
        """Return since when a rule tells; now where it was never met, which is noted."""
        with self._store.reading() as connection:
            row = connection.execute(
                "select since from alert_rules where name = ?", [rule]
            ).fetchone()
        if row is not None:
            return utc_time(row["since"])
        with self._store.transaction() as connection:
            since, _ = _state_of(connection, rule, at)
        return utc_time(since)

    def last_told(self, rule: str) -> datetime | None:
        """Return when a rule last told anything, or None."""
        with self._store.reading() as connection:
            row = connection.execute(
                "select max(at) as at from alerts where rule = ?", [rule]
            ).fetchone()
        return from_utc_text(row["at"])

    # From alerts to messages

    def compose(
        self, sink: str, at: datetime, *, quiet: bool, together: bool, paused: Sequence[str] = ()
    ) -> int:
        """Make messages of the alerts that are due for a sink.

        Args:
            sink: its name.
            at: now.
            quiet: whether only urgent ones may go.
            together: whether all go in as few messages as hold them; else those that waited for
                their digest do, and each other one has its own.
            paused: rules whose alerts wait.

        Returns:
            How many messages were made.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                "select d.alert_id, d.due_at > a.at as of_digest from alert_deliveries d"
                " join alerts a on a.id = d.alert_id"
                " where d.sink = ? and d.message_id is null and d.due_at <= ?"
                " and (d.urgent or not ?) and a.rule not in (select value from json_each(?))"
                " order by d.alert_id limit ?",
                [sink, utc_text(at), quiet, json.dumps(list(paused)), 20 * MOST_ALERTS],
            ).fetchall()
        if not rows:
            return 0
        joined = [row["alert_id"] for row in rows if together or row["of_digest"]]
        groups = [
            joined[start : start + MOST_ALERTS] for start in range(0, len(joined), MOST_ALERTS)
        ]
        groups += [[row["alert_id"]] for row in rows if not (together or row["of_digest"])]
        with self._store.transaction() as connection:
            for group in groups:
                made = connection.execute(
                    "insert into alert_messages (sink, key, created_at, state, next_at)"
                    " values (?, ?, ?, 'waiting', ?)",
                    [sink, uuid4().hex, utc_text(at), utc_text(at)],
                ).lastrowid
                connection.execute(
                    "update alert_deliveries set message_id = ? where sink = ?"
                    " and alert_id in (select value from json_each(?))",
                    [made, sink, json.dumps(group)],
                )
        return len(groups)

    def waiting(self, sink: str, at: datetime, *, quiet: bool, paused: Sequence[str] = ()) -> int:
        """Return how many alerts `compose` would put into messages."""
        with self._store.reading() as connection:
            (number,) = connection.execute(
                "select count(*) from alert_deliveries d join alerts a on a.id = d.alert_id"
                " where d.sink = ? and d.message_id is null and d.due_at <= ?"
                " and (d.urgent or not ?) and a.rule not in (select value from json_each(?))",
                [sink, utc_text(at), quiet, json.dumps(list(paused))],
            ).fetchone()
        return int(number)

    def due_messages(
        self, sink: str, at: datetime, limit: int, *, quiet: bool = False
    ) -> tuple[AlertMessage, ...]:
        """Return the messages to a sink that may be tried now, oldest first.

        They go in order: while the oldest waits for its next attempt, none is due. One that the
        sink has refused several times goes by itself, and holds no other.

        Args:
            sink: its name.
            at: now.
            limit: how many at most.
            quiet: whether only those with an urgent alert may go.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                f"select * from alert_messages m where {_MAY_GO} and (not {_IS_ASIDE}"
                " or next_at <= ?) order by id limit ?",
                [sink, quiet, REFUSALS, utc_text(at), limit],
            ).fetchall()
            held = _holding(connection, sink, quiet)
            if held is not None and held["next_at"] > utc_text(at):
                rows = [row for row in rows if row["refused"] and row["attempts"] >= REFUSALS]
            return tuple(_message(connection, row) for row in rows)

    def is_failing(self, sink: str, *, quiet: bool = False) -> bool:
        """Return whether a sink did not take the message that all others wait for.

        Args:
            sink: its name.
            quiet: whether only messages with an urgent alert count.
        """
        with self._store.reading() as connection:
            held = _holding(connection, sink, quiet)
        return held is not None and held["attempts"] > 0

    def begin_sending(self, message: int) -> None:
        """Mark a message as on its way, before a byte of it is sent."""
        with self._store.transaction() as connection:
            connection.execute(
                "update alert_messages set state = 'sending', attempts = attempts + 1 where id = ?",
                [message],
            )

    def end_sending(
        self,
        message: int,
        state: str,
        at: datetime,
        *,
        error: str = "",
        next_at: datetime | None = None,
        unsure: bool = False,
        refused: bool = False,
    ) -> None:
        """Note what became of a message.

        Args:
            message: its number.
            state: ``sent``, ``waiting`` (it is tried again), ``dropped`` or ``expired``.
            at: now.
            error: why it failed, or "".
            next_at: when it is tried again.
            unsure: whether it may have arrived though no answer came.
            refused: whether the sink refused this message, rather than take none.
        """
        with self._store.transaction() as connection:
            connection.execute(
                "update alert_messages set state = ?, sent_at = ?, error = ?, next_at = ?,"
                " unsure = max(unsure, ?), refused = max(refused, ?) where id = ?",
                [
                    state,
                    utc_text(at) if state == "sent" else None,
                    storable_text(error)[:500],
                    utc_text(next_at or at),
                    int(unsure),
                    int(refused),
                    message,
                ],
            )

    def recover(self, dropping: Sequence[str]) -> tuple[int, int]:
        """Take up messages that were on their way when an earlier process ended.

        Args:
            dropping: names of the sinks to which what may have arrived is not sent again.

        Returns:
            How many are sent again, and how many are dropped.
        """
        with self._store.reading() as connection:
            row = connection.execute(
                "select 1 from alert_messages where state = 'sending' limit 1"
            ).fetchone()
        if row is None:
            return 0, 0
        lost = "the program ended while it was being sent"
        with self._store.transaction() as connection:
            dropped = connection.execute(
                "update alert_messages set state = 'dropped', unsure = 1, error = ?"
                " where state = 'sending' and sink in (select value from json_each(?))",
                [lost, json.dumps(list(dropping))],
            ).rowcount
            again = connection.execute(
                "update alert_messages set state = 'waiting', unsure = 1, error = ?"
                " where state = 'sending'",
                [lost],
            ).rowcount
        return again, dropped

    def attempts_since(self, sink: str, since: datetime) -> int:
        """Return how many messages a sink has accepted since a time."""
        with self._store.reading() as connection:
            (number,) = connection.execute(
                "select count(*) from alert_messages where sink = ? and sent_at > ?",
                [sink, utc_text(since)],
            ).fetchone()
        return int(number)

    # Pauses, and what there is to see

    def pause(self, kind: str, name: str, at: datetime, until: datetime | None) -> None:
        """Pause a rule or a sink; what is told meanwhile waits."""
        with self._store.transaction() as connection:
            connection.execute(
                "insert or replace into alert_pauses (kind, name, since, until_at)"
                " values (?, ?, ?, ?)",
                [kind, name, utc_text(at), utc_text(until) if until else None],
            )

    def resume(self, name: str) -> int:
        """End the pauses of what has a name; return how many there were."""
        with self._store.transaction() as connection:
            return connection.execute("delete from alert_pauses where name = ?", [name]).rowcount

    def pauses(self, at: datetime) -> tuple[AlertPause, ...]:
        """Return the pauses that last."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select * from alert_pauses where until_at is null or until_at > ?"
                " order by kind, name",
                [utc_text(at)],
            ).fetchall()
        return tuple(
            AlertPause(
                kind=row["kind"], name=row["name"], since=utc_time(row["since"]),
                until=from_utc_text(row["until_at"]),
            )
            for row in rows
        )  # fmt: skip

    def told(self, limit: int = 20) -> tuple[Alert, ...]:
        """Return the last alerts, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select * from (select * from alerts order by id desc limit ?) order by id", [limit]
            ).fetchall()
        return tuple(map(_alert, rows))

    def rule_counts(self) -> Mapping[str, int]:
        """Return how many alerts each rule has told."""
        with self._store.reading() as connection:
            rows = connection.execute("select rule, count(*) as n from alerts group by rule")
            return {row["rule"]: row["n"] for row in rows}

    def sinks(self) -> tuple[SinkState, ...]:
        """Return what is known of the sinks that anything was told to, by name."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "with named as (select sink as name from alert_deliveries union"
                " select sink from alert_messages) select name,"
                " (select count(*) from alert_deliveries d where d.sink = name"
                " and d.message_id is null) as waiting,"
                " (select count(*) from alert_messages m where m.sink = name"
                " and m.state in ('waiting', 'sending')) as open,"
                " (select count(*) from alert_messages m where m.sink = name"
                " and m.state = 'sent') as sent,"
                " (select count(*) from alert_messages m where m.sink = name"
                " and m.state in ('dropped', 'expired')) as dropped,"
                " (select max(sent_at) from alert_messages m where m.sink = name) as last_sent_at,"
                " (select id from alert_messages m where m.sink = name"
                " and m.state in ('waiting', 'sending') order by id limit 1) as first"
                " from named order by name"
            ).fetchall()
            return tuple(_sink_state(connection, row) for row in rows)


def _sink_state(connection: sqlite3.Connection, row: sqlite3.Row) -> SinkState:
    first = connection.execute(
        "select next_at, attempts, error from alert_messages where id = ?", [row["first"]]
    ).fetchone()
    return SinkState(
        name=row["name"],
        waiting=row["waiting"],
        open=row["open"],
        sent=row["sent"],
        dropped=row["dropped"],
        last_sent_at=from_utc_text(row["last_sent_at"]),
        next_at=from_utc_text(first["next_at"]) if first else None,
        failures=first["attempts"] if first else 0,
        error=first["error"] if first else "",
    )


def _holding(connection: sqlite3.Connection, sink: str, quiet: bool) -> sqlite3.Row | None:
    """Return the message to a sink that goes before all others, or None."""
    row: sqlite3.Row | None = connection.execute(
        f"select next_at, attempts from alert_messages m where {_MAY_GO} and not {_IS_ASIDE}"
        " order by id limit 1",
        [sink, quiet, REFUSALS],
    ).fetchone()
    return row


def _state_of(
    connection: sqlite3.Connection, rule: str, at: datetime
) -> tuple[str, dict[str, Any]]:
    """Return since when a rule tells, and how far it has looked; now for a new rule."""
    row = connection.execute(
        "select since, state from alert_rules where name = ?", [rule]
    ).fetchone()
    if row is not None:
        return row["since"], json.loads(row["state"])
    since, state = utc_text(at), heads(connection)
    connection.execute(
        "insert into alert_rules (name, since, state) values (?, ?, ?)",
        [rule, since, json.dumps(state)],
    )
    return since, state


def _is_known(connection: sqlite3.Connection, rule: str, key: str) -> bool:
    row = connection.execute("select 1 from alerts where rule = ? and key = ?", [rule, key])
    return row.fetchone() is not None


def _queue(
    connection: sqlite3.Connection,
    rule: AlertRule,
    alert: NewAlert,
    deliveries: Sequence[Delivery],
    at: datetime,
) -> int:
    """Write an alert and its deliveries, unless the rule told it before; return how many."""
    made = connection.execute(
        "insert or ignore into alerts (rule, key, kind, at, title, text, url, article_id, data)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            rule.name,
            storable_text(alert.key),
            rule.kind,
            utc_text(at),
            storable_text(alert.title),
            storable_text(alert.text),
            alert.url,
            alert.article_id,
            storable_text(json.dumps(dict(alert.data), ensure_ascii=False, default=str)),
        ],
    )
    if made.rowcount < 1:
        return 0
    connection.executemany(
        "insert into alert_deliveries (alert_id, sink, due_at, urgent) values (?, ?, ?, ?)",
        [(made.lastrowid, d.sink, utc_text(d.due_at), int(d.urgent)) for d in deliveries],
    )
    return 1


def _message(connection: sqlite3.Connection, row: sqlite3.Row) -> AlertMessage:
    alerts = connection.execute(
        "select a.* from alert_deliveries d join alerts a on a.id = d.alert_id"
        " where d.message_id = ? order by a.id",
        [row["id"]],
    ).fetchall()
    return AlertMessage(
        id=row["id"],
        sink=row["sink"],
        key=row["key"],
        attempts=row["attempts"],
        unsure=bool(row["unsure"]),
        alerts=tuple(map(_alert, alerts)),
    )


def _alert(row: sqlite3.Row) -> Alert:
    return Alert(
        id=row["id"],
        rule=row["rule"],
        kind=row["kind"],
        at=utc_time(row["at"]),
        title=row["title"],
        text=row["text"],
        url=row["url"],
        article_id=row["article_id"],
        data=json.loads(row["data"]),
    )
