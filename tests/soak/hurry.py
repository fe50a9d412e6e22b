"""The program itself, its calendar compressed: ``python -m tests.soak.hurry daemon …``.

A page is looked at again after hours and days, and no source more often than each ten minutes. Here
those waits are as short as ``SOAK_CALENDAR`` (JSON) says; nothing else differs. Where ``SOAK_LAG``
names a file, the daemon's event loop is watched, and how long it was held up is written there.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from scraper import config, daemon, toml_file
from scraper.alerts import messages
from scraper.archive import older_copies, schedule, versions
from scraper.cli import main

__all__: list[str] = []

_TICK = 0.01


def compress(calendar: dict[str, Any]) -> None:
    """Put other waits into the archive's decisions, and let sources be visited at any interval."""
    _put(schedule, "RECHECKS", tuple(timedelta(seconds=s) for s in calendar["rechecks"]))
    for name, seconds in calendar["spans"].items():
        owner = next(m for m in (older_copies, schedule, versions) if hasattr(m, name))
        _put(owner, name, timedelta(seconds=seconds))
    for name, seconds in calendar["alerts"].items():
        _put(messages, name, timedelta(seconds=seconds))
    keys = {**config.SOURCE.keys, "interval": toml_file.number_between(1, 30 * 86400)}
    _put(config, "SOURCE", toml_file.Table(keys))


def _put(owner: ModuleType, name: str, value: object) -> None:
    """Replace a constant of a module, also in those that imported it."""
    before = getattr(owner, name)
    for title, module in list(sys.modules.items()):
        if title.partition(".")[0] == "scraper" and vars(module).get(name) is before:
            setattr(module, name, value)


def _queued() -> float:
    """Return the seconds that this thread was ready to run while others had the processor."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


async def _watch_lag(file: Path) -> None:
    """Write each second how long the loop was held up, in ms, worst first of its ticks."""
    with file.open("a") as out:
        held: list[float] = []
        last = time.monotonic()
        while True:
            begun, queued = time.monotonic(), _queued()
            await asyncio.sleep(_TICK)
            held.append(time.monotonic() - begun - _TICK - (_queued() - queued))
            if time.monotonic() - last >= 1:
                out.write(" ".join(f"{1000 * max(h, 0):.1f}" for h in held) + "\n")
                out.flush()
                held, last = [], time.monotonic()


def watch_lag(file: Path) -> None:
    """Have the daemon's helper that watches the clock also watch the loop."""
    watch_clock = daemon._watch_clock

    async def both(scheduler: Any, job_id: str) -> None:
        await asyncio.gather(watch_clock(scheduler, job_id), _watch_lag(file))

    daemon._watch_clock = both


if __name__ == "__main__":
    compress(json.loads(os.environ["SOAK_CALENDAR"]))
    if "SOAK_LAG" in os.environ:
        watch_lag(Path(os.environ["SOAK_LAG"]))
    main(prog_name="scraper")
