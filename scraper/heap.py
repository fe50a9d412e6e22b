"""Memory that is free again, given back to the system.

The allocator of glibc keeps freed memory for the next need, in the arena of each thread and below
whatever lies on top of it. A process that works for months would hold what its busiest minute took.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache

__all__ = ["give_back"]


def give_back() -> None:
    """Give freed memory back to the system, where its allocator can (glibc); takes milliseconds.

    Source: malloc_trim(3).
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    # musl's allocator has none, and keeps no such memory.
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found
