"""Gauntlet 56 and 57: two daemons, a command beside one, a long lock, a long reader."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from scraper.archive import Archive
from tests.archiving import START, URL, article, opened
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.test_runs import configured, story

SAVED = (
    "<html lang='en'><title>Kept</title><article><h1>Kept by hand</h1>{}</article></html>".format(
        "<p>The harbour board said on Monday that the ferry model would be published in full.</p>"
        * 4
    )
)


class Daemon:
    """A real daemon, and what it logs, line by line; `env` is its environment, or None for ours."""

    def __init__(self, archive: Path, config: Path, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scraper", "--archive", archive, "--config", config,
             "daemon", "--every", "5"],
            stderr=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    def until(self, what: str, after: int = 0) -> str:
        """Wait for a line of the log."""
        for _ in range(400):
            found = [line for line in self.lines[after:] if what in line]
            if found:
                return found[0]
            assert self.process.poll() is None, self.lines
            time.sleep(0.1)
        raise AssertionError(f"no {what!r} in {self.lines}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=25)
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


def settings(folder: Path, server: Server, sources: Sequence[str], **archive: int) -> Path:
    """Return a folder of settings with these feeds of the server as sources."""
    config = configured(folder, server.port)
    listed(config, server, sources)
    text = (config / "settings.toml").read_text(encoding="utf-8")
    for key, value in archive.items():
        text = re.sub(rf"(?m)^{key} = \S+", f"{key} = {value}", text)
    (config / "settings.toml").write_text(text.replace("delay = 2.0", "delay = 0.1"))
    return config


def listed(config: Path, server: Server, sources: Sequence[str]) -> None:
    blocks = [
        f'[[source]]\nname = "{name}"\nkind = "feed"\nurl = "{server.url("/" + name)}"\n'
        'outlet = "Harbour"\nlanguage = "zh-Hans"\nzone = "Asia/Shanghai"\ninterval = 600\n'
        'verified = "a test"\n'
        for name in sources
    ]
    (config / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")


def feed(name: str) -> bytes:
    return reply(
        f"<rss version='2.0'><channel><title>Harbour</title><item><title>渡轮模型公开</title>"
        f"<link>/news/{name}.html</link></item></channel></rss>",
        Content_Type="application/rss+xml; charset=utf-8",
    )


def routes() -> dict[str, Script]:
    page = story("utf-8", declared=True)
    feeds = {f"/{name}": feed(name) for name in ("one", "two")}
    return {**feeds, "/news/one.html": page, "/news/two.html": page}


def scraper(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scraper", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the write lock of a file for a while, from another thread."""
    held = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin exclusive")
            held.set()
            time.sleep(seconds)
            other.execute("rollback")

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    yield
    thread.join()


def test_g56_a_second_daemon(tmp_path: Path) -> None:
    """Exit 75, the first unaffected, a command waits its turn; what kill -9 leaves holds nobody."""
    archive = tmp_path / "archive"
    with Server(routes()) as server:
        config = settings(tmp_path / "config", server, ["one"], least_free=0)
        first = Daemon(archive, config)
        first.until("pass: ")
        options = ("--archive", archive, "--config", config)
        second = scraper(*options, "daemon")
        assert second.returncode == 75
        assert (
            f"another daemon holds this archive (process {first.process.pid} since" in second.stderr
        )
        assert first.process.poll() is None
        # A command beside it writes, also when it has to wait for the lock.
        with locked(archive / "archive.db", 2.0):
            done = scraper(
                *options, "fetch", "--html", "-", "--url", "https://a.example/k", stdin=SAVED
            )
        assert done.returncode == 0, done.stderr
        # A changed file of the configuration is taken up; a wrong one is told, and harms nothing.
        seen = len(first.lines)
        listed(config, server, ["one", "two"])
        os.kill(first.process.pid, signal.SIGHUP)
        first.until("the configuration changed", seen)
        first.until("pass: ", seen)
        seen = len(first.lines)
        with (config / "sources.toml").open("a", encoding="utf-8") as file:
            file.write("interval = 'often'\n")
        os.kill(first.process.pid, signal.SIGHUP)
        assert "from before stays" in first.until("sources.toml", seen)
        listed(config, server, ["one", "two"])
        for name, text in (
            ("settings.toml", f"[fetch]\ndelay = {'9' * 5_000}\n"),
            ("sources.toml", f"x = {'[' * 3_000}{']' * 3_000}\n"),
            ("topics.toml", f"[score]\nthreshold = 0x{'f' * 5_000}\n"),
        ):
            before = (config / name).read_bytes() if (config / name).exists() else None
            seen = len(first.lines)
            (config / name).write_text(text, encoding="utf-8")
            os.kill(first.process.pid, signal.SIGHUP)
            assert "from before stays" in first.until(name, seen)
            if before is None:
                (config / name).unlink()
            else:
                (config / name).write_bytes(before)
        assert first.process.poll() is None
        # Each event is one line with its time and level.
        logged = [line for line in first.lines if not line.startswith("watching")]
        assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:]{8}Z [A-Z]+ +\S", line) for line in logged), (
            logged
        )
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
        third = Daemon(archive, config)
        third.until("started")
        assert third.end() == 0
    with Archive(archive, create=False) as kept:
        assert kept.status(START).counts["articles"] >= 2
        assert kept.doctor(least_free=0) == ()


def test_g57_a_long_lock_is_waited_for(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
        with locked(tmp_path / "archive.db", 10.0):
            assert archive.record(article(url=f"{URL}2")).outcome == "kept"
        assert archive.doctor(least_free=0) == ()


def test_g57_a_long_reader_bounds_the_log_once_it_lets_go(tmp_path: Path) -> None:
    limit = 64 * 1024 * 1024
    noise = os.urandom(1 << 20).hex()
    with opened(tmp_path) as archive:
        archive.record(article())
        readers = [
            sqlite3.connect(f"file:{tmp_path / name}?mode=ro", uri=True, isolation_level=None)
            for name in ("archive.db", "bodies.db")
        ]
        for reader in readers:
            reader.execute("begin")
            reader.execute("select count(*) from sqlite_master").fetchone()
        (seen,) = readers[0].execute("select count(*) from articles").fetchone()
        for n in range(72):
            body = os.urandom(1 << 20)
            archive.record(article(f"{noise[n : n + 200]}\n" * 20, url=f"{URL}big{n}", body=body))
        # Readers never wait, and never keep a writer from writing; but the log cannot be folded.
        assert readers[0].execute("select count(*) from articles").fetchone() == (seen,)
        assert archive.tidy() > limit
        with Archive(tmp_path, readonly=True) as other:
            assert other.status(START).counts["fetches"] == 73
        for reader in readers:
            reader.execute("commit")
            reader.close()
        assert archive.tidy() <= limit
        assert all(path.stat().st_size <= limit for path in tmp_path.glob("*-wal"))
        assert archive.doctor(least_free=0) == ()


def test_a_daemon_whose_port_is_taken(tmp_path: Path) -> None:
    """One line and exit 2 at its start; told and passed over where a changed file names it."""
    archive = tmp_path / "archive"
    with Server(routes()) as server:
        config = settings(tmp_path / "config", server, ["one"], least_free=0)
        path = config / "settings.toml"
        free = path.read_text(encoding="utf-8")
        taken = re.sub(r"(?m)(^\[metrics\]\nport = )0\b", rf"\g<1>{server.port}", free)
        assert taken != free
        path.write_text(taken, encoding="utf-8")
        refused = scraper("--archive", archive, "--config", config, "daemon")
        assert refused.returncode == 2
        assert [x for x in refused.stderr.splitlines() if not x.startswith("watching")] == [
            f"scraper: [metrics] port = {server.port} cannot be used: Address already in use"
        ]
        path.write_text(free, encoding="utf-8")
        daemon = Daemon(archive, config)
        daemon.until("pass: ")
        seen = len(daemon.lines)
        path.write_text(taken, encoding="utf-8")
        os.kill(daemon.process.pid, signal.SIGHUP)
        assert "goes on without it" in daemon.until("cannot be used", seen)
        daemon.until("started: ", seen)
        assert daemon.end() == 0
