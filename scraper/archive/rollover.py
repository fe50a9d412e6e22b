"""Rollover: pages that rest go into a sealed part, which is never written again.

The whole archive is copied into a new folder below ``parts/``; then one transaction deletes the
rows of the resting pages from the current file and lists the part. A process that is killed before
its commit leaves a folder that no list names, and the archive as it was; one that is killed after
it leaves raw pages that stand in both, which the next `vacuum` deletes.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from scraper.archive.database import (
    DatabaseFile,
    partial_path,
    require_free_space,
    sync_folder,
    translate,
)
from scraper.archive.hash_chain import last_link
from scraper.archive.part_rows import delete_rows, put_back_bodies
from scraper.archive.parts import altered_files, make_readonly, part_link, sha256_of
from scraper.archive.resealing import seal
from scraper.archive.retention import RetentionMixin
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, BODIES, BODIES_ID, SEALED_BIT
from scraper.archive.search_index import reindex, reindex_versions
from scraper.archive.sql_values import utc_text
from scraper.errors import ArchiveError, ErrorClass, NotFound, UsageError
from scraper.record import record

__all__ = ["LEAST_AGE", "RolloverMixin", "SealedPart", "free_name", "usual_day"]

# Stories are grouped within a fortnight, and pages looked at again until a month has passed.
LEAST_AGE = timedelta(days=31)

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")

# A page rests when nothing is planned with it: no look, no decision, no first grouping; and nothing
# happened to it, nor was it listed, since.
_RESTING = """
insert into resting
select p.id from pages p left join articles a on a.id = p.id
where p.next_check_at is null and p.state <> 'new' and p.first_seen_at < ?1
    and coalesce(p.last_fetch_at, '') < ?1
    and not exists (select 1 from sightings s where s.page_id = p.id and s.last_seen_at >= ?1)
    and not exists (select 1 from fetches f where f.page_id = p.id and f.at >= ?1)
    and p.id not in (select page_id from page_looks where state = 'held' and page_id is not null)
    and coalesce(a.version_id, 0) <= (select version_id from story_state)
"""
# Articles of one story, and copies with their originals, rest together or not at all.
_RESTLESS = (
    "delete from resting where id in (select m.article_id from story_members m where m.story_id in"
    " (select n.story_id from story_members n where n.article_id not in (select id from resting)))",
    "delete from resting where id in (select copy_id from article_copies"
    " where original_id not in (select id from resting)"
    " union select original_id from article_copies where copy_id not in (select id from resting))",
    # A fetch that showed a version of another page.
    "delete from resting where id in (select f.page_id from fetches f join versions v"
    " on v.id = f.version_id where f.page_id <> v.page_id and (f.page_id not in"
    " (select id from resting) or v.page_id not in (select id from resting))"
    " union select v.page_id from fetches f join versions v on v.id = f.version_id"
    " where f.page_id <> v.page_id and (f.page_id not in (select id from resting)"
    " or v.page_id not in (select id from resting)))",
)
_IDS = "select id from resting"
_SPAN = (
    "select count(*) as articles, min(coalesce(published_at, first_seen_at)) as first_at,"
    f" max(coalesce(published_at, first_seen_at)) as last_at from articles where id in ({_IDS})"
)


@record
class SealedPart:
    """A sealed part of the archive.

    Attributes:
        number: 1 for the first.
        name: what it is called, as its folder below ``parts/``.
        sealed_at: when it was sealed.
        before: what happened last to its resting pages is older.
        pages, articles, versions, fetches, changes: how many rest in it.
        first_at, last_at: time of its first and last resting article, or "".
        bytes: of its files.
    """

    number: int
    name: str
    sealed_at: str
    before: str
    pages: int
    articles: int
    versions: int
    fetches: int
    changes: int
    first_at: str
    last_at: str
    bytes: int


class RolloverMixin(RetentionMixin):
    """Sealed parts."""

    def sealed_parts(self) -> tuple[SealedPart, ...]:
        """Return the sealed parts of the archive, in the order in which they were sealed."""
        with self._reading():
            return tuple(_sealed_part(part.row) for part in self._parts)

    def roll_over(
        self,
        name: str,
        before: datetime,
        at: datetime,
        *,
        progress: Callable[[str], None] = lambda step: None,
    ) -> SealedPart:
        """Seal the pages that rest in a new part, and delete them from the current file.

        Args:
            name: of the part's folder.
            before: nothing happened to the pages since.
            at: now.
            progress: is called with the name of each step.

        Raises:
            UsageError: the name cannot be that of a part, or is taken.
            NotFound: no page rests.
            ArchiveError: (``db_full``, ``db_busy`` …) nothing was sealed.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot name a part: use letters, digits, dots and dashes")
        folder = self._parts.folder / name
        run = self._store.connection.execute
        run("pragma foreign_keys = off")
        try:
            with self._writing() as connection:
                if connection.execute("select 1 from parts where name = ?", [name]).fetchone():
                    raise UsageError(f"{folder} is a sealed part already: name another one")
                progress("what rests")
                _choose(connection, utc_text(before))
                progress("copy")
                self._copy_to(folder)
                progress("move")
                self._list(connection, name, folder, before, at)
        finally:
            run("pragma foreign_keys = on")
            run("drop table if exists temp.resting")
        progress("raw pages")
        self._bodies.clear_cache()
        while self.delete_orphans():
            pass
        return self.sealed_parts()[-1]

    def seal_when_due(self, at: datetime, *, above: int, yearly: bool) -> SealedPart | None:
        """Seal what rests, if the settings ask for it now.

        Args:
            at: now.
            above: bytes in use from which what rests since a month is sealed, once a month at most;
                0 for never.
            yearly: whether what rests of past years is sealed, once a month of the year has passed.

        Returns:
            The new part, or None where it is not time or nothing rests.
        """
        parts = self.sealed_parts()
        day = usual_day(at)
        is_due = yearly and not any(part.before >= utc_text(day) for part in parts)
        if not is_due and above and self.used_bytes() > above:
            day = usual_day(at, month_ago=True)
            is_due = not parts or parts[-1].sealed_at < utc_text(at - LEAST_AGE)
        if not is_due:
            return None
        try:
            return self.roll_over(free_name(day, {part.name for part in parts}), day, at)
        except NotFound:
            return None

    def used_bytes(self) -> int:
        """Return how many bytes of the current files hold anything."""
        used = 0
        for store in (self._store, self._bodies_store):
            with store.reading() as connection:
                sizes = ("page_count", "freelist_count", "page_size")
                pages, free, size = (
                    int(connection.execute(f"pragma main.{name}").fetchone()[0]) for name in sizes
                )
            used += (pages - free) * size
        return used

    def merge_last(self, *, progress: Callable[[str], None] = lambda step: None) -> SealedPart:
        """Put the part that was sealed last back into the current file, and delete its folder.

        Args:
            progress: is called with the name of each step.

        Returns:
            The part that is no more.

        Raises:
            NotFound: there is no part.
            ArchiveError: (``db_full``, ``db_corrupt`` …) nothing was put back.
        """
        with self._reading():
            part = next(reversed(self._parts), None)
        if part is None:
            raise NotFound(f"{self.folder} has no sealed part")
        changed = next(iter(altered_files(part.archive.folder, part.row, whole=True)), "")
        if changed:
            raise ArchiveError(changed, error_class=ErrorClass.DB_CORRUPT)
        sealed, folder = _sealed_part(part.row), part.archive.folder
        require_free_space(self._store.path, 2 * sealed.bytes)
        progress("raw pages")
        # Before the rows that name them; as long as the part is listed they stand in both.
        with self._bodies_store.transaction() as bodies:
            put_back_bodies(part.archive._bodies_store.connection, bodies)
        self._bodies.clear_cache()
        progress("articles")
        with self._writing() as connection:
            self._parts.put_back(part)
            connection.execute("delete from parts where number = ?", [part.number])
            connection.execute(
                "update carried set until = until - 1 where until = ?", [part.number]
            )
            connection.execute("delete from carried where until = 0")
        self._extractions.clear_cache()
        with self._reading():
            pass  # closes the part
        shutil.rmtree(folder)
        return sealed

    def _copy_to(self, folder: Path) -> None:
        """Write the sealed files; a folder that a killed process left there is replaced."""
        parts = folder.parent
        partial = partial_path(folder)
        try:
            size = sum(one.path.stat().st_size for one in (self._store, self._bodies_store))
            # The copy, and the log of the transaction that deletes what was copied.
            require_free_space(self._store.path, size + self._store.path.stat().st_size)
            parts.mkdir(exist_ok=True)
            if folder.exists():
                _require_leftover(self._store.connection, folder)
                shutil.rmtree(folder)
            partial.mkdir()
            # Read by connections of their own: this one has begun to write.
            for file, migrations, number in (
                ("archive.db", ARCHIVE, ARCHIVE_ID), ("bodies.db", BODIES, BODIES_ID),
            ):  # fmt: skip
                one = DatabaseFile(self.folder / file, migrations, number, readonly=True)
                try:
                    one.copy_to(partial / file)
                finally:
                    one.close()
                seal(partial / file, number | SEALED_BIT)
            make_readonly(partial)
            sync_folder(partial)
            partial.rename(folder)
            sync_folder(parts)
            sync_folder(parts.parent)
        except (OSError, sqlite3.Error) as error:
            raise translate(error, partial / "archive.db") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _list(
        self,
        connection: sqlite3.Connection,
        name: str,
        folder: Path,
        before: datetime,
        at: datetime,
    ) -> None:
        """Delete what rests from the current file, and list the part."""
        run = connection.execute
        (number,) = run("select 1 + coalesce(max(number), 0) from parts").fetchone()
        span = run(_SPAN).fetchone()
        row: dict[str, object] = {
            "number": number, "name": name, "folder": name,
            "sealed_at": utc_text(at), "before": utc_text(before),
            **dict(span),
            "last_page": _last(connection, "pages", self._parts_floor("last_page"), "merged_from"),
            "last_version": _last(connection, "versions", self._parts_floor("last_version")),
        }  # fmt: skip
        for chain, key in (("fetches", "fetch"), ("extractions", "record"), ("changes", "change")):
            row[f"last_{key}"], row[f"{key}_chain"] = last_link(connection, chain)
        gone = dict(delete_rows(connection, _IDS))
        row |= {table: gone[table] for table in ("pages", "versions", "fetches", "changes")}
        pageless = run(
            "delete from fetches where page_id is null and at < ?", [utc_text(before)]
        ).rowcount
        row["fetches"] = gone["fetches"] + pageless
        for file, key in (("archive.db", "archive"), ("bodies.db", "bodies")):
            row[f"{key}_bytes"] = (folder / file).stat().st_size
            row[f"{key}_sha256"] = sha256_of(folder / file)
        last = run("select chain from parts order by number desc limit 1").fetchone()
        row["chain"] = part_link(last["chain"] if last else "", row)
        run(
            f"insert into parts ({', '.join(row)}) values ({', '.join('?' * len(row))})",
            list(row.values()),
        )
        run(
            "insert into carried (page_id, until) select id, ? from pages where true"
            " on conflict (page_id) do update set until = excluded.until",
            [number],
        )
        reindex_versions(connection, self._extractions)
        reindex(connection)
        broken = run("pragma main.foreign_key_check").fetchone()
        if broken is not None:
            raise ArchiveError(
                f"nothing was sealed: a row of {broken[0]} would refer to a missing one of"
                f" {broken[2]}; run `scraper doctor`",
                error_class=ErrorClass.DB_CORRUPT,
            )

    def _parts_floor(self, column: str) -> int:
        (found,) = self._store.connection.execute(
            f"select coalesce(max({column}), 0) from parts"
        ).fetchone()
        return int(found)


def usual_day(now: datetime, *, month_ago: bool = False) -> datetime:
    """Return the day before which what rests is sealed: the last new year that is a month ago.

    Args:
        now: aware time.
        month_ago: the day a month ago instead.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = today - LEAST_AGE
    if month_ago:
        return last
    return last.replace(month=1, day=1)


def free_name(day: datetime, taken: Collection[str]) -> str:
    """Return a name for a part that is not taken: the year that ended, or the day."""
    whole_year = (day.month, day.day) == (1, 1)
    name = f"{day.year - 1}" if whole_year else f"before-{day:%Y-%m-%d}"
    names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def _choose(connection: sqlite3.Connection, before: str) -> None:
    """Fill the temporary table `resting`."""
    run = connection.execute
    run("create temp table resting (id integer primary key)")
    run(_RESTING, [before])
    while sum(run(sql).rowcount for sql in _RESTLESS):
        pass
    if run("select 1 from resting limit 1").fetchone() is None:
        raise NotFound(
            f"no page rests since before {before[:10]}: each is still looked at, was listed since,"
            " or belongs to a story with one that is"
        )


def _last(connection: sqlite3.Connection, table: str, floor: int, merged: str = "") -> int:
    (last,) = connection.execute(f"select coalesce(max(id), 0) from {table}").fetchone()
    if merged:
        (number,) = connection.execute(
            f"select coalesce(max({merged}), 0) from fetches where {merged} is not null"
        ).fetchone()
        last = max(last, number)
    return max(int(last), floor)


def _require_leftover(connection: sqlite3.Connection, folder: Path) -> None:
    """Refuse a folder that holds anything which the current files do not."""
    there = {path.name for path in folder.iterdir()}
    if there <= {"archive.db", "bodies.db"} and "archive.db" in there:
        uri = f"{(folder / 'archive.db').resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as left:
            ends = left.execute("select name, last_id, chain from seals").fetchall()
            pages = [row[0] for row in left.execute("select url from pages")]
        known = "select count(*) from pages where url in (select value from json_each(?))"
        if all(
            connection.execute(
                f"select 1 from {name} where id = ? and chain = ?", [last, chain]
            ).fetchone()
            for name, last, chain in ends
        ) and connection.execute(known, [json.dumps(pages)]).fetchone()[0] == len(pages):
            return
    raise UsageError(f"{folder} is there already, and is not listed: name another part")


def _sealed_part(row: sqlite3.Row) -> SealedPart:
    return SealedPart(
        number=row["number"],
        name=row["name"],
        sealed_at=row["sealed_at"],
        before=row["before"],
        pages=row["pages"],
        articles=row["articles"],
        versions=row["versions"],
        fetches=row["fetches"],
        changes=row["changes"],
        first_at=row["first_at"] or "",
        last_at=row["last_at"] or "",
        bytes=row["archive_bytes"] + row["bodies_bytes"],
    )
