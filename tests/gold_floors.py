"""Holds the quality of extraction: fails when a set of gold pages scores below its floor.

    python -m tests.gold_floors

The floors stand just under what is reached with the shipped model. That model was trained on these
pages, so they guard against breaking something, not against fooling ourselves: for unseen sites,
run ``python -m tests.training --report``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FLOORS = {"en": 0.977, "news": 0.978, "zh": 0.996, "zh-old": 0.989}

ROOT = Path(__file__).resolve().parents[1]
SCORE = ROOT.parent / "shared" / "gold" / "score.py"


def main() -> int:
    """Score `extract` on the gold pages; return the exit status."""
    if not SCORE.exists():
        print(f"gold floors: skipped, there are no gold pages at {SCORE.parent}")
        return 0
    floors = [f"--floor={name}={floor}" for name, floor in FLOORS.items()]
    command = [sys.executable, str(SCORE), "scraper.extraction:extract", "--fields", *floors]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
