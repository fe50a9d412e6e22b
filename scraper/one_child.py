"""One call in one child that can be killed: for commands that read a single page.

`scraper.workers` keeps processes for many calls, and a server that they are forked from; for one
page both cost more than the page. A child is forked, so the caller must have no other thread.
"""

from __future__ import annotations

import logging
import os
import pickle
import resource
import select
import signal
import threading
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

from scraper.errors import ErrorClass, ExtractError

__all__ = ["call_in_child"]

log = logging.getLogger(__name__)

T = TypeVar("T")

_BLOCK = 1 << 20


def call_in_child(function: Callable[..., T], *args: object, timeout: float, memory: int) -> T:
    """Call a function in a child process and return its result.

    Args:
        function: called in the child; its result must be picklable.
        args: its arguments.
        timeout: seconds of wall clock after which the child is killed.
        memory: bytes of address space that the child may have.

    Raises:
        ExtractError: ``parse_timeout`` or ``parse_crash``: the child was killed or died; also what
            the function raises of our own errors.
    """
    assert threading.active_count() == 1, "a fork would leave the locks of other threads held"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(writing, memory, function, args)
    os.close(writing)
    try:
        packed = _read_all(reading, time.monotonic() + timeout)
    finally:
        os.close(reading)
        # It has answered, is late, or the caller was interrupted.
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if packed is None:
        raise ExtractError(
            f"the page could not be read within {timeout:g} s",
            error_class=ErrorClass.PARSE_TIMEOUT,
        )
    if not packed:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "no answer"
        raise ExtractError(
            f"the reader of the page died ({how})", error_class=ErrorClass.PARSE_CRASH
        )
    good, value = pickle.loads(packed)
    if not good:
        raise value
    answer: T = value
    return answer


def _answer(
    writing: int, memory: int, function: Callable[..., object], args: tuple[object, ...]
) -> NoReturn:
    """Call the function, write what came of it, and leave; in the child."""
    try:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        try:
            packed = pickle.dumps((True, function(*args)))
        except ExtractError as error:
            packed = pickle.dumps((False, error))
        except Exception as error:
            log.debug("in the child", exc_info=True)
            died = f"the reader of the page died ({type(error).__name__})"
            packed = pickle.dumps((False, ExtractError(died, error_class=ErrorClass.PARSE_CRASH)))
        with os.fdopen(writing, "wb") as out:
            out.write(packed)
    finally:
        # Nothing of the caller's is to be flushed or closed twice.
        os._exit(0)


def _read_all(reading: int, until: float) -> bytes | None:
    """Return all that the child writes, None where it takes too long."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(reading, _BLOCK)
        if not part:
            return b"".join(parts)
        parts.append(part)
