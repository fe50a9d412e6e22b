"""Workers judge the archive's texts as this process does; a text that stops one costs itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scraper import Archive
from scraper.config import load_config
from scraper.pipeline.bulk_judging import BulkJudge
from scraper.pipeline.rescore import rescore
from scraper.topics.lexicon import default_lexicon
from tests.archiving import START, article
from tests.test_import_chunks import contents
from tests.test_rescore import OFF, ON

TEXTS = [ON, OFF, ("Kimi K2 is out", "“It has a trillion weights”, said Moonshot AI."), ("", "")]


def test_workers_give_in_order_what_this_process_gives() -> None:
    lexicon, config = default_lexicon(), load_config()
    texts = TEXTS * 9
    with BulkJudge(lexicon) as here, BulkJudge(lexicon, config.folder, config.parse) as workers:
        assert workers.judgements(texts) == here.judgements(texts)
        assert workers.quotes([text for _, text in texts]) == here.quotes(
            [text for _, text in texts]
        )


def test_workers_leave_the_archive_that_one_process_leaves(tmp_path: Path) -> None:
    lexicon, config = default_lexicon(), load_config()
    for folder, parse in (("here", None), ("workers", config.parse)):
        with (
            Archive(tmp_path / folder) as archive,
            BulkJudge(lexicon, config.folder, parse) as workers,
        ):
            for n, (title, text) in enumerate(TEXTS[:3]):
                one = article(text, title=title)
                archive.record(replace(one, link=replace(one.link, url=f"http://a.example/{n}")))
            report = rescore(archive, lexicon, workers=workers, clock=lambda: START)
            assert report.judged == 3
    assert contents(tmp_path / "workers") == contents(tmp_path / "here")


def test_a_text_that_stops_a_worker_is_passed_over_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lexicon, config = default_lexicon(), load_config()
    parse = replace(config.parse, memory=512 * 1024**2)
    # A worker takes a quarter of a gigabyte in, and has no room left to read it.
    hostile = ("Kimi K2", "OpenAI said that DeepSeek R1 has 671 billion parameters. " * 4_500_000)
    with BulkJudge(lexicon, config.folder, parse) as workers:
        found = workers.judgements([ON, hostile, OFF])
    assert [made is None for made in found] == [False, True, False]
    assert "passed over" in caplog.text
