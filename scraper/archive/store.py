"""The archive: one object over the two files, one transaction for each thing that happens."""

from __future__ import annotations

from scraper.archive.enquiry import Enquiry
from scraper.archive.intake import Intake
from scraper.archive.renewal import Renewal
from scraper.archive.upkeep import Upkeep

__all__ = ["Archive"]


class Archive(Intake, Enquiry, Renewal, Upkeep):
    """An archive folder: `archive.db`, which Datasette shows, and `bodies.db` beside it.

    It has four sides, a module each: `Intake` takes in what a pass brings, `Enquiry` answers,
    `Renewal` brings archived records up to date, `Upkeep` keeps the files sound. `topics` has what
    articles are about.

    To be used from the thread that made it. Several processes may hold one archive: writers take
    turns, readers never wait.

    Args:
        folder: where the files lie.
        create: whether to make them where there are none.
        readonly: whether every write is refused.
        edits: what counts as an edit, needed by `record`: the module `scraper.judge.edits`.

    Raises:
        NotFound: there is no archive and none may be made.
        ArchiveError: (``not_ours``, ``newer_schema``, ``db_busy``, ``db_full``, ``db_corrupt``) it
            cannot be used; nothing was touched.
    """
