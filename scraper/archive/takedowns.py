"""Takedowns: whether a failing page was taken down, has moved, or fails with its whole host.

A takedown is recorded when a page was found missing twice in a row while most other pages of its
host that were fetched meanwhile answered. If its text was read at another address later than at its
own, the page has moved. If most of the host fails, nothing is recorded until it works again.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from enum import Enum

from scraper.archive.schedule import (
    CONTROL_PAGES,
    LONGEST_OUTAGE,
    LONGEST_UNREAD,
    LONGEST_WAIT,
    NEVER_AGAIN,
    OUTAGE_MARGIN,
    READING,
    TAKEN_DOWN,
    TAKEN_DOWN_STATUSES,
    TIMES_GONE,
    UNSEEN_OUTAGE,
    is_outage,
    is_telling,
)
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.archive.versions import VersionWriter
from scraper.edits.likeness import is_edited_copy
from scraper.errors import ErrorClass, FetchError
from scraper.models import Attempt
from scraper.urls import canonical, identity, is_home, same_site

__all__ = ["Takedown", "TakedownRecorder", "is_late"]

# Maximum number of pages with the same text to compare.
_MOST_TWINS = 5
# Newer pages of a host that are compared.
_MOST_NEWCOMERS = 30
# What was answered settles that a page is not the new address of another.
_SETTLED = frozenset({*TAKEN_DOWN, *NEVER_AGAIN, ErrorClass.LISTING, ErrorClass.NOT_HTML})


class Takedown(Enum):
    """The conclusion from an attempt about its page's availability."""

    NONE = "none"  # nothing
    SUSPECTED = "suspected"  # it failed for the first time
    HELD = "held"  # it failed again, and so does its host
    WAITING = "waiting"  # it failed again, and new links of its site are read first
    MOVED = "moved"  # fetch it at another address
    TOLD_ELSEWHERE = "told elsewhere"  # another page has its text now
    TOLD = "told"  # it was taken down


def is_late(attempt: Attempt, last_fetch_at: str | None) -> bool:
    """Return whether an attempt is a capture of before its page was last fetched.

    What such a one shows has passed: it may add a version of its time, but says nothing of whether
    the page is there.
    """
    return bool(attempt.capture) and utc_text(attempt.at) < (last_fetch_at or "")


class TakedownRecorder:
    """Records takedowns and moves of pages. All methods run within a transaction.

    Args:
        connection: of the archive file.
        articles: writes the ledger in this transaction.
    """

    def __init__(self, connection: sqlite3.Connection, articles: VersionWriter) -> None:
        self._connection = connection
        self._articles = articles

    def record(self, page_id: int, error_class: str, attempt: Attempt) -> Takedown:
        """Record a takedown or a move that an attempt, itself not yet written, shows.

        Args:
            page_id: the page.
            error_class: class of the attempt's row in `fetches`.
            attempt: the attempt.
        """
        row = self._connection.execute(
            "select p.url, p.host, p.gone_count, p.moved_to, p.moved_at, p.last_fetch_at, a.state,"
            " v.fingerprint, v.text_fingerprint, a.text from pages p left join articles a on"
            " a.id = p.id"
            " left join versions v on v.id = a.version_id where p.id = ?",
            [page_id],
        ).fetchone()
        if is_late(attempt, row["last_fetch_at"]):
            return Takedown.NONE
        if error_class == ErrorClass.SHRUNK and not attempt.capture:
            # What they show tells whether the text was cut, or all pages are for the moment.
            self._ask_others(page_id, row["host"], attempt.at)
        if error_class not in TAKEN_DOWN:
            if error_class in ("ok", "unchanged") and row["moved_to"]:
                self._note_address(page_id, row, attempt)
            return Takedown.NONE
        times = row["gone_count"] + 1
        if row["state"] is None:
            return Takedown.TOLD if times >= TIMES_GONE else Takedown.SUSPECTED
        if row["state"] == "gone":
            return Takedown.TOLD
        since = self._failing_since(page_id) or attempt.at
        if not attempt.capture:
            self._ask_others(page_id, row["host"], attempt.at)
        if times < TIMES_GONE:
            return Takedown.SUSPECTED
        address = self._later_address(page_id, attempt.link.url)
        if address:
            self._connection.execute(
                "update pages set moved_to = ?, moved_at = iif(moved_to = ?1, moved_at, null)"
                " where id = ?2",
                [address, page_id],
            )
            return Takedown.MOVED
        twin = self._same_text_elsewhere(page_id, row, since, attempt.at)
        if twin is not None:
            return twin
        if self._host_fails(page_id, row["host"], since, attempt):
            return Takedown.HELD
        if (
            not attempt.capture
            and attempt.at - since < LONGEST_OUTAGE
            and self._asks_for_namesakes(page_id, row["url"], attempt.at)
        ):
            return Takedown.HELD
        waits = not attempt.capture and self._may_wait(page_id, since, attempt.at)
        if waits and self._may_have_moved(page_id, row["host"], since, attempt.at):
            return Takedown.WAITING
        self._articles.mark_gone(page_id, utc_text(attempt.at), how=_how(error_class, attempt))
        return Takedown.TOLD

    def _note_address(self, page_id: int, row: sqlite3.Row, attempt: Attempt) -> None:
        """Record that a page was read at the address that it moved to, or at its own again."""
        asked = _key(attempt.link.url)
        if asked == _key(row["moved_to"]):
            if row["moved_at"] is None:
                at = utc_text(attempt.at)
                self._articles.mark_moved(page_id, at, to=row["moved_to"])
                self._connection.execute(
                    "update pages set moved_at = ? where id = ?", [at, page_id]
                )
        elif asked == _key(row["url"]):
            self._connection.execute(
                "update pages set moved_to = '', moved_at = null where id = ?", [page_id]
            )

    def _failing_since(self, page_id: int) -> datetime | None:
        """Return when the page was first found missing since it was last read."""
        found = self._connection.execute(
            "select min(at) as first from fetches where page_id = ?1 and class in ('gone',"
            " 'soft_404', 'redirected') and id > coalesce((select max(id) from fetches"
            " where page_id = ?1 and version_id is not null), 0)",
            [page_id],
        ).fetchone()
        return from_utc_text(found["first"])

    def _failed_before(self, page_id: int) -> datetime | None:
        """Return when the page was last found missing before this attempt."""
        found = self._connection.execute(
            "select max(at) as last from fetches where page_id = ? and class in ('gone',"
            " 'soft_404', 'redirected')",
            [page_id],
        ).fetchone()
        return from_utc_text(found["last"])

    def _ask_others(self, page_id: int, host: str, at: datetime) -> None:
        """Make some archived pages of the host due, to check whether it works."""
        self._connection.execute(
            "update pages set next_check_at = ?1 where id in (select p.id from pages p"
            " join articles a on a.id = p.id where p.host = ?2 and p.id <> ?3 and a.state = 'live'"
            " and p.last_fetch_at < ?1 order by p.last_fetch_at desc limit ?4)"
            " and coalesce(next_check_at, '9') > ?1",
            [utc_text(at), host, page_id, CONTROL_PAGES],
        )

    def _later_address(self, page_id: int, asked: str) -> str:
        """Return the address at which the page was last read if it differs, or ""."""
        row = self._connection.execute(
            "select coalesce(nullif(final_url, ''), url) as answered from fetches"
            " where page_id = ? and version_id is not null and part = 1 order by id desc limit 1",
            [page_id],
        ).fetchone()
        if row is None or is_home(row["answered"]) or _key(row["answered"]) == _key(asked):
            return ""
        return canonical(row["answered"])

    def _same_text_elsewhere(
        self, page_id: int, row: sqlite3.Row, since: datetime, at: datetime
    ) -> Takedown | None:
        """Return whether another page of the site has the text, or must be fetched to find out."""
        twins = self._connection.execute(
            "select p.id, p.url, p.last_fetch_at, p.last_class from versions v"
            " join pages p on p.id = v.page_id join articles a on a.id = p.id"
            " where v.text_fingerprint = ? and v.page_id <> ? and a.state = 'live'"
            " and a.version_id = v.id and (v.fingerprint = ? or ?) limit ?",
            [
                row["text_fingerprint"],
                page_id,
                row["fingerprint"],
                is_telling(row["text"]),
                _MOST_TWINS,
            ],
        ).fetchall()
        twins = [twin for twin in twins if same_site(twin["url"], row["url"])]
        for twin in twins:
            if twin["last_fetch_at"] >= utc_text(since) and twin["last_class"] in (
                "ok",
                "unchanged",
            ):
                self._articles.mark_moved(page_id, utc_text(at), to=twin["url"])
                return Takedown.TOLD_ELSEWHERE
        unasked = [twin["id"] for twin in twins if twin["last_fetch_at"] < utc_text(since)]
        for twin_id in unasked:
            self._connection.execute(
                "update pages set next_check_at = ? where id = ?", [utc_text(at), twin_id]
            )
        if unasked:
            return Takedown.HELD
        return self._edited_elsewhere(page_id, row, since, at)

    def _edited_elsewhere(
        self, page_id: int, row: sqlite3.Row, since: datetime, at: datetime
    ) -> Takedown | None:
        """Return whether a page that came when this one went has most of its sentences.

        Its publisher gave it another address and edited it at once. A page that stood beside it is
        another article, and so is one of another day: reports of one kind say much the same.
        """
        others = self._connection.execute(
            "select p.id, p.url, p.last_fetch_at, p.last_class, a.text from pages p"
            " join articles a on a.id = p.id join articles old on old.id = ?2"
            " where p.host = ?1 and p.id <> ?2 and a.state = 'live' and a.first_seen_at >"
            " (select max(f.at) from fetches f where f.page_id = ?2 and f.version_id is not null)"
            " and coalesce(abs(julianday(a.published_at) - julianday(old.published_at)), 0) <= 1"
            " order by a.first_seen_at desc limit ?3",
            [row["host"], page_id, _MOST_NEWCOMERS],
        ).fetchall()
        for other in others:
            if not is_edited_copy(row["text"], other["text"]):
                continue
            if other["last_fetch_at"] < utc_text(since):
                self._connection.execute(
                    "update pages set next_check_at = ? where id = ?", [utc_text(at), other["id"]]
                )
                return Takedown.HELD
            if other["last_class"] in ("ok", "unchanged"):
                self._articles.mark_moved(page_id, utc_text(at), to=other["url"])
                return Takedown.TOLD_ELSEWHERE
        return None

    def _may_wait(self, page_id: int, since: datetime, at: datetime) -> bool:
        """Return whether a takedown may wait longer for new links of its site to be read.

        Where the source that listed the page was first read long after the page was found missing,
        its new links are unread for as long.
        """
        if at - since < LONGEST_WAIT:
            return True
        row = self._connection.execute(
            "select min(f.at) as first from fetches f join pages p on p.source_id = f.source_id"
            " where p.id = ? and f.page_id is null and f.class in ('ok', 'unchanged')"
            " and f.at >= ?",
            [page_id, utc_text(since)],
        ).fetchone()
        read = from_utc_text(row["first"])
        return at - since < LONGEST_UNREAD and (read is None or at - read < READING)

    def _may_have_moved(self, page_id: int, host: str, since: datetime, at: datetime) -> bool:
        """Return whether its new address may be in an unvisited source or among unread links.

        The source that listed the page is visited first, then its new links are fetched.
        """
        unread = self._connection.execute(
            "select 1 from pages where host = ? and state in ('new', 'failed')"
            " and first_seen_at >= ? and next_check_at is not null and gone_count = 0 limit 1",
            [host, utc_text(since)],
        ).fetchone()
        if unread is not None:
            return True
        source = self._connection.execute(
            # One with a cron line is visited at its own times.
            "update sources set next_due_at = iif(cron = '', min(next_due_at, ?1), next_due_at)"
            " where enabled"
            " and id = (select source_id from pages where id = ?2)"
            " and (last_visit_at is null or last_visit_at < ?3) returning id",
            [utc_text(at), page_id, utc_text(since)],
        ).fetchone()
        return source is not None

    def _asks_for_namesakes(self, page_id: int, url: str, at: datetime) -> bool:
        """Make pages due that were listed under this page's headline and never read.

        One of them may be its new address, which could not be had so far. Those that were found
        missing themselves are none.

        Returns:
            Whether there are such pages.
        """
        found = self._connection.execute(
            "select distinct q.id, q.url from pages p join sightings g on g.page_id = p.id"
            " join pages q on q.host = p.host or q.source_id = p.source_id"
            " join sightings h on h.page_id = q.id and h.title = g.title"
            " left join articles a on a.id = q.id"
            " where p.id = ? and q.id <> p.id and g.title <> '' and a.id is null"
            " and q.first_seen_at > p.first_seen_at"
            f" and coalesce(q.last_class, '') not in ({', '.join('?' * len(_SETTLED))})",
            [page_id, *sorted(_SETTLED)],
        ).fetchall()
        namesakes = [row["id"] for row in found if same_site(row["url"], url)]
        self._connection.executemany(
            "update pages set next_check_at = min(coalesce(next_check_at, ?1), ?1) where id = ?2",
            [(utc_text(at), namesake) for namesake in namesakes],
        )
        return bool(namesakes)

    def _host_fails(self, page_id: int, host: str, since: datetime, attempt: Attempt) -> bool:
        """Return whether most of the host's other pages failed, or none was fetched.

        A host without other archived pages fails if its sources or its new pages do. Where a source
        still shows the page, its publisher may not know that it is missing: it is held for days.
        """
        # Answers before the page failed say nothing about the host now.
        begin = utc_text(self._failed_before(page_id) or since)
        rows = self._connection.execute(
            "select p.last_class, count(*) as n from pages p join articles a on a.id = p.id"
            " where p.host = ? and p.id <> ? and p.last_fetch_at between ? and ?"
            " and coalesce(p.gone_at, '9') >= ? group by p.last_class",
            [host, page_id, begin, utc_text(attempt.at + OUTAGE_MARGIN), begin],
        ).fetchall()
        classes = {row["last_class"]: int(row["n"]) for row in rows}
        if not classes and not attempt.capture:
            waiting = self._connection.execute(
                "select 1 from pages p join articles a on a.id = p.id where p.host = ?"
                " and p.id <> ? and a.state = 'live' limit 1",
                [host, page_id],
            ).fetchone()
            if (
                waiting is not None
                or self._sources_fail(host)
                or self._new_pages_fail(page_id, host, since)
            ):
                classes = {ErrorClass.HTTP_ERROR: 1}
            elif self._is_listed(page_id, since):
                return attempt.at - since < UNSEEN_OUTAGE
        return is_outage(classes, failing_for=attempt.at - since)

    def _is_listed(self, page_id: int, since: datetime) -> bool:
        """Return whether a source that was visited since the page first failed shows it.

        A source that answers "not modified" shows what it showed when it was last read. A visit
        begins some minutes before its rows at most.
        """
        found = self._connection.execute(
            "select 1 from sightings g join sources s on s.id = g.source_id"
            " where g.page_id = ?1 and s.last_ok_at >= ?2 and g.last_seen_at >= coalesce("
            "(select strftime('%Y-%m-%dT%H:%M:%SZ', max(f.at), '-10 minutes') from fetches f"
            " where f.source_id = s.id and f.page_id is null and f.class = 'ok'), '') limit 1",
            [page_id, utc_text(since)],
        ).fetchone()
        return found is not None

    def _new_pages_fail(self, page_id: int, host: str, since: datetime) -> bool:
        """Return whether a page of the host that was never read is missing too, and asked again.

        A source has just shown it: where it is missing, the host may fail as a whole.
        """
        found = self._connection.execute(
            "select 1 from pages p left join articles a on a.id = p.id where p.host = ?"
            " and p.id <> ? and a.id is null and p.gone_count > 0 and p.next_check_at is not null"
            " and p.last_fetch_at >= ? limit 1",
            [host, page_id, utc_text(since - OUTAGE_MARGIN)],
        ).fetchone()
        return found is not None

    def _sources_fail(self, host: str) -> bool:
        """Return whether a source on the host failed at its last visit.

        That visit may lie before the page was first found missing: a host that fails is asked for
        its lists and its pages by turns. A working source proves little: lists and pages often come
        from different servers.
        """
        failing = self._connection.execute(
            "select url from sources where last_visit_at is not null and last_class <> ''"
        ).fetchall()
        return any(same_site(row["url"], f"https://{host}/") for row in failing)


def _key(url: str) -> str:
    try:
        return identity(url)
    except FetchError:
        return url


def _how(error_class: str, attempt: Attempt) -> str:
    """Return the ledger's wording for the kind of takedown."""
    page = attempt.page
    if page is not None and error_class == ErrorClass.GONE and page.status in TAKEN_DOWN_STATUSES:
        return TAKEN_DOWN_STATUSES[page.status]
    front = page is not None and is_home(page.final_url) and page.hops
    if error_class == ErrorClass.SOFT_404 and front:
        return TAKEN_DOWN[ErrorClass.REDIRECTED]
    return TAKEN_DOWN[error_class]
