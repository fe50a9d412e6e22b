"""Fingerprints of a host's pages, and what was learned from them to be no part of its articles.

`scraper.extraction.learned_boilerplate` and `host_layout` decide what that is; here it is stored.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Collection, Sequence
from datetime import datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.sql_values import from_utc_text, storable_text, utc_text
from scraper.models import LearnedBlock, PageFingerprint

__all__ = ["WINDOW", "LearnedBoilerplateMixin", "record_fingerprint"]

# Most recent pages of a host that are kept: enough to tell a share, little to store.
WINDOW = 40
_SAMPLE = 300
_SIGNATURE = 8  # bytes


class LearnedBoilerplateMixin(ArchiveBase):
    """Boilerplate that was learned of hosts."""

    def footprints(self, host: str) -> dict[int, PageFingerprint]:
        """Return the fingerprints of the host's most recent pages, newest first, by article."""
        with self._reading() as connection:
            rows = connection.execute(
                "select page_id, sketch, signatures, within, beside from footprints"
                " where host = ? order by id desc",
                [host],
            )
            return {
                row["page_id"]: PageFingerprint(
                    host=host,
                    sketch=frozenset(n for (n,) in struct.iter_unpack("<I", row["sketch"])),
                    signatures=_unpacked(row["signatures"]),
                    within=_unpacked(row["within"]),
                    beside=_unpacked(row["beside"]),
                )
                for row in rows
            }

    def learned_blocks(self, host: str = "") -> tuple[LearnedBlock, ...]:
        """Return what was learned of a host, or of all hosts, forgotten blocks included."""
        with self._reading() as connection:
            rows = connection.execute(
                "select * from learned_blocks where ? in ('', host)"
                " order by host, articles desc, signature",
                [host],
            )
            return tuple(_block(row) for row in rows)

    def learn(self, blocks: Sequence[LearnedBlock], at: datetime) -> None:
        """Add blocks that were learned; a block that is known or was forgotten stays as it is."""
        when = utc_text(at)
        with self._writing() as connection:
            connection.executemany(
                "insert into learned_blocks (host, signature, kind, place, sample, articles,"
                " first_seen_at, last_seen_at) values (?, ?, ?, ?, ?, ?, ?, ?)"
                " on conflict do nothing",
                [
                    (
                        storable_text(b.host),
                        b.signature,
                        b.kind,
                        storable_text(b.place),
                        storable_text(b.sample)[:_SAMPLE],
                        b.articles,
                        when,
                        when,
                    )
                    for b in blocks
                ],
            )

    def refute(self, host: str, signatures: Collection[str]) -> None:
        """Delete what a host's pages no longer bear out; it may be learned again."""
        with self._writing() as connection:
            connection.executemany(
                "delete from learned_blocks where host = ? and signature = ?"
                " and forgotten_at is null",
                [(host, signature) for signature in signatures],
            )

    def forget_learned(self, host: str, at: datetime) -> int:
        """Forget what was learned of a host; return how many blocks that was.

        The rows stay, so that the same blocks are not learned again.
        """
        with self._writing() as connection:
            return connection.execute(
                "update learned_blocks set forgotten_at = ? where host = ?"
                " and forgotten_at is null",
                [utc_text(at), host],
            ).rowcount


def record_fingerprint(
    connection: sqlite3.Connection, page_id: int, footprint: PageFingerprint, at: str
) -> None:
    """Store the fingerprint of a page's current text; delete the oldest of its host.

    Runs within a transaction.
    """
    known = connection.execute(
        "select 1 from footprints where host = ? and page_id = ?", [footprint.host, page_id]
    ).fetchone()
    connection.execute(
        "insert into footprints (host, page_id, sketch, signatures, within, beside)"
        " values (?, ?, ?, ?, ?, ?)"
        " on conflict (host, page_id) do update set sketch = excluded.sketch,"
        " signatures = excluded.signatures, within = excluded.within, beside = excluded.beside",
        [
            footprint.host,
            page_id,
            struct.pack(f"<{len(footprint.sketch)}I", *sorted(footprint.sketch)),
            _packed(footprint.signatures),
            _packed(footprint.within),
            _packed(footprint.beside),
        ],
    )
    connection.execute(
        "delete from footprints where host = ?1 and id <= (select id from footprints"
        " where host = ?1 order by id desc limit 1 offset ?2)",
        [footprint.host, WINDOW],
    )
    shown = footprint.signatures | footprint.beside
    connection.execute(
        "update learned_blocks set last_seen_at = max(last_seen_at, ?), articles = articles + ?"
        f" where host = ? and signature in ({', '.join('?' * len(shown))})",
        [at, known is None, footprint.host, *shown],
    )


def _packed(signatures: Collection[str]) -> bytes:
    return b"".join(map(bytes.fromhex, sorted(signatures)))


def _unpacked(packed: bytes) -> frozenset[str]:
    return frozenset(packed[i : i + _SIGNATURE].hex() for i in range(0, len(packed), _SIGNATURE))


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
        kind=row["kind"],
    )
