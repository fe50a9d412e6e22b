"""Finds the database of a Datasette that is an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from scraper.archive.database import header
from scraper.archive.schema import ARCHIVE_ID, SEALED_BIT
from scraper.record import record

__all__ = ["ArchiveDatabase", "BundleMaker", "archive_of", "bundle_maker", "offer_bundles"]


@record
class ArchiveDatabase:
    """An archive that a Datasette serves.

    Attributes:
        database: its name in Datasette, the first part of its pages' paths.
        folder: the archive's folder.
    """

    database: str
    folder: Path


# Returns name and content of a version's bundle: folder of the archive, number of the article, and
# of the version or 0. A function of a module, since it runs in another process.
BundleMaker = Callable[[Path, int, int], tuple[str, bytes]]
_MAKERS: WeakKeyDictionary[Any, BundleMaker] = WeakKeyDictionary()


def offer_bundles(datasette: Any, make: BundleMaker) -> None:
    """Let a Datasette offer bundles."""
    _MAKERS[datasette] = make


def bundle_maker(datasette: Any) -> BundleMaker | None:
    """Return what makes the bundles of a Datasette, or None."""
    return _MAKERS.get(datasette)


_FOUND: WeakKeyDictionary[Any, ArchiveDatabase | None] = WeakKeyDictionary()


def archive_of(datasette: Any) -> ArchiveDatabase | None:
    """Return the archive that a Datasette serves, or None where it serves none."""
    if datasette not in _FOUND:
        found = (
            ArchiveDatabase(database=name, folder=Path(database.path).parent)
            for name, database in datasette.databases.items()
            if database.path and _is_archive(Path(database.path))
        )
        _FOUND[datasette] = next(found, None)
    return _FOUND[datasette]


def _is_archive(path: Path) -> bool:
    try:
        return header(path).application_id & ~SEALED_BIT == ARCHIVE_ID
    except (OSError, sqlite3.Error):
        return False
