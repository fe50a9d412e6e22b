"""A whole archive as JSON Lines: each row of each table, and each raw page.

The first line says what it is and how the ledger ends; the last how many lines there were and their
SHA-256, so that a file that was cut off or altered on its way is known as such.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from scraper.archive import Archive
from scraper.archive.hash_chain import LedgerHead
from scraper.archive.transfer import load_archive
from scraper.errors import ArchiveError, ErrorClass, UsageError

__all__ = ["SCHEMA", "import_whole", "is_whole_archive", "write_whole"]

SCHEMA = "scraper/archive/1"
# Bytes of the longest line: a raw page of the largest size in base64, and room for the rest.
_LONGEST = 96 * 1024 * 1024


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
    with path.open("rb") as file:
        first = _parsed(path, file.readline(_LONGEST))
        head = _head(path, first)
        if (folder / "archive.db").exists():
            with Archive(folder, create=False) as archive:
                own = archive.head()
            if own.chain == head.chain and own.cursor == head.cursor:
                return 0, False
        file.seek(0)
        return load_archive(folder, _rows(path, file), head, tell), True


def _head(path: Path, first: dict[str, Any]) -> LedgerHead:
    head = first.get("head")
    if first.get("schema") != SCHEMA or not isinstance(head, dict):
        raise UsageError(f"{path}: it is no whole archive of the form {SCHEMA}")
    return LedgerHead(
        cursor=int(head.get("cursor") or 0),
        at=str(head.get("at") or ""),
        chain=str(head.get("chain") or ""),
    )


def _rows(path: Path, file: IO[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a file.

    Raises:
        ArchiveError: a line is damaged, or the file does not end as it should.
    """
    hashed, count, offset = hashlib.sha256(), 0, 0
    while line := file.readline(_LONGEST):
        parsed = _parsed(path, line, offset)
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
            return
        hashed.update(line)
        offset += len(line)
    raise ArchiveError(
        f"{path}: it is cut off after {count:,} rows; nothing was imported",
        error_class=ErrorClass.TRUNCATED,
    )


def _parsed(path: Path, line: bytes, offset: int = 0) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        raise _damaged(path, offset) from None
    if not isinstance(parsed, dict):
        raise _damaged(path, offset)
    return parsed


def _damaged(path: Path, offset: int) -> ArchiveError:
    return ArchiveError(
        f"{path}: the line at byte {offset:,} is damaged; nothing was imported",
        error_class=ErrorClass.DB_CORRUPT,
    )
