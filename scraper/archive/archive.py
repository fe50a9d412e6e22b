"""The archive: one object over the two files, one transaction for each thing that happens."""

from __future__ import annotations

from scraper.archive.queries import QueryMixin
from scraper.archive.attempts import IngestMixin
from scraper.archive.reextraction import ReextractMixin
from scraper.archive.maintenance import MaintenanceMixin

__all__ = ["Archive"]


class Archive(IngestMixin, QueryMixin, ReextractMixin, MaintenanceMixin):
    """An archive folder: `archive.db`, which Datasette shows, and `bodies.db` beside it.

    It has four sides, a module each: `IngestMixin` takes in what a pass brings, `QueryMixin` answers,
    `ReextractMixin` brings archived records up to date, `MaintenanceMixin` keeps the files sound. `topics` has what
    articles are about.

    To be used from the thread that made it. Several processes may hold one archive: writers take
    turns, readers never wait.

    Args:
        folder: where the files lie.
        create: whether to make them where there are none.
        readonly: whether every write is refused.

    Raises:
        NotFound: there is no archive and none may be made.
        ArchiveError: (``not_ours``, ``newer_schema``, ``db_busy``, ``db_full``, ``db_corrupt``) it
            cannot be used; nothing was touched.
    """
