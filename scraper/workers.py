"""Worker processes in which untrusted bytes are parsed, and which can be killed.

No parser of HTML or XML is proof against every page: some inputs take minutes, some gigabytes, some
a segmentation fault. A thread can't be stopped; a process can. Each document gets a wall-clock
limit and each worker a limit of address space, so a hostile page costs itself and nothing else.

The system may kill a process too, most often for want of memory: an idle worker, or the server that
workers are forked from. Pebble's pool does not survive that, so a broken pool is replaced.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import pickle
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.forkserver import _forkserver
from typing import ParamSpec, Self, TypeVar
from weakref import WeakSet

from pebble import ProcessExpired, ProcessPool

from scraper.errors import ErrorClass, ExtractError, WorkersLost

__all__ = ["ParserPool", "within"]

P = ParamSpec("P")
T = TypeVar("T")

# Times that a call is made at most, where what ended it says nothing of the page.
_CALLS = 3
# The share of a worker's memory that the arguments of a call may take. A worker holds them several
# times over while it takes them in, and one that has no room for that breaks the whole pool.
_SHARE_OF_A_CALL = 1 / 16
# Pools in a row that may break before one of them finished a call: then nothing can be read here.
_MOST_BROKEN = 3
# Seconds, beside twice the limit of a call, in which a pool with work finishes none: it is stuck.
_STALL = 60.0
# Seconds between two checks of whether a pool with work still lives.
_CHECK_EVERY = 1.0
# Seconds without a call after which the workers end. They start within a tenth of a second from the
# server that stays, and the threads that watch them wake ten times a second.
_IDLE = 60.0
# Seconds without a worker after which the server ends, too: it holds as much memory as the process
# that it serves, and starts within a second or two.
_SERVER_IDLE = 240.0
# Exit codes of a worker that somebody else ended: SIGKILL, and one whose server died before it.
_KILLED = frozenset({-signal.SIGKILL, 255})
_PR_SET_PDEATHSIG = 1


# What the pools that were made want to have loaded, in order.
_preloaded: dict[str, None] = {}
# The pools that may have workers: all of a process share one server, and end with it.
_pools: WeakSet[ParserPool] = WeakSet()
_pools_lock = threading.Lock()


class _PoolBroken(Exception):
    """The pool can run nothing more."""


def _set_limits(bytes_: int) -> None:
    """Bound a worker's address space, and end it with the server that it was forked from."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = bytes_ if hard == resource.RLIM_INFINITY else min(bytes_, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    if sys.platform == "linux":
        # Without its server a worker counts as dead and would never be stopped.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def within(seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of Python code within a limit of processor time; for use in a worker.

    The limit of a `ParserPool` is one of wall clock, which ends well-meant work on a busy machine.
    It stays the last resort: one long call into a library of C is not interrupted here.

    Raises:
        ExtractError: ``parse_timeout``: it took longer.
    """

    def stop(number: int, frame: object) -> None:
        raise ExtractError(
            f"took more than {seconds:g} s of processor time", error_class=ErrorClass.PARSE_TIMEOUT
        )

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _nothing() -> None:
    """Do nothing, in a worker that is ready to do more."""


def _called(function: Callable[..., T], packed: bytes) -> T:
    """Call a function in a worker; what is too large to be unpacked fails for this call alone."""
    args, kwargs = pickle.loads(packed)
    return function(*args, **kwargs)


class ParserPool:
    """A few worker processes, recycled, each bounded in time and memory.

    Args:
        workers: number of processes.
        timeout: seconds of wall clock for one call.
        memory: bytes of address space for one worker.
        recycle: calls after which a worker is replaced.
        preload: modules imported once by the server that workers are forked from, so that
            replacing a worker is cheap.

    Attributes:
        timeout: as given.
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
        self._context = multiprocessing.get_context("forkserver")
        # All pools of a process share one server: the last of them must not unload the others'.
        _preloaded.update(dict.fromkeys(preload))
        self._context.set_forkserver_preload(list(_preloaded))
        self._workers = workers
        self.timeout = timeout
        self._memory = memory
        self._recycle = recycle
        self._starting = threading.Lock()
        # Held while a call is handed over, and while idle workers are let go.
        self._handing = threading.Lock()
        self._closed = threading.Event()
        self._pool: ProcessPool | None = None
        self._broken = 0
        self._progress = 0.0
        self._waiting = 0
        self._last = 0.0
        with _pools_lock:
            _pools.add(self)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of a module in a worker and return its result.

        A call is repeated, twice at most, where the pool broke under it or its worker was killed
        from outside: a system that is short of memory ends several one after another.

        Args:
            function: a picklable function; its arguments and result must be picklable too.

        Raises:
            ExtractError: ``parse_timeout`` or ``parse_crash`` when the worker was stopped or died,
                or has no room for the arguments; whatever else the function raises comes through
                as it is.
            WorkersLost: no worker can be had: nothing can be read on this machine now.
        """
        why = ""
        packed = pickle.dumps((args, kwargs), pickle.HIGHEST_PROTOCOL)
        most = int(self._memory * _SHARE_OF_A_CALL)
        if len(packed) > most:
            raise ExtractError(
                f"the page takes {len(packed):,} bytes, and a reader takes at most {most:,} in: "
                "give it more memory (settings.toml, [parse] memory)",
                error_class=ErrorClass.PARSE_CRASH,
            )
        task: Callable[[], T] = partial(_called, function, packed)
        for _ in range(_CALLS):
            try:
                pool = await asyncio.to_thread(self._running) if self._pool is None else self._pool
                return await self._call(pool, task)
            except TimeoutError:
                raise ExtractError(
                    f"the page could not be read within {self.timeout:g} s",
                    error_class=ErrorClass.PARSE_TIMEOUT,
                ) from None
            except _PoolBroken:
                why = "BrokenProcessPool"
            except (ProcessExpired, MemoryError) as error:
                why = type(error).__name__
                if getattr(error, "exitcode", None) not in _KILLED:
                    break
        raise ExtractError(
            f"the reader of the page died ({why})", error_class=ErrorClass.PARSE_CRASH
        )

    async def _call(self, pool: ProcessPool, task: Callable[[], T]) -> T:
        """Return what comes of one call, or discard the pool (`_PoolBroken`)."""
        loop = asyncio.get_running_loop()
        with self._handing:
            if self._pool is not pool:
                raise _PoolBroken
            try:
                future = pool.schedule(task, timeout=self.timeout)
            except RuntimeError:
                # Pebble says so of a pool that broke since.
                self._discard(pool)
                raise _PoolBroken from None
            if not self._waiting:
                self._progress = loop.time()
            self._waiting += 1
        waited: asyncio.Future[T] = asyncio.wrap_future(future)
        stall = 2 * self.timeout + _STALL
        try:
            while not waited.done():
                await asyncio.wait({waited}, timeout=_CHECK_EVERY)
                # A pool may break before it takes a call, and a worker may be killed with the lock
                # of the pool's channel in its hands: then nothing ends any more.
                stuck = not pool.active or loop.time() - self._progress >= stall
                if stuck and not waited.done():
                    self._discard(pool)
                    raise _PoolBroken
            try:
                result = waited.result()
            except BrokenProcessPool:
                self._discard(pool)
                raise _PoolBroken from None
            self._broken = 0
            return result
        finally:
            self._waiting -= 1
            self._progress, self._last = loop.time(), time.monotonic()
            waited.cancel()

    def _running(self) -> ProcessPool:
        """Return the pool, started anew where there is none; takes seconds."""
        with self._starting:
            while self._pool is None:
                if self._broken >= _MOST_BROKEN:
                    raise WorkersLost(
                        "no worker process can be kept running to read pages: is there enough "
                        "memory? (settings.toml, [parse] workers and memory)"
                    )
                _start_server()
                pool = ProcessPool(
                    max_workers=self._workers,
                    max_tasks=self._recycle,
                    initializer=_set_limits,
                    initargs=[self._memory],
                    context=self._context,
                )
                try:
                    _try(pool)
                except (BrokenProcessPool, RuntimeError, OSError, EOFError):
                    self._broken += 1
                    _stop(pool)
                else:
                    self._pool, self._last = pool, time.monotonic()
                    threading.Thread(target=self._rest, args=(pool,), daemon=True).start()
            return self._pool

    def _rest(self, pool: ProcessPool) -> None:
        """Let the workers of a pool go once nothing was asked of them for a while."""
        pause = _IDLE
        while not self._closed.wait(pause):
            with self._handing:
                if self._pool is not pool:
                    return
                idle = 0.0 if self._waiting else time.monotonic() - self._last
                if idle < _IDLE:
                    pause = max(0.05, _IDLE - idle)
                    continue
                self._pool = None
            _stop(pool)
            break
        # Whoever starts workers meanwhile has a thread of their own that waits.
        while not self._closed.wait(_SERVER_IDLE):
            if self._pool is not None or _end_server():
                return

    def _discard(self, pool: ProcessPool) -> None:
        """Let a broken pool go; the next call starts another."""
        if self._pool is pool:
            self._pool = None
            self._broken += 1
            # Its processes may take seconds to end.
            threading.Thread(target=_stop, args=(pool,), daemon=True).start()

    def close(self) -> None:
        """Stop the workers at once; calls under way are abandoned."""
        self._closed.set()
        with self._starting, self._handing:
            pool, self._pool = self._pool, None
            self._broken = _MOST_BROKEN
        if pool is not None:
            _stop(pool)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _start_server() -> None:
    """Start the server that workers are forked from, if none runs, deaf to Ctrl-C.

    It ignores Ctrl-C only once it has loaded what it preloads; until then it would end with a
    traceback, in the midst of what the program itself says.
    """
    # It is started with the server and lets Ctrl-C through again when it has been.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        _forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_server() -> bool:
    """Stop the server that workers are forked from, where no pool has any; return whether it did.

    The next worker starts another. A pool that starts one in this very moment finds no server, and
    tries again.
    """
    with _pools_lock:
        busy = any(pool._pool is not None or pool._starting.locked() for pool in _pools)
    if not busy:
        _forkserver._stop()  # type: ignore[attr-defined]
    return not busy


def _try(pool: ProcessPool) -> None:
    """Run something in a new pool; raises where it breaks at once."""
    future = pool.schedule(_nothing)
    until = time.monotonic() + 2 * _STALL
    while not future.done():
        wait([future], timeout=_CHECK_EVERY)
        if not future.done() and (not pool.active or time.monotonic() > until):
            raise BrokenProcessPool
    future.result()


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
