"""Gauntlet 60: killed in a migration, and at each write. The old schema or the new, never half.

`tests/test_archive_crash.py` holds the crash loop over a writer's work.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.old_schemas import LATEST

ROOT = Path(__file__).resolve().parents[2]


def test_g60_killed_at_the_writes_of_a_migration() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.old_schemas"],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    assert set(report["kept"]) == {"1", str(LATEST)}
    assert all(report["kept"].values()), "it was killed before the change was kept, and after"
