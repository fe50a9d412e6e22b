"""What the archive remembers of a host's pages for learning: footprints, and what was learned.

What is boilerplate is decided in `scraper.extraction.learned_boilerplate`; here it is only remembered.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence

from scraper.archive.sql_values import storable_text, from_utc_text
from scraper.models import PageFingerprint, LearnedBlock

__all__ = ["WINDOW", "LearnedBoilerplateTable"]

# Pages of a host that are looked back on: enough to tell a share, little to keep.
WINDOW = 40
_SAMPLE = 300
_SIGNATURE = 8  # bytes


class LearnedBoilerplateTable:
    """Reads and writes `footprints` and `learned_blocks`. What writes runs within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, page_id: int, footprint: PageFingerprint, at: str) -> None:
        """Remember the footprint of a page's current text, and forget the oldest of its host."""
        run = self._connection.execute
        known = run(
            "select 1 from footprints where host = ? and page_id = ?", [footprint.host, page_id]
        ).fetchone()
        run(
            "insert into footprints (host, page_id, sketch, signatures) values (?, ?, ?, ?)"
            " on conflict (host, page_id) do update set sketch = excluded.sketch,"
            " signatures = excluded.signatures",
            [
                footprint.host,
                page_id,
                struct.pack(f"<{len(footprint.sketch)}I", *sorted(footprint.sketch)),
                b"".join(map(bytes.fromhex, sorted(footprint.signatures))),
            ],
        )
        run(
            "delete from footprints where host = ?1 and id <= (select id from footprints"
            " where host = ?1 order by id desc limit 1 offset ?2)",
            [footprint.host, WINDOW],
        )
        run(
            "update learned_blocks set last_seen_at = max(last_seen_at, ?), articles = articles + ?"
            f" where host = ? and signature in ({', '.join('?' * len(footprint.signatures))})",
            [at, known is None, footprint.host, *footprint.signatures],
        )

    def footprints(self, host: str) -> dict[int, PageFingerprint]:
        """Return the footprints of a host's most recent pages, newest first, by page."""
        rows = self._connection.execute(
            "select page_id, sketch, signatures from footprints where host = ? order by id desc",
            [host],
        )
        return {
            row["page_id"]: PageFingerprint(
                host=host,
                sketch=frozenset(n for (n,) in struct.iter_unpack("<I", row["sketch"])),
                signatures=frozenset(
                    row["signatures"][i : i + _SIGNATURE].hex()
                    for i in range(0, len(row["signatures"]), _SIGNATURE)
                ),
            )
            for row in rows
        }

    def blocks(self, host: str) -> tuple[LearnedBlock, ...]:
        """Return what was learned on a host ("" for all), what was forgotten included."""
        rows = self._connection.execute(
            "select * from learned_blocks where ? in ('', host)"
            " order by host, articles desc, signature",
            [host],
        )
        return tuple(_block(row) for row in rows)

    def learn(self, blocks: Sequence[LearnedBlock], at: str) -> None:
        """Add what was learned; what is there already, or was forgotten, stays as it is."""
        self._connection.executemany(
            "insert into learned_blocks (host, signature, place, sample, articles, first_seen_at,"
            " last_seen_at) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
            [
                (
                    storable_text(b.host),
                    b.signature,
                    storable_text(b.place),
                    storable_text(b.sample)[:_SAMPLE],
                    b.articles,
                    at,
                    at,
                )
                for b in blocks
            ],
        )

    def forget(self, host: str, at: str) -> int:
        """Take back all that was learned on a host; return how many blocks that was.

        The rows stay, so that the same is not learned again.
        """
        return self._connection.execute(
            "update learned_blocks set forgotten_at = ? where host = ? and forgotten_at is null",
            [at, host],
        ).rowcount


def _block(row: sqlite3.Row) -> LearnedBlock:
    first, last = from_utc_text(row["first_seen_at"]), from_utc_text(row["last_seen_at"])
    if first is None or last is None:  # the columns are "not null"
        raise ValueError(f"learned block {row['signature']} has no time")
    return LearnedBlock(
        host=row["host"],
        signature=row["signature"],
        place=row["place"],
        sample=row["sample"],
        articles=row["articles"],
        first_seen_at=first,
        last_seen_at=last,
        forgotten=row["forgotten_at"] is not None,
    )
