"""Runs side by side: one process for each processor, each with one world after another."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

__all__ = ["side_by_side"]

A = TypeVar("A")
T = TypeVar("T")


def side_by_side(
    function: Callable[[A], T], jobs: Sequence[A], *, processes: int = 0
) -> Iterator[T]:
    """Yield what a function of a module returns for each job, as it is done.

    Args:
        function: picklable; it may start processes of its own.
        jobs: its arguments.
        processes: how many at once, or 0 for one to each processor.
    """
    count = min(processes or os.cpu_count() or 1, len(jobs))
    if count <= 1:
        yield from map(function, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        for done in as_completed([pool.submit(function, job) for job in jobs]):
            yield done.result()
