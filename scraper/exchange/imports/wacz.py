"""WACZ: WARC files in a ZIP file, as Browsertrix and ArchiveWeb.page write them.

Each WARC file is unpacked to a temporary file, one at a time, since records are read twice. Of one
that is cut off the files in front of the damage are read.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.imports import Captures, Found
from scraper.exchange.imports.cut_zip import is_cut_zip, local_files
from scraper.exchange.warc_worker import captures_in_worker
from scraper.record import record

__all__ = ["read_wacz"]

_SUFFIXES = (".warc", ".warc.gz")
_MOST_ENTRIES = 10_000
# Bytes of one packed WARC file: crawlers begin a new one after one gigabyte.
_MOST_BYTES = 16 * 1024**3
_BLOCK = 1024 * 1024
_MOST_NAMED = 5


def read_wacz(found: Found) -> Captures:
    """Yield the captures of all WARC files in a WACZ; damage is named after all that was whole.

    Raises:
        ScraperError: it is no ZIP file, holds no capture, or is damaged.
    """
    broken: list[str] = []
    seen = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (entry, content) in enumerate(_warc_files(found.path, broken)):
            seen += 1
            path = Path(folder) / f"{found.path.stem}-{number}.warc"
            try:
                _unpack(entry, content, path)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
                    ScraperError) as error:  # fmt: skip
                # What was unpacked before the damage is read.
                broken.append(f"{entry.name} at byte {entry.offset}: {error}")
            try:
                for capture in captures_in_worker(path):
                    at = min(capture.offset, entry.packed)
                    yield capture.record_id, capture.page, entry.offset + at
            except ScraperError as error:
                broken.append(f"{entry.name}: {error.message.removeprefix(f'{path}: ')}")
            path.unlink(missing_ok=True)
    if broken:
        raise ScraperError(
            f"{found.path}: {'; '.join(broken[:_MOST_NAMED])}"
            + (f"; {len(broken) - _MOST_NAMED} more" if len(broken) > _MOST_NAMED else ""),
            error_class=ErrorClass.TRUNCATED,
        )
    if not seen:
        raise ScraperError(f"{found.path}: there is no WARC file in it")


@record
class _Entry:
    """A WARC file in the ZIP: its name, where it begins, and bytes that it takes there."""

    name: str
    offset: int
    packed: int


def _warc_files(path: Path, broken: list[str]) -> Iterator[tuple[_Entry, Iterator[bytes]]]:
    """Yield the WARC files of a ZIP with their unpacked bytes; note what is wrong with the ZIP."""
    try:
        packed = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError) as error:
        with path.open("rb") as file:
            if not is_cut_zip(file):
                raise ScraperError(f"{path} is no WACZ file: {error}") from None
            yield from _without_directory(file, broken)
        return
    except OSError as error:
        raise ScraperError(f"{path} is no WACZ file: {error}") from None
    with packed:
        for entry in packed.infolist()[:_MOST_ENTRIES]:
            if entry.filename.lower().endswith(_SUFFIXES):
                place = _Entry(
                    name=entry.filename, offset=entry.header_offset, packed=entry.compress_size
                )
                yield place, _opened(packed, entry)


def _opened(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(entry) as source:
        while data := source.read(_BLOCK):
            yield data


def _without_directory(
    file: BinaryIO, broken: list[str]
) -> Iterator[tuple[_Entry, Iterator[bytes]]]:
    """Yield the WARC files of a ZIP that is cut off, by their own headers."""
    size = file.seek(0, 2)
    try:
        for entry in islice(local_files(file), _MOST_ENTRIES):
            if entry.name.lower().endswith(_SUFFIXES):
                place = _Entry(name=entry.name, offset=entry.offset, packed=size - entry.offset)
                yield place, entry.content
            try:
                # The next file begins where this one ends.
                deque(entry.content, maxlen=0)
            except zipfile.BadZipFile as error:
                if not entry.name.lower().endswith(_SUFFIXES):
                    broken.append(f"{entry.name} at byte {entry.offset}: {error}")
        broken.append("its central directory is damaged; all files before it were read")
    except zipfile.BadZipFile as error:
        broken.append(f"{error}; its central directory is missing; what is before was read")


def _unpack(entry: _Entry, content: Iterator[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as target:
        for data in content:
            size += len(data)
            if size > _MOST_BYTES:
                raise ScraperError(f"{entry.name} has more than {_MOST_BYTES >> 30} GB")
            target.write(data)
