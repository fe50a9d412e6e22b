"""All articles grouped anew, beside the archive; then taken over, or only told.

What comes of it is built in a temporary database that sees the archive's articles, so that readers
and the daemon go on meanwhile. Stories keep their numbers where most of their articles stay.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from scraper.archive.database import DatabaseFile, translate
from scraper.archive.schema import statements
from scraper.archive.story_passes import BATCH, COLUMNS, PendingText, StoryPass, assign
from scraper.record import record
from scraper.stories.features import StoryFeatures
from scraper.stories.grouping import Pair
from scraper.stories.incremental import TextReading

__all__ = ["Move", "ReadTexts", "RegroupReport", "regroup"]

_TABLES = (
    "story_articles", "story_terms", "story_keys", "signature_keys", "article_pairs",
    "article_copies",
)  # fmt: skip
_MOST_MOVES = 200
# Batches whose texts are read at once, where workers read them.
_READ_AT_ONCE = 8


@record
class Move:
    """An article that belongs elsewhere now.

    Attributes:
        article_id, title: which.
        before, after: numbers of stories; 0 for none, -1 for a new story.
    """

    article_id: int
    title: str
    before: int
    after: int


@record
class RegroupReport:
    """What a grouping of all articles came to.

    Attributes:
        articles: how many were compared.
        stories: how many stories there are now.
        grouped: articles that belong to one.
        began, merged: stories that are new, and that were merged into others.
        moved: articles that belong elsewhere now.
        moves: the first of them.
        written: whether it was written down.
    """

    articles: int
    stories: int
    grouped: int
    began: int
    merged: int
    moved: int
    moves: tuple[Move, ...]
    written: bool


ReadTexts: TypeAlias = Callable[[Sequence[PendingText]], Mapping[int, TextReading]]


def regroup(
    store: DatabaseFile,
    at: datetime,
    *,
    embeddings: bool,
    dry_run: bool,
    read: ReadTexts | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> RegroupReport:
    """Group all articles anew.

    Args:
        store: the archive file.
        at: now.
        embeddings: whether the optional model takes part.
        dry_run: nothing is written.
        read: reads many texts at once, in workers; None reads them here.
        on_progress: called with the number of articles that are compared, and of all.

    Raises:
        ArchiveError: the archive cannot be read or written.
    """
    with tempfile.TemporaryDirectory(prefix="scraper-stories-") as folder:
        built = Path(folder) / "stories.db"
        try:
            with closing(_beside(built, store.path)) as connection:
                done = _build(
                    connection, at, embeddings=embeddings, read=read, on_progress=on_progress
                )
                groups, pairs, before = _outcome(connection)
                numbers, merged = assign(groups, before)
                moves = _moves(groups, numbers, before)
                titles = _titles(connection, [article for article, _, _ in moves[:_MOST_MOVES]])
        except sqlite3.Error as error:
            raise translate(error, store.path) from error
        if not dry_run:
            _take_over(store, built, groups, pairs, at, embeddings=embeddings)
    return RegroupReport(
        articles=done,
        stories=sum(len(group) > 1 for group in groups),
        grouped=sum(len(group) for group in groups if len(group) > 1),
        began=sum(n is None and len(g) > 1 for n, g in zip(numbers, groups, strict=True)),
        merged=sum(map(len, merged.values())),
        moved=len(moves),
        moves=tuple(
            Move(article_id=a, title=titles.get(a, ""), before=old, after=new)
            for a, old, new in moves[:_MOST_MOVES]
        ),
        written=not dry_run,
    )


def _beside(built: Path, archive: Path) -> sqlite3.Connection:
    """Open an empty database of stories that sees the archive's articles, and cannot write them."""
    connection = sqlite3.connect(built.as_uri(), uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("pragma synchronous = off")
    connection.execute("pragma journal_mode = off")
    for statement in statements(
        (files("scraper.archive.schema") / "019_stories.sql").read_text(encoding="utf-8")
    ):
        connection.execute(statement)
    # A URI has no relative paths, and the archive is mostly named by one.
    source = f"{archive.resolve().as_uri()}?mode=ro"
    connection.execute("attach ? as archive", [source])
    return connection


def _build(
    connection: sqlite3.Connection,
    at: datetime,
    *,
    embeddings: bool,
    read: ReadTexts | None,
    on_progress: Callable[[int, int], None],
) -> int:
    """Group all articles in the order of their times; return how many."""
    (total,) = connection.execute("select count(*) from articles").fetchone()
    last: tuple[str, int] = ("", 0)
    done = 0
    features: dict[int, StoryFeatures] = {}
    while True:
        rows = connection.execute(
            f"select {COLUMNS} from articles"
            " where (coalesce(published_at, first_seen_at), id) > (?, ?)"
            " order by coalesce(published_at, first_seen_at), id limit ?",
            [*last, BATCH if read is None else _READ_AT_ONCE * BATCH],
        ).fetchall()
        if not rows:
            return done
        readings = None
        if read is not None:
            readings = read(
                [
                    PendingText(version_id=r["version_id"], title=r["title"], text=r["text"])
                    for r in rows
                ]
            )
        for first in range(0, len(rows), BATCH):
            part = rows[first : first + BATCH]
            connection.execute("begin")
            story_pass = StoryPass(connection, at, embeddings=embeddings, features=features)
            story_pass.take(part, readings)
            connection.execute("commit")
            done += len(part)
            on_progress(done, total)
        last = rows[-1]["at"], rows[-1]["id"]


def _outcome(
    connection: sqlite3.Connection,
) -> tuple[list[list[int]], dict[Pair, float], dict[int, int]]:
    """Return the groups, the probabilities of their pairs, and the stories of articles so far."""
    before = {
        row["article_id"]: row["story_id"]
        for row in connection.execute("select article_id, story_id from archive.story_members")
    }
    found: dict[int, list[int]] = {}
    nearest: dict[Pair, float] = {}
    for row in connection.execute(
        "select article_id, story_id, nearest_id, probability from main.story_members"
        " order by article_id"
    ):
        found.setdefault(row["story_id"], []).append(row["article_id"])
        one, other = sorted((row["article_id"], row["nearest_id"]))
        nearest[one, other] = row["probability"]
    grouped = {article for group in found.values() for article in group}
    groups = [*found.values(), *([article] for article in sorted(before) if article not in grouped)]
    return sorted(groups), nearest, before


def _moves(
    groups: Sequence[Sequence[int]], numbers: Sequence[int | None], before: dict[int, int]
) -> list[tuple[int, int, int]]:
    """Return article, story before and story after of those that belong elsewhere now."""
    moves = []
    for group, number in zip(groups, numbers, strict=True):
        after = 0 if len(group) < 2 else number or -1
        moves += [(a, before.get(a, 0), after) for a in group if before.get(a, 0) != after]
    return moves


def _titles(connection: sqlite3.Connection, articles: Sequence[int]) -> dict[int, str]:
    rows = connection.execute(
        "select id, title from articles where id in (select value from json_each(?))",
        [json.dumps(list(articles))],
    )
    return {row["id"]: row["title"] for row in rows}


def _take_over(
    store: DatabaseFile,
    built: Path,
    groups: Sequence[Sequence[int]],
    pairs: dict[Pair, float],
    at: datetime,
    *,
    embeddings: bool,
) -> None:
    """Put what was built in the place of what the archive has, in one transaction."""
    store.connection.execute("attach ? as built", [str(built)])
    try:
        with store.transaction() as connection:
            for table in _TABLES:
                connection.execute(f"delete from main.{table}")
                connection.execute(f"insert into main.{table} select * from built.{table}")
            connection.execute(
                "update main.story_state set (version_id, articles) ="
                " (select version_id, articles from built.story_state)"
            )
            StoryPass(connection, at, embeddings=embeddings).write_groups(groups, pairs)
    finally:
        store.connection.execute("detach built")
