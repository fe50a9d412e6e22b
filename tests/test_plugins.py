"""A plugin is installed as others install it, and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.archiving import article, opened

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "plugin"


def scraper(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scraper", *words], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(site)},
    )  # fmt: skip


def install(site: Path, module: str, source: str) -> None:
    """Lay a module and its metadata where an installer lays them."""
    (site / f"{module}.py").write_text(source)
    about = site / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[scraper]\n{module} = {module}\n")


def test_the_example_adds_a_format(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    source = (EXAMPLE / "scraper_headlines.py").read_text()
    assert len(source.splitlines()) <= 21
    install(site, "scraper_headlines", source)
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article())
    listed = scraper(site, "export", "--formats")
    assert "a line for each article" in listed.stdout
    done = scraper(site, "--archive", str(folder), "export", "--to", str(tmp_path / "x.headlines"))
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "x.headlines").read_text()
    assert written == "2026-03-01  Harbour reopens  https://ledger.example/news/1\n"


def test_a_broken_plugin_costs_only_itself(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "broken_one", "import nothing_like_it\n")
    install(
        site, "taken_name",
        "from scraper.exchange.formats import ExportFormat\nfrom scraper.plugins import hookimpl\n"
        "@hookimpl\ndef export_formats():\n"
        "    return [ExportFormat(name='jsonl', suffixes=(), summary='', to='stream',"
        " write=lambda chosen, out: out.write(b'mine')), 5]\n",
    )  # fmt: skip
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article())
    done = scraper(site, "--archive", str(folder), "export", "--format", "jsonl")
    assert done.returncode == 0
    assert json.loads(done.stdout)["title"] == "Harbour reopens"
    assert "broken_one cannot be loaded" in done.stderr
    assert "passed over: jsonl" in done.stderr and "Traceback" not in done.stderr
