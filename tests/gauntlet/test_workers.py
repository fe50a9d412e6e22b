"""Gauntlet 38, beside a page that kills its reader: the system kills readers that are idle."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gauntlet.server import Server
from tests.gauntlet.test_locks import Daemon, listed, routes, settings

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="processes are found by /proc"
)


def children(pid: int) -> list[int]:
    found: list[int] = []
    # Each thread has a list of its own.
    for listed_by in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listed_by.read_text().split())
    return found


def servers(daemon: int) -> list[int]:
    """Return the server that a daemon's workers are forked from."""
    found = []
    for child in children(daemon):
        with suppress(OSError):
            if b"forkserver" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def workers(daemon: int) -> list[int]:
    return [worker for server in servers(daemon) for worker in children(server)]


def kill(processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("victims", [workers, servers])
def test_a_daemon_reads_on_after_its_idle_readers_were_killed(
    tmp_path: Path, victims: Callable[[int], list[int]]
) -> None:
    with Server(routes()) as server:
        config = settings(tmp_path / "config", server, ["one"], least_free=0)
        daemon = Daemon(tmp_path / "archive", config)
        daemon.until("pass: ")
        assert victims(daemon.process.pid)
        kill(victims(daemon.process.pid))
        seen = len(daemon.lines)
        listed(config, server, ["one", "two"])
        daemon.process.send_signal(signal.SIGHUP)
        said = daemon.until("pass: ", after=seen)
        assert "kept" in said and "failed" not in said, daemon.lines
        assert daemon.end() == 0


def test_a_daemon_that_cannot_read_at_all_ends_and_says_so(tmp_path: Path) -> None:
    with Server(routes()) as server:
        config = settings(tmp_path / "config", server, ["one"], least_free=0)
        daemon = Daemon(tmp_path / "archive", config)
        until = time.monotonic() + 90
        while daemon.process.poll() is None and time.monotonic() < until:
            kill(servers(daemon.process.pid))
            time.sleep(0.02)
        code = daemon.process.wait(timeout=25)
        daemon._reader.join(10)
        assert daemon.process.stderr is not None
        daemon.process.stderr.close()
    assert code == 1
    assert "no worker process can be kept running" in daemon.lines[-1]
    assert "Traceback" not in "".join(daemon.lines)
