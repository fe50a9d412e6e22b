"""Speed and weight of the browser's pages: ``python -m tests.benchmarks.browse [--articles N]``.

Makes an archive by `tests.benchmarks.corpus`, or takes one (``--archive``), which is written to: a
process adds 20 articles a second while pages are asked for over a socket, one after another. Given
are the milliseconds to the first byte (median, 95th percentile) and the largest page, beside their
limits, and the milliseconds of CPU that server and client took (the same): where other programs
keep the machine busy, these tell more.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from scraper.archive import Archive
from tests.archiving import article as attempt
from tests.benchmarks.corpus import fill, make_article
from tests.screenshots import serving

REQUESTS, A_SECOND = 40, 20
KILOBYTES = 150
# Name, limit of the 95th percentile in milliseconds, and the path that is asked for.
Asked = tuple[str, int, Callable[[random.Random], str]]


def write(folder: Path, total: int, begun_writing: object, stop: object) -> None:
    """Add articles until told to stop."""
    with Archive(folder) as archive:
        number = total
        while not stop.is_set():  # type: ignore[attr-defined]
            begun = time.monotonic()
            made = make_article(number, total)
            at = made.published or datetime.now(UTC)
            url = f"https://added.example/{time.time_ns()}"
            archive.record(attempt(made.text, at=at, url=url, title=made.title, made=made))
            number += 1
            begun_writing.set()  # type: ignore[attr-defined]
            time.sleep(max(0.0, 1 / A_SECOND - (time.monotonic() - begun)))


def pages(folder: Path) -> list[Asked]:
    """Return what is asked for, with numbers that the archive has."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        (total,) = db.execute("select max(id) from articles").fetchone()

        def column(sql: str) -> list[Any]:
            return [row[0] for row in db.execute(sql)]

        edited = column("select page_id from versions where number = 2 limit 2000")
        names = column("select id from entities limit 400")
        stories = column("select distinct story_id from story_members limit 500")
        outlets = column("select name from outlets limit 100")
        titles = column("select title from articles where language = 'en' limit 200")
        words = " ".join(titles).split()

    def one_of(path: str, values: list[int]) -> Callable[[random.Random], str]:
        return lambda chance: path.format(chance.choice(values))

    asked: list[Asked] = [
        ("article", 100, lambda chance: f"/-/article/{chance.randrange(1, total)}"),
        ("front page", 200, lambda chance: "/"),
        ("front page, filtered", 200, lambda chance: "/?" + chance.choice(
            ["lang=zh", "lang=en", "topic=1", "changed=1", "gone=1", "lang=zh&changed=1",
             f"outlet={chance.choice(outlets)}"])),
        ("changes", 200, lambda chance: "/-/changes?" + chance.choice(
            ["", "kind=edits", "kind=gone", "severity=3", "kind=edits&class=number"])),
        ("names", 200, lambda chance: "/-/names"),
        ("coverage", 200, lambda chance: "/-/coverage"),
        ("sources", 200, lambda chance: "/-/sources"),
        ("stories", 200, lambda chance: "/-/stories"),
        ("search", 300, lambda chance: f"/-/search?q={chance.choice(words)}"),
    ]  # fmt: skip
    if edited:
        asked.append(("diff", 100, one_of("/-/article/{}/diff", edited)))
    if names:
        asked.append(("name", 200, one_of("/-/name/{}", names)))
    if stories:
        asked.append(("story", 100, one_of("/-/story/{}", stories)))
    return asked


def main() -> None:
    """Measure; the exit code is 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.browse", description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument(
        "--archive", type=Path, help="an archive of the corpus, which is written to"
    )
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--without-writer", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.archive or Path(name) / "archive"
        if options.archive is None:
            fill(folder, options.articles)
        with Archive(folder), closing(sqlite3.connect(folder / "archive.db")) as db:
            (total,) = db.execute("select count(*) from articles").fetchone()
        context = multiprocessing.get_context("spawn")
        begun_writing, stop = context.Event(), context.Event()
        writer = context.Process(target=write, args=(folder, total, begun_writing, stop))
        if not options.without_writer:
            writer.start()
            # It first reads the sentences of its articles, which takes longer than some pages.
            begun_writing.wait(600)
        failed = 0
        print(f"{total:,} articles")
        print(f"{'page':<22} {'median':>9} {'p95':>9} {'limit':>7} {'KB':>7} {'CPU':>9} {'p95':>9}")
        try:
            with serving(folder) as root, httpx.Client(timeout=60) as client:
                for what, limit, path in pages(folder):
                    chance = random.Random(7)
                    times, spent, largest = [], [], 0
                    client.get(root + path(chance))
                    for _ in range(options.requests):
                        begun, before = time.perf_counter(), time.process_time()
                        with client.stream("GET", root + path(chance)) as answer:
                            times.append(1000 * (time.perf_counter() - begun))
                            largest = max(largest, len(answer.read()))
                            if answer.status_code != 200:
                                print(f"{answer.url}: {answer.status_code}")
                                failed += 1
                        spent.append(1000 * (time.process_time() - before))
                    p95 = statistics.quantiles(times, n=20)[-1]
                    wrong = p95 > limit or largest > 1024 * KILOBYTES
                    failed += wrong
                    print(
                        f"{what:<22} {statistics.median(times):>6.0f} ms {p95:>6.0f} ms"
                        f" {limit:>4} ms {largest / 1024:>7.0f} {statistics.median(spent):>6.0f} ms"
                        f" {statistics.quantiles(spent, n=20)[-1]:>6.0f} ms"
                        f"{'  missed' if wrong else ''}",
                        flush=True,
                    )
        finally:
            stop.set()
            if writer.is_alive():
                writer.join(20)
        with closing(sqlite3.connect(folder / "archive.db")) as db:
            (after,) = db.execute("select count(*) from articles").fetchone()
        print(f"{after - total:,} articles came in meanwhile")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
