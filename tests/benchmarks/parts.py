"""One file beside several: ``python -m tests.benchmarks.parts [--articles N] [--files F]``.

Makes an archive by `tests.benchmarks.corpus`, copies it, and rolls the copy over so that the same
articles lie in F files, by time. Then both are asked the same in turn: queries, histories, the last
changes, pages of articles; and the same new articles are written to both. Ratios of CPU time in one
run, so that what runs beside it does not matter; answers are compared.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from scraper.archive import Archive
from scraper.models import Attempt, Link, Page, Verdict
from tests.benchmarks.corpus import END, YEARS, fill, make_article

# New articles that are written to both, and questions of each kind.
ADDED, ASKED = 400, 40
NOW = END + timedelta(days=60)


def roll(folder: Path, files: int) -> list[tuple[str, int, float, float]]:
    """Seal all but the last share; return name, articles, CPU seconds and seconds of each part."""
    made = []
    with Archive(folder) as archive:
        for number in range(1, files):
            before = END - timedelta(days=365.25 * YEARS * (1 - number / files))
            began, cpu = time.monotonic(), time.process_time()
            part = archive.roll_over(f"part-{number}", before, NOW)
            made.append(
                (part.name, part.articles, time.process_time() - cpu, time.monotonic() - began)
            )
    return made


Question = Callable[[Archive], object]


def questions(total: int) -> dict[str, list[Question]]:
    """Return what is asked, by kind."""
    chance = random.Random(7)
    drawn = [chance.randrange(total) for _ in range(ASKED)]
    queries = [_words(make_article(number, total).text.split("\n")[0]) for number in drawn]
    addresses = [make_article(number, total).url for number in drawn]
    return {
        "search, best first": [partial(_best, query=query) for query in queries],
        "search, newest first": [partial(_newest, query=query) for query in queries],
        "history of an article": [partial(Archive.versions, ref=url) for url in addresses],
        "an article with its record": [partial(Archive.version, ref=n + 1) for n in drawn],
        "the last 50 changes": [partial(Archive.latest_changes, limit=50)] * ASKED,
        "100 articles from one on": [
            partial(Archive.articles_after, after=n, limit=100) for n in drawn
        ],
    }


def _words(line: str) -> str:
    return " ".join(line.split()[:2]) if " " in line else line[3:7].strip("，。、“”")


def _best(archive: Archive, query: str) -> set[int]:
    return {hit.id for hit in archive.search_page(query, 20).hits}


def _newest(archive: Archive, query: str) -> list[int]:
    return [hit.id for hit in archive.search_page(query, 20, order="date").hits]


def attempt(number: int, total: int) -> Attempt:
    """Return an attempt at a new article."""
    made = make_article(number, total)
    made = replace(made, url=f"{made.url}-new", title=f"{made.title} ({number})", published=NOW)
    body = f"<html><body><h1>{made.title}</h1>{made.text}</body></html>".encode()
    return Attempt(
        link=Link(url=made.url),
        at=NOW,
        page=Page(
            url=made.url, final_url=made.url, status=200, headers={}, body=body, fetched_at=NOW,
            wire_bytes=len(body),
        ),
        verdict=Verdict(kind="article"),
        article=made,
    )  # fmt: skip


def added(folder: Path, attempts: Sequence[Attempt]) -> float:
    """Write new articles in batches; return seconds of CPU for each."""
    with Archive(folder) as archive:
        cpu = time.process_time()
        for start in range(0, len(attempts), 20):
            archive.record_all(attempts[start : start + 20])
        return (time.process_time() - cpu) / len(attempts)


def compare(one: Path, several: Path, total: int) -> list[tuple[str, float, float, int]]:
    """Ask both archives; return kind, medians of CPU seconds, and how many answers differ."""
    rows = []
    with Archive(one, readonly=True) as whole, Archive(several, readonly=True) as parted:
        for kind, asked in questions(total).items():
            taken: tuple[list[float], list[float]] = ([], [])
            differ = 0
            for ask in asked:
                answers = []
                for archive, times in zip((whole, parted), taken, strict=True):
                    ask(archive)
                    cpu = time.process_time()
                    answers.append(ask(archive))
                    times.append(time.process_time() - cpu)
                differ += answers[0] != answers[1]
            rows.append((kind, statistics.median(taken[0]), statistics.median(taken[1]), differ))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1, help="that make articles")
    options = parser.parse_args(arguments)
    total = options.articles
    with tempfile.TemporaryDirectory() as name:
        one, several = Path(name, "one"), Path(name, "several")
        fill(one, total, processes=options.processes)
        shutil.copytree(one, several)
        for part, articles, cpu, seconds in roll(several, options.files):
            print(f"{part}: {articles:,} articles sealed, {cpu:.1f} s of CPU, {seconds:.1f} s")
        with Archive(several) as archive:
            archive.vacuum()
        for kind, first, second, differ in compare(one, several, total):
            print(
                f"{kind}: {1000 * first:.2f} ms in one file, {1000 * second:.2f} ms in"
                f" {options.files} ({second / first:.1f} times); {differ} of {ASKED} answers differ"
            )
        attempts = [attempt(number, total) for number in range(ADDED)]
        first, second = added(one, attempts), added(several, attempts)
        print(
            f"{ADDED} new articles: {1000 * first:.2f} ms each in one file, {1000 * second:.2f} ms"
            f" in {options.files} ({second / first:.2f} times)"
        )
        for folder in (one, several):
            files = sorted(folder.rglob("archive.db"))
            sizes = ", ".join(f"{path.stat().st_size / 1e6:,.0f}" for path in files)
            print(f"archive.db in {folder.name}: {sizes} MB")


if __name__ == "__main__":
    main()
