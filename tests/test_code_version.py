"""The version of extraction and of topics names all code and data on which their results depend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scraper.code_version import code_files, code_version
from scraper.extraction.version import ROOTS as EXTRACTION_ROOTS
from scraper.quotes import ROOTS as QUOTES_ROOTS
from scraper.topics.lexicon import ROOTS as TOPICS_ROOTS

# Errors, the configuration's own hash stands beside the code's, and records of other stages.
IDLE = frozenset(
    {
        "scraper",
        "scraper.code_version",
        "scraper.config",
        "scraper.cron",
        "scraper.errors",
        "scraper.installed",
        "scraper.lazy_names",
        "scraper.models",
        "scraper.models.attempts",
        "scraper.models.coverage",
        "scraper.models.discovery",
        "scraper.models.drift",
        "scraper.models.extraction",
        "scraper.models.fetching",
        "scraper.models.quotes",
        "scraper.models.source_kinds",
        "scraper.models.topics",
        "scraper.patterns",
        "scraper.record",
        "scraper.toml_file",
    }
)

EXTRACT = """
from scraper import extract
extract(b"<html><body><article><h1>A port</h1>" + b"<p>The port opened on Monday.</p>" * 9
        + b"</article></body></html>", "https://n.example/1")
"""
JUDGE = """
from scraper.topics import judge
from scraper.topics.lexicon import default_lexicon
judge("Qwen3 costs $5 million", "Alibaba trained Qwen3 on 36 trillion tokens.", default_lexicon())
"""


QUOTE = """
from scraper.quotes import find_quotes
find_quotes("“We sold it,” said Ann Bell.\\n“我们不会去的。”周启航说。\\nQ: Why?\\nA: Because.")
"""


@pytest.mark.parametrize(
    ("roots", "work"),
    [(EXTRACTION_ROOTS, EXTRACT), (TOPICS_ROOTS, JUDGE), (QUOTES_ROOTS, QUOTE)],
)
def test_roots_cover_what_a_fresh_process_loads(roots: tuple[str, ...], work: str) -> None:
    code = f"import sys\n{work}\nfor n, m in sys.modules.items():\n    "
    code += "n.startswith('scraper') and m.__file__ and print(n, m.__file__)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = dict(line.split(" ", 1) for line in found.stdout.splitlines())
    assert len(loaded) > 10
    covered = set(code_files(roots))
    left_out = {name for name, path in loaded.items() if Path(path).resolve() not in covered}
    assert left_out <= IDLE


def test_tables_of_data_count_as_code() -> None:
    assert {"hanzi.tsv", "chinese.py"} <= {path.name for path in code_files(TOPICS_ROOTS)}
    assert "model.json" in {path.name for path in code_files(EXTRACTION_ROOTS)}


def test_every_process_finds_the_same_version() -> None:
    code = "from scraper.code_version import code_version; import scraper.topics.lexicon as lexicon"
    code += "; print(code_version(lexicon.ROOTS))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert runs == [code_version(TOPICS_ROOTS)] * 2


def test_a_root_that_moved_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no_such\.py"):
        code_version(("no_such.py",))
