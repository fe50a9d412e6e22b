"""A page that states only its last change is not told to have been published then."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.extraction import extract
from scraper.stories.timeline import first_report, lag, span_of
from tests.archiving import START, article, opened
from tests.test_browse_pages import Browser, text_of
from tests.test_stories import HOUR, NOON, story_article

PARAGRAPHS = (
    "The sluice keeper of Port Elin opens the upper gate at six, and waits for the barges.",
    "In May the water stands so low that he lets them through in pairs, the heavy ones first.",
    "A barge that comes after noon has to wait in the basin until the evening tide is in.",
)
LINES = {"changed": "Updated December 2, 2025", "published": "December 2, 2025"}


def page_of(line: str) -> str:
    return (
        "<html lang=en><title>What a sluice keeper does</title><body><article>"
        f"<h1>What a sluice keeper does</h1><p>{line}</p>"
        + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
        + "</article></body></html>"
    )


@pytest.fixture(params=["changed", "published"])
def dated(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[bool, Path]:
    """Return whether the page states only its last change, and an archive of it."""
    body = page_of(LINES[request.param])
    made = extract(body.encode(), "https://elin.example/guide")
    assert made is not None
    assert made.published is not None
    with opened(tmp_path / "archive") as archive:
        archive.record(article(made.text, url=made.url, made=made, body=body, at=START))
    return request.param == "changed", tmp_path / "archive"


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["--archive", str(folder), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_browser_says_what_the_day_is(dated: tuple[bool, Path]) -> None:
    changed, folder = dated
    shown = text_of(Browser(folder).get("/-/article/1"))
    assert ("Last changed 2025-12-02; no date of publication given" in shown) is changed
    assert ("Published 2025-12-02" in shown) is not changed


def test_the_command_line_says_what_the_day_is(dated: tuple[bool, Path]) -> None:
    changed, folder = dated
    assert ("last changed 2025-12-02" in run(folder, "show", "1")) is changed
    assert (
        "published: 2025-12-02" in run(folder, "show", "1", "--format", "markdown")
    ) is not changed
    cited = json.loads(run(folder, "export", "--format", "jsonl"))["citation"]
    assert ("last changed 2025-12-02" in cited) is changed
    assert ("published 2025-12-02" in cited) is not changed


REFERENCES: dict[str, Callable[[str], str]] = {
    "csl-json": lambda text: json.loads(text)[0]["note"],
    "bibtex": lambda text: next(line for line in text.splitlines() if " note = " in line),
    "ris": lambda text: next(line for line in text.splitlines() if line.startswith("N1  - ")),
}


@pytest.mark.parametrize("form", REFERENCES)
def test_a_reference_says_what_its_day_is(dated: tuple[bool, Path], form: str) -> None:
    changed, folder = dated
    note = REFERENCES[form](run(folder, "export", "--format", form))
    assert ("dated by its last change" in note) is changed


def test_a_feed_gives_no_time_of_publication_that_is_none(dated: tuple[bool, Path]) -> None:
    changed, folder = dated
    assert ("<published>" in run(folder, "export", "--format", "atom")) is not changed


def test_an_article_dated_by_its_change_may_have_been_first() -> None:
    changed = story_article(1, published=NOON + HOUR, dated_by_change=True)
    dated = story_article(2, published=NOON, language="zh")
    assert (span_of(changed).since, span_of(changed).until) == (None, NOON + HOUR)
    assert set(first_report([changed, dated]).articles) == {1, 2}
    late = lag([changed, dated])
    assert late is not None
    assert late.least is None or late.least < timedelta(0)


def test_columns_and_json_give_no_time_of_publication_that_is_none(
    dated: tuple[bool, Path], tmp_path: Path
) -> None:
    changed, folder = dated
    line = json.loads(run(folder, "export", "--format", "jsonl"))
    page = Browser(folder).get("/-/article/1.json").json()
    (row,) = csv.DictReader(io.StringIO(run(folder, "export", "--format", "csv").lstrip("\ufeff")))
    file = tmp_path / "subset.db"
    run(folder, "export", "--format", "sqlite", "--to", str(file))
    with closing(sqlite3.connect(file)) as connection:
        ((subset,),) = connection.execute("select published_at from articles")
    for value in (line["published"], line["versions"][0]["published"], page["published"],
                  row["published"], subset):  # fmt: skip
        assert (not value) is changed
    if changed:
        assert line["modified"] == page["modified"] == "2025-12-02T00:00:00+00:00"


def test_the_story_of_an_archive_tells_what_is_dated_by_its_change(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        for number, kind in enumerate(LINES, 1):
            body = page_of(LINES[kind])
            url = f"https://elin{number}.example/guide"
            made = extract(body.encode(), url)
            assert made is not None
            archive.record(article(made.text, url=url, made=made, body=body, at=START))
        while archive.stories.group_new(START + timedelta(days=1)).articles:
            pass
        (summary,) = archive.stories.stories()
        told = {a.url: a.dated_by_change for a in archive.stories.story(summary.id).articles}
    assert told == {"https://elin1.example/guide": True, "https://elin2.example/guide": False}
    shown = text_of(Browser(tmp_path / "archive").get(f"/-/story/{summary.id}"))
    assert "changed 2025-12-02" in shown
    assert "changed 2025-12-02" in run(tmp_path / "archive", "story", str(summary.id))
