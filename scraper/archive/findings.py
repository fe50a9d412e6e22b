"""What examinations of an archive find, and the command that mends it."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.errors import ArchiveError

__all__ = ["MEND", "MEND_FROM", "RESTORE", "Finding", "diagnose"]

MEND = "scraper mend"
MEND_FROM = "scraper mend --from BACKUP"
RESTORE = "scraper restore BACKUP"

# What to do about an archive that cannot even be opened, by the class of the error.
_REMEDIES = {
    "db_corrupt": RESTORE,
    "not_ours": "scraper --archive FOLDER doctor",
    "newer_schema": "pip install --upgrade scraper",
    "older_schema": "scraper status",
    "db_full": "free some space on its disk, then: scraper doctor",
    "db_io": "look at the disk (dmesg, smartctl), then: scraper doctor",
    "db_busy": "wait for the program that holds it, then: scraper doctor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        level: ``error`` (something is lost or wrong), ``warning`` or ``note``.
        what: what was found, in one sentence.
        remedy: the command that mends it, or what has to be done first.
    """

    level: str
    what: str
    remedy: str = ""


def diagnose(error: ArchiveError) -> Finding:
    """Return the finding for an archive that could not be opened or read to the end."""
    return Finding(
        level="error", what=error.message, remedy=_REMEDIES.get(error.error_class, RESTORE)
    )
