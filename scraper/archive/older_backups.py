"""Backups that an earlier version of this program made, as this version reads them.

A backup is never written: its disk may be read-only, and the earlier version may need it as it is.
So a copy of it is brought up to date, and taken in its place.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.archive.base import ArchiveBase
from scraper.archive.database import header, partial_path, require_free_space, translate
from scraper.archive.parts import PARTS
from scraper.archive.schema import ARCHIVE, BODIES, schema_number

__all__ = ["brought_up_to_date"]

_FILES = {"archive.db": ARCHIVE, "bodies.db": BODIES}
# The copy, what the migration keeps of it, and its work.
_ROOM = 3


@contextmanager
def brought_up_to_date(backup: Path, beside: Path) -> Iterator[Path]:
    """Give a backup, or a copy of it with today's schema where it has an older one.

    Args:
        backup: its folder.
        beside: the folder in which the copy lies until the end.

    Raises:
        ArchiveError: the copy could not be made or brought up to date; nothing is left of it.
    """
    if not _is_older(backup):
        yield backup
        return
    copy = partial_path(beside / "older-backup")
    try:
        size = sum(path.stat().st_size for path in _files(backup))
        require_free_space(copy, _ROOM * size)
        for path in _files(backup):
            target = copy / path.relative_to(backup)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        with ArchiveBase(copy, create=False):
            pass
        yield copy
    except OSError as error:
        raise translate(error, copy / "archive.db") from error
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _is_older(backup: Path) -> bool:
    """Return whether a file of a backup has an older schema; no where that cannot be read."""
    for name, migrations in _FILES.items():
        try:
            found = header(backup / name)
        except OSError:
            return False  # whoever opens it says what is wrong
        if found.sqlite and found.user_version < schema_number(migrations):
            return True
    return False


def _files(backup: Path) -> list[Path]:
    """Return the files of a backup and of its sealed parts, with their write-ahead logs."""
    names = [name + end for name in _FILES for end in ("", "-wal")]
    folders = [backup, *sorted(path for path in (backup / PARTS).glob("*") if path.is_dir())]
    return [folder / name for folder in folders for name in names if (folder / name).exists()]
