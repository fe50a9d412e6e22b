"""What raised and lowered characters mean, by what stands around them."""

from __future__ import annotations

import pytest

from scraper.extraction.superscripts import is_note_name, lowered, note_mark, raised


@pytest.mark.parametrize(
    ("before", "content", "after", "expected"),
    [
        # powers
        ("10", "25", " operations", "^25"),
        ("3.8×10", "25", " FLOPs", "^25"),
        ("10", "−3", " of it", "^-3"),
        ("10 ", "25", " operations", "^25"),
        ("2", "n+1", "", "^(n+1)"),
        ("x", "2", " + y", "^2"),
        ("E = mc", "2", "", "^2"),
        ("(a+b)", "2", "", "^2"),
        ("per s", "−1", "", "^-1"),
        # units
        ("5 m", "2", " wide", "²"),
        ("120米", "2", "。", "²"),
        # marks of notes
        ("in 2026", "3", ", the", "[3]"),
        ("in 2026", "12", " the", "[12]"),
        ("45 million", "2", " crowns", "[2]"),
        ("he said.”", "3", "", "[3]"),
        ("(in Berlin)", "3", "", "[3]"),
        ("12,000", "2", " staff", "[2]"),
        ("$45", "2", " a week", "[2]"),
        ("GPT-4", "5", " is", "[5]"),
        ("on May 12", "3", ", the", "[3]"),
        ("rose 12", "3", " percent", "[3]"),
        ("公司", "1", "，", "[1]"),
        ("word", "a", " x", "[a]"),
        ("", "1", "Figures are", "[1] "),
        ("studies [1-", "3", "]", "3"),
        ("模型", "[2]", "", "[2]"),
        # what reads as it stands
        ("1", "st", " of May", "st"),
        ("XIX", "e", " siècle", "e"),
        ("M", "me", " Dupont", "me"),
        ("the law", "*", " ", "*"),
        # signs, degrees, cents, fractions, chemistry
        ("OatTalk", "TM", " is", "™"),
        ("20", "o", "C", "°"),
        ("20", "0", "C", "°"),
        ("$9", "99", " a week", ".99"),
        ("19", "99", " €", ".99"),
        ("3", "1", "⁄2", " 1"),
        ("Ca", "2+", "", "²⁺"),
        ("", "14", "C dating", "¹⁴"),
    ],
)
def test_raised(before: str, content: str, after: str, expected: str) -> None:
    assert raised(content, before, after) == expected


def test_what_its_element_tells_to_be_a_note_is_no_power() -> None:
    assert raised("25", "10", " of them", note=True) == "[25]"
    assert note_mark("†") == "†"


@pytest.mark.parametrize(
    ("before", "content", "expected"),
    [
        ("CO", "2", "2"),
        ("101", "2", "_2"),
        ("x", "i", "_i"),
        ("H", "2", "2"),
        ("c", "1", "_1"),
        ("NO", "x", "x"),
        ("T", "max", "_max"),
    ],
)
def test_lowered(before: str, content: str, expected: str) -> None:
    assert lowered(content, before) == expected


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ("footnote-ref", True), ("#fn1", True), ("#_ftn3", True), ("#cite_note-3", True),
        ("doc-noteref", True), ("#section-2", False), ("#comments", False), ("finance", False),
    ],
)  # fmt: skip
def test_names_of_notes(names: str, note: bool) -> None:
    assert is_note_name(names) is note
