"""What is installed, told by folders' names, is what the standard library tells."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distributions, entry_points, version
from pathlib import Path

import pytest

from scraper.installed import installed_version, plugin_entries


def test_versions_are_those_that_the_standard_library_tells() -> None:
    names = {distribution.name for distribution in distributions()}
    assert len(names) > 20
    assert {n: installed_version(n) for n in names} == {n: version(n) for n in names}
    assert installed_version("SQLite_utils") == version("sqlite-utils")


def test_what_is_not_installed_has_no_version() -> None:
    with pytest.raises(PackageNotFoundError):
        installed_version("no-such-distribution")


def test_entry_points_are_those_that_the_standard_library_tells() -> None:
    assert set(plugin_entries("console_scripts")) == set(entry_points(group="console_scripts"))
    assert plugin_entries("no.such.group") == ()


@pytest.mark.parametrize(
    "folder", ["dotted.name-1.0.dist-info", "old.egg-info", "old-1.0-py3.11.egg-info"]
)
def test_a_plugin_is_found_in_whatever_folder_tells_of_it(tmp_path: Path, folder: str) -> None:
    about = tmp_path / folder
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: dotted.name\nVersion: 1.0\n")
    (about / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[other]\nb = c\n\n[some.group]\nodd = os:path\n")
    code = "from scraper.installed import plugin_entries as p; print(*p('some.group'))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": f"{tmp_path}:/nowhere"},
    )  # fmt: skip
    assert "odd" in done.stdout and "os:path" in done.stdout


def test_one_page_is_read_without_the_metadata_of_all_distributions() -> None:
    code = (
        "import sys; from scraper.extraction.version import extractor_version;"
        " from scraper.plugins import plugin_names; extractor_version(); plugin_names();"
        " print('importlib.metadata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
