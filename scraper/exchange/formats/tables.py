"""Articles as rows: CSV for a spreadsheet, Parquet for a data frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from scraper.errors import UsageError
from scraper.exchange.formats.selected import Chosen, ChosenArticle

__all__ = ["COLUMNS", "defused", "write_csv", "write_parquet"]

COLUMNS = (
    "id", "url", "title", "authors", "outlet", "credited", "published", "modified", "language",
    "script", "state", "gone_at", "first_seen_at", "updated_at", "version", "versions", "story",
    "names", "excerpt", "text",
)  # fmt: skip
_NUMBERS = frozenset({"id", "version", "versions", "story"})
_TIMES = frozenset({"published", "modified", "gone_at", "first_seen_at", "updated_at"})
# What makes a spreadsheet take a cell for a formula (OWASP, CSV injection).
_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")
# What a spreadsheet may pass over before a formula, besides white space of all kinds.
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_ROWS_AT_ONCE = 500


def _row(article: ChosenArticle) -> dict[str, Any]:
    row = article.row
    return {
        "id": row.id,
        "url": row.url,
        "title": row.title,
        "authors": row.authors,
        "outlet": row.outlet,
        "credited": row.credited,
        "published": article.published,
        "modified": row.modified,
        "language": row.language,
        "script": row.script,
        "state": row.state,
        "gone_at": row.gone_at,
        "first_seen_at": row.first_seen_at,
        "updated_at": row.updated_at,
        "version": row.version,
        "versions": row.version_count,
        "story": article.story,
        "names": "; ".join(name.name for name in article.names),
        "excerpt": row.excerpt,
        "text": row.text,
    }


def write_csv(chosen: Chosen, out: IO[bytes]) -> None:
    """Write a row for each article (RFC 4180), in UTF-8 with a byte order mark for spreadsheets.

    A cell that a spreadsheet would take for a formula begins with an apostrophe instead.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for article in chosen:
        writer.writerow([_cell(value) for value in _row(article).values()])
    text.flush()
    text.detach()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return defused(value) if isinstance(value, str) else value


def defused(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, without NUL."""
    text = text.replace("\0", "")
    bare, before = text, ""
    while bare != before:
        before, bare = bare, bare.lstrip().lstrip(_UNSEEN)
    is_formula = not _FORMULA.isdisjoint((text[:1], bare[:1]))
    return f"'{text}" if is_formula else text


def write_parquet(chosen: Chosen, path: Path) -> None:
    """Write a row for each article as Apache Parquet, some hundreds in memory at a time.

    Raises:
        UsageError: the extra ``parquet`` is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs the extra: pip install 'scraper[parquet]' (or --format csv)"
        ) from None
    schema = pyarrow.schema(
        [
            (
                name,
                pyarrow.int64()
                if name in _NUMBERS
                else pyarrow.timestamp("us", tz="UTC")
                if name in _TIMES
                else pyarrow.string(),
            )
            for name in COLUMNS
        ]
    )
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _batches(chosen):
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))


def _batches(chosen: Chosen) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for article in chosen:
        rows.append({name: _value(value) for name, value in _row(article).items()})
        if len(rows) == _ROWS_AT_ONCE:
            yield rows
            rows = []
    if rows:
        yield rows


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
