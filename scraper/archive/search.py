"""Full-text search over both Chinese scripts, with the hits marked in what was published.

The index gives candidates (`search_index`), those most about the words first; which of them hold a
phrase is read in their texts (`scraper.search.occurrences`), and how they rank. Only so many
candidates are looked at that an answer is quick in an archive of millions: a common word is in
half of it. What was not looked at is said: "at least". The command line, the browser, SQL and
Python all come here.
"""

from __future__ import annotations

import json
import math
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from typing import Any, Final

from scraper.archive.records import SearchHit, SearchPage
from scraper.archive.search_filters import (
    Condition,
    condition_of,
    define_functions,
    filters_of,
    parted,
    within_outlet,
)
from scraper.archive.search_index import is_current
from scraper.archive.sql_values import from_utc_text, storable_text
from scraper.errors import UsageError
from scraper.search.match import NOTHING, Match, match_of
from scraper.search.occurrences import holds, score, snippet, spans
from scraper.search.query import Filter, Node, Query, parse_query
from scraper.search.terms import IN_TITLE, OFTEN

__all__ = [
    "ORDERS",
    "TIME",
    "Search",
    "hit_of",
    "index_query",
    "parse",
    "search_connection",
    "search_json",
]

ORDERS: Final = ("relevance", "date", "fresh")

# Candidates that the index is asked for, and of those that are most about the words; articles that
# are ranked by their texts; texts that are read before the search says that it looked no further.
_MOST_CANDIDATES, _MOST_BEST, _RANKED, _MOST_READ = 10_000, 1_000, 200, 3_000
_READ_AT_ONCE = 50
# Texts that are read to count what a phrase finds by outlet, month and so on.
_MOST_READ_TO_COUNT = 1_000
# To read a text costs as much as so many candidates whose columns are looked at; more than these
# are never looked at.
_PER_TEXT, _MOST_JOINED = 180, 60_000
# The age at which an article counts half as much where fresh ones come first.
_HALF_LIFE_DAYS = 14.0

TIME = "coalesce(a.published_at, a.first_seen_at)"
_SHOWN = """
select a.id, a.url, a.title, a.outlet, a.credited, a.published_at, a.published_offset,
    a.first_seen_at, a.language, a.script, a.text, a.state, a.version_count
from articles a where a.id in (select value from json_each(?))
"""
# The newest articles that the index names, by number, with what results are filtered by: no row of
# `articles` is read.
_NAMED = (
    "(select rowid from articles_fts where articles_fts match ? order by rowid desc limit ?) f"
    " cross join articles a indexed by articles_search on a.id = f.rowid"
)
_LISTED = "json_each(?) j cross join articles a indexed by articles_search on a.id = j.value"


def search_connection(
    connection: sqlite3.Connection,
    typed: str,
    *,
    limit: int = 20,
    offset: int = 0,
    order: str = "relevance",
    outlet: str = "",
    today: date | None = None,
    shown: str = "true",
) -> SearchPage:
    """Search an archive file.

    Args:
        connection: of the archive file; it may be read-only.
        typed: the query as typed (`scraper.search.query`).
        limit: how many hits at most.
        offset: how many hits to pass over.
        order: one of `ORDERS`: best first; newest first; best first where fresh ones count more.
        outlet: only articles of the outlet with this name, where it is not "".
        today: day from which ``since:7d`` counts; now by default.
        shown: SQL condition on rows ``a`` of `articles` that are shown at all.

    Returns:
        The hits, how many there are, and notes on what was read otherwise than typed.

    Raises:
        UsageError: the order is unknown.
    """
    if order not in ORDERS:
        raise UsageError(f"{order} is no order of results: use {', '.join(ORDERS)}")
    query = parse(typed, today)
    if query.tree is None:
        return SearchPage(hits=(), found=0, at_least=False, notes=query.notes)
    tree = within_outlet(query.tree, outlet) if outlet else query.tree
    search = Search(connection, tree, order, offset + limit + 1, shown=shown)
    ranked = search.run()
    page = ranked[offset : offset + limit]
    return SearchPage(
        hits=tuple(hits_of(connection, query.tree, page)),
        found=max(search.found, len(ranked)),
        at_least=search.at_least,
        more=len(ranked) > offset + limit,
        notes=tuple(dict.fromkeys((*query.notes, *search.notes))),
    )


@dataclass(slots=True)
class Search:
    """One search: gathers candidates, reads them, ranks them.

    Attributes:
        order: one of `ORDERS`.
        wanted: hits that are needed.
        found: how many articles there are, or at least.
        at_least: whether there may be more.
        notes: what was not looked at.
        shown: SQL condition on rows ``a`` of `articles` that are shown at all.
    """

    connection: sqlite3.Connection
    tree: Node
    order: str = "relevance"
    wanted: int = 1
    found: int = 0
    at_least: bool = False
    notes: list[str] = field(default_factory=list)
    shown: str = "true"
    _match: Match = field(init=False)
    _where: Condition | None = field(init=False)
    _words: Node | None = field(init=False)
    _indexed: bool = True
    _most_read: float = field(default_factory=lambda: _MOST_READ)
    _seen: set[int] = field(default_factory=set)
    _conditioned: list[tuple[int, str]] | None = None

    def __post_init__(self) -> None:
        define_functions(self.connection)
        conditions, self._words = parted(self.tree)
        self._where = condition_of(conditions, self.connection) if conditions else None
        if self.shown != "true":
            where = self._where or Condition(sql="1")
            self._where = Condition(
                sql=f"({where.sql}) and {self.shown}",
                values=where.values,
                among=where.among,
                among_values=where.among_values,
            )
        self._match = match_of(self.tree)
        if self._match.expression and not is_current(self.connection):
            self._match = Match(expression="", exact=False)
            self._indexed = False
            self._most_read = math.inf
            self.notes.append(
                "the search index is of another version of this program, so the articles"
                " themselves were read: run `scraper reindex`"
            )

    def run(self) -> list[tuple[int, float]]:
        """Return the articles in order, each with its rank: less is better."""
        if not self._match.expression:
            return self._walked()
        if self.order == "relevance" and self._where is None and self._decided:
            kept = self._best_alone()
            if kept:
                return kept
        most = self._most_joined()
        named = self._named(most + 1)
        if self.order == "date" and named > most:
            kept = self._walked()
            if self._decided and self._where is None:
                self.found = max(self.found, most)
            return kept
        return self._ordered(min(named, most), named > most)

    def counted(self) -> tuple[int, bool] | None:
        """Return how many articles are found and whether there may be more, if no text is read."""
        if not (self._match.expression and self._decided):
            return None
        most = self._most_joined()
        named = self._named(most + 1)
        within = min(named, most)
        return (within if self._where is None else self._count_joined(within)), named > most

    def _most_joined(self) -> int:
        """Return at most how many candidates are looked at one by one.

        By date, texts may be read from the newest on until enough have the words: the more have
        them, the fewer are read. Whichever costs less is done.
        """
        if self.order != "date" and self._where is None:
            return _MOST_CANDIDATES
        if self.order != "date":
            return _MOST_JOINED
        (total,) = self.connection.execute(
            "select number from counts where name = 'articles'"
        ).fetchone()
        least_costly = math.isqrt(min(self.wanted, _RANKED) * total * _PER_TEXT)
        return max(_MOST_CANDIDATES, min(_MOST_JOINED, least_costly))

    def _named(self, limit: int) -> int:
        """Return how many articles the index names, or `limit` if there are more."""
        (count,) = self.connection.execute(
            "select count(*) from (select 1 from articles_fts where articles_fts match ? limit ?)",
            [self._match.expression, limit],
        ).fetchone()
        return int(count)

    def _best_alone(self) -> list[tuple[int, float]]:
        """Return articles by relevance where those most about the words are enough, else none."""
        wanted = max(_RANKED, self.wanted)
        best: dict[int, str] = {}
        for tier in (IN_TITLE, OFTEN):
            if len(best) < wanted:
                best.update(dict.fromkeys(self._candidates(tier, wanted)[0], ""))
        if len(best) < wanted:
            return []
        self.found = self._named(_MOST_CANDIDATES + 1)
        self.at_least = self.found > _MOST_CANDIDATES
        self.found = min(self.found, _MOST_CANDIDATES)
        return sorted(self._kept(best, wanted), key=lambda pair: (pair[1], -pair[0]))

    def all_ids(self) -> list[int]:
        """Return all that is found, the newest first, however many texts must be read for it."""
        self.order, self.wanted, self._most_read = "date", sys.maxsize, math.inf
        return [article_id for article_id, _ in self.run()]

    def found_rows(self, most: int) -> tuple[Condition, bool]:
        """Return which articles are found, as what follows ``from`` of a query, the newest first.

        They are rows ``a`` of which the columns in the index `articles_search` are read.

        Args:
            most: how many at most, the newest by number; fewer where texts must be read to know.

        Returns:
            The rows, and whether those are all that are found.
        """
        if self._match.expression and self._decided:
            joined = self._most_joined()
            named = self._named(joined + 1)
            fulfilling = named if self._where is None else self._count_joined(joined)
            where, values = (self._where.sql, self._where.values) if self._where else ("1", ())
            rows = Condition(
                sql=f"{_NAMED} where {where} order by a.id desc limit ?",
                values=(self._match.expression, joined, *values, most),
            )
            return rows, named <= joined and fulfilling <= most
        if self._words is None:
            return self._fulfilling_rows(most)
        self._most_read = min(self._most_read, _MOST_READ_TO_COUNT)
        self.order = "date"
        if self._match.expression:
            dated = self._joined("", most)
            complete = self._named(most + 1) <= most
            found = [article_id for article_id, _ in self._kept(dated, most)]
            complete = complete and self._seen.issuperset(dated)
        else:
            self.wanted = _RANKED
            found = [article_id for article_id, _ in self._walked()]
            complete = not self.at_least
        return Condition(sql=_LISTED, values=(json.dumps(found),)), complete

    def _fulfilling_rows(self, most: int) -> tuple[Condition, bool]:
        """Return the rows that fulfil the conditions, where no words are sought: see `found_rows`."""
        few = self._fulfilling()
        if len(few) <= min(most, _MOST_CANDIDATES):
            return Condition(sql=_LISTED, values=(json.dumps([row[0] for row in few]),)), True
        where = self._where or Condition(sql="1")
        # They are soon found: so many fulfil them.
        rows = f"articles a indexed by articles_search where {where.sql} order by a.id desc limit ?"
        return Condition(sql=rows, values=(*where.values, most)), False

    def among(self, ids: Sequence[int]) -> list[int]:
        """Return which of some articles are found; their texts are read where words are sought."""
        kept = self._kept(self._filtered(ids), len(ids), named=False)
        return [article_id for article_id, _ in kept]

    @property
    def _decided(self) -> bool:
        """Whether index and columns alone decide what is looked for."""
        if self._words is None:
            return True
        return self._indexed and match_of(self._words).exact and not filters_of(self._words)

    # Candidates

    def _candidates(self, mark: str, limit: int) -> tuple[list[int], bool]:
        """Return the newest articles that the index names, and whether there are more."""
        match = match_of(self.tree, mark) if mark else self._match
        rows = self.connection.execute(
            "select rowid from articles_fts where articles_fts match ? order by rowid desc limit ?",
            [match.expression, limit + 1],
        ).fetchall()
        return [row[0] for row in rows[:limit]], len(rows) > limit

    def _joined(self, mark: str, most: int, by: str = "", limit: int = -1) -> dict[int, str]:
        """Return the articles that the index names and the conditions leave, with their times.

        Args:
            mark: "" for all; `IN_TITLE` or `OFTEN` for those that are most about the words.
            most: so many candidates at most, the newest by number.
            by: ``date`` for the newest first; else those of the highest number.
            limit: how many are returned at most; all by default.
        """
        match = match_of(self.tree, mark) if mark else self._match
        where, values = (self._where.sql, self._where.values) if self._where else ("1", ())
        order = "2 desc, 1 desc" if by == "date" else "1 desc"
        rows = self.connection.execute(
            f"select a.id, {TIME} from {_NAMED} where {where} order by {order} limit ?",
            [match.expression, most, *values, limit],
        )
        return dict(rows.fetchall())

    def _count_joined(self, most: int) -> int:
        """Return how many of the newest candidates fulfil the conditions."""
        where = self._where or Condition(sql="1")
        (count,) = self.connection.execute(
            f"select count(*) from {_NAMED} where {where.sql}",
            [self._match.expression, most, *where.values],
        ).fetchone()
        return int(count)

    def _filtered(self, ids: Sequence[int]) -> dict[int, str]:
        """Return those of some articles that fulfil the conditions, in order, with their times."""
        if self._where is None and self.order == "relevance":
            return dict.fromkeys(ids, "")
        rows = self.connection.execute(
            f"select a.id, {TIME} from articles a indexed by articles_search"
            " where a.id in (select value from json_each(?))"
            + (f" and {self._where.sql}" if self._where else ""),
            [json.dumps(ids), *(self._where.values if self._where else ())],
        )
        times = {row[0]: row[1] for row in rows}
        return {article_id: times[article_id] for article_id in ids if article_id in times}

    # Orders

    def _ordered(self, named: int, cut: bool) -> list[tuple[int, float]]:
        """Return articles by date, or by how much they are about the words.

        By relevance, those with the words in the headline are read first, then those in which they
        stand often, then the newest.

        Args:
            named: how many candidates are looked at.
            cut: whether the index names more.
        """
        wanted = self.wanted if self.order == "date" else max(_RANKED, self.wanted)
        by = "" if self.order == "relevance" else "date"
        # Where texts decide, it must be known of all candidates whether they were read.
        # All that fulfil a query are wanted by a number that SQLite cannot hold.
        limit = min(wanted, named) + _READ_AT_ONCE if self._decided else -1
        dated = self._joined("", named, by, limit)
        fulfilling = len(dated)
        if fulfilling == limit:
            fulfilling = named if self._where is None else self._count_joined(named)
        kept: list[tuple[int, float]] = []
        if self.order == "fresh":
            kept += self._kept(dated, wanted // 2)
        if self.order != "date" and fulfilling > wanted:
            for tier in (IN_TITLE, OFTEN):
                if len(kept) < wanted:
                    kept += self._kept(self._joined(tier, _MOST_BEST), wanted - len(kept))
        kept += self._kept(dated, wanted - len(kept))
        if cut and len(kept) < self.wanted:
            kept += self._walk(self.wanted - len(kept))
        # Exact where the index decides, or all candidates were read.
        self.found = max(len(kept), fulfilling) if self._decided else len(kept)
        self.at_least = cut or not (self._decided or self._seen.issuperset(dated))
        if self.order != "date":
            kept.sort(key=lambda pair: (pair[1], -pair[0]))
        return kept

    def _walked(self) -> list[tuple[int, float]]:
        """Return articles by their time, the newest first, read one by one.

        For a query without a word that must be there, and for words that are in so many articles
        that the newest are soon found.
        """
        kept = self._walk(self.wanted)
        self.found = len(kept)
        if self._words is None:
            self.found = len(self._fulfilling())
            self.at_least = self.found > _MOST_CANDIDATES
            self.found = min(self.found, _MOST_CANDIDATES)
        return kept

    def _fulfilling(self) -> list[tuple[int, str]]:
        """Return articles that fulfil the conditions, with their times: one too many, if so many."""
        if self._conditioned is None:
            where = self._where or Condition(sql="1")
            by = " indexed by articles_search" if where.among or self._where is None else ""
            rows = self.connection.execute(
                f"select a.id, {TIME} from articles a{by}"
                f" where {where.among or '1'} and {where.sql} limit ?",
                [*where.among_values, *where.values, _MOST_CANDIDATES + 1],
            )
            self._conditioned = [(row[0], row[1]) for row in rows]
        return self._conditioned

    def _walk(self, most: int) -> list[tuple[int, float]]:
        """Return articles by their time, the newest first, read one by one."""
        where = self._where or Condition(sql="1")
        few = self._fulfilling() if self._where is not None else ()
        rows: Iterator[Sequence[Any]]
        if self._where is not None and len(few) <= _MOST_CANDIDATES:
            rows = iter(sorted(few, key=lambda row: (row[1], row[0]), reverse=True))
        else:
            rows = self.connection.execute(
                f"select a.id, {TIME} from articles a where {where.sql} order by {TIME} desc",
                where.values,
            )
        kept: list[tuple[int, float]] = []
        while len(kept) < most and not self._exhausted():
            some = {row[0]: row[1] for row in islice(rows, _READ_AT_ONCE)}
            if not some:
                return kept
            kept += self._kept(some, most - len(kept), named=False)
        self.at_least = True
        return kept

    # Reading

    def _exhausted(self) -> bool:
        """Return whether so many texts were read that the search gives up, and say so."""
        if len(self._seen) < self._most_read:
            return False
        self.notes.append(
            f"only {len(self._seen):,} of the articles with these words were read to see whether"
            " they stand as typed: a rarer word or a condition such as since: finds more"
        )
        return True

    def _kept(
        self, dated: Mapping[int, str], most: int, *, named: bool = True
    ) -> list[tuple[int, float]]:
        """Read candidates in order; return those that are looked for, with their ranks.

        Args:
            dated: articles that fulfil the conditions, with their times.
            most: how many are needed.
            named: whether the index named them, and not only their time.
        """
        decided = self._decided if named else self._words is None
        kept: list[tuple[int, float]] = []
        left = [article_id for article_id in dated if article_id not in self._seen]
        for start in range(0, len(left), _READ_AT_ONCE):
            if len(kept) >= most or self._exhausted():
                break
            some = left[start : start + _READ_AT_ONCE]
            self._seen.update(some)
            # Where neither decides nor ranks, no text is read.
            texts = {} if decided and self.order == "date" else self._texts(some)
            fulfilled = {} if decided else self._fulfilled(some)
            for article_id in some:
                title, text = texts.get(article_id, ("", ""))
                if decided or self._holds(article_id, title, text, fulfilled):
                    kept.append((article_id, self._rank(title, text, dated[article_id])))
        return kept

    def _holds(
        self, article_id: int, title: str, text: str, fulfilled: Mapping[Filter, set[int]]
    ) -> bool:
        return self._words is None or holds(
            self._words, title, text, lambda one: article_id in fulfilled[one]
        )

    def _texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Return headlines and texts of articles."""
        rows = self.connection.execute(
            "select id, title, text from articles where id in (select value from json_each(?))",
            [json.dumps(ids)],
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def _fulfilled(self, ids: Sequence[int]) -> dict[Filter, set[int]]:
        """Return for each condition that stands among words which of some articles fulfil it."""
        found = {}
        for one in filters_of(self._words):
            condition = condition_of(one, self.connection)
            rows = self.connection.execute(
                "select a.id from articles a where a.id in (select value from json_each(?))"
                f" and {condition.sql}",
                [json.dumps(ids), *condition.values],
            )
            found[one] = {row[0] for row in rows}
        return found

    def _rank(self, title: str, text: str, at: str) -> float:
        if self.order == "date" or not text:
            return 0.0
        about = score(self.tree, title, text)
        if self.order == "fresh":
            now = datetime.now(UTC)
            age = max(0.0, (now - (from_utc_text(at) or now)) / timedelta(days=1))
            about *= 0.5 ** (age / _HALF_LIFE_DAYS)
        return -about


def hits_of(
    connection: sqlite3.Connection, tree: Node, ranked: Sequence[tuple[int, float]]
) -> Iterator[SearchHit]:
    """Yield the hits that are shown: articles with their ranks, in order, as the query marks them."""
    cursor = connection.execute(_SHOWN, [json.dumps([article_id for article_id, _ in ranked])])
    names = [column[0] for column in cursor.description]
    rows = {row["id"]: row for row in (dict(zip(names, row, strict=True)) for row in cursor)}
    for article_id, rank in ranked:
        if article_id in rows:
            yield hit_of(rows[article_id], tree, rank)


def hit_of(
    row: Mapping[str, Any], tree: Node, rank: float, *, version: int | None = None
) -> SearchHit:
    """Return a hit from the columns of an article, with what the query marks in them."""
    stretch, inside = snippet(row["text"], spans(row["text"], tree))
    published = from_utc_text(row["published_at"])
    # The zone in which the page gave it, as everywhere else.
    zone = timezone(timedelta(minutes=row["published_offset"] or 0))
    first_seen = from_utc_text(row["first_seen_at"])
    return SearchHit(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        credited=row["credited"],
        published=published and published.astimezone(zone),
        first_seen_at=first_seen,
        language=row["language"],
        script=row["script"],
        state=row["state"],
        version_count=row["version_count"],
        snippet=stretch,
        title_marks=spans(row["title"], tree, title=True),
        snippet_marks=inside,
        rank=rank,
        version=version,
    )


def parse(typed: str, today: date | None = None) -> Query:
    """Read a query as typed; ``since:7d`` counts from today."""
    return parse_query(storable_text(typed), today=today or datetime.now(UTC).date())


def index_query(typed: str) -> str:
    """Return a query as the index takes it, for Datasette's search box over a table.

    The index alone decides there: of a phrase it knows only that all its parts are in an article.
    """
    query = parse(typed)
    words = parted(query.tree)[1] if query.tree else None
    return (match_of(words).expression if words else "") or NOTHING


def search_json(connection: sqlite3.Connection, typed: str, limit: int = 100) -> str:
    """Return the hits of a query as JSON, for the SQL function ``article_search``."""
    page = search_connection(connection, typed, limit=max(0, min(limit, _MOST_CANDIDATES)))
    hits = [
        {"id": hit.id, "rank": hit.rank, "title": hit.title, "snippet": hit.snippet}
        for hit in page.hits
    ]
    return json.dumps(hits, ensure_ascii=False)
