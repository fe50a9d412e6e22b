"""CPU of commands that start, do one thing and end: ``python -m tests.benchmarks.starting``.

    python -m tests.benchmarks.starting [--pages N] [--archive DIR] [--rounds R]

Runs each reading command on an archive, by default that of the demo, and prints the CPU that it and
all its children took. Then reads N pages of each gold set by ``scraper fetch --html`` and by the
command line of trafilatura, in turn, and prints the ratio page by page; without the gold pages,
those of ``tests/pages``. Children that outlive a command are counted: this process adopts them.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.training.gold import GOLD, SETS, load

# PR_SET_CHILD_SUBREAPER of linux/prctl.h.
_SUBREAPER = 36
_SCRAPER = (sys.executable, "-m", "scraper")
# Commands that read the archive; 1 is an article with two versions or more.
READING = (
    ("status",), ("changes",), ("history", "1"), ("show", "1"), ("diff", "1"), ("search", "model"),
    ("stories",), ("quotes", "said"), ("facts", "1"), ("coverage",), ("digest",),
    ("sources", "list"), ("topics", "list"), ("boilerplate",), ("alerts", "list"),
    ("export", "--format", "jsonl", "model"),
)  # fmt: skip


def cpu_of(command: Sequence[str], given: bytes = b"") -> tuple[float, int]:
    """Return the CPU seconds that a command and all its children took, and its exit code."""
    before = _of_children()
    code = subprocess.run(command, input=given, capture_output=True, check=False).returncode
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return _of_children() - before, code


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def reading(archive: Path, rounds: int) -> None:
    """Print the CPU of each reading command, the median of some rounds."""
    for words in (("fetch", "--help"), *READING):
        taken = [cpu_of([*_SCRAPER, "--archive", str(archive), *words]) for _ in range(rounds)]
        failed = "".join(f"  ended with {code}" for _, code in taken[:1] if code)
        median = statistics.median(cpu for cpu, _ in taken)
        print(f"{median:6.2f} s  scraper {' '.join(words)}{failed}")


def pages(count: int) -> list[tuple[str, bytes, str]]:
    """Return name, bytes and address of pages, every so many of each set."""
    if not GOLD.is_dir():
        files = sorted((Path(__file__).parents[1] / "pages").glob("*.html"))
        step = max(1, len(files) // (count * len(SETS)))
        return [(f.stem, f.read_bytes(), "http://press.example/a") for f in files[::step]]
    found = []
    for name in SETS:
        held = list(load(name))
        for page in held[len(held) // count // 2 :: max(1, len(held) // count)][:count]:
            found.append((f"{name}/{page.id}", page.body, page.url or "http://press.example/a"))
    return found


def one_page(count: int) -> None:
    """Print the CPU of one page by both command lines, and their ratio."""
    ratios = []
    total = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        for name, body, url in pages(count):
            file.write_bytes(body)
            ours, _ = cpu_of([*_SCRAPER, "fetch", "--html", str(file), "--url", url, "--no-save"])
            theirs, _ = cpu_of([str(Path(sys.executable).with_name("trafilatura"))], body)
            ratios.append(ours / theirs)
            total[0], total[1] = total[0] + ours, total[1] + theirs
            print(f"{ours:6.2f} s  {theirs:6.2f} s  {ours / theirs:5.2f}  {name}", flush=True)
    print(
        f"{len(ratios)} pages: median ratio {statistics.median(ratios):.2f}, of the sums"
        f" {total[0] / total[1]:.2f}, most {max(ratios):.2f};"
        f" above 1.5: {sum(ratio > 1.5 for ratio in ratios)}"
    )


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=4, metavar="N", help="of each set")
    parser.add_argument("--archive", type=Path, metavar="DIR", help="that is read")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="of each command")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if given.archive:
        reading(given.archive, given.rounds)
    else:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [*_SCRAPER, "--archive", folder, "demo", "--port", "0", "--collect"],
                check=True, capture_output=True,
            )  # fmt: skip
            reading(Path(folder), given.rounds)
    one_page(given.pages)


if __name__ == "__main__":
    main()
