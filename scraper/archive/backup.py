"""Backups: complete copies, written while the archive is in use, checked, and restored."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from scraper.archive.database import (
    DatabaseFile,
    partial_path,
    require_free_space,
    sync_folder,
    translate,
)
from scraper.archive.integrity import IntegrityMixin
from scraper.archive.older_backups import brought_up_to_date
from scraper.archive.parts import PARTS, altered_files, make_readonly, part_files
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.errors import ArchiveError, ErrorClass

__all__ = ["BackupMixin", "restore_from", "size_of_backup"]

FILES = ("archive.db", "bodies.db")
# Fact of the archive: when its last verified copy was finished.
_LAST_BACKUP = "last backup"


def size_of_backup(folder: Path) -> int:
    """Return how many bytes a backup of an archive may take: those of its files and sealed parts.

    Args:
        folder: of the archive.
    """
    parts = [path for path in (folder / PARTS).glob("*/*") if path.name in FILES]
    return sum(path.stat().st_size for path in (*(folder / name for name in FILES), *parts))


class BackupMixin(IntegrityMixin):
    """Copies of the archive."""

    def backup(self, target: Path, progress: Callable[[str], None] = lambda step: None) -> Path:
        """Write a complete copy of the archive into a new folder while it is in use, and check it.

        Args:
            target: the folder; it must not exist.
            progress: is called with the name of each step.

        Returns:
            The folder: an archive like any other.

        Raises:
            ArchiveError: the copy could not be written, or lacks what the archive has; nothing is
                left of it.
        """
        if target.exists():
            raise ArchiveError(
                f"{target} exists already: name another folder", error_class=ErrorClass.NOT_OURS
            )
        progress("copy")
        partial = partial_path(target)
        try:
            partial.mkdir(parents=True)
            require_free_space(partial / FILES[0], size_of_backup(self.folder))
            # In this order every body that the first copy names is in the second: bodies are
            # written before they are named, and deleted only when nothing names them.
            for one in (self._store, self._bodies_store):
                one.copy_to(partial / one.path.name)
            if self._parts:
                (partial / PARTS).mkdir()
            for part in self._parts:
                _copy_part(part.archive.folder, partial / PARTS / part.row["folder"])
            archive, bodies = (partial / name for name in FILES)
            _check_pair(
                archive,
                bodies,
                [partial / PARTS / part.row["folder"] / FILES[1] for part in self._parts],
            )
            self._check_copy(partial, progress)
            partial.rename(target)
            sync_folder(target.parent)
        except OSError as error:
            raise translate(error, partial / FILES[0]) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        if not self.readonly:
            with self._writing() as connection:
                connection.execute(
                    "insert or replace into facts (key, value) values (?, ?)",
                    [_LAST_BACKUP, utc_text(datetime.now(UTC))],
                )
        return target

    def last_backup_at(self) -> datetime | None:
        """Return when the last verified copy of the archive was finished, or None."""
        with self._reading() as connection:
            row = connection.execute(
                "select value from facts where key = ?", [_LAST_BACKUP]
            ).fetchone()
        return from_utc_text(row["value"]) if row else None

    def _check_copy(self, folder: Path, progress: Callable[[str], None]) -> None:
        with IntegrityMixin(folder, readonly=True) as copy:
            wrong = {f.what for f in copy.doctor(progress, least_free=0) if f.level == "error"}
        if wrong:
            # What is wrong in the archive as well is no fault of the copy.
            wrong -= {f.what for f in self.doctor(progress, least_free=0)}
        if wrong:
            raise ArchiveError(
                f"the copy is not sound: {min(wrong)}; try again", error_class=ErrorClass.DB_CORRUPT
            )


def restore_from(source: Path, folder: Path, at: datetime) -> Path | None:
    """Put a backup in the place of an archive, which no program may have open.

    A backup of an older schema stays as it is: a copy of it is brought up to date and taken. The
    backup's files are copied first, and the old ones are moved, with their write-ahead logs, into a
    folder of their own: a log that stayed behind would be applied to whatever file takes the old
    one's name.

    Args:
        source: folder of the backup.
        folder: of the archive.
        at: now.

    Returns:
        The folder to which the files that were there before were moved, or None.

    Raises:
        ArchiveError: the backup is not sound, or cannot be copied; nothing was replaced.
    """
    with (
        brought_up_to_date(source, folder) as found,
        IntegrityMixin(found, readonly=True) as backup,
    ):
        wrong = [finding for finding in backup.doctor(least_free=0) if finding.level == "error"]
        if wrong:
            raise ArchiveError(
                f"{source} is not sound: {wrong[0].what}", error_class=ErrorClass.DB_CORRUPT
            )
        missing = [
            part
            for part in backup._parts
            if any(altered_files(folder / PARTS / part.row["folder"], part.row, whole=True))
        ]
        made = [(part.archive.folder, part_files(folder) / part.row["folder"]) for part in missing]
        stay = {part.row["folder"] for part in backup._parts if part not in missing}
        return _restore_files((backup._store, backup._bodies_store), made, stay, folder, at)


def _restore_files(
    stores: Sequence[DatabaseFile],
    parts: Sequence[tuple[Path, Path]],
    stay: Collection[str],
    folder: Path,
    at: datetime,
) -> Path | None:
    made = [partial_path(folder / store.path.name) for store in stores]
    try:
        for source, target in parts:
            target.parent.mkdir(exist_ok=True)
            _copy_part(source, partial_path(target))
        for store, new in zip(stores, made, strict=True):
            require_free_space(new, store.path.stat().st_size)
            store.copy_to(new)
        aside = _put_aside(folder, stay, at)
        for _, target in parts:
            partial_path(target).rename(target)
            sync_folder(target.parent)
        for store, new in zip(stores, made, strict=True):
            new.rename(folder / store.path.name)
        sync_folder(folder)
    except OSError as error:
        raise translate(error, folder / FILES[0]) from error
    finally:
        for new in made:
            new.unlink(missing_ok=True)
        for _, target in parts:
            shutil.rmtree(partial_path(target), ignore_errors=True)
    return aside


def _copy_part(source: Path, target: Path) -> None:
    """Copy the files of a sealed part into a new folder, and flush them."""
    size = sum((source / name).stat().st_size for name in FILES)
    require_free_space(target, size)
    target.mkdir()
    for name in FILES:
        shutil.copyfile(source / name, target / name)
        with (target / name).open("rb") as file:
            os.fsync(file.fileno())
    make_readonly(target)
    sync_folder(target)


def _put_aside(folder: Path, stay: Collection[str], at: datetime) -> Path | None:
    """Move the files of an archive into a folder of their own, but for parts that stay."""
    parts = [
        path
        for path in (folder / PARTS).glob("*")
        if path.name not in stay and not path.name.startswith(".")
    ]
    there = [
        path
        for name in FILES
        for path in (folder / name, folder / f"{name}-wal", folder / f"{name}-shm")
        if path.exists()
    ]
    if not there and not parts:
        return None
    aside = folder / f"replaced-{at:%Y%m%dT%H%M%S}"
    aside.mkdir()
    for path in there:
        path.rename(aside / path.name)
    if parts:
        (aside / PARTS).mkdir()
    for path in parts:
        path.rename(aside / PARTS / path.name)
    sync_folder(aside)
    return aside


def _check_pair(archive: Path, bodies: Path, earlier: Sequence[Path]) -> None:
    """Check that each body that a version was made from is in the copy, or in a sealed part."""
    copy = sqlite3.connect(archive.resolve().as_uri(), uri=True)
    try:
        missing = {row[0] for row in copy.execute("select body from versions where body <> ''")}
        for path in (bodies, *earlier):
            copy.execute("attach ? as kept", [f"{path.resolve().as_uri()}?mode=ro&immutable=1"])
            missing -= {row[0] for row in copy.execute("select sha256 from kept.bodies")}
            copy.execute("detach kept")
    finally:
        copy.close()
    if missing:
        raise ArchiveError(
            f"the copy lacks {len(missing)} raw bodies that versions were made from: look at"
            f" the archive"
            " with `scraper doctor`",
            error_class=ErrorClass.DB_CORRUPT,
        )
