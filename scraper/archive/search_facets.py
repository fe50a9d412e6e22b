"""What articles that a query finds are spread over: outlets, languages, months, names, state."""

from __future__ import annotations

import sqlite3
from datetime import date

from scraper.archive.records import Facets
from scraper.archive.search import Search, parse
from scraper.archive.search_filters import within_outlet
from scraper.archive.searched_file import SearchedFile

__all__ = ["facets_of"]

# Of a common word so many articles are counted, the newest by their number; for names, each of
# which is a row of its own, fewer.
_MOST_COUNTED, _MOST_NAMED = 10_000, 2_000
# Months that are counted: a hundred years.
_MOST_MONTHS = 1_200
# All counts in one pass through what is found: to find it costs as much as to count it. Each kind
# of value has a number.
_OUTLET, _LANGUAGE, _MONTH, _ENTITY = range(4)
_COUNTED = f"""
with found as materialized (
    select a.outlet_id, a.version_id,
        substr(coalesce(a.published_at, a.first_seen_at), 1, 7) as month,
        a.language
            || case when a.language = 'zh' and a.script <> '' then '-' || a.script else '' end
            as language,
        a.on_topic = 1 as on_topic, a.version_count > 1 as changed, a.state = 'gone' as gone
    from {{rows}}
), named as materialized (
    select m.version_id, e.name, e.family from (select version_id from found limit {_MOST_NAMED}) f
    cross join mentions m on m.version_id = f.version_id join entities e on e.id = m.entity_id
)
select * from (
    select {_OUTLET}, o.name, c.n from (
        select outlet_id, count(*) as n from found group by 1
    ) c join outlets o on o.id = c.outlet_id order by 3 desc, 2 limit {{most}}
)
union all
select * from (
    select {_LANGUAGE}, language, count(*) from found group by 2 order by 3 desc, 2 limit {{most}}
)
union all
select * from (
    select {_MONTH}, month, count(*) from found group by 2 order by 2 desc limit {_MOST_MONTHS}
)
union all
select * from (
    select {_ENTITY}, name, count(*) as n from (
        -- As `entity:` finds it: by its own name and by that of its family, in any case.
        select version_id, name collate nocase as name from named
        union select version_id, family from named where family <> ''
    ) group by 2 order by 3 desc, 2 limit {{most}}
)
union all
select -1, '', count(*) from found
union all
select -2, '', coalesce(sum(on_topic), 0) from found
union all
select -3, '', coalesce(sum(changed), 0) from found
union all
select -4, '', coalesce(sum(gone), 0) from found
"""
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
        most: values of each kind, those with most articles; months are all counted.
        today: day from which ``since:7d`` counts; now by default.

    Returns:
        The counts, with how many articles were counted, and whether those are all.
    """
    query = parse(typed, today)
    if query.tree is None:
        return Facets(counted=0, complete=True)
    tree = within_outlet(query.tree, outlet) if outlet else query.tree
    rows, complete = Search((SearchedFile(connection),), tree).found_rows(_MOST_COUNTED)
    values: dict[int, list[tuple[str, int]]] = {}
    sql = _COUNTED.format(rows=rows.sql, most=int(most))
    for kind, name, count in connection.execute(sql, rows.values):
        values.setdefault(kind, []).append((name, count))
    counted, *states = (values[kind][0][1] for kind in (-1, -2, -3, -4))
    return Facets(
        counted=counted,
        complete=complete,
        outlets=tuple(values.get(_OUTLET, ())),
        languages=tuple(values.get(_LANGUAGE, ())),
        months=tuple(values.get(_MONTH, ())),
        entities=tuple(values.get(_ENTITY, ())),
        states=tuple(zip(_STATE_QUERIES, states, strict=True)),
        entities_of=min(counted, _MOST_NAMED),
    )
