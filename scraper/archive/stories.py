"""Stories: articles on one event, who copied whom, and which outlets did not report one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import ExtractionStore, load
from scraper.archive.regrouping import ReadTexts, RegroupReport, regroup
from scraper.archive.sql_values import from_utc_text, utc_text, utc_time
from scraper.archive.story_passes import BATCH, PassReport, PendingText, StoryPass, next_articles
from scraper.errors import NotFound, UsageError
from scraper.record import record
from scraper.stories.embedding import has_model
from scraper.stories.features import StoryFeatures
from scraper.stories.incremental import TextReading
from scraper.stories.relations import Relation
from scraper.stories.timeline import StoryArticle

__all__ = ["Story", "StoryStore", "StorySummary"]

# A story of so many other outlets is missing where an outlet has not reported it.
_REPORTED = 3
# Parts of a record that no story needs, which take longest to read.
_BLOCKS = frozenset({"kept", "removed"})


@record
class StorySummary:
    """A story as a list shows it.

    Attributes:
        id: its number.
        title: headline of its first article.
        first_at, last_at: when its first and last article were published, or first seen.
        articles, outlets: how many.
        languages: of its articles, ordered.
        copies: how many of its articles copy another one.
    """

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    articles: int
    outlets: int
    languages: tuple[str, ...]
    copies: int


@record
class Story:
    """A story with its articles.

    Attributes:
        id: its number.
        asked: the number that was asked for, of a story that was merged into it.
        articles: in the order of time.
        copies: which of them copy which, at any time.
    """

    id: int
    asked: int
    articles: tuple[StoryArticle, ...]
    copies: tuple[Relation, ...]


class StoryStore:
    """Reads the stories of an archive, and groups what came in.

    Args:
        store: the archive file.
        extractions: the records of its versions.
    """

    def __init__(self, store: DatabaseFile, extractions: ExtractionStore) -> None:
        self._store = store
        self._extractions = extractions
        self._features: dict[int, StoryFeatures] = {}
        self._grouped = -1

    def pending(self, limit: int = BATCH) -> tuple[PendingText, ...]:
        """Return the next articles that came in, or got a new version, since the last pass.

        Args:
            limit: how many at most.
        """
        with self._store.reading() as connection:
            rows = next_articles(connection, limit)
        return tuple(
            PendingText(version_id=row["version_id"], title=row["title"], text=row["text"])
            for row in rows
        )

    def group_new(
        self,
        at: datetime,
        limit: int = BATCH,
        readings: Mapping[int, TextReading] | None = None,
    ) -> PassReport:
        """Group the next articles that came in, or got a new version, since the last pass.

        Args:
            at: now.
            limit: how many at most.
            readings: what a worker read of their texts (`scraper.stories.incremental.read_texts`),
                by number of version; the pass ends before the first article without. None: the
                texts are read here.

        Returns:
            What was done; of no article where all are grouped.
        """
        with self._store.reading() as connection:
            (grouped,) = connection.execute("select version_id from story_state").fetchone()
            row = connection.execute(
                "select 1 from articles where version_id > ? limit 1", [grouped]
            ).fetchone()
        if row is None:
            # What is read again within a millisecond waits for no article that may never come.
            self._features = {}
            return PassReport()
        # Another process may have grouped other versions since.
        features = self._features if grouped == self._grouped else {}
        self._features = {}
        with self._store.transaction() as connection:
            report = StoryPass(connection, at, embeddings=has_model(), features=features).run(
                limit, readings
            )
        # Only what was committed is known to the next pass.
        self._features, self._grouped = features, report.version_id
        return report

    def regroup(
        self,
        at: datetime,
        *,
        dry_run: bool,
        read: ReadTexts | None = None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> RegroupReport:
        """Group all articles anew; see `scraper.archive.regrouping.regroup`."""
        self._features = {}
        return regroup(
            self._store,
            at,
            embeddings=has_model(),
            dry_run=dry_run,
            read=read,
            on_progress=on_progress,
        )

    def stories(
        self,
        *,
        since: datetime | None = None,
        entities: Sequence[int] | None = None,
        missing: str = "",
        among: Sequence[int] | None = None,
        limit: int = 50,
    ) -> tuple[StorySummary, ...]:
        """Return stories, the latest first.

        Args:
            since: only those with an article published, or first seen, from then on.
            entities: only those with two articles at least that name one of these; None for all.
            missing: only those that three other outlets of the watched list have reported, and
                this one has not.
            among: numbers of stories, only those of which are returned; None for all.
            limit: how many at most.

        Raises:
            UsageError: no source of the list belongs to the outlet `missing`.
        """
        conditions: list[str] = ["true"]
        values: list[object] = []
        if entities is not None:
            conditions.append(
                "2 <= (select count(distinct b.id) from story_members w"
                " join articles b on b.id = w.article_id join mentions n"
                " on n.version_id = b.version_id where w.story_id = m.story_id"
                " and n.entity_id in (select value from json_each(?)))"
            )
            values.append(json.dumps(list(entities)))
        if among is not None:
            conditions.append("m.story_id in (select value from json_each(?))")
            values.append(json.dumps(list(among)))
        with self._store.reading() as connection:
            if missing:
                outlet = _watched_outlet(connection, missing)
                conditions.append(
                    f"{_REPORTED} <= (select count(distinct b.outlet_id) from story_members w"
                    " join articles b on b.id = w.article_id where w.story_id = m.story_id"
                    " and b.outlet_id in (select outlet_id from sources where enabled))"
                    " and not exists (select 1 from story_members w join articles b"
                    " on b.id = w.article_id where w.story_id = m.story_id and b.outlet_id = ?)"
                )
                values.append(outlet)
            rows = connection.execute(
                "with shown as (select m.story_id, count(*) as articles,"
                " count(distinct a.outlet) as outlets,"
                " min(coalesce(a.published_at, a.first_seen_at)) as first_at,"
                " max(coalesce(a.published_at, a.first_seen_at)) as last_at,"
                " group_concat(distinct a.language) as languages,"
                " (select count(*) from story_members w where w.story_id = m.story_id and exists"
                " (select 1 from article_copies c join story_members o on o.article_id ="
                " c.original_id and o.story_id = w.story_id where c.copy_id = w.article_id))"
                " as copies"
                " from story_members m join articles a on a.id = m.article_id"
                f" where {' and '.join(conditions)}"
                " group by m.story_id having last_at >= ?)"
                " select *, (select a.title from story_members m join articles a"
                " on a.id = m.article_id where m.story_id = shown.story_id order by"
                " coalesce(a.published_at, a.first_seen_at), a.id limit 1) as title"
                " from shown order by last_at desc, story_id desc limit ?",
                [*values, utc_text(since) if since else "", limit],
            ).fetchall()
        return tuple(_summary(row) for row in rows)

    def story(self, number: int) -> Story:
        """Return a story; the number of one that was merged into another finds that one.

        Raises:
            NotFound: there is no such story.
        """
        with self._store.reading() as connection:
            found = number
            seen: set[int] = set()
            while True:
                row = connection.execute(
                    "select merged_into from stories where id = ?", [found]
                ).fetchone()
                if row is None:
                    raise NotFound(
                        f"there is no story {number}; `scraper stories` lists those there are"
                    )
                if row["merged_into"] is None or found in seen:
                    break
                seen.add(found)
                found = row["merged_into"]
            rows = connection.execute(
                "select a.*, m.nearest_id, m.probability, p.measures, v.extraction_id"
                " from story_members m join articles a on a.id = m.article_id"
                " join versions v on v.id = a.version_id left join article_pairs p"
                " on p.article_id = min(m.article_id, m.nearest_id)"
                " and p.other_id = max(m.article_id, m.nearest_id) where m.story_id = ?"
                " order by coalesce(a.published_at, a.first_seen_at), a.id",
                [found],
            ).fetchall()
            if not rows:
                raise NotFound(f"story {number} fell apart: its articles report different events")
            changed = {row["id"] for row in rows if self._is_dated_by_change(row)}
            copies = connection.execute(
                "select c.* from article_copies c join story_members m on m.article_id = c.copy_id"
                " where m.story_id = ? order by c.containment desc, c.copy_id, c.original_id",
                [found],
            ).fetchall()
        return Story(
            id=found,
            asked=number,
            articles=tuple(_article(row, row["id"] in changed) for row in rows),
            copies=tuple(_relation(row) for row in copies),
        )

    def _is_dated_by_change(self, row: sqlite3.Row) -> bool:
        # Only its record tells whether a page states nothing but its last change.
        if row["published_at"] is None or row["modified_at"] is None:
            return False
        record = load(self._extractions.content(row["extraction_id"]), without=_BLOCKS)
        return record.is_dated_by_change

    def unreported(self, number: int) -> tuple[str, ...]:
        """Return the outlets of the watched list that have no article of a story, by name."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select distinct o.name from sources s join outlets o on o.id = s.outlet_id"
                " where s.enabled and o.id not in (select a.outlet_id from story_members m"
                " join articles a on a.id = m.article_id where m.story_id = ?"
                " and a.outlet_id is not null) order by o.name",
                [number],
            ).fetchall()
        return tuple(row["name"] for row in rows)

    def story_of(self, article_id: int) -> int | None:
        """Return the number of the story that an article belongs to, or None."""
        with self._store.reading() as connection:
            row = connection.execute(
                "select story_id from story_members where article_id = ?", [article_id]
            ).fetchone()
        return row["story_id"] if row else None

    def copies_of(self, article_ids: Sequence[int]) -> tuple[Relation, ...]:
        """Return which articles copy which, of those given and any others."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select * from article_copies where copy_id in (select value from json_each(?1))"
                " or original_id in (select value from json_each(?1)) order by copy_id",
                [json.dumps(list(article_ids))],
            ).fetchall()
        return tuple(_relation(row) for row in rows)


def _watched_outlet(connection: sqlite3.Connection, name: str) -> int:
    rows = connection.execute(
        "select distinct o.id, o.name from outlets o join sources s on s.outlet_id = o.id"
        " where s.enabled order by o.name"
    ).fetchall()
    for row in rows:
        if row["name"].casefold() == name.casefold():
            return int(row["id"])
    near = [row["name"] for row in rows if name.casefold() in row["name"].casefold()]
    if len(near) == 1:
        return next(int(row["id"]) for row in rows if row["name"] == near[0])
    told = f": did you mean {', '.join(near[:5])}?" if near else ""
    raise UsageError(f"no watched outlet is named {name}{told}")


def _summary(row: sqlite3.Row) -> StorySummary:
    return StorySummary(
        id=row["story_id"],
        title=row["title"],
        first_at=utc_time(row["first_at"]),
        last_at=utc_time(row["last_at"]),
        articles=row["articles"],
        outlets=row["outlets"],
        languages=tuple(sorted(filter(None, (row["languages"] or "").split(",")))),
        copies=row["copies"],
    )


def _article(row: sqlite3.Row, dated_by_change: bool) -> StoryArticle:
    return StoryArticle(
        id=row["id"],
        outlet=row["outlet"],
        title=row["title"],
        url=row["url"],
        language=row["language"],
        script=row["script"],
        credited=row["credited"],
        published=from_utc_text(row["published_at"]),
        offset=row["published_offset"],
        seen=utc_time(row["first_seen_at"]),
        nearest=row["nearest_id"],
        probability=row["probability"],
        measures=json.loads(row["measures"]) if row["measures"] else {},
        dated_by_change=dated_by_change,
    )


def _relation(row: sqlite3.Row) -> Relation:
    return Relation(
        copy=row["copy_id"],
        original=row["original_id"],
        kind=row["kind"],
        containment=row["containment"],
        jaccard=row["jaccard"],
        credit=row["credit"],
        cut=tuple(json.loads(row["cut"])),
        added=tuple(json.loads(row["added"])),
        cut_count=row["cut_count"],
        added_count=row["added_count"],
    )
