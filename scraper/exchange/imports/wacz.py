"""WACZ: WARC files in a ZIP file, as Browsertrix and ArchiveWeb.page write them.

Each WARC file is unpacked to a temporary file, one at a time, since records are read twice.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.imports import Captures, Found
from scraper.exchange.warc import read_captures

__all__ = ["read_wacz"]

_SUFFIXES = (".warc", ".warc.gz")
_MOST_ENTRIES = 10_000
# Bytes of one packed WARC file: crawlers begin a new one after one gigabyte.
_MOST_BYTES = 16 * 1024**3


def read_wacz(found: Found) -> Captures:
    """Yield the captures of all WARC files in a WACZ; a damaged one is named after the others.

    Raises:
        ScraperError: it is no ZIP file, or holds no capture.
    """
    broken: list[str] = []
    try:
        packed = zipfile.ZipFile(found.path)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise ScraperError(f"{found.path} is no WACZ file: {error}") from None
    with packed, tempfile.TemporaryDirectory() as folder:
        entries = [
            entry
            for entry in packed.infolist()[:_MOST_ENTRIES]
            if entry.filename.lower().endswith(_SUFFIXES)
        ]
        if not entries:
            raise ScraperError(f"{found.path}: there is no WARC file in it")
        for number, entry in enumerate(entries):
            # Records without an identity are named after their file.
            path = Path(folder) / f"{found.path.stem}-{number}.warc"
            try:
                if entry.file_size > _MOST_BYTES:
                    raise ScraperError(f"{entry.filename} has more than {_MOST_BYTES >> 30} GB")
                with packed.open(entry) as source, path.open("wb") as target:
                    shutil.copyfileobj(source, target, 1024 * 1024)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
                    ScraperError) as error:  # fmt: skip
                # What was unpacked before the damage is read.
                broken.append(f"{entry.filename} at byte {entry.header_offset}: {error}")
            try:
                for capture in read_captures(path):
                    yield (
                        capture.record_id,
                        capture.page,
                        min(entry.header_offset + capture.offset, entry.header_offset
                            + entry.compress_size),
                    )  # fmt: skip
            except ScraperError as error:
                broken.append(f"{entry.filename}: {error.message}")
            path.unlink(missing_ok=True)
    if broken:
        raise ScraperError(
            f"{found.path}: {'; '.join(broken[:5])}"
            + (f"; {len(broken) - 5} more" if len(broken) > 5 else ""),
            error_class=ErrorClass.TRUNCATED,
        )
