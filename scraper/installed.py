"""Installed distributions, told by the names of their folders.

`importlib.metadata` answers everything, and loads the mail parser of the standard library and reads
the metadata of every distribution for it: some 50 ms of a command that reads one page. Folders are
named after what they hold (`name-version.dist-info`, the packaging specification "Recording
installed projects"), so that most questions need their names alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["installed_version", "plugin_entries"]

_METADATA = (".dist-info", ".egg-info")


def plugin_entries(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group that installed distributions declare.

    Args:
        group: such as ``scraper``.
    """
    if not _may_declare(group.encode()):
        return ()
    from importlib.metadata import entry_points

    return tuple(entry_points(group=group))


def installed_version(name: str) -> str:
    """Return the version of an installed distribution.

    Raises:
        importlib.metadata.PackageNotFoundError: it is not installed.
    """
    known = _versions().get(_normalised(name))
    if known is not None:
        return known
    from importlib.metadata import version

    return version(name)


def _may_declare(group: bytes) -> bool:
    """Return whether a distribution may declare entry points of a group."""
    if any(
        finder is not PathFinder and hasattr(finder, "find_distributions")
        for finder in sys.meta_path
    ):
        return True
    for folder in _folders():
        if folder.suffix not in _METADATA and folder.name.lower() != "egg-info":
            return True  # an archive or an egg, which only importlib.metadata reads
        try:
            if b"[" + group + b"]" in (folder / "entry_points.txt").read_bytes():
                return True
        except OSError:
            continue
    return False


@cache
def _versions() -> dict[str, str]:
    """Return versions by normalised name, the first on the path that is found."""
    found: dict[str, str] = {}
    for folder in _folders():
        if folder.suffix == ".dist-info" and folder.stem.count("-") == 1:
            name, version = folder.stem.split("-")
            found.setdefault(_normalised(name), version)
    return found


def _folders() -> Iterator[Path]:
    """Yield the metadata of all distributions on the path, and what may hold such as a whole."""
    for place in map(Path, sys.path):
        try:
            yield from [file for file in place.iterdir() if _is_metadata(file)]
        except FileNotFoundError:
            continue
        except OSError:
            yield place


def _is_metadata(file: Path) -> bool:
    return file.suffix in (*_METADATA, ".egg") or file.name.lower() == "egg-info"


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
