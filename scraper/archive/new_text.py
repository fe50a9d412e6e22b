"""Classifies an article's new text: unchanged, an edit, a reversion, or held back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scraper.archive.extractions import ExtractionStore
from scraper.archive.learned_boilerplate import record_fingerprint
from scraper.archive.older_copies import (
    OlderCopy,
    next_look_at_copy,
    why_not_edited,
    why_not_reverted,
)
from scraper.archive.page_urls import PageText, PageUrls
from scraper.archive.partial_texts import host_around, partial_text, why_held
from scraper.archive.quotes import QuoteWriter
from scraper.archive.schedule import (
    FOREIGN_AGREES_AFTER,
    FOREIGN_LOOKS,
    NOTICE_LENGTH,
    SHRINK_AGREES_AFTER,
    hold_reason,
    is_telling,
)
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.archive.topics import JudgementWriter
from scraper.archive.versions import VersionWriter, fingerprints
from scraper.edits import edit_summary, fingerprint, new_byline
from scraper.edits.likeness import (
    is_beginning,
    is_foreign,
    is_other_language,
    is_other_script_only,
)
from scraper.edits.restless import LOOKS, only_restless
from scraper.errors import ErrorClass
from scraper.models import Article, Attempt, EditSummary, Page, PreparedArticle
from scraper.record import record

__all__ = ["NewTextRecorder", "TextOutcome", "prepared_of"]

# Permanent redirects (RFC 9110, section 15.4).
_FOR_GOOD = frozenset({301, 308})


@record
class TextOutcome:
    """The outcome of an attempt, as its row in `fetches` states it.

    Attributes:
        error_class: ``ok``, ``unchanged``, ``flap``, or why the text was not accepted.
        message: explanation, or "".
        evidence: observations that led to the outcome.
        fingerprint: fingerprint of a text that is held back, or "".
        version_id: the version that was added or seen again, or None.
        reason: kind of change, or why nothing changed, or "".
        again: when the page is looked at again at the latest, or None for the usual time.
    """

    error_class: str
    message: str = ""
    evidence: tuple[str, ...] = ()
    fingerprint: str = ""
    version_id: int | None = None
    reason: str = ""
    again: datetime | None = None


def prepared_of(attempt: Attempt, article: Article) -> PreparedArticle | None:
    """Return what a worker has computed of exactly this article, or None."""
    prepared = attempt.prepared
    return prepared if prepared is not None and prepared.article is article else None


def _held(seen: OlderCopy, fingerprint: str, why: str) -> TextOutcome:
    """Return the outcome for a text that may be of an older copy of its page."""
    return TextOutcome(
        error_class=ErrorClass.STALE_COPY,
        message=f"may be an older copy of the page: {why}",
        fingerprint=fingerprint,
        again=next_look_at_copy(seen.at, seen.held_since),
    )


class NewTextRecorder:
    """Records articles' texts. All methods run within a transaction.

    Args:
        connection: of the archive file.
        extractions: its records.
        pages, articles, topics: writers of these tables in this transaction.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        extractions: ExtractionStore,
        pages: PageUrls,
        articles: VersionWriter,
        topics: JudgementWriter,
    ) -> None:
        self._connection = connection
        self._extractions = extractions
        self._pages = pages
        self._articles = articles
        self._topics = topics
        self._languages: dict[str, str] = {}

    def accept(
        self,
        attempt: Attempt,
        article: Article,
        page_id: int,
        bodies: Sequence[str],
        prints: tuple[str, str] | None,
    ) -> tuple[int, TextOutcome]:
        """Record an accepted text: as a new version, an observation, or held back.

        Args:
            attempt: the attempt that fetched it.
            article: the extracted article.
            page_id: the page to which the attempt's address belongs so far.
            bodies: hashes of the bodies of the page and of its further pages.
            prints: the text's `fingerprints`; None where `shows_body` holds: it is not looked at.

        Returns:
            The page to which the text belongs, and the outcome.
        """
        at = utc_text(attempt.at)
        page = attempt.page
        current = self._current(page_id)
        final_url = page.final_url if page and page.final_url != attempt.link.url else ""
        lasting = page is None or all(hop.status in _FOR_GOOD for hop in page.hops)
        if current is not None and prints is None:
            self._pages.note_redirect(page_id, final_url, at=at, lasting=lasting)
            return page_id, self._same(page_id, current, at)
        assert prints is not None
        text_print, whole_print = prints
        page_id = self._pages.resolve(
            page_id,
            final_url=final_url,
            claimed=article.canonical_url if article.canonical_url != attempt.link.url else "",
            text=PageText(
                text_fingerprint=text_print,
                fingerprint=whole_print,
                title=article.title,
                text=article.text,
                published=utc_text(article.published) if article.published else "",
                is_telling=is_telling(article.text),
                is_dated_enough=is_telling(article.text, dated=article.published is not None),
            ),
            at=at,
            lasting=lasting,
        )
        current = self._up_to_date(page_id, attempt, article.extractor, at)
        same = current is not None and whole_print == current["fingerprint"]
        if current is not None and same and not self._byline_changed(current, article):
            self._pages.note_redirect(page_id, final_url, at=at, lasting=lasting)
            return page_id, self._same(page_id, current, at)
        settled = self._settled(page_id, attempt, article, current, whole_print)
        if settled is not None:
            return page_id, settled
        doubtful = self._doubtful(page_id, attempt, article, current, whole_print)
        if doubtful is not None:
            return page_id, doubtful
        held = hold_reason(
            length=len(article.text),
            replaced=article.replaced,
            current_length=None if current is None else current["length"],
            agreed=current is not None
            and self._agreed(page_id, whole_print, attempt, ErrorClass.SHRUNK),
            pages_with_text=self._articles.pages_with_text(page_id, text_print)
            if len(article.text) < NOTICE_LENGTH
            else 0,
        )
        if held is not None:
            return page_id, TextOutcome(
                error_class=held[0], message=held[1], fingerprint=whole_print
            )
        edit = None
        if current is not None:
            if attempt.edit is not None and attempt.edited_version == current["id"]:
                edit = attempt.edit
            else:
                before = self._extractions.get(current["extraction_id"])
                edit = edit_summary(before, article)
            if at < current["first_observed_at"] and edit.classes:
                # The publisher went the other way: what this text has more was taken out later.
                after = self._extractions.get(current["extraction_id"])
                edit = replace(edit, severity=edit_summary(article, after).severity)
            if not edit.classes:
                # The texts differ only in undecodable characters or line breaks.
                return page_id, self._same(page_id, current, at)
            if self._only_counts(page_id, attempt, article, current, edit):
                return page_id, self._same(page_id, current, at)
        return page_id, self._add(page_id, attempt, article, bodies, prints, edit)

    def shows_body(self, page_id: int, bodies: Sequence[str]) -> bool:
        """Return whether a page's current version was read from exactly this raw page."""
        if len(bodies) != 1 or not bodies[0]:
            return False
        current = self._current(page_id)
        return current is not None and current["body"] == bodies[0]

    def _current(self, page_id: int) -> sqlite3.Row | None:
        return None if self._pages.is_bare(page_id) else self._articles.current(page_id)

    def _settled(
        self,
        page_id: int,
        attempt: Attempt,
        article: Article,
        current: sqlite3.Row | None,
        fingerprint: str,
    ) -> TextOutcome | None:
        """Return the outcome for a text that is another one's, an earlier one or a part, or None.

        A translation, an earlier version, the story that the address leads to now, or the beginning
        of the archived text.
        """
        if current is None:
            foreign = self._foreign(page_id, attempt, article, fingerprint)
        else:
            at = utc_text(attempt.at)
            foreign = self._other_language(page_id, current, article, fingerprint, at)
        if foreign is not None:
            return foreign
        earlier = self._known(page_id, fingerprint, article)
        if earlier is not None:
            return self._returned(page_id, attempt, article, current, earlier)
        if current is None:
            return None
        if attempt.page is not None:
            elsewhere = self._redirected(attempt, attempt.page, article, page_id, current)
            if elsewhere is not None:
                return elsewhere
        walled = self._walled(attempt, article, current, fingerprint)
        if walled is not None or attempt.capture:
            return walled
        seen = self._older_copy(page_id, attempt, article, current, fingerprint)
        why = why_not_edited(seen)
        return _held(seen, fingerprint, why) if why else None

    def _add(
        self,
        page_id: int,
        attempt: Attempt,
        article: Article,
        bodies: Sequence[str],
        prints: tuple[str, str],
        edit: EditSummary | None,
    ) -> TextOutcome:
        """Add a version with its judgement, its quotes and its sample for learned boilerplate."""
        at, first = utc_text(attempt.at), self._pages.is_bare(page_id)
        version_id, kind = self._articles.add_version(
            page_id,
            article,
            body=bodies[0] if bodies else "",
            parts=tuple(bodies[1:]),
            fingerprint=prints[1],
            text_fingerprint=prints[0],
            edit=edit,
            at=at,
            prepared=prepared_of(attempt, article),
            first=first,
        )
        if not first:
            self._articles.mark_live(page_id, at)
        if attempt.judgement is not None:
            self._topics.note(version_id, attempt.judgement, at, added=True)
        if attempt.quotes is not None:
            QuoteWriter(self._connection).note(version_id, attempt.quotes, added=True)
        if attempt.footprint is not None:
            record_fingerprint(self._connection, page_id, attempt.footprint, at)
        return TextOutcome(error_class="ok", version_id=version_id, reason=kind)

    def _other_language(
        self, page_id: int, current: sqlite3.Row, article: Article, fingerprint: str, at: str
    ) -> TextOutcome | None:
        """Return the outcome for a text in another language or script than the archived one."""
        before = self._extractions.get(current["extraction_id"])
        if not is_other_language(before, article):
            return None
        if is_other_script_only(before, article):
            return self._same(page_id, current, at)
        old, new = (f"{a.language} {a.script}".strip() for a in (before, article))
        return TextOutcome(
            error_class=ErrorClass.OTHER_LANGUAGE,
            message=f"shows another language than the archived text ({old}): {new}",
            evidence=(f"title: {article.title}",),
            fingerprint=fingerprint,
        )

    def _foreign(
        self, page_id: int, attempt: Attempt, article: Article, fingerprint: str
    ) -> TextOutcome | None:
        """Return the outcome for a first text that is not in its outlet's language, or None.

        Some sites serve translations at times: the first fetch must not archive one as the article.
        The text is accepted if the source's headline has the same language, or if the same text
        comes days later.
        """
        usual = self._language(attempt.link.source)
        if not is_foreign(usual, article, attempt.link.title):
            return None
        if self._agreed(page_id, fingerprint, attempt, ErrorClass.OTHER_LANGUAGE):
            return None
        return TextOutcome(
            error_class=ErrorClass.OTHER_LANGUAGE,
            message=f"shows another language ({article.language} {article.script}) than its outlet"
            f" writes ({usual});"
            " it is kept when fetches of two days agree",
            evidence=(f"title: {article.title}",),
            fingerprint=fingerprint,
        )

    def _language(self, source: str) -> str:
        """Return the language that the outlet of a source writes, or ""."""
        if source not in self._languages:
            row = self._connection.execute(
                "select o.language from sources s join outlets o on o.id = s.outlet_id"
                " where s.name = ?",
                [source],
            ).fetchone()
            self._languages[source] = row["language"] if row else ""
        return self._languages[source]

    def _returned(
        self,
        page_id: int,
        attempt: Attempt,
        article: Article,
        current: sqlite3.Row | None,
        earlier: sqlite3.Row,
    ) -> TextOutcome:
        """Return the outcome for the text of an earlier version.

        The publisher reverted an edit or alternates between the two, or a cache served a stale
        copy.
        """
        at = utc_text(attempt.at)
        now_current = current is not None and at >= current["last_observed_at"]
        if current is not None and now_current:
            seen = self._older_copy(page_id, attempt, article, current, earlier["fingerprint"])
            if why := why_not_reverted(seen):
                return _held(seen, earlier["fingerprint"], why)
        self._articles.record_observation(earlier["id"], at)
        self._articles.mark_live(page_id, at)
        if current is not None and now_current:
            if self._articles.was_reverted(page_id, earlier, current, attempt.at):
                self._articles.show_again(page_id, earlier)
            else:
                self._articles.revert_to(page_id, earlier, at)
            self._topics.refresh(page_id)
        return TextOutcome(error_class="flap", version_id=earlier["id"], reason="flap")

    def _doubtful(
        self,
        page_id: int,
        attempt: Attempt,
        article: Article,
        current: sqlite3.Row | None,
        fingerprint: str,
    ) -> TextOutcome | None:
        """Return the outcome for a text that may be no edit, but what the page shows for now."""
        if current is None or attempt.capture or utc_text(attempt.at) < current["last_observed_at"]:
            return None
        text = partial_text(self._extractions.get(current["extraction_id"]), article)
        if text is None:
            return None
        host = host_around(
            self._connection,
            page_id,
            current["id"],
            attempt.at,
            fingerprint=fingerprint,
            title=article.title,
        )
        evidence = (f"title: {article.title}",)
        if text.notice and not host.same:
            return TextOutcome(
                error_class=ErrorClass.SOFT_404,
                message=f"shows a few words in place of the archived text: {text.what}",
                evidence=evidence,
                fingerprint=fingerprint,
            )
        if host.same and not text.torn:
            return TextOutcome(
                error_class=ErrorClass.REPEATED,
                message=f"shows what another page of the host shows in place of its text:"
                f" {text.what}",
                evidence=evidence,
                fingerprint=fingerprint,
            )
        why = why_held(text, host)
        if not why:
            return None
        return TextOutcome(
            error_class=ErrorClass.SHRUNK, message=why, evidence=evidence, fingerprint=fingerprint
        )

    def _only_counts(
        self,
        page_id: int,
        attempt: Attempt,
        article: Article,
        current: sqlite3.Row,
        edit: EditSummary,
    ) -> bool:
        """Return whether only figures changed that were others at each of the last looks."""
        if attempt.capture or not {"number", "wording", "typo"}.issuperset(edit.classes):
            return False
        rows = self._connection.execute(
            "select added, removed, observations from versions where page_id = ? and number > 1"
            " order by number desc limit ?",
            [page_id, LOOKS],
        ).fetchall()
        # Each but the last was seen once: the next look found another.
        if any(row["observations"] > 1 for row in rows[1:]):
            return False
        if not only_restless(
            edit.added, edit.removed, [(row["added"], row["removed"]) for row in rows]
        ):
            return False
        return article.modified == self._extractions.get(current["extraction_id"]).modified

    def _older_copy(
        self,
        page_id: int,
        attempt: Attempt,
        article: Article,
        current: sqlite3.Row,
        fingerprint: str,
    ) -> OlderCopy:
        """Return what tells whether a text is of an older copy of its page."""
        row = self._connection.execute(
            "select min(at) as first from fetches where page_id = ?1 and class = 'stale_copy'"
            " and fingerprint = ?3"
            " and id > coalesce((select max(id) from fetches where page_id = ?1"
            " and version_id = ?2), 0)",
            [page_id, current["id"], fingerprint],
        ).fetchone()
        known = self._connection.execute(
            "select last_modified from pages where id = ?", [page_id]
        ).fetchone()
        return OlderCopy(
            at=attempt.at,
            headers=attempt.page.headers if attempt.page else {},
            modified=article.modified,
            current_modified=self._extractions.get(current["extraction_id"]).modified,
            current_since=from_utc_text(current["first_observed_at"]) or attempt.at,
            current_last_modified=known["last_modified"],
            held_since=from_utc_text(row["first"]),
            capture=bool(attempt.capture),
        )

    def _byline_changed(self, version: sqlite3.Row, article: Article) -> bool:
        """Return whether a page with a version's text has another byline.

        Only records of the same extractor are compared: another may find other names.
        """
        if version["extractor"] != article.extractor:
            return False
        before = self._extractions.get(version["extraction_id"])
        return new_byline(before, article) is not None

    def _known(self, page_id: int, fingerprint: str, article: Article) -> sqlite3.Row | None:
        """Return the last version with this fingerprint and the same authors, or None."""
        if self._pages.is_bare(page_id):
            return None
        for version in self._articles.with_fingerprint(page_id, fingerprint):
            if not self._byline_changed(version, article):
                return version
        return None

    def _redirected(
        self, attempt: Attempt, page: Page, article: Article, page_id: int, current: sqlite3.Row
    ) -> TextOutcome | None:
        """Return the outcome for an address that redirects to another article now, or None.

        With the same headline the article has moved, and its new address is recorded.
        """
        if not self._pages.is_elsewhere(page_id, asked=page.url, final_url=page.final_url):
            return None
        if fingerprint(article.title) == fingerprint(current["title"]):
            self._pages.add_alias(page.final_url, page_id, how="redirect", at=utc_text(attempt.at))
            return None
        return TextOutcome(
            error_class=ErrorClass.REDIRECTED,
            message=f"redirects to another article now: {page.final_url}",
            evidence=(f"title: {article.title}",),
        )

    def _walled(
        self, attempt: Attempt, article: Article, current: sqlite3.Row, fingerprint: str
    ) -> TextOutcome | None:
        """Return the outcome for the beginning of the archived text before a paywall, or None."""
        evidence = attempt.verdict.evidence if attempt.verdict else ()
        if not evidence:
            return None
        before = self._extractions.get(current["extraction_id"])
        if not is_beginning(before.text, article.text):
            return None
        return TextOutcome(
            error_class=ErrorClass.PAYWALL,
            message=f"shows the beginning of the archived text; {'; '.join(evidence)}",
            evidence=evidence,
            fingerprint=fingerprint,
        )

    def _up_to_date(
        self, page_id: int, attempt: Attempt, extractor: str, at: str
    ) -> sqlite3.Row | None:
        """Return the current version, re-extracted with the extractor of the attempt if needed."""
        current, before = self._current(page_id), attempt.before
        if current is None or before is None or current["extractor"] == extractor:
            return current
        if attempt.before_version not in (None, current["id"]):
            return current
        text_print, whole_print = fingerprints(before)
        self._articles.replace_extraction(
            current, before, fingerprint=whole_print, text_fingerprint=text_print, at=at
        )
        return self._articles.current(page_id)

    def _same(self, page_id: int, current: sqlite3.Row, at: str) -> TextOutcome:
        self._articles.record_observation(current["id"], at)
        self._articles.mark_live(page_id, at)
        return TextOutcome(error_class="unchanged", version_id=current["id"], reason="same_text")

    def _agreed(
        self, page_id: int, fingerprint: str, attempt: Attempt, error_class: ErrorClass
    ) -> bool:
        """Return whether the same text was first held back with this class long enough ago."""
        if self._pages.is_bare(page_id):
            return False
        # A text that was whole again since it shrank is held from its next shrinking on.
        row = self._connection.execute(
            "select min(at) as first, count(*) as times from fetches where page_id = ?1"
            " and class = ?2 and fingerprint = ?3 and (?2 <> 'shrunk' or id > coalesce((select"
            " max(id)"
            " from fetches where page_id = ?1 and version_id is not null), 0))",
            [page_id, str(error_class), fingerprint],
        ).fetchone()
        first = from_utc_text(row["first"])
        # Stored times have whole seconds.
        foreign = error_class == ErrorClass.OTHER_LANGUAGE
        if foreign and row["times"] < FOREIGN_LOOKS:
            return False
        least = FOREIGN_AGREES_AFTER if foreign else SHRINK_AGREES_AFTER
        return first is not None and attempt.at - first >= least - timedelta(seconds=1)
