"""One hash of code and data: it changes whenever the same input may give another result.

Extraction and topics each declare their roots, the files on which their results depend. The files
themselves are hashed rather than a number that somebody has to raise: a forgotten one would make an
upgrade look like a publisher's edit, while a changed comment costs no more than to derive a record
twice. A test holds the roots against what a fresh process loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from scraper.installed import installed_version

__all__ = ["code_files", "code_version"]

_PACKAGE = Path(__file__).resolve().parent
_SUFFIXES = frozenset({".py", ".json", ".tsv", ".toml"})


@cache
def code_files(roots: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the files below declared roots, sorted by their path.

    Args:
        roots: files and folders, relative to the package, such as ``("text", "urls.py")``. Of a
            folder all code and data counts, its subfolders' too.

    Raises:
        ValueError: a root does not exist, so that its changes would go unnoticed.
    """
    files: set[Path] = set()
    for root in roots:
        path = _PACKAGE / root
        below = [path] if path.is_file() else path.rglob("*") if path.is_dir() else []
        found = [file for file in below if file.is_file() and file.suffix in _SUFFIXES]
        if not found:
            raise ValueError(f"the root {root} of a code version does not exist in {_PACKAGE}")
        files.update(found)
    return tuple(sorted(files))


@cache
def code_version(roots: tuple[str, ...], libraries: Sequence[str] = ()) -> str:
    """Return a hash (hexadecimal) of the files below declared roots and of libraries' versions.

    Args:
        roots: as `code_files` takes them.
        libraries: names of installed distributions whose upgrade may change a result.

    Raises:
        ValueError: a root does not exist.
    """
    total = sha256()
    for path in code_files(roots):
        total.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode() + path.read_bytes())
    for name in libraries:
        total.update(f"{name} {installed_version(name)}\0".encode())
    return total.hexdigest()
