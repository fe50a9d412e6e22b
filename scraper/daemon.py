"""The daemon: one tick that asks the archive what is due, and an orderly end.

APScheduler provides the tick and nothing more: what is due, and when, stands in the archive, so a
restart, a suspended machine or a changed clock loses nothing (its memory of jobs would).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scraper.alerts.dispatcher import AlertDispatcher
from scraper.alerts.rules import load_alerts
from scraper.archive import Archive
from scraper.archive.runs import daemon_lock
from scraper.backups import BackupSchedule
from scraper.config import Config
from scraper.coverage.wording import plural
from scraper.errors import ConfigError, ErrorClass, ScraperError, UsageError, WorkersLost
from scraper.exchange.warc_folder import new_captures
from scraper.fetching import Transport
from scraper.heap import give_back
from scraper.metrics import MetricsServer
from scraper.models.alerts import AlertSettings
from scraper.pipeline import Event, Pipeline, utcnow
from scraper.topics.lexicon import lexicon_in
from scraper.websub import HubListener

__all__ = ["serve"]

# What listens on a port.
Server = TypeVar("Server", MetricsServer, HubListener)

log = logging.getLogger(__name__)

# How long what is under way may take to finish after SIGTERM, seconds.
GRACE = 20.0
# The write-ahead log is looked at this often (seconds), and warned of from this size (bytes).
TIDY_EVERY, LOG_WARNED = 300, 512 * 1024 * 1024
# The files of the configuration are looked at this often, seconds.
CONFIG_EVERY = 10.0
# Whether a backup is due is looked at this often, seconds.
BACKUP_LOOK = 60.0
# Seconds between two looks at whether what rests is to be sealed.
SEAL_LOOK = 24 * 3600.0
# The wall clock is compared with the monotonic one this often; beyond the tolerance, tick at once.
WATCH_EVERY, DRIFT_TOLERATED = 30.0, 5.0


def serve(
    load: Callable[[], Config],
    folder: Path,
    open_archive: Callable[[], Archive],
    *,
    transport: Transport | None = None,
    every: float = 60.0,
    quiet: bool = False,
) -> None:
    """Collect what is due, again and again, until SIGTERM or SIGINT.

    On SIGHUP, and when a file of the configuration changes, the configuration is read again and
    taken once what is under way is finished; a wrong one is told and the old one stays.

    Args:
        load: reads bounds and sources.
        folder: of the archive, to be held.
        open_archive: opens it.
        transport: what stands for the web, or None.
        every: seconds between two looks at what is due.
        quiet: log failures only.

    Raises:
        ArchiveLocked: another daemon holds the archive.
        ConfigError: the configuration is wrong from the start.
        WorkersLost: no worker process can be kept running, so that nothing can be read.
    """
    with daemon_lock(folder):
        asyncio.run(_Daemon(load, folder, open_archive, transport, every, quiet).run())


class _Daemon:
    """One daemon at work; see `serve`."""

    def __init__(
        self,
        load: Callable[[], Config],
        folder: Path,
        open_archive: Callable[[], Archive],
        transport: Transport | None,
        every: float,
        quiet: bool,
    ) -> None:
        self._load = load
        self._folder = folder
        self._metrics: MetricsServer | None = None
        self._config = load()
        self._alerts = _alerts_of(self._config)
        self._started = utcnow()
        self._seen = _stamps(self._config.folder)
        self._open_archive = open_archive
        self._transport = transport
        self._every = every
        self._quiet = quiet
        self._paused = False
        # When the pass under way began, and whether it was told that it takes too long.
        self._begun, self._overdue = 0.0, False
        self._fatal: ScraperError | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        # Configurations that it has worked with.
        self._rounds = 0

    async def run(self) -> None:
        """Work until told to stop, each time with the configuration as it is then."""
        self._ended, self._asked = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        loop.add_signal_handler(signal.SIGHUP, self._asked.set)
        while not self._ended.is_set():
            await self._work()
        if self._fatal is not None:
            raise self._fatal

    async def _work(self) -> None:
        """Collect with one configuration, until the end or until there is another."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        async with AsyncExitStack() as opened:
            pipeline = await opened.enter_async_context(
                Pipeline(
                    self._config,
                    open_archive=self._open_archive,
                    transport=self._transport,
                    captures=new_captures,
                    on_event=self._tell,
                )
            )
            await pipeline.check()
            # A port that is taken ends the daemon: nothing is begun before that is known.
            self._metrics = await self._listening(
                opened,
                MetricsServer(
                    pipeline.archive_thread,
                    self._config.metrics.port,
                    clock=utcnow,
                    every=self._every,
                )
                if self._config.metrics.port
                else None,
            )
            listener = await self._listening(
                opened,
                HubListener(pipeline, self._config.websub, self._folder, clock=utcnow)
                if self._config.websub.callback
                else None,
            )
            self._rounds += 1
            # What is under way is finished at either.
            stop = asyncio.Event()
            job = scheduler.add_job(
                self._tick,
                "interval",
                [pipeline, stop],
                seconds=self._every,
                next_run_time=datetime.now(UTC),
                misfire_grace_time=None,
                coalesce=True,
                # A pass, and the tick that finds it under way.
                max_instances=2,
            )
            scheduler.add_job(
                self._tidy,
                "interval",
                [pipeline],
                seconds=TIDY_EVERY,
                misfire_grace_time=None,
                coalesce=True,
            )
            scheduler.start()
            log.info(
                "started: %s, checking what is due every %g s",
                plural(len(self._config.sources), "source"),
                self._every,
            )
            dispatcher = AlertDispatcher(
                self._alerts,
                self._config,
                pipeline.archive_thread,
                clock=utcnow,
                run=pipeline.run_apart,
                started=self._started,
            )
            alerts = asyncio.create_task(self._send_alerts(dispatcher, stop))
            helpers = []
            if listener is not None:
                helpers.append(asyncio.create_task(self._ask_hubs(listener)))
            helpers += [
                asyncio.create_task(_watch_clock(scheduler, job.id)),
                asyncio.create_task(self._watch_config()),
                asyncio.create_task(self._make_backups(pipeline)),
                asyncio.create_task(self._seal_parts(pipeline)),
            ]
            for helper in (*helpers, alerts):
                helper.add_done_callback(_tell_of_end)
            try:
                await self._new_config_or_end()
                log.info(
                    "stopping: finishing what is under way"
                    if self._ended.is_set()
                    else "the configuration changed: finishing what is under way"
                )
                stop.set()
                scheduler.pause()
                ending = {*self._under_way, alerts}
                _, late = await asyncio.wait(ending, timeout=GRACE)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)
            finally:
                for helper in (*helpers, alerts):
                    helper.cancel()
                await asyncio.gather(*helpers, alerts, return_exceptions=True)
                scheduler.shutdown(wait=False)

    async def _listening(self, opened: AsyncExitStack, server: Server | None) -> Server | None:
        """Open what listens on a port; return None where a changed configuration names no free one.

        Raises:
            UsageError: the port cannot be used, as the daemon starts.
        """
        if server is None:
            return None
        try:
            await opened.enter_async_context(server)
        except UsageError as error:
            if not self._rounds:
                raise
            # It collected until now, and goes on.
            log.error("%s; the daemon goes on without it", error.message)
            return None
        return server

    def _tell(self, event: Event) -> None:
        if self._metrics is not None:
            self._metrics.count(event)
        if event.outcome == "failed":
            log.warning("%s: %s: %s", event.source, event.url, event.detail)
        elif not self._quiet and event.outcome == "kept":
            log.info("%s: %s: %s", event.source, event.url, event.detail or "kept")

    async def _tick(self, pipeline: Pipeline, stop: asyncio.Event) -> None:
        """Begin a pass, unless one is under way."""
        if self._under_way:
            if not self._overdue and time.monotonic() - self._begun > 2 * self._every:
                self._overdue = True
                log.warning(
                    "the pass under way takes more than twice the %g s that lie between two looks"
                    " at what is due; the next one begins when it is over",
                    self._every,
                )
            return
        # A task of our own: the scheduler cancels its coroutines when it shuts down.
        task = asyncio.create_task(self._passes(pipeline, stop))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _passes(self, pipeline: Pipeline, stop: asyncio.Event) -> None:
        """Make passes until one leaves nothing."""
        left = True
        while left and not stop.is_set():
            self._begun, self._overdue = time.monotonic(), False
            left = await self._one_pass(pipeline, stop)
            # What one pass needed is not held until the next one.
            await asyncio.to_thread(give_back)

    async def _one_pass(self, pipeline: Pipeline, stop: asyncio.Event) -> bool:
        """Make a pass; return whether it left pages that are due, since its time was over."""
        try:
            tally = await pipeline.collect(stop=stop, at_most=self._every)
            # An imported archive has more to group than collecting can wait for.
            await pipeline.group_stories(stop, at_most=self._every)
        except WorkersLost as error:
            # A daemon that can read nothing must not look alive: whoever supervises it is told.
            self._fatal = error
            self._ended.set()
            return False
        except ScraperError as error:
            # A full disk or a locked archive passes; the daemon outlives it.
            if self._metrics is not None:
                self._metrics.pass_failed(error.message)
            if error.error_class != ErrorClass.DB_FULL:
                log.error("%s", error.message)
            elif not self._paused:
                self._paused = True
                log.warning("%s", error.message)
            return False
        if self._metrics is not None:
            self._metrics.pass_ended()
        if self._paused:
            self._paused = False
            log.warning("resumed: there is room on the archive's disk again")
        total = tally.total()
        if total["kept"] or total["failed"]:
            log.info("pass: %s", ", ".join(f"{k} {v}" for k, v in total.items() if v))
        return tally.left > 0

    async def _send_alerts(self, dispatcher: AlertDispatcher, stop: asyncio.Event) -> None:
        """Queue and send alerts, a round at a time, whether or not a pass is under way."""
        while not stop.is_set():
            try:
                await dispatcher.round()
            except ScraperError as error:
                if error.error_class != ErrorClass.DB_FULL:
                    log.error("alerts: %s", error.message)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every)

    async def _ask_hubs(self, listener: HubListener) -> None:
        """Ask hubs for subscriptions whenever some are due."""
        while True:
            await asyncio.sleep(self._every)
            try:
                await listener.round()
            except ScraperError as error:
                if error.error_class != ErrorClass.DB_FULL:
                    log.error("websub: %s", error.message)

    async def _make_backups(self, pipeline: Pipeline) -> None:
        """Make a backup whenever one is due."""
        least_free = self._config.archive.least_free
        schedule = BackupSchedule(self._config.backup, self._folder, least_free=least_free)
        thread = pipeline.archive_thread
        while self._config.backup.every:
            # What fails once must not end the backups of the months to come.
            try:
                last = await thread.call(thread.archive_or_fail().last_backup_at)
                if schedule.is_due(last if schedule.holds_any() else None, utcnow()):
                    await schedule.make(utcnow())
            except ScraperError as error:
                log.error("backup: %s", error.message)
            except OSError as error:
                log.error("backup: %s", error.strerror or error)
            await asyncio.sleep(BACKUP_LOOK)

    async def _seal_parts(self, pipeline: Pipeline) -> None:
        """Once a day, seal what rests if the settings ask for it."""
        settings, thread = self._config.archive, pipeline.archive_thread
        while settings.seal_above or settings.seal_years:
            archive = thread.archive_or_fail()
            try:
                part = await thread.call(
                    archive.seal_when_due,
                    utcnow(),
                    above=settings.seal_above,
                    yearly=settings.seal_years,
                )
            except ScraperError as error:
                log.error("rollover: %s", error.message)
            else:
                if part is not None:
                    log.info("rollover: %s: %s", part.name, plural(part.articles, "article"))
            await asyncio.sleep(SEAL_LOOK)

    async def _tidy(self, pipeline: Pipeline) -> None:
        try:
            left = await pipeline.tidy()
        except ScraperError as error:
            log.error("%s", error.message)
            return
        if left > LOG_WARNED:
            log.warning("the write-ahead log holds %d MB: a reader keeps it", left >> 20)

    async def _new_config_or_end(self) -> None:
        """Wait for the end, or for a configuration that is right."""
        while True:
            waiting = [asyncio.create_task(e.wait()) for e in (self._ended, self._asked)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            if self._ended.is_set():
                return
            self._asked.clear()
            self._seen = _stamps(self._config.folder)
            try:
                config = self._load()
                # Pipeline reads the lexicon when it opens: a wrong one must not end the daemon.
                lexicon_in(config.folder)
                self._alerts = _alerts_of(config)
                self._config = config
            except ConfigError as error:
                for problem in error.problems:
                    log.error("%s (the configuration from before stays)", problem)
                continue
            return

    async def _watch_config(self) -> None:
        """Ask for the configuration to be read again when one of its files changed."""
        while True:
            await asyncio.sleep(CONFIG_EVERY)
            if _stamps(self._config.folder) != self._seen:
                self._asked.set()


def _tell_of_end(helper: asyncio.Task[None]) -> None:
    """Log what ended a helper: nobody waits for it before the daemon ends, months later."""
    error = None if helper.cancelled() else helper.exception()
    if error is not None:
        name = getattr(helper.get_coro(), "__qualname__", helper.get_name())
        log.error("%s ended: %s", name, error, exc_info=error)


def _alerts_of(config: Config) -> AlertSettings:
    return load_alerts(config.folder, tuple(source.name for source in config.sources))


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what tells a change of the configuration's files: size and time of each."""
    stamps = {}
    for path in folder.glob("*.toml"):
        # Editors remove and rename files, and leave links that lead nowhere, while we look.
        with suppress(OSError):
            found = path.stat()
            stamps[path.name] = found.st_size, found.st_mtime_ns
    return stamps


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
