"""Each boilerplate rule is proved by a page that we wrote: `NAME.html` beside `NAME.toml`.

The record names the lines that must be kept, exactly and in order, and for each rule texts that it
must have cut. To prove a new rule, add its case to a page here or write a new pair.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from scraper.extraction import extract
from scraper.extraction.boilerplate_rules import default_rules

PAGES = Path(__file__).parent / "pages"
RECORDS: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(PAGES.glob("*.toml"))
    if not path.stem.startswith("seed-")
}


@pytest.mark.parametrize("name", RECORDS)
def test_page_gives_its_article_and_names_every_cut(name: str) -> None:
    record = RECORDS[name]
    article = extract((PAGES / f"{name}.html").read_bytes(), "http://site.example/a/1.html")
    assert article.text.splitlines() == record["kept"]
    for rule, texts in record["cut"].items():
        cut = [removed.text for removed in article.removed if removed.rule == rule]
        assert [text for text in texts if text not in cut] == [], (rule, cut)


def test_every_rule_is_proved_by_a_page() -> None:
    proved = {rule for record in RECORDS.values() for rule, texts in record["cut"].items() if texts}
    assert sorted(set(default_rules().names()) - proved) == []
