"""The archive: what was fetched, what it said, what changed. The only SQL outside `browse`.

store.py          `Archive`: all of its sides
opening.py        its two files, opened together
intake.py         what comes in
  due.py            what is due, what a refetch has to know
  watching.py       a visit to a source
  recording.py      an attempt at an article
  accepting.py      what its text is to its page: the same, an edit, one to hold back
  pages.py          which page an address belongs to
  articles.py       versions and the ledger
  shown.py          what an article shows: its row, its words in the index, its evidence
  fetches.py, runs.py, topics.py, learning.py
  decisions.py      when to look again, what to hold back: pure functions
  pace.py           how often a source is visited by what it brings: pure functions
enquiry.py        what is asked
  reading.py        articles, versions, changes, attempts
  search.py, health.py, survival.py, coverage.py
renewal.py        what our own upgrades make anew
  stale.py          which records an older extractor made
upkeep.py         what keeps the files sound
  doctor.py         everything that must hold
  vouching.py       what was altered or lost since it was archived
  findings.py       what they find, and what mends it
  mending.py, backup.py, retention.py, holding.py
connection.py     one file: opened, migrated, written in whole transactions
  schema/           its tables, as migrations
  bodies.py         raw pages, each written against another
  extractions.py    records, each written against its page or another record
  sealing.py        the hash chain
  packing.py, files.py, values.py
records.py        what is handed out
"""

from scraper.archive.integrity import Finding, finding_for
from scraper.archive.records import ArticleRow, ChangeRow, EntryText, FetchRow, PageState, SearchHit, SourceHealth, SourceState, StaleVersion, Status, Version, VersionRow, SourceVisit
from scraper.archive.retention import PrunedBodies
from scraper.archive.archive import Archive
from scraper.archive.maintenance import restore_from

__all__ = [
    "Archive",
    "ArticleRow",
    "ChangeRow",
    "EntryText",
    "FetchRow",
    "Finding",
    "PageState",
    "SearchHit",
    "SourceHealth",
    "SourceState",
    "StaleVersion",
    "Status",
    "PrunedBodies",
    "Version",
    "VersionRow",
    "SourceVisit",
    "finding_for",
    "restore_from",
]
