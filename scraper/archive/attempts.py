"""What comes in: visits to sources, attempts at articles, what is due, hosts and runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from scraper.archive.opening import ArchiveBase
from scraper.archive.recording import AttemptRecorder
from scraper.archive.records import PageState, SourceState, SourceVisit
from scraper.archive.sql_values import storable, utc_text
from scraper.models import Attempt, Discovery, HostState, Link, Page, Recorded, Source
from scraper.urls import host_of, site_of

__all__ = ["IngestMixin"]


class IngestMixin(ArchiveBase):
    """The side of an archive that a pass writes to, one transaction for each thing that happens."""

    # Sources, and what is due

    def sync_sources(self, sources: Sequence[Source], at: datetime) -> None:
        """Make the archive's sources those of the configuration.

        What the archive knows of a source is kept; a source that is no longer configured is
        disabled.
        """
        with self._store.transaction():
            self._watching.sync([storable(source) for source in sources], at)

    def due_sources(self, at: datetime, names: Sequence[str] = ()) -> list[SourceState]:
        """Return the enabled sources that are due at a time, most overdue first.

        Args:
            at: now.
            names: instead, exactly these sources, whether due or not.

        Raises:
            UsageError: a name is unknown.
        """
        with self._store.reading():
            return self._due.sources(at, names)

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
        visited = SourceVisit(
            source=source, at=at, discovery=discovery, error_class=error_class, message=message
        )
        return self.record_visits([visited])[0]

    def record_visits(self, visits: Sequence[SourceVisit]) -> list[tuple[Link, ...]]:
        """Write several visits in one transaction: all of them, or none.

        Returns:
            For each what `record_visit` returns.
        """
        visits = [storable(visited) for visited in visits]
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
            return self._due.known(urls)

    def due_pages(self, at: datetime, limit: int) -> list[Link]:
        """Return pages that are to be looked at, again or for the first time, most overdue first.

        An archived page is looked at 1 h, 6 h, 1 d, 3 d, 7 d and 30 d after it was first seen, one
        that could not be had with growing pauses until it is given up.
        """
        with self._store.reading():
            return self._due.pages(at, limit)

    def page_state(self, url: str) -> PageState:
        """Return what a refetch of an address has to know: its validators and state."""
        with self._store.reading():
            return self._due.page_state(url)

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
                self._runs.save_host(storable(state))

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
        attempts = [storable(attempt) for attempt in attempts]
        keyed = [
            (page, attempt.link.url if number == 0 else page.url)
            for attempt in attempts
            for number, page in enumerate(_pages(attempt))
        ]
        digests = self._keep_bodies(keyed, attempts[0].at) if attempts else []
        recorder = AttemptRecorder(self._store.connection, self._extractions, self._run_id)
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
                    self._watching.keep_text(attempt.link, utc_text(attempt.at), why)
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


def _pages(attempt: Attempt) -> tuple[Page, ...]:
    return (attempt.page, *attempt.extra_pages) if attempt.page else ()


def _pages_of(visited: SourceVisit) -> tuple[Page, ...]:
    return visited.discovery.pages if visited.discovery else ()
