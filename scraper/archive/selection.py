"""Which articles an export takes, and what it asks of each of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from scraper.archive.queries import QueryMixin, change_rows
from scraper.archive.records import ChangeRow
from scraper.archive.search import Search, parse
from scraper.archive.searched_file import SearchedFile
from scraper.models import QuoteClaim, Source
from scraper.record import record
from scraper.search.query import Query

__all__ = ["ArticleName", "Selection", "SelectionMixin"]


@record
class Selection:
    """Articles that a query finds, all of them.

    Attributes:
        ids: their numbers, the newest article first.
        head: cursor of the ledger's last entry before they were looked for: what changes later
            stands behind it.
        notes: sentences on what was read otherwise than typed.
    """

    ids: tuple[int, ...]
    head: int
    notes: tuple[str, ...] = ()


@record
class ArticleName:
    """A name that the current version of an article holds, and how often."""

    kind: str
    name: str
    count: int


class SelectionMixin(QueryMixin):
    """Articles for an export."""

    def select(self, typed: str = "", *, after: int = 0, limit: int | None = None) -> Selection:
        """Return all articles that a query finds, however many texts must be read for it.

        Args:
            typed: the query as typed, "" for the whole archive.
            after: only articles of which the ledger has an entry behind this cursor.
            limit: how many articles at most, None for all.
        """
        query = parse(typed, None)
        with self._snapshot():
            head = self.head().cursor
            # Parts first: what is taken back from them meanwhile is then found in the current file.
            dated: dict[int, str] = {}
            changed: set[int] = set()
            for archive in (*(part.archive for part in self._parts), self):
                dated |= archive._dated(query, typed)
                rows = archive._store.connection.execute(
                    "select distinct page_id from changes where id > ?", [after]
                )
                changed |= {row[0] for row in rows} if after else set()
            ids = sorted(dated, key=lambda number: (dated[number], number), reverse=True)
            if after:
                ids = [number for number in ids if number in changed]
        return Selection(ids=tuple(ids[:limit]), head=head, notes=query.notes)

    def _dated(self, query: Query, typed: str) -> dict[int, str]:
        """Return the time of each article of this file that a query finds."""
        connection = self._store.connection
        rows = connection.execute(
            "select id, coalesce(published_at, first_seen_at) from articles a"
            f" where {self._shown('a.id')}"
        )
        times = {row[0]: row[1] for row in rows}
        if query.tree is not None:
            file = SearchedFile(connection, shown=self._shown)
            found = Search((file,), query.tree).all_ids()
            return {number: times[number] for number in found}
        return {} if typed.strip() else times

    def story_of(self, article_id: int) -> int | None:
        """Return the number of an article's story, or None where it is in none."""
        return self._holding(article_id).stories.story_of(article_id)

    def quotes_of(self, article_id: int) -> list[QuoteClaim]:
        """Return what an article reports that somebody said, in all its versions."""
        return list(self._holding(article_id).quotes.of_articles([article_id]))

    def addresses(self, article_id: int) -> tuple[str, ...]:
        """Return all addresses under which an article is known, its own first."""
        if (holder := self._holding(article_id)) is not self:
            return holder.addresses(article_id)
        with self._reading() as connection:
            rows = connection.execute(
                "select u.url from page_urls u join pages p on p.id = u.page_id"
                " where u.page_id = ? order by u.url <> p.url, u.first_seen_at, u.url",
                [article_id],
            )
            return tuple(row[0] for row in rows)

    def names(self, article_id: int) -> tuple[ArticleName, ...]:
        """Return the names in the current version of an article, the most frequent first."""
        if (holder := self._holding(article_id)) is not self:
            return holder.names(article_id)
        with self._reading() as connection:
            rows = connection.execute(
                "select e.kind, e.name, m.count from articles a"
                " join mentions m on m.version_id = a.version_id"
                " join entities e on e.id = m.entity_id where a.id = ?"
                " order by m.count desc, e.name",
                [article_id],
            )
            return tuple(ArticleName(kind=row[0], name=row[1], count=row[2]) for row in rows)

    def article_changes(self, article_id: int) -> tuple[ChangeRow, ...]:
        """Return the ledger's entries on an article, first to last."""
        if (holder := self._holding(article_id)) is not self:
            return holder.article_changes(article_id)
        with self._reading() as connection:
            rows = connection.execute(
                "select c.*, p.url, v.number from changes c join pages p on p.id = c.page_id"
                " left join versions v on v.id = c.version_id where c.page_id = ? order by c.id",
                [article_id],
            )
            return change_rows(connection, rows)

    def sources_of(self, article_ids: Sequence[int]) -> tuple[Source, ...]:
        """Return the sources that showed some of these articles, by name."""
        with self._reading():
            rows = [
                row
                for file in self._files()
                for row in file.execute(
                    "select s.name, s.kind, s.url, o.name as outlet from sources s"
                    " join outlets o on o.id = s.outlet_id where s.id in"
                    " (select source_id from sightings where page_id in"
                    " (select value from json_each(?)))",
                    [json.dumps(list(article_ids))],
                )
            ]
        # As the current file has them, which stands first.
        by_name: dict[str, Source] = {}
        for row in rows:
            source = Source(
                name=row["name"], kind=row["kind"], url=row["url"], outlet=row["outlet"]
            )
            by_name.setdefault(source.name, source)
        return tuple(by_name[name] for name in sorted(by_name))
