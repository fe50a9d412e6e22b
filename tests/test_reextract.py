"""Learned rules and upgrades reach the archive, can be taken back, and never look like an edit."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scraper import Archive
from scraper.cli import main
from scraper.config import Config, load_config
from scraper.errors import ScraperError
from scraper.extraction import extractor_version
from scraper.extraction.host_layout import page_boxes
from scraper.extraction.learned_boilerplate import footprint
from scraper.models import (
    Article,
    Attempt,
    KeptBlock,
    LearnedBlock,
    Page,
    PageFingerprint,
    RemovedBlock,
)
from scraper.pipeline import LinkOutcome, Pipeline
from scraper.pipeline.learned_boilerplate import LearnedBoilerplate
from scraper.pipeline.link import as_error
from scraper.pipeline.reextract import ReextractReport, reextract
from scraper.workers import ParserPool
from tests import archiving
from tests.archiving import HOUR, START
from tests.storytelling import MOTTO, doubtful_page, page, paragraphs

HOST = "quay.example"
TAIL = f"<p>{MOTTO}</p>"


def config() -> Config:
    shipped = load_config()
    return replace(shipped, parse=replace(shipped.parse, workers=1))


def response(number: int, body: bytes, at: datetime = START) -> Page:
    url = f"https://{HOST}/stories/berth-{number}"
    return Page(url=url, final_url=url, status=200, headers={}, body=body, fetched_at=at)


def url(number: int) -> str:
    return response(number, b"").url


def read(folder: Path, pages: Sequence[Page]) -> list[LinkOutcome]:
    """Read pages one after the other in one pipeline."""

    async def run() -> list[LinkOutcome]:
        async with Pipeline(
            config(), open_archive=lambda: Archive(folder), clock=lambda: START
        ) as pipeline:
            return [await pipeline.read_saved(page) for page in pages]

    return asyncio.run(run())


def derive(folder: Path, **options: object) -> ReextractReport:
    with Archive(folder) as archive:
        return asyncio.run(
            reextract(config(), archive, clock=lambda: START + 9 * HOUR, **options)  # type: ignore[arg-type]
        )


def text(folder: Path, number: int) -> str:
    with Archive(folder) as archive:
        return archive.find(url(number)).text


def kinds(folder: Path) -> list[str]:
    with Archive(folder) as archive:
        return [change.kind for change in archive.changes()]


def dump(folder: Path) -> str:
    with sqlite3.connect(folder / "archive.db") as connection:
        return "\n".join(connection.iterdump())


def earlier(folder: Path, *, extractor: str, more: str = "", title: str = "") -> None:
    """Make the archive look as if another extractor had read it, which left in more (or less)."""
    with Archive(folder) as archive:
        for version in archive.stale_versions(None, limit=-1):
            old = archive.version(version.article_id, version.number).article
            made = replace(
                old,
                text=old.text + more,
                title=title or old.title,
                extractor=extractor,
            )
            archive.replace_extraction(version.article_id, version.number, made, START)


# Learning


def test_what_recurs_is_cut_from_the_next_page_logged_and_can_be_taken_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "scraper.pipeline.learned_boilerplate")
    read(tmp_path, [response(n, page(n, tail=TAIL)) for n in range(3)])
    assert not caplog.records
    *_, last = read(tmp_path, [response(n, page(n, tail=TAIL)) for n in (3, 4)])
    assert any(MOTTO in record.getMessage() for record in caplog.records)
    assert [MOTTO in text(tmp_path, n) for n in range(5)] == [True] * 4 + [False]
    assert last.attempt.article is not None
    assert [r.text for r in last.attempt.article.removed if r.rule == f"learned:{HOST}"] == [MOTTO]
    with Archive(tmp_path) as archive:
        (block,) = archive.learned_blocks(HOST)
        assert (block.sample, block.articles, block.forgotten) == (MOTTO, 5, False)
        (rule,) = archive._store.connection.execute(
            "select sample from removed_blocks where rule like 'learned:%'"
        )
        assert rule["sample"].startswith(MOTTO[:40])

    report = derive(tmp_path)
    assert (dict(report.counts), report.current, report.written) == ({"text changed": 4}, 1, 4)
    assert [MOTTO in text(tmp_path, n) for n in range(5)] == [False] * 5
    assert derive(tmp_path).counts == {}

    runner, options = CliRunner(), ["--archive", str(tmp_path), "boilerplate", HOST]
    listed = runner.invoke(main, options)
    assert "The Quay is owned" in listed.output and "cut" in listed.output
    assert (
        runner.invoke(main, ["--archive", str(tmp_path), "boilerplate", "--forget"]).exit_code == 2
    )
    forgotten = runner.invoke(main, [*options, "--forget"])
    assert forgotten.exit_code == 0 and "forgotten" in forgotten.output
    assert derive(tmp_path).counts == {"text changed": 5}
    assert [MOTTO in text(tmp_path, n) for n in range(5)] == [True] * 5
    # What was taken back is not learned again.
    read(tmp_path, [response(n, page(n, tail=TAIL)) for n in (5, 6)])
    assert MOTTO in text(tmp_path, 6)
    assert kinds(tmp_path) == ["new"] * 7
    with Archive(tmp_path) as archive:
        assert archive.doctor() == ()


def test_what_stands_beside_the_articles_is_cut_from_a_doubtful_page_and_can_be_taken_back(
    tmp_path: Path,
) -> None:
    body, comments = doubtful_page()
    page = response(9, body)
    read(tmp_path, [page])
    whole = text(tmp_path, 9)
    with Archive(tmp_path) as archive:
        element = LearnedBlock(
            host=HOST, kind="element", signature=comments.signature, place=comments.place,
            sample=comments.sample, articles=3, first_seen_at=START, last_seen_at=START,
        )  # fmt: skip
        archive.learn([element], START)
    derive(tmp_path, force=True)
    left = text(tmp_path, 9).splitlines()
    assert left == [line for line in whole.splitlines() if line in left]
    assert len(left) < len(whole.splitlines())
    # Read again, it is the same page: what was learned is no edit.
    read(tmp_path, [page])
    assert text(tmp_path, 9).splitlines() == left
    runner, options = CliRunner(), ["--archive", str(tmp_path), "boilerplate", HOST]
    assert "cut where in doubt" in runner.invoke(main, options).output
    assert runner.invoke(main, [*options, "--forget"]).exit_code == 0
    derive(tmp_path)
    assert text(tmp_path, 9) == whole
    assert kinds(tmp_path) == ["new"]
    with Archive(tmp_path) as archive:
        assert archive.doctor() == ()
        assert archive.verify().findings == ()


def told_in(number: int, told: str, cut: str) -> Attempt:
    """Return an attempt at a page that was read with confidence: its text's place, and another."""
    lines = paragraphs(number, 4)
    made = Article(
        url=url(number),
        title=f"Berth {number}",
        text="\n".join(lines[:3]),
        confidence=0.95,
        kept=tuple(KeptBlock(position=i, place=told, text=t) for i, t in enumerate(lines[:3])),
        removed=(RemovedBlock(position=3, rule="classifier", place=cut, text=lines[3]),),
    )
    attempt = archiving.article(url=url(number), body=f"<p>{number}", made=made)
    return replace(attempt, footprint=footprint(made, HOST, page_boxes(made)))


def record(folder: Path, attempts: Sequence[Attempt]) -> None:
    """Record attempts one after the other, and learn from each."""

    async def run() -> None:
        with Archive(folder) as archive, ParserPool(workers=1) as pool:

            async def call(function: Any, *args: Any, **kwargs: Any) -> Any:
                return function(*args, **kwargs)

            learned = LearnedBoilerplate(archive, call, pool, zones={})
            for attempt in attempts:
                await learned.record_all([attempt], START)

    asyncio.run(run())


def test_an_element_beside_three_articles_is_learned_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "scraper.pipeline.learned_boilerplate")
    story, talk = "body > div.story > p", "body > div.talk > p"
    record(tmp_path, [told_in(n, story, talk) for n in range(2)])
    with Archive(tmp_path) as archive:
        assert archive.learned_blocks(HOST) == ()
    record(tmp_path, [told_in(n, story, talk) for n in range(2, 4)])
    with Archive(tmp_path) as archive:
        (element,) = archive.learned_blocks(HOST)
    assert (element.kind, element.place, element.articles) == ("element", "body > div.talk", 4)
    assert any("body > div.talk" in entry.getMessage() for entry in caplog.records)


def test_a_layout_that_changed_is_told_and_no_longer_cuts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "scraper.pipeline.learned_boilerplate")
    story, talk = "body > div.story > p", "body > div.talk > p"
    record(tmp_path, [told_in(n, story, talk) for n in range(3)])
    record(tmp_path, [told_in(10, talk, "body > p")])
    assert not caplog.records
    record(tmp_path, [told_in(11, talk, "body > p")])
    (entry,) = caplog.records
    assert "the layout of quay.example has changed: body > div.talk" in entry.getMessage()
    with Archive(tmp_path) as archive:
        assert archive.learned_blocks(HOST) == ()


def test_reprints_of_one_article_teach_nothing(tmp_path: Path) -> None:
    whole = paragraphs(1)
    read(
        tmp_path,
        [
            response(
                n, page(1, title=f"Reprint {n}", tail=TAIL, text=(*whole[: 6 - n % 2], f"No {n}."))
            )
            for n in range(6)
        ],
    )
    with Archive(tmp_path) as archive:
        assert archive.learned_blocks() == ()


def test_a_rule_learned_since_is_no_edit_and_an_edit_is_still_one(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n, tail=TAIL)) for n in range(5)])
    again = response(0, page(0, tail=TAIL + "<script>served = 2</script>"), START + HOUR)
    edited = (*paragraphs(1)[:5], "The council took it all back on Thursday, to general relief.")
    outcomes = read(
        tmp_path,
        [again, response(1, page(1, tail=TAIL, text=edited), START + HOUR)],
    )
    assert [o.recorded.outcome for o in outcomes] == ["unchanged", "kept"]
    assert kinds(tmp_path) == ["new"] * 5 + ["edited"]
    assert MOTTO not in text(tmp_path, 0)
    with Archive(tmp_path) as archive:
        assert [version.number for version in archive.versions(url(0))] == [1]
        first, second = archive.versions(url(1))
        assert MOTTO not in archive.version(url(1), 1).article.text
        assert MOTTO not in second.removed and paragraphs(1)[5][:40] in second.removed
        assert first.chain != second.chain


def test_only_the_recent_pages_of_a_host_are_remembered(tmp_path: Path) -> None:
    with archiving.opened(tmp_path) as archive:
        for n in range(45):
            attempt = archiving.article(f"Story {n}. " * 40, url=f"https://{HOST}/{n}")
            assert attempt.article is not None
            print_ = PageFingerprint(host=HOST, signatures=frozenset({f"{n:016x}"}))
            archive.record(replace(attempt, footprint=print_))
        remembered = archive.footprints(HOST)
        assert [min(p.signatures) for p in remembered.values()] == [
            f"{n:016x}" for n in range(44, 4, -1)
        ]


# Deriving anew


def test_an_upgrade_makes_no_version(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n)) for n in range(3)])
    before = [text(tmp_path, n) for n in range(3)]
    earlier(tmp_path, extractor="old", more="\nMenu and login")
    again = response(0, page(0, tail="<script>served = 2</script>"), START + HOUR)
    (outcome,) = read(tmp_path, [again])
    assert (outcome.recorded.outcome, outcome.recorded.version) == ("unchanged", 1)
    assert text(tmp_path, 0) == before[0]
    report = derive(tmp_path)
    assert (dict(report.counts), report.current) == ({"text changed": 2}, 1)
    assert [text(tmp_path, n) for n in range(3)] == before
    assert kinds(tmp_path) == ["new"] * 3
    with Archive(tmp_path) as archive:
        assert archive.stale_versions(extractor_version()) == ()
        assert archive.doctor() == ()


@pytest.mark.parametrize("served", ["", "<script>served = 3</script>"])
def test_an_edit_taken_back_after_an_upgrade_is_a_flap(tmp_path: Path, served: str) -> None:
    edited = (*paragraphs(0)[:5], "The council took it all back on Thursday, to general relief.")
    read(
        tmp_path,
        [response(0, page(0)), response(0, page(0, text=edited), START + HOUR)],
    )
    earlier(tmp_path, extractor="old", more="\nMenu and login")
    first, second = (response(0, page(0, tail=served), START + hours * HOUR) for hours in (26, 29))
    held, outcome = read(tmp_path, [first, second])
    assert (held.recorded.outcome, held.recorded.reason) == ("rejected", "stale_copy")
    assert (outcome.recorded.outcome, outcome.recorded.reason) == ("unchanged", "flap")
    assert kinds(tmp_path) == ["new", "edited", "reverted"]
    with Archive(tmp_path) as archive:
        assert [version.current for version in archive.versions(url(0))] == [True, False]
        assert "Menu and login" not in archive.version(url(0), 1).article.text
        assert archive.doctor() == ()


def test_changes_are_told_by_class(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n)) for n in range(2)])
    earlier(tmp_path, extractor="1")
    assert derive(tmp_path).counts == {"unchanged": 2}
    earlier(tmp_path, extractor="2", title="An earlier reading of the headline")
    report = derive(tmp_path)
    assert report.counts == {"metadata changed": 2}
    with Archive(tmp_path) as archive:
        assert archive.find(url(0)).title == "What happened at berth 0"


def test_the_canary_stops_what_would_lose_text(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n)) for n in range(3)])
    earlier(tmp_path, extractor="old", more="\nmuch more of the text" * 100)
    before = dump(tmp_path)
    report = derive(tmp_path)
    assert (report.stopped, report.sample, report.losers, report.written) == (True, 3, 3, 0)
    assert dump(tmp_path) == before
    result = CliRunner().invoke(main, ["--archive", str(tmp_path), "-q", "reextract"])
    assert result.exit_code == 1 and "3 of 3" in result.output
    assert dump(tmp_path) == before
    forced = derive(tmp_path, force=True)
    assert forced.counts == {"text lost >20%": 3} and forced.written == 3
    assert text(tmp_path, 0) == "\n".join(paragraphs(0))


def test_one_loser_in_forty_does_not_stop_the_pass(tmp_path: Path) -> None:
    losers = [ReextractReport(sample=40, losers=n).alarming for n in (0, 2, 3)]
    assert losers == [False, False, True]
    assert ReextractReport().alarming is False


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n)) for n in range(2)])
    earlier(tmp_path, extractor="old", more="\nmuch more of the text" * 100)
    before = dump(tmp_path)
    report = derive(tmp_path, dry_run=True)
    assert report.counts == {"text lost >20%": 2} and not report.stopped
    assert dump(tmp_path) == before
    result = CliRunner().invoke(main, ["--archive", str(tmp_path), "reextract", "--dry-run"])
    assert result.exit_code == 0 and "nothing was written" in result.output
    assert dump(tmp_path) == before


def test_a_pass_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n)) for n in range(4)])
    earlier(tmp_path, extractor="old", more="\nMenu")
    seen = 0

    def stop(event: object) -> None:
        nonlocal seen
        seen += 1
        if seen == 3:  # the announcement, then two versions
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        derive(tmp_path, on_event=stop)
    report = derive(tmp_path)
    assert (report.current, dict(report.counts)) == (2, {"text changed": 2})


def test_only_a_host_or_a_time_is_derived(tmp_path: Path) -> None:
    read(tmp_path, [response(1, page(1)), response(2, page(2), START + timedelta(days=2))])
    other = replace(response(3, page(3)), url="https://other.example/3")
    read(tmp_path, [replace(other, final_url=other.url)])
    earlier(tmp_path, extractor="old")
    assert derive(tmp_path, host="other.example").written == 1
    assert derive(tmp_path, since=START + timedelta(days=1)).written == 1
    assert derive(tmp_path).written == 1


def test_a_page_that_cannot_be_read_keeps_its_record(tmp_path: Path) -> None:
    made = Article(url=archiving.URL, title="T", text=archiving.TEXT, extractor="old")
    with archiving.opened(tmp_path) as archive:
        archive.record(archiving.article(made=made, body="no markup at all"))
    report = derive(tmp_path, force=True)
    assert (dict(report.counts), report.written) == ({"failed": 1}, 0)
    assert report.named[0].url == archiving.URL
    with Archive(tmp_path) as archive:
        assert archive.find(archiving.URL).text == archiving.TEXT


def test_a_damaged_raw_page_costs_only_itself(tmp_path: Path) -> None:
    read(tmp_path, [response(n, page(n)) for n in range(2)])
    earlier(tmp_path, extractor="old")
    with sqlite3.connect(tmp_path / "bodies.db") as connection:
        connection.execute(
            "update bodies set data = x'28b52ffd00' where id = (select max(id) from bodies)"
        )
    assert derive(tmp_path, force=True).counts == {"unchanged": 1, "failed": 1}


def test_a_bug_on_an_archived_page_is_an_error_of_ours() -> None:
    async def broken() -> None:
        raise IndexError("list index out of range")

    error = asyncio.run(as_error(broken()))
    assert isinstance(error, ScraperError) and error.error_class == "internal"
    assert "unexpected IndexError" in error.message
