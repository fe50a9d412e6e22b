"""Attempts to fetch articles: a row of `fetches` for each, and all that follows from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.drift import DriftRecorder
from scraper.archive.extractions import ExtractionStore
from scraper.archive.hash_chain import ChainEnds, fetch_link
from scraper.archive.lively_pages import edited_at, is_page_hot
from scraper.archive.new_text import NewTextRecorder, TextOutcome, prepared_of
from scraper.archive.page_urls import PageUrls
from scraper.archive.parts import parts_of
from scraper.archive.schedule import (
    MOVED_CHECK,
    TAKEN_DOWN,
    next_check,
    state_after,
)
from scraper.archive.sql_values import from_utc_text, storable, utc_text
from scraper.archive.takedowns import Takedown, TakedownRecorder, is_late
from scraper.archive.topics import JudgementWriter
from scraper.archive.versions import VersionWriter, fingerprints
from scraper.errors import ErrorClass
from scraper.models import Article, Attempt, Link, Page, Recorded, Reservation

__all__ = ["AttemptsMixin", "write_fetch"]


class AttemptsMixin(ArchiveBase):
    """Records attempts, one transaction per call."""

    def record(self, attempt: Attempt) -> Recorded:
        """Write an attempt and all that follows from it in one transaction.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``, ``db_corrupt``) nothing was written.
        """
        return self.record_all([attempt])[0]

    def record_all(self, attempts: Sequence[Attempt]) -> tuple[Recorded, ...]:
        """Write several attempts in one transaction: all of them, or none.

        The bodies are written first, in a transaction of their own: a crash in between leaves at
        most an unreferenced body.
        """
        attempts = [_storable(attempt) for attempt in attempts]
        pages = [
            (page, attempt.link.url if number == 0 else page.url)
            for attempt in attempts
            for number, page in enumerate(_pages(attempt))
        ]
        packed = {made.digest: made for attempt in attempts if (made := attempt.packed)}
        digests = self._store_bodies(pages, attempts[0].at, packed) if attempts else []
        with self._writing() as connection:
            self._restore_swept(digests, pages)
            recorder = _AttemptRecorder(connection, self._extractions, self._run_id)
            stored = iter(digests)
            outcomes = tuple(
                recorder.record(attempt, [next(stored) for _ in _pages(attempt)])
                for attempt in attempts
            )
            recorder.close()
            for attempt, recorded in zip(attempts, outcomes, strict=True):
                if attempt.link.content:
                    why = recorded.reason if attempt.article is None else "the page says otherwise"
                    _record_entry_text(connection, attempt.link, utc_text(attempt.at), why)
            return outcomes

    def seen_captures(self, captures: Sequence[str]) -> frozenset[str]:
        """Return those of some keys of WARC records that the archive has recorded."""
        with self._reading() as connection:
            files = (connection, *(part.connection for part in self._parts))
            return frozenset(
                str(row["capture"])
                for file in files
                for row in file.execute(
                    "select capture from fetches where capture in (select value from json_each(?))",
                    [json.dumps(list(captures))],
                )
            )


def _storable(attempt: Attempt) -> Attempt:
    """Return an attempt as it may be stored; what a worker prepared of it is so already."""
    made = attempt.prepared
    clean = [
        name
        for name in ("article", "judgement", "quotes")
        if made is not None and getattr(attempt, name) is getattr(made, name)
    ]
    return storable(attempt, but=clean)


def _pages(attempt: Attempt) -> tuple[Page, ...]:
    return (attempt.page, *attempt.extra_pages) if attempt.page else ()


class _AttemptRecorder:
    """Writes attempts. All methods run within one transaction.

    Args:
        connection: of the archive file.
        extractions: its records.
        run_id: the run that the attempts belong to, or None.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        extractions: ExtractionStore,
        run_id: int | None,
    ) -> None:
        self._connection = connection
        self._pages = PageUrls(connection)
        self._articles = VersionWriter(connection, extractions)
        self._topics = JudgementWriter(connection)
        self._acceptance = NewTextRecorder(
            connection, extractions, self._pages, self._articles, self._topics
        )
        self._drift = DriftRecorder(connection)
        self._takedowns = TakedownRecorder(connection, self._articles)
        self._run_id = run_id
        self._source_ids: dict[str, int | None] = {}

    def close(self) -> None:
        """Write what was put off to the end of the transaction."""
        self._articles.close()

    def record(self, attempt: Attempt, bodies: Sequence[str]) -> Recorded:
        """Write one attempt; `bodies` are the hashes of its page's and further pages' bodies."""
        if attempt.capture:
            sql = "select page_id from fetches where capture = ?"
            known = self._connection.execute(sql, [attempt.capture]).fetchone()
            if known is None and parts_of(self._connection).take_back(sql, [attempt.capture]):
                known = self._connection.execute(sql, [attempt.capture]).fetchone()
            if known:
                return self._recorded("unchanged", known["page_id"], "capture", "imported before")
        at = utc_text(attempt.at)
        source_id = self._source_id(attempt.link.source)
        page_id = self._pages.find_or_add(attempt.link.url, at=at, source_id=source_id)
        if page_id is None:
            outcome = TextOutcome(
                error_class=attempt.error_class or ErrorClass.BAD_URL,
                message=attempt.message or f"not an address: {attempt.link.url!r}",
            )
        elif attempt.error_class:
            outcome = TextOutcome(
                error_class=attempt.error_class,
                message=attempt.message,
                evidence=attempt.verdict.evidence if attempt.verdict else (),
            )
        elif attempt.page is not None and attempt.page.status == 304:
            outcome = self._not_modified(attempt, page_id)
        elif attempt.article is None or not attempt.article.text.strip():
            outcome = self._rejected(attempt, page_id)
        else:
            page_id, outcome = self._text(attempt, attempt.article, page_id, bodies)
        if page_id is not None and outcome.version_id is None:
            self._drift.failure(attempt, page_id, outcome.error_class)
        takedown = Takedown.NONE
        if page_id is not None and not (self._pages.is_bare(page_id) and outcome.version_id):
            takedown = self._takedowns.record(page_id, outcome.error_class, attempt)
        self._write_fetch(attempt, page_id, source_id, outcome, bodies)
        if page_id is not None:
            self._write_page(attempt, page_id, outcome, takedown)
        return self._summary(attempt, page_id, outcome)

    def _source_id(self, name: str) -> int | None:
        if name not in self._source_ids:
            row = self._connection.execute(
                "select id from sources where name = ?", [name]
            ).fetchone()
            self._source_ids[name] = None if row is None else int(row["id"])
        return self._source_ids[name]

    # Outcomes

    def _text(
        self, attempt: Attempt, article: Article, page_id: int, bodies: Sequence[str]
    ) -> tuple[int, TextOutcome]:
        """Return the page to which an article's text belongs, and the outcome."""
        prints: tuple[str, str] | None = None
        # What the archive shows already is never held.
        if not self._acceptance.shows_body(page_id, bodies):
            prepared = prepared_of(attempt, article)
            prints = prepared.fingerprints if prepared else fingerprints(article)
            held = self._held(attempt, page_id, bodies, prints[1])
            if held is not None:
                return page_id, held
        if attempt.passed_over:
            message = self._topics.pass_over(page_id, attempt, utc_text(attempt.at))
            return page_id, TextOutcome(error_class=ErrorClass.OFF_TOPIC, message=message)
        return self._acceptance.accept(attempt, article, page_id, bodies, prints)

    def _held(
        self, attempt: Attempt, page_id: int, bodies: Sequence[str], whole: str
    ) -> TextOutcome | None:
        """Return the outcome for a page whose host is not read as it was, or None."""
        current = None if self._pages.is_bare(page_id) else self._articles.current(page_id)
        if current is not None and whole == current["fingerprint"]:
            return None
        found = self._drift.article(attempt, page_id, bodies[0] if bodies else "")
        if found is None:
            return None
        return TextOutcome(
            error_class=ErrorClass.DRIFT,
            message="held: the host's pages are read otherwise than before"
            f" ({'; '.join(found.reasons)}); `scraper sources drift` tells more",
            evidence=found.reasons,
            fingerprint=whole,
        )

    def _rejected(self, attempt: Attempt, page_id: int) -> TextOutcome:
        verdict = attempt.verdict
        if verdict is None or verdict.is_article:
            return TextOutcome(
                error_class=ErrorClass.EMPTY_EXTRACT, message="the page holds no text"
            )
        if verdict.kind == "noarchive" and attempt.article is not None:
            published = attempt.article.published
            self._connection.execute(
                "update pages set title = ?, published_at = ? where id = ?",
                [attempt.article.title, utc_text(published) if published else None, page_id],
            )
        page = attempt.page
        if (
            verdict.kind == ErrorClass.LISTING
            and page is not None
            and page.hops
            and self._articles.current(page_id) is not None
            and self._pages.is_elsewhere(page_id, asked=page.url, final_url=page.final_url)
        ):
            return TextOutcome(
                error_class=ErrorClass.REDIRECTED,
                message=f"redirects to a list now: {page.final_url}",
                evidence=verdict.evidence,
            )
        return TextOutcome(
            error_class=verdict.kind,
            message=attempt.message or "; ".join(verdict.evidence),
            evidence=verdict.evidence,
        )

    def _not_modified(self, attempt: Attempt, page_id: int) -> TextOutcome:
        current = self._articles.current(page_id)
        if current is None:
            return TextOutcome(
                error_class=ErrorClass.HTTP_ERROR, message="304 for a page that was never archived"
            )
        self._articles.record_observation(current["id"], utc_text(attempt.at))
        self._articles.mark_live(page_id, utc_text(attempt.at))
        return TextOutcome(error_class="unchanged", version_id=current["id"], reason="not_modified")

    # Rows

    def _write_fetch(
        self,
        attempt: Attempt,
        page_id: int | None,
        source_id: int | None,
        outcome: TextOutcome,
        bodies: Sequence[str],
    ) -> None:
        write_fetch(
            self._connection,
            self._articles.chains,
            page=attempt.page,
            url=attempt.link.url,
            at=utc_text(attempt.at),
            error_class=outcome.error_class,
            # What a plugin failed with beside a text that was accepted.
            message=outcome.message or attempt.message,
            evidence=outcome.evidence,
            body=(bodies[0] or None) if bodies else None,
            page_id=page_id,
            source_id=source_id,
            run_id=self._run_id,
            version_id=outcome.version_id,
            fingerprint=outcome.fingerprint,
            capture=attempt.capture or None,
            reservations=attempt.reservations if _was_read(attempt) else None,
        )
        for number, (page, body) in enumerate(
            zip(attempt.extra_pages, bodies[1:], strict=False), start=2
        ):
            write_fetch(
                self._connection,
                self._articles.chains,
                page=page,
                url=page.url,
                at=utc_text(page.fetched_at),
                error_class=outcome.error_class,
                body=body or None,
                page_id=page_id,
                source_id=source_id,
                run_id=self._run_id,
                version_id=outcome.version_id,
                part=number,
            )

    def _write_page(
        self, attempt: Attempt, page_id: int, outcome: TextOutcome, takedown: Takedown
    ) -> None:
        row = self._connection.execute("select * from pages where id = ?", [page_id]).fetchone()
        at = utc_text(attempt.at)
        if is_late(attempt, row["last_fetch_at"]):
            self._write_late(row, at, accepted=outcome.version_id is not None)
            return
        accepted = outcome.version_id is not None
        # Captures from a file do not make a page due on the web; a page without a past is not hot.
        lively = accepted and not attempt.capture and not self._pages.is_bare(page_id)
        archived = accepted or self._articles.current(page_id) is not None
        moved = takedown in (Takedown.MOVED, Takedown.TOLD_ELSEWHERE)
        failures = 0 if accepted or moved else row["failures"] + 1
        gone = outcome.error_class in TAKEN_DOWN
        gone_count = 0 if accepted or moved else row["gone_count"] + gone
        first_seen = min(row["first_seen_at"], at)
        # Found missing before, and answered otherwise now: whether it was taken down stays open.
        suspected = takedown is Takedown.NONE and not accepted and gone_count > 0
        again = next_check(
            at=attempt.at,
            first_seen=from_utc_text(first_seen) or attempt.at,
            error_class="" if accepted else outcome.error_class,
            failures=failures,
            archived=archived,
            held=takedown is Takedown.HELD or (suspected and row["state"] != "gone"),
            edited_at=edited_at(self._connection, page_id) if lively else None,
            hot=lively and is_page_hot(self._connection, page_id, row["host"], attempt.at),
        )
        hasty = moved or takedown is Takedown.WAITING
        if hasty:
            again = self._soon(attempt, takedown, again)
        elif outcome.again is not None:
            again = outcome.again if again is None else min(again, outcome.again)
        state = state_after(
            row["state"],
            accepted=accepted,
            archived=archived,
            failed=bool(attempt.error_class),
            taken_down=takedown is Takedown.TOLD,
        )
        headers = attempt.page.headers if attempt.page and accepted else {}
        not_modified = outcome.reason == "not_modified"
        self._connection.execute(
            "update pages set state = ?, last_fetch_at = max(?, coalesce(last_fetch_at, '')),"
            " last_class = ?, next_check_at = ?, failures = ?, gone_count = ?, gone_at = ?,"
            " first_seen_at = ?, etag = ?, last_modified = ?, unchanged_streak = ? where id = ?",
            [
                state,
                at,
                outcome.error_class,
                self._next_check_at(attempt, row, again),
                failures,
                gone_count,
                (row["gone_at"] or at) if state == "gone" else None,
                first_seen,
                headers.get("etag", row["etag"] if not_modified or not accepted else ""),
                headers.get(
                    "last-modified", row["last_modified"] if not_modified or not accepted else ""
                ),
                row["unchanged_streak"] + 1 if not_modified else 0,
                page_id,
            ],
        )
        self._note_first_seen(row, first_seen)

    def _write_late(self, row: sqlite3.Row, at: str, *, accepted: bool) -> None:
        """Write what a capture of before the last fetch says of its page: it has a past."""
        state = "live" if accepted and row["state"] != "gone" else row["state"]
        first_seen = min(row["first_seen_at"], at)
        self._connection.execute(
            "update pages set state = ?, first_seen_at = ? where id = ?",
            [state, first_seen, row["id"]],
        )
        self._note_first_seen(row, first_seen)

    def _note_first_seen(self, row: sqlite3.Row, first_seen: str) -> None:
        if first_seen < row["first_seen_at"]:
            self._connection.execute(
                "update articles set first_seen_at = ? where id = ?", [first_seen, row["id"]]
            )

    def _next_check_at(
        self, attempt: Attempt, row: sqlite3.Row, planned: datetime | None
    ) -> str | None:
        """Return when the page is fetched next; a capture from a file leaves that as it was."""
        if attempt.capture:
            # A page that it is the first to show is not looked at on the web.
            return row["next_check_at"] if row["last_fetch_at"] else None
        return None if planned is None else utc_text(planned)

    def _soon(
        self, attempt: Attempt, takedown: Takedown, planned: datetime | None
    ) -> datetime | None:
        """Return when a page that moved, or whose takedown waits, is fetched again."""
        if takedown is Takedown.TOLD_ELSEWHERE:
            return None
        soon = attempt.at + MOVED_CHECK
        return soon if planned is None else min(soon, planned)

    def _summary(self, attempt: Attempt, page_id: int | None, outcome: TextOutcome) -> Recorded:
        if outcome.version_id is not None:
            new = outcome.reason in ("new", "edited", "retitled", "rebylined")
            return self._recorded("kept" if new else "unchanged", page_id, outcome.reason)
        failed = attempt.error_class or page_id is None
        return self._recorded(
            "failed" if failed else "rejected", page_id, outcome.error_class, outcome.message
        )

    def _recorded(
        self, outcome: str, page_id: int | None, reason: str = "", message: str = ""
    ) -> Recorded:
        current = None if page_id is None else self._articles.current(page_id)
        return Recorded(
            outcome=outcome,
            reason=reason,
            article_id=None if current is None else page_id,
            version=None if current is None else current["number"],
            message=message,
        )


def _was_read(attempt: Attempt) -> bool:
    """Return whether the fetched page could have stated its publisher's reservations."""
    return attempt.page is not None and attempt.page.status != 304


def _record_entry_text(connection: sqlite3.Connection, link: Link, at: str, why: str) -> None:
    """Store the text of a feed's entry as evidence for its page."""
    page_id = PageUrls(connection).find(link.url)
    if page_id is None:
        return
    connection.execute(
        "insert into entry_texts (page_id, source_id, text, why, first_seen_at, last_seen_at)"
        " values (?, (select id from sources where name = ?), ?, ?, ?, ?)"
        " on conflict (page_id, text) do update set last_seen_at = excluded.last_seen_at,"
        " why = excluded.why",
        [page_id, link.source, link.content, why, at, at],
    )


def write_fetch(
    connection: sqlite3.Connection,
    chains: ChainEnds,
    *,
    page: Page | None,
    url: str,
    at: str,
    error_class: str,
    message: str = "",
    evidence: Sequence[str] = (),
    body: str | None = None,
    page_id: int | None = None,
    source_id: int | None = None,
    run_id: int | None = None,
    version_id: int | None = None,
    fingerprint: str = "",
    capture: str | None = None,
    part: int = 1,
    reservations: Sequence[Reservation] | None = None,
) -> None:
    """Write one row of `fetches`, whatever the outcome of the request.

    Headers are stored with the first fetch of a body only.
    """
    first = (
        body is not None
        and not connection.execute(
            "select 1 from fetches where body = ? limit 1", [body]
        ).fetchone()
    )
    row: dict[str, object] = {
        "run_id": run_id,
        "at": at,
        "url": url,
        "final_url": page.final_url if page and page.final_url != url else "",
        "class": error_class,
        "message": message,
        "evidence": json.dumps(list(evidence), ensure_ascii=False),
        "status": page.status if page else None,
        "hops": json.dumps([[hop.status, hop.url] for hop in page.hops] if page else []),
        "headers": (json.dumps(dict(page.headers), ensure_ascii=False) if page and first else None),
        "wire_bytes": page.wire_bytes if page else 0,
        "elapsed_ms": page.elapsed_ms if page else 0,
        "body": body,
        "part": part,
        "fingerprint": fingerprint,
        "capture": capture,
        "close_delimited": int(page.close_delimited) if page else 0,
        "rendered": int(page.rendered) if page else 0,
        "reservations": (
            None
            if reservations is None
            else json.dumps([[r.kind, r.origin, r.value] for r in reservations])
        ),
    }
    named = connection.execute(
        "select (select chain from versions where id = ?), (select name from sources where id = ?)",
        [version_id, source_id],
    ).fetchone()
    last, before = chains.last("fetches")
    chain = fetch_link(before, row, page_id, named[0] or "", named[1] or "")
    row |= {"page_id": page_id, "source_id": source_id, "version_id": version_id, "chain": chain}
    # Those of sealed parts keep their numbers.
    row["id"] = last + 1
    cursor = connection.execute(
        f"insert into fetches ({', '.join(row)}) values ({', '.join('?' * len(row))})",
        list(row.values()),
    )
    chains.move("fetches", int(cursor.lastrowid or 0), chain)
