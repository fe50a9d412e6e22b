"""How hosts' pages are read over time, and the pages that are held while a host drifts.

A held page is a fetch like any other, with its raw body; it is in no version and on no list of
articles. When its layout has proved itself, or a person releases it, it is read again from that
body as it was fetched then, or fetched again where the page was archived before.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.sql_values import from_utc_text, utc_text, utc_time
from scraper.coverage.drift import ARTICLE, BASELINE, DriftState, DriftStep, Look, classify, step
from scraper.errors import NotFound, UsageError
from scraper.models import Attempt, Hop, Link, Page
from scraper.models.drift import PageShape
from scraper.record import record
from scraper.urls import host_of

__all__ = [
    "DriftEvent",
    "DriftMixin",
    "DriftRecorder",
    "DriftSample",
    "HeldPage",
    "ReleasedPage",
]

# Looks of a host that are kept.
_KEPT = 4 * BASELINE
_MOST_HELD = 50


@record
class DriftEvent:
    """A host whose pages are, or were, no longer read as before.

    Attributes:
        id, host: which.
        kind: redesign, wall, empty or slow.
        at: when it was noticed.
        good_page, good_url: the last page that was read well, if any.
        bad_url: the first that was not.
        reasons: what is odd, in words.
        ended_at: when it ended; None while it lasts.
        ended: how: proven, over, released.
        held: pages of the host that are held now.
    """

    id: int
    host: str
    kind: str
    at: datetime
    good_page: int | None
    good_url: str
    bad_url: str
    reasons: tuple[str, ...]
    ended_at: datetime | None
    ended: str
    held: int


@record
class DriftSample:
    """How a page was read, of those between which a host's layout changed.

    Attributes:
        url: its address.
        page_id: its number, or None where it is not known.
        at: when it was last looked at; None where that is too long ago to be kept.
        shape: how it was read; None where no article was found or the look has been deleted.
        article: whether the archive shows it as an article.
        held: whether its body is kept and can be read.
    """

    url: str
    page_id: int | None = None
    at: datetime | None = None
    shape: PageShape | None = None
    article: bool = False
    held: bool = False


@record
class HeldPage:
    """A page that is held.

    Attributes:
        page_id, host, url: which.
        at: when it was fetched.
        length: characters of the text that was read, or None.
        confidence: how likely that text is right, or None.
    """

    page_id: int
    host: str
    url: str
    at: datetime
    length: int | None
    confidence: float | None


@record
class ReleasedPage:
    """A page that is held, or was and is to be read again, as it was fetched.

    Attributes:
        look: number of the look.
        link: its address and source.
        page: the response as it was fetched.
    """

    look: int
    link: Link
    page: Page


class DriftRecorder:
    """Records looks at pages and decides which are held. All methods run within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def article(self, attempt: Attempt, page_id: int, body: str) -> DriftStep | None:
        """Record a look that found an article; return it where the page must be held.

        Args:
            attempt: what was read.
            page_id: the page.
            body: SHA-256 of its raw body, or "".
        """
        page = attempt.page
        if attempt.shape is None or page is None or attempt.capture:
            return None
        if attempt.released:
            self._connection.execute(
                "update page_looks set state = 'good' where page_id = ? and state = 'released'",
                [page_id],
            )
            return None
        look = Look(kind=ARTICLE, shape=attempt.shape)
        found = self._record(attempt, page_id, host_of(page.final_url), look, body)
        return found if found.hold else None

    def failure(self, attempt: Attempt, page_id: int, error_class: str) -> None:
        """Record the first look at a page that found no article though it should have."""
        page, kind = attempt.page, classify(error_class)
        if kind is None or page is None or attempt.capture:
            return
        known = self._connection.execute(
            "select 1 from page_looks where page_id = ?1 union all"
            " select 1 from articles where id = ?1 limit 1",
            [page_id],
        ).fetchone()
        if known is None:
            self._record(attempt, page_id, host_of(page.final_url), Look(kind=kind), "")

    def _record(
        self, attempt: Attempt, page_id: int, host: str, look: Look, body: str
    ) -> DriftStep:
        state, at = self._state(host), utc_text(attempt.at)
        before = self._looks(host, page_id, "state in ('good', 'released')")
        held = self._looks(host, page_id, "state = 'held'")
        found = step(state, before, look, held=held)
        # A second look at a page replaces the first: each page counts once.
        self._connection.execute(
            "delete from page_looks where page_id = ? and state <> 'refused'", [page_id]
        )
        shape = json.dumps(asdict(look.shape)) if look.shape else None
        self._connection.execute(
            "insert into page_looks (host, page_id, at, kind, shape, state, url, source, body)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                host, page_id, at, look.kind, shape, "held" if found.hold else "good",
                attempt.link.url, attempt.link.source, body if found.hold and body else None,
            ],
        )  # fmt: skip
        self._connection.execute(
            "delete from page_looks where host = ?1 and state in ('good', 'refused') and id <"
            " (select id from page_looks where host = ?1 order by id desc limit 1 offset ?2)",
            [host, _KEPT],
        )
        if found.state != state:
            self._connection.execute(
                "insert or replace into drift_hosts (host, state) values (?, ?)",
                [host, json.dumps(asdict(found.state))],
            )
        if found.began:
            self._begin(host, found, page_id, attempt.link.url, at)
        if found.ended:
            self._end(host, found.ended, at, was_open=bool(state.open))
        return found

    def _state(self, host: str) -> DriftState:
        row = self._connection.execute(
            "select state from drift_hosts where host = ?", [host]
        ).fetchone()
        if row is None:
            return DriftState()
        known = json.loads(row["state"])
        reference = {name: (pair[0], pair[1]) for name, pair in known["reference"].items()}
        # An older program wrote other keys.
        kept = {
            field.name: known[field.name] for field in fields(DriftState) if field.name in known
        }
        return DriftState(**{**kept, "reference": reference})

    def _looks(self, host: str, page_id: int, condition: str) -> list[Look]:
        rows = self._connection.execute(
            f"select kind, shape from page_looks where host = ? and page_id <> ? and {condition}"
            " order by id desc limit ?",
            [host, page_id, BASELINE],
        )
        return [Look(kind=row["kind"], shape=_shape(row["shape"])) for row in rows]

    def _begin(self, host: str, found: DriftStep, page_id: int, url: str, at: str) -> None:
        good = self._connection.execute(
            "select page_id, url from page_looks where host = ? and page_id <> ? and state = 'good'"
            " and kind = 'article' order by id desc limit 1",
            [host, page_id],
        ).fetchone()
        self._connection.execute(
            "insert into drift_events (host, kind, at, good_page, bad_page, good_url, bad_url,"
            " reasons) values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                host, found.began, at, good["page_id"] if good else None, page_id,
                good["url"] if good else "", url, json.dumps(found.reasons),
            ],
        )  # fmt: skip

    def _end(self, host: str, how: str, at: str, *, was_open: bool) -> None:
        end_event(self._connection, host, how, at)
        # After a layout that was taken back the page itself shows better than what was held.
        release(self._connection, host, at, again=was_open and how == "over")


def _shape(text: str | None) -> PageShape | None:
    if text is None:
        return None
    known = json.loads(text)
    template = tuple((signature, share) for signature, share in known["template"])
    return PageShape(**{**known, "template": template})


def end_event(connection: sqlite3.Connection, host: str, how: str, at: str) -> int:
    """End the events of a host that last; return how many."""
    return connection.execute(
        "update drift_events set ended_at = ?, ended = ? where host = ? and ended_at is null",
        [at, how, host],
    ).rowcount


def release(connection: sqlite3.Connection, host: str, at: str, *, again: bool) -> int:
    """Let the held pages of a host become articles; return how many there are.

    Args:
        connection: of the archive file, within a transaction.
        host: which.
        at: now.
        again: whether all are fetched again, and not read from what was fetched then.
    """
    rows = connection.execute(
        "select k.id, k.page_id, k.body, a.id as article from page_looks k"
        " left join articles a on a.id = k.page_id where k.host = ? and k.state = 'held'",
        [host],
    ).fetchall()
    for row in rows:
        fetch = again or row["article"] is not None or row["body"] is None
        connection.execute(
            "update page_looks set state = ? where id = ?",
            ["good" if fetch else "released", row["id"]],
        )
        if fetch:
            connection.execute(
                "update pages set next_check_at = ?, failures = 0 where id = ?",
                [at, row["page_id"]],
            )
    return len(rows)


def _sample(connection: sqlite3.Connection, page_id: int | None, url: str) -> DriftSample:
    look = connection.execute(
        "select at, shape, body from page_looks where page_id = ? order by id desc limit 1",
        [page_id],
    ).fetchone()
    known = connection.execute("select 1 from articles where id = ?", [page_id]).fetchone()
    return DriftSample(
        url=url,
        page_id=page_id,
        at=from_utc_text(look["at"]) if look else None,
        shape=_shape(look["shape"]) if look else None,
        article=known is not None,
        held=bool(look and look["body"]),
    )


class DriftMixin(ArchiveBase):
    """Hosts that drift, and pages that are held."""

    def drift_events(self, *, only_open: bool = False) -> tuple[DriftEvent, ...]:
        """Return the events, the latest first.

        Args:
            only_open: only those that last.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "select e.*, (select count(*) from page_looks k where k.host = e.host"
                " and k.state = 'held') as held from drift_events e"
                + (" where e.ended_at is null" if only_open else "")
                + " order by e.id desc limit 200"
            ).fetchall()
        return tuple(
            DriftEvent(
                id=row["id"],
                host=row["host"],
                kind=row["kind"],
                at=utc_time(row["at"]),
                good_page=row["good_page"],
                good_url=row["good_url"],
                bad_url=row["bad_url"],
                reasons=tuple(json.loads(row["reasons"])),
                ended_at=from_utc_text(row["ended_at"]),
                ended=row["ended"],
                held=row["held"],
            )
            for row in rows
        )

    def drift_samples(self, event: int) -> tuple[DriftSample, DriftSample]:
        """Return the last good page and the first bad one of an event, by its number.

        Raises:
            NotFound: no event has this number.
        """
        with self._reading() as connection:
            row = connection.execute("select * from drift_events where id = ?", [event]).fetchone()
            if row is None:
                raise NotFound(f"the archive knows no drift {event}")
            return (
                _sample(connection, row["good_page"], row["good_url"]),
                _sample(connection, row["bad_page"], row["bad_url"]),
            )

    def held_body(self, page_id: int) -> bytes:
        """Return the raw page of a page that is held, released or refused, as the site sent it.

        Raises:
            NotFound: there is none, or `scraper retain` deleted it.
        """
        with self._reading() as connection:
            row = connection.execute(
                "select body from page_looks where page_id = ? and body is not null"
                " order by id desc limit 1",
                [page_id],
            ).fetchone()
            if row is None:
                raise NotFound(f"no page {page_id} is held")
            return self._bodies.get(str(row["body"]))

    def held_pages(self, host: str = "") -> tuple[HeldPage, ...]:
        """Return the pages that are held, of a host or of all, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                "select * from page_looks where state = 'held' and ? in ('', host) order by id",
                [host],
            ).fetchall()
        found = []
        for row in rows:
            shape = _shape(row["shape"])
            found.append(
                HeldPage(
                    page_id=row["page_id"],
                    host=row["host"],
                    url=row["url"],
                    at=utc_time(row["at"]),
                    length=round(shape.length) if shape else None,
                    confidence=shape.confidence if shape else None,
                )
            )
        return tuple(found)

    def release_host(self, host: str, at: datetime) -> int:
        """Accept how a host's pages are read now: what is held is read and becomes articles.

        Returns:
            How many pages were held.

        Raises:
            UsageError: nothing of the host is held, and it does not drift.
        """
        with self._writing() as connection:
            held = release(connection, host, utc_text(at), again=False)
            ended = end_event(connection, host, "released", utc_text(at))
            if not held and not ended:
                raise UsageError(f"{host} does not drift, and none of its pages is held")
            # What counts as usual is learned anew.
            connection.execute("delete from drift_hosts where host = ?", [host])
        return held

    def refuse_host(self, host: str) -> int:
        """Refuse the pages of a host that are held: they become no articles; return how many.

        Their fetches and raw bodies stay. The host goes on to be watched as before.

        Raises:
            UsageError: none of its pages is held.
        """
        with self._writing() as connection:
            refused = connection.execute(
                "update page_looks set state = 'refused' where host = ? and state = 'held'",
                [host],
            ).rowcount
            if not refused:
                raise UsageError(f"no page of {host} is held")
            connection.execute(
                "update pages set next_check_at = null where id in (select page_id from page_looks"
                " where host = ? and state = 'refused') and id not in (select id from articles)",
                [host],
            )
        return int(refused)

    def released_pages(self) -> Sequence[ReleasedPage]:
        """Return pages that were released and are to be read from what was fetched then."""
        return self._stored("released", "")

    def held_bodies(self, host: str) -> Sequence[ReleasedPage]:
        """Return the pages of a host that are held, as they were fetched, oldest first."""
        return self._stored("held", host)

    def _stored(self, state: str, host: str) -> Sequence[ReleasedPage]:
        with self._reading() as connection:
            rows = connection.execute(
                "select k.id as look, k.url as asked, k.source, f.* from page_looks k"
                " join fetches f on f.id = (select max(g.id) from fetches g"
                " where g.page_id = k.page_id and g.body = k.body and g.class = 'drift')"
                " where k.state = ? and ? in ('', k.host) order by k.id limit ?",
                [state, host, _MOST_HELD],
            ).fetchall()
            return [self._released(connection, row) for row in rows]

    def _released(self, connection: sqlite3.Connection, row: sqlite3.Row) -> ReleasedPage:
        stored = connection.execute(
            "select headers from fetches where body = ? and headers is not null order by id"
            " limit 1",
            [row["body"]],
        ).fetchone()
        headers: dict[str, str] = json.loads(stored["headers"]) if stored else {}
        # What is stored is decoded.
        headers.pop("content-encoding", None)
        page = Page(
            url=row["url"],
            final_url=row["final_url"] or row["url"],
            status=row["status"] or 0,
            headers=headers,
            body=self._bodies.get(row["body"]),
            fetched_at=utc_time(row["at"]),
            hops=tuple(Hop(status=status, url=url) for status, url in json.loads(row["hops"])),
            wire_bytes=row["wire_bytes"],
            elapsed_ms=row["elapsed_ms"],
        )
        return ReleasedPage(
            look=row["look"], link=Link(url=row["asked"], source=row["source"]), page=page
        )

    def settle_look(self, look: int) -> None:
        """Note that a released page was read again, whatever came of it."""
        with self._writing() as connection:
            connection.execute("update page_looks set state = 'good' where id = ?", [look])
