"""Which records of a page are one text: in another language, in the other script, edited."""

from __future__ import annotations

import pytest

from scraper.edits.likeness import is_other_language, is_other_script_only, sentence_overlap
from scraper.models import Article

ENGLISH = "The harbour opened on Monday. Ships waited outside the bay. Nobody was hurt."
SIMPLIFIED = "港口周一开放。船只在湾外等候。无人受伤。"
TRADITIONAL = "港口週一開放。船隻在灣外等候。無人受傷。"


def read(text: str, language: str = "", script: str = "", title: str = "T") -> Article:
    return Article(title=title, text=text, language=language, script=script)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (read(ENGLISH, "en", "Latn"), read(SIMPLIFIED, "zh", "Hans"), True),
        (read(SIMPLIFIED, "zh", "Hans"), read(TRADITIONAL, "zh", "Hant"), True),
        (read(ENGLISH, "en", "Latn"), read("Der Hafen ist offen.", "de", "Latn"), True),
        # The same text under another label, an edit, and what is not known.
        (read(ENGLISH, "en", "Latn"), read(ENGLISH, "de", "Latn"), False),
        (read(ENGLISH, "en", "Latn"), read("It closed again.", "en", "Latn"), False),
        (read(SIMPLIFIED, "zh", "Hans"), read(SIMPLIFIED + "臺灣", "zh", "mixed"), False),
        (read(ENGLISH), read(SIMPLIFIED), False),
    ],
)
def test_another_language(one: Article, other: Article, expected: bool) -> None:
    assert is_other_language(one, other) is is_other_language(other, one) is expected


def test_the_other_script_alone() -> None:
    assert is_other_script_only(read(SIMPLIFIED), read(TRADITIONAL))
    assert not is_other_script_only(read(SIMPLIFIED), read(TRADITIONAL.replace("一", "二")))


def test_overlap() -> None:
    assert sentence_overlap(ENGLISH, ENGLISH) == sentence_overlap(SIMPLIFIED, TRADITIONAL) == 1
    assert sentence_overlap(ENGLISH, ENGLISH + " One more.") == pytest.approx(6 / 7)
    assert sentence_overlap(ENGLISH, SIMPLIFIED) == sentence_overlap("", "") == 0
