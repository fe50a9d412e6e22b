"""What lies in the two database files, and how older files come to it.

Each migration is a file of SQL beside this one, run in the order of the functions below. They are
append-only: a migration that was released is never edited. Times are UTC in ISO 8601
(``2026-11-23T00:40:12Z``), ids are integers, JSON is text. History lies complete in `extractions`;
what is browsed and searched (`articles`, `candidates`, `removed_blocks`) is the current version,
flattened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib.resources import files
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias, cast

from scraper.archive.hash_chain import seal_earlier_rows, seal_ledger
from scraper.archive.source_days import count_earlier_visits

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = [
    "ARCHIVE",
    "ARCHIVE_ID",
    "BODIES",
    "BODIES_ID",
    "SEALED_BIT",
    "Migrations",
    "schema_number",
    "statements",
]

# PRAGMA application_id: tells our files from any other SQLite file ("SCRA", "SCRB").
ARCHIVE_ID = 0x53435241
BODIES_ID = 0x53435242
# Set in the application_id of the files of a sealed part ("SCRa", "SCRb").
SEALED_BIT = 0x20

Migration: TypeAlias = "Callable[[Database], None]"


class Migrations:
    """The migrations of one file, which sqlite-utils applies.

    That library is loaded where a file is made or brought up to date: it takes as long to load as
    a command that only reads takes for all else.

    Args:
        name: under which the file notes what was applied.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._migrations: list[Migration] = []

    def __call__(self) -> Callable[[Migration], Migration]:
        """Return a decorator that adds a function as the last migration."""

        def add(function: Migration) -> Migration:
            self._migrations.append(function)
            return function

        return add

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._migrations)

    def apply(self, database: Database) -> None:
        """Apply those that a file has not seen, in their order."""
        from sqlite_utils import Migrations as Applied

        applied = Applied(self.name)
        for function in self._migrations:
            applied()(function)
        applied.apply(database)

    def make(self, connection: sqlite3.Connection) -> None:
        """Apply all of them to an empty database, of which nobody will ask what was applied.

        They use nothing of sqlite-utils but the connection, and a check of the archive need not
        load it. The table in which it notes them is made here, with its index, of which that
        check asks.
        """
        connection.execute(
            "create table _sqlite_migrations"
            " (id integer primary key, migration_set text, name text, applied_at text)"
        )
        connection.execute(
            "create unique index idx__sqlite_migrations_migration_set_name"
            " on _sqlite_migrations (migration_set, name)"
        )
        for function in self._migrations:
            function(cast("Database", SimpleNamespace(conn=connection)))


ARCHIVE = Migrations("scraper.archive")
BODIES = Migrations("scraper.bodies")


def schema_number(migrations: Migrations) -> int:
    """Number of the newest schema that this program knows: the file's ``user_version``."""
    return migrations.number


def statements(script: str) -> Iterator[str]:
    """Split SQL into single statements.

    `sqlite3.executescript` commits what is open, so a migration that failed would leave a part.
    """
    held = ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""


def _script(file: str) -> str:
    return (files(__name__) / file).read_text(encoding="utf-8")


def _run(db: Database, script: str) -> None:
    for statement in statements(script):
        db.conn.execute(statement)


@ARCHIVE()
def m001_first(db: Database) -> None:
    """Lay the tables that collecting, reading and searching need."""
    _run(db, _script("001_first.sql"))


@ARCHIVE()
def m002_learned(db: Database) -> None:
    """Lay the memory of what a host's pages have in common."""
    _run(db, _script("002_learned.sql"))


@ARCHIVE()
def m003_optouts(db: Database) -> None:
    """Note what publishers reserve, and which bodies nothing tells to be whole."""
    _run(db, _script("003_optouts.sql"))


@ARCHIVE()
def m004_ledger_chain(db: Database) -> None:
    """Seal each entry of the ledger to the one before it."""
    _run(db, _script("004_ledger_chain.sql"))
    seal_ledger(db.conn)


@ARCHIVE()
def m005_upkeep(db: Database) -> None:
    """Tell runs of processes that are no more, and bodies that retention let go."""
    _run(db, _script("005_upkeep.sql"))


@ARCHIVE()
def m006_indices(db: Database) -> None:
    """Index what the browser sorts by; drop an index that nothing asks."""
    _run(db, _script("006_indices.sql"))


@ARCHIVE()
def m007_topics(db: Database) -> None:
    """Note what versions are about: scores with evidence, names, figures; and what was not kept."""
    _run(db, _script("007_topics.sql"))


@ARCHIVE()
def m008_ways_to_sources(db: Database) -> None:
    """Note which address served a source, and what its entries said of pages not to be had."""
    _run(db, _script("008_ways_to_sources.sql"))


@ARCHIVE()
def m009_survival(db: Database) -> None:
    """Show how long each article stood until its first edit and its takedown."""
    _run(db, _script("009_survival.sql"))


@ARCHIVE()
def m010_rendered(db: Database) -> None:
    """Tell bodies that a browser drew from those that a server sent."""
    _run(db, _script("010_rendered.sql"))


@ARCHIVE()
def m011_coverage(db: Database) -> None:
    """Count visits to sources by day, those of earlier days too."""
    _run(db, _script("011_coverage.sql"))
    count_earlier_visits(db.conn)


@ARCHIVE()
def m012_pace(db: Database) -> None:
    """Note how fast a source brings news, and where some may have come and gone unseen."""
    _run(db, _script("012_pace.sql"))


@ARCHIVE()
def m013_seals(db: Database) -> None:
    """Chain fetches, records and edits, and let the ledger cover them."""
    _run(db, _script("013_seals.sql"))
    seal_earlier_rows(db.conn)


@ARCHIVE()
def m014_moves(db: Database) -> None:
    """Note where a page is read since its own address fails."""
    _run(db, _script("014_moves.sql"))


@ARCHIVE()
def m015_page_numbers(db: Database) -> None:
    """Find the numbers of merged pages, which are not given again."""
    _run(db, _script("015_page_numbers.sql"))


@ARCHIVE()
def m016_search(db: Database) -> None:
    """Lay an index of terms without their places, and one of what results are filtered by."""
    _run(db, _script("016_search.sql"))


@ARCHIVE()
def m017_quotes(db: Database) -> None:
    """Note what versions report that somebody said."""
    _run(db, _script("017_quotes.sql"))


@ARCHIVE()
def m018_earlier_versions(db: Database) -> None:
    """Lay an index of what articles said before their current version."""
    _run(db, _script("018_earlier_versions.sql"))


@ARCHIVE()
def m019_stories(db: Database) -> None:
    """Lay signatures, pairs and copies of articles, and the stories that they are grouped to."""
    _run(db, _script("019_stories.sql"))


@ARCHIVE()
def m020_outlet_times(db: Database) -> None:
    """Find an outlet's articles by their time without a look at their texts."""
    _run(db, _script("020_outlet_times.sql"))


@ARCHIVE()
def m021_confidence(db: Database) -> None:
    """Note how likely the text of an article is whole and clean."""
    _run(db, _script("021_confidence.sql"))


@ARCHIVE()
def m022_front_page(db: Database) -> None:
    """Lay the indices of the front page's filters."""
    _run(db, _script("022_front_page.sql"))


@ARCHIVE()
def m023_layouts(db: Database) -> None:
    """Note which elements of a host's pages stand beside its articles."""
    _run(db, _script("023_layouts.sql"))


@ARCHIVE()
def m024_alerts(db: Database) -> None:
    """Lay the queue of alerts, and how far each rule has looked."""
    _run(db, _script("024_alerts.sql"))


@ARCHIVE()
def m025_visits(db: Database) -> None:
    """Lay the index of the sources' successful visits."""
    _run(db, _script("025_visits.sql"))


@ARCHIVE()
def m026_drift(db: Database) -> None:
    """Note how hosts' pages are read, and which are held while that changes."""
    _run(db, _script("026_drift.sql"))


@ARCHIVE()
def m027_visit_hours(db: Database) -> None:
    """Note at which times sources may be visited."""
    _run(db, _script("027_visit_hours.sql"))


@ARCHIVE()
def m028_hubs(db: Database) -> None:
    """Lay the subscriptions to hubs that tell when a feed changes."""
    _run(db, _script("028_hubs.sql"))


@ARCHIVE()
def m029_merged_shards(db: Database) -> None:
    """Note which shards of imports were merged."""
    _run(db, _script("029_merged_shards.sql"))


@ARCHIVE()
def m030_lists(db: Database) -> None:
    """Keep the counts of names, and find the first rows of a list without a look at all others."""
    _run(db, _script("030_lists.sql"))


@ARCHIVE()
def m031_parts(db: Database) -> None:
    """List the sealed parts of the archive, and the pages of theirs that go on."""
    _run(db, _script("031_parts.sql"))


@ARCHIVE()
def m032_edit_classes(db: Database) -> None:
    """Keep classes and severities of edits in their index."""
    _run(db, _script("032_edit_classes.sql"))


@ARCHIVE()
def m033_refused_messages(db: Database) -> None:
    """Tell messages that a sink refuses from those that it cannot take now."""
    _run(db, _script("033_refused_messages.sql"))


@BODIES()
def m001_bodies(db: Database) -> None:
    """Lay the store of raw bodies."""
    _run(db, _script("bodies_001.sql"))


@BODIES()
def m002_references(db: Database) -> None:
    """Count the uses of references no longer."""
    _run(db, _script("bodies_002.sql"))
