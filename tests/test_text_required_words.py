"""A pattern is left out where its words are missing, and only where it matches nothing."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from scraper.extraction import parse_html
from scraper.extraction.boilerplate_rules import default_rules
from scraper.extraction.offers import _SAYS
from scraper.extraction.segmentation import segment
from scraper.text.required_words import PatternIndex, folded, is_told, required_words
from tests.required_words import FILE, told

_HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"^\W{0,3}Share (?:this|it)\b", {"share this", "share it"}),
        (r"\d+ (?:comments?|repl(?:y|ies))", {"comment", "comments", "reply", "replies"}),
        (r"(?=.*\bby\b)[A-Z]\w+", {"by"}),
        (r"(?!.*said)thank you", {"thank you"}),
        (r"(?:for )?sale", {"for sale", "sale"}),
        (r"(?:ha)+ha+", {"ha"}),
        (r"[责責]任?编辑", {"责任编辑", "責任编辑", "责编辑", "責编辑"}),
        (r"read|\d{4}", None),
        (r"[a-z]{4}", None),
        (r"a|b", None),
        (r"(?:news)?", None),
        (r"(?<=from )here", {"from "}),
        (r"(?>print) edition", {"print edition"}),
        (r"news(?:letter){0,3}", {"news"}),
    ],
)
def test_words_of_a_pattern(pattern: str, words: set[str] | None) -> None:
    assert required_words(pattern, re.IGNORECASE) == words


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("SIGN IN", "sign in"),
        ("sign in", "ſIGN İN"),
        ("sıgn in", "SIGN IN"),
        ("kelvin", "\u212aelvin"),
        ("σας", "ΣΑΣ"),
        ("(?-i:News) of", "News OF"),
        ("(?x) sign \\s in  # a comment", "sign in"),
    ],
)
def test_the_case_of_letters_is_ignored_as_the_pattern_ignores_it(pattern: str, text: str) -> None:
    assert re.search(pattern, text, re.IGNORECASE)
    assert PatternIndex([(pattern, re.IGNORECASE)]).may_match(text)


def test_bits_tell_which_patterns_may_match() -> None:
    index = PatternIndex([("share this", 0), (r"\d", 0), ("by|from", 0)])
    assert index.may_match("nothing") == 0b010
    assert index.may_match("Share this by post") == 0b111
    assert PatternIndex([(r"\d", 0)]).may_match("") == 1
    assert PatternIndex([]).may_match("text") == 0
    assert folded("ABC Éß") == "abc éß"


@cache
def _lines() -> list[str]:
    """Return the lines of the project's own pages, on which each rule is proved."""
    files = [*(_HERE / "pages").glob("*.html"), *(_HERE / "cases" / "extract").rglob("*.html")]
    pages = [parse_html(file.read_bytes()) for file in sorted(files)]
    return sorted({block.text for page in pages for block in segment(page.tree).blocks})


@pytest.mark.parametrize("kind", ["lines", "sections", "offers"])
def test_no_rule_is_left_out_where_it_matches(kind: str) -> None:
    if kind == "offers":
        patterns = [re.compile(says.pattern, says.flags) for says in _SAYS.values()]
    else:
        patterns = [rule.pattern.compiled for rule in getattr(default_rules(), kind)]
    index = PatternIndex((pattern.pattern, pattern.flags) for pattern in patterns)
    hit: set[int] = set()
    for line in _lines():
        may = index.may_match(line)
        for at, pattern in enumerate(patterns):
            if pattern.search(line[:400]) is not None:
                hit.add(at)
                assert may >> at & 1, (pattern.pattern, line)
    # The pages prove most rules, so that this says something.
    assert len(hit) > 0.6 * len(patterns)


def test_the_words_that_are_shipped_are_those_of_the_patterns() -> None:
    shipped, now = json.loads(FILE.read_text(encoding="utf-8")), told()
    known = shipped.keys() & now.keys()
    assert {key: shipped[key] for key in known} == {key: now[key] for key in known}
    # A pattern that is not there is only slower: a change of a rule may wait, a heap of them not.
    assert len(known) > 0.9 * len(now), "run python -m tests.required_words"


def test_what_was_told_of_is_no_pattern_of_somebody_else() -> None:
    assert is_told(default_rules().sections[0].pattern.pattern, re.IGNORECASE)
    assert not is_told("(unclosed", re.IGNORECASE)
    assert not is_told(default_rules().sections[0].pattern.pattern, 0)
