"""What articles show: their current version, flattened to a row, with search index and evidence."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from scraper.archive.extractions import ExtractionStore
from scraper.archive.search_index import index_version
from scraper.archive.sql_values import storable_text, utc_text
from scraper.models import Article, PreparedArticle
from scraper.search.terms import row_terms
from scraper.urls import host_of, same_site

__all__ = ["CurrentArticles", "candidate_rows", "flattened", "removed_rows", "same_rows"]

# Characters of what a rule cut that can be seen without unpacking the record.
_SAMPLE = 120


# Rule, blocks, characters and the beginning of their text.
RemovedRow: TypeAlias = tuple[str, int, int, str]


class CurrentArticles:
    """Writes `articles`, the search index and what hangs on them, all of which can be had again.

    All methods run within a transaction.

    Args:
        connection: of the archive file.
        extractions: its records.
    """

    def __init__(self, connection: sqlite3.Connection, extractions: ExtractionStore) -> None:
        self._connection = connection
        self._extractions = extractions
        self._terms: list[tuple[str | None, int, str, str]] = []
        self._outlets: dict[str, int] = {}

    def write(
        self,
        page_id: int,
        version_id: int,
        article: Article,
        at: str,
        prepared: PreparedArticle | None = None,
        *,
        first: bool = False,
    ) -> None:
        """Let an article show a version.

        Args:
            page_id: the article.
            version_id: the version.
            article: its record.
            at: when it became current.
            prepared: what a worker has computed of this article, or None.
            first: whether it is the first version of a page that has no article yet.
        """
        run = self._connection.execute
        old = None
        if not first:
            old = run(
                "select title, text, authors, version_id from articles where id = ?", [page_id]
            ).fetchone()
        if old is not None:
            # The index has to be told what it holds: it keeps no copy of the text.
            terms = row_terms(old["title"], old["text"], old["authors"])
            self._terms.append(("delete", page_id, *terms))
            if old["version_id"] != version_id:
                index_version(self._connection, old["version_id"], terms)
        outlet_id, outlet = self._outlet(page_id, article, at)
        values: dict[str, object] = {
            **flattened(article),
            "outlet": outlet,
            "outlet_id": outlet_id,
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
        if not first:  # the column says 1 by itself
            self.count_versions(page_id)
        terms = (
            row_terms(article.title, article.text, str(values["authors"]))
            if prepared is None
            else prepared.terms
        )
        self._terms.append((None, page_id, *terms))
        if not first:
            self._delete_evidence(page_id)
        self._write_evidence(page_id, article, None if prepared is None else prepared.removed)

    def rewrite_if_stale(self, page_id: int, version_id: int) -> bool:
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
            "select * from articles where id = ?", [page_id]
        ).fetchone()
        page = self._connection.execute(
            "select url, first_seen_at, outlet_id from pages where id = ?", [page_id]
        ).fetchone()
        expected = flattened(article) | dict(page)
        expected |= {"version_id": version_id, "version_count": version["versions"]}
        if shown is not None and expected == {name: shown[name] for name in expected}:
            return self._restore_evidence(page_id, article)
        at = shown["updated_at"] if shown else version["first_observed_at"]
        self.write(page_id, version_id, article, at)
        self._connection.execute(
            "update articles set url = ?, first_seen_at = ? where id = ?",
            [page["url"], page["first_seen_at"], page_id],
        )
        return True

    def _restore_evidence(self, page_id: int, article: Article) -> bool:
        """Write candidates and removed blocks again if they are not those of the record."""
        run = self._connection.execute
        candidates = run(
            "select field, value, origin, chosen, note from candidates where article_id = ?",
            [page_id],
        ).fetchall()
        removed = run(
            "select rule, blocks, characters, sample from removed_blocks where article_id = ?",
            [page_id],
        ).fetchall()
        if same_rows(candidates, candidate_rows(article)) and same_rows(
            removed, removed_rows(_removed(article))
        ):
            return False
        self._delete_evidence(page_id)
        self._write_evidence(page_id, article)
        return True

    def count_versions(self, page_id: int) -> None:
        """Bring an article's number of versions up to date."""
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
            "select p.url, p.outlet_id, s.url as source_url, o.name from pages p"
            " left join sources s on s.id = p.source_id left join outlets o on o.id = s.outlet_id"
            " where p.id = ?",
            [page_id],
        ).fetchone()
        own = row["source_url"] and same_site(row["source_url"], row["url"])
        name = (row["name"] if own else article.outlet.strip()) or host_of(row["url"])
        outlet_id = self._outlets.get(name)
        if outlet_id is None:
            outlet_id = self._outlets[name] = int(
                self._connection.execute(
                    "insert into outlets (name, first_seen_at) values (?, ?)"
                    " on conflict (name) do update set name = excluded.name returning id",
                    [name, at],
                ).fetchone()["id"]
            )
        if row["outlet_id"] != outlet_id:
            self._connection.execute(
                "update pages set outlet_id = ? where id = ?", [outlet_id, page_id]
            )
        return outlet_id, str(name)

    def _delete_evidence(self, page_id: int) -> None:
        for table in ("candidates", "removed_blocks"):
            self._connection.execute(f"delete from {table} where article_id = ?", [page_id])

    def _write_evidence(
        self, page_id: int, article: Article, removed: Sequence[RemovedRow] | None = None
    ) -> None:
        self._connection.executemany(
            "insert into candidates (article_id, field, value, origin, chosen, note)"
            " values (?, ?, ?, ?, ?, ?)",
            [(page_id, *row) for row in candidate_rows(article)],
        )
        self._connection.executemany(
            "insert into removed_blocks (article_id, rule, blocks, characters, sample)"
            " values (?, ?, ?, ?, ?)",
            [
                (page_id, *row)
                for row in (removed_rows(_removed(article)) if removed is None else removed)
            ],
        )

    def write_index(self) -> None:
        """Bring the search index up to date with what was written: once, before the commit.

        Between other statements FTS5 would write out a segment of its own for each article.
        """
        self._connection.executemany(
            "insert into articles_fts (articles_fts, rowid, title, text) values (?, ?, ?, ?)",
            self._terms,
        )
        self._terms.clear()


def flattened(article: Article) -> dict[str, object]:
    """Return the columns of `articles` that show nothing but an article's record."""
    return {
        "title": article.title,
        "authors": ", ".join(article.authors),
        "credited": article.source,
        "published_at": utc_text(article.published) if article.published else None,
        "published_offset": _offset(article),
        "modified_at": utc_text(article.modified) if article.modified else None,
        "language": article.language,
        "script": article.script,
        "excerpt": article.excerpt,
        "image": article.image if article.image.startswith(("http://", "https://")) else "",
        "text": article.text,
        "length": len(article.text),
        "confidence": article.confidence,
    }


def _removed(article: Article) -> Iterator[tuple[str, str]]:
    return ((block.rule, block.text) for block in article.removed)


def candidate_rows(article: Article) -> list[tuple[object, ...]]:
    """Return the rows of `candidates` for an article, without its id."""
    return [(c.field, c.value, c.origin, int(c.chosen), c.note) for c in article.candidates]


def removed_rows(blocks: Iterable[tuple[str, str]]) -> list[RemovedRow]:
    """Return the rows of `removed_blocks` for an article, without its id.

    Args:
        blocks: rule and text of each block that was cut.
    """
    cut: dict[str, list[str]] = {}
    for rule, text in blocks:
        cut.setdefault(rule, []).append(text)
    return [
        (storable_text(rule), len(texts), sum(map(len, texts)), _sample(texts))
        for rule, texts in cut.items()
    ]


def _offset(article: Article) -> int | None:
    """Minutes of the zone in which the page gave its time, so that it can be shown as printed."""
    offset = article.published.utcoffset() if article.published else None
    return None if offset is None else int(offset.total_seconds()) // 60


def same_rows(found: Sequence[Any], expected: Sequence[tuple[object, ...]]) -> bool:
    """Return whether two lists hold the same rows, in any order."""
    return Counter(map(tuple, found)) == Counter(expected)


def _sample(texts: Sequence[str]) -> str:
    return storable_text(" | ".join(texts[:_SAMPLE])[:_SAMPLE])
