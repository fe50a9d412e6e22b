"""What the program loads before it answers, and the table that it loads from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from scraper.cli import SECTIONS, main
from scraper.cli.contents import Entry
from scraper.cli.printing import width

ENTRIES = [entry for entries in SECTIONS.values() for entry in entries]
# Each takes a good part of a second to load.
HEAVY = {"apscheduler", "datasette", "feedparser", "httpx", "lxml", "selectolax", "trafilatura"}
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


@pytest.mark.parametrize("command", ["status", "search", "show", "doctor"])
def test_a_look_at_the_archive_loads_nothing_that_fetches_or_parses(
    command: str, tmp_path: Path
) -> None:
    article = ["1"] if command in ("search", "show") else []
    loaded = loaded_by("--archive", str(tmp_path), command, *article)
    assert "sqlite_utils" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_table_of_contents_tells_the_truth_in_a_line(entry: Entry) -> None:
    assert entry.load().name == entry.name
    assert width(entry.summary) <= 64


def test_every_name_in_the_table_is_another() -> None:
    assert main.list_commands(click.Context(main)) == [entry.name for entry in ENTRIES]


def test_public_names_stay_what_they_are_when_packages_of_the_same_name_are_imported() -> None:
    check = (
        "import scraper.extract.pool, scraper.fetch.client, scraper.archive.store\n"
        "from scraper import Archive, extract, fetch\n"
        "import scraper\n"
        "print(scraper.__all__, callable(extract), callable(fetch), Archive.__mro__[1].__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "['Archive', 'extract', 'fetch'] True True Archive\n"
