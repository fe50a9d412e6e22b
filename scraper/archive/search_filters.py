"""Conditions of queries in SQL: outlet, author, entity, source, language, days, state, topic."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta

from scraper.record import record
from scraper.search.occurrences import spans
from scraper.search.query import All, Any, Filter, Node, Not, Term
from scraper.search.terms import comparable
from scraper.topics.lexicon import key_of

__all__ = [
    "Condition", "condition_of", "define_functions", "filters_of", "parted", "within_outlet",
]  # fmt: skip

# SQL function that tells whether words stand in a list of names, defined where it is searched.
_NAMED = "scraper_named"

# A field that nobody can type.
_EXACT_OUTLET = "outlet="
_EDITS = "('edited', 'retitled', 'rebylined', 'reverted')"


@record
class Condition:
    """A condition on a row ``a`` of `articles`, with its values.

    Attributes:
        sql: true of a row that fulfils it; quick where the row is known.
        among: true of all rows that fulfil it and of few others, by their numbers; "" for all. It
            is quick where rows are sought, and takes the `among_values`.
    """

    sql: str
    values: tuple[object, ...] = ()
    among: str = ""
    among_values: tuple[object, ...] = ()


def define_functions(connection: sqlite3.Connection) -> None:
    """Define what conditions call, once for a connection: not while it runs a statement."""
    known = connection.execute("select 1 from pragma_function_list where name = ?", [_NAMED])
    if known.fetchone() is None:
        connection.create_function(_NAMED, 2, _is_named, deterministic=True)


def _is_named(names: str, value: str) -> bool:
    return bool(spans(names, Term(text=value)))


def within_outlet(tree: Node, name: str) -> Node:
    """Return a tree that finds only articles of the outlet with a name."""
    parts = tree.parts if isinstance(tree, All) else (tree,)
    return All((*parts, Filter(field=_EXACT_OUTLET, value=name)))


def condition_of(node: Node, connection: sqlite3.Connection) -> Condition:
    """Return the condition for a tree that holds no words.

    Args:
        node: the tree.
        connection: of the archive file, in which names are looked up.
    """
    if isinstance(node, Filter):
        return _MADE[node.field](node.value, connection)
    if isinstance(node, Not):
        inner = condition_of(node.part, connection)
        return Condition(sql=f"not coalesce(({inner.sql}), 0)", values=inner.values)
    if isinstance(node, All | Any):
        parts = [condition_of(part, connection) for part in node.parts]
        word = " and " if isinstance(node, All) else " or "
        among = [part for part in parts if part.among] if isinstance(node, All) else []
        return Condition(
            sql="(" + word.join(part.sql for part in parts) + ")",
            values=tuple(value for part in parts for value in part.values),
            among=" and ".join(part.among for part in among),
            among_values=tuple(value for part in among for value in part.among_values),
        )
    raise TypeError(f"{node} is no condition")


def _is_condition(node: Node) -> bool:
    if isinstance(node, Term | Filter):
        return isinstance(node, Filter)
    if isinstance(node, Not):
        return _is_condition(node.part)
    return all(map(_is_condition, node.parts))


def parted(node: Node) -> tuple[Node | None, Node | None]:
    """Part a tree into what columns decide for all articles, and the rest; None for nothing."""
    if _is_condition(node):
        return node, None
    if not isinstance(node, All):
        return None, node
    conditions = tuple(part for part in node.parts if _is_condition(part))
    rest = tuple(part for part in node.parts if not _is_condition(part))
    return (All(conditions) if conditions else None), All(rest)


def filters_of(node: Node | None) -> tuple[Filter, ...]:
    """Return the conditions in a tree."""
    if node is None or isinstance(node, Term):
        return ()
    if isinstance(node, Filter):
        return (node,)
    if isinstance(node, Not):
        return filters_of(node.part)
    return tuple(dict.fromkeys(found for part in node.parts for found in filters_of(part)))


# Conditions by field


def _named(connection: sqlite3.Connection, table: str, value: str) -> str:
    """Return as JSON the ids of the rows of a table whose name has a part."""
    rows = connection.execute(f"select id, name from {table}")
    return json.dumps([row[0] for row in rows if value in comparable(row[1])])


def _outlet(value: str, connection: sqlite3.Connection) -> Condition:
    ids = _named(connection, "outlets", comparable(value))
    return Condition(sql="a.outlet_id in (select value from json_each(?))", values=(ids,))


def _exact_outlet(value: str, connection: sqlite3.Connection) -> Condition:
    return Condition(sql="a.outlet_id in (select id from outlets where name = ?)", values=(value,))


def _source(value: str, connection: sqlite3.Connection) -> Condition:
    ids = _named(connection, "sources", comparable(value))
    return Condition(
        sql="exists (select 1 from sightings s where s.page_id = a.id"
        " and s.source_id in (select value from json_each(?)))",
        values=(ids,),
    )


def _author(value: str, connection: sqlite3.Connection) -> Condition:
    return Condition(sql=f"{_NAMED}(a.authors, ?)", values=(value,))


def _entity(value: str, connection: sqlite3.Connection) -> Condition:
    rows = connection.execute(
        "select id from entities where name = ?1 collate nocase or family = ?1 collate nocase",
        [value],
    ).fetchall()
    key = key_of(value)
    ids = [row[0] for row in rows] or [
        row[0]
        for row in connection.execute("select id, name, family from entities")
        if key in (key_of(row[1]), key_of(row[2]))
    ]
    return Condition(
        sql="exists (select 1 from mentions m where m.version_id = a.version_id"
        " and m.entity_id in (select value from json_each(?)))",
        values=(json.dumps(ids),),
        among="a.id in (select page_id from mentions where entity_id in"
        " (select value from json_each(?)))",
        among_values=(json.dumps(ids),),
    )


def _language(value: str, connection: sqlite3.Connection) -> Condition:
    language, _, script = value.partition("-")
    if script:
        return Condition(sql="(a.language = ? and a.script = ?)", values=(language, script))
    return Condition(
        sql="(a.language = ? or a.language like ? || '-%')", values=(language, language)
    )


def _since(value: str, connection: sqlite3.Connection) -> Condition:
    return Condition(sql="coalesce(a.published_at, a.first_seen_at) >= ?", values=(value,))


def _until(value: str, connection: sqlite3.Connection) -> Condition:
    last = date.fromisoformat(value)
    after = last + timedelta(days=1) if last < date.max else last
    return Condition(
        sql="coalesce(a.published_at, a.first_seen_at) < ?", values=(after.isoformat(),)
    )


def _topic(value: str, connection: sqlite3.Connection) -> Condition:
    if value in ("yes", "no"):
        return Condition(sql="a.on_topic = ?", values=(int(value == "yes"),))
    return Condition(sql="a.topic_score >= ?", values=(float(value),))


def _changed(value: str, connection: sqlite3.Connection) -> Condition:
    if value in ("yes", "no"):
        return Condition(sql=f"a.version_count {'>' if value == 'yes' else '='} 1")
    return Condition(
        sql="exists (select 1 from changes c where c.page_id = a.id"
        f" and c.kind in {_EDITS} and c.at >= ?)",
        values=(value,),
    )


def _gone(value: str, connection: sqlite3.Connection) -> Condition:
    if value in ("yes", "no"):
        return Condition(sql=f"a.state {'=' if value == 'yes' else '<>'} 'gone'")
    return Condition(sql="(a.state = 'gone' and a.gone_at >= ?)", values=(value,))


_MADE: dict[str, Callable[[str, sqlite3.Connection], Condition]] = {
    "outlet": _outlet,
    _EXACT_OUTLET: _exact_outlet,
    "source": _source,
    "author": _author,
    "entity": _entity,
    "lang": _language,
    "since": _since,
    "until": _until,
    "topic": _topic,
    "changed": _changed,
    "gone": _gone,
}
