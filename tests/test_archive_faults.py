"""A disk that fails: refused with the error's name, nothing torn, the next attempt succeeds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.faulting import FAULTS, MORE, STEPS

ROOT = Path(__file__).resolve().parents[1]


def test_a_disk_that_fails_tears_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faulting"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    reports = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [report["fault"] for report in reports] == list(FAULTS)
    classes: dict[str, list[str]] = {}
    for report in reports:
        call, error = report["fault"].split(":")[:2]
        assert report["status"] == 0, report
        assert report["broken"] == [], report
        assert report["done"] == MORE, report
        assert report["differs"] == [], report
        assert sorted(set(report["told"])) == report["told"], report
        assert len(report["told"]) in (MORE - STEPS, MORE - STEPS - 1), report
        for error_class, message in report["errors"]:
            assert "SQLITE_" in message or "error code" in message, report
            assert ".db" in message, report
            classes.setdefault(f"{call} {error}", []).append(error_class)
    # A write or a sync that fails is never damage; what cannot be read looks like it at times.
    assert set(classes["pwrite64 error=EIO"]) == {"db_io"}
    assert set(classes["fdatasync error=EIO"]) == {"db_io"}
    assert "db_full" in classes["pwrite64 error=ENOSPC"]
    assert set(classes["pwrite64 error=ENOSPC"]) <= {"db_full", "db_io"}
    assert set(classes["pread64 error=EIO"]) <= {"db_io", "db_corrupt"}
    for name in ("pwrite64 error=EIO", "pwrite64 error=ENOSPC"):
        wanted = sum(fault.startswith(name.replace(" ", ":")) for fault in FAULTS)
        assert len(classes[name]) >= wanted - 1, "the faults struck"
