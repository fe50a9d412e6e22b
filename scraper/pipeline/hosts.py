"""The archive's memory of hosts in the form that the client wants: calls that never block."""

from __future__ import annotations

from collections.abc import Callable

from scraper.models import HostState

__all__ = ["Hosts"]


class Hosts:
    """Host states of this run; what is saved here is handed on to be written in its own time.

    Args:
        save: called with each state that changed; must return at once.
    """

    def __init__(self, save: Callable[[HostState], None]) -> None:
        self._states: dict[str, HostState] = {}
        self._save = save

    def knows(self, host: str) -> bool:
        """Return whether the host's state was read from the archive already."""
        return host in self._states

    def learn(self, state: HostState) -> None:
        """Take over a state from the archive, unless a newer one is here."""
        self._states.setdefault(state.host, state)

    def load(self, host: str) -> HostState:
        """Return what is known of a host."""
        return self._states.get(host) or HostState(host=host)

    def save(self, state: HostState) -> None:
        """Keep a state and hand it on."""
        self._states[state.host] = state
        self._save(state)
