"""WACZ: WARC files in a ZIP file, as Browsertrix and ArchiveWeb.page write them.

Each WARC file is unpacked to a temporary file, one at a time, since records are read twice. Of one
that is cut off the files in front of the damage are read.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.imports import Captures, Found
from scraper.exchange.imports.zip_worker import Damage, unpacked_in_worker
from scraper.exchange.warc_worker import captures_in_worker, reading_pool

__all__ = ["read_wacz"]


def read_wacz(found: Found) -> Captures:
    """Yield the captures of all WARC files in a WACZ; damage is named after all that was whole.

    Raises:
        ScraperError: it is no ZIP file, holds no capture, or is damaged.
    """
    damage = Damage()
    seen = 0
    # One process unpacks a file, then reads it: thousands of small ones need no more.
    with tempfile.TemporaryDirectory() as folder, reading_pool() as pool:
        for member, path in unpacked_in_worker(pool, found.path, Path(folder), damage):
            seen += 1
            if damage.count and not path.stat().st_size:
                continue
            try:
                for capture in captures_in_worker(path, pool):
                    at = min(capture.offset, member.packed)
                    yield capture.record_id, capture.page, member.offset + at
            except ScraperError as error:
                said = error.message.removeprefix(f"{path}: ").removeprefix(f"{path} ")
                damage.add(f"{member.name}: {said}")
    if damage.count:
        raise ScraperError(f"{found.path}: {damage}", error_class=ErrorClass.TRUNCATED)
    if not seen:
        raise ScraperError(f"{found.path}: there is no WARC file in it")
