"""Worker processes in which untrusted bytes are parsed, and which can be killed.

No parser of HTML or XML is proof against every page: some inputs take minutes, some gigabytes, some
a segmentation fault. A thread can't be stopped; a process can. Each document gets a wall-clock
limit and each worker a limit of address space, so a hostile page costs itself and nothing else.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from scraper.errors import ErrorClass, ExtractError

__all__ = ["ParserPool"]

P = ParamSpec("P")
T = TypeVar("T")


def _limit_memory(bytes_: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = bytes_ if hard == resource.RLIM_INFINITY else min(bytes_, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _nothing() -> None:
    """Do nothing, in a worker that is ready to do more."""


class ParserPool:
    """A few worker processes, recycled, each bounded in time and memory.

    Args:
        workers: number of processes.
        timeout: seconds of wall clock for one call.
        memory: bytes of address space for one worker.
        recycle: calls after which a worker is replaced.
        preload: modules imported once by the server that workers are forked from, so that
            replacing a worker is cheap.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        timeout: float = 10.0,
        memory: int = 1024**3,
        recycle: int = 500,
        preload: Sequence[str] = ("scraper.extraction",),
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preload))
        self._timeout = timeout
        self._begun = False
        self._beginning = threading.Lock()
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=recycle,
            initializer=_limit_memory,
            initargs=[memory],
            context=context,
        )

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of a module in a worker and return its result.

        Args:
            function: a picklable function; its arguments and result must be picklable too.

        Raises:
            ExtractError: ``parse_timeout`` or ``parse_crash`` when the worker was stopped or died;
                whatever else the function raises comes through as it is.
        """
        if not self._begun:
            # Starting the server that workers are forked from takes seconds.
            await asyncio.to_thread(self._begin)
        future = self._pool.schedule(
            function, args=list(args), kwargs=dict(kwargs), timeout=self._timeout
        )
        try:
            result: T = await asyncio.wrap_future(future)
        except TimeoutError:
            raise ExtractError(
                f"the page could not be read within {self._timeout:g} s",
                error_class=ErrorClass.PARSE_TIMEOUT,
            ) from None
        except (ProcessExpired, MemoryError) as error:
            raise ExtractError(
                f"the reader of the page died ({type(error).__name__})",
                error_class=ErrorClass.PARSE_CRASH,
            ) from None
        return result

    def _begin(self) -> None:
        with self._beginning:
            if not self._begun:
                self._pool.schedule(_nothing).result()
                self._begun = True

    def close(self) -> None:
        """Stop the workers at once; calls under way are abandoned."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
