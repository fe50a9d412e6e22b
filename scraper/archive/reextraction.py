"""Records that our own upgrades make again from archived pages.

None of it is a publisher's doing, so none of it makes a version or an entry in the ledger.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from scraper.archive.learned_boilerplate import record_fingerprint
from scraper.archive.page_urls import PageUrls
from scraper.archive.queries import QueryMixin
from scraper.archive.records import StaleVersion
from scraper.archive.sql_values import storable, utc_text
from scraper.archive.versions import VersionWriter, fingerprints
from scraper.models import Article, PageFingerprint

__all__ = ["ReextractMixin"]

_STALE = (
    "select v.id, v.page_id, v.number, v.length, p.url, coalesce(s.name, '') as source,"
    " e.extractor, a.version_id = v.id as current, coalesce((select nullif(f.final_url, '')"
    " from fetches f where f.version_id = v.id and f.body = v.body"
    " order by f.part, f.id limit 1), p.url) as final_url from versions v"
    " join extractions e on e.id = v.extraction_id join pages p on p.id = v.page_id"
    " join articles a on a.id = v.page_id left join sources s on s.id = p.source_id"
)


class ReextractMixin(QueryMixin):
    """Versions whose record another extractor made."""

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
            extractor: the wanted one, as in `Article.extractor`; None lists all versions.
            after: id of the last version that was processed.
            limit: how many versions at most; -1 for all.
            host: only pages of this host, or "".
            since: only versions that were first observed then or later.
        """
        with self._reading() as connection:
            rows = connection.execute(
                f"{_STALE} where v.id > ? and e.extractor is not ? and ? in ('', p.host)"
                " and v.first_observed_at >= ? order by v.id limit ?",
                [after, extractor, host, utc_text(since) if since else "", limit],
            )
            return tuple(_stale_version(row) for row in rows)

    def former_versions(
        self, url: str, article: Article, before: Article | None
    ) -> tuple[StaleVersion, ...]:
        """Return former versions of a page that another extractor read, if one may have this text.

        They are returned only if neither the current version nor any of them has the text of the
        article as it stands: then one of them may have it once it is extracted again.

        Args:
            url: of the page.
            article: what the page says now.
            before: what the extractor of `article` makes of the current version, or None.
        """
        if (holder := self._holding(url)) is not self:
            return holder.former_versions(url, article, before)
        with self._reading() as connection:
            rows = connection.execute(
                f"{_STALE} where v.page_id = ? and v.id <> a.version_id and e.extractor <> ?"
                " order by v.id",
                [PageUrls(connection).find(url), article.extractor],
            )
            former = tuple(_stale_version(row) for row in rows)
            if not former:
                return ()
            now = fingerprints(article)[1]
            if before is not None and fingerprints(before)[1] == now:
                return ()
            known = connection.execute(
                "select 1 from versions where page_id = ? and fingerprint = ?",
                [former[0].article_id, now],
            ).fetchone()
            return () if known else former

    def replace_extraction(
        self,
        ref: str | int,
        number: int,
        article: Article,
        at: datetime,
        *,
        footprint: PageFingerprint | None = None,
    ) -> None:
        """Replace the record of a version by the one that another extractor makes of its page.

        This makes no version and no entry in the ledger.

        Args:
            ref: the article, by number or address.
            number: the version.
            article: the new record.
            at: now.
            footprint: fingerprint of the page for learning boilerplate, or None.

        Raises:
            NotFound: there is no such version.
        """
        article = storable(article)
        row = self.version(ref, number).row
        text_print, whole_print = fingerprints(article)
        with self._writing() as connection:
            self._parts.take_back("select id from pages where id = ?", [row.article_id])
            version = connection.execute("select * from versions where id = ?", [row.id]).fetchone()
            writer = VersionWriter(connection, self._extractions)
            writer.replace_extraction(
                version,
                article,
                fingerprint=whole_print,
                text_fingerprint=text_print,
                at=utc_text(at),
            )
            writer.close()
            if footprint is not None:
                record_fingerprint(connection, row.article_id, footprint, utc_text(at))


def _stale_version(row: sqlite3.Row) -> StaleVersion:
    return StaleVersion(
        id=row["id"],
        article_id=row["page_id"],
        number=row["number"],
        url=row["url"],
        final_url=row["final_url"],
        source=row["source"],
        extractor=row["extractor"],
        current=bool(row["current"]),
        length=row["length"],
    )
