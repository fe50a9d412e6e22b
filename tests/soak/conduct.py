"""Runs the daemon, the browser and the command line side by side, and watches their health."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.soak.faults import (
    DISK_FULL,
    KILL,
    Faults,
    family,
    fill,
    out_of_memory,
    schedule,
    survivors,
)
from tests.soak.receiver import Receiver
from tests.soak.server import Sites
from tests.soak.world import Plan, Site, build

__all__ = ["Run", "Sample", "conduct"]

DAEMON, CLI = "daemon", "cli"
# Folder of a run that holds the archive where its disk is to be filled.
DISK = "disk"
# Share of the run after which sites are calm and the daemon may settle, and for how long at most.
SETTLE_SHARE, SETTLE_LEAST = 0.5, 180.0
_LONGEST_FAULTS = 300.0
# Seconds between two looks of the daemon at what is due.
EVERY = 5
_SAMPLE_EVERY, _POLL_EVERY = 5.0, 10.0
# Share of the run for which the disk is full, and the least seconds: a pass must meet it.
_FULL_SHARE, _FULL_LEAST = 0.01, 4.0
# Bytes that the daemon must find free to begin anything.
_LEAST_FREE = 4 * 1024 * 1024
_POLLED = ("/", "/-/changes", "/-/sources", "/-/search?q=model", "/archive/article_list?_size=20")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the daemon used at a moment: seconds of the run, its process, MB, counts."""

    at: float
    pid: int
    rss: float
    tree: float
    fds: int
    threads: int


@dataclass(slots=True, kw_only=True)
class Run:
    """What a run left behind.

    Attributes:
        plan, sites, log: the truth, and what the servers saw.
        base: beginning of all addresses but for the host: the port.
        archive: folder of the archive.
        samples: of the daemon's health.
        lags: ms that its loop was held up, one for each tick.
        polls: statuses of the browser's answers, 0 for none; by path.
        fetched: exit codes and seconds of ``scraper fetch``.
        daemon_exit, daemon_end: exit code, and seconds that its end took.
        doctor: exit code of ``scraper doctor`` and what it said.
        log_bytes: of the daemon's log files.
        settled: seconds that settling took, or None when it was given up.
        errors: what the daemon logged as an error.
        receiver: what took the daemon's alerts.
        starts: when the daemon was started, seconds of the clock on the wall.
        faults: what struck it.
    """

    plan: Plan
    sites: tuple[Site, ...]
    server: Sites
    archive: Path
    receiver: Receiver
    samples: list[Sample] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    polls: list[tuple[str, int, float]] = field(default_factory=list)
    fetched: list[tuple[int, float, str]] = field(default_factory=list)
    daemon_exit: int = 0
    daemon_end: float = 0.0
    doctor: tuple[int, str] = (0, "")
    log_bytes: int = 0
    settled: float | None = None
    errors: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


class Daemon:
    """The daemon of a run, which is killed and started again.

    Args:
        words: its command line.
        env: its environment.
        said: file to which its standard error is added.
        run: takes down when it was started and killed.
    """

    def __init__(self, words: Sequence[str], env: Mapping[str, str], said: Path, run: Run) -> None:
        self._words, self._env, self._said, self._run = list(words), dict(env), said, run
        self._changing = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._run.starts.append(time.time())
        with self._said.open("a") as said:
            self.process = subprocess.Popen(self._words, env=self._env, stderr=said)

    def kill(self) -> None:
        """Kill it, start another, and see what is left of the first."""
        with self._changing:
            below = family(self.process.pid)
            self.process.kill()
            self._run.faults.kills.append(time.monotonic())
            self.process.wait()
            self._start()
        self._run.faults.left += survivors(below)

    def has_ended(self) -> bool:
        """Return whether it ended by itself."""
        with self._changing:
            return self.process.poll() is not None

    def end(self) -> tuple[int, float]:
        """End it in order; return its exit code and the seconds that this took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return code, time.monotonic() - begun


def conduct(plan: Plan, folder: Path, tell: Callable[[str], None] = lambda line: None) -> Run:
    """Make one run.

    Args:
        plan: how large it is.
        folder: an empty one, for configuration, archive and logs.
        tell: called with a line now and then.
    """
    sites = build(plan)
    with Sites(plan, sites) as server, Receiver(plan.seed) as receiver:
        place = folder / DISK if (folder / DISK).is_dir() else folder
        run = Run(
            plan=plan, sites=sites, server=server, archive=place / "archive", receiver=receiver
        )
        for name in (DAEMON, CLI):
            _write_config(folder / name, name, run)
        _work(run, folder, tell)
    return run


def command(folder: Path, config: str, archive: Path, *words: str) -> list[str]:
    """Return the command line of the program with a compressed calendar."""
    base = [sys.executable, "-m", "tests.soak.hurry", "--config", str(folder / config)]
    return [*base, "--archive", str(archive), *words]


def calendar(plan: Plan) -> Mapping[str, Any]:
    """Return the compressed calendar: the usual six looks, within the run, and what lies between.

    The looks come after 1, 6 and 24 hours, 3, 7 and 30 days; a span between two of them becomes one
    between those two here.
    """
    shares = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
    looks = [max(3.0 * (i + 1), round(plan.seconds * s)) for i, s in enumerate(shares)]
    return {
        "rechecks": looks,
        "spans": {
            "_FIRST_RETRY": 3,
            "_LONGEST_RETRY": 20,
            "MOVED_CHECK": looks[0] / 6,
            "OUTAGE_MARGIN": looks[0],
            "STALE_COPY_CHECK": (looks[0] + looks[1]) / 2,
            "SHRINK_AGREES_AFTER": looks[1],
            "LONGEST_WAIT": looks[1],
            "LONGEST_UNREAD": looks[2],
            "READING": looks[0],
            "LONGEST_OUTAGE": looks[4],
            "LONGEST_STALE": looks[4],
            "LONGEST_OLDER": looks[5],
            "HEADLINE_TEST_SPAN": looks[5],
        },
        "alerts": {"_FIRST_WAIT": 1, "_LONGEST_WAIT": 8},
    }


def _write_config(folder: Path, name: str, run: Run) -> None:
    folder.mkdir()
    plan = run.plan
    interval = max(5, round(plan.seconds / 60))
    (folder / "settings.toml").write_text(
        f'[fetch]\ncontact = "{name}"\ndelay = {plan.delay}\nports = [{run.server.port}]\n'
        'allow_private = ["127.0.0.0/8"]\nread_timeout = 4.0\ntotal_timeout = 6.0\n'
        f"concurrency = 16\n[archive]\nleast_free = {_LEAST_FREE}\n"
    )
    blocks = [
        f'[[source]]\nname = "s{number}-{kind}"\n'
        f'kind = "{"feed" if kind in ("rss", "atom") else kind}"\n'
        f'url = "http://{site.host}:{run.server.port}/{kind}"\noutlet = "Site {number}"\n'
        f'language = "{site.language}"\nzone = "UTC"\ninterval = {interval}\n'
        for number, site in enumerate(run.sites)
        for kind in site.kinds
    ]
    (folder / "sources.toml").write_text("\n".join(blocks))
    rules = (("edits", "severe_edit", "severity = 1\n"), ("gone", "takedown", ""),
             ("starts", "daemon_restarted", ""))  # fmt: skip
    (folder / "alerts.toml").write_text(
        f'[[sink]]\nname = "hook"\nkind = "webhook"\nurl = "{run.receiver.url}"\n'
        "most_per_hour = 1000\n"
        + "".join(
            f'[[rule]]\nname = "{name}"\nkind = "{kind}"\n{more}sinks = ["hook"]\n'
            for name, kind, more in rules
        )
    )


def _work(run: Run, folder: Path, tell: Callable[[str], None]) -> None:
    plan = run.plan
    env = {
        **os.environ,
        "SOAK_CALENDAR": json.dumps(calendar(plan)),
        "SOAK_LAG": str(folder / "lag"),
    }
    log = folder / "daemon.jsonl"
    words = ("daemon", "--every", str(EVERY), "--log", str(log))
    daemon = Daemon(command(folder, DAEMON, run.archive, *words), env, folder / "daemon.err", run)
    over = threading.Event()
    del env["SOAK_LAG"]
    beside = [
        threading.Thread(target=_watch, args=(run, daemon, over)),
        threading.Thread(target=_browse, args=(run, folder, env, over)),
        threading.Thread(target=_fetch_now_and_then, args=(run, folder, env, over)),
        threading.Thread(target=_disturb, args=(run, daemon, over, tell)),
    ]
    try:
        for thread in beside:
            thread.start()
        _wait(run, daemon, plan.seconds, tell)
        run.server.calm = run.receiver.calm = True
        run.settled = _settle(run, daemon, tell)
    finally:
        over.set()
        for thread in beside:
            # A fetch of the command line keeps a host's pause, which is a minute at most.
            thread.join(300)
        run.daemon_exit, run.daemon_end = daemon.end()
    done = subprocess.run(
        command(folder, CLI, run.archive, "doctor"), env=env, capture_output=True, check=False
    )
    run.doctor = (done.returncode, (done.stdout + done.stderr).decode())
    run.log_bytes = sum(file.stat().st_size for file in folder.glob("daemon.*"))
    run.errors = [line for line in _lines(log) if json.loads(line)["level"] == "error"]
    run.errors += [line for line in _lines(folder / "daemon.err") if "Traceback" in line]
    run.lags = [float(word) for line in _lines(folder / "lag") for word in line.split()]


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _wait(run: Run, daemon: Daemon, seconds: float, tell: Callable[[str], None]) -> None:
    told = 0.0
    # On a busy machine what is to strike takes longer than the sites live.
    longest = seconds + _LONGEST_FAULTS
    while not daemon.has_ended() and (
        run.server.now() < seconds or (not run.faults.over.is_set() and run.server.now() < longest)
    ):
        time.sleep(0.5)
        if run.server.now() - told >= 30:
            told = run.server.now()
            rss = run.samples[-1].rss if run.samples else 0
            tell(f"{told:5.0f} s: {len(run.server.log):,} requests, daemon {rss:.0f} MB")


def _settle(run: Run, daemon: Daemon, tell: Callable[[str], None]) -> float | None:
    """Wait until all that may be archived is, no page waits for its next look, no alert is left."""
    begun, longest = time.monotonic(), max(SETTLE_LEAST, SETTLE_SHARE * run.plan.seconds)
    quiet = 0
    while time.monotonic() - begun < longest and not daemon.has_ended():
        left = _waiting(run)
        quiet = quiet + 1 if left == 0 else 0
        if quiet >= 2:
            return time.monotonic() - begun
        tell(f"settling: {left} pages wait")
        time.sleep(5)
    return None


def _waiting(run: Run) -> int:
    """Return how many pages are unseen yet, or were seen and not settled."""
    # What is gone for good, and came and went before it was seen, waits for nobody; whether a page
    # that was found missing was taken down is open until it answers again.
    with sqlite3.connect(f"file:{run.archive / 'archive.db'}?mode=ro", uri=True) as db:
        known = {url for (url,) in db.execute("select url from pages")}
        (open_,) = db.execute(
            "select count(*) from pages p where (state <> 'live' or gone_count > 0)"
            " and next_check_at is not null"
            " and last_class <> 'robots_denied' and gone_at is null"
        ).fetchone()
        (unsent,) = db.execute(
            "select (select count(*) from alert_messages where state in ('waiting', 'sending'))"
            " + (select count(*) from alert_deliveries where message_id is null)"
            # Rules that have not looked at all of the ledger yet.
            " + (select count(*) from alert_rules where name in ('edits', 'gone') and"
            " json_extract(state, '$.change') < (select coalesce(max(id), 0) from changes))"
        ).fetchone()
    db.close()
    port = run.server.port
    listed = {f"http://{s.host}:{port}{a.path}" for s in run.sites for a in s.articles}
    return len(listed - known) + int(open_) + int(unsent)


# Beside the daemon


def _watch(run: Run, daemon: Daemon, over: threading.Event) -> None:
    while not over.wait(_SAMPLE_EVERY):
        # It may have been killed just now.
        with suppress(FileNotFoundError, ProcessLookupError, KeyError):
            run.samples.append(_sample(daemon.process.pid, run.server.now()))


def _disturb(run: Run, daemon: Daemon, over: threading.Event, tell: Callable[[str], None]) -> None:
    """Strike the daemon as it is scheduled, each time in the midst of its work."""
    chance = random.Random(f"{run.plan.seed}/midst")
    for at, kind in schedule(run.plan):
        if over.wait(max(0.0, at - run.server.now())):
            return
        # A daemon that was not up yet has nothing to lose.
        # It is struck while it asks, or while it archives what it asked for.
        count = chance.choice((lambda: len(run.server.log), lambda: _rows(run)))
        wanted = count() + chance.randint(1, 12)
        while count() < wanted:
            if over.wait(0.02):
                return
        tell(f"{run.server.now():5.0f} s: {kind}")
        if kind == KILL:
            daemon.kill()
        elif kind == DISK_FULL:
            seconds = max(_FULL_LEAST, _FULL_SHARE * run.plan.seconds)
            run.faults.full.append(fill(run.archive.parent, seconds))
        else:
            killed = ""
            # Workers are there once there was something to read.
            while not killed:
                killed = out_of_memory(daemon.process.pid)
                if over.wait(0.2):
                    return
            run.faults.out_of_memory.append(killed)
    run.faults.over.set()


def _rows(run: Run) -> int:
    """Return how many attempts the archive knows of."""
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{run.archive / 'archive.db'}?mode=ro", uri=True)) as db,
    ):
        return int(db.execute("select count(*) from fetches").fetchone()[0])
    return 0


def _sample(pid: int, at: float) -> Sample:
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return Sample(
        at=at,
        pid=pid,
        rss=int(fields["VmRSS"].split()[0]) / 1024,
        tree=sum(map(_share, [pid, *family(pid)])),
        fds=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(fields["Threads"]),
    )


def _share(pid: int) -> float:
    """Return the MB of a process, what it shares with others counted in part."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass  # It ended meanwhile.
    return 0.0


def _browse(run: Run, folder: Path, env: Mapping[str, str], over: threading.Event) -> None:
    """Poll the browser until the end; what it says between two polls is of no interest."""
    while not (run.archive / "archive.db").exists():
        if over.wait(0.5):
            return
    words = command(folder, CLI, run.archive, "browse", "--port", "0")
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE) as browser:
        assert browser.stderr is not None
        base = ""
        while not base and (line := browser.stderr.readline().decode()):
            base = next((w for w in line.split() if w.startswith("http://")), "").rstrip("/")
        copy = threading.Thread(target=_copy, args=(browser.stderr, folder / "browser.err"))
        copy.start()
        turn = 0
        while base and not over.wait(min(_POLL_EVERY, run.plan.seconds / 20)):
            path = _POLLED[turn % len(_POLLED)]
            turn += 1
            begun = time.monotonic()
            run.polls.append((path, _ask(base + path), time.monotonic() - begun))
        browser.send_signal(signal.SIGINT)
        try:
            browser.wait(20)
        except subprocess.TimeoutExpired:
            browser.kill()
        copy.join()


def _copy(said: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(said, file)


def _ask(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _fetch_now_and_then(
    run: Run, folder: Path, env: Mapping[str, str], over: threading.Event
) -> None:
    chance = random.Random(f"{run.plan.seed}/cli")
    while not over.wait(min(60.0, run.plan.seconds / 3)):
        there = [
            (site, article)
            for site in run.sites
            for article in site.articles
            if article.published <= run.server.now() and not article.denied
        ]
        site, article = chance.choice(there)
        url = f"http://{site.host}:{run.server.port}{article.path}"
        begun = time.monotonic()
        done = subprocess.run(
            command(folder, CLI, run.archive, "fetch", url),
            env=dict(env),
            capture_output=True,
            check=False,
        )
        said = done.stderr.decode()[-300:]
        run.fetched.append((done.returncode, time.monotonic() - begun, said))
