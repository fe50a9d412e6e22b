"""Pages that are looked at more often: edited ones, and those of stories that many outlets have.

The rules stand in `scraper.archive.schedule`; here they are asked of the archive.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from scraper.archive.schedule import HOT_EVERY, is_hot
from scraper.archive.sql_values import from_utc_text, utc_text

__all__ = ["edited_at", "hasten_hot_pages", "is_page_hot"]


def edited_at(connection: sqlite3.Connection, page_id: int) -> datetime | None:
    """Return when the last edit of a page was found, or None."""
    row = connection.execute(
        "select max(at) as at from changes where page_id = ?"
        " and kind in ('edited', 'retitled', 'reverted')",
        [page_id],
    ).fetchone()
    return from_utc_text(row["at"])


def is_page_hot(connection: sqlite3.Connection, page_id: int, host: str, at: datetime) -> bool:
    """Return whether the story of a page is hot, and its host has room for more looks."""
    story = connection.execute(
        "select count(distinct a.outlet) as outlets, max(a.first_seen_at) as latest"
        " from story_members own join story_members m on m.story_id = own.story_id"
        " join articles a on a.id = m.article_id where own.article_id = ?",
        [page_id],
    ).fetchone()
    return _is_hot(connection, story, host, at)


def _is_hot(connection: sqlite3.Connection, story: sqlite3.Row, host: str, at: datetime) -> bool:
    latest = from_utc_text(story["latest"])
    if latest is None or not is_hot(outlets=story["outlets"], latest=latest, at=at, planned=0):
        return False
    (planned,) = connection.execute(
        "select count(*) from pages where host = ? and next_check_at <= ?",
        [host, utc_text(at + HOT_EVERY)],
    ).fetchone()
    return is_hot(outlets=story["outlets"], latest=latest, at=at, planned=planned)


def hasten_hot_pages(connection: sqlite3.Connection, at: datetime, articles: Sequence[int]) -> int:
    """Plan looks at the articles of stories that have become hot; return how many.

    Args:
        connection: of the archive file, within a transaction.
        at: now.
        articles: that were grouped now.
    """
    soon, hastened = utc_text(at + HOT_EVERY), 0
    rows = connection.execute(
        "select m.story_id, count(distinct a.outlet) as outlets, max(a.first_seen_at) as latest"
        " from story_members m join articles a on a.id = m.article_id"
        " where m.story_id in (select story_id from story_members where article_id in"
        " (select value from json_each(?))) group by m.story_id",
        [json.dumps(list(articles))],
    ).fetchall()
    for story in rows:
        pages = connection.execute(
            "select p.id, p.host from story_members m join pages p on p.id = m.article_id"
            # What is never due, as pages of captures, stays so.
            " where m.story_id = ? and p.next_check_at > ? and p.state = 'live' order by p.id",
            [story["story_id"], soon],
        ).fetchall()
        for page in pages:
            if _is_hot(connection, story, page["host"], at):
                connection.execute(
                    "update pages set next_check_at = ? where id = ?", [soon, page["id"]]
                )
                hastened += 1
    return hastened
