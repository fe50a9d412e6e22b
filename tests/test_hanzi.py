"""Folding, script and search terms of Chinese text."""

from __future__ import annotations

import sqlite3

import generate_hanzi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.chinese import fold, query, script_of, segment

SIMPLIFIED = "据路透社报道,这家公司周二发布了开源模型,并称后续会有更多里程碑。"
TRADITIONAL = "據路透社報道，這家公司周二發布了開源模型，並稱後續會有更多里程碑。"


def test_table_is_what_opencc_gives() -> None:
    assert generate_hanzi.TABLE.read_text(encoding="utf-8") == generate_hanzi.table()


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


def test_segments() -> None:
    assert segment("开源模型").split() == ["开源", "源模", "模型", "型"]
    assert segment("用AI写").split() == ["用", "ai", "写"]


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("开源", "新的開源模型", True),
        ("開源模型", "新的开源模型", True),
        ("源", "开源模型", True),
        ("型", "开源模型", True),
        ("源开", "开源模型", False),
        ("开模", "开源模型", False),
        ("R1模型", "推理的R1 模型很强", True),
        ("r1模型", "推理的R1模型", True),
        ("模型AI", "大模型 AI", True),
        ("5G", "5G商用", True),
        ("5G", "15G商用", False),
        ("GPT-4", "with GPT-4.", True),
        ("deep*", "DeepSeek said", True),
        ("deep", "DeepSeek said", False),
        ("open source", "source is open", True),
        ('"open source"', "source is open", False),
        ('"open source', "open source", True),
        ("模型，开源", "大模型,开源了", True),
        ("「模型」", "大模型了", True),
    ],
)
def test_query_finds(typed: str, text: str, found: bool) -> None:
    assert match(typed, text) is found


@given(st.text(), st.text(min_size=1))
def test_no_input_is_syntax(typed: str, text: str) -> None:
    """Whatever is typed, SQLite accepts the query that comes of it."""
    if query(typed):
        match(typed, text.encode("utf-8", "ignore").decode())


@given(st.text(alphabet="开源模型新的ab1 ，", min_size=1), st.data())
def test_every_piece_is_found(text: str, data: st.DataObject) -> None:
    """Any piece of Chinese text, of whatever length, finds the text that it was cut from."""
    han = [m for m in text.split() if all(c in "开源模型新的" for c in m)]
    if han:
        run = data.draw(st.sampled_from(han))
        start = data.draw(st.integers(0, len(run) - 1))
        assert match(run[start : data.draw(st.integers(start + 1, len(run)))], text)


def match(typed: str, text: str) -> bool:
    index = sqlite3.connect(":memory:")
    try:
        index.execute("create virtual table t using fts5(x, tokenize='unicode61')")
        index.execute("insert into t values (?)", [segment(text)])
        found = index.execute("select 1 from t where t match ?", [query(typed)]).fetchone()
        return found is not None
    finally:
        index.close()
