"""A subset of the archive as an SQLite file of its own, in plain tables, for Datasette and SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from scraper.archive.database import translate
from scraper.archive.records import ArticleRow, ChangeRow, Version
from scraper.archive.sql_values import storable_text, utc_text

__all__ = ["SubsetFile"]

_SCHEMA = """
create table articles (
    id integer primary key, url text not null, title text not null, outlet text not null,
    authors text not null, credited text not null, published_at text, modified_at text,
    language text not null, script text not null, state text not null, gone_at text,
    first_seen_at text not null, updated_at text not null, version integer not null,
    versions integer not null, excerpt text not null, text text not null
);
create index articles_published on articles (published_at);
create index articles_outlet on articles (outlet);
create table addresses (
    url text primary key, article_id integer not null references articles (id)
) without rowid;
create table versions (
    id integer primary key, article_id integer not null references articles (id),
    number integer not null, title text not null, text text not null, markdown text not null,
    first_observed_at text not null, last_observed_at text not null, observations integer not null,
    classes text not null, severity integer not null, sha256 text not null,
    unique (article_id, number)
);
create table changes (
    cursor integer primary key, at text not null, kind text not null,
    article_id integer not null references articles (id), version integer, title text not null,
    classes text not null, severity integer not null
);
create index changes_article on changes (article_id);
create table names (
    article_id integer not null references articles (id), kind text not null, name text not null,
    count integer not null, primary key (article_id, kind, name)
) without rowid;
create index names_name on names (name);
create virtual table articles_fts using fts5 (
    title, text, content="articles", content_rowid="id", tokenize='trigram'
);
"""


class SubsetFile:
    """A new SQLite file of articles; a context manager.

    Args:
        path: the file, which must not exist.

    Raises:
        ArchiveError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.executescript(_SCHEMA)
            self._connection.execute("begin")
        except sqlite3.Error as error:
            raise translate(error, path) from error

    def __enter__(self) -> SubsetFile:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.close()

    def add(
        self,
        row: ArticleRow,
        versions: Iterable[Version],
        *,
        addresses: Iterable[str],
        names: Iterable[tuple[str, str, int]],
        changes: Iterable[ChangeRow],
    ) -> None:
        """Write an article with all its versions."""
        try:
            self._insert(
                "articles",
                (
                    row.id, row.url, row.title, row.outlet, row.authors, row.credited,
                    _utc(row.published), _utc(row.modified), row.language, row.script, row.state,
                    _utc(row.gone_at), _utc(row.first_seen_at), _utc(row.updated_at), row.version,
                    row.version_count, row.excerpt, row.text,
                ),
            )  # fmt: skip
            for url in addresses:
                self._insert("addresses", (url, row.id))
            for version in versions:
                one, record = version.row, version.article
                self._insert(
                    "versions",
                    (
                        one.id, row.id, one.number, record.title, record.text, record.markdown,
                        _utc(one.first_observed_at), _utc(one.last_observed_at), one.observations,
                        json.dumps(one.classes), one.severity, one.chain,
                    ),
                )  # fmt: skip
            for name in names:
                self._insert("names", (row.id, *name))
            for change in changes:
                self._insert(
                    "changes",
                    (
                        change.cursor, _utc(change.at), change.kind, row.id, change.version,
                        change.title, json.dumps(change.classes), change.severity,
                    ),
                )  # fmt: skip
        except sqlite3.Error as error:
            raise translate(error, self._path) from error

    def finish(self) -> None:
        """Make the search index and write everything to disk."""
        try:
            self._connection.execute("insert into articles_fts (articles_fts) values ('rebuild')")
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise translate(error, self._path) from error

    def _insert(self, table: str, values: tuple[object, ...]) -> None:
        stored = [storable_text(value) if isinstance(value, str) else value for value in values]
        self._connection.execute(
            f"insert or ignore into {table} values ({', '.join('?' * len(values))})", stored
        )


def _utc(at: datetime | None) -> str | None:
    return None if at is None else utc_text(at)
