"""README and Makefile say the same, and what they say exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from scraper.cli import SECTIONS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = {entry.name: entry.load() for entries in SECTIONS.values() for entry in entries}


def recipe(target: str) -> str:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(rf"^{target}:.*\n\t(.+)$", text, re.MULTILINE)
    assert found, target
    return found[1]


@pytest.mark.parametrize("target", ["run", "test"])
def test_readme_shows_the_recipe_in_full(target: str) -> None:
    assert f"make {target}" in README
    assert recipe(target) in README


def test_the_gate_calls_the_test_command_of_the_readme() -> None:
    assert recipe("test") in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_command_named_in_the_readme_exists() -> None:
    named = set(re.findall(r"^(?:\$ )?scraper (?:--\w+ \S+ )*([a-z]+)", README, re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    help_ = COMMANDS[name].get_help(click.Context(COMMANDS[name], info_name=name))
    assert "Example:" in help_ and f"scraper {name}" in help_


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_every_file_that_the_readme_links_to_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_help_lists_every_command_once() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "scraper", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for name in COMMANDS:
        assert len(re.findall(rf"^  {name} ", text, re.MULTILINE)) == 1, name
