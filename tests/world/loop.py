"""An event loop whose waits take no time: idle, its clock jumps to the next timer.

All that waits by the loop's clock (a host's gap, a Retry-After, a slow answer of a simulated site)
takes simulated seconds only; what works in other processes and threads takes none at all.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["SimulatedLoop", "run_simulated"]

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    loop: SimulatedLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None:
            return super().select(None)
        self.loop.passed += timeout
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop that begins at a moment.

    Args:
        begins: seconds that its clock shows first.
    """

    def __init__(self, begins: float = 0.0) -> None:
        selector = _Jumping()
        selector.loop = self
        self.passed = begins
        super().__init__(selector)

    def time(self) -> float:
        """Return the simulated seconds."""
        return self.passed


def run_simulated(main: Coroutine[Any, Any, T], begins: float = 0.0) -> T:
    """Run a coroutine in simulated time."""
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(begins)) as runner:
        return runner.run(main)
