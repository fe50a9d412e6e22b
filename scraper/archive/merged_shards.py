"""Shards of imports that ran on several machines: which of them the archive holds already."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from scraper.archive.base import ArchiveBase
from scraper.archive.sql_values import utc_text
from scraper.record import record

__all__ = ["MergedShard", "MergedShardsMixin"]


@record
class MergedShard:
    """A shard whose captures are all in the archive.

    Attributes:
        sha256: of the file, in hexadecimal digits.
        name: of the file.
        part: part of the import, ``I/N``.
        rows: how many captures it has.
    """

    sha256: str
    name: str
    part: str
    rows: int


class MergedShardsMixin(ArchiveBase):
    """Which shards were merged."""

    def merged_shards(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those of some hashes whose shards were merged."""
        with self._reading() as connection:
            rows = connection.execute(
                "select sha256 from merged_shards where sha256 in (select value from json_each(?))",
                [json.dumps(list(hashes))],
            )
            return frozenset(str(row["sha256"]) for row in rows)

    def note_merged(self, shards: Sequence[MergedShard], at: datetime) -> None:
        """Note that all captures of some shards are in the archive."""
        with self._writing() as connection:
            connection.executemany(
                "insert or ignore into merged_shards (sha256, name, part, rows, merged_at)"
                " values (?, ?, ?, ?, ?)",
                [(one.sha256, one.name, one.part, one.rows, utc_text(at)) for one in shards],
            )
