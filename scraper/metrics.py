"""Metrics for Prometheus and a health check, on a port of the loopback: ``[metrics] port``.

``/metrics`` counts what the daemon did since it started; ``/healthz`` answers 200 while it works
and 503 with the reason when it does not. Nothing is measured until somebody asks. prometheus-client
(extra ``metrics``) writes the format.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from scraper.archive import Archive
from scraper.archive.metrics import ArchiveGrowth, GrowthCursor
from scraper.errors import ScraperError, UsageError
from scraper.pipeline import ArchiveThread, Event

__all__ = ["MetricsServer", "processes_memory"]

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
# Bytes and seconds that a request may take.
_MOST_BYTES, _TIMEOUT = 8192, 5.0
# Without a finished pass for so many ticks, and seconds, the daemon is not well.
_TICKS, _LEAST_SECONDS = 10, 900.0


class MetricsServer:
    """Counts what a daemon does and answers on the loopback; an asynchronous context manager.

    Args:
        thread: the archive.
        port: on 127.0.0.1.
        clock: the present moment.
        every: seconds between two looks at what is due.

    Raises:
        UsageError: the extra ``metrics`` is not installed, or the port is taken.
    """

    def __init__(
        self, thread: ArchiveThread, port: int, *, clock: Callable[[], datetime], every: float
    ) -> None:
        try:
            import prometheus_client as library
        except ImportError:
            raise UsageError(
                "[metrics] port in settings.toml needs the extra metrics:"
                " pip install 'scraper[metrics]'"
            ) from None
        self._library = library
        self._thread = thread
        self._port = port
        self._clock = clock
        self._stale = max(_LEAST_SECONDS, _TICKS * every)
        self._lock = asyncio.Lock()
        self._cursor: GrowthCursor | None = None
        self._alive = time.monotonic()
        self._paused = ""
        self._registry = library.CollectorRegistry()
        self._counters = {
            name: library.Counter(f"scraper_{name}", told, labels, registry=self._registry)
            for name, told, labels in (
                ("visits", "Visits to sources, by outcome.", ["outcome"]),
                ("links", "Links that were processed, by outcome.", ["outcome"]),
                ("fetches", "Rows of fetches, by class.", ["class"]),
                ("versions", "New versions of articles.", []),
                ("changes", "Entries of the ledger, by kind.", ["kind"]),
                ("edits", "Edits, by class.", ["class"]),
                ("passes", "Passes that came to their end.", []),
            )
        }
        self._gauges = {
            name: library.Gauge(f"scraper_{name}", told, labels, registry=self._registry)
            for name, told, labels in (
                ("queue", "What waits: due sources and pages, held pages, alerts.", ["of"]),
                ("lag_seconds", "How long what is due longest has waited.", []),
                ("memory_bytes", "Proportional memory of daemon and workers.", ["process"]),
                ("archive_bytes", "Bytes of the archive's files.", ["file"]),
                ("free_bytes", "Bytes free on the archive's disk.", []),
                ("healthy", "Whether /healthz answers 200.", []),
                ("last_pass_seconds", "Seconds since a pass came to its end.", []),
                ("backup_timestamp_seconds", "Unix time of the last verified backup, 0: none.", []),
            )
        }

    async def __aenter__(self) -> MetricsServer:
        self._cursor = await self._thread.call(_cursor, self._thread.archive_or_fail())
        try:
            self._server = await asyncio.start_server(self._answer, _HOST, self._port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise UsageError(f"[metrics] port = {self._port} cannot be used: {reason}") from error
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        """The port that it answers on."""
        return int(self._server.sockets[0].getsockname()[1])

    # What the daemon tells

    def count(self, event: Event) -> None:
        """Count an event of a pass."""
        name = "visits" if event.kind == "visit" else "links"
        self._counters[name].labels(event.outcome).inc()

    def pass_ended(self) -> None:
        """Note that a pass came to its end."""
        self._alive, self._paused = time.monotonic(), ""
        self._counters["passes"].inc()

    def pass_failed(self, reason: str) -> None:
        """Note that no pass can be made now, and why."""
        self._paused = reason

    # Answers

    def health(self) -> str:
        """Return why the daemon is not well, or ""."""
        if self._paused:
            return self._paused
        idle = time.monotonic() - self._alive
        return f"no pass came to its end for {idle:.0f} s" if idle > self._stale else ""

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT):
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, *_ = head[:_MOST_BYTES].decode("latin-1").split(" ", 2)
                response = await self._response(method, path.partition("?")[0])
                if method == "HEAD":
                    response = response[: response.index(b"\r\n\r\n") + 4]
                writer.write(response)
                await writer.drain()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError,
                asyncio.LimitOverrunError):  # fmt: skip
            pass  # whoever asked has gone, or asked nonsense
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _response(self, method: str, path: str) -> bytes:
        if method not in ("GET", "HEAD"):
            return _http("405 Method Not Allowed", "text/plain", b"only GET\n")
        if path == "/healthz":
            wrong = self.health()
            body = (wrong or "ok").encode("utf-8", "replace") + b"\n"
            return _http("503 Service Unavailable" if wrong else "200 OK", "text/plain", body)
        if path != "/metrics":
            return _http("404 Not Found", "text/plain", b"/metrics or /healthz\n")
        try:
            body = await self._measured()
        except ScraperError as error:
            log.warning("metrics: %s", error.message)
            return _http("503 Service Unavailable", "text/plain", b"the archive cannot be read\n")
        return _http("200 OK", self._library.CONTENT_TYPE_LATEST, body)

    async def _measured(self) -> bytes:
        async with self._lock:
            archive = self._thread.archive_or_fail()
            found = await self._thread.call(_growth, archive, self._cursor, self._clock())
            backup = await self._thread.call(_last_backup, archive)
            self._cursor = found.cursor
            self._take(found)
            self._gauges["backup_timestamp_seconds"].set(backup.timestamp() if backup else 0)
        text: bytes = self._library.generate_latest(self._registry)
        return text

    def _take(self, found: ArchiveGrowth) -> None:
        for name, counts in (
            ("fetches", found.fetches), ("changes", found.changes), ("edits", found.edits),
        ):  # fmt: skip
            for label, number in counts.items():
                self._counters[name].labels(label).inc(number)
        self._counters["versions"].inc(found.versions)
        for name, number in found.queue.items():
            self._gauges["queue"].labels(name).set(number)
        for name, number in found.bytes.items():
            self._gauges["archive_bytes"].labels(name).set(number)
        for name, number in processes_memory():
            self._gauges["memory_bytes"].labels(name).set(number)
        self._gauges["lag_seconds"].set(found.lag_seconds)
        self._gauges["free_bytes"].set(found.free_bytes)
        self._gauges["healthy"].set(not self.health())
        self._gauges["last_pass_seconds"].set(time.monotonic() - self._alive)


def _growth(archive: Archive, since: GrowthCursor | None, at: datetime) -> ArchiveGrowth:
    return archive.growth(since or archive.growth_cursor(), at)


def _cursor(archive: Archive) -> GrowthCursor:
    return archive.growth_cursor()


def _last_backup(archive: Archive) -> datetime | None:
    return archive.last_backup_at()


def _http(status: str, kind: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
        "connection: close\r\ncache-control: no-store\r\n\r\n"
    )
    return head.encode("latin-1") + body


def processes_memory(proc: Path = Path("/proc")) -> Iterator[tuple[str, int]]:
    """Yield the proportional memory in bytes of this process and of all below it together.

    Args:
        proc: where the kernel tells it; elsewhere than on Linux there is nothing.
    """
    own = _pss(proc, os.getpid())
    if own is None:
        return
    yield "daemon", own
    below, seen, workers = [os.getpid()], set[int](), 0
    while below:
        parent = below.pop()
        for path in proc.glob(f"{parent}/task/*/children"):
            with suppress(OSError):
                for child in map(int, path.read_text().split()):
                    if child not in seen:
                        seen.add(child)
                        below.append(child)
                        workers += _pss(proc, child) or 0
    yield "workers", workers


def _pss(proc: Path, pid: int) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (proc / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return None
