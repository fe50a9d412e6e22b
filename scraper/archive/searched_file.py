"""One file of an archive, as a search asks it: for candidates, conditions, times and texts.

A sealed part also has the rows of pages that go on in a later file. They are hidden where the index
is asked, so that what a part names is what it shows, and an archive of several files answers as if
it were one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scraper.archive.database import translate
from scraper.archive.search_filters import Condition, condition_of, define_functions, filters_of
from scraper.archive.search_index import is_current
from scraper.search.query import Filter, Node

__all__ = ["LISTED", "NAMED", "TIME", "SearchedFile"]

TIME = "coalesce(a.published_at, a.first_seen_at)"
# What a hit shows.
_COLUMNS = (
    "id", "url", "title", "outlet", "credited", "published_at", "published_offset", "first_seen_at",
    "language", "script", "text", "state", "version_count",
)  # fmt: skip
_SHOWN = f"select {', '.join(_COLUMNS)} from articles where id in (select value from json_each(?))"
_INDEX = "from articles_fts where articles_fts match ? and rowid > ?"
# What results are filtered by is in an index beside their numbers: no row of `articles` is read.
_WITH_COLUMNS = "cross join articles a indexed by articles_search on a.id = f.rowid"
# The newest articles that the index names, by number.
NAMED = (
    "(select rowid from articles_fts where articles_fts match ? order by rowid desc limit ?) f"
    f" {_WITH_COLUMNS}"
)
LISTED = "json_each(?) j cross join articles a indexed by articles_search on a.id = j.value"

Dated = tuple[int, str]


class SearchedFile:
    """A file of an archive that is searched.

    Args:
        connection: of the file; it may be read-only.
        path: names it in errors; SQLite's own are raised where there is none.
        shown: returns the SQL condition that the file shows a page, for the column of its number;
            None where it shows all.
        last_at: time of the newest that it shows, or later; "" where it is not known.
        articles: how many it shows, or somewhat more; None where the file counts them.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path | None = None,
        *,
        shown: Callable[[str], str] | None = None,
        last_at: str = "",
        articles: int | None = None,
    ) -> None:
        self.connection = connection
        self._path = path
        self._last_at = last_at
        self._articles = articles
        self._index = _INDEX + (f" and {shown('articles_fts.rowid')}" if shown else "")
        self._is_shown = shown("a.id") if shown else ""
        self.where: Condition | None = None

    def prepare(self, tree: Node, conditions: Node | None) -> None:
        """Take a query.

        Args:
            tree: all of it.
            conditions: what the columns decide for all articles; None for nothing.
        """
        with self._translated():
            if any(one.field == "author" for one in filters_of(tree)):
                define_functions(self.connection)
            self.where = condition_of(conditions, self.connection) if conditions else None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self._path is None:
                raise
            raise translate(error, self._path) from error

    def _rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with self._translated():
            return self.connection.execute(sql, values).fetchall()

    @property
    def articles(self) -> int:
        """How many articles the file shows, or somewhat more."""
        if self._articles is None:
            ((self._articles,),) = self._rows(
                "select number from counts where name = 'articles'", ()
            )
        return self._articles or 0

    @property
    def is_indexed(self) -> bool:
        """Whether the index has the terms that queries ask for."""
        with self._translated():
            return is_current(self.connection)

    # What the index names

    def named(self, expression: str, limit: int, above: int = 0) -> int:
        """Return how many articles the index names, or `limit` if there are more."""
        ((count,),) = self._rows(
            f"select count(*) from (select 1 {self._index} limit ?)",
            (expression, above, limit),
        )
        return int(count)

    def newest(self, expression: str, limit: int, above: int) -> list[int]:
        """Return the highest numbers above one that the index names, at most `limit`."""
        return [
            row[0]
            for row in self._rows(
                f"select rowid {self._index} order by rowid desc limit ?",
                (expression, above, limit),
            )
        ]

    def newest_dated(
        self, expression: str, limit: int, above: int = 0
    ) -> list[tuple[int, str, bool]]:
        """Return the same, with times and whether the conditions are fulfilled."""
        where, values = (self.where.sql, self.where.values) if self.where else ("1", ())
        rows = self._rows(
            f"select a.id, {TIME}, {where} from"
            f" (select rowid {self._index} order by rowid desc limit ?) f {_WITH_COLUMNS}",
            (*values, expression, above, limit),
        )
        return [(row[0], row[1], bool(row[2])) for row in rows]

    def joined(
        self, expression: str, most: int, limit: int, *, above: int = 0, by_time: bool
    ) -> list[Dated]:
        """Return the articles that the index names and the conditions leave, with their times.

        Args:
            expression: for the index.
            most: how many candidates at most, the newest by number.
            limit: how many are returned at most; all for -1.
            above: only those of higher numbers.
            by_time: whether the newest come first; else those of the highest number.
        """
        where, values = (self.where.sql, self.where.values) if self.where else ("1", ())
        rows = self._rows(
            f"select a.id, {TIME} from (select rowid {self._index} order by rowid desc limit ?) f"
            f" {_WITH_COLUMNS} where {where}"
            f" order by {'2 desc, 1 desc' if by_time else '1 desc'} limit ?",
            (expression, above, most, *values, limit),
        )
        return [(row[0], row[1]) for row in rows]

    def count_joined(self, expression: str, most: int, *, above: int = 0) -> int:
        """Return how many of the newest candidates fulfil the conditions."""
        if self.where is None:
            return self.named(expression, most, above)
        ((count,),) = self._rows(
            f"select count(*) from (select rowid {self._index} order by rowid desc limit ?) f"
            f" {_WITH_COLUMNS} where {self.where.sql}",
            (expression, above, most, *self.where.values),
        )
        return int(count)

    # What the columns decide

    def fulfilling(self, limit: int) -> list[Dated]:
        """Return articles that fulfil the conditions, with their times, in no order."""
        where = self.where or Condition(sql="1")
        by = " indexed by articles_search" if where.among or self.where is None else ""
        rows = self._rows(
            f"select a.id, {TIME} from articles a{by}"
            f" where {where.among or '1'} and {where.sql} and {self._is_shown or '1'} limit ?",
            (*where.among_values, *where.values, limit),
        )
        return [(row[0], row[1]) for row in rows]

    def by_time(self) -> Iterator[Dated]:
        """Yield the articles that fulfil the conditions, with their times, the newest first."""
        where = self.where or Condition(sql="1")
        # The newest that a part has are seldom those that it shows.
        until = f"{TIME} <= ?" if self._last_at else "1"
        with self._translated():
            for row in self.connection.execute(
                f"select a.id, {TIME} from articles a where {until} and {where.sql}"
                f" and {self._is_shown or '1'} order by {TIME} desc, a.id desc",
                (*((self._last_at,) if self._last_at else ()), *where.values),
            ):
                yield row[0], row[1]

    def filtered(self, ids: Sequence[int]) -> list[Dated]:
        """Return those of some articles that fulfil the conditions, with their times."""
        where, values = (self.where.sql, self.where.values) if self.where else ("1", ())
        rows = self._rows(
            f"select a.id, {TIME} from articles a indexed by articles_search"
            " where a.id in (select value from json_each(?))"
            f" and {where} and {self._is_shown or '1'}",
            (json.dumps(ids), *values),
        )
        return [(row[0], row[1]) for row in rows]

    def fulfilled(self, one: Filter, ids: Sequence[int]) -> list[int]:
        """Return which of some articles fulfil a condition that stands among words."""
        with self._translated():
            condition = condition_of(one, self.connection)
        rows = self._rows(
            "select a.id from articles a where a.id in (select value from json_each(?))"
            f" and {condition.sql}",
            (json.dumps(ids), *condition.values),
        )
        return [row[0] for row in rows]

    # Texts

    def texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Return headlines and texts of articles."""
        rows = self._rows(
            "select id, title, text from articles where id in (select value from json_each(?))",
            (json.dumps(ids),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def shown_columns(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return of articles what a hit shows, by number."""
        rows = self._rows(_SHOWN, (json.dumps(ids),))
        return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in rows}
