"""Bulk import beside a plain pool of processes: ``python -m tests.benchmarks.importing [FILE]``.

Makes a WARC of the gold pages (of ``../shared``, where it is there; ``--step 8`` takes each eighth)
or takes one, and measures in one run, each in a process of its own:

- the plain pool: `ProcessPoolExecutor` around `trafilatura.bare_extraction`; it stores nothing;
- ``scraper import`` into a new archive, with one worker and with as many as the pool has;
- the same by way of shards (``--shards``, then ``scraper merge``), as several machines do it.

Wall time is what a user waits; CPU time, of the process and of all its workers, is what counts on a
machine with other work.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.exchange.warc import read_captures

SHARED = Path(__file__).resolve().parents[3] / "shared" / "gold"
AT_ONCE = 8
# Pages from which on what an archive begins with weighs little.
_ENOUGH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a run took: seconds of wall clock, of the process itself, of its workers; MB at most."""

    wall: float
    own: float
    workers: float
    memory: float

    @property
    def cpu(self) -> float:
        """Seconds of CPU in all."""
        return self.own + self.workers


def gold_pages() -> Iterator[tuple[str, bytes]]:
    """Yield address and body of each gold page."""
    for folder in sorted(path for path in SHARED.iterdir() if path.is_dir()):
        with (folder / "gold.jsonl").open(encoding="utf-8") as lines:
            for entry in map(json.loads, lines):
                path = folder / "pages" / f"{entry['id'].replace('/', '-')}.html.gz"
                if path.exists():
                    url = entry.get("url") or f"http://{folder.name}.example/{entry['id']}"
                    yield url, gzip.decompress(path.read_bytes())


def write_warc(path: Path, pages: Sequence[tuple[str, bytes]]) -> None:
    """Write pages as a gzipped WARC, a member for each record."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, body in pages:
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=head
            )
            writer.write_record(record)


def bare(body: bytes) -> bool:
    """Read one page by trafilatura, as its documentation does."""
    import trafilatura

    return trafilatura.bare_extraction(body) is not None


def plain_pool(warc: str, workers: str) -> None:
    """Read all pages of a WARC in a plain pool, chunks of pages at a time."""
    bodies = (capture.page.body for capture in read_captures(Path(warc)))
    with ProcessPoolExecutor(int(workers)) as pool:
        print(sum(pool.map(bare, bodies, chunksize=AT_ONCE)), "read")


def run(command: Sequence[str]) -> Spent:
    """Run a command; return what it took, its children included."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command], capture_output=True, text=True, check=False
    )
    wall = time.monotonic() - begun
    if done.returncode:
        raise SystemExit(done.stderr)
    own, workers, memory = map(float, done.stdout.splitlines()[-1].split())
    return Spent(wall=wall, own=own, workers=workers, memory=memory / 1024)


# Runs a module with arguments, then prints the CPU of this process and of its children. Workers are
# children of a server that outlives the module: it is ended first, so that they are counted.
_MEASURED = """
import resource, runpy, sys
from multiprocessing import forkserver
name, sys.argv = sys.argv[1], sys.argv[1:]
try:
    runpy.run_module(name, run_name="__main__", alter_sys=True)
except SystemExit as stop:
    if stop.code:
        raise
forkserver._forkserver._stop()
own, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(own.ru_utime + own.ru_stime, below.ru_utime + below.ru_stime, own.ru_maxrss)
"""


def imported(warc: Path, workers: int, folder: Path) -> Spent:
    """Import a WARC into a new archive with a number of workers."""
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "settings.toml").write_text(f"[parse]\nworkers = {workers}\ntimeout = 60.0\n")
    archive = folder / f"archive-{workers}"
    return run(
        ["scraper", "--quiet", "--config", str(config), "--archive", str(archive), "import",
         str(warc)]
    )  # fmt: skip


def shared(warc: Path, folder: Path) -> tuple[Spent, Spent, int]:
    """Read a WARC into shards, then merge them; return both, and the bytes of the shards."""
    words = ["scraper", "--quiet", "--config", str(folder / "config"), "--archive"]
    shards = folder / "shards"
    read = run([*words, str(folder / "none"), "import", str(warc), "--shards", str(shards)])
    merged = run([*words, str(folder / "merged"), "merge", str(shards)])
    return read, merged, sum(path.stat().st_size for path in shards.iterdir())


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warc", nargs="?", type=Path, help="a WARC instead of the gold pages")
    parser.add_argument("--step", type=int, default=1, help="take each so manieth gold page")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warc = given.warc or folder / "gold.warc.gz"
        if given.warc is None:
            write_warc(warc, list(gold_pages())[:: given.step])
        pages = sum(1 for _ in read_captures(warc))
        print(f"{pages} pages; load {os.getloadavg()[0]:.1f}; {given.workers} workers")
        pool = run(["tests.benchmarks.importing", "--pool", str(warc), str(given.workers)])
        one = imported(warc, 1, folder)
        many = imported(warc, given.workers, folder)
        parts, merged, shards = shared(warc, folder)
        stored = sum(
            path.stat().st_size for path in (folder / f"archive-{given.workers}").glob("*.db")
        )
        print(f"{'':22}{'pages/s':>9}{'ms CPU':>9}{'writer':>8}{'workers':>9}{'MB':>6}")
        each = 1000 / pages
        for label, spent in (
            ("plain pool", pool), ("import, one worker", one), ("import", many),
            ("import --shards", parts), ("merge", merged),
        ):  # fmt: skip
            print(
                f"{label:22}{pages / spent.wall:9.1f}{spent.cpu * each:9.1f}"
                f"{spent.own * each:8.1f}{spent.workers * each:9.1f}{spent.memory:6.0f}"
            )
        print(f"import to one worker, wall     {one.wall / many.wall:5.2f}   at least 1.8")
        print(f"import to the pool, wall       {pool.wall / many.wall:5.2f}   at least 1.7")
        print(f"import to the pool, CPU        {pool.cpu / many.cpu:5.2f}")
        print(f"pages a core-hour, to shards {pages / parts.cpu * 3600:7,.0f}")
        print(
            f"pages an hour, merged        {pages / merged.wall * 3600:7,.0f}   by the one writer"
        )
        print(f"shards, of the gzipped WARC    {shards / warc.stat().st_size:5.0%}")
        told = f"{stored / warc.stat().st_size:5.0%}   at most 65%"
        if pages < _ENOUGH:
            told += f", of {_ENOUGH} pages and more: an empty archive has its size"
        print(f"of the gzipped WARC            {told}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pool"]:
        plain_pool(*sys.argv[2:4])
    else:
        main()
