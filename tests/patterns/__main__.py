"""Attacks every pattern of the project: ``python -m tests.patterns [FILE...]``.

A pattern must take less than a tenth of a second for `REPEATS` repeats of any of its parts, and
less than a fifth of a second for the longest text that it can meet. That is what its
`BoundedPattern` says; any other must do with `LONGEST` characters, which only a pattern of linear
time does (both in `scraper.text.pattern_cost`). Prints a line for each that does not; exits with 1
if there is one.

With names of files, only patterns that are compiled there are attacked.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from collections.abc import Sequence

from tests.patterns.collecting import Found, collect


def _attack(found: Found) -> str:
    """Return what is wrong with a pattern, or ""."""
    from scraper.text.pattern_cost import LONGEST, slow_attack

    made = re.compile(found.pattern, found.flags)
    longest = found.longest or LONGEST
    hit = slow_attack(made, longest=longest, methods=found.methods)
    if hit is None:
        return ""
    text = f"{hit.before[-30:]!r} + {hit.body[:40]!r} * n + {hit.end!r}"
    return (
        f"{found.where}: {hit.seconds:.2f} s at {hit.length} of {longest} characters, "
        f"{hit.method}: {text}: {found.pattern[:100]}"
    )


def main(files: Sequence[str]) -> int:
    """Attack the patterns; return the exit status."""
    found, unseen = collect()
    if files:
        found = [each for each in found if any(name in each.where for name in files)]
    wrong = [f"{place}: compiles a pattern that this check never sees" for place in unseen]
    with multiprocessing.get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        for line in pool.imap_unordered(_attack, found, chunksize=4):
            if line:
                wrong.append(line)
                print(line, flush=True)
    for line in wrong[: len(unseen)]:
        print(line)
    print(f"{len(found)} patterns, {len(wrong)} too slow or unseen")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
