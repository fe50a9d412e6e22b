"""An event loop whose waits take no time: idle, its clock jumps to the next timer.

All that waits by the loop's clock (a host's gap, a Retry-After, a slow answer of a simulated site)
takes simulated seconds only. While other processes and threads work, time stands still, but for the
bound on that work: it is over when as many real seconds are.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar
from unittest import mock

__all__ = ["SimulatedLoop", "run_simulated"]

T = TypeVar("T")

_WRAP: Final = asyncio.wrap_future


class _Work:
    """Counts what other threads and processes have been asked for and have not done yet."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return self._count > 0

    def wrap(
        self, future: Future[Any] | asyncio.Future[Any], **options: Any
    ) -> asyncio.Future[Any]:
        """Do what `asyncio.wrap_future` does, and count the work until it is done."""
        wrapped = _WRAP(future, **options)
        if isinstance(future, Future):
            with self._lock:
                self._count += 1
            loop = wrapped.get_loop()
            # After the loop's own callback: the loop is awake before the work ceases to count.
            future.add_done_callback(lambda done: self._end(loop))
        return wrapped

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._count -= 1
        # It may have begun to wait since, for work that was still counted.
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(_nothing)


def _nothing() -> None:
    """Do nothing: that the loop wakes is enough."""


class _Jumping(selectors.DefaultSelector):
    loop: SimulatedLoop

    def __init__(self, work: _Work) -> None:
        super().__init__()
        self._work = work

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None:
            return super().select(None)
        # A bound on work is a bound in real seconds, and must not be over before the work begins.
        found = super().select(timeout) if self._work else []
        if not found:
            self.loop.passed += timeout
            found = super().select(0)
        return found


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop that begins at a moment.

    Args:
        begins: seconds that its clock shows first.
        work: what is under way elsewhere.
    """

    def __init__(self, begins: float, work: _Work) -> None:
        selector = _Jumping(work)
        selector.loop = self
        self.passed = begins
        super().__init__(selector)

    def time(self) -> float:
        """Return the simulated seconds."""
        return self.passed


def run_simulated(main: Coroutine[Any, Any, T], begins: float = 0.0) -> T:
    """Run a coroutine in simulated time."""
    work = _Work()
    with (
        mock.patch("asyncio.wrap_future", work.wrap),
        mock.patch("asyncio.futures.wrap_future", work.wrap),
        asyncio.Runner(loop_factory=lambda: SimulatedLoop(begins, work)) as runner,
    ):
        return runner.run(main)
