"""Runs the soak and prints its criteria: ``python -m tests.soak --minutes 10 --articles 50``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.checks import judge, table
from tests.soak.conduct import conduct
from tests.soak.world import Plan


def main() -> None:
    """Run it; the exit code is 1 when a criterion does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="that the sites live")
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--articles", type=int, default=250, help="of each site")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds between two requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="file that the criteria are written to as well")
    parser.add_argument("--keep", type=Path, help="new folder in which all stays for a look")
    options = parser.parse_args()
    plan = Plan(
        seconds=60 * options.minutes,
        sites=options.sites,
        articles=options.articles,
        delay=options.delay,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(exist_ok=True)
        criteria = judge(conduct(plan, folder, lambda line: print(line, flush=True)))
    said = table(criteria)
    print(said)
    if options.report:
        options.report.write_text(said + "\n", encoding="utf-8")
    sys.exit(any(criterion.holds is False for criterion in criteria))


if __name__ == "__main__":
    main()
