"""Sealed parts that an earlier version of this program wrote: copied, migrated, sealed again.

A sealed part is never written, so a new schema goes into a copy beside it. One transaction of the
current file lists the copy in its place; then the old folder is deleted.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from scraper.archive.database import (
    DatabaseFile,
    header,
    partial_path,
    require_free_space,
    sync_folder,
    translate,
)
from scraper.archive.parts import make_readonly, part_link, sha256_of
from scraper.archive.schema import (
    ARCHIVE,
    ARCHIVE_ID,
    BODIES,
    BODIES_ID,
    SEALED_BIT,
    Migrations,
    schema_number,
)

__all__ = ["is_older", "reseal", "seal"]

_FILES: tuple[tuple[str, Migrations, int], ...] = (
    ("archive.db", ARCHIVE, ARCHIVE_ID), ("bodies.db", BODIES, BODIES_ID),
)  # fmt: skip


def is_older(folder: Path) -> bool:
    """Return whether a part has an older schema than that of this program; no for a missing one."""
    try:
        return any(
            header(folder / file).user_version < schema_number(migrations)
            for file, migrations, _ in _FILES
        )
    except (OSError, sqlite3.Error):
        return False


def reseal(store: DatabaseFile, folder: Path) -> None:
    """Bring the sealed parts of an archive up to date.

    Args:
        store: its current `archive.db`, open for writing.
        folder: in which the parts lie.

    Raises:
        ArchiveError: (``db_full``, ``db_corrupt`` …) the parts are as they were.
    """
    listed = "select * from parts order by number"
    if not any(is_older(folder / row["folder"]) for row in store.connection.execute(listed)):
        return
    old: list[Path] = []
    with store.transaction() as connection:
        before = ""
        for row in connection.execute(listed).fetchall():
            values = dict(row)
            if is_older(folder / values["folder"]):
                old.append(folder / values["folder"])
                values["folder"] = f"{values['name']}-schema-{schema_number(ARCHIVE)}"
                _migrate_copy(old[-1], folder / values["folder"])
                for file, key in (("archive.db", "archive"), ("bodies.db", "bodies")):
                    path = folder / values["folder"] / file
                    values[f"{key}_bytes"] = path.stat().st_size
                    values[f"{key}_sha256"] = sha256_of(path)
            values["chain"] = before = part_link(before, values)
            names = ", ".join(f"{name} = :{name}" for name in values)
            connection.execute(f"update parts set {names} where number = :number", values)
    for one in old:
        shutil.rmtree(one)


def _migrate_copy(source: Path, target: Path) -> None:
    """Write a copy of a part with the schema of this program."""
    partial = partial_path(target)
    try:
        require_free_space(target, 2 * sum((source / name).stat().st_size for name, _, _ in _FILES))
        shutil.rmtree(target, ignore_errors=True)
        partial.mkdir()
        for file, migrations, number in _FILES:
            path = partial / file
            shutil.copyfile(source / file, path)
            seal(path, number)
            DatabaseFile(path, migrations, number, create=False).close()
            seal(path, number | SEALED_BIT)
        for left in partial.iterdir():  # the copy that a migration makes first
            if left.name not in ("archive.db", "bodies.db"):
                left.unlink()
        make_readonly(partial)
        sync_folder(partial)
        partial.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise translate(error, partial / "archive.db") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def seal(path: Path, application_id: int) -> None:
    """Mark a copied file as sealed, or as open, without a log beside it, and flush it."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = delete")
        connection.execute(f"pragma application_id = {application_id}")
    finally:
        connection.close()
    with path.open("rb") as file:
        os.fsync(file.fileno())
