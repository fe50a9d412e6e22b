"""Sources: what is watched by the configuration, and what a visit to one brought."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from scraper.archive.attempts import write_fetch
from scraper.archive.base import ArchiveBase
from scraper.archive.hash_chain import ChainEnds
from scraper.archive.hubs import note_hub
from scraper.archive.page_urls import PageUrls
from scraper.archive.records import SourceVisit
from scraper.archive.schedule import (
    ASKED_AGAIN_FOR,
    SHORTEST,
    VisitSample,
    is_asked_again,
    next_interval,
    next_visit,
    span_of,
    updated_pace,
)
from scraper.archive.source_days import count_visit
from scraper.archive.sql_values import from_utc_text, storable, utc_text, utc_time
from scraper.cron import VisitHours, visit_hours
from scraper.errors import ErrorClass, UsageError
from scraper.models import Discovery, Link, Page, Source
from scraper.models.source_kinds import is_paced

__all__ = ["SourcesMixin"]

# Pages that were given up, of one source and day.
_MOST_ASKED_AGAIN = 50


class SourcesMixin(ArchiveBase):
    """Sources as they are configured, and the visits to them."""

    def sync_sources(self, sources: Sequence[Source], at: datetime) -> None:
        """Make the archive's sources those of the configuration, in one transaction.

        The state of a source that is still configured is kept; one that is not is disabled.
        """
        with self._writing() as connection:
            _sync(connection, [storable(source) for source in sources], utc_text(at))

    def record_visit(
        self,
        source: str,
        at: datetime,
        *,
        discovery: Discovery | None,
        error_class: ErrorClass = ErrorClass.NONE,
        message: str = "",
    ) -> tuple[Link, ...]:
        """Write a visit to a source: its responses, the links it gave, when it is due again.

        Args:
            source: its name.
            at: when it was visited.
            discovery: what the visit gave, or None if it failed.
            error_class, message: why it failed, or "".

        Returns:
            The links to fetch now: neither archived nor tried, or due for another try.
        """
        visit = SourceVisit(
            source=source, at=at, discovery=discovery, error_class=error_class, message=message
        )
        return self.record_visits([visit])[0]

    def record_visits(self, visits: Sequence[SourceVisit]) -> list[tuple[Link, ...]]:
        """Write several visits in one transaction: all of them, or none.

        Returns:
            For each visit what `record_visit` returns.
        """
        visits = [storable(visit) for visit in visits]
        keyed = [[(page, page.url) for page in _pages(visit)] for visit in visits]
        together = [pair for pairs in keyed for pair in pairs]
        digests = self._store_bodies(together, visits[0].at) if visits else []
        with self._writing() as connection:
            self._restore_swept(digests, together)
            stored = iter(digests)
            recorder = _VisitRecorder(connection, self._run_id)
            return [
                recorder.record(visit, [next(stored) for _ in pairs])
                for visit, pairs in zip(visits, keyed, strict=True)
            ]


def _pages(visit: SourceVisit) -> tuple[Page, ...]:
    return visit.discovery.pages if visit.discovery else ()


def _sync(connection: sqlite3.Connection, sources: Sequence[Source], at: str) -> None:
    run = connection.execute
    hours_before = {
        row["name"]: (row["cron"], row["quiet"], row["clock"])
        for row in run("select name, cron, quiet, clock from sources")
    }
    for source in sources:
        (outlet_id,) = run(
            "insert into outlets (name, language, zone, first_seen_at) values (?, ?, ?, ?)"
            " on conflict (name) do update set language = excluded.language,"
            " zone = excluded.zone returning id",
            [source.outlet or source.name, source.language, source.zone, at],
        ).fetchone()
        run(
            "insert into sources (name, kind, url, outlet_id, interval, enabled, added_at,"
            " next_due_at, cron, quiet, clock) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " on conflict (name) do update set"
            " kind = excluded.kind, url = excluded.url, outlet_id = excluded.outlet_id,"
            " interval = excluded.interval, enabled = excluded.enabled, cron = excluded.cron,"
            " quiet = excluded.quiet, clock = excluded.clock,"
            # Validators belong to the address that gave them.
            " etag = iif(url = excluded.url, etag, ''),"
            " last_modified = iif(url = excluded.url, last_modified, ''),"
            " moved_to = iif(url = excluded.url, moved_to, ''),"
            " moved_times = iif(url = excluded.url, moved_times, 0),"
            " served_by = iif(url = excluded.url, served_by, ''),"
            " last_ok_at = iif(url = excluded.url, last_ok_at, null),"
            # A new address is read at once, a shorter interval counts from the last visit on.
            " next_due_at = case when url <> excluded.url then excluded.next_due_at"
            " when excluded.interval < interval and failures = 0 and last_visit_at is not null"
            " then min(next_due_at, strftime('%Y-%m-%dT%H:%M:%SZ', last_visit_at,"
            " excluded.interval || ' seconds')) else next_due_at end",
            [
                source.name,
                source.kind,
                source.url,
                outlet_id,
                source.interval,
                source.enabled,
                at,
                at,
                source.cron,
                source.quiet,
                source.zone,
            ],
        )
        when = (source.cron, source.quiet, source.zone)
        if when[:2] != hours_before.get(source.name, ("", "", ""))[:2] or (
            any(when[:2]) and when != hours_before.get(source.name)
        ):
            _shift_visit(connection, source, at)
    names = json.dumps([source.name for source in sources])
    run(
        "update sources set enabled = 0 where name not in (select value from json_each(?))",
        [names],
    )


def _shift_visit(connection: sqlite3.Connection, source: Source, at: str) -> None:
    """Write when a source is visited whose hours are new or have changed."""
    row = connection.execute("select * from sources where name = ?", [source.name]).fetchone()
    now, last = utc_time(at), from_utc_text(row["last_visit_at"])
    due = now
    if last is not None:
        due = max(
            now,
            next_visit(
                at=last, interval=row["interval"], failures=row["failures"], wait=row["wait"]
            ),
        )
    due = _hours_of(row).next_visit(last or now, due, least=_least(row))
    connection.execute(
        "update sources set next_due_at = ? where id = ?", [utc_text(due), row["id"]]
    )


def _hours_of(source: sqlite3.Row) -> VisitHours:
    return visit_hours(source["cron"], source["quiet"], source["clock"])


def _least(source: sqlite3.Row) -> timedelta:
    """Return the shortest time between two visits to a source."""
    return timedelta(seconds=min(SHORTEST, source["interval"]))


def _is_asked_again(page: sqlite3.Row, at: datetime) -> bool:
    """Whether a page that was given up is worth another attempt."""
    first_seen, last_fetch = (
        from_utc_text(page[name]) for name in ("first_seen_at", "last_fetch_at")
    )
    return (
        first_seen is not None
        and last_fetch is not None
        and is_asked_again(page["last_class"], at=at, first_seen=first_seen, last_fetch=last_fetch)
    )


class _VisitRecorder:
    """Writes visits to sources. All methods run within one transaction.

    Args:
        connection: of the archive file.
        run_id: the run that the visits belong to, or None.
    """

    def __init__(self, connection: sqlite3.Connection, run_id: int | None) -> None:
        self._connection = connection
        self._run_id = run_id

    def record(self, visit: SourceVisit, bodies: Sequence[str]) -> tuple[Link, ...]:
        """Write a visit; `bodies` are the addresses of the bodies of its responses."""
        at, discovery, error_class = visit.at, visit.discovery, visit.error_class
        source = self._connection.execute(
            "select * from sources where name = ?", [visit.source]
        ).fetchone()
        if source is None:
            raise UsageError(f"no source is named {visit.source}")
        self._write_fetches(source, visit, bodies)
        links = discovery.links if discovery else ()
        wanted: list[Link] = []
        pages = PageUrls(self._connection)
        new, fresh = False, 0
        seen: set[int] = set()
        for link in links:
            known = pages.find(link.url) is not None
            page_id = pages.find_or_add(link.url, at=utc_text(at), source_id=source["id"])
            if page_id is None:
                if not self._tried_before(link.url):
                    wanted.append(link)
            elif page_id not in seen:
                seen.add(page_id)
                new |= not known
                fresh += self._sight(link, page_id, source["id"], utc_text(at))
                if self._wants_fetch(page_id, at):
                    wanted.append(link)
        if discovery is not None and utc_text(at)[:10] != (source["last_ok_at"] or "")[:10]:
            wanted += self._asked_again(source, at, without=seen)
        wait = self._write_pace(source, visit, fresh=fresh, found_new=new)
        self._write_state(source, visit, found_new=new, wait=wait)
        if visit.discovery is not None:
            note_hub(self._connection, source["id"], visit.discovery, at)
        count_visit(self._connection, source, at, error_class)
        return tuple(wanted)

    def _write_fetches(
        self,
        source: sqlite3.Row,
        visit: SourceVisit,
        bodies: Sequence[str],
    ) -> None:
        at, discovery, error_class = visit.at, visit.discovery, visit.error_class
        chains = ChainEnds(self._connection)
        pages = discovery.pages if discovery else ()
        for page, body in zip(pages, bodies, strict=True):
            write_fetch(
                self._connection,
                chains,
                page=page,
                url=page.url,
                at=utc_text(page.fetched_at),
                error_class="unchanged" if page.status == 304 else "ok",
                body=body or None,
                source_id=source["id"],
                run_id=self._run_id,
            )
        for fallback in discovery.failed if discovery else ():
            write_fetch(
                self._connection,
                chains,
                page=None,
                url=fallback.url,
                at=utc_text(at),
                error_class=fallback.error_class,
                message=fallback.message,
                source_id=source["id"],
                run_id=self._run_id,
            )
        if error_class or not pages:
            write_fetch(
                self._connection,
                chains,
                page=None,
                url=source["url"],
                at=utc_text(at),
                error_class=error_class or "unchanged",
                message=visit.message,
                source_id=source["id"],
                run_id=self._run_id,
            )
        chains.close()

    def _sight(self, link: Link, page_id: int, source_id: int, at: str) -> bool:
        """Note that a source showed a page; return whether it did so for the first time."""
        (times,) = self._connection.execute(
            "insert into sightings (source_id, page_id, title, published_at, published_raw,"
            " position, first_seen_at, last_seen_at) values (?, ?, ?, ?, ?, ?, ?, ?)"
            " on conflict (source_id, page_id, title) do update set"
            " last_seen_at = excluded.last_seen_at, times = times + 1,"
            " position = excluded.position returning times",
            [
                source_id,
                page_id,
                link.title,
                utc_text(link.published) if link.published else None,
                link.published_raw,
                link.position,
                at,
                at,
            ],
        ).fetchone()
        if times > 1:
            return False
        # Under another headline it may have stood there before.
        (headlines,) = self._connection.execute(
            "select count(*) from sightings where source_id = ? and page_id = ?",
            [source_id, page_id],
        ).fetchone()
        return bool(headlines == 1)

    def _tried_before(self, url: str) -> bool:
        """Whether something that is no address was attempted, and so has its row."""
        row = self._connection.execute(
            "select 1 from fetches where url = ? and page_id is null and source_id is null"
            " union all select 1 from fetches where url = ? and class = 'bad_url' limit 1",
            [url, url],
        ).fetchone()
        return row is not None

    def _wants_fetch(self, page_id: int, at: datetime) -> bool:
        row = self._connection.execute(
            "select next_check_at, first_seen_at, last_fetch_at, last_class from pages p"
            " where p.id = ? and (p.next_check_at <= ? or p.next_check_at is null)"
            " and not exists (select 1 from articles a where a.id = p.id)",
            [page_id, utc_text(at)],
        ).fetchone()
        if row is None or row["next_check_at"] is not None:
            return row is not None
        return _is_asked_again(row, at)

    def _asked_again(self, source: sqlite3.Row, at: datetime, *, without: set[int]) -> list[Link]:
        """Return pages that were given up and are worth another attempt; asked once a day.

        A list that has not changed is not read, and of a sitemap what is known is passed over:
        that a source goes on listing a page is not seen there.
        """
        rows = self._connection.execute(
            "select distinct p.id, p.url, p.first_seen_at, p.last_fetch_at, p.last_class"
            " from sightings s join pages p on p.id = s.page_id"
            " where s.first_seen_at >= ? and s.source_id = ? and p.next_check_at is null"
            " and not exists (select 1 from articles a where a.id = p.id)"
            " order by p.last_fetch_at",
            [utc_text(at - ASKED_AGAIN_FOR), source["id"]],
        )
        given_up = (row for row in rows if row["id"] not in without and _is_asked_again(row, at))
        return [
            Link(url=row["url"], source=source["name"])
            for row in islice(given_up, _MOST_ASKED_AGAIN)
        ]

    def _write_state(
        self,
        source: sqlite3.Row,
        visit: SourceVisit,
        *,
        found_new: bool,
        wait: int,
    ) -> None:
        at, discovery, error_class = visit.at, visit.discovery, visit.error_class
        failures = source["failures"] + 1 if error_class else 0
        first = discovery.pages[0] if discovery and discovery.pages else None
        served_by = discovery.served_by if discovery else source["served_by"]
        # A 304 leaves the validators as they are; those of a fallback are not the source's own.
        fresh = first is not None and first.status != 304 and not served_by
        kept = fresh and discovery is not None and discovery.conditional
        headers = first.headers if first and kept else {}
        failed = discovery.failed if discovery else ()
        notes = [f"{fallback.kind} {fallback.url}: {fallback.message}" for fallback in failed]
        notes += discovery.notes if discovery else ()
        unchanged = discovery is not None and discovery.unchanged
        validator = discovery.validator if discovery else ""
        moved_to, moved_times = _moved(source, discovery)
        due = next_visit(at=at, interval=source["interval"], failures=failures, wait=wait)
        due = _hours_of(source).next_visit(at, due, least=_least(source))
        self._connection.execute(
            "update sources set last_visit_at = ?, failures = ?, next_due_at = ?, last_class = ?,"
            " last_message = ?, last_ok_at = iif(?, ?, last_ok_at),"
            " last_new_at = iif(?, ?, last_new_at), etag = ?, last_modified = ?, served_by = ?,"
            " notes = iif(?, notes, ?), moved_to = ?, moved_times = ?, unchanged_streak = ?"
            " where id = ?",
            [
                utc_text(at),
                failures,
                utc_text(due),
                error_class,
                visit.message,
                not error_class,
                utc_text(at),
                found_new,
                utc_text(at),
                validator or (headers.get("etag", "") if fresh else source["etag"]),
                headers.get("last-modified", "") if fresh else source["last_modified"],
                served_by,
                unchanged or discovery is None,
                "; ".join(notes),
                moved_to,
                moved_times,
                source["unchanged_streak"] + 1 if unchanged else 0,
                source["id"],
            ],
        )

    def _write_pace(
        self,
        source: sqlite3.Row,
        visit: SourceVisit,
        *,
        fresh: int,
        found_new: bool,
    ) -> int:
        """Write the pace of its entries; return the seconds to the next visit, 0 for as set."""
        at, discovery = visit.at, visit.discovery
        if visit.error_class or discovery is None or not is_paced(source["kind"]):
            return 0
        last = from_utc_text(source["last_ok_at"])
        # Read elsewhere the last time, it showed other entries then.
        same = last is not None and source["served_by"] == discovery.served_by
        seen = VisitSample(
            window=source["entries"] if discovery.unchanged else discovery.window,
            fresh=fresh,
            since=(at - last).total_seconds() / 3600 if last is not None and same else None,
            span=span_of([link.published for link in discovery.links if link.published]),
        )
        if seen.overrun:
            self._connection.execute(
                "insert or ignore into overruns (source_id, at, since, entries)"
                " values (?, ?, ?, ?)",
                [source["id"], utc_text(at), source["last_ok_at"], seen.window],
            )
        pace = updated_pace(source["rate"], seen)
        last_new = at if found_new else from_utc_text(source["last_new_at"] or source["added_at"])
        wait = next_interval(pace, interval=source["interval"], last_new_at=last_new, at=at)
        self._connection.execute(
            "update sources set rate = ?, entries = ?, wait = ? where id = ?",
            [pace.rate, pace.window, wait, source["id"]],
        )
        return wait


def _moved(source: sqlite3.Row, discovery: Discovery | None) -> tuple[str, int]:
    """Return the address to which a source says it has moved, and how often it said so in a row."""
    moved_to, times = str(source["moved_to"]), int(source["moved_times"])
    if discovery is None:
        return moved_to, times
    if discovery.moved_to:
        return discovery.moved_to, times + 1 if discovery.moved_to == moved_to else 1
    # It was read where it had moved to, or it did not change: that takes nothing back.
    stood_in = discovery.served_by.partition(" ")[2] == moved_to
    if times and (stood_in if discovery.served_by else discovery.unchanged):
        return moved_to, times
    return "", 0
