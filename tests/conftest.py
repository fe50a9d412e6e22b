"""Marks the tests that must run beside no other: two of them on two cores measure one another.

Restores Ctrl-C, which a shell has tests ignore that it starts in the background.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
# They hold the program to limits of time or memory, kill processes, or fill a disk.
_ALONE = (
    "gauntlet", "soak", "test_archive_crash.py", "test_archive_faults.py", "test_archive_hosts.py",
    "test_browser.py", "test_fetching_rate_limit.py", "test_fetching_rendering.py",
    "test_pipeline_archive_hosts.py",
    "test_workers.py",
)  # fmt: skip
# They wait nearly all of their time, and give what they wait for enough of it whatever runs beside.
_PATIENT = frozenset({"test_clock.py", "test_soak.py"})


def pytest_configure() -> None:
    """Take Ctrl-C as usual: programs that the tests start inherit whether it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what must run alone, by its file or folder."""
    for item in items:
        path = item.path.resolve().relative_to(_HERE)
        if path.parts[0] in _ALONE and path.name not in _PATIENT:
            item.add_marker(pytest.mark.alone)
