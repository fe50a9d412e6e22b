"""`Archive`: one object over the two files, one transaction for each thing that happens."""

from __future__ import annotations

from pathlib import Path

from scraper.archive.attempts import AttemptsMixin
from scraper.archive.backup import BackupMixin
from scraper.archive.coverage import CoverageMixin
from scraper.archive.digest import DigestMixin
from scraper.archive.drift import DriftMixin
from scraper.archive.due import DueMixin
from scraper.archive.hubs import HubMixin
from scraper.archive.integrity import IntegrityMixin
from scraper.archive.learned_boilerplate import LearnedBoilerplateMixin
from scraper.archive.maintenance import MaintenanceMixin
from scraper.archive.merged_shards import MergedShardsMixin
from scraper.archive.metrics import MetricsMixin
from scraper.archive.queries import QueryMixin
from scraper.archive.reextraction import ReextractMixin
from scraper.archive.repair import RepairMixin
from scraper.archive.retention import RetentionMixin
from scraper.archive.rollover import RolloverMixin
from scraper.archive.runs import RunsMixin
from scraper.archive.searching import SearchMixin
from scraper.archive.selection import SelectionMixin
from scraper.archive.sources import SourcesMixin
from scraper.archive.status import StatusMixin
from scraper.archive.survival import SurvivalMixin
from scraper.archive.transfer import TransferMixin
from scraper.archive.verification import VerifyMixin

__all__ = ["Archive"]


class Archive(
    # What the operator runs
    BackupMixin,
    IntegrityMixin,
    VerifyMixin,
    RepairMixin,
    MaintenanceMixin,
    RolloverMixin,
    RetentionMixin,
    TransferMixin,
    # What our own upgrades make again
    ReextractMixin,
    LearnedBoilerplateMixin,
    # What a pass writes
    SourcesMixin,
    DueMixin,
    HubMixin,
    AttemptsMixin,
    MergedShardsMixin,
    RunsMixin,
    # What readers ask
    SelectionMixin,
    QueryMixin,
    SearchMixin,
    StatusMixin,
    CoverageMixin,
    DriftMixin,
    MetricsMixin,
    DigestMixin,
    SurvivalMixin,
):
    """An archive folder: `archive.db`, which Datasette shows, and `bodies.db` beside it.

    Each mixin stands in the file whose tables it reads and writes; `topics` holds what articles are
    about, `quotes` what they report that somebody said.

    An archive is used from the thread that opened it. Several processes may open the same archive:
    writers take turns, readers never wait.

    Args:
        folder: where the files are.
        create: whether to create them if they do not exist.
        readonly: whether every write is refused. An archive that this user may not write is opened
            for reading only in any case, and the first write raises ``db_denied``.
        later: of a sealed part: the file that goes on with it, and its number there.

    Raises:
        NotFound: there is no archive, and `create` is false.
        ArchiveError: (``not_ours``, ``newer_schema``, ``db_busy``, ``db_full``, ``db_corrupt``) the
            archive cannot be used; nothing was changed.
    """

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
        later: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(folder, create=create, readonly=readonly, later=later)
        if not self.readonly:
            try:
                self._refresh_index()
            except BaseException:
                self.close()
                raise
