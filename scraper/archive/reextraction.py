"""What we make of archived pages anew: records by a newer extractor, boilerplate learned of hosts.

None of it is a publisher's doing, so none of it makes a version or an entry in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scraper.archive.versions import VersionWriter, fingerprints
from scraper.archive.opening import ArchiveBase
from scraper.archive.records import StaleVersion
from scraper.archive.sql_values import storable, utc_text
from scraper.models import Article, PageFingerprint, LearnedBlock, Page

__all__ = ["ReextractMixin"]


class ReextractMixin(ArchiveBase):
    """The side of an archive by which our own upgrades reach what is archived already."""

    # Records

    def stale_versions(
        self,
        extractor: str | None,
        *,
        after: int = 0,
        limit: int = 100,
        host: str = "",
        since: datetime | None = None,
    ) -> tuple[StaleVersion, ...]:
        """Return versions whose record was made by another extractor than this, by id.

        Args:
            extractor: the one that is wanted, as in `Article.extractor`; None lists all versions.
            after: id of the last version that was dealt with.
            limit: how many at most; -1 for all.
            host: only pages of this host, or "".
            since: only versions that were first observed then or later.
        """
        with self._store.reading():
            return self._stale.versions(
                extractor, after, limit, host, utc_text(since) if since else ""
            )

    def former_versions(
        self, url: str, article: Article, before: Article | None
    ) -> tuple[StaleVersion, ...]:
        """Return the former versions of a page whose records the extractor of an article did not
        make, where the article says what neither the current nor any such version says.

        Args:
            url: of the page.
            article: what it says now.
            before: what its extractor makes of the current version, if that was asked.
        """
        with self._store.reading():
            former = self._stale.former(url, article.extractor)
        if not former:
            return ()
        now = fingerprints(article)[1]
        if before is not None and fingerprints(before)[1] == now:
            return ()
        with self._store.reading():
            return () if self._stale.says(former[0].article_id, now) else former

    def response(self, version_id: int) -> tuple[Page, ...]:
        """Return the responses that a version was made from: the page, then its further pages."""
        with self._store.reading():
            return self._reading.response(version_id)

    def rederive(
        self,
        ref: str | int,
        number: int,
        article: Article,
        at: datetime,
        *,
        footprint: PageFingerprint | None = None,
    ) -> None:
        """Give a version the record that another extractor makes of its page.

        It makes no version and no entry in the ledger.

        Args:
            ref: the article, by number or address.
            number: the version.
            article: the new record.
            at: now.
            footprint: what learning keeps of it, or None.

        Raises:
            NotFound: there is no such version.
        """
        article = storable(article)
        with self._store.reading():
            row = self._reading.version(ref, number).row
        text_print, whole_print = fingerprints(article)
        with self._writing() as connection:
            version = connection.execute("select * from versions where id = ?", [row.id]).fetchone()
            articles = VersionWriter(connection, self._extractions)
            articles.rederive(
                version,
                article,
                fingerprint=whole_print,
                text_fingerprint=text_print,
                at=utc_text(at),
            )
            articles.close()
            if footprint is not None:
                self._learning.note(row.article_id, footprint, utc_text(at))

    # What was learned

    def footprints(self, host: str) -> dict[int, PageFingerprint]:
        """Return what the host's most recent pages left behind, newest first, by article."""
        with self._store.reading():
            return self._learning.footprints(host)

    def learned_blocks(self, host: str = "") -> tuple[LearnedBlock, ...]:
        """Return what was learned on a host, or on all, what was forgotten included."""
        with self._store.reading():
            return self._learning.blocks(host)

    def learn(self, blocks: Sequence[LearnedBlock], at: datetime) -> None:
        """Add what was decided to be boilerplate; what is known or was forgotten stays as it is."""
        with self._store.transaction():
            self._learning.learn(blocks, utc_text(at))

    def forget_learned(self, host: str, at: datetime) -> int:
        """Take back what was learned on a host, for good; return how many blocks that was."""
        with self._store.transaction():
            return self._learning.forget(host, utc_text(at))
