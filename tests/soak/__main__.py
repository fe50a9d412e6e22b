"""Runs the soak and prints its criteria: ``python -m tests.soak [--minutes 30] [--kills 10]``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from tests.soak.checks import judge, table
from tests.soak.conduct import DISK, conduct
from tests.soak.faults import can_mount, small_disk
from tests.soak.world import Plan


def main() -> None:
    """Run it; the exit code is 1 when a criterion does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="that the sites live")
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--articles", type=int, default=250, help="of each site")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds between two requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--kills",
        type=int,
        default=10,
        help="of the daemon; with any, a worker runs out of memory, and the disk is full once where"
        " this user may mount one",
    )
    parser.add_argument(
        "--short", action="store_true", help="the form for CI: three minutes, ten sites"
    )
    parser.add_argument("--report", type=Path, help="file that the criteria are written to as well")
    parser.add_argument("--keep", type=Path, help="new folder in which all stays for a look")
    options = parser.parse_args()
    if options.kills and "SOAK_UNSHARED" not in os.environ:
        # The disk that is filled is one of its own, which only these processes see.
        words = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
        may_mount = can_mount(words)
        os.environ["SOAK_UNSHARED"] = "1" if may_mount else ""
        if may_mount:
            os.execvp(words[0], [*words, sys.executable, "-m", "tests.soak", *sys.argv[1:]])
        print("no disk of its own can be mounted here: none is filled", flush=True)
    has_disk = bool(options.kills and os.environ["SOAK_UNSHARED"])
    plan = Plan(
        seconds=60 * options.minutes,
        sites=options.sites,
        articles=options.articles,
        delay=options.delay,
        kills=options.kills,
        fills=has_disk,
        seed=options.seed,
    )
    if options.short:
        plan = replace(plan, seconds=140, sites=10, articles=10, delay=0.2)
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(exist_ok=True)
        disk = small_disk(folder / DISK, plan) if plan.fills else nullcontext(folder)
        with disk as place:
            criteria = judge(conduct(plan, folder, lambda line: print(line, flush=True)))
            if options.keep and plan.fills:
                shutil.copytree(place / "archive", folder / "archive")
    said = table(criteria)
    print(said)
    if options.report:
        options.report.write_text(said + "\n", encoding="utf-8")
    sys.exit(any(criterion.holds is False for criterion in criteria))


if __name__ == "__main__":
    main()
