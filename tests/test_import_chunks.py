"""Captures that workers read several at a time: the archive is the one that single pages give."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper import Archive
from scraper.archive.preparation import BodyPacker, prepare_article
from scraper.config import load_config
from scraper.models import Attempt, Link, PackingTerms, Page
from scraper.pipeline import Pipeline, RunCounts, read_page

AT = datetime(2025, 12, 8, 8, 0, tzinfo=UTC)
HOSTS = ("harbour.example", "island.example")
FRAME = "".join(
    f"<li><a href='/about/{n}'>What the harbour office does on day {n} of the week</a></li>"
    for n in range(60)
)
# Stands below every text of a host: what is learned of the host cuts it from later pages.
SIGNED = "<p>The {host} letter comes each Friday to whoever asked the harbour office for it.</p>"


def story(n: int, *, added: str = "") -> str:
    lines = (
        f"Ferry {n} left the quay at {n} past nine with {3 * n + 40} passengers on its upper deck.",
        f"Its captain, Ines Okafor, said that “boat {n} had never been late before this winter”.",
        f"The board counted {n * 7 + 11} complaints in the week and answered each of them by hand.",
        f"Whoever missed the connection on island {n} may ask for the fare of the way back.{added}",
    )
    return "".join(f"<p>{line}</p>" for line in lines)


def page(n: int, *, body: str = "", added: str = "", at: datetime = AT) -> Page:
    host = HOSTS[n % len(HOSTS)]
    url = f"http://{host}/news/2025/12/ferry-{n}-late.html"
    title = f"Ferry {n} leaves the island late again"
    text = body or f"{story(n, added=added)}{SIGNED.format(host=host)}"
    html = (
        f"<html lang='en'><head><title>{title}</title></head><body><ul>{FRAME}</ul>"
        f"<article><h1>{title}</h1>{text}</article></body></html>"
    )
    return Page(
        url=url, final_url=url, status=200, headers={"content-type": "text/html"},
        body=html.encode(), fetched_at=at,
    )  # fmt: skip


def import_pages(folder: Path, pages: Sequence[Page], **parse: Any) -> RunCounts:
    """Read pages into an archive as captures of one file."""
    config = load_config()
    # Where nothing is to be stopped, a busy machine stops nothing.
    config = replace(config, parse=replace(config.parse, **{"timeout": 60.0, **parse}))
    tally = RunCounts()

    def captures() -> Iterator[tuple[str, Page]]:
        for n, one in enumerate(pages):
            yield f"record-{n}", one

    async def run() -> None:
        async with Pipeline(
            config, open_archive=lambda: Archive(folder), clock=lambda: AT
        ) as pipeline:
            await pipeline.import_captures(captures(), label="file", tally=tally)

    asyncio.run(run())
    return tally


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of both files, but for what names this process and its clock."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for name in ("archive.db", "bodies.db"):
        with closing(sqlite3.connect(folder / name)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'")
            for (table,) in tables.fetchall():
                if table not in ("runs", "_sqlite_migrations"):
                    rows = connection.execute(f'select * from "{table}"').fetchall()
                    found[f"{name} {table}"] = rows
    return found


def edited(pages: Sequence[Page]) -> list[Page]:
    """Return some pages as they were an hour later: unchanged, edited, and edited twice."""
    later, last = AT + timedelta(hours=1), AT + timedelta(hours=2)
    return [
        replace(pages[0], fetched_at=later),
        page(1, added=" The fare is 12 crowns.", at=later),
        page(1, added=" The fare is 14 crowns.", at=last),
    ]


def test_an_archive_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    pages = [page(n) for n in range(56)]
    pages += edited(pages)
    tally = import_pages(tmp_path / "one", pages, workers=1)
    assert tally.total()["failed"] == 0
    assert (tally.of("file").kept, tally.of("file").unchanged) == (58, 1)
    import_pages(tmp_path / "three", pages, workers=3)
    assert contents(tmp_path / "three") == contents(tmp_path / "one")
    with Archive(tmp_path / "one", create=False) as archive:
        assert archive.doctor(least_free=0) == ()
        first, last = (archive.version(pages[n].url).article for n in (0, 54))
        assert first.extractor != last.extractor, "the pages were to teach what all of them show"


def prepared(attempt: Attempt, packer: BodyPacker, terms: PackingTerms) -> Attempt:
    """Return an attempt with all that a worker may compute of it."""
    assert attempt.page is not None and attempt.article is not None
    body = attempt.page.body
    return replace(
        attempt,
        prepared=prepare_article(attempt.article, body),
        packed=packer.pack(body, terms),
    )


def test_what_a_worker_computes_is_what_the_archive_would_compute(tmp_path: Path) -> None:
    pages = [page(n) for n in range(0, 24, 2)]
    pages += [page(2, added=" The fare is 12 crowns.", at=AT + timedelta(hours=1))]
    attempts = []
    for number, one in enumerate(pages):
        reading = read_page(one)
        assert reading.article is not None
        attempts.append(
            Attempt(
                link=Link(url=one.url),
                at=one.fetched_at,
                page=one,
                verdict=reading.verdict,
                # What no database takes stands in some headlines.
                article=replace(reading.article, title=f"Ferry {number}\ud800 is late"),
                footprint=reading.footprint,
                capture=str(number),
            )
        )
    with Archive(tmp_path / "by itself") as archive:
        for attempt in attempts:
            archive.record(attempt)
    with Archive(tmp_path / "with a worker") as archive:
        for attempt in attempts:
            assert attempt.page is not None
            (terms,) = archive.packing([attempt.page])
            packer = BodyPacker(tmp_path / "with a worker" / "bodies.db")
            archive.record(prepared(attempt, packer, terms))
    assert contents(tmp_path / "with a worker") == contents(tmp_path / "by itself")


def test_a_worker_compresses_against_pages_of_its_chunk_that_are_not_stored_yet(
    tmp_path: Path,
) -> None:
    attempts = []
    for n in range(24):
        one = page(n)
        reading = read_page(one)
        attempts.append(
            Attempt(
                link=Link(url=one.url), at=AT, page=one, verdict=reading.verdict,
                article=reading.article,
            )
        )  # fmt: skip
    with Archive(tmp_path / "by itself") as archive:
        for first in (0, 12):
            archive.record_all(attempts[first : first + 12])
    packed = {}
    with Archive(tmp_path / "with a worker") as archive:
        for first in (0, 12):
            chunk = attempts[first : first + 12]
            packer = BodyPacker(tmp_path / "with a worker" / "bodies.db")
            terms = archive.packing([one.page for one in chunk if one.page is not None])
            chunk = [prepared(one, packer, term) for one, term in zip(chunk, terms, strict=True)]
            packed |= {one.packed.digest: one.packed for one in chunk if one.packed is not None}
            archive.record_all(chunk)
    assert contents(tmp_path / "with a worker") == contents(tmp_path / "by itself")
    with closing(sqlite3.connect(tmp_path / "with a worker" / "bodies.db")) as connection:
        rows = connection.execute(
            "select b.sha256, b.data, b.base_id, r.sha256 from bodies b"
            " left join bodies r on r.id = b.base_id"
        ).fetchall()
    assert len(rows) == 24
    for digest, data, base, base_digest in rows:
        made = packed[digest]
        known = {**dict(made.frames), **dict(made.beside)}
        if base is None:
            assert made.alone == data
        else:
            assert known.get(base, known.get(base_digest)) == data, "the worker made what is stored"


def test_what_was_computed_of_another_article_or_page_is_not_used(tmp_path: Path) -> None:
    def attempt(one: Page) -> Attempt:
        reading = read_page(one)
        return Attempt(
            link=Link(url=one.url), at=AT, page=one, verdict=reading.verdict,
            article=reading.article,
        )  # fmt: skip

    own, other = attempt(page(0)), attempt(page(2))
    with Archive(tmp_path / "own") as archive:
        archive.record(own)
    with Archive(tmp_path / "other") as archive:
        made = prepared(other, BodyPacker(tmp_path / "other" / "bodies.db"), PackingTerms())
        archive.record(replace(own, prepared=made.prepared, packed=made.packed))
    assert contents(tmp_path / "other") == contents(tmp_path / "own")


@pytest.mark.alone
def test_a_page_that_stops_its_worker_costs_none_of_those_beside_it(tmp_path: Path) -> None:
    pages = [page(n) for n in range(12)]
    poison = page(5, body="<div>" * 400_000 + story(5))
    pages[5] = poison
    tally = import_pages(tmp_path, pages, timeout=10.0)
    assert tally.of("file").failed == 1
    assert tally.of("file").kept == 11
    with Archive(tmp_path, create=False) as archive:
        (fetch,) = archive.fetches(poison.url)
        assert fetch.error_class == "parse_timeout" and fetch.body, "the page itself is kept"
        assert archive.seen_captures(["record-5"]) == {"record-5"}
    again = import_pages(tmp_path, pages, timeout=10.0)
    assert again.of("file").known == 12
