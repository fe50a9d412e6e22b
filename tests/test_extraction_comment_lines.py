"""Lines at readers' comments are read by their words; sentences and notes of a paper are none."""

from __future__ import annotations

import pytest

from scraper.extraction.comment_lines import closing, comment_line, opening


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Anna K. · 3h ago", "Anna K."),
        ("harbour_rat says: March 3, 2026 at 4:12 pm", "harbour_rat"),
        ("mo1984 3 hours ago | reply", "mo1984"),
        ("张三 IP属地：广东 2天前", "张三"),
        ("張三 發表於 2026/11/18 08:22", "張三"),
        ("網友8841 · 昨天 21:14", "網友8841"),
        ("2026-11-18 08:22 来自 北京 回复", ""),
        ("Like · Reply · 2w", ""),
    ],
)
def test_a_name_and_a_time_are_read(text: str, who: str) -> None:
    line = comment_line(text)
    assert line is not None
    assert line.dated
    assert line.who == who


@pytest.mark.parametrize(
    "text", ["Reply", "3 replies", "▲ 12 ▼ Reply Share ›", "回复", "讚 12", "赞(3) 踩(0)", "檢舉"]
)
def test_what_a_comment_is_answered_with_is_told(text: str) -> None:
    line = comment_line(text)
    assert line is not None
    assert line.answers


@pytest.mark.parametrize(
    "text",
    [
        "Share", "Like", "1楼", "沙发", "Reply to the critics", "回复率", "网友回复了他",
        "Updated 3 March 2026", "By Anna Keller, 3 March 2026", "更新于2026年3月3日", "赞", "",
        "Version 2.1 - 12 May 2023", "The reply came on Monday", "x" * 400 + " Reply",
    ],
)  # fmt: skip
def test_other_lines_are_none(text: str) -> None:
    assert comment_line(text) is None


def test_a_comment_in_one_line_begins_or_ends_with_such_a_line() -> None:
    begun = opening("mo1984 (3 hours ago): I still don't get who pays for it.")
    assert begun is not None
    assert begun[0].who == "mo1984"
    assert begun[1] == "I still don't get who pays for it."
    for text in ("I still don't get who pays. Reply", "我一句也不信。 回复 赞 3"):
        ended = closing(text)
        assert ended is not None
        assert ended.answers
    signed = closing("老码头的猫：我叔叔听到这个会笑出声来。 3小时前")
    assert signed is not None
    assert signed.who == "老码头的猫"
    assert closing("The council waits for the reply") is None
    assert opening("Harbour Robotics met 3 hours ago and voted.") is None
    parted = opening("Pelle 3 hours ago I laughed.", ("Pelle", " ", "3 hours ago", " I laughed."))
    assert parted is not None
    assert parted[0].who == "Pelle"
