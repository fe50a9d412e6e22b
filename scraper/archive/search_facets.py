"""What the articles that a query finds are spread over: outlets, languages, months, names, state."""

from __future__ import annotations

import json
import sqlite3
from datetime import date

from scraper.archive.records import Facets
from scraper.archive.search import Search, parse
from scraper.archive.search_filters import within_outlet

__all__ = ["facets_of"]

# Of a common word so many articles are counted, the newest by their number; for names, each of
# which is a row of its own, fewer.
_MOST_COUNTED, _MOST_NAMED = 10_000, 2_000
_AMONG = (
    "from articles a indexed by articles_search"
    " where a.id in (select value from json_each(?)) group by 1 order by 2 desc, 1 limit ?"
)
_OUTLETS = (
    "select o.name, n from (select a.outlet_id as outlet_id, count(*) as n from articles a"
    " indexed by articles_search where a.id in (select value from json_each(?))"
    " group by 1) c join outlets o on o.id = c.outlet_id order by n desc, o.name limit ?"
)
_LANGUAGES = (
    "select a.language || case when a.language = 'zh' and a.script <> '' then '-' || a.script"
    f" else '' end, count(*) {_AMONG}"
)
_MONTHS = (
    "select substr(coalesce(a.published_at, a.first_seen_at), 1, 7), count(*)"
    f" {_AMONG.replace('order by 2 desc, 1', 'order by 1 desc')}"
)
_ENTITIES = (
    "select e.name, c.n from (select m.entity_id, count(*) as n from articles a"
    " indexed by articles_search cross join mentions m on m.version_id = a.version_id"
    " where a.id in (select value from json_each(?)) group by 1 order by 2 desc limit ?) c"
    " join entities e on e.id = c.entity_id order by c.n desc, e.name"
)


# Read from the same index as the others.
_STATES = (
    "select count(case when a.on_topic = 1 then 1 end), count(case when a.version_count > 1 then 1 end),"
    " count(case when a.state = 'gone' then 1 end) from articles a indexed by articles_search"
    " where a.id in (select value from json_each(?))"
)
_STATE_QUERIES = ("topic:yes", "changed:yes", "gone:yes")


def facets_of(
    connection: sqlite3.Connection,
    typed: str,
    *,
    outlet: str = "",
    most: int = 20,
    today: date | None = None,
) -> Facets:
    """Count what a query finds by outlet, language, month, name and state.

    Args:
        connection: of the archive file; it may be read-only.
        typed: the query as typed.
        outlet: whose articles are counted, by its full name; "" for all.
        most: values of each kind, those with most articles; of months the last.
        today: day from which ``since:7d`` counts; now by default.

    Returns:
        The counts, with how many articles were counted, and whether those are all.
    """
    query = parse(typed, today)
    if query.tree is None:
        return Facets(counted=0, complete=True)
    tree = within_outlet(query.tree, outlet) if outlet else query.tree
    ids, complete = Search(connection, tree).found_ids(_MOST_COUNTED)
    all_ids, named = json.dumps(ids), json.dumps(ids[:_MOST_NAMED])

    def count(sql: str, among: str) -> tuple[tuple[str, int], ...]:
        return tuple((row[0], row[1]) for row in connection.execute(sql, [among, most]))

    (states,) = connection.execute(_STATES, [all_ids])
    return Facets(
        counted=len(ids),
        complete=complete,
        outlets=count(_OUTLETS, all_ids),
        languages=count(_LANGUAGES, all_ids),
        months=count(_MONTHS, all_ids),
        entities=count(_ENTITIES, named),
        states=tuple(zip(_STATE_QUERIES, states, strict=True)),
        entities_of=min(len(ids), _MOST_NAMED),
    )
