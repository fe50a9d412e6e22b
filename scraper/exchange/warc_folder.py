"""A watched file or folder of captures: what is new in it since the last visit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.warc_worker import captures_in_worker
from scraper.models import Page

__all__ = ["new_captures"]

_SUFFIXES = (".warc", ".warc.gz")


def new_captures(place: Path, state: str) -> tuple[Iterator[tuple[str, Page]], str, int]:
    """Return the captures of the files that are new or changed, what to remember, how many files.

    Args:
        place: a WARC file, or a folder of them (subfolders too).
        state: what the last call gave to be remembered, or "".

    Raises:
        ScraperError: there is no such file or folder. Broken files are told while the captures are
            read, each after what was whole in it and after all other files.
    """
    if place.is_dir():
        files = sorted(p for p in place.rglob("*") if p.name.lower().endswith(_SUFFIXES))
    elif place.is_file():
        files = [place]
    else:
        raise ScraperError(f"{place}: no such file or folder", error_class=ErrorClass.NO_LINKS)
    seen = _read_state(state)
    marks = {str(path): _mark(path) for path in files}
    fresh = [path for path in files if seen.get(_short(str(path))) != marks[str(path)]]
    return _captures(fresh), _write_state(marks), len(fresh)


def _mark(path: Path) -> str:
    told = path.stat()
    return f"{told.st_size}.{told.st_mtime_ns}"


def _short(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:16]


def _write_state(marks: dict[str, str]) -> str:
    return json.dumps({_short(path): mark for path, mark in marks.items()})


def _read_state(state: str) -> dict[str, str]:
    try:
        read = json.loads(state or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _captures(paths: list[Path]) -> Iterator[tuple[str, Page]]:
    broken: list[ScraperError] = []
    for path in paths:
        try:
            for capture in captures_in_worker(path):
                yield capture.record_id, capture.page
        except ScraperError as error:
            broken.append(error)
    if broken:
        raise ScraperError(
            "; ".join(error.message for error in broken), error_class=broken[0].error_class
        )
