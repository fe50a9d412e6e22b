"""The rows of a page in all tables: deleted where it rests, copied where it goes on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

__all__ = [
    "KEPT", "MOVED", "copy_rows", "delete_rows", "put_back_bodies", "stories_of", "together",
]  # fmt: skip

# Tables whose rows belong to a page, so that one that is referred to stands first, with the
# condition for the rows of the pages whose numbers `{ids}` returns.
MOVED = {
    "pages": "id in ({ids})",
    "page_urls": "page_id in ({ids})",
    "sightings": "page_id in ({ids})",
    "extractions": "page_id in ({ids})",
    "versions": "page_id in ({ids})",
    "fetches": "page_id in ({ids})",
    "articles": "id in ({ids})",
    "candidates": "article_id in ({ids})",
    "removed_blocks": "article_id in ({ids})",
    "changes": "page_id in ({ids})",
    "footprints": "page_id in ({ids})",
    "judgements": "page_id in ({ids})",
    "mentions": "page_id in ({ids})",
    "quantities": "page_id in ({ids})",
    "passed_over": "page_id in ({ids})",
    "entry_texts": "page_id in ({ids})",
    "quotes": "page_id in ({ids})",
    "quote_readings": "version_id in (select id from versions where page_id in ({ids}))",
    "story_articles": "article_id in ({ids})",
    "story_keys": "article_id in ({ids})",
    "signature_keys": "article_id in ({ids})",
    "story_members": "article_id in ({ids})",
    "article_pairs": "article_id in ({ids}) or other_id in ({ids})",
    "article_copies": "copy_id in ({ids}) or original_id in ({ids})",
}
# Tables that stay whole in the current file: configuration, memory of hosts, names, runs, alerts …;
# `stories` lose those whose articles all rest, and the indexes are made of the articles that are
# there.
KEPT = frozenset({
    "outlets", "sources", "runs", "hosts", "facts", "learned_blocks", "thinned", "entities",
    "source_days", "overruns", "seals", "story_state", "story_terms",
    "counts", "source_counts", "entity_counts",
    "alert_rules", "alert_pauses", "alerts", "alert_messages", "alert_deliveries", "page_looks",
    "drift_hosts", "drift_events", "hub_subscriptions", "merged_shards", "parts", "carried",
    "stories", "articles_fts", "versions_fts",
})  # fmt: skip
# Their rows are named by nothing, and may get other numbers.
_RENUMBERED = frozenset({"sightings", "footprints", "quantities", "quotes", "entry_texts"})
_CHOSEN = "select value from json_each(:ids)"


def together(connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Return articles with those of their stories, their copies and originals, and so on."""
    known: set[int] = set()
    fresh = set(ids)
    while fresh:
        known |= fresh
        rows = connection.execute(
            "select m.article_id from story_members m where m.story_id in (select n.story_id from"
            f" story_members n where n.article_id in ({_CHOSEN}))"
            f" union select original_id from article_copies where copy_id in ({_CHOSEN})"
            f" union select copy_id from article_copies where original_id in ({_CHOSEN})",
            {"ids": json.dumps(sorted(fresh))},
        )
        fresh = {row[0] for row in rows} - known
    return sorted(known)


def delete_rows(connection: sqlite3.Connection, ids: str) -> Iterator[tuple[str, int]]:
    """Delete the rows of pages, with foreign keys off; yield each table with the number of rows.

    Args:
        connection: of the archive file, within a transaction.
        ids: a query that returns the pages' numbers.
    """
    run = connection.execute
    stories = [
        row[0]
        for row in run(f"select distinct story_id from story_members where article_id in ({ids})")
    ]
    for table, condition in reversed(MOVED.items()):
        yield table, run(f"delete from {table} where {condition.format(ids=ids)}").rowcount
    run(
        "delete from stories where id in (select value from json_each(?))"
        " and id not in (select story_id from story_members)",
        [json.dumps(stories)],
    )
    led = "delete from stories where merged_into not in (select id from stories)"
    while run(led).rowcount:
        pass


def stories_of(source: sqlite3.Connection, target: sqlite3.Connection, ids: str) -> None:
    """Copy the stories of articles, and those that lead to them, from one file into another.

    Args:
        source: the file that has them.
        target: the other one, within a transaction in which foreign keys are deferred.
        ids: the articles' numbers as JSON.
    """
    rows = source.execute(
        "with recursive chosen (id) as (select story_id from story_members where article_id in"
        f" ({_CHOSEN}) union select s.id from stories s join chosen c on s.merged_into = c.id)"
        " select * from stories where id in (select id from chosen)",
        {"ids": ids},
    )
    _insert(target, "stories", rows)


def copy_rows(source: sqlite3.Connection, target: sqlite3.Connection, ids: str) -> None:
    """Copy the rows of pages from one file into another, under their numbers.

    A pair of articles is copied where both are there. Args: as of `stories_of`.
    """
    for table, condition in MOVED.items():
        order = " order by id" if table in _RENUMBERED else ""
        rows = source.execute(
            f"select * from {table} where {condition.format(ids=_CHOSEN)}{order}", {"ids": ids}
        )
        _insert(target, table, rows)
    for table, one, other in (
        ("article_pairs", "article_id", "other_id"),
        ("article_copies", "copy_id", "original_id"),
    ):
        target.execute(
            f"delete from {table} where ({one} in ({_CHOSEN}) or {other} in ({_CHOSEN})) and"
            f" (not exists (select 1 from articles where id = {one})"
            f" or not exists (select 1 from articles where id = {other}))",
            {"ids": ids},
        )


def put_back_bodies(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy the raw pages of a sealed part and the references of its sites into the current file."""
    for table in ("bodies", "site_references"):
        _insert(target, table, source.execute(f"select * from {table} order by 1"))


def _insert(target: sqlite3.Connection, table: str, rows: sqlite3.Cursor) -> None:
    names = [column[0] for column in rows.description]
    chosen = [name for name in names if not (name == "id" and table in _RENUMBERED)]
    places = [names.index(name) for name in chosen]
    target.executemany(
        f"insert or ignore into {table} ({', '.join(chosen)})"
        f" values ({', '.join('?' * len(chosen))})",
        ([row[place] for place in places] for row in rows),
    )
