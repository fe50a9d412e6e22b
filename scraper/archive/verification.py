"""Verification: finds data that was altered, added or removed since it was archived.

Raw bodies are compared with their hashes; versions, fetches, records and the ledger with their hash
chains; all else that an article shows with the record, fetches and ledger from which it derives.
Columns that derive from nothing chained are listed in `NOT_CHECKED`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field

from scraper.archive.current import candidate_rows, flattened, removed_rows, same_rows
from scraper.archive.extractions import load_shown
from scraper.archive.hash_chain import (
    LedgerHead,
    altered_entries,
    altered_fetches,
    altered_versions,
    last_link,
    record_link,
)
from scraper.archive.parts import altered_files, altered_list, hidden_articles
from scraper.archive.queries import QueryMixin
from scraper.archive.retention import orphans, sealed
from scraper.errors import ArchiveError
from scraper.models import Article
from scraper.record import record
from scraper.urls import host_of

__all__ = ["MEND", "MEND_FROM", "NOT_CHECKED", "RESTORE", "Finding", "Verification", "VerifyMixin"]

MEND = "scraper mend"
MEND_FROM = "scraper mend --from BACKUP"
RESTORE = "scraper restore BACKUP"

# Unverifiable data by table: its columns, or () for all of them.
NOT_CHECKED: Mapping[str, tuple[str, ...]] = {
    # Sightings, and articles not kept
    "sightings": (), "entry_texts": (), "page_urls": (), "passed_over": (), "overruns": (),
    "source_days": (), "thinned": (),
    # Configuration and schedule
    "sources": (), "outlets": (), "hosts": (), "runs": (), "facts": (),
    "counts": (), "source_counts": (), "entity_counts": (),
    "pages": (
        "identity", "claimed", "source_id", "state", "last_fetch_at", "last_class",
        "next_check_at", "failures", "gone_count", "gone_at", "etag", "last_modified",
        "unchanged_streak", "title", "published_at", "moved_to", "moved_at",
    ),
    # Data that `scraper rescore`, `scraper reextract` and `scraper regroup` recompute
    "judgements": (), "entities": (), "mentions": (), "quantities": (),
    "quotes": (), "quote_readings": (),
    "story_articles": (), "story_state": (), "story_terms": (), "story_keys": (),
    "signature_keys": (), "article_pairs": (), "article_copies": (), "stories": (),
    "story_members": (),
    "articles": ("topic_score", "on_topic"),
    "learned_blocks": (), "footprints": (),
    # How hosts' pages are read
    "page_looks": (), "drift_hosts": (), "drift_events": (),
    # What hubs were asked for
    "hub_subscriptions": (),
    # Which shards of imports were merged
    "merged_shards": (),
    # Which pages of sealed parts go on; the parts themselves are compared with their hashes
    "carried": (),
    # What an operator was told
    "alert_rules": (), "alert_pauses": (), "alerts": (), "alert_messages": (),
    "alert_deliveries": (),
    "fetches": ("run_id",),
    # Keys for the comparison of texts
    "versions": ("fingerprint", "text_fingerprint"),
}  # fmt: skip


@record
class Finding:
    """A problem in the archive.

    Attributes:
        level: ``error`` (something is lost or wrong), ``warning`` or ``note``.
        what: the problem, in one sentence.
        remedy: the command that fixes it, or the step needed first.
    """

    level: str
    what: str
    remedy: str = ""


@record
class Verification:
    """The result of `verify`.

    Attributes:
        head: the last entry of the ledger, whose hash covers everything archived before.
        findings: the problems found.
        checked: number of checked rows by kind.
        not_checked: descriptions of data that could not be checked.
    """

    head: LedgerHead
    findings: tuple[Finding, ...]
    checked: Mapping[str, int] = field(default_factory=dict)
    not_checked: tuple[str, ...] = ()


# Each query returns the rows that break a rule; the finding names the first. Fetches older than
# their chain were recorded by earlier programs, whose counts may differ.
_RULES = (
    (
        "versions without an entry in the ledger",
        "select v.id from versions v where not exists (select 1 from changes c"
        " where c.version_id = v.id and c.kind not in ('gone', 'returned', 'reverted')"
        " and c.page_id = v.page_id and c.classes = v.classes and c.severity = v.severity)",
        RESTORE,
    ),
    (
        "versions without a fetch",
        "select id from versions where id not in"
        " (select version_id from fetches where version_id is not null)",
        RESTORE,
    ),
    (
        "versions whose observations do not match their fetches",
        "select v.id from versions v left join (select version_id, count(*) as times,"
        " max(at) as last, min(id) as first from fetches where version_id is not null and part = 1"
        # A stale copy from a cache is not an observation.
        " and not (class = 'flap' and message <> '')"
        " group by version_id) f on f.version_id = v.id"
        " where coalesce(f.first > (select older from seals where name = 'fetches'), 1)"
        " and (v.observations <> coalesce(f.times, 0)"
        " or v.last_observed_at <> coalesce(f.last, ''))",
        RESTORE,
    ),
    (
        "hash chains with an altered end",
        # Of what lies in sealed parts only a few rows are here.
        "with sealed as (select coalesce(max(last_change), 0) as entry,"
        " coalesce(max(last_record), 0) as record from parts)"
        " select name from seals, sealed where older > last_id"
        " or (name = 'changes' and max(older, entry) <>"
        " max(entry, (select coalesce(max(id), 0) from changes where covers = '')))"
        " or (name = 'extractions' and max(older, record) <>"
        " max(record, (select coalesce(max(id), 0) from extractions where chain = '')))",
        RESTORE,
    ),
    (
        "pages that a sealed part shows as well",
        "select id from pages where id <= (select coalesce(max(last_page), 0) from parts)"
        " and id not in (select page_id from carried)",
        RESTORE,
    ),
    (
        "versions whose record was made from another page",
        "select v.id from versions v left join extractions e on e.id = v.extraction_id"
        " where e.id is null or e.page_id <> v.page_id or e.body <> v.body",
        RESTORE,
    ),
    (
        "fetches of the wrong page",
        "select f.id from fetches f where (f.page_id is not null and f.page_id not in"
        " (select id from pages)) or (f.merged_from is not null and (f.page_id is null"
        # An earlier program gave the number of a merged page to a new one.
        " or exists (select 1 from pages p where p.id = f.merged_from"
        " and p.first_seen_at <= f.at)))",
        RESTORE,
    ),
    (
        "articles that do not show the version observed last",
        "select a.id from articles a left join versions v on v.id = a.version_id"
        " and v.page_id = a.id where v.id is null or v.last_observed_at <>"
        " (select max(w.last_observed_at) from versions w where w.page_id = a.id)",
        MEND,
    ),
    (
        "articles whose count of versions is wrong",
        "select a.id from articles a where a.version_count <>"
        " (select count(*) from versions v where v.page_id = a.id)",
        MEND,
    ),
    (
        "pages with versions that are not shown as articles",
        "select distinct page_id from versions where page_id not in (select id from articles)",
        MEND,
    ),
    (
        "articles that do not match their page",
        "select a.id from articles a left join pages p on p.id = a.id where p.id is null"
        " or a.url <> p.url or a.first_seen_at <> p.first_seen_at"
        " or a.outlet_id is not p.outlet_id",
        MEND,
    ),
    (
        "articles whose outlet is not that of their page",
        "select a.id from articles a left join outlets o on o.id = a.outlet_id"
        " where o.name is not a.outlet",
        MEND,
    ),
    (
        "articles without evidence of when they were first seen",
        "select p.id from pages p join articles a on a.id = p.id where not exists"
        " (select 1 from fetches f where f.page_id = p.id and f.at = p.first_seen_at)"
        " and not exists (select 1 from sightings s where s.page_id = p.id"
        " and s.first_seen_at = p.first_seen_at)"
        " and not exists (select 1 from page_urls u where u.page_id = p.id"
        " and u.first_seen_at = p.first_seen_at)",
        RESTORE,
    ),
    (
        "articles whose state differs from the ledger",
        "select a.id from articles a left join changes c on c.id = (select max(d.id) from changes d"
        " where d.page_id = a.id and d.kind in ('gone', 'returned'))"
        " where a.state <> iif(c.kind is 'gone', 'gone', 'live')"
        " or a.gone_at is not iif(c.kind is 'gone', c.at, null)",
        RESTORE,
    ),
    (
        "articles without evidence of when they were updated",
        "select a.id from articles a join versions v on v.id = a.version_id"
        " where a.updated_at <> v.first_observed_at and not exists (select 1 from changes c"
        " where c.version_id = v.id and c.kind not in ('gone', 'returned')"
        " and c.at = a.updated_at) and not exists (select 1 from fetches f"
        " where f.version_id = v.id and f.at = a.updated_at)",
        RESTORE,
    ),
)


class VerifyMixin(QueryMixin):
    """Verifies the archive."""

    def verify(self, progress: Callable[[str], None] = lambda step: None) -> Verification:
        """Check that nothing was altered, added or removed since it was archived.

        Args:
            progress: called with the name of each step.
        """
        with self._snapshot():
            found = tuple(
                f
                for f in (*self._altered(progress), *self._altered_parts(progress))
                if f.level == "error"
            )
            return Verification(
                head=self.head(),
                findings=found,
                checked=self._checked_of_all(),
                not_checked=tuple(self._not_checked()),
            )

    def _altered(self, progress: Callable[[str], None]) -> Iterator[Finding]:
        """Yield data that was altered since it was archived. Within `_snapshot` only."""
        connection = self._store.connection
        progress("bodies")
        yield from self._missing_bodies()
        progress("records")
        yield from self._altered_contents()
        progress("chain")
        for rows in (
            altered_versions(connection),
            altered_fetches(connection, self._parts),
            altered_entries(connection, self._parts),
        ):
            for row in rows:
                yield Finding(level="error", what=row.what, remedy=RESTORE)
        progress("rules")
        for what, sql, remedy in _RULES:
            broken = connection.execute(sql).fetchall()
            if broken:
                what = f"{len(broken)} {what}, first {broken[0][0]}"
                yield Finding(level="error", what=what, remedy=remedy)

    def _altered_parts(self, progress: Callable[[str], None]) -> Iterator[Finding]:
        """Yield what was altered in sealed parts, each of which is verified as an archive."""
        for what in (*altered_list(self._parts), *hidden_articles(self._parts)):
            yield Finding(level="error", what=what, remedy=RESTORE)
        for part in self._parts:
            progress(f"part {part.name}")
            folder = part.archive.folder
            changed = tuple(altered_files(folder, part.row, whole=True))
            for what in changed:
                yield Finding(level="error", what=what, remedy=RESTORE)
            if changed:
                continue
            with type(self)(folder, create=False, readonly=True) as archive:
                for finding in archive._altered(lambda step: None):
                    if finding.level == "error":
                        what = f"sealed part {part.name}: {finding.what}"
                        yield Finding(level="error", what=what, remedy=RESTORE)

    def _missing_bodies(self) -> Iterator[Finding]:
        connection = self._store.connection
        needed = {
            str(row[0])
            for row in connection.execute(
                "select body from versions union select body from extractions"
                " union select value from extractions,"
                " json_each(iif(json_valid(parts), parts, '[]'))"
            )
        }
        fetched = {
            str(row[0])
            for row in connection.execute("select body from fetches where body is not null")
        }
        deleted = {row[0] for row in connection.execute("select sha256 from thinned")}
        # Bodies are written before rows refer to them, so the snapshot's bodies are all stored.
        there: set[str] = set()
        for one in (self._bodies, *self._bodies.earlier()):
            with one.store.reading() as bodies:
                there |= {row[0] for row in bodies.execute("select sha256 from bodies")}
        missing = (needed | (fetched - deleted)) - there - {""}
        if missing:
            yield Finding(
                level="error",
                what=f"{len(missing)} raw bodies are missing, first {min(missing)}",
                remedy=MEND_FROM,
            )
        # What a sealed part holds as well may stay as long as others are written against it.
        spare = orphans(connection, self._bodies) - sealed(self._bodies)
        if spare:
            yield Finding(
                level="note",
                what=f"{len(spare)} raw bodies belong to no fetch: leftovers of an interruption,"
                " harmless",
                remedy="scraper vacuum",
            )

    def _altered_contents(self) -> Iterator[Finding]:
        """Yield damaged bodies and records, and rows that differ from them.

        Bodies are read in file order, since neighbours share dictionaries, and each is followed by
        the records that are compressed against it: everything is decompressed once.
        """
        connection = self._store.connection
        waiting: dict[str, list[int]] = {}
        for page_id, body in connection.execute(
            "select page_id, coalesce(max(iif(base_id is null, body, null)), '') from extractions"
            " group by page_id"
        ):
            waiting.setdefault(body, []).append(page_id)
        before = self._chains_before()
        with self._bodies_store.reading() as bodies:
            kept = bodies.execute("select sha256 from bodies order by id").fetchall()
        for (digest,) in kept:
            try:
                self._bodies.preload(digest)
            except ArchiveError as error:
                yield Finding(level="error", what=error.message, remedy=MEND_FROM)
            for page_id in waiting.pop(digest, ()):
                yield from self._altered_records(page_id, before)
        for pages in waiting.values():  # records of missing bodies
            for page_id in pages:
                yield from self._altered_records(page_id, before)
        last = max(before, default=0)
        row = connection.execute("select chain from extractions where id = ?", [last]).fetchone()
        written = max((last, row["chain"] if row else ""), self._parts.end("extractions"))
        if last_link(connection, "extractions") != written:
            what = "the last record is not the one that was written last"
            yield Finding(level="error", what=what, remedy=RESTORE)

    def _chains_before(self) -> dict[int, str]:
        """Return the hash of the preceding record for each record."""
        (sealed, before), found = self._parts.end("extractions"), {}
        for number, chain in self._store.connection.execute(
            "select id, chain from extractions order by id"
        ):
            if number <= sealed:
                found[number] = self._parts.chain_before("extractions", number)
                continue
            found[number] = before
            before = chain
        return found

    def _altered_records(self, page_id: int, before: Mapping[int, str]) -> Iterator[Finding]:
        connection = self._store.connection
        page = connection.execute("select url, host from pages where id = ?", [page_id]).fetchone()
        url = page["url"] if page else ""
        if page and page["host"] != host_of(url):
            what = f"page {page_id} has a host other than that of {url}"
            yield Finding(level="error", what=what, remedy=RESTORE)
        (older,) = connection.execute(
            "select coalesce((select older from seals where name = 'extractions'), 0)"
        ).fetchone()
        versions = {
            row["extraction_id"]: row
            for row in connection.execute(
                "select v.id, v.extraction_id, v.title, v.length, a.version_id as shown"
                " from versions v left join articles a on a.version_id = v.id and a.id = v.page_id"
                " where v.page_id = ?",
                [page_id],
            )
        }
        for row in connection.execute(
            "select * from extractions where page_id = ? order by id", [page_id]
        ):
            version = versions.get(row["id"])
            name = f"the record of version {version['id']}" if version else f"record {row['id']}"
            try:
                content = self._extractions.content(row["id"])
                article, removed = load_shown(content)
            except (ArchiveError, ValueError, TypeError, KeyError, IndexError) as error:
                yield Finding(
                    level="error", what=f"{name} cannot be read: {error}", remedy=MEND_FROM
                )
                continue
            made = record_link(before[row["id"]], url, row, content)
            if row["chain"] != made and (row["chain"] or row["id"] > older):
                what = f"{name} of {url} was altered after it was archived"
                yield Finding(level="error", what=what, remedy=RESTORE)
            if version is None:
                continue
            if (article.title, len(article.text)) != (version["title"], version["length"]):
                what = f"version {version['id']} differs from its record"
                yield Finding(level="error", what=what, remedy=RESTORE)
            if version["shown"]:
                yield from self._altered_article(page_id, article, removed)

    def _altered_article(
        self, page_id: int, article: Article, blocks: Sequence[tuple[str, str]]
    ) -> Iterator[Finding]:
        run = self._store.connection.execute
        shown = run("select * from articles where id = ?", [page_id]).fetchone()
        wrong = [name for name, value in flattened(article).items() if shown[name] != value]
        configured = run(
            "select o.name from pages p join sources s on s.id = p.source_id"
            " join outlets o on o.id = s.outlet_id where p.id = ?",
            [page_id],
        ).fetchone()
        outlets = {article.outlet.strip() or host_of(shown["url"]), host_of(shown["url"])}
        if shown["outlet"] not in outlets | ({configured["name"]} if configured else set()):
            wrong.append("outlet")
        candidates = run(
            "select field, value, origin, chosen, note from candidates where article_id = ?",
            [page_id],
        ).fetchall()
        if not same_rows(candidates, candidate_rows(article)):
            wrong.append("candidates")
        removed = run(
            "select rule, blocks, characters, sample from removed_blocks where article_id = ?",
            [page_id],
        ).fetchall()
        if not same_rows(removed, removed_rows(blocks)):
            wrong.append("removed blocks")
        if wrong:
            yield Finding(
                level="error",
                what=f"article {page_id} differs from its record: {', '.join(wrong)}",
                remedy=MEND,
            )

    # Counts

    def _checked_of_all(self) -> dict[str, int]:
        """Return the number of checked rows by kind; what two files hold was checked twice."""
        total = Counter(self._checked())
        for part in self._parts:
            total.update(part.archive._checked())
        return dict(total)

    def _checked(self) -> dict[str, int]:
        connection = self._store.connection
        tables = ("articles", "versions", "extractions", "fetches", "changes")
        counts = {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in tables
        }
        with self._bodies_store.reading() as bodies:
            (raw,) = bodies.execute("select count(*) from bodies").fetchone()
        return {
            "articles": counts["articles"],
            "versions": counts["versions"],
            "records": counts["extractions"],
            "fetches": counts["fetches"],
            "ledger entries": counts["changes"],
            "raw pages": raw,
        }

    def _not_checked(self) -> Iterator[str]:
        connection = self._store.connection
        older: dict[str, int] = dict(connection.execute("select name, older from seals").fetchall())
        if older.get("fetches"):
            yield (
                f"fetches up to number {older['fetches']}, recorded before fetches were chained,"
                " which began with an upgrade of the archive"
            )
        (records,) = connection.execute(
            "select count(*) from extractions where chain = ''"
        ).fetchone()
        if records:
            yield (
                f"{records} records that are older than their chain: `scraper reextract` recreates"
                " them from their raw pages"
            )
        whole = [table for table, columns in NOT_CHECKED.items() if not columns]
        yield "tables without hashes: " + ", ".join(whole)
        for table, columns in NOT_CHECKED.items():
            if columns:
                yield f"columns of {table}: {', '.join(columns)}"
