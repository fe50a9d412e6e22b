"""The archive: what was fetched, what it said, what changed. The only SQL outside `browse`."""

from scraper.archive.doctor import Finding, diagnose
from scraper.archive.records import (
    ArticleRow,
    ChangeRow,
    Comparison,
    Edits,
    FetchRow,
    PageState,
    SearchHit,
    SourceHealth,
    SourceState,
    StaleVersion,
    Status,
    Version,
    VersionRow,
    Visited,
)
from scraper.archive.retention import Thinned
from scraper.archive.store import Archive
from scraper.archive.upkeep import restore_from

__all__ = [
    "Archive",
    "ArticleRow",
    "ChangeRow",
    "Comparison",
    "Edits",
    "FetchRow",
    "Finding",
    "PageState",
    "SearchHit",
    "SourceHealth",
    "SourceState",
    "StaleVersion",
    "Status",
    "Thinned",
    "Version",
    "VersionRow",
    "Visited",
    "diagnose",
    "restore_from",
]
