"""What is remembered between runs: hosts and their wishes, and the runs themselves.

One daemon an archive: the lock that keeps a second one out.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from scraper.errors import ArchiveLocked
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from scraper.archive.sql_values import utc_text, from_utc_text
from scraper.models import HostState

__all__ = ["RunsAndHosts", "daemon_lock"]


@contextlib.contextmanager
def daemon_lock(folder: Path) -> Iterator[None]:
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
                + ": end that one first"
            ) from None
        # The system lets go of the lock when the process ends, however it ends: what an earlier
        # one wrote here means nothing.
        lock.truncate(0)
        lock.write(f"{os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        lock.flush()
        yield


_BOOT = Path("/proc/sys/kernel/random/boot_id")


class RunsAndHosts:
    """Reads and writes `hosts` and `runs`. What writes runs within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._open: set[int] = set()

    def host_state(self, host: str) -> HostState:
        """Return what is remembered of a host."""
        row = self._connection.execute("select * from hosts where host = ?", [host]).fetchone()
        if row is None:
            return HostState(host=host)
        return HostState(
            host=host,
            robots=row["robots"],
            robots_at=from_utc_text(row["robots_at"]),
            robots_class=row["robots_class"],
            not_before=from_utc_text(row["not_before"]),
            failures=row["failures"],
            reserved_at=from_utc_text(row["reserved_at"]),
            ai_txt=row["ai_txt"],
            tdmrep=row["tdmrep"],
        )

    def save_host(self, state: HostState) -> None:
        """Remember a host."""
        self._connection.execute(
            "insert or replace into hosts"
            " (host, robots, robots_at, robots_class, not_before, failures, reserved_at, ai_txt,"
            " tdmrep) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                state.host,
                state.robots,
                utc_text(state.robots_at) if state.robots_at else None,
                state.robots_class,
                utc_text(state.not_before) if state.not_before else None,
                state.failures,
                utc_text(state.reserved_at) if state.reserved_at else None,
                state.ai_txt,
                state.tdmrep,
            ],
        )

    def begin_run(self, kind: str, at: datetime) -> int:
        """Start a run; runs whose process is no more are closed as interrupted."""
        running = self._connection.execute(
            "select id, pid, process from runs where outcome = 'running'"
        )
        for row in running.fetchall():
            if row["id"] not in self._open and not _alive(row["pid"], row["process"]):
                self._connection.execute(
                    "update runs set outcome = 'interrupted', ended_at = ? where id = ?",
                    [utc_text(at), row["id"]],
                )
        cursor = self._connection.execute(
            "insert into runs (kind, pid, process, started_at) values (?, ?, ?, ?)",
            [kind, os.getpid(), _process(os.getpid()), utc_text(at)],
        )
        run_id = int(cursor.lastrowid or 0)
        self._open.add(run_id)
        return run_id

    def end_run(self, run_id: int, at: datetime, counts: Mapping[str, int]) -> None:
        """Close a run."""
        # Also where the disk is full: the next run then finds it left open, and closes it.
        self._open.discard(run_id)
        self._connection.execute(
            "update runs set outcome = 'done', ended_at = ?, counts = ? where id = ?",
            [utc_text(at), json.dumps(dict(counts)), run_id],
        )


def _process(pid: int) -> str:
    """Return what tells a process from all others that bear its number, or "" if it is no more.

    In a container the program has the same number at each start. Where there is no ``/proc``, the
    number has to do.
    """
    try:
        boot = _BOOT.read_text(encoding="ascii").strip()
        # The name, in parentheses, may hold spaces; the start is the 20th field behind it.
        start = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
    return f"{boot} {pid} {start}"


def _alive(pid: int, process: str) -> bool:
    """Return whether a run's process still works on it."""
    if process:
        # A run of our own process that is not open any more was left behind.
        return _process(pid) == process and pid != os.getpid()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
