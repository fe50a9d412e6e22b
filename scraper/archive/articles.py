"""Versions of an article and its flattened current row, with index, evidence and ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from scraper.archive.extractions import Extractions
from scraper.archive.records import Comparison
from scraper.archive.sealing import chain_link, entry_link
from scraper.archive.values import scrub, stamp
from scraper.hanzi import segment
from scraper.models import Article
from scraper.urls import host_of, same_site

__all__ = ["Articles"]

# More of a rewritten page than this is told by its versions, not by its change.
_MOST_CHANGED = 4000
# Characters of what a rule cut that can be seen without unpacking the record.
_SAMPLE = 120


class Articles:
    """Writes `versions`, `articles` and what hangs on them. All methods run within a transaction.

    Args:
        connection: of the archive file.
        extractions: its records.
    """

    def __init__(self, connection: sqlite3.Connection, extractions: Extractions) -> None:
        self._connection = connection
        self._extractions = extractions
        self._terms: list[tuple[str | None, int, str, str]] = []

    def write_index(self) -> None:
        """Bring the search index up to date with what was written: once, before the commit.

        Between other statements FTS5 would write out a segment of its own for each article.
        """
        self._connection.executemany(
            "insert into articles_fts (articles_fts, rowid, title, text) values (?, ?, ?, ?)",
            self._terms,
        )
        self._terms.clear()

    # Looking

    def current(self, page_id: int) -> sqlite3.Row | None:
        """Return the row of `versions` that is current, or None."""
        row: sqlite3.Row | None = self._connection.execute(
            "select v.*, e.extractor from articles a join versions v on v.id = a.version_id"
            " join extractions e on e.id = v.extraction_id where a.id = ?",
            [page_id],
        ).fetchone()
        return row

    def with_fingerprint(self, page_id: int, fingerprint: str) -> sqlite3.Row | None:
        """Return the version of a page that has this fingerprint, or None."""
        row: sqlite3.Row | None = self._connection.execute(
            "select * from versions where page_id = ? and fingerprint = ?", [page_id, fingerprint]
        ).fetchone()
        return row

    def pages_with_text(self, page_id: int, text_fingerprint: str) -> int:
        """Return how many other pages of the page's host have a version with this very text."""
        row = self._connection.execute(
            "select count(distinct v.page_id) as n from versions v join pages p on p.id = v.page_id"
            " where v.text_fingerprint = ? and v.page_id <> ?"
            " and p.host = (select host from pages where id = ?)",
            [text_fingerprint, page_id, page_id],
        ).fetchone()
        return int(row["n"])

    # Observing

    def observe(self, version_id: int, at: str) -> None:
        """Note that a version was seen again."""
        self._connection.execute(
            "update versions set last_observed_at = max(last_observed_at, ?),"
            " observations = observations + 1 where id = ?",
            [at, version_id],
        )

    def mark_gone(self, page_id: int, at: str, *, how: str) -> None:
        """Note a takedown and how it was done; the last good text stays."""
        self._set_state(page_id, "gone", at, kind="gone", classes=json.dumps([how]), severity=3)

    def mark_live(self, page_id: int, at: str) -> None:
        """Note that an article that was gone is back; nothing for one that was not."""
        self._set_state(page_id, "live", at, kind="returned", classes="[]", severity=2)

    def _set_state(
        self, page_id: int, state: str, at: str, *, kind: str, classes: str, severity: int
    ) -> None:
        row = self._connection.execute(
            "update articles set state = ?, gone_at = ? where id = ? and state <> ?"
            " returning version_id, title",
            [state, at if state == "gone" else None, page_id, state],
        ).fetchone()
        if row is not None:
            self._enter(kind, page_id, row["version_id"], row["title"], at, classes, severity)

    def turn_back(self, page_id: int, version: sqlite3.Row, at: str) -> None:
        """Make an earlier version current again: the publisher took an edit back."""
        article = self._extractions.get(version["extraction_id"])
        left = self.current(page_id)
        # What is taken back is as grave as it was to put it in.
        severity = max(left["severity"] if left else 0, version["severity"])
        self._flatten(page_id, version["id"], article, at)
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
        comparison: Comparison | None,
        at: str,
    ) -> tuple[int, str]:
        """Write a publisher's edit, or the first version of a page.

        A version that was observed before the current one (an old capture) does not become
        current.

        Returns:
            The version's id and the kind of change: new, edited or retitled.
        """
        current = self.current(page_id)
        extraction_id = self._add_extraction(page_id, article, body, parts, at)
        before = self._connection.execute(
            "select number, chain from versions where page_id = ? order by number desc limit 1",
            [page_id],
        ).fetchone()
        number = before["number"] + 1 if before else 1
        page = self._connection.execute("select url from pages where id = ?", [page_id]).fetchone()
        classes = json.dumps(list(comparison.classes) if comparison else [])
        severity = comparison.severity if comparison else 0
        cursor = self._connection.execute(
            "insert into versions (page_id, number, extraction_id, body, title, fingerprint,"
            " text_fingerprint, length, first_observed_at, last_observed_at, classes, severity,"
            " added, removed, chain) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                "\n".join(comparison.added)[:_MOST_CHANGED] if comparison else "",
                "\n".join(comparison.removed)[:_MOST_CHANGED] if comparison else "",
                chain_link(before["chain"] if before else "", page["url"], number, body, at),
            ],
        )
        version_id = int(cursor.lastrowid or 0)
        kind = "new"
        if current is not None:
            same_text = current["text_fingerprint"] == text_fingerprint
            kind = "retitled" if same_text else "edited"
        if current is None or at >= current["last_observed_at"]:
            self._flatten(page_id, version_id, article, at)
        else:
            self._count_versions(page_id)
        self._enter(kind, page_id, version_id, article.title, at, classes, severity)
        return version_id, kind

    def rederive(
        self,
        version: sqlite3.Row,
        article: Article,
        *,
        fingerprint: str,
        text_fingerprint: str,
        at: str,
    ) -> None:
        """Give a version the record that another extractor makes of its page.

        It stays the version that it is: what the publisher did does not change, and the ledger
        says nothing.
        """
        parts = self._connection.execute(
            "select parts from extractions where id = ?", [version["extraction_id"]]
        ).fetchone()["parts"]
        extraction_id = self._add_extraction(
            version["page_id"], article, version["body"], tuple(json.loads(parts)), at
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
            self._flatten(version["page_id"], version["id"], article, shown["updated_at"])

    def _add_extraction(
        self, page_id: int, article: Article, body: str, parts: tuple[str, ...], at: str
    ) -> int:
        key = [page_id, body, json.dumps(parts), article.extractor]
        known = self._connection.execute(
            "select id from extractions where page_id = ? and body = ? and parts = ?"
            " and extractor = ?",
            key,
        ).fetchone()
        if known is not None:
            return int(known["id"])
        base, record = self._extractions.encode(article, page_id, body)
        cursor = self._connection.execute(
            "insert into extractions (page_id, body, parts, extractor, made_at, encoding,"
            " encoding_origin, replaced, base_id, record) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *key,
                at,
                article.encoding,
                article.encoding_origin,
                article.replaced,
                base,
                record,
            ],
        )
        return int(cursor.lastrowid or 0)

    # The current version, flattened

    def _flatten(self, page_id: int, version_id: int, article: Article, at: str) -> None:
        run = self._connection.execute
        old = run("select title, text from articles where id = ?", [page_id]).fetchone()
        if old is not None:
            # The index has to be told what it holds: it keeps no copy of the text.
            self._terms.append(("delete", page_id, segment(old["title"]), segment(old["text"])))
        outlet_id, outlet = self._outlet(page_id, article, at)
        values: dict[str, object] = {
            "title": article.title,
            "outlet": outlet,
            "outlet_id": outlet_id,
            "authors": ", ".join(article.authors),
            "credited": article.source,
            "published_at": stamp(article.published) if article.published else None,
            "published_offset": _offset(article),
            "modified_at": stamp(article.modified) if article.modified else None,
            "language": article.language,
            "script": article.script,
            "excerpt": article.excerpt,
            "image": article.image if article.image.startswith(("http://", "https://")) else "",
            "text": article.text,
            "length": len(article.text),
            "updated_at": at,
            "version_id": version_id,
        }
        names = ", ".join(values)
        updates = ", ".join(f"{name} = excluded.{name}" for name in values)
        run(
            f"insert into articles (id, url, first_seen_at, {names})"
            f" select id, url, first_seen_at, {', '.join('?' * len(values))} from pages"
            f" where id = ? on conflict (id) do update set {updates}",
            [*values.values(), page_id],
        )
        self._count_versions(page_id)
        self._terms.append((None, page_id, segment(article.title), segment(article.text)))
        self._write_evidence(page_id, article)

    def show_anew(self, page_id: int, version_id: int) -> bool:
        """Write an article's row from its version again if it shows something else.

        Returns:
            Whether it did.
        """
        version = self._connection.execute(
            "select v.extraction_id, v.first_observed_at, (select count(*) from versions"
            " where page_id = v.page_id) as versions from versions v where v.id = ?",
            [version_id],
        ).fetchone()
        article = self._extractions.get(version["extraction_id"])
        shown = self._connection.execute(
            "select title, text, version_id, version_count, updated_at from articles where id = ?",
            [page_id],
        ).fetchone()
        expected = (article.title, article.text, version_id, version["versions"])
        if shown is not None and tuple(shown)[:4] == expected:
            return False
        at = shown["updated_at"] if shown else version["first_observed_at"]
        self._flatten(page_id, version_id, article, at)
        return True

    def _count_versions(self, page_id: int) -> None:
        self._connection.execute(
            "update articles set version_count ="
            " (select count(*) from versions where page_id = articles.id) where id = ?",
            [page_id],
        )

    def _outlet(self, page_id: int, article: Article, at: str) -> tuple[int, str]:
        """Choose the outlet that is shown.

        The configured name where the source is the publisher's own, so that one outlet has one
        name; what the page prints for a page that came through another's list; else the host.
        """
        row = self._connection.execute(
            "select p.url, s.url as source_url, o.name from pages p"
            " left join sources s on s.id = p.source_id left join outlets o on o.id = s.outlet_id"
            " where p.id = ?",
            [page_id],
        ).fetchone()
        own = row["source_url"] and same_site(row["source_url"], row["url"])
        name = (row["name"] if own else article.outlet.strip()) or host_of(row["url"])
        outlet_id = self._connection.execute(
            "insert into outlets (name, first_seen_at) values (?, ?)"
            " on conflict (name) do update set name = excluded.name returning id",
            [name, at],
        ).fetchone()["id"]
        self._connection.execute(
            "update pages set outlet_id = ? where id = ?", [outlet_id, page_id]
        )
        return int(outlet_id), str(name)

    def _write_evidence(self, page_id: int, article: Article) -> None:
        run = self._connection.execute
        run("delete from candidates where article_id = ?", [page_id])
        self._connection.executemany(
            "insert into candidates (article_id, field, value, origin, chosen, note)"
            " values (?, ?, ?, ?, ?, ?)",
            [(page_id, c.field, c.value, c.origin, c.chosen, c.note) for c in article.candidates],
        )
        run("delete from removed_blocks where article_id = ?", [page_id])
        cut: dict[str, list[str]] = {}
        for block in article.removed:
            cut.setdefault(block.rule, []).append(block.text)
        self._connection.executemany(
            "insert into removed_blocks (article_id, rule, blocks, characters, sample)"
            " values (?, ?, ?, ?, ?)",
            [
                (page_id, scrub(rule), len(texts), sum(map(len, texts)), _sample(texts))
                for rule, texts in cut.items()
            ],
        )

    def _enter(
        self,
        kind: str,
        page_id: int,
        version_id: int,
        title: str,
        at: str,
        classes: str = "[]",
        severity: int = 0,
    ) -> None:
        """Add an entry to the ledger, sealed to the one before."""
        facts = self._connection.execute(
            "select p.url, (select v.chain from versions v where v.id = ?) as version,"
            " coalesce((select chain from changes order by id desc limit 1), '') as before"
            " from pages p where p.id = ?",
            [version_id, page_id],
        ).fetchone()
        chain = entry_link(
            facts["before"], at, kind, facts["url"], facts["version"], title, classes, severity
        )
        self._connection.execute(
            "insert into changes (at, kind, page_id, version_id, title, classes, severity, chain)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [at, kind, page_id, version_id, title, classes, severity, chain],
        )


def _offset(article: Article) -> int | None:
    """Minutes of the zone in which the page gave its time, so that it can be shown as printed."""
    offset = article.published.utcoffset() if article.published else None
    return None if offset is None else int(offset.total_seconds()) // 60


def _sample(texts: Sequence[str]) -> str:
    return scrub(" | ".join(texts[:_SAMPLE])[:_SAMPLE])
