"""Queries: articles, versions, the ledger, attempts. Nothing here writes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Self

from scraper.archive.base import ArchiveBase
from scraper.archive.hash_chain import LedgerHead
from scraper.archive.ledger_edits import late_edits
from scraper.archive.page_urls import PageUrls
from scraper.archive.parts import Part
from scraper.archive.records import ArticleRow, ChangeRow, EntryText, FetchRow, Version, VersionRow
from scraper.archive.sql_values import from_utc_text
from scraper.errors import NotFound
from scraper.models import Hop, Page, RemovedBlock, Reservation

__all__ = ["QueryMixin", "change_rows"]

# Versions with whether each is late: whether one before it in number was first seen after it.
_VERSIONS = """
select v.*, a.version_id = v.id as current, v.first_observed_at < v.latest as late
from (
    select *, max(first_observed_at) over (
        order by number rows between unbounded preceding and 1 preceding
    ) as latest from versions where page_id = ?
) v join articles a on a.id = v.page_id
"""
_ARTICLES = "select a.*, v.number from articles a join versions v on v.id = a.version_id where"


class QueryMixin(ArchiveBase):
    """What the archive holds.

    Methods that take a `ref`, the number of an article or any of its addresses, raise `NotFound` if
    there is no such article; the message says what there is instead.
    """

    # Where an article lies

    def _holding(self, ref: str | int) -> Self:
        """Return the archive that holds an article: this one, or a sealed part of it."""
        with self._reading() as connection:
            if not self._parts or _page_of(connection, ref) is not None:
                return self
            for part in reversed(self._parts):
                page_id = _page_of(part.connection, ref)
                if page_id is not None and self._parts.shows(part, page_id):
                    holder: Self = part.archive
                    return holder
        return self

    def _files(self) -> tuple[sqlite3.Connection, ...]:
        """Return the connections of all files that hold articles, the current one first."""
        return (
            self._store.connection, *(part.connection for part in reversed(self._parts)),
        )  # fmt: skip

    # Articles and versions

    def find(self, ref: str | int) -> ArticleRow:
        """Return an article by its number or any of its addresses.

        Raises:
            NotFound: there is no such article.
        """
        if (holder := self._holding(ref)) is not self:
            return holder.find(ref)
        with self._reading() as connection:
            row = connection.execute(
                "select a.*, v.number from articles a join versions v on v.id = a.version_id"
                " where a.id = ?",
                [_article_id(connection, ref)],
            ).fetchone()
            return _article_row(row)

    def articles_after(
        self, after: int, limit: int, *, outlet: str = "", language: str = ""
    ) -> tuple[ArticleRow, ...]:
        """Return the articles whose numbers follow one, in order.

        Args:
            after: the number; 0 for the start.
            limit: how many at most.
            outlet, language: only those of this outlet, in this language; "" for any.
        """
        which = (
            "a.id > ?1 and (?3 = '' or a.outlet = ?3) and (?4 = '' or a.language = ?4)"
            " and {shown} order by a.id limit ?2"
        )
        values = [after, limit, outlet, language]
        if not self._parts:
            with self._reading() as connection:
                rows = connection.execute(f"{_ARTICLES} {which.format(shown='true')}", values)
                return tuple(map(_article_row, rows))
        # Numbers first: of many files few rows are wanted. The current file is asked first, since
        # it tells how far the others are to be looked through, and last, since pages move to it.
        with self._reading():
            here: tuple[QueryMixin, sqlite3.Connection] = (self, self._store.connection)
            parts = [(part.archive, part.connection) for part in reversed(self._parts)]
            held: dict[int, sqlite3.Connection] = {}
            for archive, connection in (here, *parts, here):
                last = sorted(held)[limit - 1] if 0 < limit <= len(held) else 2**63 - 1
                sql = which.format(shown=f"{archive._shown('a.id')} and a.id <= {last}")
                rows = connection.execute(f"select a.id from articles a where {sql}", values)
                held |= {row[0]: connection for row in rows}
            chosen = sorted(held)[:limit]
            found: dict[int, ArticleRow] = {}
            for _, connection in (*parts, here):
                ids = [number for number in chosen if held[number] is connection]
                rows = connection.execute(
                    f"{_ARTICLES} a.id in (select value from json_each(?))", [json.dumps(ids)]
                )
                found |= {row["id"]: _article_row(row) for row in rows}
        return tuple(found[number] for number in chosen if number in found)

    def versions(self, ref: str | int) -> tuple[VersionRow, ...]:
        """Return the versions of an article, first to last."""
        if (holder := self._holding(ref)) is not self:
            return holder.versions(ref)
        with self._reading() as connection:
            rows = connection.execute(
                f"{_VERSIONS} order by v.number",
                [_article_id(connection, ref)],
            )
            return tuple(_version_row(row) for row in rows)

    def version(self, ref: str | int, number: int | None = None) -> Version:
        """Return a version with its whole record; the current one without a number."""
        if (holder := self._holding(ref)) is not self:
            return holder.version(ref, number)
        with self._reading() as connection:
            article_id = _article_id(connection, ref)
            row = connection.execute(
                f"{_VERSIONS} where "
                + ("v.number = ?" if number is not None else "v.id = a.version_id"),
                [article_id] if number is None else [article_id, number],
            ).fetchone()
            if row is None:
                raise NotFound(f"article {article_id} has no version {number}")
            article = self._extractions.get(row["extraction_id"])
            return Version(row=_version_row(row), article=article)

    def removed(self, ref: str | int) -> tuple[RemovedBlock, ...]:
        """Return the blocks that were cut from the current version of an article."""
        return self.version(ref).article.removed

    # Beside the text

    def reservations(self, ref: str | int) -> tuple[Reservation, ...]:
        """Return what the publisher reserved when the page was last read whole."""
        if (holder := self._holding(ref)) is not self:
            return holder.reservations(ref)
        with self._reading() as connection:
            row = connection.execute(
                "select reservations from fetches where page_id = ? and part = 1"
                " and reservations is not null order by id desc limit 1",
                [_article_id(connection, ref)],
            ).fetchone()
            return _reservations(row["reservations"]) if row else ()

    def entry_texts(self, ref: str | int) -> tuple[EntryText, ...]:
        """Return the texts of sources' entries for a page, archived or not, first to last."""
        if (holder := self._holding(ref)) is not self:
            return holder.entry_texts(ref)
        with self._reading() as connection:
            page_id = None if _is_number(ref) else _page_id(connection, str(ref))
            rows = connection.execute(
                "select coalesce(s.name, '') as source, e.text, e.why, e.first_seen_at,"
                " e.last_seen_at from entry_texts e left join sources s on s.id = e.source_id"
                " where e.page_id = ? order by e.id",
                [_article_id(connection, ref) if page_id is None else page_id],
            )
            return tuple(
                EntryText(
                    source=row["source"],
                    text=row["text"],
                    why=row["why"],
                    first_seen_at=_time(row["first_seen_at"]),
                    last_seen_at=_time(row["last_seen_at"]),
                )
                for row in rows
            )

    # The ledger

    def changes(
        self, after: int = 0, limit: int = 100, *, least_severity: int = 0
    ) -> tuple[ChangeRow, ...]:
        """Return the entries of the ledger behind a cursor, in order.

        Args:
            after: cursor of the last entry that is known; 0 for the start.
            limit: how many entries at most; -1 for all.
            least_severity: only entries of this severity or more.
        """
        rows = self._entries(
            f"c.id > ? and c.severity >= ? and {{shown}} order by c.id limit {int(limit)}",
            [after, least_severity],
            (part for part in self._parts if part.row["last_change"] > after),
        )
        return rows if limit < 0 else rows[:limit]

    def latest_changes(self, limit: int, *, least_severity: int = 0) -> tuple[ChangeRow, ...]:
        """Return the last entries of the ledger, oldest first.

        Args:
            limit: how many entries at most.
            least_severity: only entries of this severity or more.
        """
        which = f"c.severity >= ? and {{shown}} order by c.id desc limit {int(limit)}"
        # What the current file has tells how far back the others are to be looked through; it is
        # asked last again, since pages move to it.
        rows = self._entries(which, [least_severity], ())
        if not self._parts or not limit:
            return rows
        first = rows[0].cursor if len(rows) >= limit else 0
        rows = self._entries(f"c.id >= {first} and {which}", [least_severity], self._parts)
        return rows[-limit:]

    def _entries(
        self, which: str, values: Sequence[object], parts: Iterable[Part]
    ) -> tuple[ChangeRow, ...]:
        """Return the entries of the ledger that a condition names, in order.

        An entry on a page that goes on is a copy of that in its part, which does not show it.

        Args:
            which: condition, order and limit, with the place of what is shown.
            values: of its parameters.
            parts: that are asked beside the current file.
        """
        found: dict[int, ChangeRow] = {}
        with self._reading() as current:
            for archive, connection in (
                *((part.archive, part.connection) for part in parts),
                (self, current),
            ):
                rows = connection.execute(
                    "select c.*, p.url, v.number from changes c join pages p on p.id = c.page_id"
                    " left join versions v on v.id = c.version_id where "
                    + which.format(shown=archive._shown("c.page_id")),
                    values,
                )
                found |= {row.cursor: row for row in change_rows(connection, rows)}
        return tuple(found[number] for number in sorted(found))

    def count_changes(self, after: int = 0, *, least_severity: int = 0) -> int:
        """Return how many entries of the ledger stand behind a cursor, of a severity or more."""
        earlier: int = sum(
            part.archive.count_changes(after, least_severity=least_severity) for part in self._parts
        )
        with self._reading() as connection:
            (count,) = connection.execute(
                "select count(*) from changes c where c.id > ? and c.severity >= ?"
                f" and {self._shown('c.page_id')}",
                [after, least_severity],
            ).fetchone()
            return int(count) + earlier

    def head(self) -> LedgerHead:
        """Return the last entry of the ledger, whose hash covers all that was archived before."""
        with self._reading():
            rows = [
                connection.execute(
                    "select id, at, chain from changes order by id desc limit 1"
                ).fetchone()
                for connection in self._files()
            ]
            heads = [_ledger_head(row) for row in rows if row]
            return max(heads, key=lambda head: head.cursor, default=LedgerHead())

    def ledger_entry(self, chain: str) -> LedgerHead | None:
        """Return the entry of the ledger that has this hash, or None."""
        with self._reading():
            for connection in self._files():
                row = connection.execute(
                    "select id, at, chain from changes where chain = ?", [chain]
                ).fetchone()
                if row:
                    return _ledger_head(row)
        return None

    # Attempts and responses

    def fetches(self, ref: str | int) -> tuple[FetchRow, ...]:
        """Return all attempts at a page, archived or not, first to last.

        Raises:
            NotFound: there was no attempt.
        """
        holder = self._holding(ref)
        with holder._reading() as connection:
            page_id = int(ref) if _is_number(ref) else PageUrls(connection).find(str(ref))
        with self._reading():
            rows = [
                row
                for file in reversed(self._files())
                for row in file.execute(
                    "select f.*, v.number from fetches f"
                    " left join versions v on v.id = f.version_id"
                    " where (f.page_id = ? and ?) or (f.page_id is null and f.url = ?)"
                    " order by f.id",
                    [page_id, file is holder._store.connection, str(ref)],
                )
            ]
            rows.sort(key=lambda row: row["id"])
        if not rows:
            raise NotFound(f"nothing was ever attempted at {ref}")
        return tuple(_fetch_row(row) for row in rows)

    def response(self, version_id: int) -> tuple[Page, ...]:
        """Return the responses that a version was made from: the page, then its further pages."""
        with self._reading() as connection:
            here = connection.execute("select 1 from versions where id = ?", [version_id])
            part = None if here.fetchone() else self._parts.holder("versions", version_id)
        if part is not None:
            pages: tuple[Page, ...] = part.archive.response(version_id)
            return pages
        with self._reading() as connection:
            rows = connection.execute(
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
                    headers=_headers(self._files(), row["body"]),
                    body=self._bodies.get(row["body"]),
                    fetched_at=_time(row["at"]),
                    hops=tuple(Hop(status=s, url=u) for s, u in json.loads(row["hops"])),
                    wire_bytes=row["wire_bytes"],
                    elapsed_ms=row["elapsed_ms"],
                )
                for row in rows
            )

    def body(self, sha256: str) -> bytes:
        """Return a raw body, checked against its hash.

        Raises:
            NotFound: there is none.
            ArchiveError: (``db_corrupt``) it is damaged.
        """
        return self._bodies.get(sha256)


def _page_of(connection: sqlite3.Connection, ref: str | int) -> int | None:
    """Return the page of a file that a number or an address refers to, or None.

    An address that pages only claim leads to one of them.
    """
    if _is_number(ref):
        number = min(int(ref), 2**63 - 1)
        row = connection.execute("select id from pages where id = ?", [number]).fetchone()
        return None if row is None else int(row["id"])
    pages = PageUrls(connection)
    found = pages.find(str(ref))
    return found if found is not None else next(iter(pages.claimed_by(str(ref))), None)


def _is_number(ref: str | int) -> bool:
    return isinstance(ref, int) or ref.strip().isdecimal()


def _article_id(connection: sqlite3.Connection, ref: str | int) -> int:
    """Return the id of the article that a number or an address refers to.

    Raises:
        NotFound: there is no such article; the message says what there is instead.
    """
    if isinstance(ref, int) or _is_number(ref):
        number = min(int(ref), 2**63 - 1)
        if connection.execute("select 1 from articles where id = ?", [number]).fetchone():
            return number
        raise NotFound(f"no article has the number {number}; `scraper search` lists numbers")
    row = connection.execute(
        "select p.id, p.state, p.last_class, p.title, p.published_at, a.id as article"
        " from pages p"
        " left join articles a on a.id = p.id where p.id = ?",
        [_page_id(connection, ref)],
    ).fetchone()
    if not row:
        raise NotFound(f"the archive does not know {ref}; `scraper fetch` fetches it", url=ref)
    if row["article"] is None:
        why = (
            f"the last attempt ended with {row['last_class']}"
            if row["last_class"]
            else "it was not fetched yet"
        )
        if row["last_class"] == "noarchive":
            when = f", {row['published_at'][:10]}" if row["published_at"] else ""
            why = f'its publisher asks that it be not archived ("{row["title"]}"{when})'
        raise NotFound(f"no text of {ref} is archived: {why}", url=ref)
    return int(row["id"])


def _page_id(connection: sqlite3.Connection, url: str) -> int | None:
    """Return the page of an address, or the one page that claims it as its canonical address."""
    pages = PageUrls(connection)
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


def _headers(files: Sequence[sqlite3.Connection], body: str) -> dict[str, str]:
    """Return the headers of a body, which are stored with its first fetch only."""
    for connection in files:
        found = connection.execute(
            "select headers from fetches where body = ? and headers is not null order by id"
            " limit 1",
            [body],
        ).fetchone()
        if found:
            headers: dict[str, str] = json.loads(found["headers"])
            return headers
    return {}


def _ledger_head(row: sqlite3.Row) -> LedgerHead:
    return LedgerHead(cursor=row["id"], at=row["at"], chain=row["chain"])


def _fetch_row(row: sqlite3.Row) -> FetchRow:
    return FetchRow(
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


def _reservations(text: str | None) -> tuple[Reservation, ...]:
    return tuple(
        Reservation(kind=kind, origin=origin, value=value)
        for kind, origin, value in json.loads(text or "[]")
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def change_rows(
    connection: sqlite3.Connection, rows: Iterable[sqlite3.Row]
) -> tuple[ChangeRow, ...]:
    """Return entries of the ledger as they are told: an edit leads from the earlier text on.

    Args:
        connection: of the archive file that holds them.
        rows: of the ledger, with `url` and `number` of page and version.
    """
    entries = [_change_row(row) for row in rows]
    edits = late_edits(connection, (entry.cursor for entry in entries))
    return tuple(
        replace(
            entry,
            at=_time(edit.seen_at),
            title=edit.new_title,
            version=edit.after,
            classes=edit.classes,
        )
        if (edit := edits.get(entry.cursor))
        else entry
        for entry in entries
    )


def _change_row(row: sqlite3.Row) -> ChangeRow:
    return ChangeRow(
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
    # What a late one stores leads from a later text back to it, which no publisher did.
    late = bool(row["late"])
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
        classes=() if late else tuple(json.loads(row["classes"])),
        severity=0 if late else row["severity"],
        added="" if late else row["added"],
        removed="" if late else row["removed"],
        chain=row["chain"],
        current=bool(row["current"]),
        late=late,
    )
