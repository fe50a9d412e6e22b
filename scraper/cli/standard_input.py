"""Standard input, named ``-``, where a command takes files."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import UsageError

__all__ = ["standard_input"]


@contextmanager
def standard_input(files: Sequence[Path | str]) -> Iterator[list[Path | str]]:
    """Give the files, with standard input, if it is named, as a temporary file.

    Raises:
        UsageError: it is named twice.
    """
    if [str(path) for path in files].count("-") > 1:
        raise UsageError("standard input can be read only once")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "stdin"
        if any(str(path) == "-" for path in files):
            with given.open("wb") as out:
                shutil.copyfileobj(sys.stdin.buffer, out)
        yield [given if str(path) == "-" else path for path in files]
