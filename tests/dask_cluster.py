"""A Dask cluster of real processes over TCP on the loopback, whose members can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["DaskCluster", "dask_cluster"]

_START = 60.0


class DaskCluster:
    """A scheduler and its workers.

    Args:
        folder: where their files go.

    Attributes:
        address: of the scheduler.
        scheduler: its process.
        workers: processes of the workers, in the order in which they were started.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._started("scheduler", "dask_scheduler", "--port", "0")
        text = self._said("scheduler", "Scheduler at:")
        self.address = text.split("Scheduler at:")[1].split()[0]

    def add(
        self, *, env: Mapping[str, str] | None = None, wrapped: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until it is there."""
        name = f"worker-{len(self.workers)}"
        process = self._started(
            name, "dask_worker", self.address, "--nthreads", "1", "--no-nanny",
            "--local-directory", str(self._folder), env=env, wrapped=wrapped,
        )  # fmt: skip
        self.workers.append(process)
        self._said(name, "Registered to:")
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill one (SIGKILL)."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Kill all of them."""
        for process in [*self.workers, self.scheduler]:
            if process.poll() is None:
                self.kill(process)

    def log(self, name: str) -> str:
        """Return what a member has logged."""
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def _started(
        self,
        name: str,
        module: str,
        *words: str,
        env: Mapping[str, str] | None = None,
        wrapped: tuple[str, ...] = (),
    ) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("wb") as out:
            return subprocess.Popen(
                [*wrapped, sys.executable, "-m", f"distributed.cli.{module}", *words,
                 "--host", "127.0.0.1", "--no-dashboard"],
                stdout=out, stderr=out, env=os.environ | dict(env or {}), cwd=self._folder,
            )  # fmt: skip

    def _said(self, name: str, what: str) -> str:
        until = time.monotonic() + _START
        while what not in (text := self.log(name)):
            assert time.monotonic() < until, text
            time.sleep(0.05)
        return text


@contextmanager
def dask_cluster(folder: Path, *, workers: int = 2) -> Iterator[DaskCluster]:
    """Run a cluster; skips where Dask is not installed."""
    pytest.importorskip("distributed", reason="Dask is not installed: scraper[cluster]")
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder)
    try:
        for _ in range(workers):
            cluster.add()
        yield cluster
    finally:
        cluster.close()


def wait_until(reached: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait for something to happen."""
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
