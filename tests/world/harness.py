"""The program under test: one pass after another over a real archive, in simulated time.

All that is imported from `scraper` is imported here, and by its public names.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from scraper.archive import Archive
from scraper.config import Config, load_config
from scraper.errors import ArchiveError, FetchError
from scraper.models import FetchSettings, Source
from scraper.pipeline import Pipeline
from tests.world.loop import run_simulated
from tests.world.model import BEGIN, Reply, Request, Site, answer, list_path, moment

__all__ = [
    "PASSES",
    "Fault",
    "Served",
    "Web",
    "open_archive",
    "play",
    "play_on_sockets",
    "read_served",
    "rows",
    "scratch",
    "sources_of",
    "verify",
    "version_texts",
]

# Hours of a 30-day calendar: soon after each look that the program's own calendar asks for, and
# where a takedown or a text held back is looked at again.
PASSES: Final = (
    0.0,
    1.1,
    2.4,
    6.3,
    7.6,
    13.0,
    19.0,
    24.4,
    25.6,
    31.0,
    38.0,
    48.0,
    55.0,
    62.0,
    72.5,
    73.7,
    80.0,
    96.0,
    120.0,
    144.0,
    168.6,
    169.8,
    176.0,
    200.0,
    240.0,
    288.0,
    336.0,
    400.0,
    480.0,
    560.0,
    640.0,
    720.7,
    721.9,
    728.5,
    735.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A request that was answered.

    Attributes:
        at: simulated seconds since the world began (of the wall where sockets are real).
        done: when the answer was whole.
        run: number of the pass.
        host, path, status: what was asked and answered.
        story, key, title, gone, failure: as in `Reply`.
        location: where a redirect led, or "".
    """

    at: float
    done: float
    run: int
    scheme: str
    host: str
    path: str
    status: int
    story: str = ""
    key: int | None = None
    title: str = ""
    gone: str = ""
    failure: str = ""
    location: str = ""
    cut: bool = False

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that strikes the program in one pass.

    Attributes:
        kind: worker (an idle reader is killed), busy worker, process (the program is killed), full
            disk, no room (less is free than the settings want).
        run: number of the pass.
        after: requests of the pass before it strikes.
    """

    kind: str
    run: int
    after: int = 1


class Web(httpx.AsyncBaseTransport):
    """The simulated publishers as a transport of httpx; logs each request to a file at once.

    Args:
        sites: who answers.
        log: file of JSON lines.
        hours: the present moment.
    """

    # It stands for the web of the simulated moment: manners hold as over the network.
    replay = False

    def __init__(
        self,
        sites: Sequence[Site],
        log: Path,
        hours: Callable[[], float],
        *,
        now: Callable[[], float],
    ) -> None:
        self.by_host = {h: site for site in sites for h in (site.host, *site.hosts)}
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        self._hours, self._now = hours, now
        self.run = 0
        self.errors: list[Exception] = []
        self.on_request: Callable[[], None] = lambda: None

    def close(self) -> None:
        os.close(self._log)

    def reply(self, scheme: str, host: str, path: str, headers: Mapping[str, str]) -> Reply:
        site = self._site(host)
        if site is None:
            return Reply(failure="connect")
        given = {name.lower(): value for name, value in headers.items()}
        request = Request(scheme=scheme, host=host, path=path, headers=given, hours=self._hours())
        try:
            return answer(site, request)
        except Exception as error:
            # The program would take it for a failure of its own: it is one of the world.
            self.errors.append(error)
            raise

    def _site(self, host: str) -> Site | None:
        """Return who answers to a name: its own, or one below it (``m.``, ``amp.``)."""
        name = host.lower()
        while name:
            if name in self.by_host:
                return self.by_host[name]
            name = name.partition(".")[2]
        return None

    def note(
        self, begun: float, scheme: str, host: str, path: str, reply: Reply, *, cut: bool
    ) -> None:
        served = Served(
            at=begun,
            done=self._now(),
            run=self.run,
            scheme=scheme,
            host=host,
            path=path,
            status=0 if reply.failure and reply.after < 0 else reply.status,
            story=reply.story,
            key=reply.key,
            title=reply.title,
            gone=reply.gone,
            failure=reply.failure,
            location=reply.headers.get("location", ""),
            cut=cut,
        )
        os.write(self._log, (json.dumps(asdict(served)) + "\n").encode())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request as its target spells it, over no socket."""
        url = request.url
        scheme, host = url.scheme, url.netloc.decode("ascii")
        path = request.extensions.get("target", url.raw_path).decode("ascii")
        begun = self._now()
        reply = self.reply(scheme, host, path, request.headers)
        if reply.slow:
            await asyncio.sleep(reply.slow)
        if reply.failure and reply.after < 0:
            self.note(begun, scheme, host, path, reply, cut=True)
            raise FetchError(f"{url}: {reply.failure}", url=str(url), error_class=reply.failure)
        fields = {**reply.headers}
        if not reply.close_delimited:
            fields["content-length"] = str(len(reply.body))

        def over() -> None:
            self.note(begun, scheme, host, path, reply, cut=bool(reply.failure))
            self.on_request()

        return httpx.Response(
            reply.status,
            headers=[(name.encode(), value.encode()) for name, value in fields.items()],
            stream=_Body(reply, str(url), over),
            # Where no length is given, the end of the connection is that of the body.
            extensions={"http_version": b"HTTP/1.1"},
        )


class _Body(httpx.AsyncByteStream):
    """The bytes of an answer, which may break off; tells when it is let go of."""

    def __init__(self, reply: Reply, url: str, over: Callable[[], None]) -> None:
        self._reply, self._url, self._over = reply, url, over

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reply = self._reply
        if reply.failure:
            yield reply.body[: reply.after]
            raise FetchError(f"{self._url}: broken off", url=self._url, error_class=reply.failure)
        yield reply.body

    async def aclose(self) -> None:
        self._over()


class Server:
    """The simulated publishers on a real socket of the loopback, by the names of their hosts.

    Args:
        web: who answers; its clock tells the hour.
    """

    def __init__(self, web: Web) -> None:
        self._web = web
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            line, *fields = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
            path = line.split(" ")[1]
            pairs = [field.partition(":") for field in fields]
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            host = headers.get("host", "")
            begun = time.monotonic()
            reply = self._web.reply("http", host, path, headers)
            time.sleep(min(reply.slow, 0.3))
            cut = bool(reply.failure)
            if reply.failure and reply.after < 0:
                self._web.note(begun, "http", host, path, reply, cut=True)
                return
            sent = {**reply.headers, "connection": "close"}
            if not reply.close_delimited:
                sent["content-length"] = str(len(reply.body))
            lines = [f"HTTP/1.1 {reply.status} x", *(f"{k}: {v}" for k, v in sent.items())]
            body = reply.body[: reply.after] if cut else reply.body
            # Logged first: the program may go on as soon as it has the last byte.
            self._web.note(begun, "http", host, path, reply, cut=cut)
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            self._web.on_request()


def sources_of(sites: Sequence[Site], *, interval: int = 6 * 3600) -> tuple[Source, ...]:
    """Return a source for each list of each site."""
    kinds = {"rss": "feed", "atom": "feed"}
    return tuple(
        Source(
            name=f"{site.id}-{number}",
            kind=kinds.get(kind, kind),
            url=site.root + list_path(kind, number),
            outlet=site.name,
            language=site.language,
            zone=site.zone,
            interval=interval,
        )
        for site in sites
        for number, kind in enumerate(site.lists)
    )


_BASE: Final[list[Config]] = []


def _config(sources: Sequence[Source], *, delay: float, workers: int, **fetch: Any) -> Config:
    if not _BASE:
        _BASE.append(load_config(None))
    base = _BASE[0]
    settings: FetchSettings = replace(
        base.fetch, delay=delay, ask_reservations=False, contact="world@example.org", **fetch
    )
    return replace(
        base, fetch=settings, sources=tuple(sources), parse=replace(base.parse, workers=workers)
    )


def open_archive(folder: Path) -> Archive:
    """Return the archive of a folder."""
    return Archive(folder)


def _workers_of(pid: int) -> list[int]:
    """Return the processes below one that have no children of their own."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    below, waiting = [], [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            waiting.append(child)
            below.append(child)
    # Those that hold a parser, not the server that they are forked from.
    return [p for p in below if p not in parents and b"forkserver" in _command(p)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class _Faults:
    """Lets faults strike in their pass."""

    def __init__(self, faults: Sequence[Fault], web: Web, archive: Path) -> None:
        self._faults, self._web, self._archive = faults, web, archive
        self._left: list[Fault] = []
        self._count = 0
        web.on_request = self._asked

    def begin(self, run: int) -> None:
        self._count = 0
        self._left = [fault for fault in self._faults if fault.run == run]
        for fault in self._left:
            if fault.kind == "worker":
                self._kill_worker()

    def _kill_worker(self) -> None:
        for pid in _workers_of(os.getpid())[:1]:
            os.kill(pid, signal.SIGKILL)

    def _asked(self) -> None:
        self._count += 1
        for fault in self._left:
            if fault.after == self._count and fault.kind == "busy worker":
                threading.Timer(0.01, self._kill_worker).start()
            if fault.after == self._count and fault.kind == "process":
                threading.Timer(
                    0.004 * (fault.after % 5), os.kill, (os.getpid(), signal.SIGKILL)
                ).start()

    @contextmanager
    def disk(self, run: int) -> Iterator[None]:
        """Let files grow no further for one pass."""
        import resource

        full = any(fault.kind == "full disk" for fault in self._left)
        if not full:
            yield
            return
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = max((f.stat().st_size for f in self._archive.glob("*.db*")), default=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass(slots=True)
class Played:
    """What came of a run.

    Attributes:
        folder: of the run: the archive lies in ``archive``.
        stopped: passes that ended in an error of the archive, with its class.
        broken: passes that ended in another error, with what it was.
    """

    folder: Path
    stopped: dict[int, str] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)


def play(
    sites: Sequence[Site],
    folder: Path,
    *,
    passes: Sequence[float] = PASSES,
    first: int = 0,
    faults: Sequence[Fault] = (),
    delay: float = 2.0,
    workers: int = 1,
    interval: int = 6 * 3600,
    last: int | None = None,
) -> Played:
    """Run passes over sites in simulated time, one open pipeline for all of them.

    Args:
        sites: the publishers.
        folder: where the archive and the log of requests go, or lie already.
        passes: hours since the world began, rising.
        first: number of the pass to begin with.
        last: number of the last pass, or None for all.
        faults: what strikes, and when.
        delay: least gap between two requests to a host, simulated seconds.
        workers: processes that read pages.
        interval: seconds between two visits of a source.
    """
    played = Played(folder)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        web = Web(sites, folder / "served.jsonl", lambda: loop.time() / 3600, now=loop.time)
        strikes = _Faults(faults, web, folder / "archive")
        config = _config(sources_of(sites, interval=interval), delay=delay, workers=workers)
        try:
            async with Pipeline(
                config,
                open_archive=lambda: open_archive(folder / "archive"),
                transport=web,
                clock=lambda: BEGIN + timedelta(seconds=loop.time()),
            ) as pipeline:
                for number in range(first, len(passes) if last is None else last + 1):
                    await asyncio.sleep(max(0.0, 3600 * passes[number] - loop.time()))
                    web.run = number
                    strikes.begin(number)
                    try:
                        with strikes.disk(number):
                            await pipeline.collect()
                    except ArchiveError as error:
                        played.stopped[number] = error.error_class
                    except Exception as error:  # noqa: BLE001 - told as a broken invariant
                        played.broken[number] = f"{type(error).__name__}: {error}"[:300]
        finally:
            web.close()
        if web.errors:
            raise web.errors[0]

    random.seed(0)
    run_simulated(main(), begins=3600 * passes[first])
    return played


def play_on_sockets(
    make: Callable[[int], Sequence[Site]],
    folder: Path,
    *,
    passes: Sequence[float],
    faults: Sequence[Fault] = (),
    delay: float = 0.02,
    workers: int = 1,
) -> tuple[Sequence[Site], Played]:
    """Run passes over real sockets; the clock stands at a pass's hour and runs on from there.

    Args:
        make: makes the sites, given the port that they answer on.
        folder, passes, faults, workers: as in `play`.
        delay: least gap between two requests to a host, real seconds.

    Returns:
        The sites and what came of the run.
    """
    played = Played(folder)
    begun, hour = time.monotonic(), [passes[0]]

    def hours() -> float:
        return hour[0] + (time.monotonic() - begun) / 3600

    web = Web((), folder / "served.jsonl", hours, now=time.monotonic)
    with Server(web) as server:
        sites = make(server.port)
        web.by_host = {h: site for site in sites for h in (site.host, *site.hosts)}
        strikes = _Faults(faults, web, folder / "archive")
        config = _config(
            sources_of(sites),
            delay=delay,
            workers=workers,
            ports=(80, 443, server.port),
            allow_private=("127.0.0.0/8", "::1/128"),
            connect_timeout=3.0,
            read_timeout=4.0,
        )

        async def main() -> None:
            nonlocal begun
            async with Pipeline(
                config,
                open_archive=lambda: open_archive(folder / "archive"),
                clock=lambda: moment(hours()),
            ) as pipeline:
                for number, at in enumerate(passes):
                    begun, hour[0], web.run = time.monotonic(), at, number
                    strikes.begin(number)
                    try:
                        await pipeline.collect()
                    except ArchiveError as error:
                        played.stopped[number] = error.error_class
                    except Exception as error:  # noqa: BLE001 - told as a broken invariant
                        played.broken[number] = f"{type(error).__name__}: {error}"[:300]

        asyncio.run(main())
    web.close()
    if web.errors:
        raise web.errors[0]
    return sites, played


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for a run, in memory where the machine has room for it."""
    shared = Path("/dev/shm")
    room = shared.is_dir() and shutil.disk_usage(shared).free > 2 * 2**30
    with tempfile.TemporaryDirectory(dir=shared if room else None, prefix="world-") as name:
        yield Path(name)


def read_served(folder: Path) -> list[Served]:
    """Return the requests of a run in order."""
    with (folder / "served.jsonl").open(encoding="utf-8") as lines:
        return [Served(**json.loads(line)) for line in lines if line.endswith("\n")]


def rows(folder: Path, query: str, *values: object) -> list[sqlite3.Row]:
    """Return rows of a run's archive."""
    connection = sqlite3.connect(folder / "archive" / "archive.db")
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def version_texts(folder: Path) -> dict[int, list[tuple[str, str]]]:
    """Return (headline, text) of each version, in order, by article."""
    found: dict[int, list[tuple[str, str]]] = {}
    with open_archive(folder / "archive") as archive:
        for row in rows(folder, "select page_id, number from versions order by page_id, number"):
            article = archive.version(row["page_id"], row["number"]).article
            found.setdefault(row["page_id"], []).append((article.title, article.text))
    return found


def verify(folder: Path) -> list[str]:
    """Return what the archive's own checks find wrong."""
    with open_archive(folder / "archive") as archive:
        return [finding.what for finding in archive.verify().findings]
