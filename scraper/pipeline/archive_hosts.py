"""The archive's memory of hosts in the form that the client wants: calls that never block."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from scraper.archive.hosts import HostLocks
from scraper.models import HostState
from scraper.urls import host_of

__all__ = ["ArchiveHostStore", "is_own", "joined"]

_LOOPBACK = re.compile(r"(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\]")


def is_own(url: str) -> bool:
    """Return whether an address is plainly one of this machine's own."""
    return _LOOPBACK.fullmatch(re.sub(r":\d+$", "", host_of(url))) is not None


def joined(ours: HostState, archived: HostState) -> HostState:
    """Return what this run and the archive know of a host together: the longer wait holds.

    Args:
        ours: as this run has it.
        archived: as it was just read; others may have written it, and it may lack what we saved
            when that could not be written.
    """
    waits = [wait for wait in (ours.not_before, archived.not_before) if wait is not None]
    newer = _read_at(archived) > _read_at(ours)
    return replace(archived if newer else ours, not_before=max(waits, default=None))


def _read_at(state: HostState) -> datetime:
    return state.robots_at or datetime.min.replace(tzinfo=UTC)


class ArchiveHostStore:
    """Host states of this run; what is saved here is handed on to be written in its own time.

    Args:
        read: reads the state of a host from the archive.
        save: called with each state that changed; must return at once.
        turns: those of all processes that work on the archive, or None where there is none.
    """

    def __init__(
        self,
        read: Callable[[str], Awaitable[HostState]],
        save: Callable[[HostState], None],
        turns: HostLocks | None = None,
    ) -> None:
        self._states: dict[str, HostState] = {}
        self._read = read
        self._save = save
        self._turns = turns

    async def recall(self, host: str) -> None:
        """Bring what the archive knows of a host to hand.

        Each time anew: another process, such as a ``fetch`` beside the daemon, may have been told
        to wait.
        """
        before = self._states.get(host)
        state = await self._read(host)
        # Something newer may have been saved meanwhile.
        if self._states.get(host) is before:
            self._states[host] = state if before is None else joined(before, state)

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""
        return self._states.get(host) or HostState(host=host)

    def save(self, state: HostState) -> None:
        """Keep a state and hand it on."""
        self._states[state.host] = state
        self._save(state)

    def take_turn(self, host: str) -> bool:
        """Take a host's turn; return whether no other process had it."""
        return self._turns is None or self._turns.acquire(host)

    def since_turn(self, host: str) -> float:
        """Return for how many seconds no process has had a host's turn."""
        return float("inf") if self._turns is None else self._turns.idle_seconds(host)

    def end_turn(self, host: str, *, asked: bool) -> None:
        """Give a turn back; `asked` says whether the host was asked for something."""
        if self._turns is not None:
            self._turns.release(host, asked=asked)
