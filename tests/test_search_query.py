"""The grammar of queries, the terms of the index, and where both meet in a text."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.search.match import NOTHING, match_of
from scraper.search.occurrences import holds, snippet, spans
from scraper.search.query import LONGEST_QUERY, Filter, Not, Query, Term, parse_query
from scraper.search.terms import row_terms

TODAY = date(2026, 11, 23)


def parsed(typed: str) -> Query:
    return parse_query(typed, today=TODAY)


def found(typed: str, text: str, title: str = "") -> bool:
    """Whether index and text together find an article; the index must never miss what holds."""
    tree = parsed(typed).tree
    if tree is None:
        return False
    in_text = holds(tree, title, text)
    match = match_of(tree)
    index = sqlite3.connect(":memory:")
    try:
        index.execute(
            "create virtual table t using fts5(title, text, detail=none,"
            " tokenize=\"ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'\")"
        )
        index.execute("insert into t values (?, ?)", row_terms(title, text))
        row = index.execute(
            "select 1 from t where t match ?", [match.expression or NOTHING]
        ).fetchone()
    finally:
        index.close()
    if match.expression:
        assert row is not None or not in_text, "the index misses it"
        assert not match.exact or in_text == (row is not None), "the index alone decides wrongly"
    return in_text


@pytest.mark.parametrize(
    ("typed", "text", "expected"),
    [
        # A word and a number with a sign are two words, and a number is whole
        ('"up 10%"', "prices up 10% today", True),
        ('"up 10 %"', "prices up 10 % today", True),
        ("5%", "it grew 3.5% today", False),
        ("3.5%", "it grew 3.5% today", True),
        # The beginning of a name with its number, however the two are joined
        ("o1*", "O-1 is out", True),
        ("O1*", "o 12 tests", True),
        ("o1*", "O1-preview is out", True),
        ("o1*", "o 2.1", False),
        # A name is whole
        ("v2", "a 2v2 game", False),
        ("v2*", "a 2v20 game", False),
        ("v2", "第10v2版", False),
        # A sign before a number, with letters or a point behind it
        ("$1.5bn", "raised $1.5bn today", True),
        ("$1.5", "raised $1.5bn today", False),
        ("$100", "costs $100.5 now", True),
        ("$100", "costs $1000 now", False),
        ("$abb.1", "costs $abb.1 now", True),
        ("@sama.1", "by @sama.1 today", True),
        ("1.5b%", "up 1.5b% now", True),
        ("$2.5*", "is $2.5million", True),
        ("2.5*", "is 2.5million", True),
        # Signs that join words, and a percent sign behind a space
        ("中国|美国", "在美国", True),
        ("cat||dog", "a dog", True),
        ("cat&&dog", "a dog", False),
        ("AT&T", "shares of AT&T fell", True),
        ("10 %", "up 10 percent", False),
        ("10 %", "up 10%", True),
        ('"red shi"*', "a red ship", True),
        # Both scripts
        ("开源", "新的開源模型", True),
        ("開源模型", "新的开源模型", True),
        ("源", "开源模型", True),
        ("型", "开源模型", True),
        ("源开", "开源模型", False),
        ("开模", "开源模型", False),
        ("开源模型", "开源的模型，源模不在一起", False),
        ("账号", "新註冊的帳號須通過驗證", True),
        ("帳號", "新注册的账号", True),
        ("计划", "這項計畫", True),
        ("計畫書", "计划书", True),
        ("硅谷", "矽谷", True),
        ("矽", "硅片", True),
        ("火炮", "火砲", True),
        ("身分", "身份", True),
        ("帐篷", "一顶帐篷", True),
        # Words of one region
        ("软件", "新的軟體", True),
        ("軟體", "新软件", True),
        ("人工智慧晶片", "人工智能芯片", True),
        ("大语言模型", "大型語言模型", True),
        ("程序", "新的程式", False),
        ("视频", "一部影片", False),
        # A lettered version in one word with its name, or beside it
        ("deepseek-v3", "DeepSeekV3 runs", True),
        ("deepseek-v3", "DeepSeekV30 runs", False),
        ("DeepSeekR1", "the DeepSeek-R1 weights", True),
        ("DeepSeekR1", "DeepSeek, and R2", False),
        ("Straße", "Strasse", True),
        # Beside letters
        ("R1模型", "推理的R1 模型很强", True),
        ("r1模型", "推理的R1模型", True),
        ("模型AI", "大模型 AI", True),
        ("AI模型", "AI的模型", False),
        # Words
        ("deep", "DeepSeek said", False),
        ("deep*", "DeepSeek said", True),
        ("d*", "DeepSeek said", True),
        ("seek*", "DeepSeek said", False),
        ("open source", "source is open", True),
        ('"open source"', "source is open", False),
        ('"open source', "open source", True),
        ("“open source”", "an open-source model", True),
        ("open-source", "an open source model", True),
        ("résumé", "his resume", True),
        ("resume", "his résumé", True),
        ("financial", "The ﬁnancial oﬃcer", True),
        ("officer", "The ﬁnancial oﬃcer", True),
        ("模型", "大模\u200b型", True),
        ("harbour", "har\u00adbour", True),
        # Versions
        ("5G", "5G商用", True),
        ("5G", "15G商用", False),
        ("GPT-4", "with GPT-4.", True),
        ("Qwen 2.5", "Qwen2.5-72B came first", True),
        ("Qwen2.5", "Qwen 2.5 came first", True),
        ("qwen-2.5", "Qwen2.5 came first", True),
        ("Qwen 2.5", "Qwen 3 scored 2.5", False),
        ("Qwen AND 2.5", "Qwen 3 scored 2.5", True),
        ("GPT4o", "OpenAI's GPT-4o", True),
        ("GPT-4o", "GPT4o", True),
        ("GPT 4o", "GPT4o", True),
        ("GPT 4", "GPT4", True),
        ("budget 2026", "in 2026 the budget", True),
        ("F-35", "an F35 landed", True),
        ("qwen", "Qwen2.5", True),
        ("2.5", "version 2.5.1", True),
        # Signs
        ("C++", "Vitamin C helps", False),
        ("C++", "rewritten from C++.", True),
        ("C#", "in C# and F#", True),
        ("c", "in C# and F#", True),
        ("10%", "Ten tugs and 10 barges", False),
        ("10%", "rose by 10%", True),
        ("10%", "rose by 10 %", True),
        ("10%", "rose by 110%", False),
        ("1", "1²", False),
        ("m²", "ten m² of", True),
        ("pass", "Pass² said", True),
        ("１０％", "rose by 10%", True),
        ("$100", "costs 100", False),
        ("$100", "costs US$100 a month", True),
        ("#1", "the #1 model", True),
        ("#1", "the 1 model", False),
        ("100,000", "100,000 chips", True),
        ("100000", "100,000 chips", True),
        # Operators
        ("tides -diary", "tides", True),
        ("tides -diary", "a diary of tides", False),
        ("tides NOT diary", "a diary of tides", False),
        ("-diary", "tides", True),
        ("a OR b", "b c", True),
        ("a OR b c", "b", False),
        ("(a OR b) c", "b c", True),
        ("a -(b OR c)", "a c", False),
        ("a | b", "b", True),
        ("中国，美国", "来自中国的代表团与美国同行", True),
        ("中国、日本", "来自中国的代表团", False),
        ("模型，开源", "大模型,开源了", True),
        ("「模型」", "大模型了", True),
        ("rock-and-roll", "rock and roll", True),
        ("AT&T", "by AT&T", True),
        # Letters of other ranges beside marks that are no letters.
        ("gpt-4", "today’s \U0001d406\U0001d40f\U0001d413-4", True),
        ("gpt-4", "today’s ＧＰＴ-4", True),
        ("gpt-4", "today’s ＧＰＴ-5", False),
        ("\U0001d406\U0001d40f\U0001d413", "“GPT” – today", True),
        ("cafe", "the port’s café", True),
        ("harbour", "the port’s har\u00adbour", True),
        ("", "anything", False),
        ("。", "anything。", False),
    ],
)
def test_finds(typed: str, text: str, expected: bool) -> None:
    assert found(typed, text) is expected


def test_words_of_the_headline() -> None:
    assert found("title:tides", "a diary", "Tides")
    assert not found("title:tides", "tides", "A diary")
    assert found('title:"high tides" diary', "a diary", "High tides")
    assert found("tides -title:diary", "a diary", "Tides")
    assert found("tides", "a diary", "Tides")


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("since:2026-03", "since", "2026-03-01"),
        ("until:2026-02", "until", "2026-02-28"),
        ("until:2026", "until", "2026-12-31"),
        ("since:2026/3/4", "since", "2026-03-04"),
        ("since:7d", "since", "2026-11-16"),
        ("since:yesterday", "since", "2026-11-22"),
        ("lang:zh-TW", "lang", "zh-Hant"),
        ("lang:EN", "lang", "en"),
        ("LANG：zh", "lang", "zh"),
        ('outlet:"BBC News"', "outlet", "bbc news"),
        ("changed:yes", "changed", "yes"),
        ("gone:2026-01-02", "gone", "2026-01-02"),
        ("topic:12.5", "topic", "12.5"),
    ],
)
def test_conditions(typed: str, field: str, value: str) -> None:
    assert parsed(typed).tree == Filter(field=field, value=value)
    assert parsed(f"-{typed}").tree == Not(Filter(field=field, value=value))


@pytest.mark.parametrize(
    ("typed", "text", "note"),
    [
        ("since:soon", "it is since soon", "since:soon was searched for as words"),
        ("since:2026-13-01", "since 2026-13-01", "was searched for as words"),
        ("foo:bar", "foo: bar", "foo: is no field"),
        ('"no end', "there is no end", "was not closed"),
        ("(a b", "b a", "was not closed"),
        ("a) b", "b a", "closing bracket"),
        ("a +++ b", "b a", "+++ holds no word"),
        ("Qwen 2.5", "Qwen2.5", "as one name"),
        ("a or b", "b or a", "OR in capitals finds either"),
        ("not a", "a not", "a minus before a word"),
        ("a OR", "OR a", "OR joins nothing here"),
        ("( OR )", "or", "OR joins nothing here"),
        ("a|", "b a", "| joins nothing here"),
        ("title: a", "the title a", "title: was searched for as a word"),
        ("author:-", "the author", "author:- was searched for as words"),
    ],
)
def test_what_is_not_understood_is_taken_literally_and_said(
    typed: str, text: str, note: str
) -> None:
    assert found(typed, text)
    assert note in " ".join(parsed(typed).notes)


@pytest.mark.parametrize("typed", ["https://news.example/1", "12:30", "tides -diary", "开源 模型"])
def test_what_is_plain_needs_no_note(typed: str) -> None:
    assert parsed(typed).notes == ()


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet='ab开源1 "“()-|*:.,%$OR', max_size=40), st.text(min_size=1))
def test_no_input_is_an_error(typed: str, text: str) -> None:
    found(typed, text.encode("utf-8", "ignore").decode())


def test_a_very_long_query_is_cut() -> None:
    query = parsed("开源 " * 100_000)
    assert len(query.typed) == LONGEST_QUERY
    assert "only the first" in " ".join(query.notes)
    assert found("(" * 300 + "a", "a")


@given(st.text(alphabet="开源模型新的ab1 ，", min_size=1), st.data())
def test_every_piece_is_found(text: str, data: st.DataObject) -> None:
    """Any piece of Chinese text, of whatever length, finds the text that it was cut from."""
    han = [m for m in text.split() if all(c in "开源模型新的" for c in m)]
    if han:
        run = data.draw(st.sampled_from(han))
        start = data.draw(st.integers(0, len(run) - 1))
        assert found(run[start : data.draw(st.integers(start + 1, len(run)))], text)


@given(
    st.text(alphabet="开源開ab1 \n。İßﬁ\u0301", max_size=60),
    st.text(alphabet='开源abfi1 "*', max_size=6),
)
def test_marks_lie_within_the_text(text: str, typed: str) -> None:
    last = 0
    marked = spans(text, parsed(typed).tree)
    for start, end in marked:
        assert last <= start < end <= len(text)
        last = end
    stretch, inside = snippet(text, marked, width=20)
    assert len(stretch) <= 22
    assert all(0 <= start < end <= len(stretch) for start, end in inside)


def test_what_is_left_out_is_not_marked() -> None:
    assert spans("tides and a diary", parsed("tides -diary").tree) == ((0, 5),)
    assert spans("the ﬁnancial oﬃcer", Term(text="financial officer")) == ((4, 18),)


def test_the_snippet_shows_where_most_hits_are() -> None:
    text = (
        "harbour. " + "Nothing here. " * 40 + "The harbour and the harbour again. " + "End. " * 40
    )
    stretch, inside = snippet(text, spans(text, Term(text="harbour")), width=60)
    assert stretch.startswith("…")
    assert [stretch[start:end] for start, end in inside] == ["harbour", "harbour"]
