"""Tells the required words of our own patterns: ``python -m tests.required_words``.

Writes `scraper/text/required_words.json`: for each pattern of the shipped boilerplate rules and of
the tables that are searched by their words, the words of which one stands in each text that it
matches. A pattern that is missing there costs a process that reads a page half a millisecond; what
stands there of patterns that are gone is dropped when the file is written anew.
"""

from __future__ import annotations

import gc
import importlib
import json
import pkgutil
from pathlib import Path

import scraper
from scraper.extraction import offers
from scraper.extraction.boilerplate_rules import default_rules
from scraper.text import required_words
from scraper.text.patterns import PatternTable

__all__ = ["FILE", "told"]

FILE = Path(required_words.__file__).with_name("required_words.json")
# Packages whose tables a page is read with.
_READ_A_PAGE = ("extraction", "text", "verdict")


def told() -> dict[str, list[str] | None]:
    """Return the required words of all patterns that the file is for, by their keys."""
    for package in _READ_A_PAGE:
        for module in pkgutil.walk_packages([str(Path(scraper.__file__).parent / package)]):
            importlib.import_module(f"scraper.{package}.{module.name}")
    tables = [made for made in gc.get_objects() if isinstance(made, PatternTable)]
    rules = default_rules()
    kinds = (rules.elements, rules.sections, rules.lines, rules.appeals)
    ruled = [rule.pattern for some in kinds for rule in some if rule.pattern]
    patterns = {
        (one.pattern, one.flags)
        for one in (
            *ruled,
            *offers._SAYS.values(),
            *(one for table in tables for some in table.values() for one in some),
        )
    }
    found: dict[str, list[str] | None] = {}
    for pattern, flags in patterns:
        words = required_words.required_words(pattern, flags)
        found[required_words.key_of(pattern, flags)] = None if words is None else sorted(words)
    return dict(sorted(found.items()))


if __name__ == "__main__":
    # A line for each pattern, so that a change of one changes one line.
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(words, ensure_ascii=False)}"
        for key, words in told().items()
    )
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
