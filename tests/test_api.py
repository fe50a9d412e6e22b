"""The Python API: its surface, its types as a user's script sees them, its documented examples."""

from __future__ import annotations

import doctest
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import scraper
from tests.documents import DOCS, collected

# What a user's code may rest on. To add a name is a feature, to take one away a major version.
SURFACE = {
    "Archive", "ArchiveError", "ArchiveReader", "Article", "ArticleRow", "ChangeRow",
    "ExtractError", "FetchError", "FetchSettings", "NotFound", "Page", "QuoteClaim",
    "ScraperError", "SearchHit", "Story", "StorySummary", "UsageError", "Version", "extract",
    "fetch", "fetch_async", "open_archive",
}  # fmt: skip
PARAMETERS = {
    "extract": "body url headers rules fetched_at zone learned",
    "fetch": "url settings",
    "fetch_async": "url settings",
    "open_archive": "folder",
    "ArchiveReader.articles": "self outlet language",
    "ArchiveReader.article": "self ref",
    "ArchiveReader.versions": "self ref",
    "ArchiveReader.version": "self ref number",
    "ArchiveReader.raw_page": "self version",
    "ArchiveReader.changes": "self after least_severity",
    "ArchiveReader.stories": "self since",
    "ArchiveReader.story": "self number",
    "ArchiveReader.quotes": "self ref",
    "ArchiveReader.quotes_by": "self speaker",
    "ArchiveReader.search": "self query limit",
    "ArchiveReader.close": "self",
}
SCRIPT = """\
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from scraper import (
    Article, ArticleRow, ChangeRow, FetchError, FetchSettings, Page, QuoteClaim, SearchHit, Story,
    StorySummary, Version, extract, fetch, fetch_async, open_archive,
)

settings = FetchSettings(contact="mailto:me@example.org")


def read(address: str) -> Article | None:
    try:
        page: Page = fetch(address, settings=settings)
    except FetchError as error:
        print(error.error_class.value)
        return None
    return extract(page.body, page.final_url, page.headers)


async def both(one: str, other: str) -> list[Page]:
    return list(await asyncio.gather(fetch_async(one), fetch_async(other)))


def tell(folder: str) -> int:
    with open_archive(folder) as archive:
        rows: Iterator[ArticleRow] = archive.articles(language="zh")
        for row in rows:
            versions: list[Version] = list(archive.versions(row.id))
            print(row.title.upper(), versions[0].article.text.splitlines()[:1])
            claims: list[QuoteClaim] = list(archive.quotes(row.id))
            print([claim.quote.words for claim in claims])
        changes: list[ChangeRow] = list(archive.changes(least_severity=2))
        stories: list[StorySummary] = list(archive.stories(since=datetime(2025, 1, 1, tzinfo=UTC)))
        story: Story = archive.story(stories[0].id)
        hits: tuple[SearchHit, ...] = archive.search("model")
        return len(changes) + len(story.articles) + len(hits)
"""


def test_the_surface_is_what_it_was() -> None:
    assert set(scraper.__all__) == SURFACE
    assert list(scraper.__all__) == sorted(scraper.__all__)
    assert set(dir(scraper)) == SURFACE
    for name in SURFACE:
        assert getattr(scraper, name).__doc__, f"{name} has no docstring"


def test_the_surface_is_called_as_before() -> None:
    reader = {name for name in vars(scraper.ArchiveReader) if not name.startswith("_")}
    assert {f"ArchiveReader.{name}" for name in reader} == {n for n in PARAMETERS if "." in n}
    for name, parameters in PARAMETERS.items():
        owner, _, method = name.rpartition(".")
        found = getattr(getattr(scraper, owner) if owner else scraper, method)
        assert list(inspect.signature(found).parameters) == parameters.split(), name


def test_the_page_of_the_docs_names_all_of_it() -> None:
    text = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    table = text.partition("## All names")[2]
    assert [name for name in SURFACE if f"`{name}`" not in table] == []


def test_import_is_cheap() -> None:
    code = (
        "import sys; before = set(sys.modules); import scraper; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    ours = [name for name in loaded if name.startswith("scraper")]
    assert sorted(ours) == ["scraper", "scraper.lazy_names"]
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"scraper"}


@pytest.mark.timeout(600)
def test_a_users_script_passes_the_strict_type_checker(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from scraper import open_archive\nopen_archive('a').article(1).title + 1\n", "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--no-incremental",
         str(script), str(wrong)],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    problems = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(problems) == 1 and problems[0].startswith("wrong.py:2:"), done.stdout + done.stderr
    assert "operator" in problems[0]


@pytest.mark.timeout(600)
def test_the_examples_of_the_docs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = DOCS / "reference" / "python.md"
    with collected(tmp_path) as demo:
        monkeypatch.chdir(demo.folder)
        text = demo.here(page.read_text(encoding="utf-8"))
        examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
        assert len(examples.examples) > 25
        said: list[str] = []
        runner = doctest.DocTestRunner(verbose=False)
        runner.run(examples, out=said.append)
    assert not said, "".join(said)
