"""Patterns that could hang are found, bounded, and refused where a user wrote them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scraper.config import load_config
from scraper.errors import ConfigError
from scraper.extraction.boilerplate_rules import default_rules, load_rules
from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.pattern_cost import slow_attack
from scraper.toml_file import shipped_config

# Some part of each can match one text in two ways.
EXPONENTIAL = [
    r"(a+)+b",
    r"^(\w+\s?)*$",
    r"(?:a|a)*b",
    r"(?:a|ab|b)*c",
    r"(?:<!--.*?-->\s*)*<html",
    r"^(?:本报|本刊|特约|本刊)*记者",
    r"^\s*(?:\S+\s*)*:$",
    r"(?:(?:x*)*)*y",
    r"([a-z]|[b-z0-9]x?)+!",
]
POLYNOMIAL = [r"\s*\s*x", r"\d+@", r"“[^”]*”", r"\s+$", r"^\S*\d\S*$", r"a.*b.*c", r"a++b"]
LINEAR = [
    r"(?<!a)a++b",
    r"(?<!a)(?>a+)b|c",
    r"(?<!\s)\s++$",
    r"“[^“”]*”",
    r"^(?:\w++\s?)*+$",
    r"\d{1,4}月\d{1,2}日",
    r"(?:one|two|three)\b",
    r"",
]


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_a_pattern_that_matches_in_two_ways_is_found_with_few_repeats(pattern: str) -> None:
    hit = slow_attack(pattern, longest=400)
    assert hit is not None
    assert hit.length <= 400
    assert hit.seconds < 5


@pytest.mark.parametrize("pattern", POLYNOMIAL)
def test_a_pattern_of_polynomial_time_is_found_in_long_texts_only(pattern: str) -> None:
    assert slow_attack(pattern, longest=100) is None
    hit = slow_attack(pattern)
    assert hit is not None
    assert hit.length > 100


@pytest.mark.parametrize("pattern", LINEAR)
def test_a_pattern_of_linear_time_passes(pattern: str) -> None:
    assert slow_attack(pattern) is None


def test_bytes_and_bounded_patterns_are_attacked_too() -> None:
    assert slow_attack(re.compile(rb"(a+)+b")) is not None
    assert slow_attack(BoundedPattern(r"\s*\s*x", longest=200)) is None
    assert slow_attack(BoundedPattern(r"\s*\s*x", longest=20_000)) is not None


def test_a_bounded_pattern_finds_nothing_in_a_longer_text() -> None:
    pattern = BoundedPattern("A", re.IGNORECASE, longest=3)
    assert [bool(f("aaa")) for f in (pattern.search, pattern.match)] == [True, True]
    assert [bool(f("aaaa")) for f in (pattern.search, pattern.match)] == [False, False]
    assert (pattern.fullmatch("a"), pattern.fullmatch("aaaa")) != (None, None)
    assert pattern.fullmatch("aaaa") is None
    assert (pattern.sub("b", "aca"), pattern.sub("b", "acac")) == ("bcb", "acac")
    assert [len(list(pattern.finditer(text))) for text in ("aba", "abab")] == [2, 0]


def test_a_rule_that_could_hang_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "boilerplate.toml"
    file.write_text(
        '[[line]]\nname = "good"\npattern = "^Share$"\n\n'
        "[[line]]\nname = \"bad\"\n# A comment\npattern = '^(?:\\w+\\s?)*:$'\n\n"
        "[[section]]\nname = \"rest\"\npattern = ['Related', '(?:a|a)*b']\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_rules(file)
    line, heading = sorted(caught.value.problems)[::-1]
    assert line.startswith(f"{file}:8 [[line]] 2 (bad): pattern takes ")
    assert heading.startswith(f"{file}:12 [[section]] 1 (rest): pattern takes ")


def test_a_source_whose_pattern_could_hang_is_refused_with_its_line(tmp_path: Path) -> None:
    shipped = shipped_config()
    (tmp_path / "settings.toml").write_bytes((shipped / "settings.toml").read_bytes())
    file = tmp_path / "sources.toml"
    block = '[[source]]\nname = "{}"\nkind = "feed"\nurl = "https://a.example/{}"\noutlet = "A"\n'
    file.write_text(
        block.format("one", 1)
        + "include = ['/\\d+$']\n\n"
        + block.format("two", 2)
        + "exclude = [\n  '/video/',\n  '(?:/[\\w-]+)*/(?:\\w+-?)*x$',\n]\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(
        f"{file}:13 [[source]] 2 (two): exclude '(?:/[\\\\w-]+)*/(?:\\\\w+-?)*x$' takes "
    )


def test_shipped_rules_know_the_longest_text_that_each_is_tried_on() -> None:
    rules = default_rules()
    patterns = [rule.pattern for rule in (*rules.sections, *rules.lines)]
    assert all(0 < pattern.longest <= 2000 for pattern in patterns)
