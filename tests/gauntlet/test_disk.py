"""Gauntlet 58: a disk of two megabytes fills, then grows. It needs `unshare`, and fails without."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_g58_a_full_disk_pauses_and_resumes(tmp_path: Path) -> None:
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.gauntlet.small_disk", tmp_path],
        cwd=ROOT, capture_output=True, text=True, timeout=115, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    full, paused = report["full"], report["paused"]

    for moment in ("refused", "again", "backup"):
        assert full[moment].startswith("db_full: "), full
    # A backup that does not fit is refused before any of it is written.
    assert "are free: free some space" in full["backup"], full
    for moment in ("refused", "again"):
        assert "SQLITE_" in full[moment] or "ENOSPC" in full[moment], full
    # Without room for the memory that SQLite's processes share, it cannot even be opened.
    assert full["opening"] == "" or full["opening"].startswith("db_full: "), full
    assert full["read"] == 1, "what is there is read while the disk is full"
    assert full["left"] == ["archive", "ballast"], "nothing is left of a copy that did not fit"
    assert full["kept"] > 3
    assert full["resumed"] == ""
    assert full["articles"] == full["kept"] + 1
    assert full["broken"] == []

    code, said = paused["collect"]
    assert code == 74
    assert "paused: " in said and "least_free" in said
    code, said = paused["status"]
    assert code == 0
    assert "paused " in said
    assert paused["asked"] == 0, "nobody was asked for anything meanwhile"
    assert "WARNING" in paused["paused"]
    assert paused["told"] == 1
    assert "room" in paused["resumed"]
    assert paused["code"] == 0
    assert paused["broken"] == []
