"""What one attempt changes in the archive: a row of `fetches` always, and all that follows from it.

Runs inside one transaction of `scraper.archive.store.Archive`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from scraper.archive.articles import Articles
from scraper.archive.decisions import SHRINK_AGREES_AFTER, TAKEN_DOWN, held_back, next_check
from scraper.archive.extractions import Extractions
from scraper.archive.fetches import write_fetch
from scraper.archive.learning import Learning
from scraper.archive.pages import Pages
from scraper.archive.records import Edits
from scraper.archive.topics import Topics
from scraper.archive.values import stamp, time_of
from scraper.models import Article, Attempt, Page, Recorded
from scraper.urls import is_home

__all__ = ["Recorder"]

# Redirects that say so (RFC 9110, section 15.4).
_FOR_GOOD = frozenset({301, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What an attempt came to, as its row in `fetches` will say."""

    error_class: str
    message: str = ""
    evidence: tuple[str, ...] = ()
    fingerprint: str = ""
    version_id: int | None = None
    reason: str = ""


class Recorder:
    """Writes attempts.

    Args:
        connection: of the archive file.
        extractions: its records.
        edits: what counts as an edit.
        run_id: the run that the attempts belong to, or None.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        extractions: Extractions,
        edits: Edits,
        run_id: int | None,
    ) -> None:
        self._connection = connection
        self._pages = Pages(connection)
        self._articles = Articles(connection, extractions)
        self._extractions = extractions
        self._learning = Learning(connection)
        self._topics = Topics(connection)
        self._edits = edits
        self._run_id = run_id

    def close(self) -> None:
        """Write what was put off to the end of the transaction."""
        self._articles.close()

    def record(self, attempt: Attempt, bodies: Sequence[str]) -> Recorded:
        """Write one attempt; `bodies` are the addresses of its page's and further pages' bodies."""
        if attempt.capture:
            known = self._connection.execute(
                "select page_id from fetches where capture = ?", [attempt.capture]
            ).fetchone()
            if known:
                return self._recorded("unchanged", known["page_id"], "capture", "imported before")
        at = stamp(attempt.at)
        source_id = self._source_id(attempt.link.source)
        page_id = self._pages.find_or_add(attempt.link.url, at=at, source_id=source_id)
        if page_id is None:
            outcome = _Outcome(
                error_class=attempt.error_class or "bad_url",
                message=attempt.message or f"not an address: {attempt.link.url!r}",
            )
        elif attempt.error_class:
            outcome = self._failed(attempt, page_id)
        elif attempt.page is not None and attempt.page.status == 304:
            outcome = self._not_modified(attempt, page_id)
        elif attempt.article is None or not attempt.article.text.strip():
            outcome = self._rejected(attempt, page_id)
        elif attempt.passed_over:
            message = self._topics.pass_over(page_id, attempt, at)
            outcome = _Outcome(error_class="off_topic", message=message)
        else:
            page_id, outcome = self._accepted(attempt, attempt.article, page_id, bodies)
        self._write_fetch(attempt, page_id, source_id, outcome, bodies)
        if page_id is not None:
            self._write_page(attempt, page_id, outcome)
        return self._summary(attempt, page_id, outcome)

    def _source_id(self, name: str) -> int | None:
        row = self._connection.execute("select id from sources where name = ?", [name]).fetchone()
        return None if row is None else int(row["id"])

    # What came of it

    def _failed(self, attempt: Attempt, page_id: int) -> _Outcome:
        self._count_gone(page_id, attempt.error_class, attempt)
        return _Outcome(
            error_class=attempt.error_class,
            message=attempt.message,
            evidence=attempt.verdict.evidence if attempt.verdict else (),
        )

    def _count_gone(self, page_id: int, error_class: str, attempt: Attempt) -> None:
        if error_class in TAKEN_DOWN:
            row = self._connection.execute(
                "select gone_count from pages where id = ?", [page_id]
            ).fetchone()
            # Once may be a slip of the server; the second time it is a takedown.
            if row["gone_count"] == 1:
                self._articles.mark_gone(page_id, stamp(attempt.at), how=_how(error_class, attempt))

    def _rejected(self, attempt: Attempt, page_id: int) -> _Outcome:
        verdict = attempt.verdict
        if verdict is None or verdict.is_article:
            return _Outcome(error_class="empty_extract", message="the page holds no text")
        self._count_gone(page_id, verdict.kind, attempt)
        if verdict.kind == "noarchive" and attempt.article is not None:
            published = attempt.article.published
            self._connection.execute(
                "update pages set title = ?, published_at = ? where id = ?",
                [attempt.article.title, stamp(published) if published else None, page_id],
            )
        return _Outcome(
            error_class=verdict.kind,
            message=attempt.message or "; ".join(verdict.evidence),
            evidence=verdict.evidence,
        )

    def _not_modified(self, attempt: Attempt, page_id: int) -> _Outcome:
        current = self._articles.current(page_id)
        if current is None:
            return _Outcome(
                error_class="http_error", message="304 for a page that was never archived"
            )
        self._articles.observe(current["id"], stamp(attempt.at))
        self._articles.mark_live(page_id, stamp(attempt.at))
        return _Outcome(error_class="unchanged", version_id=current["id"], reason="not_modified")

    def _accepted(
        self, attempt: Attempt, article: Article, page_id: int, bodies: Sequence[str]
    ) -> tuple[int, _Outcome]:
        at = stamp(attempt.at)
        page = attempt.page
        body = bodies[0] if bodies else ""
        current = self._articles.current(page_id)
        if current is not None and body and body == current["body"] and len(bodies) == 1:
            return page_id, self._same(page_id, current, at)
        text_print, whole_print = fingerprints(self._edits, article)
        page_id = self._pages.settle(
            page_id,
            final_url=page.final_url if page and page.final_url != attempt.link.url else "",
            claimed=article.canonical_url if article.canonical_url != attempt.link.url else "",
            text_fingerprint=text_print,
            at=at,
            lasting=page is None or all(hop.status in _FOR_GOOD for hop in page.hops),
        )
        current = self._up_to_date(page_id, attempt, article.extractor, at)
        if current is not None and whole_print == current["fingerprint"]:
            return page_id, self._same(page_id, current, at)
        earlier = self._articles.with_fingerprint(page_id, whole_print)
        if earlier is not None:
            self._articles.observe(earlier["id"], at)
            self._articles.mark_live(page_id, at)
            if current is not None and at >= current["last_observed_at"]:
                self._articles.turn_back(page_id, earlier, at)
                self._topics.refresh(page_id)
            return page_id, _Outcome(error_class="flap", version_id=earlier["id"], reason="flap")
        if current is not None and page is not None:
            elsewhere = self._redirected(attempt, page, article, page_id, current)
            if elsewhere is not None:
                return page_id, elsewhere
        held = held_back(
            length=len(article.text),
            replaced=article.replaced,
            current_length=None if current is None else current["length"],
            agreed=self._agreed(page_id, whole_print, attempt),
            pages_with_text=self._articles.pages_with_text(page_id, text_print),
        )
        if held is not None:
            return page_id, _Outcome(error_class=held[0], message=held[1], fingerprint=whole_print)
        comparison = None
        if current is not None:
            before = self._extractions.get(current["extraction_id"])
            comparison = self._edits.compare(
                before.text, article.text, old_title=before.title, new_title=article.title
            )
            if not comparison.classes:
                # The texts differ only in what their decoding lost, or in their line breaks.
                return page_id, self._same(page_id, current, at)
        version_id, kind = self._articles.add_version(
            page_id,
            article,
            body=body,
            parts=tuple(bodies[1:]),
            fingerprint=whole_print,
            text_fingerprint=text_print,
            comparison=comparison,
            at=at,
        )
        self._articles.mark_live(page_id, at)
        if attempt.judgement is not None:
            self._topics.note(version_id, attempt.judgement, at)
        if attempt.footprint is not None:
            self._learning.note(page_id, attempt.footprint, at)
        return page_id, _Outcome(error_class="ok", version_id=version_id, reason=kind)

    def _redirected(
        self, attempt: Attempt, page: Page, article: Article, page_id: int, current: sqlite3.Row
    ) -> _Outcome | None:
        """Return the outcome for an address that leads to another story now, or None.

        Under the same headline the story has moved, and its new address is noted.
        """
        if not self._pages.is_elsewhere(page_id, asked=page.url, final_url=page.final_url):
            return None
        if self._edits.fingerprint(article.title) == self._edits.fingerprint(current["title"]):
            self._pages.add_alias(page.final_url, page_id, how="redirect", at=stamp(attempt.at))
            return None
        self._count_gone(page_id, "redirected", attempt)
        return _Outcome(
            error_class="redirected",
            message=f"leads to another article now: {page.final_url}",
            evidence=(f"title: {article.title}",),
        )

    def _up_to_date(
        self, page_id: int, attempt: Attempt, extractor: str, at: str
    ) -> sqlite3.Row | None:
        """Return the current version, as the extractor of the attempt would have read it."""
        current, before = self._articles.current(page_id), attempt.before
        if current is None or before is None or current["extractor"] == extractor:
            return current
        if attempt.before_version not in (None, current["id"]):
            return current
        text_print, whole_print = fingerprints(self._edits, before)
        self._articles.rederive(
            current, before, fingerprint=whole_print, text_fingerprint=text_print, at=at
        )
        return self._articles.current(page_id)

    def _same(self, page_id: int, current: sqlite3.Row, at: str) -> _Outcome:
        self._articles.observe(current["id"], at)
        self._articles.mark_live(page_id, at)
        return _Outcome(error_class="unchanged", version_id=current["id"], reason="same_text")

    def _agreed(self, page_id: int, fingerprint: str, attempt: Attempt) -> bool:
        """Whether the same text was held back as shrunken long enough ago."""
        row = self._connection.execute(
            "select min(at) as first from fetches where page_id = ? and class = 'shrunk'"
            " and fingerprint = ?",
            [page_id, fingerprint],
        ).fetchone()
        first = time_of(row["first"])
        # Stored times have whole seconds.
        return first is not None and attempt.at - first >= SHRINK_AGREES_AFTER - timedelta(
            seconds=1
        )

    # What is written of it

    def _write_fetch(
        self,
        attempt: Attempt,
        page_id: int | None,
        source_id: int | None,
        outcome: _Outcome,
        bodies: Sequence[str],
    ) -> None:
        write_fetch(
            self._connection,
            page=attempt.page,
            url=attempt.link.url,
            at=stamp(attempt.at),
            error_class=outcome.error_class,
            message=outcome.message,
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
                page=page,
                url=page.url,
                at=stamp(page.fetched_at),
                error_class=outcome.error_class,
                body=body or None,
                page_id=page_id,
                source_id=source_id,
                run_id=self._run_id,
                version_id=outcome.version_id,
                part=number,
            )

    def _write_page(self, attempt: Attempt, page_id: int, outcome: _Outcome) -> None:
        row = self._connection.execute("select * from pages where id = ?", [page_id]).fetchone()
        at = stamp(attempt.at)
        accepted = outcome.version_id is not None
        archived = accepted or self._articles.current(page_id) is not None
        failures = 0 if accepted else row["failures"] + 1
        gone = outcome.error_class in TAKEN_DOWN
        gone_count = 0 if accepted else row["gone_count"] + gone
        first_seen = min(row["first_seen_at"], at)
        again = next_check(
            at=attempt.at,
            first_seen=time_of(first_seen) or attempt.at,
            error_class="" if accepted else outcome.error_class,
            failures=failures,
            archived=archived,
        )
        if gone and gone_count >= 2:
            state = "gone"
        elif accepted:
            state = "live"
        elif archived:
            state = row["state"]
        else:
            state = "failed" if attempt.error_class else "quarantined"
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
                # What a file of captures says is no reason to go and ask the site.
                None if attempt.capture or again is None else stamp(again),
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

        if first_seen < row["first_seen_at"]:
            self._connection.execute(
                "update articles set first_seen_at = ? where id = ?", [first_seen, page_id]
            )

    def _summary(self, attempt: Attempt, page_id: int | None, outcome: _Outcome) -> Recorded:
        if outcome.version_id is not None:
            new = outcome.reason in ("new", "edited", "retitled")
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


def _how(error_class: str, attempt: Attempt) -> str:
    """Return how an article was taken down, in the words of the ledger."""
    page = attempt.page
    if error_class == "soft_404" and page is not None and is_home(page.final_url) and page.hops:
        return TAKEN_DOWN["redirected"]
    return TAKEN_DOWN[error_class]


def _was_read(attempt: Attempt) -> bool:
    """Return whether a page came that could have said what its publisher reserves."""
    return attempt.page is not None and attempt.page.status != 304


def fingerprints(edits: Edits, article: Article) -> tuple[str, str]:
    """Return the fingerprint of an article's text, and that of its text and headline."""
    text = edits.fingerprint(article.text)
    return text, edits.fingerprint(f"{article.title}\n{text}")
