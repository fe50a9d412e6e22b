"""Holds the quality of extraction: fails when a set of gold pages scores below its floor.

    python -m tests.gold_floors

The floors are just under what the shipped model reaches. That model was trained on four of these
sets (en, news, zh, zh-old), so they guard against breaking something, not against overfitting: for
unseen sites, run ``python -m tests.training --report``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FLOORS = {
    "en": 0.977,
    "en-tech": 0.978,
    "news": 0.979,
    "zh": 0.996,
    "zh-old": 0.989,
    "zh2-hans": 0.984,
    "zh2-hant": 0.99,
}

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
