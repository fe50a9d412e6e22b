"""A whole archive as JSON Lines: each row of each table, and each raw page.

The first line says what it is and how the ledger ends; the last how many lines there were and their
SHA-256, so that a file that was cut off or altered on its way is known as such.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from scraper.archive import Archive
from scraper.archive.hash_chain import LedgerHead
from scraper.archive.transfer import load_archive
from scraper.errors import ArchiveError, ErrorClass, ExtractError, UsageError
from scraper.exchange.imports import PARSE_SECONDS
from scraper.workers import ParserPool

__all__ = ["SCHEMA", "import_whole", "is_whole_archive", "parse_lines", "write_whole"]

SCHEMA = "scraper/archive/1"
# Bytes of the longest line: a raw page of the largest size in base64, and room for the rest.
_LONGEST = 96 * 1024 * 1024
# Lines that a worker parses at once: bytes, and how many.
_BATCH_BYTES, _BATCH_LINES = 2 * 1024 * 1024, 1000


def write_whole(archive: Archive, out: IO[bytes], tell: Callable[[int], Any]) -> None:
    """Write all that an archive holds."""
    hashed = hashlib.sha256()

    def write(line: object) -> None:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        hashed.update(text)
        out.write(text)

    head = archive.head()
    write(
        {
            "schema": SCHEMA,
            "tables": archive.schema_version,
            "head": {"cursor": head.cursor, "at": head.at, "chain": head.chain},
        }
    )
    count = 0
    for table, row in archive.all_rows():
        count += 1
        write({"table": table, "row": row})
        if count % 1000 == 0:
            tell(count)
    out.write(json.dumps({"rows": count, "sha256": hashed.hexdigest()}).encode() + b"\n")


def is_whole_archive(path: Path) -> bool:
    """Return whether a file begins as `write_whole` begins one."""
    with path.open("rb") as file:
        return f'"schema":"{SCHEMA}"'.encode() in file.read(200)


def import_whole(
    path: Path, folder: Path, tell: Callable[[int], None] = lambda done: None
) -> tuple[int, bool]:
    """Make an archive of an exported one.

    Args:
        path: the file.
        folder: of the new archive.
        tell: is called with how many rows are written.

    Returns:
        How many rows it has, and whether they were imported now: an archive with the same ledger
        was imported before.

    Raises:
        UsageError: the folder holds other things.
        ArchiveError: the file is damaged, cut off or newer than this program; nothing was imported.
    """
    with (
        path.open("rb") as file,
        ParserPool(
            workers=1,
            timeout=PARSE_SECONDS,
            preload=("scraper.exchange.formats.whole_archive",),
        ) as pool,
    ):
        [(_, _, first)] = _parsed(pool, path, [(0, file.readline(_LONGEST))])
        head = _head(path, first)
        if (folder / "archive.db").exists():
            with Archive(folder, create=False) as archive:
                own = archive.head()
            if own.chain == head.chain and own.cursor == head.cursor:
                return 0, False
        file.seek(0)
        return load_archive(folder, _rows(pool, path, file), head, tell), True


def _head(path: Path, first: dict[str, Any]) -> LedgerHead:
    head = first.get("head")
    if first.get("schema") != SCHEMA or not isinstance(head, dict):
        raise UsageError(f"{path}: it is no whole archive of the form {SCHEMA}")
    return LedgerHead(
        cursor=int(head.get("cursor") or 0),
        at=str(head.get("at") or ""),
        chain=str(head.get("chain") or ""),
    )


def _rows(pool: ParserPool, path: Path, file: IO[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a file.

    Raises:
        ArchiveError: a line is damaged, or the file does not end as it should.
    """
    hashed, count, ended = hashlib.sha256(), 0, False
    for batch in _batches(file):
        for offset, line, parsed in _parsed(pool, path, batch):
            if ended:
                raise ArchiveError(
                    f"{path}: it goes on behind its end at byte {offset:,}; nothing was imported",
                    error_class=ErrorClass.DB_CORRUPT,
                )
            if "table" in parsed:
                row = parsed.get("row")
                if not isinstance(row, dict):
                    raise _damaged(path, offset)
                count += 1
                yield str(parsed["table"]), row
            elif "sha256" in parsed:
                if parsed["sha256"] != hashed.hexdigest() or parsed.get("rows") != count:
                    raise ArchiveError(
                        f"{path}: it was altered since it was written; nothing was imported",
                        error_class=ErrorClass.DB_CORRUPT,
                    )
                ended = True
            hashed.update(line)
    if not ended:
        raise ArchiveError(
            f"{path}: it is cut off after {count:,} rows; nothing was imported",
            error_class=ErrorClass.TRUNCATED,
        )


def _batches(file: IO[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Yield lines with their offsets, several at once."""
    batch: list[tuple[int, bytes]] = []
    offset = size = 0
    while line := file.readline(_LONGEST):
        batch.append((offset, line))
        offset, size = offset + len(line), size + len(line)
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_LINES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parsed(
    pool: ParserPool, path: Path, batch: Sequence[tuple[int, bytes]]
) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield lines with their offsets and what stands in them, parsed in a worker.

    Raises:
        ArchiveError: one is damaged, or stops the worker.
    """
    try:
        made = asyncio.run(pool.run(parse_lines, [line for _, line in batch]))
    except ExtractError:
        if len(batch) == 1:
            raise _damaged(path, batch[0][0]) from None
        # One of them stopped the worker: each by itself, so that it can be named.
        for one in batch:
            yield from _parsed(pool, path, [one])
        return
    for (offset, line), parsed in zip(batch, made, strict=True):
        if parsed is None:
            raise _damaged(path, offset)
        yield offset, line, parsed


def parse_lines(lines: Sequence[bytes]) -> list[dict[str, Any] | None]:
    """Return the objects that stand in lines, None for one that is none; runs in a worker.

    Args:
        lines: of a file that may come from anyone.
    """
    return [_object(line) for line in lines]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _damaged(path: Path, offset: int) -> ArchiveError:
    return ArchiveError(
        f"{path}: the line at byte {offset:,} is damaged; nothing was imported",
        error_class=ErrorClass.DB_CORRUPT,
    )
