"""Plays worlds and tells which invariants break: ``python -m tests.world --seeds 20``.

    python -m tests.world --seeds 20            the worlds 0 to 19, side by side
    python -m tests.world --seeds 20 --from 500 the worlds 500 to 519
    python -m tests.world --seed 7              one world again, and how it goes
    python -m tests.world --seed 7 --keep s2,s2a1,s2h0,d3    a part of it

For each invariant that does not hold there is a line, and the smallest world that still breaks it.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from pathlib import Path

from tests.world.playing import Job, play_passes, play_world, run
from tests.world.running import side_by_side
from tests.world.worlds import build, describe

# A world that could not be made small is not told in full.
_MOST_LINES = 20


def main() -> None:
    """Play worlds; the exit code is 1 when anything breaks."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.world",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seeds", type=int, help="how many worlds")
    which.add_argument("--seed", type=int, help="this one world")
    parser.add_argument(
        "--from", type=int, default=0, dest="first", help="number of the first of them"
    )
    parser.add_argument("--keep", help="names of the parts of the world that stay, with commas")
    parser.add_argument(
        "--shrink-seconds",
        type=float,
        default=20.0,
        help="for each that fails; 0: none is made smaller",
    )
    parser.add_argument(
        "--shrink-until",
        type=float,
        default=150.0,
        help="seconds after which none is made smaller any more; its line tells how to",
    )
    parser.add_argument("--processes", type=int, default=0, help="at once; 0: one to a processor")
    parser.add_argument("--folder", type=Path, help="of the run, which stays for a look")
    parser.add_argument("--passes", help=argparse.SUPPRESS)
    options = parser.parse_args()
    keep = tuple(options.keep.split(",")) if options.keep else None
    if options.passes:
        play_passes(options.seed, keep, options.folder, options.passes)
        return
    if options.folder is not None:
        options.folder.mkdir(parents=True)
        found = play_world(build(options.seed, keep), options.folder)
        print("\n".join(map(str, found)) or "all holds")
        sys.exit(bool(found))
    seeds = (
        [options.seed]
        if options.seed is not None
        else range(options.first, options.first + options.seeds)
    )
    begun = time.monotonic()
    until = time.time() + options.shrink_until
    jobs = [
        Job(seed=seed, keep=keep, shrinking=options.shrink_seconds, until=until) for seed in seeds
    ]
    count: collections.Counter[str] = collections.Counter()
    failed = 0
    if options.seed is not None:
        print("\n".join(describe(build(options.seed, keep))), flush=True)
    for result in side_by_side(run, jobs, processes=options.processes):
        failed += bool(result.found)
        for line in result.found:
            count[line.name] += 1
            print(f"seed {result.seed}: {line}", flush=True)
        if result.found and not result.smallest and options.shrink_seconds:
            print(f"  make it smaller: python -m tests.world --seed {result.seed}", flush=True)
        if result.smallest:
            print(
                "  smallest world that still breaks the first: python -m tests.world --seed"
                f" {result.seed} --keep {result.keep}"
            )
            print("\n".join(f"    {line}" for line in result.smallest[:_MOST_LINES]), flush=True)
    said = ", ".join(f"{name} {n}" for name, n in count.most_common())
    print(
        f"{len(jobs)} worlds in {time.monotonic() - begun:.0f} s, {failed} break an invariant"
        + (f" ({said})" if said else "")
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
