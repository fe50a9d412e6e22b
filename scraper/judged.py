"""The archive with this project's judgement of what an edit is: what the public name stands for."""

from __future__ import annotations

from pathlib import Path

from scraper import archive
from scraper.archive import Edits
from scraper.judge import edits as our_edits

__all__ = ["Archive"]


class Archive(archive.Archive):
    """An archive folder, with this project's judgement of what an edit is.

    See `scraper.archive.Archive` for arguments, methods and errors.
    """

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
        edits: Edits = our_edits,
    ) -> None:
        super().__init__(folder, create=create, readonly=readonly, edits=edits)
