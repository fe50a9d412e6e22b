"""Runs cases: ``python -m tests.cases [--without KIND] [FOLDER...]``.

A folder is one case, all cases of a kind, or many kinds; by default those of the project. Prints a
line for each case that fails and closes with ``N passed, N failed``. Exits with 1 if any fails, and
with 2 if a folder holds no case or one that cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cases.archives import check_search, check_versions, check_visits, check_warc
from tests.cases.case import EXPECTATIONS, HOSTILE, BrokenCase, find_cases
from tests.cases.pages import (
    check_address,
    check_decode,
    check_extract,
    check_list,
    check_robots,
    check_time,
)
from tests.cases.running import Check, run_cases

CHECKS: Mapping[str, Check] = {
    "extract": check_extract,
    "decode": check_decode,
    "time": check_time,
    "feed": check_list,
    "sitemap": check_list,
    "address": check_address,
    "robots": check_robots,
    "versions": check_versions,
    "search": check_search,
    "visits": check_visits,
    "warc": check_warc,
}
_OURS = Path(__file__).resolve().parent
# Characters of a line that says what is wrong.
_WIDTH = 400


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases of the folders that are named; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases", description="Run cases.")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="by default tests/cases")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=sorted(EXPECTATIONS),
        metavar="KIND",
        help="leave out the cases of a kind",
    )
    options = parser.parse_args(arguments)
    try:
        cases = find_cases([Path(name) for name in options.folders] or [_OURS])
    except BrokenCase as error:
        print(error, file=sys.stderr)
        return 2
    wanted = [case for case in cases if case.kind not in HOSTILE | set(options.without)]
    passed = 0
    for case, wrong in zip(wanted, run_cases(wanted, CHECKS), strict=True):
        if case.unknown:
            print(f"{case.folder}: not compared: {', '.join(case.unknown)}", file=sys.stderr)
        passed += not wrong
        if wrong:
            line = " ".join("; ".join(wrong).split())
            print(f"{case.folder}: {line[:_WIDTH]}", flush=True)
    hostile = sum(case.kind in HOSTILE for case in cases)
    if hostile:
        print(f"{hostile} of kinds that only tests of their own can show, not run")
    left_out = len(cases) - len(wanted) - hostile
    if left_out:
        print(f"{left_out} left out: {', '.join(sorted(set(options.without)))}")
    print(f"{passed} passed, {len(wanted) - passed} failed")
    return 0 if passed == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
