"""What happened in the archive since a rule last looked: the events that it tells.

Each kind of event has a function that takes the rule, how far it has looked, and the time from
which on it tells; it returns the events and how far it has looked now. Keys name what happened, so
that looking twice tells it once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from scraper.archive.ledger_edits import LedgerEdit, ledger_edits
from scraper.archive.search import Search, parse
from scraper.archive.searched_file import SearchedFile
from scraper.archive.sql_values import utc_text
from scraper.archive.topics import claims_in
from scraper.models import Claim
from scraper.models.alerts import AlertRule, NewAlert
from scraper.record import record
from scraper.topics.facts import Fact, format_quantity, series_among, unsettled

__all__ = ["EVENTS", "Look", "heads", "matching"]

# Texts that are read for one call of the filter; a search reads no more either.
_READ_AT_ONCE = 1000
# Rows that one look takes up; what is more waits for the next.
_MOST_ROWS = 500
# Names whose figures are compared at one look, the age of those, and how many.
_MOST_NAMES, _CLAIM_DAYS, _MOST_CLAIMS = 50, 60, 2000
_TITLE = 200


@record
class Look:
    """One look of a rule at an archive.

    Attributes:
        connection: of the archive file, within a transaction.
        rule: what it tells.
        state: how far it has looked, by the name of what it counts.
        since: what is older is not told.
        at: now.
    """

    connection: sqlite3.Connection
    rule: AlertRule
    state: Mapping[str, Any]
    since: str
    at: datetime

    def passing(self, ids: Iterable[int]) -> frozenset[int]:
        """Return which of some articles fulfil the rule's filter."""
        wanted = list(dict.fromkeys(ids))
        if not self.rule.filter:
            return frozenset(wanted)
        return matching(self.connection, self.rule.filter, wanted, self.at.date())


Found = tuple[list[NewAlert], dict[str, Any]]


def matching(
    connection: sqlite3.Connection, typed: str, ids: Sequence[int], today: date
) -> frozenset[int]:
    """Return which of some articles a query finds.

    Args:
        connection: of the archive file.
        typed: the query.
        ids: numbers of articles.
        today: day from which ``since:7d`` counts.
    """
    tree = parse(typed, today).tree
    if tree is None:
        return frozenset()
    found: set[int] = set()
    for start in range(0, len(ids), _READ_AT_ONCE):
        some = ids[start : start + _READ_AT_ONCE]
        found.update(Search((SearchedFile(connection),), tree).among(some))
    return frozenset(found)


# The last may rest in a sealed part.
_LAST_CHANGE, _LAST_VERSION = (
    f"max((select coalesce(max(id), 0) from {table}),"
    f" (select coalesce(max(last_{row}), 0) from parts))"
    for table, row in (("changes", "change"), ("versions", "version"))
)


def heads(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the numbers of the last rows of all that rules look at: nothing before is told."""
    row = connection.execute(
        f"select {_LAST_CHANGE} as change, {_LAST_VERSION} as version,"
        " (select coalesce(max(id), 0) from entities) as entity,"
        " (select coalesce(max(joined_at), '') from story_members) as joined,"
        " (select coalesce(max(id), 0) from drift_events) as drift"
    ).fetchone()
    return {key: row[key] for key in ("change", "version", "entity", "joined", "drift")}


# The ledger


def _severe_edits(look: Look) -> Found:
    return _of_ledger(look, "c.kind <> 'gone' and c.kind <> 'new' and c.severity >= ?")


def _takedowns(look: Look) -> Found:
    return _of_ledger(look, "c.kind = 'gone' and ? is not null")


def _of_ledger(look: Look, condition: str) -> Found:
    """Return entries of the ledger; those of imported captures may be of long ago."""
    rows = look.connection.execute(
        "select c.*, a.url, a.outlet, v.number from changes c"
        " join articles a on a.id = c.page_id left join versions v on v.id = c.version_id"
        f" where c.id > ? and {condition} and c.at >= ? order by c.id limit ?",
        [look.state.get("change", 0), look.rule.severity, look.since, _MOST_ROWS],
    ).fetchall()
    (last,) = look.connection.execute(f"select {_LAST_CHANGE}").fetchone()
    passing = look.passing(row["page_id"] for row in rows)
    told = [row for row in rows if row["page_id"] in passing]
    edits = ledger_edits(look.connection, (row["id"] for row in told))
    alerts = [_change(row, edits.get(row["id"])) for row in told]
    return alerts, {"change": rows[-1]["id"] if len(rows) == _MOST_ROWS else last}


def _change(row: sqlite3.Row, edit: LedgerEdit | None) -> NewAlert:
    gone, classes = row["kind"] == "gone", json.loads(row["classes"])
    what = "Taken down" if gone else f"{row['kind'].capitalize()} (severity {row['severity']})"
    lines = [f"{row['outlet']}, {row['at']}"]
    lines += [f"kind: {', '.join(classes)}"] if classes else []
    if edit is not None:
        lines += [f"- {_clip(line)}" for line in edit.removed.splitlines()[:5] if line]
        lines += [f"+ {_clip(line)}" for line in edit.added.splitlines()[:5] if line]
    return NewAlert(
        key=f"change:{row['id']}",
        title=_clip(f"{what}: {row['title']}", _TITLE),
        text="\n".join(lines),
        url=row["url"],
        article_id=row["page_id"],
        data={
            "cursor": row["id"], "change": row["kind"], "severity": row["severity"],
            "classes": classes, "version": row["number"], "outlet": row["outlet"],
            "at": row["at"],
        },
    )  # fmt: skip


def _clip(text: str, most: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


# Stories


def _new_stories(look: Look) -> Found:
    return _of_stories(look, _is_new_story)


def _wide_stories(look: Look) -> Found:
    return _of_stories(look, _is_wide_story)


def _is_new_story(look: Look, members: Sequence[sqlite3.Row]) -> bool:
    """Return whether a story is new and on topic: all its articles came in since then."""
    return any(m["on_topic"] for m in members) and all(
        m["first_seen_at"] >= look.since for m in members
    )


def _is_wide_story(look: Look, members: Sequence[sqlite3.Row]) -> bool:
    """Return whether enough outlets have a story, at least one of them since a given moment."""
    outlets = {m["outlet"] for m in members}
    return len(outlets) >= look.rule.outlets and any(
        m["first_seen_at"] >= look.since for m in members
    )


def _of_stories(look: Look, told: Callable[[Look, Sequence[sqlite3.Row]], bool]) -> Found:
    joined = look.state.get("joined", "")
    rows = look.connection.execute(
        "select m.story_id, m.joined_at, a.id, a.title, a.url, a.outlet, a.on_topic,"
        " a.first_seen_at, coalesce(a.published_at, a.first_seen_at) as at from story_members m"
        " join articles a on a.id = m.article_id where m.story_id in"
        " (select story_id from story_members where joined_at >= ?)"
        " order by m.story_id, coalesce(a.published_at, a.first_seen_at), a.id",
        [joined],
    ).fetchall()
    alerts = []
    for story, group in groupby(rows, key=lambda row: row["story_id"]):
        members = list(group)
        if not told(look, members) or _told_before(look, story, [m["id"] for m in members]):
            continue
        if look.passing(m["id"] for m in members):
            alerts.append(_story(look.rule, story, members))
    return alerts, {"joined": max((row["joined_at"] for row in rows), default=joined)}


def _told_before(look: Look, story: int, ids: Sequence[int]) -> bool:
    """Return whether the rule told this story, or one that an article of it belonged to."""
    row = look.connection.execute(
        "select 1 from alerts where rule = ?1 and (key = ?2 or article_id in"
        " (select value from json_each(?3))) limit 1",
        [look.rule.name, f"story:{story}", json.dumps(ids)],
    ).fetchone()
    return row is not None


def _story(rule: AlertRule, story: int, members: Sequence[sqlite3.Row]) -> NewAlert:
    first, outlets = members[0], list(dict.fromkeys(m["outlet"] for m in members))
    what = "New story" if rule.kind == "new_story" else f"Story of {len(outlets)} outlets"
    lines = [f"{m['at']} {m['outlet']}: {_clip(m['title'])}" for m in members[:8]]
    if len(members) > 8:
        lines.append(f"and {len(members) - 8} more")
    return NewAlert(
        key=f"story:{story}",
        title=_clip(f"{what}: {first['title']}", _TITLE),
        text="\n".join(lines),
        url=first["url"],
        article_id=first["id"],
        data={"story": story, "outlets": outlets, "articles": [m["id"] for m in members]},
    )


# Names and figures


def _new_names(look: Look) -> Found:
    rows = look.connection.execute(
        "select e.*, a.id as article, a.title, a.url, a.outlet, a.first_seen_at,"
        " coalesce(a.published_at, a.first_seen_at) as published from entities e"
        " join mentions m on m.entity_id = e.id join articles a on a.version_id = m.version_id"
        " where e.id > ? order by e.id, a.first_seen_at, a.id limit ?",
        [look.state.get("entity", 0), _MOST_ROWS],
    ).fetchall()
    alerts = []
    for _, group in groupby(rows, key=lambda row: row["id"]):
        members = list(group)
        first = members[0]
        # A new lexicon finds names in old articles: they were there before.
        if first["first_seen_at"] < look.since:
            continue
        if look.rule.names and first["kind"] not in look.rule.names:
            continue
        if look.passing(row["article"] for row in members):
            alerts.append(_name(first))
    (last,) = look.connection.execute("select coalesce(max(id), 0) from entities").fetchone()
    return alerts, {"entity": rows[-1]["id"] if len(rows) == _MOST_ROWS else last}


def _name(row: sqlite3.Row) -> NewAlert:
    return NewAlert(
        key=f"name:{row['kind']}:{row['name']}",
        title=_clip(f"New {row['kind']}: {row['name']}", _TITLE),
        text=f"first in {row['outlet']}, {row['published']}: {_clip(row['title'])}",
        url=row["url"],
        article_id=row["article"],
        data={"name": row["name"], "kind": row["kind"], "listed": bool(row["listed"])},
    )


def _contradictions(look: Look) -> Found:
    connection, version = look.connection, look.state.get("version", 0)
    (last,) = connection.execute(f"select {_LAST_VERSION}").fetchone()
    if last == version:
        return [], {"version": version}
    rows = connection.execute(
        "select distinct q.entity_id, q.page_id from quantities q where q.version_id > ?"
        " and q.version_id <= ? order by q.entity_id",
        [version, last],
    ).fetchall()
    names = list(dict.fromkeys(row["entity_id"] for row in rows))
    fresh = {row["page_id"] for row in rows}
    alerts: list[NewAlert] = []
    series = _series(connection) if names else frozenset()
    begin = look.at - timedelta(days=_CLAIM_DAYS)
    for start in range(0, len(names), _MOST_NAMES):
        claims = claims_in(connection, "q.entity_id", names[start : start + _MOST_NAMES])
        recent = [claim for claim in claims if claim.observed_at >= begin][-_MOST_CLAIMS:]
        alerts += _disagreements(look, recent, series, fresh)
    return alerts, {"version": last}


def _series(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute("select name, family from entities").fetchall()
    return series_among((row["name"] for row in rows), {row["family"] for row in rows})


def _disagreements(
    look: Look, claims: Sequence[Claim], series: frozenset[str], fresh: set[int]
) -> Iterator[NewAlert]:
    """Yield contradictions of which one side was read since the last look."""
    for fact, found in unsettled(claims, series, fresh):
        one, other = found.one, found.other
        pages = {one.article_id, other.article_id}
        newest = max(one.observed_at, other.observed_at)
        if utc_text(newest) >= look.since and look.passing(pages):
            yield _contradiction(fact, one, other)


def _contradiction(fact: Fact, one: Claim, other: Claim) -> NewAlert:
    values = sorted(f"{c.quantity.low:g}-{c.quantity.high:g}" for c in (one, other))
    what = " ".join(filter(None, (fact.about, fact.kind, fact.detail)))
    said = [
        f"{c.outlet}, {utc_text(c.at)}: {format_quantity(c.quantity)}\n"
        f"  {_clip(c.quantity.sentence)}\n  {c.url}"
        for c in (one, other)
    ]
    quantities = " or ".join(format_quantity(c.quantity) for c in (one, other))
    return NewAlert(
        key=f"fact:{fact.about}:{fact.kind}:{fact.detail}:{fact.unit}:{':'.join(values)}",
        title=_clip(f"Contradiction on {what}: {quantities}", _TITLE),
        text="\n".join(said),
        url=other.url,
        article_id=other.article_id,
        data={
            "about": fact.about, "kind": fact.kind, "detail": fact.detail,
            "articles": sorted((one.article_id, other.article_id)),
        },
    )  # fmt: skip


def _drifts(look: Look) -> Found:
    rows = look.connection.execute(
        "select * from drift_events where id > ? order by id", [look.state.get("drift", 0)]
    ).fetchall()
    alerts = [
        NewAlert(
            key=f"drift:{row['id']}",
            title=f"{row['host']} drifts: {row['kind']}",
            text="\n".join(
                (
                    *json.loads(row["reasons"]),
                    f"last good page: {row['good_url'] or 'none'}",
                    f"first bad page: {row['bad_url']}",
                    "what is held: scraper sources drift",
                )
            ),
            url=row["bad_url"],
            data={"host": row["host"], "kind": row["kind"], "event": row["id"]},
        )
        for row in rows
    ]
    return alerts, {"drift": rows[-1]["id"] if rows else look.state.get("drift", 0)}


EVENTS: Mapping[str, Callable[[Look], Found]] = {
    "severe_edit": _severe_edits,
    "takedown": _takedowns,
    "new_story": _new_stories,
    "story_outlets": _wide_stories,
    "new_name": _new_names,
    "contradiction": _contradictions,
    "source_drift": _drifts,
}
