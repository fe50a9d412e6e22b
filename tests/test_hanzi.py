"""Folding and script of Chinese text, and the tables they rest on."""

from __future__ import annotations

import generate_hanzi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.chinese import fold, script_of

SIMPLIFIED = "据路透社报道,这家公司周二发布了开源模型,并称后续会有更多里程碑。"
TRADITIONAL = "據路透社報道，這家公司周二發布了開源模型，並稱後續會有更多里程碑。"


def test_tables_are_what_opencc_gives() -> None:
    assert generate_hanzi.TABLE.read_text(encoding="utf-8") == generate_hanzi.table()
    assert generate_hanzi.WORDS.read_text(encoding="utf-8") == generate_hanzi.words()


def test_both_scripts_fold_to_one_form() -> None:
    assert fold(TRADITIONAL) == fold(SIMPLIFIED)
    assert fold("臺灣裏裡著名甚麼ＡＩ５Ｇ") == "台湾里里着名什么ai5g"


@given(st.text())
def test_fold_keeps_length_and_is_stable(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (SIMPLIFIED, "Hans"),
        (TRADITIONAL, "Hant"),
        (SIMPLIFIED + TRADITIONAL, "mixed"),
        (SIMPLIFIED * 10 + "國", "Hans"),
        ("plain English", ""),
        ("人工智能", ""),
        ("日本の経済についてのニュースです", ""),
        ("", ""),
    ],
)
def test_script(text: str, script: str) -> None:
    assert script_of(text) == script
