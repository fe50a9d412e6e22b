"""What a query finds in one of several files, in order, before any of it is read to be shown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from scraper.archive.records import SearchHit
from scraper.archive.search import TIME, Search, hits_of, parse
from scraper.archive.sql_values import from_utc_text
from scraper.record import record
from scraper.archive.search_filters import within_outlet

__all__ = ["Found", "Ranking", "hits_in", "ranking_of", "sorted_found"]


@record
class Found:
    """An article that a query finds.

    Attributes:
        time: when it was published or first seen, as stored.
        rank: less is better; 0 where nothing is ranked.
        id: its number.
    """

    time: str
    rank: float
    id: int


@record
class Ranking:
    """What a query finds in a file.

    Attributes:
        articles: the first of them, as many as were wanted; none where they are only counted.
        found: how many there are, or at least.
        at_least: whether there may be more.
        notes: sentences on what was read otherwise than typed, or not looked at.
    """

    articles: tuple[Found, ...]
    found: int
    at_least: bool
    notes: tuple[str, ...] = ()


def ranking_of(
    connection: sqlite3.Connection, typed: str, *, wanted: int, order: str, outlet: str = "",
    shown: str = "true", enough: datetime | None = None,
) -> Ranking:  # fmt: skip
    """Return what a query finds in a file.

    Args:
        connection: of the archive file.
        typed: the query as typed.
        wanted: articles that are needed.
        order: one of `scraper.archive.search.ORDERS`.
        outlet: only articles of the outlet with this name, where it is not "".
        shown: SQL condition on rows ``a`` of `articles` that are shown at all.
        enough: the time of the oldest article that is needed, where other files have enough. A file
            whose articles are all older only counts, if that needs no text.

    Raises:
        UsageError: the order is unknown.
    """
    query = parse(typed)
    if query.tree is None:
        return Ranking(articles=(), found=0, at_least=False, notes=query.notes)
    tree = within_outlet(query.tree, outlet) if outlet else query.tree
    search = Search(connection, tree, order, wanted, shown=shown)
    notes = tuple(dict.fromkeys((*query.notes, *search.notes)))
    if enough is not None and _is_older(connection, enough) and (counted := search.counted()):
        return Ranking(articles=(), found=counted[0], at_least=counted[1], notes=notes)
    every = search.run()
    times = _times(connection, [article_id for article_id, _ in every[:wanted]])
    articles = tuple(
        Found(time=times[article_id], rank=rank, id=article_id)
        for article_id, rank in every[:wanted]
        if article_id in times
    )
    notes = tuple(dict.fromkeys((*notes, *search.notes)))
    found = max(search.found, len(every))
    return Ranking(articles=articles, found=found, at_least=search.at_least, notes=notes)


def sorted_found(found: Iterable[Found], order: str) -> list[Found]:
    """Return articles of several files in one order, each article once."""
    every = {one.id: one for one in found}.values()
    # Without words all are ranked alike: the newest come first.
    if order == "date" or not any(one.rank for one in every):
        return sorted(every, key=lambda one: (one.time, one.id), reverse=True)
    return sorted(every, key=lambda one: (one.rank, -one.id))


def hits_in(
    connection: sqlite3.Connection, typed: str, found: Sequence[Found]
) -> Iterator[SearchHit]:
    """Yield the hits to show of articles that are in a file; others are passed over."""
    tree = parse(typed).tree
    if tree is not None:
        yield from hits_of(connection, tree, [(one.id, one.rank) for one in found])


def _is_older(connection: sqlite3.Connection, than: datetime) -> bool:
    newest = connection.execute(
        f"select {TIME} from articles a order by {TIME} desc limit 1"
    ).fetchone()
    at = from_utc_text(newest[0]) if newest else None
    return at is not None and at < than


def _times(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    rows = connection.execute(
        f"select a.id, {TIME} from articles a where a.id in (select value from json_each(?))",
        [json.dumps(ids)],
    )
    return dict(rows.fetchall())
