"""What a writer does that is going to be killed, and what must hold afterwards.

Step n is the same in every process, and each ends with a row of `fetches` that bears its hour: so
an archive tells how far it came, and what is missing after a kill can be told.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from scraper.archive import Archive
from scraper.models import Attempt, Discovery, HostState, LearnedBlock, Link, Source
from tests.archiving import START, URL, article, failed, opened, page, rejected

__all__ = ["broken", "contents", "done", "rows", "step", "work"]

PAGES = 7
SOURCE = Source(name="wire", kind="feed", url="https://ledger.example/feed", outlet="Ledger")
PARAGRAPH = (
    "港口周一重新开放。The harbour reopened on Monday after a long pause. 船只在湾外等候。\n"
)
# Tables whose rows are the same however often the writer was killed; `runs` tells of the processes.
TABLES = (
    "outlets", "sources", "pages", "page_urls", "sightings", "fetches", "extractions", "versions",
    "articles", "candidates", "removed_blocks", "changes", "hosts", "learned_blocks", "thinned",
)  # fmt: skip


def hour(n: int) -> datetime:
    """Return the moment of a step."""
    return START + timedelta(hours=n)


def attempt(n: int) -> Attempt:
    """Return a step's attempt: a page is published, unchanged, edited, refused, gone, returned."""
    url, at = f"{URL}{n % PAGES}", hour(n)
    turn = n // PAGES
    if turn % 8 == 5:
        return rejected("blocked_page", url=url, at=at)
    if turn % 8 in (6, 7):
        return failed("gone", url=url, at=at)
    edit = turn // 2  # every other time only the frame of the page is new
    text = PARAGRAPH * 20 + "".join(f"第{i}段讲了第{edit * i}件事。\n" for i in range(edit % 9))
    return article(
        text,
        url=url,
        at=at,
        title=f"Harbour 港口 {edit}",
        body=f"<html><!-- {turn} --><h1>Harbour</h1>{text}",
    )


def step(archive: Archive, n: int) -> None:
    """Take one step; what comes before its last write may be done twice without a trace."""
    at = hour(n)
    if n % 5 == 1:
        archive.save_host(HostState(host="ledger.example", robots="", robots_at=at, failures=n))
    if n % 11 == 3:
        archive.learn(
            [
                LearnedBlock(
                    host="ledger.example", signature=f"{n:016x}", place="div", sample="Share",
                    articles=3, first_seen_at=at, last_seen_at=at,
                )
            ],
            at,
        )  # fmt: skip
    if n % 31 == 30:
        archive.tidy(above=0)
    if n % 61 == 60:
        archive.reindex()
    if n % 13 == 12:
        links = tuple(Link(url=f"{URL}{i}", source="wire", title="港口") for i in range(PAGES))
        feed = page(f"<rss>{n}</rss>" * 50, url=SOURCE.url, at=at)
        archive.record_visit("wire", at, discovery=Discovery(links=links, pages=(feed,)))
    elif n % 6 == 5:
        batch = [attempt(n), article(PARAGRAPH * 9 + str(n), url=f"{URL}batch", at=at)]
        archive.record_all(batch)
    else:
        archive.record(attempt(n))


def rows(n: int) -> int:
    """Return the number of attempts that a step records."""
    return 2 if n % 6 == 5 and n % 13 != 12 else 1


def work(folder: Path, first: int, last: int | None, tell: Callable[[int], None]) -> None:
    """Take steps within a run, and tell of each once it is committed."""
    with opened(folder) as archive:
        run = archive.begin_run("crash", START)
        archive.sync_sources([SOURCE], START)
        n = first
        while last is None or n < last:
            step(archive, n)
            tell(n)
            n += 1
        archive.end_run(run, START, {"steps": n - first})


def done(folder: Path) -> int:
    """Return the number of steps that an archive holds."""
    if not (folder / "archive.db").exists():
        return 0
    with Archive(folder) as archive:
        connection = archive._store.connection
        (latest,) = connection.execute("select max(at) from fetches").fetchone()
    if latest is None:
        return 0
    passed = datetime.fromisoformat(latest) - START
    return round(passed.total_seconds() / 3600) + 1


def broken(folder: Path) -> list[str]:
    """Return the invariants of an archive that do not hold after a crash."""
    with opened(folder) as archive:
        wrong = [f"{f.level}: {f.what}" for f in archive.doctor(least_free=0) if f.level != "note"]
        # Another run begins: none that was killed may look as if it went on.
        archive.end_run(archive.begin_run("check", START), START, {})
        connection = archive._store.connection
        for what, sql in _INVARIANTS:
            wrong += [f"{what}: {tuple(row)}" for row in connection.execute(sql)]
    return wrong


_INVARIANTS = (
    ("a run that looks as if it went on", "select id, pid from runs where outcome = 'running'"),
    (
        "an article that does not show the last accepted observation",
        "select a.id, a.version_id from articles a where a.version_id <> (select f.version_id"
        " from fetches f where f.page_id = a.id and f.version_id is not null"
        " order by f.at desc, f.id desc limit 1)",
    ),
    (
        "ids with a gap",
        "select 'fetches', max(id), count(*) from fetches having max(id) <> count(*) union all"
        " select 'versions', max(id), count(*) from versions having max(id) <> count(*) union all"
        " select 'changes', max(id), count(*) from changes having max(id) <> count(*)",
    ),
    ("an index that finds something else", "select 1 where (select count(*) from articles_fts"
     " where articles_fts match 'harbour') <> (select count(*) from articles)"),
)  # fmt: skip


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that must be the same with and without crashes, the raw bodies included."""
    connection = sqlite3.connect(folder / "archive.db")
    try:
        found: dict[str, list[tuple[object, ...]]] = {}
        for table in TABLES:
            names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            chosen = ", ".join(name for name in names if name != "run_id")
            found[table] = connection.execute(f"select {chosen} from {table}").fetchall()
    finally:
        connection.close()
    with Archive(folder, readonly=True) as archive:
        rows = archive._bodies_store.connection.execute("select sha256 from bodies order by sha256")
        found["bodies"] = [(row[0], archive.body(row[0])) for row in rows.fetchall()]
    return found


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), lambda n: print(n, flush=True))
