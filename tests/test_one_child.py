"""One page read in one child: what it costs, and what becomes of a page that stops it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_plugins import environment, install

PAGE = (
    "<html lang=en><title>Harbour reopens</title><h1>Harbour reopens</h1><article>"
    + "<p>The harbour of Port Elin reopened on Monday after three weeks of repairs, the port"
    " authority said. Ships had waited outside the bay since the storm.</p>"
    * 3
    + "</article></html>"
)
CALLED = """
import os, sys, time
from scraper.errors import ErrorClass, ExtractError
from scraper.one_child import call_in_child
def hang(): time.sleep(60)
def die(): os.kill(os.getpid(), 9)
def grow(): return len(bytearray(1 << 32))
def refuse(): raise ExtractError("no article", error_class=ErrorClass.EMPTY_EXTRACT)
def break_(): raise KeyError("a bug")
def answer(): return os.getpid(), "x" * 3_000_000
try:
    found = call_in_child(globals()[sys.argv[1]], timeout=1.5, memory=1 << 30)
    print("answered", found[0] != os.getpid(), len(found[1]))
except ExtractError as error:
    print(error.error_class, error.message)
"""


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("answer", "answered True 3000000"),
        ("hang", "parse_timeout the page could not be read within 1.5 s"),
        ("die", "parse_crash the reader of the page died (signal 9)"),
        ("grow", "parse_crash the reader of the page died (MemoryError)"),
        ("refuse", "empty_extract no article"),
        ("break_", "parse_crash the reader of the page died (KeyError)"),
    ],
)
def test_a_child_answers_or_is_ended(function: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLED, function], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == said


def fetch(
    path: Path, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "scraper", "fetch", "--html", str(path), "--url",
         "https://elin.example/news/1", "--no-save", *words],
        capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip


def test_a_saved_page_is_printed_as_through_a_pipeline(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    done = fetch(path, "--format", "json")
    assert done.returncode == 0 and '"title": "Harbour reopens"' in done.stdout, done.stderr
    path.write_text(
        "<title>Sign in</title><h1>Please log in</h1><form><input type=password></form>"
    )
    refused = fetch(path)
    assert refused.returncode == 1 and "rejected (login_wall)" in refused.stderr, refused.stderr
    path.write_text(PAGE.replace("<title>", "<meta name=robots content=noarchive><title>"))
    withheld = fetch(path)
    assert withheld.stdout.strip() == "Harbour reopens", "its title alone"


def test_rules_of_plugins_are_asked_about_a_saved_page(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install(
        site, "strict",
        "from scraper.plugins import VerdictRule, hookimpl\n@hookimpl\ndef verdict_rules():\n"
        "    return [VerdictRule(name='no', judge=lambda page: ('listing', 'it is mine'))]\n",
    )  # fmt: skip
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    done = fetch(path, env=environment(site))
    assert done.returncode == 1
    assert "rejected (listing): plugin strict, rule no: it is mine" in done.stderr


def test_neither_a_web_nor_a_pool_is_loaded_for_a_saved_page(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    code = (
        "import sys\nfrom scraper.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "fetch", "--html", str(path), "--url", "https://e.example/1",
         "--no-save"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stderr.split())
    assert "Harbour reopens" in done.stdout
    assert not loaded & {"httpx", "pebble", "selectolax", "scraper.extraction", "sqlite_utils"}
