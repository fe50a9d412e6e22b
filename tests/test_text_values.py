"""Titles and other short texts that may hold markup, or words in angle brackets."""

from __future__ import annotations

import pytest

from scraper.text.values import tidy, without_markup

KEPT = [
    "Why R1 prints <think> tags",
    "What <think>…</think> costs",
    "Vec<T> and Option<i> in a day",
    "Map<String, Vec<u8>>, explained",
    "Use <dialog>, not <div>s",
    "The <strong> tag and <p> tag",
    "1 < 2 and 3 > 2",
    "模型为何输出<思考>标签",
    "模型為何輸出 <think> 標籤",
    "<T> is a type",
    "<dialog> is here to stay",
    "Ada Lind <ada@ledger.example>",
    "Close every </div> by hand",
    "a <- b",
    "<|endoftext|> leaks again",
]

CUT = [
    ("<em>Mine</em> opens", "Mine opens"),
    ("Mine<br>opens", "Mine opens"),
    ("Mine<br />opens", "Mine opens"),
    ("<p>Mine opens", "Mine opens"),
    ("<p>Mine opens</p>", "Mine opens"),
    ("Mine <strong>opens in the…", "Mine opens in the…"),
    ("opens</strong> in the hills", "opens in the hills"),
    ('<a href="/x?a=1&b=2">Ada Lind</a>', "Ada Lind"),
    ("<font color=red>Mine opens", "Mine opens"),
    ('<img src="x.gif" alt="">Mine', "Mine"),
    ("<script>track('a');</script>Mine opens", "Mine opens"),
    ("<style>b{color:red}</style>Mine opens", "Mine opens"),
    ("Mine <gl-emoji>x</gl-emoji> opens", "Mine x opens"),
    ("<![CDATA[Mine opens]]>", "Mine opens"),
    ("Mine <!-- kept for later -->opens", "Mine opens"),
    ("矿镇<b>第一周</b>", "矿镇第一周"),
    ("Why <i>R1</i> prints <think> tags", "Why R1 prints <think> tags"),
    ("<B>Mine</B> opens", "Mine opens"),
]


@pytest.mark.parametrize("text", KEPT)
def test_words_in_angle_brackets_stay(text: str) -> None:
    assert without_markup(text) == text


@pytest.mark.parametrize(("text", "plain"), CUT)
def test_tags_of_html_go(text: str, plain: str) -> None:
    assert " ".join(without_markup(text).split()) == plain


def test_what_is_escaped_twice_is_read_before_its_tags_go() -> None:
    assert tidy("Why &amp;lt;think&amp;gt; is &lt;b&gt;not&lt;/b&gt; shown") == (
        "Why <think> is not shown"
    )


def test_many_tags_take_no_long_time() -> None:
    assert without_markup("<b" * 50_000)
    assert without_markup("<b>x</b> " * 50_000)
