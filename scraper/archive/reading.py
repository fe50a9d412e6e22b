"""Queries: articles, versions, the ledger, attempts."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta, timezone

from scraper.archive.bodies import BodyStore
from scraper.archive.extractions import ExtractionStore
from scraper.archive.page_urls import PageUrls
from scraper.archive.records import ArticleRow, ChangeRow, EntryText, FetchRow, Version, VersionRow
from scraper.archive.sql_values import from_utc_text
from scraper.errors import NotFound
from scraper.models import Article, Hop, Page, RemovedBlock, Reservation

__all__ = ["Reading"]


class Reading:
    """Reads what `scraper.archive.recording` wrote.

    Args:
        connection: of the archive file.
        extractions: its records.
        bodies: the store of bodies.
    """

    def __init__(
        self, connection: sqlite3.Connection, extractions: ExtractionStore, bodies: BodyStore
    ) -> None:
        self._connection = connection
        self._bodies = bodies
        self._extractions = extractions

    def article_id(self, ref: str | int) -> int:
        """Return the id that a reference means: an id, or any address of the article.

        Raises:
            NotFound: there is no such article; the message says what there is instead.
        """
        if isinstance(ref, int) or ref.strip().isdecimal():
            number = min(int(ref), 2**63 - 1)
            if self._connection.execute("select 1 from articles where id = ?", [number]).fetchone():
                return number
            raise NotFound(f"no article has the number {number}; `scraper search` lists numbers")
        page_id = self._page(ref)
        row = self._connection.execute(
            "select p.id, p.state, p.last_class, p.title, p.published_at, a.id as article"
            " from pages p"
            " left join articles a on a.id = p.id where p.id = ?",
            [page_id],
        ).fetchone()
        if not row:
            raise NotFound(f"the archive does not know {ref}; `scraper fetch` fetches it", url=ref)
        if row["article"] is None:
            why = (
                f"the last attempt ended with {row['last_class']}"
                if row["last_class"]
                else ("it was not fetched yet")
            )
            if row["last_class"] == "noarchive":
                when = f", {row['published_at'][:10]}" if row["published_at"] else ""
                why = f'its publisher asks that it be not archived ("{row["title"]}"{when})'
            raise NotFound(f"no text of {ref} is archived: {why}", url=ref)
        return int(row["id"])

    def _page(self, url: str) -> int | None:
        """Return the page of an address, or the one page that claims it as its own."""
        pages = PageUrls(self._connection)
        found = pages.find(url)
        if found is not None:
            return found
        claimants = pages.claimed_by(url)
        if len(claimants) > 1:
            raise NotFound(
                f"{len(claimants)} articles name {url} as their address: number "
                + ", ".join(map(str, claimants[:5])),
                url=url,
            )
        return claimants[0] if claimants else None

    def reservations(self, ref: str | int) -> tuple[Reservation, ...]:
        """Return what a page's publisher reserved when the page was last read whole."""
        page_id = self.article_id(ref)
        row = self._connection.execute(
            "select reservations from fetches where page_id = ? and part = 1"
            " and reservations is not null order by id desc limit 1",
            [page_id],
        ).fetchone()
        return _reservations(row["reservations"]) if row else ()

    def entry_texts(self, ref: str | int) -> tuple[EntryText, ...]:
        """Return what sources' entries said of a page, archived or not, first to last."""
        known = None if isinstance(ref, int) or ref.strip().isdecimal() else self._page(ref)
        rows = self._connection.execute(
            "select coalesce(s.name, '') as source, e.text, e.why, e.first_seen_at, e.last_seen_at"
            " from entry_texts e left join sources s on s.id = e.source_id"
            " where e.page_id = ? order by e.id",
            [self.article_id(ref) if known is None else known],
        )
        return tuple(
            EntryText(
                source=row["source"],
                text=row["text"],
                why=row["why"],
                first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
                last_seen_at=datetime.fromisoformat(row["last_seen_at"]),
            )
            for row in rows
        )

    def find(self, ref: str | int) -> ArticleRow:
        """Return an article by id or address."""
        row = self._connection.execute(
            "select a.*, v.number from articles a join versions v on v.id = a.version_id"
            " where a.id = ?",
            [self.article_id(ref)],
        ).fetchone()
        return _article_row(row)

    def versions(self, ref: str | int) -> tuple[VersionRow, ...]:
        """Return the versions of an article, first to last."""
        rows = self._connection.execute(
            "select v.*, a.version_id = v.id as current from versions v"
            " join articles a on a.id = v.page_id where v.page_id = ? order by v.number",
            [self.article_id(ref)],
        )
        return tuple(_version_row(row) for row in rows)

    def version(self, ref: str | int, number: int | None = None) -> Version:
        """Return a version with its text and metadata; the current one without a number."""
        article_id = self.article_id(ref)
        row = self._connection.execute(
            "select v.*, a.version_id = v.id as current from versions v"
            " join articles a on a.id = v.page_id where v.page_id = ? and "
            + ("v.number = ?" if number is not None else "v.id = a.version_id"),
            [article_id] if number is None else [article_id, number],
        ).fetchone()
        if row is None:
            raise NotFound(f"article {article_id} has no version {number}")
        return Version(row=_version_row(row), article=self._record(row))

    def _record(self, row: sqlite3.Row) -> Article:
        return self._extractions.get(row["extraction_id"])

    def response(self, version_id: int) -> tuple[Page, ...]:
        """Return the responses that a version was made from, further pages of it included."""
        rows = self._connection.execute(
            "select f.*, min(f.id) from fetches f where f.version_id = ?1 and f.body in"
            " (select body from versions where id = ?1 union all"
            " select j.value from versions v join extractions e on e.id = v.extraction_id,"
            " json_each(e.parts) j where v.id = ?1) group by f.body order by f.part, f.id",
            [version_id],
        ).fetchall()
        return tuple(
            Page(
                url=row["url"],
                final_url=row["final_url"] or row["url"],
                status=row["status"] or 0,
                headers=self._headers(row["body"]),
                body=self._bodies.get(row["body"]),
                fetched_at=_time(row["at"]),
                hops=tuple(Hop(status=s, url=u) for s, u in json.loads(row["hops"])),
                wire_bytes=row["wire_bytes"],
                elapsed_ms=row["elapsed_ms"],
            )
            for row in rows
        )

    def _headers(self, body: str) -> dict[str, str]:
        """Headers are kept with the first fetch of a body only."""
        found = self._connection.execute(
            "select headers from fetches where body = ? and headers is not null"
            " order by id limit 1",
            [body],
        ).fetchone()
        headers: dict[str, str] = json.loads(found["headers"]) if found else {}
        return headers

    def removed(self, ref: str | int) -> tuple[RemovedBlock, ...]:
        """Return the blocks that were cut from the current version of an article."""
        return self.version(ref).article.removed

    def changes(self, after: int, limit: int, least_severity: int) -> tuple[ChangeRow, ...]:
        """Return the ledger's entries behind a cursor, in order."""
        rows = self._connection.execute(
            "select c.*, p.url, v.number from changes c join pages p on p.id = c.page_id"
            " left join versions v on v.id = c.version_id"
            " where c.id > ? and c.severity >= ? order by c.id limit ?",
            [after, least_severity, limit],
        )
        return tuple(
            ChangeRow(
                cursor=row["id"],
                at=_time(row["at"]),
                kind=row["kind"],
                article_id=row["page_id"],
                url=row["url"],
                title=row["title"],
                version=row["number"],
                classes=tuple(json.loads(row["classes"])),
                severity=row["severity"],
            )
            for row in rows
        )

    def fetches(self, ref: str | int) -> tuple[FetchRow, ...]:
        """Return all attempts at a page, archived or not, first to last."""
        page_id: int | None = int(ref) if isinstance(ref, int) or ref.strip().isdecimal() else None
        if page_id is None:
            page_id = PageUrls(self._connection).find(str(ref))
        rows = self._connection.execute(
            "select f.*, v.number from fetches f left join versions v on v.id = f.version_id"
            " where f.page_id = ? or (f.page_id is null and f.url = ?) order by f.id",
            [page_id, str(ref)],
        ).fetchall()
        if not rows:
            raise NotFound(f"nothing was ever attempted at {ref}")
        return tuple(
            FetchRow(
                id=row["id"],
                at=_time(row["at"]),
                url=row["url"],
                final_url=row["final_url"] or row["url"],
                error_class=row["class"],
                message=row["message"],
                evidence=tuple(json.loads(row["evidence"])),
                status=row["status"],
                wire_bytes=row["wire_bytes"],
                elapsed_ms=row["elapsed_ms"],
                body=row["body"] or "",
                version=row["number"],
                close_delimited=bool(row["close_delimited"]),
                rendered=bool(row["rendered"]),
                reservations=_reservations(row["reservations"]),
            )
            for row in rows
        )


def _reservations(text: str | None) -> tuple[Reservation, ...]:
    return tuple(
        Reservation(kind=kind, origin=origin, value=value)
        for kind, origin, value in json.loads(text or "[]")
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _article_row(row: sqlite3.Row) -> ArticleRow:
    zone = timezone(timedelta(minutes=row["published_offset"] or 0))
    published, modified = from_utc_text(row["published_at"]), from_utc_text(row["modified_at"])
    return ArticleRow(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        authors=row["authors"],
        credited=row["credited"],
        published=published.astimezone(zone) if published else None,
        modified=modified.astimezone(zone) if modified else None,
        language=row["language"],
        script=row["script"],
        excerpt=row["excerpt"],
        image=row["image"],
        text=row["text"],
        state=row["state"],
        gone_at=from_utc_text(row["gone_at"]),
        first_seen_at=_time(row["first_seen_at"]),
        updated_at=_time(row["updated_at"]),
        version=row["number"],
        version_count=row["version_count"],
    )


def _version_row(row: sqlite3.Row) -> VersionRow:
    return VersionRow(
        id=row["id"],
        article_id=row["page_id"],
        number=row["number"],
        title=row["title"],
        length=row["length"],
        body=row["body"],
        first_observed_at=_time(row["first_observed_at"]),
        last_observed_at=_time(row["last_observed_at"]),
        observations=row["observations"],
        classes=tuple(json.loads(row["classes"])),
        severity=row["severity"],
        added=row["added"],
        removed=row["removed"],
        chain=row["chain"],
        current=bool(row["current"]),
    )
