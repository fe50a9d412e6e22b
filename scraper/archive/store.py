"""The archive: one object over the two files, one transaction for each thing that happens."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from scraper.archive import search as searching
from scraper.archive.articles import Articles
from scraper.archive.backup import backup, put_back
from scraper.archive.bodies import Bodies
from scraper.archive.connection import Store
from scraper.archive.doctor import LEAST_FREE, Finding, examine, vouch
from scraper.archive.extractions import Extractions
from scraper.archive.files import leftovers
from scraper.archive.health import status
from scraper.archive.learning import Learning
from scraper.archive.mending import Backup, Mended, mend
from scraper.archive.reading import Reading
from scraper.archive.recording import Recorder, fingerprints
from scraper.archive.records import (
    ArticleRow,
    ChangeRow,
    Edits,
    FetchRow,
    PageState,
    SearchHit,
    SourceState,
    StaleVersion,
    Status,
    Version,
    VersionRow,
    Visited,
)
from scraper.archive.retention import Thinned, sweep, thin
from scraper.archive.runs import Runs
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, BODIES, BODIES_ID
from scraper.archive.sealing import Head, entry, head
from scraper.archive.survival import Survival, survival
from scraper.archive.topics import TopicShelf
from scraper.archive.values import clean, scrub, stamp
from scraper.archive.watching import Watching
from scraper.errors import ArchiveError, UsageError
from scraper.models import (
    Article,
    Attempt,
    Discovery,
    Footprint,
    HostState,
    LearnedBlock,
    Link,
    Page,
    Recorded,
    Removed,
    Reservation,
    Source,
)
from scraper.urls import host_of, site_of

__all__ = ["Archive", "restore_from"]


class Archive:
    """An archive folder: `archive.db`, which Datasette shows, and `bodies.db` beside it.

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

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
        edits: Edits | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._edits = edits
        self._run_id: int | None = None
        self._store = Store(
            self.folder / "archive.db", ARCHIVE, ARCHIVE_ID, create=create, readonly=readonly
        )
        try:
            self._expect_bodies()
            self._bodies_store = Store(
                self.folder / "bodies.db", BODIES, BODIES_ID, create=create, readonly=readonly
            )
        except BaseException:
            self._store.close()
            raise
        self._bodies = Bodies(self._bodies_store)
        self._extractions = Extractions(self._store.connection, self._bodies)
        self._reading = Reading(self._store.connection, self._extractions, self._bodies)
        self._watching = Watching(self._store.connection)
        self._runs = Runs(self._store.connection)
        self._learning = Learning(self._store.connection)
        self.topics = TopicShelf(self._store, self._extractions)
        if not readonly:
            self._refresh_index()

    def _expect_bodies(self) -> None:
        """Refuse half an archive: a new `bodies.db` would hide that the old one was lost."""
        path = self.folder / "bodies.db"
        if path.exists():
            return
        with self._store.reading() as connection:
            row = connection.execute("select 1 from fetches where body is not null limit 1")
            lost = row.fetchone() is not None
        if lost:
            raise ArchiveError(
                f"{path} is missing, which holds the raw pages of {self._store.path}: "
                "put it back, or restore a backup of both",
                error_class="db_corrupt",
            )

    def _refresh_index(self) -> None:
        """Make the index anew if it was written with other terms than ours."""
        with self._store.reading() as connection:
            known = connection.execute(
                "select value from facts where key = 'segmentation'"
            ).fetchone()
        if known is None or known["value"] != str(searching.SEGMENTATION):
            self.reindex()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close both files."""
        self._store.close()
        self._bodies_store.close()

    # Sources and what is due

    def sync_sources(self, sources: Sequence[Source], at: datetime) -> None:
        """Make the archive's sources those of the configuration.

        What the archive knows of a source is kept; a source that is no longer configured is
        disabled.
        """
        with self._store.transaction():
            self._watching.sync([clean(source) for source in sources], at)

    def due_sources(self, at: datetime, names: Sequence[str] = ()) -> list[SourceState]:
        """Return the enabled sources that are due at a time, most overdue first.

        Args:
            at: now.
            names: instead, exactly these sources, whether due or not.

        Raises:
            UsageError: a name is unknown.
        """
        with self._store.reading():
            return self._watching.due(at, names)

    def record_visit(
        self,
        source: str,
        at: datetime,
        *,
        discovery: Discovery | None,
        error_class: str = "",
        message: str = "",
    ) -> tuple[Link, ...]:
        """Write a visit to a source: its responses, what it showed, when it is due again.

        Args:
            source: its name.
            at: when it was visited.
            discovery: what it brought, or None when it failed.
            error_class, message: why it failed, or "".

        Returns:
            The links that need a fetch now: not archived, not tried, or due for another try.
        """
        visited = Visited(
            source=source, at=at, discovery=discovery, error_class=error_class, message=message
        )
        return self.record_visits([visited])[0]

    def record_visits(self, visits: Sequence[Visited]) -> list[tuple[Link, ...]]:
        """Write several visits in one transaction: all of them, or none.

        Returns:
            For each what `record_visit` returns.
        """
        visits = [clean(visited) for visited in visits]
        keyed = [[(page, page.url) for page in _pages_of(visited)] for visited in visits]
        together = [pair for pairs in keyed for pair in pairs]
        digests = self._keep_bodies(together, visits[0].at) if visits else []
        with self._writing():
            self._keep_swept(digests, together)
            kept = iter(digests)
            return [
                self._watching.visit(
                    visited.source,
                    visited.at,
                    discovery=visited.discovery,
                    bodies=[next(kept) for _ in pairs],
                    error_class=visited.error_class,
                    message=visited.message,
                    run_id=self._run_id,
                )
                for visited, pairs in zip(visits, keyed, strict=True)
            ]

    def known(self, urls: Sequence[str]) -> frozenset[str]:
        """Return those of some addresses that were met before, as they were given."""
        with self._store.reading():
            return self._watching.known(urls)

    def due_pages(self, at: datetime, limit: int) -> list[Link]:
        """Return pages that are to be looked at, again or for the first time, most overdue first.

        An archived page is looked at 1 h, 6 h, 1 d, 3 d, 7 d and 30 d after it was first seen, one
        that could not be had with growing pauses until it is given up.
        """
        with self._store.reading():
            return self._watching.due_pages(at, limit)

    def page_state(self, url: str) -> PageState:
        """Return what a refetch of an address has to know: its validators and state."""
        with self._store.reading():
            return self._watching.page_state(url)

    # Attempts

    def record(self, attempt: Attempt) -> Recorded:
        """Write an attempt at an article and all that follows from it, or nothing of it.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``, ``db_corrupt``) nothing was written.
        """
        return self.record_all([attempt])[0]

    def record_all(self, attempts: Sequence[Attempt]) -> tuple[Recorded, ...]:
        """Write several attempts in one transaction: all of them, or none.

        The bodies are written first and by themselves: a crash leaves at most a body that nothing
        refers to.
        """
        if self._edits is None:
            raise UsageError("this archive was opened without `edits`, so it cannot judge edits")
        attempts = [clean(attempt) for attempt in attempts]
        keyed = [
            (page, attempt.link.url if number == 0 else page.url)
            for attempt in attempts
            for number, page in enumerate(_pages(attempt))
        ]
        digests = self._keep_bodies(keyed, attempts[0].at) if attempts else []
        recorder = Recorder(self._store.connection, self._extractions, self._edits, self._run_id)
        with self._writing():
            self._keep_swept(digests, keyed)
            kept = iter(digests)
            outcomes = tuple(
                recorder.record(attempt, [next(kept) for _ in _pages(attempt)])
                for attempt in attempts
            )
            recorder.close()
            for attempt, recorded in zip(attempts, outcomes, strict=True):
                if attempt.link.content:
                    why = recorded.reason if attempt.article is None else "the page says otherwise"
                    self._watching.keep_text(attempt.link, stamp(attempt.at), why)
            return outcomes

    def seen_capture(self, capture: str) -> bool:
        """Return whether a WARC record with this key was recorded before."""
        with self._store.reading() as connection:
            row = connection.execute("select 1 from fetches where capture = ?", [capture])
            return row.fetchone() is not None

    def _keep_bodies(self, pages: Sequence[tuple[Page, str]], at: datetime) -> list[str]:
        """Store the bodies of responses; return their addresses, "" for a response without."""
        digests = [hashlib.sha256(page.body).hexdigest() if page.body else "" for page, _ in pages]
        if all(digest == "" or self._bodies.has(digest) for digest in digests):
            return digests
        try:
            with self._bodies_store.transaction():
                self._bodies.notice_others()
                return [
                    self._bodies.put(
                        page.body,
                        site=site_of(page.final_url) or host_of(page.final_url),
                        address=key,
                        at=at,
                        digest=digest,
                    )
                    if page.body
                    else ""
                    for (page, key), digest in zip(pages, digests, strict=True)
                ]
        except BaseException:
            self._bodies.forget_cached()
            raise

    def _keep_swept(self, digests: Sequence[str], pages: Sequence[tuple[Page, str]]) -> None:
        """Store those bodies again that upkeep swept before anything named them."""
        for digest, keyed in zip(digests, pages, strict=True):
            if digest and not self._bodies.has(digest):
                self._keep_bodies([keyed], keyed[0].fetched_at)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._store.transaction() as connection:
                yield connection
        except BaseException:
            self._extractions.forget_cached()
            raise

    # Hosts and runs

    def host_state(self, host: str) -> HostState:
        """Return what is remembered of a host: robots.txt, waits, failures."""
        with self._store.reading():
            return self._runs.host_state(host)

    def save_host(self, state: HostState) -> None:
        """Remember a host."""
        self.save_hosts([state])

    def save_hosts(self, states: Sequence[HostState]) -> None:
        """Remember several hosts in one transaction."""
        with self._store.transaction():
            for state in states:
                self._runs.save_host(clean(state))

    def begin_run(self, kind: str, at: datetime) -> int:
        """Start a run; the attempts that follow belong to it.

        Returns:
            Its id, for `end_run`.
        """
        with self._store.transaction():
            self._run_id = self._runs.begin_run(kind, at)
        return self._run_id

    def end_run(self, run_id: int, at: datetime, counts: Mapping[str, int]) -> None:
        """Close a run with its counts by outcome."""
        with self._store.transaction():
            self._runs.end_run(run_id, at, counts)
        self._run_id = None

    # Reading

    def find(self, ref: str | int) -> ArticleRow:
        """Return an article by its number or any of its addresses.

        Raises:
            NotFound: there is none; the message says what there is instead.
        """
        with self._store.reading():
            return self._reading.find(ref)

    def search(self, query: str, limit: int = 20) -> list[SearchHit]:
        """Return articles that hold all words of a query, best first.

        Chinese is found in both scripts, whichever the query is in.
        """
        with self._store.reading() as connection:
            return searching.search(connection, scrub(query), limit)

    def versions(self, ref: str | int) -> tuple[VersionRow, ...]:
        """Return the versions of an article, first to last."""
        with self._store.reading():
            return self._reading.versions(ref)

    def version(self, ref: str | int, number: int | None = None) -> Version:
        """Return a version with its whole record; the current one without a number."""
        with self._store.reading():
            return self._reading.version(ref, number)

    def removed(self, ref: str | int) -> tuple[Removed, ...]:
        """Return the blocks that were cut from the current version of an article."""
        with self._store.reading():
            return self._reading.removed(ref)

    def reservations(self, ref: str | int) -> tuple[Reservation, ...]:
        """Return what an article's publisher reserved when its page was last read whole."""
        with self._store.reading():
            return self._reading.reservations(ref)

    def changes(
        self, after: int = 0, limit: int = 100, *, least_severity: int = 0
    ) -> tuple[ChangeRow, ...]:
        """Return the ledger's entries behind a cursor, in order."""
        with self._store.reading():
            return self._reading.changes(after, limit, least_severity)

    def fetches(self, ref: str | int) -> tuple[FetchRow, ...]:
        """Return all attempts at a page, archived or not, first to last."""
        with self._store.reading():
            return self._reading.fetches(ref)

    def body(self, sha256: str) -> bytes:
        """Return a raw body, checked against its address.

        Raises:
            NotFound: there is none.
            ArchiveError: (``db_corrupt``) it is damaged.
        """
        return self._bodies.get(sha256)

    def status(self, at: datetime) -> Status:
        """Return the archive in figures."""
        with self._store.reading() as connection:
            return status(connection, self._bodies_store.connection, self.folder, at)

    # Our own upgrades

    def stale_versions(
        self,
        extractor: str | None,
        *,
        after: int = 0,
        limit: int = 100,
        host: str = "",
        since: datetime | None = None,
    ) -> tuple[StaleVersion, ...]:
        """Return versions whose record was made by another extractor than this, by id.

        Args:
            extractor: the one that is wanted, as in `Article.extractor`; None lists all versions.
            after: id of the last version that was dealt with.
            limit: how many at most; -1 for all.
            host: only pages of this host, or "".
            since: only versions that were first observed then or later.
        """
        with self._store.reading():
            return self._reading.stale(extractor, after, limit, host, stamp(since) if since else "")

    def former_versions(
        self, url: str, article: Article, before: Article | None
    ) -> tuple[StaleVersion, ...]:
        """Return the former versions of a page whose records the extractor of an article did not
        make, where the article says what neither the current nor any such version says.

        Args:
            url: of the page.
            article: what it says now.
            before: what its extractor makes of the current version, if that was asked.
        """
        if self._edits is None:
            return ()
        with self._store.reading():
            former = self._reading.former(url, article.extractor)
        if not former:
            return ()
        now = fingerprints(self._edits, article)[1]
        if before is not None and fingerprints(self._edits, before)[1] == now:
            return ()
        with self._store.reading():
            return () if self._reading.says(former[0].article_id, now) else former

    def response(self, version_id: int) -> tuple[Page, ...]:
        """Return the responses that a version was made from: the page, then its further pages."""
        with self._store.reading():
            return self._reading.response(version_id)

    def rederive(
        self,
        ref: str | int,
        number: int,
        article: Article,
        at: datetime,
        *,
        footprint: Footprint | None = None,
    ) -> None:
        """Give a version the record that another extractor makes of its page.

        It makes no version and no entry in the ledger.

        Args:
            ref: the article, by number or address.
            number: the version.
            article: the new record.
            at: now.
            footprint: what learning keeps of it, or None.

        Raises:
            NotFound: there is no such version.
        """
        if self._edits is None:
            raise UsageError("this archive was opened without `edits`, so it cannot judge edits")
        article = clean(article)
        row = self.version(ref, number).row
        text_print, whole_print = fingerprints(self._edits, article)
        with self._writing() as connection:
            version = connection.execute("select * from versions where id = ?", [row.id]).fetchone()
            articles = Articles(connection, self._extractions)
            articles.rederive(
                version,
                article,
                fingerprint=whole_print,
                text_fingerprint=text_print,
                at=stamp(at),
            )
            articles.write_index()
            if footprint is not None:
                self._learning.note(row.article_id, footprint, stamp(at))

    # What was learned

    def footprints(self, host: str) -> dict[int, Footprint]:
        """Return what the host's most recent pages left behind, newest first, by article."""
        with self._store.reading():
            return self._learning.footprints(host)

    def learned_blocks(self, host: str = "") -> tuple[LearnedBlock, ...]:
        """Return what was learned on a host, or on all, what was forgotten included."""
        with self._store.reading():
            return self._learning.blocks(host)

    def learn(self, blocks: Sequence[LearnedBlock], at: datetime) -> None:
        """Add what was decided to be boilerplate; what is known or was forgotten stays as it is."""
        with self._store.transaction():
            self._learning.learn(blocks, stamp(at))

    def forget_learned(self, host: str, at: datetime) -> int:
        """Take back what was learned on a host, for good; return how many blocks that was."""
        with self._store.transaction():
            return self._learning.forget(host, stamp(at))

    # Upkeep

    def tidy(self, *, above: int = 64 * 1024 * 1024) -> int:
        """Fold the write-ahead logs into their files where a long reader let them grow.

        Args:
            above: bytes from which a log is folded.

        Returns:
            Bytes that the logs hold afterwards: many, if a reader still holds them back.
        """
        return self._store.fold_log(above) + self._bodies_store.fold_log(above)

    def check(self) -> None:
        """Look for damage in both files.

        Raises:
            ArchiveError: (``db_corrupt``) the message says in which and where.
        """
        self._store.check()
        self._bodies_store.check()

    def doctor(
        self,
        progress: Callable[[str], None] = lambda step: None,
        *,
        least_free: int = LEAST_FREE,
    ) -> tuple[Finding, ...]:
        """Look at everything that must hold: files, references, index, bodies, hash chain, room.

        Args:
            progress: is told each step.
            least_free: bytes that should be free on the archive's disk.

        Returns:
            What is not as it should be; nothing when all is well.
        """
        with self._store.reading():
            return tuple(
                examine(
                    self._store,
                    self._bodies,
                    self._extractions,
                    self.folder,
                    progress,
                    least_free=least_free,
                )
            )

    def verify(
        self, progress: Callable[[str], None] = lambda step: None
    ) -> tuple[Head, tuple[Finding, ...]]:
        """Look whether anything was altered since it was archived: the part of `doctor` for that.

        Args:
            progress: is told each step.

        Returns:
            The end of the ledger, whose hash vouches for all behind it, and what was altered.
        """
        with self._store.reading() as connection:
            found = tuple(vouch(connection, self._bodies, self._extractions, progress))
            return head(connection), tuple(f for f in found if f.level == "error")

    def survival(self, host: str = "") -> tuple[Survival, ...]:
        """Return how long each outlet's articles stand: until a takedown, until the first edit."""
        with self._store.reading() as connection:
            return survival(connection, host=host)

    def ledger_entry(self, chain: str) -> Head | None:
        """Return the entry of the ledger that has this hash, or None."""
        with self._store.reading() as connection:
            return entry(connection, chain)

    def head(self) -> Head:
        """Return the end of the ledger, whose hash vouches for all that was archived before."""
        with self._store.reading() as connection:
            return head(connection)

    def backup(self, target: Path, progress: Callable[[str], None] = lambda step: None) -> Path:
        """Write a copy of the archive into a new folder while it is in use, and examine the copy.

        Args:
            target: the folder; it must not exist.
            progress: is told each step.

        Raises:
            ArchiveError: it could not be written, or lacks what the archive has; nothing is left
                of it.
        """

        def check(folder: Path) -> None:
            with Archive(folder, readonly=True) as copy:
                wrong = {f.what for f in copy.doctor(progress, least_free=0) if f.level == "error"}
            if wrong:
                # What is wrong here as well is no fault of the copy.
                wrong -= {f.what for f in self.doctor(progress, least_free=0)}
            if wrong:
                raise ArchiveError(
                    f"the copy does not hold: {min(wrong)}; try again", error_class="db_corrupt"
                )

        progress("copy")
        return backup(self._store, self._bodies_store, target, check)

    def mend(self, source: Path | None = None) -> Mended:
        """Put right what can be had again: indexes, what articles show, content from a backup.

        Args:
            source: folder of a backup, or None.

        Raises:
            ArchiveError: the backup cannot be read, or nothing could be written.
        """
        if source is None:
            return mend(self._store, self._bodies, self._extractions, None)
        with Archive(source, readonly=True) as kept:
            other = Backup(
                connection=kept._store.connection,
                bodies=kept._bodies,
                extractions=kept._extractions,
            )
            return mend(self._store, self._bodies, self._extractions, other)

    def thin(
        self,
        before: datetime,
        at: datetime,
        *,
        dry_run: bool,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> Thinned:
        """Let go of raw bodies of unchanged fetches: never a page's first, last or a version's.

        The fetches stay, with the SHA-256 of what was fetched.

        Args:
            before: only fetches that are older than this.
            at: now.
            dry_run: only count.
            progress: is told how many bodies are dealt with, and of how many.
        """
        return thin(self._store, self._bodies, before, at, dry_run=dry_run, progress=progress)

    def sweep(self) -> int:
        """Remove raw bodies that nothing names, left by an interruption; return how many."""
        return sweep(self._store, self._bodies)

    def vacuum(self) -> int:
        """Remove what interruptions left, and write both files anew without unused room.

        Returns:
            Bytes saved.

        Raises:
            ArchiveError: (``db_full``) there is no room for that.
        """
        saved = 0
        for path in leftovers(self.folder):
            saved += path.stat().st_size
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        self.sweep()
        return saved + self._store.vacuum() + self._bodies_store.vacuum()

    def free(self) -> int:
        """Return the bytes that are free on the archive's disk."""
        return shutil.disk_usage(self.folder).free

    def reindex(self) -> int:
        """Make the search index anew; return the number of articles in it."""
        with self._store.transaction() as connection:
            return searching.reindex(connection)


def _pages(attempt: Attempt) -> tuple[Page, ...]:
    return (attempt.page, *attempt.extra_pages) if attempt.page else ()


def restore_from(source: Path, folder: Path, at: datetime) -> Path | None:
    """Put a backup in the place of an archive, which nothing may have open.

    Args:
        source: folder of the backup.
        folder: of the archive.
        at: now.

    Returns:
        The folder to which the files that were there before were moved, or None.

    Raises:
        ArchiveError: the backup does not hold, or cannot be copied; nothing was replaced.
    """
    with Archive(source, readonly=True) as kept:
        wrong = [finding for finding in kept.doctor(least_free=0) if finding.level == "error"]
        if wrong:
            raise ArchiveError(f"{source} does not hold: {wrong[0].what}", error_class="db_corrupt")
        return put_back((kept._store, kept._bodies_store), folder, at)


def _pages_of(visited: Visited) -> tuple[Page, ...]:
    return visited.discovery.pages if visited.discovery else ()
