"""How often a gap is told of wrongly, and how soon a true one is, over simulated sources.

``python -m tests.benchmarks.rhythm`` prints both: 480 sources over 400 days each, from one article
in ten days to sixty a day, with weekends, holidays, drift and bursts (as `tests/test_rhythm.py`
makes them), and silence from a Friday on.
"""

from __future__ import annotations

import random
from datetime import date
from statistics import median

from scraper.coverage.gaps import scan_gaps
from scraper.coverage.rhythm import Sample
from tests.test_rhythm import BEIJING, DAY, simulated, sources

LONGEST = 60


def main() -> None:
    """Simulate, and print."""
    days = wrong = 0
    for seed in range(2, 6):
        for chance, dispersion, level in sources(120, seed):
            found = scan_gaps(simulated(chance, 400, dispersion, level), BEIJING)
            days += len(found.expected)
            wrong += len(found.gaps)
    print(f"{wrong} gaps told of wrongly in {days:,} days of sources: one in {days // wrong:,}")
    for level in (40, 12, 4, 1):
        waits = [_wait(level, seed) for seed in range(40)]
        print(f"{level:>3} articles a workday: silence told after {median(waits):.0f} days, "
              f"at most {max(waits)}")  # fmt: skip


def _wait(level: float, seed: int) -> int:
    """Return the days after which silence is told."""
    chance = random.Random(seed)
    samples = simulated(chance, 200, 0.2, level)
    samples = [sample for sample in samples if sample.days[0] >= date(2025, 2, 24)]
    last = samples[-1].days[-1]
    for n in range(1, LONGEST):
        silent = [Sample((last + DAY * i,), 0) for i in range(1, n + 1)]
        if any(gap.open for gap in scan_gaps(samples + silent, BEIJING).gaps):
            return n
    return LONGEST


if __name__ == "__main__":
    main()
