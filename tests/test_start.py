"""What the program loads before it answers, and the table that it loads from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

import scraper
from scraper.cli import SECTIONS, main
from scraper.cli.app import CommandSpec
from scraper.cli.output import width
from tests.archiving import article, opened

ENTRIES = [entry for entries in SECTIONS.values() for entry in entries]
# Each takes a good part of a second to load.
HEAVY = {
    "apscheduler",
    "asyncio",
    "datasette",
    "feedparser",
    "httpx",
    "lxml",
    "selectolax",
    "trafilatura",
}
LOADED = """
import sys
from scraper.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> set[str]:
    """Names of the packages that a fresh interpreter has loaded once a command has answered."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["nonsense"]])
def test_help_loads_neither_an_archive_nor_a_web(arguments: list[str]) -> None:
    assert not loaded_by(*arguments) & (HEAVY | {"sqlite_utils"})


@pytest.mark.parametrize(
    "command",
    [
        "status", "search", "show", "history", "diff", "changes", "survival", "topics", "facts",
        "stories", "quotes", "export", "cite", "coverage", "digest", "sources", "doctor",
        "boilerplate", "alerts",
    ],
)  # fmt: skip
def test_a_look_at_the_archive_loads_nothing_that_fetches_or_parses(
    command: str, tmp_path: Path
) -> None:
    words = {
        "facts": ["x"], "quotes": ["x"], "sources": ["list"], "alerts": ["list"],
        "export": ["--to", str(tmp_path / "x.jsonl")], "cite": ["1", "--to", str(tmp_path)],
    }  # fmt: skip
    with opened(tmp_path / "archive") as archive:
        archive.record(article())
    articles = ("search", "show", "history", "diff", "topics")
    arguments = words.get(command, ["1"] if command in articles else [])
    loaded = loaded_by("--archive", str(tmp_path / "archive"), command, *arguments)
    assert "sqlite3" in loaded, "it looked"
    # warcio loads fsspec where that is installed, and fsspec the event loop.
    excepted = {"asyncio"} if command in ("cite", "export") else set()
    # Formats and sinks of plugins are looked for.
    excepted |= {"pluggy"} if command in ("export", "alerts") else set()
    assert not loaded & (HEAVY | {"pluggy", "sqlite_utils"}) - excepted


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_table_of_contents_tells_the_truth_in_a_line(entry: CommandSpec) -> None:
    assert entry.load().name == entry.name
    assert width(entry.summary) <= 64


def test_every_name_in_the_table_is_another() -> None:
    assert main.list_commands(click.Context(main)) == [entry.name for entry in ENTRIES]


def test_packages_bear_other_names_than_the_public_functions() -> None:
    check = (
        "import pydoc\n"
        "from unittest import mock\n"
        "import scraper.extraction.article as a, scraper.fetching, scraper\n"
        "with mock.patch('scraper.fetching.client.Client') as client:\n"
        "    assert scraper.fetching.client.Client is client\n"
        "from scraper import Archive, extract, fetch\n"
        "assert extract.__module__ == 'scraper.extraction' and callable(a.read_article)\n"
        "assert 'ExtractError' in pydoc.render_doc('scraper.extract')\n"
        "print(callable(fetch), Archive.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "True Archive\n"


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        scraper.nonsense  # noqa: B018
