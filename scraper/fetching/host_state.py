"""What is remembered of hosts: what they said and when it was whose turn to ask them."""

from __future__ import annotations

from typing import Protocol

from scraper.models import HostState

__all__ = ["HostStore", "InMemoryHostStore"]


class HostStore(Protocol):
    """What is remembered of hosts between runs."""

    async def recall(self, host: str) -> None:
        """Bring what is known of a host to hand; `load` and `save` must then return at once."""

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""

    def save(self, state: HostState) -> None:
        """Remember it."""

    def take_turn(self, host: str) -> bool:
        """Take a host's turn among all who share this memory; return whether it was free."""

    def since_turn(self, host: str) -> float:
        """Return for how many seconds nobody who shares this memory has had the host's turn."""

    def end_turn(self, host: str, *, asked: bool) -> None:
        """Give the turn back; `asked` says whether the host was asked for something."""


class InMemoryHostStore:
    """A memory that ends with the process."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    async def recall(self, host: str) -> None:
        """Do nothing: all is at hand."""

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""
        return self._states.get(host) or HostState(host=host)

    def save(self, state: HostState) -> None:
        """Remember it."""
        self._states[state.host] = state

    def take_turn(self, host: str) -> bool:
        """Return True: nobody shares this memory."""
        return True

    def since_turn(self, host: str) -> float:
        """Return infinity: nobody else had a turn."""
        return float("inf")

    def end_turn(self, host: str, *, asked: bool) -> None:
        """Do nothing: nobody waits."""
