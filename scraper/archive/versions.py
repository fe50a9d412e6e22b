"""Versions of an article: observed, added, reverted, re-extracted; each with its ledger entry."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

from scraper.archive.current import CurrentArticles
from scraper.archive.extractions import ExtractionStore
from scraper.archive.hash_chain import (
    ChainEnds,
    chain_link,
    change_link,
    entry_link,
    record_link,
)
from scraper.archive.parts import parts_of
from scraper.archive.sql_values import utc_text
from scraper.edits import comparable_text, fingerprint
from scraper.models import Article, EditSummary, PreparedArticle

__all__ = ["VersionWriter", "fingerprints"]

# A headline that alternates is recorded once in this time.
HEADLINE_TEST_SPAN = timedelta(days=30)
# Pages of a sealed part with the same text that are counted: a notice shows long before.
_MOST_RESTING = 20
# Characters of added and of removed text that a change stores; the versions hold the rest.
_MOST_CHANGED = 4000


class VersionWriter:
    """Writes `versions`, `extractions` and `changes`. All methods run within a transaction.

    Args:
        connection: of the archive file.
        extractions: its records.
    """

    def __init__(self, connection: sqlite3.Connection, extractions: ExtractionStore) -> None:
        self._connection = connection
        self._extractions = extractions
        self._shown = CurrentArticles(connection, extractions)
        # The page that was looked at last, and its current version, until something changes it.
        self._looked_at: tuple[int, sqlite3.Row | None] | None = None
        self.chains = ChainEnds(connection)

    def close(self) -> None:
        """Write the rows deferred to the end of the transaction."""
        self.chains.close()
        self._shown.write_index()

    # Looking

    def current(self, page_id: int) -> sqlite3.Row | None:
        """Return the current version's row, or None."""
        if self._looked_at is None or self._looked_at[0] != page_id:
            row: sqlite3.Row | None = self._connection.execute(
                "select v.*, e.extractor from articles a join versions v on v.id = a.version_id"
                " join extractions e on e.id = v.extraction_id where a.id = ?",
                [page_id],
            ).fetchone()
            self._looked_at = page_id, row
        return self._looked_at[1]

    def with_fingerprint(self, page_id: int, fingerprint: str) -> list[sqlite3.Row]:
        """Return the versions of a page with this fingerprint, newest first.

        Versions whose bylines alone differ share a fingerprint.
        """
        return self._connection.execute(
            "select v.*, e.extractor from versions v join extractions e on e.id = v.extraction_id"
            " where v.page_id = ? and v.fingerprint = ? order by v.number desc",
            [page_id, fingerprint],
        ).fetchall()

    def pages_with_text(self, page_id: int, text_fingerprint: str) -> int:
        """Return how many other pages of the page's host have a version with exactly this text."""
        row = self._connection.execute(
            "select count(distinct v.page_id) as n from versions v join pages p on p.id = v.page_id"
            " where v.text_fingerprint = ? and v.page_id <> ?"
            " and p.host = (select host from pages where id = ?)",
            [text_fingerprint, page_id, page_id],
        ).fetchone()
        host = self._connection.execute("select host from pages where id = ?", [page_id]).fetchone()
        resting = parts_of(self._connection).resting(
            "select distinct v.page_id from versions v join pages p on p.id = v.page_id"
            " where v.text_fingerprint = ? and p.host = ? limit ?",
            [text_fingerprint, host["host"] if host else "", _MOST_RESTING],
        )
        return int(row["n"]) + sum(1 for _ in resting)

    # Observing

    def record_observation(self, version_id: int, at: str) -> None:
        """Record that a version was seen again."""
        self._looked_at = None
        self._connection.execute(
            "update versions set last_observed_at = max(last_observed_at, ?),"
            " observations = observations + 1 where id = ?",
            [at, version_id],
        )

    def mark_gone(self, page_id: int, at: str, *, how: str) -> None:
        """Record a takedown and its kind; the last good text stays."""
        self._set_state(page_id, "gone", at, kind="gone", classes=json.dumps([how]), severity=3)

    def mark_moved(self, page_id: int, at: str, *, to: str) -> None:
        """Record in the ledger that an article is now read at another address."""
        row = self._connection.execute(
            "select version_id, title from articles where id = ?", [page_id]
        ).fetchone()
        classes = json.dumps([to], ensure_ascii=False)
        self._enter("moved", page_id, row["version_id"], row["title"], at, classes, 1)

    def mark_live(self, page_id: int, at: str) -> None:
        """Record that an article is back after a takedown.

        Do nothing for one that was not gone, or that was taken down after `at`: an old capture
        shows nothing of what came later.
        """
        self._set_state(page_id, "live", at, kind="returned", classes="[]", severity=2)

    def _set_state(
        self, page_id: int, state: str, at: str, *, kind: str, classes: str, severity: int
    ) -> None:
        row = self._connection.execute(
            "update articles set state = ?1, gone_at = iif(?1 = 'gone', ?2, null) where id = ?3"
            " and state <> ?1 and coalesce(gone_at, '') <= ?2 returning version_id, title",
            [state, at, page_id],
        ).fetchone()
        if row is not None:
            self._enter(kind, page_id, row["version_id"], row["title"], at, classes, severity)

    def show_again(self, page_id: int, version: sqlite3.Row) -> None:
        """Make an earlier version current without a ledger entry: the alternation is recorded."""
        article = self._extractions.get(version["extraction_id"])
        entered = self._connection.execute(
            "select max(at) as at from changes where version_id = ?"
            " and kind not in ('gone', 'returned', 'moved')",
            [version["id"]],
        ).fetchone()
        updated_at = entered["at"] or version["first_observed_at"]
        self._looked_at = None
        self._shown.write(page_id, version["id"], article, updated_at)

    def was_reverted(
        self, page_id: int, version: sqlite3.Row, left: sqlite3.Row, at: datetime
    ) -> bool:
        """Return whether the ledger already has this reversion, with nothing new since.

        An alternating headline is recorded once in `HEADLINE_TEST_SPAN`, an alternating text once
        until a new version is added.
        """
        if version["text_fingerprint"] == left["text_fingerprint"]:
            row = self._connection.execute(
                "select 1 from changes where page_id = ? and kind = 'reverted' and at > ? limit 1",
                [page_id, utc_text(at - HEADLINE_TEST_SPAN)],
            ).fetchone()
        else:
            row = self._connection.execute(
                "select 1 from changes where page_id = ?1 and kind = 'reverted' and version_id = ?2"
                " and id > (select max(id) from changes where page_id = ?1 and kind in"
                " ('new', 'edited', 'retitled', 'rebylined')) limit 1",
                [page_id, version["id"]],
            ).fetchone()
        return row is not None

    def revert_to(self, page_id: int, version: sqlite3.Row, at: str) -> None:
        """Make an earlier version current again: the publisher reverted an edit."""
        article = self._extractions.get(version["extraction_id"])
        left = self.current(page_id)
        # A reversion is as severe as the edit that it reverts.
        severity = max(left["severity"] if left else 0, version["severity"])
        self._looked_at = None
        self._shown.write(page_id, version["id"], article, at)
        self._enter("reverted", page_id, version["id"], article.title, at, severity=severity)

    # Adding

    def add_version(
        self,
        page_id: int,
        article: Article,
        *,
        body: str,
        parts: tuple[str, ...],
        fingerprint: str,
        text_fingerprint: str,
        edit: EditSummary | None,
        at: str,
        prepared: PreparedArticle | None = None,
        first: bool = False,
    ) -> tuple[int, str]:
        """Add a publisher's edit, or the first version of a page.

        A version that was observed before the current one (an old capture) does not become
        current.

        `prepared` is what a worker has computed of this article, or None. `first` says that nothing
        is known of the page but its address.

        Returns:
            The version's id and the kind of change: new, edited, retitled or rebylined.
        """
        current = None if first else self.current(page_id)
        self._looked_at = None
        page = self._connection.execute("select url from pages where id = ?", [page_id]).fetchone()
        extraction_id = self._add_extraction(
            page_id, page["url"], article, body, parts, at, prepared, first=first
        )
        before = None
        if not first:
            before = self._connection.execute(
                "select number, chain from versions where page_id = ? order by number desc limit 1",
                [page_id],
            ).fetchone()
        number = before["number"] + 1 if before else 1
        classes = json.dumps(list(edit.classes) if edit else [])
        severity = edit.severity if edit else 0
        added = "\n".join(edit.added)[:_MOST_CHANGED] if edit else ""
        removed = "\n".join(edit.removed)[:_MOST_CHANGED] if edit else ""
        chain = chain_link(before["chain"] if before else "", page["url"], number, body, at)
        cursor = self._connection.execute(
            "insert into versions (id, page_id, number, extraction_id, body, title, fingerprint,"
            " text_fingerprint, length, first_observed_at, last_observed_at, classes, severity,"
            " added, removed, chain, change_chain)"
            # Versions of sealed parts keep their numbers.
            " values (1 + max((select coalesce(max(id), 0) from versions),"
            " (select coalesce(max(last_version), 0) from parts)), ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?, ?, ?, ?, ?, ?, ?)",
            [
                page_id,
                number,
                extraction_id,
                body,
                article.title,
                fingerprint,
                text_fingerprint,
                len(article.text),
                at,
                at,
                classes,
                severity,
                added,
                removed,
                chain,
                change_link(chain, classes, severity, added, removed),
            ],
        )
        version_id = int(cursor.lastrowid or 0)
        kind = "new"
        if current is not None:
            kind = "edited"
            if current["text_fingerprint"] == text_fingerprint:
                kind = "rebylined" if current["fingerprint"] == fingerprint else "retitled"
        if current is None or at >= current["last_observed_at"]:
            self._shown.write(page_id, version_id, article, at, prepared, first=first)
        else:
            self._shown.count_versions(page_id)
        facts = page["url"], chain
        self._enter(kind, page_id, version_id, article.title, at, classes, severity, facts)
        return version_id, kind

    def replace_extraction(
        self,
        version: sqlite3.Row,
        article: Article,
        *,
        fingerprint: str,
        text_fingerprint: str,
        at: str,
    ) -> None:
        """Replace a version's record by that of another extractor, without a ledger entry."""
        self._looked_at = None
        known = self._connection.execute(
            "select p.url, e.parts from extractions e join pages p on p.id = ? where e.id = ?",
            [version["page_id"], version["extraction_id"]],
        ).fetchone()
        parts = tuple(json.loads(known["parts"]))
        extraction_id = self._add_extraction(
            version["page_id"], known["url"], article, version["body"], parts, at
        )
        self._connection.execute(
            "update versions set extraction_id = ?, title = ?, length = ?, fingerprint = ?,"
            " text_fingerprint = ? where id = ?",
            [
                extraction_id,
                article.title,
                len(article.text),
                fingerprint,
                text_fingerprint,
                version["id"],
            ],
        )
        shown = self._connection.execute(
            "select updated_at from articles where version_id = ?", [version["id"]]
        ).fetchone()
        if shown is not None:
            self._shown.write(version["page_id"], version["id"], article, shown["updated_at"])

    def _add_extraction(
        self,
        page_id: int,
        url: str,
        article: Article,
        body: str,
        parts: tuple[str, ...],
        at: str,
        prepared: PreparedArticle | None = None,
        *,
        first: bool = False,
    ) -> int:
        if not first:
            known = self._connection.execute(
                "select id from extractions where page_id = ? and body = ? and parts = ?"
                " and extractor = ?",
                [page_id, body, json.dumps(parts), article.extractor],
            ).fetchone()
            if known is not None:
                return int(known["id"])
        base, content, record = self._extractions.encode(
            article, None if first else page_id, body, prepared
        )
        row: dict[str, object] = {
            "page_id": page_id,
            "body": body,
            "parts": json.dumps(parts),
            "extractor": article.extractor,
            "made_at": at,
            "encoding": article.encoding,
            "encoding_origin": article.encoding_origin,
            "replaced": article.replaced,
            "base_id": base,
            "record": record,
        }
        last, before = self.chains.last("extractions")
        row["chain"] = chain = record_link(before, url, row, content)
        row["id"] = last + 1
        cursor = self._connection.execute(
            f"insert into extractions ({', '.join(row)}) values ({', '.join('?' * len(row))})",
            list(row.values()),
        )
        extraction_id = int(cursor.lastrowid or 0)
        self.chains.move("extractions", extraction_id, chain)
        return extraction_id

    def _enter(
        self,
        kind: str,
        page_id: int,
        version_id: int,
        title: str,
        at: str,
        classes: str = "[]",
        severity: int = 0,
        facts: tuple[str, str] | None = None,
    ) -> None:
        """Add an entry to the ledger, chained to the one before.

        `facts` are the page's address and the version's hash, if the caller has them.
        """
        url, version = (
            facts
            or self._connection.execute(
                "select p.url, (select v.chain from versions v where v.id = ?) from pages p"
                " where p.id = ?",
                [version_id, page_id],
            ).fetchone()
        )
        fetch, record = self.chains.last("fetches"), self.chains.last("extractions")
        chain = entry_link(
            self.chains.last("changes")[1],
            at,
            kind,
            url,
            version,
            title,
            classes,
            severity,
            (fetch[1], record[1]),
        )
        cursor = self._connection.execute(
            "insert into changes (at, kind, page_id, version_id, title, classes, severity, covers,"
            " chain) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                at,
                kind,
                page_id,
                version_id,
                title,
                classes,
                severity,
                f"{fetch[0]} {record[0]}",
                chain,
            ],
        )
        self.chains.move("changes", int(cursor.lastrowid or 0), chain)


def fingerprints(article: Article) -> tuple[str, str]:
    """Return the fingerprints of an article's text, and of its headline and text."""
    text = fingerprint(comparable_text(article))
    return text, fingerprint(f"{article.title}\n{text}")
