"""The archive: what was fetched, what it said, what changed. The only SQL outside `browse`.

archive.py        `Archive`: all mixins over one base
base.py           the two files, opened together
What a pass writes
  sources.py        sources and the visits to them
  due.py            which sources and pages are due
  attempts.py       an attempt at an article, in one transaction
  new_text.py       whether its text is the same, an edit, a revert, or held back
  page_urls.py      which page an address belongs to
  versions.py       versions and ledger entries
  current.py        the flattened current version, its search terms, its evidence
  topics.py         judgements, names, quantities
  quotes.py         what versions report that somebody said
  runs.py           runs and the state of hosts; hosts.py: locks on hosts between processes
  schedule.py       pure: next check, next visit, reasons to hold a text back
What readers ask
  queries.py        articles, versions, the ledger, attempts
  search.py         one search; search_filters.py: its conditions; search_facets.py: its counts
  searching.py      search as a method; search_index.py: the index
  selection.py      which articles an export takes
  status.py, coverage.py (over source_days.py), survival.py
  reader.py         the archive for reading only, as the Python API offers it
What our own upgrades make again
  reextraction.py, learned_boilerplate.py
What the operator runs
  verification.py (over hash_chain.py), integrity.py, repair.py
  retention.py, backup.py, maintenance.py
  rollover.py       what rests goes into a sealed part (over part_rows.py)
The files
  database.py       one SQLite file: opened, migrated, written in whole transactions
  schema/           its tables, as migrations
  parts.py          sealed parts: found, checked, pages taken back; resealing.py: after a new schema
  bodies.py         raw bodies, each compressed against another
  extractions.py    records, each compressed against its body or another record
  sql_values.py     times and text as SQLite stores them
records.py        the rows that are returned
"""

from scraper.archive.archive import Archive
from scraper.archive.backup import restore_from
from scraper.archive.integrity import finding_for
from scraper.archive.reader import ArchiveReader, open_archive
from scraper.archive.records import (
    ArticleRow,
    ChangeRow,
    EntryText,
    Facets,
    FetchRow,
    PageState,
    SearchHit,
    SearchPage,
    SourceDoubts,
    SourceHealth,
    SourceState,
    SourceVisit,
    StaleVersion,
    Status,
    Version,
    VersionRow,
)
from scraper.archive.retention import PrunedBodies
from scraper.archive.stories import Story, StorySummary
from scraper.archive.verification import Finding, Verification

__all__ = [
    "Archive",
    "ArchiveReader",
    "ArticleRow",
    "ChangeRow",
    "EntryText",
    "Facets",
    "FetchRow",
    "Finding",
    "PageState",
    "PrunedBodies",
    "SearchHit",
    "SearchPage",
    "SourceDoubts",
    "SourceHealth",
    "SourceState",
    "SourceVisit",
    "StaleVersion",
    "Status",
    "Story",
    "StorySummary",
    "Verification",
    "Version",
    "VersionRow",
    "finding_for",
    "open_archive",
    "restore_from",
]
