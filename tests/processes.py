"""The processes that a process began, as Linux shows them: found, and told busy from idle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Process", "processes_below"]


@dataclass(frozen=True, slots=True)
class Process:
    """A process.

    Attributes:
        pid: its number.
        state: as ``/proc`` gives it: R runs, S sleeps, Z has ended.
    """

    pid: int
    state: str

    def is_busy(self) -> bool:
        """Return whether it runs."""
        return self.state == "R"


def processes_below(pid: int) -> list[Process]:
    """Return the processes that a process and those below it began, the nearest first."""
    found: list[Process] = []
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop(0)}/task").glob("*/children"):
            try:
                children = [int(word) for word in task.read_text().split()]
            except OSError:
                continue  # It ended meanwhile.
            for child in children:
                waiting.append(child)
                try:
                    state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
                except OSError:
                    continue
                found.append(Process(child, state))
    return found
