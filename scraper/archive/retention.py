"""Retention: deletes raw bodies that nothing needs, by age and after interruptions.

Of a page's raw bodies these always stay: the first and the last, the last that showed the article,
each that a version or a record was made from, and each that others are written against. What is
deleted by age is named in `thinned`, which tells it from a loss.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.bodies import BodyStore
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.record import record

__all__ = ["PrunedBodies", "RetentionMixin", "orphans"]

# Bodies that go in one transaction: other writers wait for its end.
_BATCH = 500


@record
class PrunedBodies:
    """What retention deleted, or would delete.

    Attributes:
        bodies: number of raw bodies.
        stored: bytes that they take in the file.
        raw: bytes that they had when they were fetched.
        fetches: fetches whose body goes; the fetches themselves stay.
        pages: pages that were fetched with them.
        needed: more bodies of unchanged fetches that stay, since others are written against them.
        oldest, newest: times of the first and last of the fetches, or None.
    """

    bodies: int = 0
    stored: int = 0
    raw: int = 0
    fetches: int = 0
    pages: int = 0
    needed: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


# Bodies all of whose fetches are unchanged ones of articles, old enough, and none of them an edge:
# the first or last of its page with a body, or the last that showed the article.
_SPARE = """
with candidates as (
    select body from fetches
    where body is not null and at < :before and class = 'unchanged'
        and (:only is null or body in (select value from json_each(:only)))
), edges as (
    select page_id, part, min(id) as first_id, max(id) as last_id, min(at) as first_at,
        max(at) as last_at, max(iif(version_id is null, 0, id)) as shown_id
    from fetches
    where body is not null
        and page_id in (select page_id from fetches where body in (select body from candidates))
    group by page_id, part
)
select f.body, count(*) as fetches, min(f.page_id) as page_id, min(f.at) as first_at,
    max(f.at) as last_at
from fetches f left join edges e on e.page_id = f.page_id and e.part = f.part
where f.body in (select body from candidates)
    and f.body not in (select body from versions)
    and f.body not in (select body from extractions)
    and f.body not in (select value from extractions, json_each(extractions.parts))
group by f.body
having min(
    f.class = 'unchanged' and f.version_id is not null and f.at < :before
    and f.id not in (e.first_id, e.last_id, e.shown_id) and f.at not in (e.first_at, e.last_at)
) = 1
order by min(f.id)
"""

# Leaves alone may go, and never the newest row: its number would be given again, and a process that
# holds the old content under it in memory would write others against the wrong dictionary.
_LEAF = (
    "sha256 in (select value from json_each(?))"
    " and id not in (select base_id from bodies where base_id is not null)"
    " and id not in (select body_id from site_references)"
    " and id < (select max(id) from bodies)"
)


class RetentionMixin(ArchiveBase):
    """Deletion of raw bodies that nothing needs."""

    def prune_bodies(
        self,
        before: datetime,
        at: datetime,
        *,
        dry_run: bool,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> PrunedBodies:
        """Delete raw bodies of old fetches that found nothing new.

        A page's first and last body and those that versions were made from stay. The fetches stay,
        with the SHA-256 of their body. Each batch is one transaction that selects its bodies again;
        if interrupted, the call can be repeated.

        Args:
            before: only fetches older than this.
            at: now.
            dry_run: only count.
            progress: is called with the number of bodies that are done, and of how many.
        """
        limit = utc_text(before)
        with self._reading() as connection:
            spare = connection.execute(_SPARE, {"before": limit, "only": None}).fetchall()
        digests = [str(row["body"]) for row in spare]
        going: dict[str, tuple[int, int]] = {}
        there = 0
        for batch in _batches(digests):
            going |= _sizes(self._bodies, batch, leaves=True)
            there += len(_sizes(self._bodies, batch))
        chosen = [row for row in spare if row["body"] in going]
        if not dry_run:
            done = 0
            for batch in _batches(list(going)):
                self._prune_batch(batch, limit, utc_text(at))
                done += len(batch)
                progress(done, len(going))
            self._bodies.clear_cache()
        return PrunedBodies(
            bodies=len(chosen),
            stored=sum(stored for stored, _ in going.values()),
            raw=sum(raw for _, raw in going.values()),
            fetches=sum(row["fetches"] for row in chosen),
            pages=len({row["page_id"] for row in chosen}),
            needed=there - len(going),
            oldest=from_utc_text(min((row["first_at"] for row in chosen), default=None)),
            newest=from_utc_text(max((row["last_at"] for row in chosen), default=None)),
        )

    def _prune_batch(self, batch: Sequence[str], before: str, at: str) -> None:
        # The marks are committed before the bodies go: a crash in between leaves bodies that are
        # marked and there, never some that are gone and not marked.
        with self._writing() as connection:
            going = _sizes(self._bodies, batch, leaves=True)
            connection.executemany(
                "insert or replace into thinned (sha256, size, thinned_at) values (?, ?, ?)",
                [(digest, raw, at) for digest, (_, raw) in going.items()],
            )
        # Selected again under the lock: a fetch may have stored one of them again meanwhile.
        with self._writing() as connection, self._bodies_store.transaction() as bodies:
            rows = connection.execute(_SPARE, {"before": before, "only": json.dumps(list(going))})
            bodies.execute(
                f"delete from bodies where {_LEAF}", [json.dumps([row["body"] for row in rows])]
            )

    def delete_orphans(self) -> int:
        """Delete bodies that no row names, left by an interruption; return how many were deleted.

        Those that a sealed part holds are deleted as well: they are read there.

        Those that others are written against stay.
        """
        removed = 0
        # The lock on the archive keeps out whoever would name one of them at this moment; one that
        # was written but is not named yet is written again (`Archive.record_all`).
        with self._writing() as connection:
            spare = sorted(orphans(connection, self._bodies) | sealed(self._bodies))
            with self._bodies_store.transaction() as bodies:
                for batch in _batches(spare):
                    bodies.execute(
                        "delete from site_references where body_id in (select id from bodies"
                        " where sha256 in (select value from json_each(?))"
                        " and id not in (select base_id from bodies where base_id is not null)"
                        " and id < (select max(id) from bodies))",
                        [json.dumps(batch)],
                    )
                    removed += bodies.execute(
                        f"delete from bodies where {_LEAF}", [json.dumps(batch)]
                    ).rowcount
        self._bodies.clear_cache()
        return removed


def orphans(connection: sqlite3.Connection, bodies: BodyStore) -> set[str]:
    """Return the bodies that no row of the archive names: left by an interruption."""
    with bodies.store.reading() as kept:
        there = {str(row[0]) for row in kept.execute("select sha256 from bodies")}
    named = connection.execute(
        "select body from fetches where body is not null union select body from versions"
        " union select body from extractions"
        " union select value from extractions, json_each(iif(json_valid(parts), parts, '[]'))"
    )
    return there - {str(row[0]) for row in named}


def sealed(bodies: BodyStore) -> set[str]:
    """Return the bodies that a sealed part holds as well."""
    earlier = tuple(bodies.earlier())
    if not earlier:
        return set()
    with bodies.store.reading() as kept:
        here = [str(row[0]) for row in kept.execute("select sha256 from bodies")]
    return {digest for digest in here if any(one.has_here(digest) for one in earlier)}


def _batches(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(digests), _BATCH):
        yield digests[start : start + _BATCH]


def _sizes(
    bodies: BodyStore, digests: Sequence[str], *, leaves: bool = False
) -> dict[str, tuple[int, int]]:
    """Return stored and raw size of those of some bodies that are there (and may go)."""
    which = _LEAF if leaves else "sha256 in (select value from json_each(?))"
    with bodies.store.reading() as kept:
        rows = kept.execute(
            f"select sha256, length(data) as stored, size from bodies where {which}",
            [json.dumps(list(digests))],
        )
        return {row["sha256"]: (row["stored"], row["size"]) for row in rows}
