"""Each case in a process of its own, killed at its limit; as many at once as processors."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.cases.case import Case

__all__ = ["CPU_SECONDS", "Check", "run_cases"]

CPU_SECONDS = 20
# What sleeps uses no processor; nothing that is right takes as long.
_WALL_SECONDS = 300.0

Check = Callable[[Case], list[str]]


@dataclass(slots=True)
class _Running:
    index: int
    process: BaseProcess
    pipe: Connection
    until: float


def run_cases(cases: Sequence[Case], checks: Mapping[str, Check]) -> Iterator[list[str]]:
    """Run cases; yield what is wrong with each, in their order.

    Args:
        cases: what to run.
        checks: what compares a case, by its kind.
    """
    # Forked: what was imported stays imported, so that a process costs next to nothing.
    context = multiprocessing.get_context("fork")
    at_once = len(os.sched_getaffinity(0))
    waiting = list(enumerate(cases))[::-1]
    running: list[_Running] = []
    done: dict[int, list[str]] = {}
    shown = 0
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                index, case = waiting.pop()
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_run, args=(theirs, checks[case.kind], case))
                process.start()
                theirs.close()
                running.append(_Running(index, process, ours, time.monotonic() + _WALL_SECONDS))
            wait([each.process.sentinel for each in running] + [e.pipe for e in running], timeout=1)
            for each in list(running):
                found = _outcome(each)
                if found is not None:
                    running.remove(each)
                    done[each.index] = found
            while shown in done:
                yield done.pop(shown)
                shown += 1
    finally:
        for each in running:
            _kill(each.process)


def _outcome(running: _Running) -> list[str] | None:
    """Return what is wrong with a case that has ended, None for one that still runs."""
    process, found = running.process, None
    if running.pipe.poll():
        with suppress(EOFError):
            found = list(running.pipe.recv())
    elif process.is_alive() and time.monotonic() < running.until:
        return None
    late = found is None and process.is_alive() and time.monotonic() >= running.until
    if late:
        found = [f"no end within {_WALL_SECONDS:g} s"]
    else:
        process.join(5)
    _kill(process)
    if found is not None:
        return found
    if process.exitcode == -signal.SIGXCPU:
        return [f"no end within {CPU_SECONDS} s of CPU"]
    return [f"its process died, exit code {process.exitcode}"]


def _kill(process: BaseProcess) -> None:
    """End a process and all that it started."""
    if process.pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.join()


def _run(pipe: Connection, check: Check, case: Case) -> None:
    """Run one case and send what is wrong with it; in its process."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    with tempfile.TemporaryFile() as said:
        # What the project logs is no part of the report.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(said.fileno(), stream.fileno())
        try:
            found = check(case)
        except Exception as error:  # noqa: BLE001 - whatever is raised is this case's failure
            found = [f"raised {type(error).__name__}: {error}{_place(error)}"]
        pipe.send(found)


def _place(error: BaseException) -> str:
    """Return the place in the project where an error was raised last, or ""."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "scraper" in file.parts:
            place = f" ({file.name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return place
