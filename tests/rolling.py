"""Sealed parts that are killed while they are made: ``python -m tests.rolling [--stride N]``.

An archive is rolled over, and its part is merged back, by a process that is killed (SIGKILL) at its
Nth call of each system call that writes, for N = 1, 1 + stride, … After each kill the archive must
hold exactly the rows that it held before, each once, and be sound; done again, it must come to the
same.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from scraper.archive import Archive
from scraper.archive.part_rows import MOVED
from scraper.models import Article, Attempt, Discovery, Link, Source
from tests.archiving import START, article, failed, opened, page, rejected
from tests.crashing import Child, traced
from tests.storytelling import paragraphs

__all__ = ["BEFORE", "DAY", "LATER", "build", "held", "kill_at", "story"]

DAY = timedelta(days=1)
BEFORE, LATER = START + 60 * DAY, START + 100 * DAY
SOURCE = Source(name="wire", kind="feed", url="https://ledger.example/feed", outlet="Ledger")
# What writes, renames, deletes or flushes.
CALLS = ("pwrite64", "write", "rename", "unlink", "mkdir", "fsync", "fdatasync", "ftruncate")


def url(number: int, host: str = "ledger.example") -> str:
    return f"https://{host}/news/{number:05}"


def story(number: int, at: int, *, extra: str = "", host: str = "ledger.example",
          like: int | None = None, captured: bool = True) -> Attempt:  # fmt: skip
    """Return an attempt at an article; one that was captured is not looked at again by itself."""
    day = START + at * DAY
    text = "\n".join((*paragraphs(number if like is None else like), extra)).strip()
    title = f"What happened at berth {number if like is None else like}"
    made = Article(
        url=url(number, host), title=title, text=text, language="en", script="Latn", published=day,
        extractor="x1",
    )  # fmt: skip
    return article(
        text, url=url(number, host), at=day, title=title, made=made, source="wire",
        capture=f"{host}-{number}-{at}" if captured else "",
    )  # fmt: skip


def build(folder: Path, *, articles: int = 12) -> None:
    """Fill an archive of which most rests at `BEFORE`: also copies, edits, refusals, failures."""
    with opened(folder) as archive:
        archive.sync_sources([SOURCE], START)
        run = archive.begin_run("collect", START)
        links = tuple(Link(url=url(n), source="wire", title=f"Berth {n}") for n in range(articles))
        feed = page("<rss>1</rss>", url=SOURCE.url, at=START)
        archive.record_visit("wire", START, discovery=Discovery(links=links, pages=(feed,)))
        for number in range(articles):
            archive.record(story(number, 1 + number % 9))
        archive.record(story(1, 12, extra="The mole was mended with 7 stones."))
        archive.record(story(2, 13, extra="The bell was sold for 12 pounds."))
        archive.record(story(2, 20, extra="The bell was sold for 15 pounds."))
        # Who copies whom: all rest, or one of them does not.
        archive.record(story(50, 3, host="copy.example", like=3))
        archive.record(story(51, 70, host="copy.example", like=4))
        archive.record(replace(rejected("paywall", url=url(60)), capture="r"))
        archive.record(replace(failed("timeout", url=url(61)), capture="f"))
        link = Link(url=url(62), source="wire", content="What the feed said of berth 62. " * 9)
        archive.record(replace(story(62, 5), link=link))
        for number in (70, 71):
            archive.record(story(number, 90, captured=False))
        while archive.stories.group_new(START + 91 * DAY).articles:
            pass
        archive.end_run(run, START, {})
        with archive._writing() as connection:
            run_sql = connection.execute
            run_sql(
                "insert into entities (id, kind, name, listed) values (1, 'company', 'Quay', 0)"
            )
            run_sql(
                "insert into mentions (version_id, entity_id, page_id, count, in_title, place,"
                " matched) select id, 1, page_id, 2, 0, 0, 'Quay' from versions"
            )
            run_sql(
                "insert into quotes (version_id, page_id, position, words, speaker, speaker_key,"
                " direct) select id, page_id, 1, 'We open on Monday', 'Berg', 'berg', 1"
                " from versions"
            )


def held(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of pages in all files, each file with those that it shows."""
    files = [(archive._store.connection, "")]
    files += [
        (
            part.connection,
            json.dumps([
                row[0] for row in part.connection.execute("select id from pages")
                if archive._parts.shows(part, row[0])
            ]),
        )
        for part in archive._parts
    ]  # fmt: skip
    found: dict[str, list[tuple[object, ...]]] = {}
    for table, condition in MOVED.items():
        names = [row[1] for row in files[0][0].execute(f"pragma table_info({table})")]
        # Rows that nothing refers to may get other numbers.
        unnumbered = table in ("sightings", "footprints", "quantities", "quotes", "entry_texts")
        chosen = ", ".join(n for n in names if not (n == "id" and unnumbered))
        rows: list[tuple[object, ...]] = []
        for connection, shown in files:
            where = condition.format(ids="select value from json_each(:ids)") if shown else "true"
            here = connection.execute(f"select {chosen} from {table} where {where}", {"ids": shown})
            rows += [tuple(row) for row in here]
            if table == "fetches" and shown:
                # Those of sources belong to no page: what was deleted elsewhere rests here.
                known = {row[0] for row in rows}
                feeds = connection.execute(f"select {chosen} from fetches where page_id is null")
                rows += [tuple(row) for row in feeds if row[0] not in known]
        # A pair of articles that are in different files stands in none or in the part.
        found[table] = sorted(set(rows) if table == "article_pairs" else rows, key=repr)
    return found


def roll(folder: Path) -> None:
    with Archive(folder, create=False) as archive:
        archive.roll_over("2026", BEFORE, LATER)


def merge(folder: Path) -> None:
    with Archive(folder, create=False) as archive:
        archive.merge_last()


def kill_at(folder: Path, task: Callable[[Path], None], fault: str) -> int:
    """Let a task run until a fault strikes; return its exit status, negative for a signal."""
    child = Child(lambda tell: task(folder))
    with traced(child, fault):
        child.start()
        return child.end()[0]


@dataclass(slots=True)
class Summary:
    kills: dict[str, int] = field(default_factory=dict)
    before: int = 0
    after: int = 0
    violations: list[str] = field(default_factory=list)


def judge(summary: Summary, label: str, folder: Path, expected: object, parts: int) -> None:
    """Look at an archive after a kill, then finish what was under way."""
    task = roll if parts else merge
    with Archive(folder, create=False) as archive:
        done = len(archive.part_names) == parts
        summary.after += done
        summary.before += not done
        problems = [f.what for f in archive.doctor(least_free=0) if f.level == "error"]
        if problems or held(archive) != expected:
            summary.violations.append(f"{label}: {problems or 'other rows than before'}")
    if not done:
        task(folder)
    with Archive(folder, create=False) as archive:
        archive.vacuum()
        problems = [f.what for f in archive.doctor(least_free=0) if f.level == "error"]
        if len(archive.part_names) != parts or problems or held(archive) != expected:
            summary.violations.append(f"{label}, done again: {problems or 'other rows'}")


def run(stride: int, most: int | None = None) -> Summary:
    """Kill rollovers and merges; at most so many of each call."""
    if shutil.which("strace") is None:
        raise SystemExit("strace is missing: apt-get install strace")
    summary = Summary()
    with tempfile.TemporaryDirectory() as name:
        whole, sealed = Path(name, "whole"), Path(name, "sealed")
        build(whole)
        shutil.copytree(whole, sealed)
        roll(sealed)
        with closing(Archive(whole, create=False)) as archive:
            expected = held(archive)
        for task, start, parts in ((roll, whole, 1), (merge, sealed, 0)):
            for call in CALLS:
                step = stride if call in ("pwrite64", "write") else max(1, stride // 4)
                for n in range(1, sys.maxsize, step):
                    label = f"{task.__name__}: {call} {n}"
                    folder = Path(name, "killed")
                    shutil.copytree(start, folder)
                    status = kill_at(folder, task, f"{call}:signal=SIGKILL:when={n}")
                    if status == -signal.SIGKILL:
                        key = f"{task.__name__} {call}"
                        summary.kills[key] = summary.kills.get(key, 0) + 1
                        judge(summary, label, folder, expected, parts)
                    elif status:
                        summary.violations.append(f"{label}: it ended by itself with {status}")
                    shutil.rmtree(folder)
                    if status != -signal.SIGKILL or (most and n + step > most * step):
                        break
    return summary


def main() -> None:
    """Run the matrix and print what it came to; the exit code is 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stride", type=int, default=8)
    parser.add_argument("--most", type=int, help="kills of each call at most")
    options = parser.parse_args()
    began = time.monotonic()
    summary = run(options.stride, options.most)
    for key, count in summary.kills.items():
        print(f"{key}: {count} kills")
    print(
        f"{sum(summary.kills.values())} kills: {summary.before} before the commit,"
        f" {summary.after} after it; {len(summary.violations)} violations;"
        f" {time.monotonic() - began:.0f} s"
    )
    for violation in summary.violations[:20]:
        print("VIOLATION", violation)
    sys.exit(bool(summary.violations))


if __name__ == "__main__":
    main()
