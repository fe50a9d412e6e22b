"""Copies of a whole archive: written while it is in use, checked, and put in its place again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from scraper.archive.database import DatabaseFile
from scraper.archive.database import require_free_space, sync_folder, translate, partial_path
from scraper.errors import ArchiveError

__all__ = ["backup", "restore_files"]

FILES = ("archive.db", "bodies.db")


def backup(store: DatabaseFile, bodies: DatabaseFile, target: Path, check: Callable[[Path], None]) -> Path:
    """Write a complete copy of an archive into a new folder while it is in use, and check it.

    Args:
        store: of `archive.db`.
        bodies: of `bodies.db`.
        target: the folder; it must not exist.
        check: raises an error if the archive in a folder does not hold.

    Returns:
        The folder: an archive like any other.

    Raises:
        ArchiveError: the copy could not be written, or does not hold what it should; nothing is
            left of it.
    """
    if target.exists():
        raise ArchiveError(f"{target} exists already: name another folder", error_class="not_ours")
    partial = partial_path(target)
    try:
        partial.mkdir(parents=True)
        # In this order every body that the first copy names is in the second: bodies are written
        # before they are named, and removed only when nothing names them.
        for one in (store, bodies):
            one.copy_to(partial / one.path.name)
        _check_pair(*(partial / one.path.name for one in (store, bodies)))
        check(partial)
        partial.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise translate(error, partial / FILES[0]) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _check_pair(archive: Path, bodies: Path) -> None:
    """Look whether each body that one file names is in the other, or was let go."""
    copy = sqlite3.connect(archive)
    try:
        copy.execute("attach ? as kept", [str(bodies)])
        (missing,) = copy.execute(
            "select count(*) from versions where body <> ''"
            " and body not in (select sha256 from kept.bodies)"
        ).fetchone()
    finally:
        copy.close()
    if missing:
        raise ArchiveError(
            f"the copy lacks {missing} raw bodies that versions were made from: look at the archive"
            " with `scraper doctor`",
            error_class="db_corrupt",
        )


def restore_files(stores: Sequence[DatabaseFile], folder: Path, at: datetime) -> Path | None:
    """Put the files of a backup in the place of an archive's.

    They are copied first, and the old ones are moved, with their write-ahead logs, into a folder of
    their own: a log that stayed behind would be played into whatever file takes the old one's name.

    Args:
        stores: of the backup's files, opened.
        folder: of the archive.
        at: now.

    Returns:
        The folder of the old files, or None if there were none.

    Raises:
        ArchiveError: the backup could not be copied; nothing was replaced.
    """
    made = [partial_path(folder / store.path.name) for store in stores]
    try:
        for store, new in zip(stores, made, strict=True):
            require_free_space(new, store.path.stat().st_size)
            store.copy_to(new)
        aside = _put_aside(folder, at)
        for store, new in zip(stores, made, strict=True):
            new.rename(folder / store.path.name)
        sync_folder(folder)
    except OSError as error:
        raise translate(error, folder / FILES[0]) from error
    finally:
        for new in made:
            new.unlink(missing_ok=True)
    return aside


def _put_aside(folder: Path, at: datetime) -> Path | None:
    there = [
        path
        for name in FILES
        for path in (folder / name, folder / f"{name}-wal", folder / f"{name}-shm")
        if path.exists()
    ]
    if not there:
        return None
    aside = folder / f"replaced-{at:%Y%m%dT%H%M%S}"
    aside.mkdir()
    for path in there:
        path.rename(aside / path.name)
    sync_folder(aside)
    return aside
