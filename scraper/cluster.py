"""Imports and reextractions on a cluster of Dask workers: units, who reads them, and what is lost.

The machine that asks divides the work into units, which hold references and no pages. A worker
reads a unit with processes of its own, which are bounded in time and memory, writes one shard, then
a note of it. So what is done stays done: a second run passes over the units that have a note. When
all units are done, one manifest names their shards, and `scraper merge` does the rest.

A worker that fails (its disk is full, it can't see the files, it runs another version of the
program) is set aside, and its units go to others.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import multiprocessing
import os
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from scraper.archive import Archive
from scraper.config import Config, ParseSettings
from scraper.errors import ScraperError, UsageError
from scraper.exchange.shard_writer import ShardFile, WritingShards, write_manifest
from scraper.exchange.shards import Manifest, Shard, ShardRow, manifest_name, require_parquet
from scraper.exchange.shares import Part, Place
from scraper.exchange.storage import Folder, folder_at
from scraper.exchange.units import FilePlan, Unit, plan_file, unit_captures
from scraper.models import FetchSettings, ReadPage, Source
from scraper.pipeline.reextract_share import reread_versions
from scraper.pipeline.share import read_captures_elsewhere, reading_terms
from scraper.record import record
from scraper.toml_file import shipped_config

__all__ = [
    "Cluster",
    "Setup",
    "UnitDone",
    "VersionUnit",
    "setup_of",
    "unit_name",
    "version_units",
    "write_cluster_manifest",
]

log = logging.getLogger(__name__)

T = TypeVar("T")

OFF_TOPIC = "off topic"
# Units that a worker's thread has in hand or before it, and workers that a unit is tried on.
_AHEAD, _TRIES = 4, 3
# Seconds that the scheduler, or the first worker, is waited for; and between looks at them.
_PATIENCE, _LOOK = 30, 2.0
# Seconds after which an import without any worker ends.
_ALONE = 300
_VERSIONS = 64
_MOST_NOTE = 1024 * 1024
# What a client raises whose scheduler is gone: by where it was in its work just then.
_LOST = (OSError, TimeoutError, RuntimeError, CancelledError, asyncio.CancelledError)


@record
class Setup:
    """What is the same for all units of a run.

    Attributes:
        fetch, parse, sources: settings of the machine that asks.
        topics: its lexicon, or None for the shipped one.
        terms: what readings depend on, as `reading_terms` says.
        place: folder of the shards, as all machines name it.
        topic: ``all``, or ``only`` to leave out articles that are off topic.
        archive: folder of the archive whose versions are read, as all machines name it, or "".
        host, since: which versions.
    """

    fetch: FetchSettings
    parse: ParseSettings
    sources: tuple[Source, ...]
    topics: bytes | None
    terms: Mapping[str, str]
    place: Path | str
    topic: str = "all"
    archive: str = ""
    host: str = ""
    since: datetime | None = None


@record
class VersionUnit:
    """Versions of an archive.

    Attributes:
        first, last: ids of the first and the last.
        count: how many.
    """

    first: int
    last: int
    count: int


@record
class UnitDone:
    """What became of a unit.

    Attributes:
        shard: what was written, or None where nothing was to be.
        counts: captures or versions by outcome.
    """

    shard: Shard | None
    counts: Mapping[str, int]


@record
class _Failed:
    """Why a worker could not do a unit; `wrong` where it is not to be asked for anything more."""

    worker: str
    message: str
    wrong: bool = False


def setup_of(
    config: Config,
    place: Path | str,
    *,
    topic: str = "all",
    archive: Path | None = None,
    host: str = "",
    since: datetime | None = None,
) -> Setup:
    """Return what all workers of a run need to know.

    Args:
        config: the configuration of this machine.
        place: folder of the shards, or its address.
        topic: what is kept.
        archive: folder of the archive whose versions are read, or None.
        host, since: which versions.
    """
    lexicon = config.folder / "topics.toml"
    own = lexicon.is_file() and config.folder != shipped_config()
    return Setup(
        fetch=config.fetch, parse=config.parse, sources=config.sources if archive else (),
        topics=lexicon.read_bytes() if own else None, terms=reading_terms(config),
        place=place.absolute() if isinstance(place, Path) else place, topic=topic,
        archive=str(archive.absolute()) if archive else "", host=host, since=since,
    )  # fmt: skip


def version_units(archive: Archive, *, host: str, since: datetime | None) -> list[VersionUnit]:
    """Return the versions of an archive as units."""
    listed = [v.id for v in archive.stale_versions(None, limit=-1, host=host, since=since)]
    chunks = [listed[n : n + _VERSIONS] for n in range(0, len(listed), _VERSIONS)]
    return [VersionUnit(first=ids[0], last=ids[-1], count=len(ids)) for ids in chunks]


# What a worker does


@lru_cache(maxsize=4)
def _folder_with(topics: bytes | None) -> Path:
    """Return a folder of configuration that holds a lexicon; it lives as long as the worker."""
    if topics is None:
        return shipped_config()
    kept = tempfile.TemporaryDirectory(prefix="scraper-")
    _KEPT.append(kept)
    path = Path(kept.name)
    (path / "topics.toml").write_bytes(topics)
    return path


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _config(setup: Setup) -> Config:
    # Dask runs as many units at once as the worker has threads: one process reads for each.
    return Config(
        folder=_folder_with(setup.topics), fetch=setup.fetch,
        parse=replace(setup.parse, workers=1), sources=setup.sources,
    )  # fmt: skip


def worker_terms(setup: Setup) -> Mapping[str, str]:
    """Return what readings depend on at this worker."""
    return reading_terms(_config(setup))


def _differs(terms: Mapping[str, str], setup: Setup) -> str:
    """Return in what a worker differs from the machine that asks, "" where it does not."""
    for name, value in setup.terms.items():
        if terms.get(name) != value:
            return (
                f"it has another version of the program ({name} {terms.get(name, 'none')}, here"
                f" {value}): install the same version there"
            )
    return ""


def _worker() -> str:
    from distributed import get_worker

    return str(get_worker().address)


def _told(work: Callable[[], T], setup: Setup) -> T | _Failed:
    """Return what comes of some work at this worker, or why it could not be done."""
    if multiprocessing.current_process().daemon:
        return _Failed(
            worker=_worker(), wrong=True,
            message="its nanny lets it start no processes: start it with"
            " DASK_DISTRIBUTED__WORKER__DAEMON=False, or alone with --no-nanny",
        )  # fmt: skip
    try:
        if differs := _differs(worker_terms(setup), setup):
            return _Failed(worker=_worker(), message=differs, wrong=True)
        return work()
    except ScraperError as error:
        return _Failed(worker=_worker(), message=error.message)
    except OSError as error:
        return _Failed(worker=_worker(), message=str(error))


def do_plan(setup: Setup, task: tuple[int, Any, str]) -> FilePlan | _Failed:
    """Divide a file into units; runs at a worker."""
    return _told(lambda: plan_file(*task), setup)


def do_unit(setup: Setup, unit: Unit | VersionUnit) -> UnitDone | _Failed:
    """Read a unit and write its shard; runs at a worker."""
    return _told(lambda: _unit(setup, unit), setup)


def unit_name(unit: Unit | VersionUnit, setup: Setup) -> str:
    """Return how the files of a unit begin: the same for the same work, and for no other.

    Args:
        unit: the unit.
        setup: its run.
    """
    told: list[object] = [dict(setup.terms), setup.topic]
    if isinstance(unit, Unit):
        told += [unit.file, unit.found.path.name, unit.digest, unit.first, unit.count]
    else:
        told += [asdict(unit), setup.host, str(setup.since), str(setup.archive)]
    return f"unit-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}"


def _unit(setup: Setup, unit: Unit | VersionUnit) -> UnitDone:
    folder = folder_at(setup.place)
    stem = unit_name(unit, setup)
    known = _noted(folder, stem)
    if known is not None:
        return known
    with WritingShards(folder), folder.scratch() as scratch, ExitStack() as stack:
        file, counts = asyncio.run(_write(setup, unit, stem, scratch, stack))
        shard = file.finish() if file is not None else None
        done = UnitDone(shard=shard, counts=dict(counts))
        if file is not None and shard is not None:
            folder.keep(file.path, shard.name)
        handle, name = tempfile.mkstemp(".tmp", f"{stem}-", scratch)
        note = Path(name)
        try:
            with os.fdopen(handle, "w") as out:
                json.dump(asdict(done), out)
            folder.settle()
            folder.keep(note, f"{stem}.json")
        finally:
            note.unlink(missing_ok=True)
    return done


def _noted(folder: Folder, stem: str) -> UnitDone | None:
    """Return what was noted of a unit that is done, or None."""
    try:
        told = json.loads(folder.read(f"{stem}.json", _MOST_NOTE))
        shard = told["shard"]
        if shard is not None:
            first = shard["first"]
            shard = Shard(**{**shard, "first": Place(first["file"], first["number"])})
            if folder.size(shard.name) != shard.size:
                return None
        return UnitDone(shard=shard, counts=told["counts"])
    except (OSError, ScraperError, ValueError, KeyError, TypeError):
        return None


async def _write(
    setup: Setup, unit: Unit | VersionUnit, stem: str, scratch: Path, stack: ExitStack
) -> tuple[ShardFile | None, Counter[str]]:
    """Write what is read of a unit into a shard of its own; none where there is nothing."""
    counts: Counter[str] = Counter()
    file: ShardFile | None = None
    rows = _captures(setup, unit) if isinstance(unit, Unit) else _versions(setup, unit)
    async for row in rows:
        if setup.topic == "only" and row.on_topic is False:
            counts[OFF_TOPIC] += 1
            continue
        counts[row.outcome] += 1
        if file is None:
            file = stack.enter_context(ShardFile(scratch, stem, row.place))
        file.add(row)
    return file, counts


async def _captures(setup: Setup, unit: Unit) -> AsyncIterator[ShardRow]:
    config = _config(setup)
    async for (place, key), page, made in read_captures_elsewhere(unit_captures(unit), config):
        yield ShardRow(
            place=place, key=key, page=ReadPage.of(page, made.reading), outcome=made.outcome,
            on_topic=made.on_topic,
        )  # fmt: skip


async def _versions(setup: Setup, unit: VersionUnit) -> AsyncIterator[ShardRow]:
    with Archive(setup.archive, create=False, readonly=True) as archive:
        listed = archive.stale_versions(
            None, after=unit.first - 1, limit=unit.count, host=setup.host, since=setup.since
        )
        mine = [version for version in listed if version.id <= unit.last]
        async for made in reread_versions(archive, _config(setup), mine):
            yield ShardRow(
                place=Place(0, made.id), key=made.key,
                page=ReadPage.of(made.page, made.reading), outcome=made.outcome,
                on_topic=made.on_topic,
            )  # fmt: skip


# What the machine that asks does


class Cluster:
    """A cluster of Dask workers; a context manager.

    Args:
        address: of its scheduler, such as ``tcp://10.0.0.1:8786``.
        say: called with what people should know.

    Raises:
        UsageError: the extra ``cluster`` is not installed, the scheduler does not answer, or it
            has no worker.
    """

    def __init__(self, address: str, say: Callable[[str], None] = log.warning) -> None:
        require_parquet()
        try:
            from distributed import Client
        except ImportError:
            raise UsageError("--cluster needs the extra: pip install 'scraper[cluster]'") from None
        # What it logs of lost connections is said below, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._address = address
        self._say = say
        self._aside: dict[str, str] = {}
        self._wrong: set[str] = set()
        try:
            client: Any = Client
            self._client: Any = client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"no scheduler answers at {address}: {why}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with suppress(*_LOST):
            self._client.close(timeout=5)

    def check(self, setup: Setup) -> int:
        """Compare the program of each worker with this one; return how many there are.

        Raises:
            UsageError: one has another version; or there is none.
        """
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, TimeoutError):
            raise UsageError(f"{self._address} has no workers: start them first") from None
        told = self._client.run(worker_terms, setup, on_error="return")
        for worker, terms in sorted(told.items()):
            if isinstance(terms, BaseException):
                why = (
                    "it has another version of the program, or none: install the same version"
                    f" there ({type(terms).__name__}: {terms})"
                )
            else:
                why = _differs(terms, setup)
            if why:
                raise UsageError(f"worker {worker}: {why}")
        return len(told)

    def plans(self, setup: Setup, files: Sequence[tuple[int, Any, str]]) -> Iterator[FilePlan]:
        """Yield what the files of an import come to, as they are divided.

        Args:
            setup: the run.
            files: number, file, and name that its captures are counted under.

        Raises:
            ScraperError: as `units`.
        """
        yield from self._each(partial(do_plan, setup), list(files))

    def units(self, setup: Setup, units: Sequence[Unit | VersionUnit]) -> Iterator[UnitDone]:
        """Yield what became of units, as they are done.

        Raises:
            ScraperError: one of them can't be done anywhere, the scheduler is gone, or there are
                no workers any more; what is done is passed over by the next run.
        """
        yield from self._each(partial(do_unit, setup), units)

    def _each(self, function: Callable[[T], Any], tasks: Sequence[T]) -> Iterator[Any]:
        queue = deque((task, 0) for task in tasks)
        running: dict[Any, tuple[T, int]] = {}
        seen = looked = time.monotonic()
        room: int | None = None
        try:
            while queue or running:
                now = time.monotonic()
                if room is None or now - looked >= _LOOK:
                    looked = now
                    workers = self._workers()
                    room = _AHEAD * sum(workers.values())
                    seen = now if workers else seen
                    if now - seen > _ALONE:
                        raise self._over("no worker has been there for a while", queue, running)
                while queue and room and len(running) < room:
                    task, tries = queue.popleft()
                    running[self._submit(function, task)] = task, tries
                done = [one for one in running if one.done()]
                if not done:
                    time.sleep(0.05)
                for future in done:
                    task, tries = running.pop(future)
                    result = self._result(future)
                    if not isinstance(result, _Failed):
                        yield result
                        continue
                    self._set_aside(result)
                    if tries + 1 >= _TRIES and not result.wrong:
                        raise self._over(result.message, queue, running)
                    queue.append((task, tries + (not result.wrong)))
                    room = None
        finally:
            if running:
                with suppress(*_LOST):
                    self._client.cancel(list(running))

    def _workers(self) -> dict[str, int]:
        """Return the threads of the workers that may be asked, by address."""
        try:
            told: dict[str, int] = self._client.nthreads()
        except _LOST:
            raise self._gone() from None
        fit = {name: threads for name, threads in told.items() if name not in self._wrong}
        if told and not fit:
            raise ScraperError(
                "no worker can do it: "
                + "; ".join(f"{name}: {self._aside[name]}" for name in sorted(told))
            )
        # Where each has failed once, they are asked again: a unit is given up before long.
        return {name: n for name, n in fit.items() if name not in self._aside} or fit

    def _submit(self, function: Callable[[T], Any], task: T) -> Any:
        only = list(self._workers()) if self._aside else None
        try:
            return self._client.submit(
                function, task, pure=False, workers=only, allow_other_workers=False
            )
        except _LOST:
            raise self._gone() from None

    def _result(self, future: Any) -> Any:
        """Return what came of a unit."""
        try:
            if future.status in ("cancelled", "lost"):
                raise self._gone()
            if future.status != "error":
                return future.result()
            error = future.exception()
        except _LOST:
            raise self._gone() from None
        # Its workers died under it, or can't load what they were sent.
        message = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        return _Failed(worker="", message=message)

    def _set_aside(self, failed: _Failed) -> None:
        if not failed.worker:
            return
        if failed.worker not in self._aside:
            self._say(f"worker {failed.worker} is set aside: {failed.message}")
        self._aside[failed.worker] = failed.message
        if failed.wrong:
            self._wrong.add(failed.worker)

    def _gone(self) -> ScraperError:
        return ScraperError(
            f"the scheduler at {self._address} is gone: run the same command again once it is back;"
            " units that are done are not read again"
        )

    def _over(
        self, why: str, queue: Sequence[object], running: Mapping[Any, object]
    ) -> ScraperError:
        left = len(queue) + len(running) + 1
        return ScraperError(
            f"{why}; {left:,} units are not done: run the same command again once that is mended;"
            " those that are done are not read again"
        )


def write_cluster_manifest(
    setup: Setup, plans: Sequence[FilePlan], done: Sequence[UnitDone]
) -> Manifest:
    """Name the shards of all units in one manifest; what other runs left there is deleted.

    Args:
        setup: the run.
        plans: the files of an import, in order; none for versions.
        done: what became of all units.

    Raises:
        ScraperError: the folder can't be written.
    """
    folder = folder_at(setup.place)
    counts: Counter[str] = Counter()
    for one in done:
        counts.update(one.counts)
    shards = [one.shard for one in done if one.shard is not None]
    since = setup.since.isoformat() if setup.since else ""
    manifest = Manifest(
        folder=folder, name=manifest_name(Part()), part=Part(), terms=setup.terms,
        topic=setup.topic, files=tuple(plan.file for plan in plans),
        broken=tuple(plan.broken for plan in plans if plan.broken), counts=dict(counts),
        shards=tuple(sorted(shards, key=lambda shard: shard.first)),
        selection={"host": setup.host, "since": since} if setup.archive else {},
    )  # fmt: skip
    with WritingShards(folder), folder.scratch() as scratch:
        write_manifest(manifest, scratch)
        kept = {shard.name for shard in shards}
        notes = {f"{name.rpartition('-')[0]}.json" for name in kept}
        for name in folder.names("unit-", ""):
            if name not in kept and name not in notes:
                folder.delete(name)
    return manifest
