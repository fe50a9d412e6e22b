"""Records of extractions, each serialized as one compressed value."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any

from scraper.archive.bodies import BodyStore, compress, decompress
from scraper.archive.byte_cache import ByteCache
from scraper.archive.sql_values import field_names, storable_column
from scraper.errors import ArchiveError, ErrorClass
from scraper.models import Article, Candidate, KeptBlock, PreparedArticle, RemovedBlock

__all__ = ["ExtractionStore", "dump", "load", "load_shown"]

_TIMES = frozenset({"published", "modified"})
_PARTS: dict[str, type[Any]] = {
    "kept": KeptBlock,
    "removed": RemovedBlock,
    "candidates": Candidate,
}
# Records that are kept, since others of the same page are compressed against them, and their bytes.
_CACHED, _CACHED_BYTES = 64, 2 * 1024 * 1024


def dump(article: Article) -> bytes:
    """Return a record as JSON in UTF-8, without its empty fields."""
    values: dict[str, object] = {}
    for name in field_names(Article):
        value = getattr(article, name)
        if not value:
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        elif name in _PARTS:
            value = _columns(_PARTS[name], value)
        values[name] = value
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def load(data: bytes, *, without: frozenset[str] = frozenset()) -> Article:
    """Return the record that `dump` wrote; unknown keys are skipped.

    Args:
        data: the record.
        without: fields to leave empty, to save time.
    """
    return _article(json.loads(data), without)


def load_shown(data: bytes) -> tuple[Article, list[tuple[str, str]]]:
    """Return a record without its blocks, and rule and text of each removed block.

    Building an object per block takes most of the time of `load`.
    """
    raw: dict[str, Any] = json.loads(data)
    removed = raw.get("removed", {})
    rules, texts = (_values(removed.get(name, [])) for name in ("rule", "text"))
    return _article(raw, frozenset({"kept", "removed"})), list(zip(rules, texts, strict=True))


def _article(raw: dict[str, Any], without: frozenset[str]) -> Article:
    known = set(field_names(Article))
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in known or name in without:
            continue
        if name in _TIMES:
            values[name] = datetime.fromisoformat(value)
        elif name in _PARTS:
            values[name] = _rows(_PARTS[name], value)
        elif isinstance(value, list):
            values[name] = tuple(value)
        else:
            values[name] = value
    return Article(**values)


def _columns(kind: type[Any], rows: Sequence[Any]) -> dict[str, object]:
    """Return records as columns, which compress a quarter better than rows.

    Positions are stored as differences; a column of few distinct values as those and their indexes.
    """
    columns: dict[str, object] = {}
    for field in fields(kind):
        column = list(map(attrgetter(field.name), rows))
        if field.name == "position":
            columns["step"] = [b - a for a, b in pairwise([0, *column])]
            continue
        if field.type == "str":
            column = storable_column(column)
        if len(distinct := list(dict.fromkeys(column))) * 4 <= len(column):
            numbers = {value: number for number, value in enumerate(distinct)}
            columns[field.name] = {"of": distinct, "at": [numbers[value] for value in column]}
        else:
            columns[field.name] = column
    return columns


def _rows(kind: type[Any], columns: dict[str, Any]) -> tuple[Any, ...]:
    """Return the records that `_columns` was given; unknown columns are skipped."""
    plain: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if name == "step":
            plain["position"] = list(accumulate(column))
        else:
            plain[name] = _values(column)
    known = [field.name for field in fields(kind) if field.name in plain]
    values = zip(*(plain[name] for name in known), strict=True)
    return tuple(kind(**dict(zip(known, row, strict=True))) for row in values)


def _values(column: Any) -> list[Any]:
    """Return the values of a column of `_columns`."""
    if isinstance(column, dict):
        return [column["of"][number] for number in column["at"]]
    return list(column)


class ExtractionStore:
    """Reads and writes ``extractions.record``.

    The first record of a page is compressed against its body, which contains most of it; later
    records against the page's first, so that an edit costs only its changes.

    Args:
        connection: of the archive file.
        bodies: the store of bodies.
    """

    def __init__(self, connection: sqlite3.Connection, bodies: BodyStore) -> None:
        self._connection = connection
        self._bodies = bodies
        self._cache: ByteCache[int] = ByteCache(_CACHED_BYTES, _CACHED)

    def encode(
        self,
        article: Article,
        page_id: int | None,
        body: str,
        prepared: PreparedArticle | None = None,
    ) -> tuple[int | None, bytes, bytes]:
        """Return the id of a record's dictionary or None, the record as JSON, and as stored.

        Args:
            article: the record.
            page_id: its page; None for one that has no record yet.
            body: the hash of its raw body.
            prepared: what a worker has computed of this article, or None.
        """
        base: int | None = None
        if page_id is not None:
            (base,) = self._connection.execute(
                "select min(id) from extractions where page_id = ?", [page_id]
            ).fetchone()
        content = dump(article) if prepared is None else prepared.record
        if prepared is not None and base is None and body == prepared.body:
            return base, content, prepared.frame
        return base, content, compress(content, self.dictionary_of(base, body))

    def dictionary_of(self, base: int | None, body: str) -> bytes | None:
        """Return a record's dictionary: another record, the body, or None."""
        if base is not None:
            return self.content(base)
        return self._bodies.recent(body) if body else None

    def get(self, extraction_id: int) -> Article:
        """Return a record."""
        return load(self.content(extraction_id))

    def content(self, extraction_id: int) -> bytes:
        """Return a record as JSON."""
        kept = self._cache.get(extraction_id)
        if kept is not None:
            return kept
        row = self._connection.execute(
            "select base_id, body, record from extractions where id = ?", [extraction_id]
        ).fetchone()
        if row is None:
            raise ArchiveError(
                f"record {extraction_id} is missing", error_class=ErrorClass.DB_CORRUPT
            )
        if row["base_id"] is not None and row["base_id"] >= extraction_id:
            raise ArchiveError(
                f"record {extraction_id} is compressed against a later one",
                error_class=ErrorClass.DB_CORRUPT,
            )
        dictionary = self.dictionary_of(row["base_id"], row["body"])
        content = decompress(row["record"], dictionary)
        self._cache.put(extraction_id, content)
        return content

    def clear_cache(self) -> None:
        """Clear the cache: needed after a transaction was rolled back."""
        self._cache.clear()
