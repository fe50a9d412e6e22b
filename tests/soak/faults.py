"""What strikes the daemon during a run: kills, the out-of-memory killer, a full disk.

All of it strikes in the first third, so that memory is measured in a daemon that nobody disturbs
and that is warm.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.processes import processes_below
from tests.soak.world import Plan

__all__ = [
    "DISK_FULL",
    "KILL",
    "OUT_OF_MEMORY",
    "Faults",
    "can_mount",
    "out_of_memory",
    "schedule",
    "small_disk",
]

KILL: Final = "kill -9"
OUT_OF_MEMORY: Final = "out of memory"
DISK_FULL: Final = "disk full"
# Of the run: nothing strikes before or after. In a short one, of which no memory is measured, they
# take half of it: a daemon that was started anew must come to work before the next kill.
_FROM, _UNTIL, _UNTIL_SHORT = 0.08, 0.32, 0.55
_SHORT = 600.0
# Bytes that a worker may still take before the system kills it: it takes more with any page.
_TIGHT: Final = 256 * 1024
_GROUP_V1, _GROUP_V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
# Seconds within which the system must have killed a worker, and others must have ended with it.
_LONGEST: Final = 60.0


@dataclass(slots=True, kw_only=True)
class Faults:
    """What struck.

    Attributes:
        kills: when the daemon was killed, seconds of the monotonic clock.
        left: processes that outlived a daemon that was killed.
        out_of_memory: what killed a worker and when, or why nothing could.
        full: from when until when the disk was full.
        over: set once everything has struck.
    """

    kills: list[float] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    out_of_memory: list[str] = field(default_factory=list)
    full: list[tuple[float, float]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def schedule(plan: Plan) -> Sequence[tuple[float, str]]:
    """Return what strikes when, in seconds of the run: the kills spread, the others between two."""
    if not plan.kills:
        return ()
    chance = random.Random(f"{plan.seed}/faults")
    kinds = [KILL] * plan.kills
    kinds.insert(len(kinds) // 3, OUT_OF_MEMORY)
    if plan.fills:
        kinds.insert(2 * len(kinds) // 3, DISK_FULL)
    until = _UNTIL_SHORT if plan.seconds < _SHORT else _UNTIL
    span = plan.seconds * (until - _FROM) / len(kinds)
    return [
        (plan.seconds * _FROM + span * (number + chance.uniform(0.0, 0.7)), kind)
        for number, kind in enumerate(kinds)
    ]


def family(pid: int) -> list[int]:
    """Return the processes below one, the nearest first."""
    return [process.pid for process in processes_below(pid)]


def survivors(pids: Sequence[int]) -> list[str]:
    """Wait until processes have ended; return the command lines of those that do not."""
    until = time.monotonic() + _LONGEST
    while there := [pid for pid in pids if _is_there(pid)]:
        if time.monotonic() > until:
            return [f"{pid}: {_command_line(pid)}" for pid in there]
        time.sleep(0.1)
    return []


def _is_there(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:120]
    return "ended meanwhile"


# Memory


def out_of_memory(daemon: int) -> str:
    """Have the system's out-of-memory killer end a worker of a daemon; return what happened.

    Where no memory group can be made the worker is sent the signal that the killer sends.
    """
    workers = [
        pid
        for child in Path(f"/proc/{daemon}/task").glob("*/children")
        for server in map(int, child.read_text().split())
        for pid in family(server)
    ]
    if not workers:
        return ""
    worker = workers[-1]
    group = _tight_group(f"soak-{os.getpid()}-{worker}", worker)
    if group is None:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        return "a worker by SIGKILL: no memory group can be made here"
    try:
        until = time.monotonic() + _LONGEST
        while _is_there(worker) and time.monotonic() < until:
            time.sleep(0.05)
        killed = _killed_by_system(group)
    finally:
        with suppress(OSError):
            os.kill(worker, signal.SIGKILL)
        time.sleep(0.2)
        with suppress(OSError):
            group.rmdir()
    # It was killed either way: to strike again until the system does would be more than one fault.
    return "a worker by the system" if killed else "a worker by SIGKILL: the system let it live"


def _tight_group(name: str, pid: int) -> Path | None:
    """Put a process into a memory group that has no room, of either version; return its folder."""
    for base, limit in ((_GROUP_V1, "memory.limit_in_bytes"), (_GROUP_V2, "memory.max")):
        group = base / name
        try:
            group.mkdir()
            (group / limit).write_text(str(_TIGHT))
            (group / "cgroup.procs").write_text(str(pid))
        except OSError:
            with suppress(OSError):
                group.rmdir()
            continue
        return group
    return None


def _killed_by_system(group: Path) -> bool:
    for name in ("memory.oom_control", "memory.events"):
        with suppress(OSError):
            for line in (group / name).read_text().splitlines():
                word, _, number = line.partition(" ")
                if word == "oom_kill":
                    return int(number) > 0
    return False


# The disk


def can_mount(words: Sequence[str]) -> bool:
    """Return whether a disk can be mounted below a command that makes a mount namespace."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4096", "none", "/tmp"]
    with suppress(OSError):
        return subprocess.run([*words, *mount], capture_output=True, check=False).returncode == 0
    return False


@contextmanager
def small_disk(folder: Path, plan: Plan) -> Iterator[Path]:
    """Mount a disk of its own size below a folder; needs a mount namespace (`unshare`)."""
    folder.mkdir()
    size = (256 << 20) + plan.sites * plan.articles * 160_000
    options = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    subprocess.run(options, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, seconds: float) -> tuple[float, float]:
    """Leave no byte free on a disk for a while; return from when until when."""
    ballast = disk / "ballast"
    begun = time.monotonic()
    with ballast.open("ab", buffering=0) as file:
        while time.monotonic() - begun < seconds:
            # What others give back is taken as well.
            free = shutil.disk_usage(disk).free
            try:
                file.write(bytes(max(4096, min(free, 1 << 24))))
            except OSError:
                time.sleep(0.05)
    ballast.unlink()
    return begun, time.monotonic()
