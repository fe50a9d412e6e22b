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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from heapq import merge
from itertools import islice
from typing import Any, Final

from scraper.archive.records import SearchHit, SearchPage
from scraper.archive.search_filters import Condition, filters_of, parted, within_outlet
from scraper.archive.searched_file import LISTED, NAMED, SearchedFile
from scraper.archive.sql_values import from_utc_text, storable_text
from scraper.errors import UsageError
from scraper.search.match import NOTHING, Match, match_of
from scraper.search.occurrences import holds, score, snippet, spans
from scraper.search.query import Filter, Node, Query, parse_query
from scraper.search.terms import IN_TITLE, OFTEN

__all__ = [
    "ORDERS",
    "Search",
    "hit_of",
    "index_query",
    "parse",
    "search_connection",
    "search_files",
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


def search_connection(
    connection: sqlite3.Connection,
    typed: str,
    *,
    limit: int = 20,
    offset: int = 0,
    order: str = "relevance",
    outlet: str = "",
    today: date | None = None,
) -> SearchPage:
    """Search an archive file, which shows all its articles: see `search_files`.

    Args:
        connection: of the archive file; it may be read-only.
    """
    return search_files(
        (SearchedFile(connection),), typed, limit=limit, offset=offset, order=order,
        outlet=outlet, today=today,
    )  # fmt: skip


def search_files(
    files: Sequence[SearchedFile],
    typed: str,
    *,
    limit: int = 20,
    offset: int = 0,
    order: str = "relevance",
    outlet: str = "",
    today: date | None = None,
) -> SearchPage:
    """Search the files of an archive.

    Args:
        files: the sealed parts, the newest first, then the current file.
        typed: the query as typed (`scraper.search.query`).
        limit: how many hits at most.
        offset: how many hits to pass over.
        order: one of `ORDERS`: best first; newest first; best first where fresh ones count more.
        outlet: only articles of the outlet with this name, where it is not "".
        today: day from which ``since:7d`` counts; now by default.

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
    search = Search(files, tree, order, offset + limit + 1)
    ranked = search.run()
    page = ranked[offset : offset + limit]
    return SearchPage(
        hits=tuple(search.hits(query.tree, page)),
        found=max(search.found, len(ranked)),
        at_least=search.at_least,
        more=len(ranked) > offset + limit,
        notes=tuple(dict.fromkeys((*query.notes, *search.notes))),
    )


@dataclass(slots=True)
class Search:
    """One search: gathers candidates, reads them, ranks them.

    Of several files what one file would give is gathered: each answers for the articles that it
    shows, and what they name is put in one order before it is cut, read or ranked.

    Attributes:
        files: in which is searched. What a writer takes back from a sealed part meanwhile is then
            also in the current file, which therefore stands last.
        tree: what is looked for.
        order: one of `ORDERS`.
        wanted: hits that are needed.
        found: how many articles there are, or at least.
        at_least: whether there may be more.
        notes: what was not looked at.
    """

    files: Sequence[SearchedFile]
    tree: Node
    order: str = "relevance"
    wanted: int = 1
    found: int = 0
    at_least: bool = False
    notes: list[str] = field(default_factory=list)
    _match: Match = field(init=False)
    _conditions: Node | None = field(init=False)
    _words: Node | None = field(init=False)
    _filters: tuple[Filter, ...] = field(init=False)
    _decided: bool = field(init=False)
    _most_read: float = field(default_factory=lambda: _MOST_READ)
    _seen: set[int] = field(default_factory=set)
    _conditioned: list[tuple[int, str]] | None = None
    _homes: dict[int, SearchedFile] = field(default_factory=dict)
    _above: int = 0

    def __post_init__(self) -> None:
        self._conditions, self._words = parted(self.tree)
        for file in self.files:
            file.prepare(self.tree, self._conditions)
        self._match = match_of(self.tree)
        self._filters = filters_of(self._words)
        # Whether index and columns alone decide what is looked for.
        self._decided = self._words is None or (not self._filters and match_of(self._words).exact)
        if self._match.expression and not all(file.is_indexed for file in self.files):
            self._match = Match(expression="", exact=False)
            self._decided = self._words is None
            self._most_read = math.inf
            self.notes.append(
                "the search index is of another version of this program, so the articles"
                " themselves were read: run `scraper reindex`"
            )

    def run(self) -> list[tuple[int, float]]:
        """Return the articles in order, each with its rank: less is better."""
        if not self._match.expression:
            return self._walked()
        few = self._few()
        if few is not None:
            return self._ranked(few, len(few), cut=False)
        if self.order == "relevance" and self._conditions is None and self._decided:
            kept = self._best_alone()
            if kept:
                return kept
        most = self._most_joined()
        named = self._named(most + 1)
        if self.order == "date" and named > most:
            kept = self._walked()
            if self._decided and self._conditions is None:
                self.found = max(self.found, most)
            return kept
        if named > most and len(self.files) > 1:
            self._above = self._candidates(self._match.expression, most)[-1] - 1
        return self._ordered(min(named, most), named > most)

    def _few(self) -> dict[int, str] | None:
        """Return all articles with the words that fulfil the conditions, if the index names few.

        To name, count and filter them costs one question of each file then, and not three.

        Returns:
            Their times in the order of the search; None where it names many.
        """
        most = min(_RANKED, _MOST_CANDIDATES)
        named, found = 0, dict[int, str]()
        for file in self.files:
            rows = file.newest_dated(self._match.expression, most + 1 - named)
            named += len(rows)
            if named > most:
                return None
            for article_id, at, fulfils in rows:
                if fulfils:
                    found[article_id] = at
                    self._homes[article_id] = file
        return self._in_order(found.items())

    def _in_order(self, dated: Iterable[tuple[int, str]]) -> dict[int, str]:
        """Return articles with their times by number, or by time where the order needs times."""
        if self.order == "relevance":
            return dict(sorted(dated, reverse=True))
        return dict(sorted(dated, key=lambda pair: (pair[1], pair[0]), reverse=True))

    def _most_joined(self) -> int:
        """Return at most how many candidates are looked at one by one.

        By date, texts may be read from the newest on until enough have the words: the more have
        them, the fewer are read. Whichever costs less is done.
        """
        if self.order != "date" and self._conditions is None:
            return _MOST_CANDIDATES
        if self.order != "date":
            return _MOST_JOINED
        total = sum(file.articles for file in self.files)
        least_costly = math.isqrt(min(self.wanted, _RANKED) * total * _PER_TEXT)
        return max(_MOST_CANDIDATES, min(_MOST_JOINED, least_costly))

    def _named(self, limit: int) -> int:
        """Return how many articles the index names, or `limit` if there are more."""
        named = 0
        for file in self.files:
            if named < limit:
                named += file.named(self._match.expression, limit - named)
        return named

    def _best_alone(self) -> list[tuple[int, float]]:
        """Return articles by relevance where those most about the words are enough, else none."""
        wanted = max(_RANKED, self.wanted)
        best: dict[int, str] = {}
        for tier in (IN_TITLE, OFTEN):
            if len(best) < wanted:
                expression = match_of(self.tree, tier).expression
                best.update(dict.fromkeys(self._candidates(expression, wanted), ""))
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
        """Return which articles of one file, which shows all, are found.

        They are what follows ``from`` of a query, the newest first: rows ``a`` of which the columns
        in the index `articles_search` are read.

        Args:
            most: how many at most, the newest by number; fewer where texts must be read to know.

        Returns:
            The rows, and whether those are all that are found.
        """
        (file,) = self.files
        if self._match.expression and self._decided:
            joined = self._most_joined()
            named = self._named(joined + 1)
            fulfilling = file.count_joined(self._match.expression, joined)
            where, values = (file.where.sql, file.where.values) if file.where else ("1", ())
            rows = Condition(
                sql=f"{NAMED} where {where} order by a.id desc limit ?",
                values=(self._match.expression, joined, *values, most),
            )
            return rows, named <= joined and fulfilling <= most
        if self._words is None:
            return self._fulfilling_rows(file, most)
        self._most_read = min(self._most_read, _MOST_READ_TO_COUNT)
        self.order = "date"
        if self._match.expression:
            complete = self._named(most + 1) <= most
            dated = self._joined(most)
            found = [article_id for article_id, _ in self._kept(dated, most)]
            complete = complete and self._seen.issuperset(dated)
        else:
            self.wanted = _RANKED
            found = [article_id for article_id, _ in self._walked()]
            complete = not self.at_least
        return Condition(sql=LISTED, values=(json.dumps(found),)), complete

    def _fulfilling_rows(self, file: SearchedFile, most: int) -> tuple[Condition, bool]:
        """Return rows that fulfil the conditions where no words are sought: see `found_rows`."""
        few = self._fulfilling()
        if len(few) <= min(most, _MOST_CANDIDATES):
            return Condition(sql=LISTED, values=(json.dumps([row[0] for row in few]),)), True
        where = file.where or Condition(sql="1")
        # They are soon found: so many fulfil them.
        rows = f"articles a indexed by articles_search where {where.sql} order by a.id desc limit ?"
        return Condition(sql=rows, values=(*where.values, most)), False

    def among(self, ids: Sequence[int]) -> list[int]:
        """Return which of some articles are found; their texts are read where words are sought."""
        times: dict[int, str] = {}
        for file in self.files:
            self._gather(file, file.filtered(ids), times)
        dated = {article_id: times[article_id] for article_id in ids if article_id in times}
        return [article_id for article_id, _ in self._kept(dated, len(ids), named=False)]

    # Candidates

    def _gather(
        self, file: SearchedFile, rows: Iterable[tuple[int, str]], into: dict[int, str]
    ) -> None:
        """Put articles of a file, with their times, beside those of others."""
        for article_id, at in rows:
            into[article_id] = at
            self._homes[article_id] = file

    def _candidates(self, expression: str, limit: int) -> list[int]:
        """Return the highest numbers that the index names, in falling order."""
        ids: list[int] = []
        for file in self.files:
            above = ids[limit - 1] if len(ids) >= limit else 0
            new = file.newest(expression, limit, above)
            self._homes.update(dict.fromkeys(new, file))
            ids = sorted({*ids, *new}, reverse=True)[:limit] if ids else new
        return ids

    def _tier(self, tier: str) -> dict[int, str]:
        """Return the newest candidates most about the words that fulfil the conditions."""
        expression = match_of(self.tree, tier).expression
        rows: dict[int, tuple[int, str, bool]] = {}
        for file in self.files:
            above = min(rows) if len(rows) >= _MOST_BEST else 0
            for row in file.newest_dated(expression, _MOST_BEST, above):
                rows[row[0]] = row
                self._homes[row[0]] = file
            rows = {number: rows[number] for number in sorted(rows, reverse=True)[:_MOST_BEST]}
        return {article_id: at for article_id, at, fulfils in rows.values() if fulfils}

    def _joined(self, most: int, limit: int = -1) -> dict[int, str]:
        """Return the articles that the index names and the conditions leave, with their times.

        Args:
            most: how many candidates at most, the newest by number.
            limit: how many are returned at most, the first in order; all by default.
        """
        by_time = self.order != "relevance"
        found: dict[int, str] = {}
        for file in self.files:
            rows = file.joined(
                self._match.expression, most, limit, above=self._above, by_time=by_time
            )
            self._gather(file, rows, found)
        if len(self.files) == 1:
            return found
        dated = self._in_order(found.items())
        return dated if limit < 0 else dict(islice(dated.items(), limit))

    def _count_joined(self, most: int) -> int:
        """Return how many of the newest candidates fulfil the conditions."""
        return sum(
            file.count_joined(self._match.expression, most, above=self._above)
            for file in self.files
        )

    # Orders

    def _ordered(self, named: int, cut: bool) -> list[tuple[int, float]]:
        """Return articles by date, or by how much they are about the words.

        Args:
            named: how many candidates are looked at.
            cut: whether the index names more.
        """
        wanted = self.wanted if self.order == "date" else max(_RANKED, self.wanted)
        # Where texts decide, it must be known of all candidates whether they were read.
        # All that fulfil a query are wanted by a number that SQLite cannot hold.
        limit = min(wanted, named) + _READ_AT_ONCE if self._decided else -1
        dated = self._joined(named, limit)
        fulfilling = len(dated)
        if fulfilling == limit:
            fulfilling = named if self._conditions is None else self._count_joined(named)
        return self._ranked(dated, fulfilling, cut=cut)

    def _ranked(
        self, dated: Mapping[int, str], fulfilling: int, *, cut: bool
    ) -> list[tuple[int, float]]:
        """Return articles by date, or by how much they are about the words.

        By relevance, those with the words in the headline are read first, then those in which they
        stand often, then the newest.

        Args:
            dated: the first candidates that fulfil the conditions, with their times.
            fulfilling: how many there are.
            cut: whether the index names more than were looked at.
        """
        wanted = self.wanted if self.order == "date" else max(_RANKED, self.wanted)
        kept: list[tuple[int, float]] = []
        if self.order == "fresh":
            kept += self._kept(dated, wanted // 2)
        if self.order != "date" and fulfilling > wanted:
            for tier in (IN_TITLE, OFTEN):
                if len(kept) < wanted:
                    kept += self._kept(self._tier(tier), wanted - len(kept))
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
        """Return articles that fulfil the conditions, with times, up to one beyond the most."""
        if self._conditioned is None:
            found: dict[int, str] = {}
            for file in self.files:
                left = _MOST_CANDIDATES + 1 - len(found)
                self._gather(file, file.fulfilling(left) if left > 0 else (), found)
            self._conditioned = list(found.items())
        return self._conditioned

    def _walk(self, most: int) -> list[tuple[int, float]]:
        """Return articles by their time, the newest first, read one by one."""
        few = self._fulfilling() if self._conditions is not None else ()
        rows: Iterator[tuple[int, str]]
        if self._conditions is not None and len(few) <= _MOST_CANDIDATES:
            rows = iter(sorted(few, key=lambda row: (row[1], row[0]), reverse=True))
        else:
            rows = self._by_time()
        kept: list[tuple[int, float]] = []
        while len(kept) < most and not self._exhausted():
            some = dict(islice(rows, _READ_AT_ONCE))
            if not some:
                return kept
            kept += self._kept(some, most - len(kept), named=False)
        self.at_least = True
        return kept

    def _by_time(self) -> Iterator[tuple[int, str]]:
        """Yield the articles of all files that fulfil the conditions, the newest first."""

        def told(file: SearchedFile) -> Iterator[tuple[str, int, SearchedFile]]:
            return ((at, article_id, file) for article_id, at in file.by_time())

        rows = merge(*map(told, self.files), key=lambda row: row[:2], reverse=True)
        for at, article_id, file in rows:
            self._homes[article_id] = file
            yield article_id, at

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

    def _by_file(self, ids: Sequence[int]) -> Iterator[tuple[SearchedFile, list[int]]]:
        """Yield each file that showed some of the articles, with those."""
        for file in self.files:
            if held := [article_id for article_id in ids if self._homes[article_id] is file]:
                yield file, held

    def _texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Return headlines and texts of articles."""
        found: dict[int, tuple[str, str]] = {}
        for file, held in self._by_file(ids):
            found |= file.texts(held)
        return found

    def _fulfilled(self, ids: Sequence[int]) -> dict[Filter, set[int]]:
        """Return for each condition that stands among words which of some articles fulfil it."""
        return {
            one: {
                number for file, held in self._by_file(ids) for number in file.fulfilled(one, held)
            }
            for one in self._filters
        }

    def _rank(self, title: str, text: str, at: str) -> float:
        if self.order == "date" or not text:
            return 0.0
        about = score(self.tree, title, text)
        if self.order == "fresh":
            now = datetime.now(UTC)
            age = max(0.0, (now - (from_utc_text(at) or now)) / timedelta(days=1))
            about *= 0.5 ** (age / _HALF_LIFE_DAYS)
        return -about

    def hits(self, tree: Node, ranked: Sequence[tuple[int, float]]) -> Iterator[SearchHit]:
        """Yield the hits that are shown of some that were found, as a query marks them."""
        rows: dict[int, dict[str, Any]] = {}
        for file, held in self._by_file([article_id for article_id, _ in ranked]):
            rows |= file.shown_columns(held)
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
