"""The daemon: one tick that asks the archive what is due, and an orderly end.

APScheduler provides the tick and nothing more: what is due, and when, stands in the archive, so a
restart, a suspended machine or a changed clock loses nothing (its memory of jobs would).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scraper.archive import Archive
from scraper.config import Config
from scraper.errors import ArchiveLocked, ScraperError
from scraper.exchange.watched import new_captures
from scraper.fetch import Transport
from scraper.pipeline import Event, Pipeline

__all__ = ["hold", "serve"]

log = logging.getLogger(__name__)

# How long what is under way may take to finish after SIGTERM, seconds.
GRACE = 20.0
# The write-ahead log is looked at this often (seconds), and warned of from this size (bytes).
TIDY_EVERY, LOG_WARNED = 300, 512 * 1024 * 1024
# The wall clock is compared with the monotonic one this often; beyond the tolerance, tick at once.
WATCH_EVERY, DRIFT_TOLERATED = 30.0, 5.0


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold an archive as its one daemon for as long as the block runs.

    Raises:
        ArchiveLocked: another daemon holds it.
    """
    path = folder / "daemon.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            raise ArchiveLocked(
                f"{folder}: another daemon holds this archive"
                + (f" (process {holder})" if holder else "")
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def serve(
    config: Config,
    folder: Path,
    open_archive: Callable[[], Archive],
    *,
    transport: Transport | None = None,
    every: float = 60.0,
    quiet: bool = False,
) -> None:
    """Collect what is due, again and again, until SIGTERM or SIGINT.

    Args:
        config: bounds and sources.
        folder: of the archive, to be held.
        open_archive: opens it.
        transport: what stands for the web, or None.
        every: seconds between two looks at what is due.
        quiet: log failures only.

    Raises:
        ArchiveLocked: another daemon holds the archive.
    """
    with hold(folder):
        asyncio.run(_serve(config, open_archive, transport, every, quiet))


async def _serve(
    config: Config,
    open_archive: Callable[[], Archive],
    transport: Transport | None,
    every: float,
    quiet: bool,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def tell(event: Event) -> None:
        if event.outcome == "failed":
            log.warning("%s: %s: %s", event.source, event.url, event.detail)
        elif not quiet and event.outcome == "kept":
            log.info("%s: %s: %s", event.source, event.url, event.detail or "kept")

    scheduler = AsyncIOScheduler(timezone=UTC)
    under_way: set[asyncio.Task[None]] = set()
    async with Pipeline(
        config,
        open_archive=open_archive,
        transport=transport,
        captures=new_captures,
        on_event=tell,
    ) as pipeline:

        async def tick() -> None:
            # A task of our own: the scheduler cancels its coroutines when it shuts down.
            task = asyncio.create_task(one_pass())
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.shield(task)

        async def one_pass() -> None:
            try:
                tally = await pipeline.collect(stop=stop)
            except ScraperError as error:
                # A full disk or a locked archive passes; the daemon outlives it.
                log.error("%s", error.message)
                return
            total = tally.total()
            if total["kept"] or total["failed"]:
                log.info("pass: %s", ", ".join(f"{k} {v}" for k, v in total.items() if v))

        async def tidy() -> None:
            left = await pipeline.tidy()
            if left > LOG_WARNED:
                log.warning("the write-ahead log holds %d MB: a reader keeps it", left >> 20)

        await pipeline.check()
        job = scheduler.add_job(
            tick,
            "interval",
            seconds=every,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        scheduler.add_job(
            tidy, "interval", seconds=TIDY_EVERY, misfire_grace_time=None, coalesce=True
        )
        scheduler.start()
        watchdog = asyncio.create_task(_watch_clock(scheduler, job.id))
        try:
            await stop.wait()
            log.info("stopping: finishing what is under way")
            scheduler.pause()
            if under_way:
                _, late = await asyncio.wait(under_way, timeout=GRACE)
                for task in late:
                    task.cancel()
        finally:
            watchdog.cancel()
            scheduler.shutdown(wait=False)


async def _watch_clock(scheduler: AsyncIOScheduler, job_id: str) -> None:
    """Tick at once when the wall clock jumped: after a suspend, or when somebody set it."""
    wall, steady = time.time(), time.monotonic()
    while True:
        await asyncio.sleep(WATCH_EVERY)
        now_wall, now_steady = time.time(), time.monotonic()
        if abs((now_wall - wall) - (now_steady - steady)) > DRIFT_TOLERATED:
            log.warning("the clock jumped; looking at what is due now")
            scheduler.modify_job(job_id, next_run_time=datetime.now(UTC))
            scheduler.wakeup()
        wall, steady = now_wall, now_steady
