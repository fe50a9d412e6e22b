"""Standard input, named ``-``, where a command takes files."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import ScraperError, UsageError

__all__ = ["GivenFiles", "standard_input"]

# How it is named to people.
_NAME = "standard input"


class GivenFiles(list[Path | str]):
    """Files that a command was given, standard input as a temporary one.

    Args:
        files: as they were given.
        copied: the temporary file.
    """

    def __init__(self, files: Sequence[Path | str], copied: Path) -> None:
        super().__init__(copied if str(path) == "-" else path for path in files)
        self._copied = copied

    def told(self, message: str) -> str:
        """Return a message that names standard input, not the file that it was copied to."""
        return message.replace(str(self._copied), _NAME)

    def given(self, path: Path) -> str:
        """Return a file as it was given."""
        return "-" if path == self._copied else str(path)


@contextmanager
def standard_input(files: Sequence[Path | str]) -> Iterator[GivenFiles]:
    """Give the files, with standard input, if it is named, as a temporary file.

    Raises:
        UsageError: it is named twice.
    """
    if [str(path) for path in files].count("-") > 1:
        raise UsageError("standard input can be read only once")
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / _NAME
        if any(str(path) == "-" for path in files):
            with copied.open("wb") as out:
                shutil.copyfileobj(sys.stdin.buffer, out)
        given = GivenFiles(files, copied)
        try:
            yield given
        except ScraperError as error:
            error.message = given.told(error.message)
            raise
