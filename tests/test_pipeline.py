"""What becomes of a page that is no article, and of articles in several pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper import Archive
from scraper.config import load_config
from scraper.errors import ScraperError
from scraper.models import Article, Page
from scraper.pipeline import Event, Pipeline, RunCounts, read_page
from scraper.pipeline.parse import join_pages

AT = datetime(2025, 12, 8, 8, 0, tzinfo=UTC)
STORY = "".join(
    f"<p>{line}</p>"
    for line in (
        "The ferry company said on Monday that its timetable model would be published in full.",
        "Its manager, Ines Okafor, told passengers that the weights had been theirs all along.",
        "A copy will be kept at the harbour library, with the diaries of the training runs.",
        "The harbour board, which paid for a third of the work, had asked for the same in writing.",
        "Passengers who miss a boat because of the model may still ask a person for their money.",
    )
)


def page(body: str, *, status: int = 200, url: str = "http://ferry.example/news/1") -> Page:
    html = (
        f"<html lang='en'><head><title>Ferry model opened</title></head><body>{body}</body></html>"
    )
    return Page(
        url=url, final_url=url, status=status, headers={"content-type": "text/html"},
        body=html.encode(), fetched_at=AT,
    )  # fmt: skip


def test_a_page_that_is_the_article_is_read() -> None:
    reading = read_page(page(f"<article><h1>Ferry model opened</h1>{STORY}</article>"))
    assert reading.verdict.is_article
    assert reading.article is not None and reading.article.title == "Ferry model opened"


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "gone"), (410, "gone"), (500, "http_error"), (503, "http_error")]
)
def test_an_error_page_is_none_however_well_it_reads(status: int, kind: str) -> None:
    reading = read_page(page(f"<article>{STORY}</article>", status=status))
    assert reading.article is None
    assert reading.verdict.kind == kind


def test_bytes_that_are_no_page_are_told_apart_from_an_empty_one() -> None:
    reading = read_page(replace(page(""), body=b"%PDF-1.7 " + b"\x00" * 100))
    assert reading.verdict.kind == "not_html"
    assert reading.error is not None and reading.error.error_class == "not_html"


def test_parts_are_joined_in_order_and_a_repeated_one_once() -> None:
    first = Article(title="A", text="one", markdown="one", next_url="/2")
    joined = join_pages(first, [replace(first, text="two", markdown="two"), first])
    assert (joined.text, joined.markdown) == ("one\ntwo", "one\n\ntwo")
    assert joined.next_url == ""


def test_what_stood_before_a_break_is_archived_and_the_break_is_told(tmp_path: Path) -> None:
    def captures() -> Iterator[tuple[str, Page]]:
        yield "record-1", page(f"<article><h1>Ferry model opened</h1>{STORY}</article>")
        raise ScraperError("broken at byte 77")

    events: list[Event] = []
    tally = RunCounts()

    async def run() -> None:
        async with Pipeline(
            load_config(), open_archive=lambda: Archive(tmp_path), on_event=events.append
        ) as pipeline:
            await pipeline.import_captures(captures(), label="file", tally=tally)

    with pytest.raises(ScraperError, match="byte 77"):
        asyncio.run(run())
    assert tally.of("file").kept == 1
    assert [event.outcome for event in events] == ["kept"]
    with Archive(tmp_path, create=False) as archive:
        assert archive.find("http://ferry.example/news/1").title == "Ferry model opened"
        assert archive.seen_captures(["record-1"])
