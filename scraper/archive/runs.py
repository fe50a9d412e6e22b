"""Runs, the state of hosts between them, and the lock that allows one daemon per archive."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.archive.base import ArchiveBase
from scraper.archive.database import translate
from scraper.archive.sql_values import from_utc_text, storable, utc_text
from scraper.errors import ArchiveLocked
from scraper.models import HostState

__all__ = ["RunsMixin", "daemon_lock"]


@contextlib.contextmanager
def daemon_lock(folder: Path) -> Iterator[None]:
    """Hold an archive as its one daemon for as long as the block runs.

    Raises:
        ArchiveLocked: another daemon holds it.
    """
    path = folder / "daemon.lock"
    try:
        file = path.open("a+")
    except OSError as error:
        raise translate(error, path) from error
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            raise ArchiveLocked(
                f"{folder}: another daemon holds this archive"
                + (f" (process {holder})" if holder else "")
                + ": stop that one first"
            ) from None
        # The system releases the lock when the process ends, however it ends: what an earlier
        # process wrote here means nothing.
        lock.truncate(0)
        lock.write(f"{os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        lock.flush()
        yield


_BOOT = Path("/proc/sys/kernel/random/boot_id")


_JUST_UNDER = timedelta(microseconds=999_999)


class RunsMixin(ArchiveBase):
    """State of hosts between runs, and the runs themselves."""

    def host_state(self, host: str) -> HostState:
        """Return what is stored of a host: robots.txt, waits, failures."""
        with self._reading() as connection:
            row = connection.execute("select * from hosts where host = ?", [host]).fetchone()
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
        """Store the state of a host."""
        self.save_hosts([state])

    def save_hosts(self, states: Sequence[HostState]) -> None:
        """Store the states of several hosts in one transaction."""
        with self._writing() as connection:
            connection.executemany(
                "insert or replace into hosts"
                " (host, robots, robots_at, robots_class, not_before, failures, reserved_at,"
                " ai_txt, tdmrep) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        state.host,
                        state.robots,
                        utc_text(state.robots_at) if state.robots_at else None,
                        state.robots_class,
                        # Whole seconds are stored: a wait is never cut short.
                        utc_text(state.not_before + _JUST_UNDER) if state.not_before else None,
                        state.failures,
                        utc_text(state.reserved_at) if state.reserved_at else None,
                        state.ai_txt,
                        state.tdmrep,
                    )
                    for state in map(storable, states)
                ],
            )

    def begin_run(self, kind: str, at: datetime) -> int:
        """Start a run, to which the attempts that follow belong.

        Runs whose process has ended are closed as interrupted.

        Returns:
            The id of the run, for `end_run`.
        """
        with self._writing() as connection:
            running = connection.execute(
                "select id, pid, process from runs where outcome = 'running'"
            )
            for row in running.fetchall():
                if row["id"] not in self._open_runs and not _alive(row["pid"], row["process"]):
                    connection.execute(
                        "update runs set outcome = 'interrupted', ended_at = ? where id = ?",
                        [utc_text(at), row["id"]],
                    )
            cursor = connection.execute(
                "insert into runs (kind, pid, process, started_at) values (?, ?, ?, ?)",
                [kind, os.getpid(), _process(os.getpid()), utc_text(at)],
            )
            run_id = int(cursor.lastrowid or 0)
        self._open_runs.add(run_id)
        self._run_id = run_id
        return run_id

    def end_run(self, run_id: int, at: datetime, counts: Mapping[str, int]) -> None:
        """Close a run with its counts by outcome."""
        # Also if the disk is full: the next run then finds this one open and closes it.
        self._open_runs.discard(run_id)
        with self._writing() as connection:
            connection.execute(
                "update runs set outcome = 'done', ended_at = ?, counts = ? where id = ?",
                [utc_text(at), json.dumps(dict(counts)), run_id],
            )
        self._run_id = None


def _process(pid: int) -> str:
    """Return a key that identifies a process among all that had its number, or "" if it has ended.

    In a container the program has the same number at each start. Without ``/proc`` the number alone
    has to do.
    """
    try:
        boot = _BOOT.read_text(encoding="ascii").strip()
        # The name, in parentheses, may hold spaces; the start is the 20th field behind it.
        start = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
    return f"{boot} {pid} {start}"


def _alive(pid: int, process: str) -> bool:
    """Return whether the process of a run still works on it."""
    if process:
        # A run of this process that is no longer open was interrupted.
        return _process(pid) == process and pid != os.getpid()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
