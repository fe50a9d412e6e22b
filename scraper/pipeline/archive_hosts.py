"""The archive's host states as the client needs them: calls that never block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from scraper.archive.hosts import HostLocks
from scraper.fetching.host_state import MOST_HOSTS, evict
from scraper.models import HostState

__all__ = ["ArchiveHostStore", "joined"]

# Later moments are no waits: the file is damaged.
_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


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
    """Host states of this run; the archive writes what is saved here in its own time.

    The states of the hosts that were not used for longest are dropped beyond `MOST_HOSTS`: the
    archive has them.

    Args:
        read: reads the state of a host from the archive.
        save: called with each state that changed; must return at once.
        locks: those of all processes that work on the archive, or None where there is none.
    """

    def __init__(
        self,
        read: Callable[[str], Awaitable[HostState]],
        save: Callable[[HostState], None],
        locks: HostLocks | None = None,
    ) -> None:
        self._states: OrderedDict[str, HostState] = OrderedDict()
        self._held: set[str] = set()
        self._read = read
        self._save = save
        self._locks = locks

    async def recall(self, host: str) -> None:
        """Read what the archive knows of a host.

        Each time anew: another process, such as a ``fetch`` beside the daemon, may have been told
        to wait.
        """
        before = self._states.get(host)
        state = self._with_wait(await self._read(host))
        # Something newer may have been saved meanwhile.
        if self._states.get(host) is before:
            self._keep(state if before is None else joined(before, state))

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""
        return self._states.get(host) or HostState(host=host)

    def save(self, state: HostState) -> None:
        """Keep a state and hand it on."""
        self._keep(state)
        if self._locks is not None and state.host in self._held:
            # At once: were this process killed before the archive has it, nobody would know.
            wait = state.not_before
            self._locks.note_wait(state.host, wait.timestamp() if wait is not None else 0.0)
        self._save(state)

    def _with_wait(self, state: HostState) -> HostState:
        """Return a host's state with the wait that was noted beside the archive, if longer."""
        until = self._locks.waits_until(state.host) if self._locks is not None else 0.0
        if not 0.0 < until < _LATEST:
            return state
        wait = datetime.fromtimestamp(until, UTC)
        if state.not_before is not None and wait <= state.not_before:
            return state
        return replace(state, not_before=wait)

    def _keep(self, state: HostState) -> None:
        self._states[state.host] = state
        self._states.move_to_end(state.host)
        evict(self._states, MOST_HOSTS, lambda host: host not in self._held)

    def acquire(self, host: str) -> bool:
        """Take a host's lock; return whether no other process held it."""
        free = self._locks is None or self._locks.acquire(host)
        if free:
            self._held.add(host)
        return free

    def idle_seconds(self, host: str) -> float:
        """Return the seconds since any process asked a host for something."""
        return float("inf") if self._locks is None else self._locks.idle_seconds(host)

    def begin(self, host: str) -> None:
        """Note, with the host's lock held, that it is asked for something now."""
        if self._locks is not None:
            self._locks.begin(host)

    def release(self, host: str, *, asked: bool) -> None:
        """Release a host's lock; `asked` says whether the host was asked for something."""
        self._held.discard(host)
        if self._locks is not None:
            self._locks.release(host, asked=asked)
