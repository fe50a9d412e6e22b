"""The project's tree: only what has its place there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What a repository of this kind has, and what convention adds.
_NAMES = {
    "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile",
    "NOTICE", "README.md", "archive", "compose.yaml", "config", "docs", "mkdocs.yml",
    "pyproject.toml", "scraper", "tests",
}  # fmt: skip


def _tracked() -> list[str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        [git, "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def test_the_top_level_holds_nothing_that_a_command_left_behind() -> None:
    top = {name.partition("/")[0] for name in _tracked()}
    assert {name for name in top if not name.startswith(".")} <= _NAMES


def test_the_archive_holds_no_data_in_git() -> None:
    assert [name for name in _tracked() if name.startswith("archive/")] == ["archive/README.md"]
