"""What is remembered of hosts: their answers, and the lock by which one process asks a host."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, TypeVar

from scraper.models import HostState

__all__ = ["MOST_HOSTS", "HostStore", "InMemoryHostStore", "evict"]

# Hosts whose state is kept in memory: each may hold a robots.txt of half a megabyte.
MOST_HOSTS = 512
_MOST_LOOKED_AT = 8

V = TypeVar("V")


class HostStore(Protocol):
    """What is remembered of hosts between runs, and one lock for each host."""

    async def recall(self, host: str) -> None:
        """Read what is known of a host, so that `load` and `save` return at once."""

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""

    def save(self, state: HostState) -> None:
        """Remember it."""

    def acquire(self, host: str) -> bool:
        """Take a host's lock among all who share this store; return whether it was free."""

    def idle_seconds(self, host: str) -> float:
        """Return the seconds since anybody who shares this store held the host's lock."""

    def begin(self, host: str) -> None:
        """Note, with the host's lock held, that it is asked for something now."""

    def release(self, host: str, *, asked: bool) -> None:
        """Release a host's lock; `asked` says whether the host was asked for something."""


class InMemoryHostStore:
    """A store that lives as long as its process.

    It forgets the hosts that were not asked for longest once it holds more than `most`, save those
    that asked not to be asked yet.

    Args:
        most: hosts that are remembered.
    """

    def __init__(self, most: int = MOST_HOSTS) -> None:
        self._states: OrderedDict[str, HostState] = OrderedDict()
        self._most = most

    async def recall(self, host: str) -> None:
        """Do nothing: everything is in memory."""

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""
        state = self._states.get(host)
        if state is None:
            return HostState(host=host)
        self._states.move_to_end(host)
        return state

    def save(self, state: HostState) -> None:
        """Remember it."""
        self._states[state.host] = state
        self._states.move_to_end(state.host)
        evict(self._states, self._most, lambda host: self._states[host].not_before is None)

    def acquire(self, host: str) -> bool:
        """Return True: nobody shares this store."""
        return True

    def idle_seconds(self, host: str) -> float:
        """Return infinity: nobody else holds a lock."""
        return float("inf")

    def begin(self, host: str) -> None:
        """Do nothing: what is noted here ends with the process."""

    def release(self, host: str, *, asked: bool) -> None:
        """Do nothing: nobody waits."""


def evict(table: OrderedDict[str, V], most: int, idle: Callable[[str], bool]) -> None:
    """Drop the entries that were not used for longest until a table holds `most`.

    Args:
        table: kept in the order of use, the entry used last at its end.
        most: entries that may stay.
        idle: whether an entry may go. Each call looks at a few entries only, so that a table full
            of entries that must stay costs no more than any other.
    """
    for _ in range(_MOST_LOOKED_AT):
        if len(table) <= most:
            return
        oldest = next(iter(table))
        if idle(oldest):
            del table[oldest]
        else:
            table.move_to_end(oldest)
