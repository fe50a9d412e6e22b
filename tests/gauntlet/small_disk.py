"""Gauntlet 58 on a disk of two megabytes: ``unshare -rm python -m tests.gauntlet.small_disk DIR``.

Fills the disk, looks at what is refused and how, makes it larger, and goes on. A report as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scraper.archive import Archive
from scraper.errors import ArchiveError
from scraper.models import Attempt
from tests.archiving import START, article, opened
from tests.crash_work import broken, hour
from tests.gauntlet.server import Server
from tests.gauntlet.test_locks import Daemon, routes, scraper, settings


def mount(folder: Path, size: str, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    what = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={size}", *options)), "none", folder]
    subprocess.run(what, check=True)


def attempt(call: Callable[..., object], *arguments: object) -> str:
    """Return "" or the class of the error and its message."""
    try:
        call(*arguments)
    except ArchiveError as error:
        return f"{error.error_class}: {error.message}"
    return ""


def big(n: int) -> Attempt:
    text = "".join(f"Boat {n * i} left the harbour at noon.\n" for i in range(400))
    return article(text, url=f"https://a.example/{n}", at=hour(n), body=os.urandom(60_000))


def full(disk: Path) -> dict[str, object]:
    """Fill the disk with articles until it is refused, and beyond; then give it room."""
    report: dict[str, object] = {}
    mount(disk, "3m")
    with opened(disk / "archive") as archive:
        kept = 0
        while not (refused := attempt(archive.record, big(kept))):
            kept += 1
        report["refused"] = refused
        report["again"] = attempt(archive.record, big(kept))
        report["read"] = archive.find("https://a.example/0").version_count
    (disk / "ballast").write_bytes(b"")
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass
    report["kept"] = kept
    report["opening"] = attempt(lambda: opened(disk / "archive").close())
    report["backup"] = attempt(
        lambda: Archive(disk / "archive", readonly=True).backup(disk / "copy")
    )
    report["left"] = sorted(path.name for path in disk.iterdir())
    mount(disk, "32m", "remount")
    with opened(disk / "archive") as archive:
        report["resumed"] = attempt(archive.record, big(kept))
        report["articles"] = archive.status(START).counts["articles"]
    report["broken"] = broken(disk / "archive")
    return report


def paused(disk: Path) -> dict[str, object]:
    """Start a daemon with too little room, look what it says, and give it room."""
    report: dict[str, object] = {}
    mount(disk, "4m")
    ballast = disk / "ballast"
    with Server(routes()) as server:
        config = settings(disk.parent / "config", server, ["one"], least_free=2 * 1024 * 1024)
        options = ("--archive", disk / "archive", "--config", config)
        with opened(disk / "archive"):
            pass
        ballast.write_bytes(bytes(2_500_000))
        done = scraper(*options, "collect")
        report["collect"] = (done.returncode, done.stderr)
        done = scraper(*options, "status")
        report["status"] = (done.returncode, done.stdout)
        report["asked"] = len(server.asked)
        daemon = Daemon(disk / "archive", config)
        report["paused"] = daemon.until("paused:")
        time.sleep(6)  # another tick: it is told once
        ballast.unlink()
        report["resumed"] = daemon.until("resumed:")
        report["kept"] = daemon.until("kept 1")
        report["told"] = sum("paused:" in line for line in daemon.lines)
        report["code"] = daemon.end()
        with Archive(disk / "archive", readonly=True) as archive:
            report["broken"] = [finding.what for finding in archive.doctor(least_free=0)]
    return report


if __name__ == "__main__":
    place = Path(sys.argv[1])
    (place / "b").mkdir()
    print(json.dumps({"full": full(place / "disk"), "paused": paused(place / "b" / "disk")}))
