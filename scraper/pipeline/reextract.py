"""Deriving every archived record anew from its raw page, by the extractor as it is now.

It makes no version: what the publishers did stays as it was told. What is current is passed over,
so a pass that was broken off goes on where it was.

What becomes of records that are derived anew: classes of change, and the report of a pass.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from scraper.archive import Archive, StaleVersion
from scraper.config import Config
from scraper.errors import ExtractError, ScraperError
from scraper.extraction import extractor_version
from scraper.models import Article, Judgement, Learned, Page, PageFingerprint, QuoteReading
from scraper.pipeline.events import Event, utcnow
from scraper.pipeline.judging import Rederived, rederive
from scraper.pipeline.learned_boilerplate import learned_of
from scraper.pipeline.link import as_error
from scraper.pipeline.quotes import read_quotes
from scraper.pipeline.readings import VersionReading, load_reading
from scraper.record import record
from scraper.topics import judge
from scraper.topics.lexicon import Lexicon, lexicon_in
from scraper.urls import host_of
from scraper.workers import ParserPool

__all__ = [
    "CLASSES",
    "FAILED",
    "LOST",
    "METADATA",
    "SAMPLE",
    "TEXT",
    "UNCHANGED",
    "GivenReading",
    "ReextractReport",
    "ReextractResult",
    "WantedExtractors",
    "classify",
    "pages_key",
    "reextract",
]


UNCHANGED, TEXT, LOST, METADATA, FAILED = (
    "unchanged", "text changed", "text lost >20%", "metadata changed", "failed",
)  # fmt: skip
CLASSES = (UNCHANGED, METADATA, TEXT, LOST, FAILED)

# The canary: of a sample of so many articles at most this share may lose so much of their text.
SAMPLE = 40
_MOST_LOSERS = 0.05
_LOSS = 0.2
# So many of the articles that lost text or failed are named in the report.
_NAMED = 50

_METADATA = (
    "title", "authors", "outlet", "source", "published", "modified", "language", "script",
    "excerpt", "image", "canonical_url",
)  # fmt: skip


@record
class ReextractResult:
    """What became of one version's record.

    Attributes:
        kind: one of `CLASSES`.
        url, number: the version.
        before, after: characters of its text.
        message: why it failed, or what metadata changed.
    """

    kind: str
    url: str
    number: int
    before: int
    after: int
    message: str = ""


@dataclass(slots=True, kw_only=True)
class ReextractReport:
    """What a pass did.

    Attributes:
        counts: versions by class; without those that were current.
        current: versions whose record the extractor had made already.
        named: the versions that lost text or failed, the first of them.
        sample, losers: articles that the canary tried, and those of them that would lose text.
        stopped: whether the canary stopped the pass, so that nothing was written.
        written: records that were written.
    """

    counts: Counter[str] = field(default_factory=Counter)
    current: int = 0
    named: list[ReextractResult] = field(default_factory=list)
    sample: int = 0
    losers: int = 0
    stopped: bool = False
    written: int = 0

    @property
    def alarming(self) -> bool:
        """Whether the canary sees more loss than an improvement brings."""
        return self.losers > _MOST_LOSERS * self.sample

    def add(self, result: ReextractResult) -> None:
        """Count what became of a version."""
        self.counts[result.kind] += 1
        if result.kind in (LOST, FAILED) and len(self.named) < _NAMED:
            self.named.append(result)

    def as_dict(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "counts": {kind: self.counts[kind] for kind in CLASSES},
            "current": self.current,
            "written": self.written,
            "stopped": self.stopped,
            "sample": self.sample,
            "losers": self.losers,
            "named": self.named,
        }


@record
class GivenReading:
    """What another machine read from the pages of a version.

    Attributes:
        id: the version.
        key: what `pages_key` said of its pages there.
        lexicon: version of the lexicon that judged.
        reading: a `VersionReading` as `dump_reading` writes it; b"" where it can't be had there.
    """

    id: int
    key: str
    lexicon: str
    reading: bytes


def pages_key(pages: Sequence[Page], zone: str) -> str:
    """Return what changes with all that a record is derived from, extractor and learning aside.

    Args:
        pages: the archived pages of a version.
        zone: IANA time zone of times that they print without one.
    """
    total = hashlib.sha256(zone.encode())
    for page in pages:
        told = [page.url, page.final_url, page.status, page.fetched_at.isoformat()]
        total.update(json.dumps([told, sorted(page.headers.items())]).encode())
        total.update(hashlib.sha256(page.body).digest())
    return total.hexdigest()


class WantedExtractors:
    """Which extractor should have made the record of a version, by what was learned on its host.

    Args:
        archive: what was learned.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._learned: dict[str, tuple[Learned | None, str]] = {}

    def of(self, version: StaleVersion) -> tuple[Learned | None, str]:
        """Return what was learned on the host that answered, and the extractor with that."""
        host = host_of(version.final_url)
        if host not in self._learned:
            learned = learned_of(self._archive, host)
            self._learned[host] = learned, extractor_version(learned=learned)
        return self._learned[host]

    def stale(self, versions: Sequence[StaleVersion]) -> list[StaleVersion]:
        """Return those of some versions whose record another extractor made."""
        return [version for version in versions if version.extractor != self.of(version)[1]]


def classify(old: Article, new: Article) -> tuple[str, str]:
    """Return the class of a change of record, and which metadata changed."""
    fields = ", ".join(n for n in _METADATA if getattr(old, n) != getattr(new, n))
    if len(new.text) < (1 - _LOSS) * len(old.text):
        return LOST, fields
    if new.text != old.text:
        return TEXT, fields
    return (METADATA, fields) if fields else (UNCHANGED, "")


log = logging.getLogger(__name__)


async def reextract(
    config: Config,
    archive: Archive,
    *,
    host: str = "",
    since: datetime | None = None,
    dry_run: bool = False,
    force: bool = False,
    given: Iterable[GivenReading] = (),
    clock: Callable[[], datetime] = utcnow,
    on_event: Callable[[Event], None] = lambda event: None,
) -> ReextractReport:
    """Derive the archive's records anew.

    Args:
        config: bounds of parsing, and the sources' time zones.
        archive: whose records; it must be open in this thread.
        host: only pages of this host, or "" for all.
        since: only versions that were first observed then or later.
        dry_run: nothing is written.
        force: go on though the canary says no.
        given: what other machines read, in the order of the versions' ids. What does not fit the
            archive as it is now is not used, and the sample is read here in any case.
        clock: the present moment.
        on_event: called with the number of versions, then with each version.

    Raises:
        ArchiveError: the archive can't be read or written.
    """
    parse = config.parse
    with ParserPool(
        workers=parse.workers,
        timeout=parse.timeout,
        memory=parse.memory,
        recycle=parse.recycle,
        preload=("scraper.pipeline.warm", "scraper.pipeline.judging"),
    ) as pool:
        zones = {source.name: source.zone for source in config.sources}
        lexicon = lexicon_in(config.folder)
        work = _Pass(
            archive, pool, zones, lexicon, folder=config.folder, in_flight=4 * parse.workers,
            given=given,
        )  # fmt: skip
        return await work.run(
            archive.stale_versions(None, limit=-1, host=host, since=since),
            dry_run=dry_run,
            force=force,
            clock=clock,
            on_event=on_event,
        )


@record
class _Derived:
    """A version with its new record, if it has one."""

    version: StaleVersion
    result: ReextractResult
    article: Article | None = None
    footprint: PageFingerprint | None = None
    judged: tuple[Judgement, QuoteReading] | None = None


class _Pass:
    """One pass: how a record is derived, and what all of it came to."""

    def __init__(
        self,
        archive: Archive,
        pool: ParserPool,
        zones: Mapping[str, str],
        lexicon: Lexicon,
        *,
        folder: Path | None,
        in_flight: int,
        given: Iterable[GivenReading],
    ) -> None:
        self._archive = archive
        self._given = iter(given)
        self._next: GivenReading | None = None
        self._folder = folder
        self._pool = pool
        self._zones = zones
        self._lexicon = lexicon
        self._in_flight = in_flight
        self._wanted = WantedExtractors(archive)

    async def run(
        self,
        versions: Sequence[StaleVersion],
        *,
        dry_run: bool,
        force: bool,
        clock: Callable[[], datetime],
        on_event: Callable[[Event], None],
    ) -> ReextractReport:
        stale = self._wanted.stale(versions)
        report = ReextractReport(current=len(versions) - len(stale))
        detail = f"{len(stale)} records to derive anew, {report.current} are current"
        on_event(_event("visit", "reextract", "ok", detail, expected=len(stale)))
        sample = _spread([v for v in stale if v.current] or stale)
        tried = {v.id: await task for v, task in self._started(sample)}
        report.sample = len(tried)
        report.losers = sum(d.result.kind in (LOST, FAILED) for d in tried.values())
        if report.alarming and not force and not dry_run:
            report.stopped = True
            for derived in tried.values():
                report.add(derived.result)
            return report
        run = None if dry_run or not stale else self._archive.begin_run("reextract", clock())
        try:
            rest = [v for v in stale if v.id not in tried]
            for derived in tried.values():
                self._settle(derived, report, clock(), dry_run=dry_run, on_event=on_event)
            tried.clear()
            waiting: deque[asyncio.Task[_Derived]] = deque()
            for version in rest:
                given = self._given_for(version)
                waiting.append(asyncio.create_task(self._derive(version, given)))
                if len(waiting) >= self._in_flight:
                    derived = await waiting.popleft()
                    self._settle(derived, report, clock(), dry_run=dry_run, on_event=on_event)
            while waiting:
                derived = await waiting.popleft()
                self._settle(derived, report, clock(), dry_run=dry_run, on_event=on_event)
        finally:
            if run is not None:
                self._archive.end_run(run, clock(), report.counts)
        return report

    def _started(
        self, versions: Sequence[StaleVersion]
    ) -> list[tuple[StaleVersion, asyncio.Task[_Derived]]]:
        return [(v, asyncio.create_task(self._derive(v))) for v in versions]

    def _given_for(self, version: StaleVersion) -> GivenReading | None:
        """Return what another machine read of a version; they are asked for in order."""
        while self._next is None or self._next.id < version.id:
            self._next = next(self._given, None)
            if self._next is None:
                return None
        return self._next if self._next.id == version.id else None

    async def _derive(self, version: StaleVersion, given: GivenReading | None = None) -> _Derived:
        derived = await as_error(self._derived(version, given))
        if isinstance(derived, ScraperError):
            # One damaged page is the doctor's business; the others can be derived all the same.
            result = _result(version, FAILED, version.length, 0, derived.message)
            return _Derived(version=version, result=result)
        return derived

    async def _derived(self, version: StaleVersion, given: GivenReading | None) -> _Derived:
        zone, (learned, extractor) = self._zones.get(version.source, ""), self._wanted.of(version)
        old = self._archive.version(version.article_id, version.number).article
        pages = self._archive.response(version.id)
        if not pages:
            raise ExtractError("its raw page is not in the archive")
        made = self._usable(given, pages_key(pages, zone), extractor) if given else None
        if made is None:
            made = await self._pool.run(
                rederive, pages, zone, learned, self._folder, self._lexicon.version
            )
        article = made.article
        kind, message = classify(old, article)
        return _Derived(
            version=version,
            result=_result(version, kind, len(old.text), len(article.text), message),
            article=article,
            footprint=made.footprint if version.current else None,
            judged=made.judged,
        )

    def _usable(self, given: GivenReading, key: str, extractor: str) -> Rederived | None:
        """Return what another machine read where it is what this one would read, else None.

        Raises:
            ScraperError: the error that it met, and this one would meet.
        """
        if not given.reading or given.key != key:
            return None
        try:
            reading = load_reading(given.reading, VersionReading)
        except ValueError:
            return None
        if reading.error is not None:
            raise reading.error
        made = reading.made
        if made is None or made.article.extractor != extractor:
            return None
        return made if given.lexicon == self._lexicon.version else replace(made, judged=None)

    def _settle(
        self,
        derived: _Derived,
        report: ReextractReport,
        at: datetime,
        *,
        dry_run: bool,
        on_event: Callable[[Event], None],
    ) -> None:
        version, result = derived.version, derived.result
        if derived.article is not None and not dry_run:
            self._archive.replace_extraction(
                version.article_id,
                version.number,
                derived.article,
                at,
                footprint=derived.footprint,
            )
            judgement, quotes = derived.judged or self._judged(derived.article)
            self._archive.topics.judge_again(version.id, judgement, at)
            self._archive.quotes.read_again(version.id, quotes)
            report.written += 1
        report.add(result)
        outcome = {UNCHANGED: "unchanged", FAILED: "failed"}.get(result.kind, "kept")
        detail = f"{result.kind}: {result.message}" if result.message else result.kind
        on_event(_event("link", version.url, outcome, detail, source=host_of(version.final_url)))

    def _judged(self, article: Article) -> tuple[Judgement, QuoteReading]:
        """Judge an article here: the file of the lexicon is another one since the pass began."""
        judgement = judge(article.title, article.text, self._lexicon)
        return judgement, read_quotes(article.text, self._lexicon)


def _result(
    version: StaleVersion, kind: str, before: int, after: int, message: str
) -> ReextractResult:
    return ReextractResult(
        kind=kind,
        url=version.url,
        number=version.number,
        before=before,
        after=after,
        message=message,
    )


def _event(
    kind: str, url: str, outcome: str, detail: str, *, source: str = "archive", expected: int = 0
) -> Event:
    return Event(
        kind=kind, source=source, url=url, outcome=outcome, detail=detail, expected=expected
    )


def _spread(versions: Sequence[StaleVersion]) -> list[StaleVersion]:
    """Return a sample from all over: a change of rules may hurt one host only."""
    count = min(SAMPLE, len(versions))
    return [versions[i * len(versions) // count] for i in range(count)]
