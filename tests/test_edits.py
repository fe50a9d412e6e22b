"""What counts as a publisher's edit, and how it is told."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.edits import compare, fingerprint, normalise, split_sentences

ENGLISH = (
    "The company raised 1.5 million dollars on Monday. Its founder, Anna Berg, met reporters.\n"
    "“We are not for sale,” she said. Analysts had expected less."
)
CHINESE = (
    "公司周一融资1.5亿元。创始人李明表示：“我们不会出售。”分析师此前预期更低。\n市场反应平静。"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello  world.\nNext.", "Hello world. Next."),
        ("“Quoted” — it's", '"Quoted" – it’s'),
        ("他说,「好」。", "他说，“好”。"),
        ("价格 5 元", "价格5元"),
        ("Ａ１２３", "A123"),
        ("soft\u00adhyphen and zero\u200bwidth", "softhyphen and zerowidth"),
        ("Text.\n3 hours ago", "Text.\n2 days ago"),
        ("Text.\nUpdated 5 minutes ago | 1,024 views", "Text.\nUpdated 1 hour ago | 2,048 views"),
        ("正文。\n阅读 1024 评论(5)", "正文。\n阅读 2.3万 评论(18)"),
        ("記者 周嵐 2026-11-23 閱讀 16\n正文。", "記者 周嵐 2026-11-23 閱讀 36\n正文。"),
        ("本报记者周岚、李明 阅读 16\n正文。", "本报记者周岚、李明 阅读 36\n正文。"),
        ("正文。\n3小时前", "正文。\n刚刚"),
        ("正文。\n更新时间：2025-11-13 13:05", "正文。\n更新时间：2025-11-14 08:00"),
        ("Text.\nNov 13, 2025 at 1:05 PM EST", "Text.\nNov 14, 2025 at 8:00 AM EST"),
        ("It ended in June.[2] So did the rest.", "It ended in June.[3] So did the rest."),
        ("The word[1][2] was new.", "The word[2][3] was new."),
        ("[1] A report of 2020.", "[2] A report of 2020."),
        ("港口开放[1]，船只进港。", "港口开放[4]，船只进港。"),
        ("Acme Rail (ACR 107.40 +1.4%) said no.", "Acme Rail (ACR 99.10 -0.3%) said no."),
        ("Some 12,500 people came.", "Some 12 500 people came."),
        ("他说不来。她来了。", "他说不来.她来了."),
        ("他说：“不来。”她来了。", "他说：“不来.”她来了."),
        ("少了15%。据他说，够了。", "少了15%.据他说,够了."),
        (
            "Text.\nThis story has been shared 74 times since it was published.",
            "Text.\nThis story has been shared 1,074 times since it was published.",
        ),
        ("正文。\n本文已被转发74次", "正文。\n本文已被转发1.2万次"),
    ],
)
def test_no_edit(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It cost 1.5 million.", "It cost 15 million."),
        ("It rose 5%.", "It rose 5."),
        ("1.5", "15"),
        ("2:1", "2:2"),
        ("上涨5%", "上涨5"),
        ("It happened three hours ago.", "It happened four hours ago."),
        ("Police said it happened 3 hours ago.", "Police said it happened 4 hours ago."),
        ("iPhone", "Iphone"),
        ("Anna Berg", "Anna Burg"),
        ("“We will”", "“We won’t”"),
        ("李明", "李鸣"),
        ("一百人", "二百人"),
        ("not guilty", "guilty"),
        ("10.5", "105"),
        ("Yesterday we left.", "Today we left."),
        ("The call x[2] fails.", "The call x[3] fails."),
        ("Some 12 500 people came.", "Some 12 600 people came."),
        ("Acme Rail (up 3%) said no.", "Acme Rail (up 4%) said no."),
        ("Text.\nThe film has been seen 74 times.", "Text.\nThe film has been seen 75 times."),
        ("版本3.5发布", "版本3.6发布"),
    ],
)
def test_edit(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Harbour opens again", "HARBOUR OPENS AGAIN", True),
        ("Harbour opens again", "Harbour opens again.", True),
        ("港口重新开放", "港口重新开放。", True),
        ("US opens harbour", "Us opens harbour", False),
        ("Harbour opens again", "HARBOUR CLOSES AGAIN", False),
    ],
)
def test_capitals_throughout_and_a_full_stop_are_no_new_headline(
    one: str, other: str, same: bool
) -> None:
    assert (compare("Text.", "Text.", old_title=one, new_title=other).headline is None) == same


@given(st.text())
def test_normal_form_is_stable(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_a_hostile_line_costs_little() -> None:
    for line in ("1 " * 40, "阅读 " * 26, "2025-11-13 " * 7, " " * 100_000 + "x", "3 hours " * 9):
        normalise(line)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "Mr. Smith of the U.S. Senate paid $3.5 million. He left. “Gone.” Why?",
            ["Mr. Smith of the U.S. Senate paid $3.5 million.", "He left.", "“Gone.”", "Why?"],
        ),
        (
            "他说：“来吧！”然后走了。真的吗？是的……好。",
            ["他说：“来吧！”", "然后走了。", "真的吗？", "是的……好。"],
        ),
        ("Line one\nLine two", ["Line one", "Line two"]),
        ("用AI. 写的。OK. 好", ["用AI.", "写的。", "OK.", "好"]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ("J. K. Rowling wrote it.", ["J. K. Rowling wrote it."]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "old", "new", "classes", "severity"),
    [
        (ENGLISH, "1.5 million", "15 million", ("number",), 3),
        (ENGLISH, "1.5 million", "1.6 million", ("number",), 2),
        (ENGLISH, "1.5 million", "1.5 billion", ("number",), 3),
        (ENGLISH, "Anna Berg", "Anne Borg", ("name",), 2),
        (ENGLISH, "on Monday", "on Tuesday", ("number",), 2),
        (ENGLISH, "dollars on Monday", "dollars for Acme on Monday", ("name",), 2),
        (CHINESE, "周一", "周三", ("number",), 2),
        (ENGLISH, "not for sale", "for sale", ("negation", "quote"), 3),
        (ENGLISH, "for sale,", "for hire,", ("quote",), 2),
        (ENGLISH, "reporters", "repotrers", ("typo",), 0),
        (ENGLISH, "had expected less", "had hoped for less", ("wording",), 1),
        (ENGLISH, " Analysts had expected less.", "", ("removal",), 1),
        (CHINESE, "1.5亿", "15亿", ("number",), 3),
        (CHINESE, "1.5亿", "1.5万", ("number",), 3),
        (CHINESE, "李明", "李鸣", ("name",), 2),
        (CHINESE, "不会出售", "考虑出售", ("negation", "quote"), 3),
        (CHINESE, "分析师此前预期更低", "分析人士此前预期更低", ("wording",), 1),
        (CHINESE, "市场反应平静。", "", ("removal",), 1),
        (CHINESE, "市场反应平静。", "市场反应平静。\n更正：此前版本金额有误。", ("correction",), 3),
        (
            ENGLISH,
            "expected less.",
            "expected less.\nCorrection: An earlier version misstated the sum.",
            ("correction",),
            3,
        ),
        (ENGLISH, "expected less.", "expected less. Shares rose.", ("addition",), 1),
    ],
)
def test_kinds_of_change(
    text: str, old: str, new: str, classes: tuple[str, ...], severity: int
) -> None:
    assert old in text
    found = compare(text, text.replace(old, new))
    assert (found.classes, found.severity) == (classes, severity)


def test_traditional_is_judged_alike() -> None:
    found = compare("記者李明表示，預算為五億元。", "記者李鳴表示，預算為八億元。")
    assert found.classes == ("number", "name")


def test_spans_mark_what_changed() -> None:
    found = compare(CHINESE, CHINESE.replace("1.5亿", "15亿"))
    (op,) = [op for op in found.ops if op.kind == "replace"]
    (span,) = [span for span in op.spans if span.kind != "equal"]
    assert op.old[span.old_start : span.old_end] == "1.5"
    assert op.new[span.new_start : span.new_end] == "15"
    assert found.removed == ("公司周一融资1.5亿元。",)
    assert found.added == ("公司周一融资15亿元。",)


def test_headline() -> None:
    found = compare(ENGLISH, ENGLISH, old_title="Firm raises 5 million", new_title="Firm fails")
    assert found.headline is not None
    assert "headline" in found.classes
    assert found.severity >= 1
    assert compare("A", "A", old_title="“X”", new_title='"X"').headline is None


def test_moved_sentences_are_no_removal() -> None:
    one = "First sentence here. Second sentence there. Third one ends."
    other = "Second sentence there. Third one ends. First sentence here."
    assert compare(one, other).classes == ("reorder",)


def test_much_removed_is_grave() -> None:
    text = "".join(f"这是第{i}句话，讲了一些事情。" for i in range(10))
    assert compare(text, "这是第0句话，讲了一些事情。").severity == 3


def test_better_decoding_is_no_edit() -> None:
    found = compare("公司周一融\ufffd1.5亿元。", "公司周一融资1.5亿元。")
    assert found.classes == ()
    assert found.severity == 0


@given(st.lists(st.sampled_from(["甲说一。", "乙说二。", "One two. ", "Three 4. "]), max_size=8))
def test_ops_hold_both_texts(parts: list[str]) -> None:
    """Nothing is lost or made up between a text and any other."""
    old, new = "".join(parts), "".join(reversed(parts))
    found = compare(old, new)
    assert [op.old for op in found.ops if op.old] == split_sentences(old)
    assert [op.new for op in found.ops if op.new] == split_sentences(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("同一句话。" * 30_000, "同一句话。" * 20_000 + "别的话。" * 9_000),
        ("字" * 60_000, "字" * 30_000 + "词" * 40_000),
        ("word " * 40_000, "term " * 40_000),
        ("a. " * 50_000, "b. " * 50_000),
    ],
)
def test_hostile_repetition_is_compared_in_bounded_time(old: str, new: str) -> None:
    assert compare(old, new).ops


def test_a_text_against_itself() -> None:
    found = compare(CHINESE, CHINESE, old_title="T", new_title="T")
    assert {op.kind for op in found.ops} == {"equal"}
    assert (found.classes, found.severity, found.added, found.removed) == ((), 0, (), ())


@pytest.mark.parametrize(
    "unit", ['"', "“", "「", "『", "《", "‘", "(", "（", "said “", "王", "A b "]
)
def test_what_is_never_closed_is_compared_in_bounded_time(unit: str) -> None:
    text = (unit * 600_000)[:600_000]
    other = f"One. {text[:300_000]} 7 {text[300_000:]} and more."
    begun = time.process_time()
    assert compare(text, f"{text} and more.").classes
    assert compare(text, other).classes
    assert time.process_time() - begun < 10


def test_in_a_very_long_sentence_the_stretch_that_differs_is_looked_into() -> None:
    filler = "the harbour and the bay and the mole and the quay and "
    old = f"{filler * 200} it cost 12 million {filler * 200} in all"
    (change,) = compare(old, old.replace("12", "17")).ops
    assert change.classes == ("number",)
    assert [(old[s.old_start : s.old_end]) for s in change.spans if s.kind != "equal"] == ["12"]
    assert "".join(old[s.old_start : s.old_end] for s in change.spans) == old
    assert "".join(change.new[s.new_start : s.new_end] for s in change.spans) == change.new
