"""Lines that only tell the time or count, and lines that look like them and are news."""

from __future__ import annotations

import re

import pytest

from scraper.edits import compare, fingerprint
from scraper.text.volatile_lines import is_count, lasting_part

NEWS = "The council met on Monday and voted for the new ferry.\n{}\nIt meets again in May."
NEWS_ZH = "市议会周一开会，通过了新渡轮的计划。\n{}\n五月再次开会。"

# {} stands for what differs from visit to visit; each line is read with all values of its row.
VOLATILE = {
    ("3h", "9h", "2d", "45m"): ["{}", "({})", "{} ago"],
    ("3 hours ago", "yesterday", "2 days, 3 hours ago", "just now", "less than a minute ago"): [
        "{}", "({})", "Updated {}", "Last updated {}", "Published {}", "Posted: {}", "Filed {}",
        "First seen here {}", "This page was refreshed {}", "Edited {} · 3 min read",
        "— updated {}", "Last edit: {}", "Modified {}.", "{} | 3 min read",
    ],
    ("20 Nov 2026, 08:00 GMT", "Fri 21 Nov 2026 09.10 GMT", "20/11/2026 08:00", "2026-11-20T08:00Z",
     "November 20, 2026 5:03 p.m. EST", "Friday, 20 November 2026", "20th November 2026, 8am",
     "2026-11-20 08:00 UTC+8", "20 Nov at 08:00 Eastern Time"): [
        "Updated {}", "(Updated: {})", "Last modified on {}", "[Last updated {}]",
        "LATEST UPDATE {}",
        "Published: {} | 1,204 views", "Page generated {}", "Printed on {}",
    ],
    ("8:05", "23:59 GMT", "0805 UTC", "8.05 am"): ["Last updated: {}", "Updated at {}",
    "It is now {}"],
    ("Friday, 20 November 2026", "Saturday 21 November 2026", "November 20, 2026"): [
        "Today is {}", "{}", "{} — Late edition",
    ],
    ("1,204", "1377", "1.2K", "3 million"): [
        "{} views", "Views: {}", "Read {} times", "Viewed {} times", "Shared {} times",
        "This article has been viewed {} times.", "{} people have read this article", "👁 {}",
        "Page views {}", "Seen by {}", "{} readers so far", "Hits: {}", "{} shares", "{} likes",
        "{} comments", "Comments ({})", "See all {} comments", "Join the conversation: {} comments",
        "💬 {}", "👍 {}", "{} people are reading this now", "{} online", "Likes: {}",
        "{} people like this", "Recommended by {} readers", "{} views · 12 comments · 3 shares",
    ],
    ("3", "2", "one"): [
        "You have {} free articles left this month.", "{} of 10 free stories remaining",
        "You've read {} stories this week", "{} free articles left", "Page {} of 7",
        "Image {} of 12", "Your trial ends in {} days",
    ],
    ("3 days", "12 hours"): ["Sale: {} left", "Offer ends in {}", "Your trial ends in {}"],
    ("12 days", "3 days"): [
        "{} to go: book your seat at our conference", "Tickets: {} left",
        "{} left to register for our summit", "Only {} until our annual readers' fair",
    ],
    ("$1,925", "€12,300", "£980"): [
        "{} of €50,000 raised — support our reporting", "{} raised of our $20,000 goal",
    ],
    ("38%", "41%"): ["We've raised {} of our goal. Please donate", "{} funded, help us"],
    ("2,133", "2180"): [
        "{} readers support us", "{} people have already joined us", "{} viewers right now",
        "{} people found this helpful", "{} members online now",
        "Was this useful? {} said yes",
    ],
    ("4 min", "11 minutes"): ["Reading time: {}", "{} read", "Listen to this article · {}"],
    ("4.5", "3.9"): ["Rating: {} out of 5 (12 votes)", "Readers' score {} · 31 ratings"],
}  # fmt: skip
VOLATILE_ZH = {
    ("3小时前", "刚刚", "2天3小时前", "1个月前", "昨天 08:00"): [
        "{}", "（{}）", "更新于{}", "最后更新：{}", "发布于{}", "{}更新", "本页{}刷新", "编辑于 {}",
        "{} · 阅读约3分钟",
    ],
    ("2026-11-20 08:00", "2026年11月21日 09:10", "2026/11/20 8:05:33", "11月20日 8:05",
     "2026年11月20日 星期五 上午8:05", "二〇二六年十一月二十日"): [
        "更新时间：{}", "（更新时间：{}）", "【更新时间】{}", "最后更新于{}",
        "发布时间：{} 阅读：12",
        "{} 更新", "页面生成时间 {}",
    ],
    ("2026年11月20日 星期五", "11月21日 周六", "2026年11月20日"): ["今天是{}", "{}", "今日：{}"],
    ("1204", "1.2万", "10万+", "1,377"): [
        "阅读 {}", "阅读量：{}", "浏览次数：{}次", "已有 {} 人阅读", "第{}次访问", "{}次浏览",
        "点击：{}", "本文对您有帮助吗？{}人认为有", "{}人覺得有用",
        "（阅读{}次）", "本文已被阅读{}次", "人气：{}", "{}人喜欢", "评论（{}）", "{}条评论",
        "查看全部 {} 条评论",
        "已有{}人参与讨论", "跟贴 {}", "点赞 {}", "赞（{}）", "收藏 {}", "转发 {} 次", "在看 {}",
        "当前{}人在线",
        "{}人正在阅读", "分享：{} 评论：3 点赞：5", "全文约{}字",
    ],
    ("2,133", "3,994"): [
        "已有{}位读者支持我们", "已有{}位讀者支援我們", "目前有{}人同時在線", "當前{}人線上",
        "點選：{}", "檢視全部{}條評論", "已筹集{}元，支持我们的报道", "已籌集{}元，支援我們的報道",
        "下载次数 {}",
    ],
    ("38%", "49%"): ["募捐進度 {}，感謝您的支援", "讀者投票 支援 {} 不支援 3%"],
    ("12天", "3天"): ["距年会还有{}，立即报名", "读者节倒计时{}", "讀者節倒數 {}"],
    ("3", "2"): [
        "您本月还可免费阅读{}篇文章", "剩余免费阅读次数：{}", "您已阅读{}篇", "试用期还剩{}天",
        "第{}页/共7页",
        "本文共1204字，阅读约需{}分钟", "优惠还剩{}天", "评分：4.{}（12人评价）",
    ],
}  # fmt: skip


def shapes(table: dict[tuple[str, ...], list[str]]) -> list[tuple[str, str]]:
    """Return each shape with two of its values, in turn, so that every value is met."""
    return [
        (shape.replace("{}", values[n % len(values)]), shape.replace("{}",
        values[(n + 1) % len(values)]))
        for values, lines in table.items()
        for n, shape in enumerate(lines)
    ]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), shapes(VOLATILE) + shapes(VOLATILE_ZH))
def test_a_line_that_counts_or_tells_the_time_is_no_edit(one: str, other: str) -> None:
    frame = NEWS if one.isascii() else NEWS_ZH
    assert fingerprint(frame.format(one)) == fingerprint(frame.format(other))
    assert compare(frame.format(one), frame.format(other)).classes == ()
    assert compare(frame.format(one), frame.replace("{}\n", "")).classes == ()


@pytest.mark.parametrize(
    "line",
    [
        "北京 12月1日 晴 3℃",
        "台北 12月1日 星期二 多雲 19~23°C",
        "It is 14:03 in Oslo, 7°C, cloudy",
        "New York · 1 December 2026 · 7°C · partly cloudy",
        "距離投票日還有12天",
        "音檔長度 04:31",
        "Audio length: 04:31",
        "Be the first to comment",
        "Join 14 others in the comments",
        "还没有人评论，快来抢沙发",
        "已有1.2万人看过",
        "有362位书友收藏了本文",
        "贊助人數：12",
        "As of 10:15 ET",
    ],
)
def test_weather_countdowns_and_calls_to_comment_are_no_text(line: str) -> None:
    assert lasting_part(line) == ""


@pytest.mark.parametrize(
    "line",
    [
        "Oslo 7°C cloudy",  # a forecast's line has no time
        "12月3日 小雨 11℃",  # nor a place
        "3 December: Oslo shivers at -12°C",
        "12月3日 北京气温降至零下12度",
        "As of 10:15 ET, 12 people were hurt",
        "距离终点还有12公里",
        "距離大選還有12天，兩黨僵持",
        "Be the first to comment, he told them, and you will be the first to regret.",
    ],
)
def test_what_is_told_of_weather_and_days_is_text(line: str) -> None:
    assert lasting_part(line) == line


@pytest.mark.parametrize("values", list(VOLATILE))
def test_all_values_of_a_row_are_alike(values: tuple[str, ...]) -> None:
    shape = VOLATILE[values][0]
    assert {lasting_part(shape.replace("{}", value)) for value in values} == {""}


@pytest.mark.parametrize(
    "line",
    [
        "1,204 views",
        "2.1K claps",
        "12 people are reading this now 3 comments",
        "20 Nov 2026 · 1,204 views · 5 min read",
        "You have 3 free articles left this month",
        "Your trial ends in 3 days",
        "❤ 12",
        "+391",
        "阅读 10w+",
        "評論（12） 分享：3",
        "試用期還剩3天",
        "當前87人線上",
    ],
)
def test_a_line_that_only_counts_readers_is_a_count(line: str) -> None:
    assert is_count(line)
    assert is_count(line, rated=True)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "No comment.",
        "Two replies",
        "“12 comments”",
        "12 people saved",
        "12%",
        "$12",
        "7-day free trial",
        "还剩3天",
        "📅 11. 2025",
        "By Mara Lindqvist, 1,204 views",
        "20 November 2026",
        "Updated 3 hours ago",
        "The video has been viewed 2 million times.",
        "死亡人数 12",
        "赞成12票",
        "+3 pawns",
        "views " * 60 + "3",
    ],
)
def test_a_line_that_says_anything_else_is_no_count(line: str) -> None:
    assert not is_count(line)


def test_what_readers_gave_counts_where_it_is_asked_for() -> None:
    for line in ("4.5 out of 5 stars, 12 votes", "评分：4.1（12人评价）"):
        assert is_count(line, rated=True)
        assert not is_count(line)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Mara Lindqvist · 3 hours ago", "Mara Lindqvist"),
        ("By Mara Lindqvist, 3h ago", "By Mara Lindqvist"),
        ("3h ago by Mara Lindqvist", "by Mara Lindqvist"),
        ("3 hours ago | Newsroom", "Newsroom"),
        ("2026-11-20 08:00 来源：新华网 阅读：1204", "来源：新华网"),
        ("本报记者周岚 2026-11-20 阅读 16", "本报记者周岚"),
        ("This article was last updated on 20 November 2026.", "This article was last updated on"),
        ("本文更新于11月20日", "本文 更新 于"),
    ],
)
def test_credits_and_notes_stay(line: str, kept: str) -> None:
    assert lasting_part(line) == kept
    later = re.sub(r"\d", "7", line)
    assert fingerprint(NEWS.format(line)) == fingerprint(NEWS.format(later)) or "2026" in line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 dead", "4 dead"),
        ("12 people killed", "13 people killed"),
        ("3 people left", "4 people left"),
        ("12 people saved", "13 people saved"),
        ("Founded 3 years ago in Rome.", "Founded 4 years ago in Rome."),
        (
            "The video has been viewed 2 million times.",
            "The video has been viewed 3 million times.",
        ),
        ("The article was published on 20 November.", "The article was published on 21 November."),
        ("It was last updated on 3 May 2025.", "It was last updated on 4 May 2025."),
        ("Price: $499", "Price: $599"),
        ("€1,925 of €50,000 raised", "€2,925 of €50,000 raised"),
        ("The fund has raised $12 million this year", "The fund has raised $13 million this year"),
        ("12 days until the summit opens", "13 days until the summit opens"),
        ("售价：4999元", "售价：5999元"),
        ("Event: 20 November 2026", "Event: 21 November 2026"),
        ("Friday 20 November, 19:00–21:00", "Friday 20 November, 18:00–21:00"),
        ("Monday–Friday 09:00–18:00", "Monday–Friday 10:00–18:00"),
        ("Kick-off 19:00 GMT", "Kick-off 20:00 GMT"),
        ("时间：11月20日（周五）19:00", "时间：11月20日（周五）20:00"),
        ("活动时间：11月20日", "活动时间：11月21日"),
        ("Deadline: 20 November 2026", "Deadline: 27 November 2026"),
        ("Correction: 20 November 2026", "Correction: 21 November 2026"),
        ("Ferry Vision · March 3, 2027", "Ferry Vision · March 10, 2027"),
        ("Rating: 4 out of 5", "Rating: 3 out of 5"),
        ("The trial ends in 3 days", "The trial ends in 4 days"),
        ("Population: 1,204,000", "Population: 1,304,000"),
        ("Round 3", "Round 4"),
        ("2:1", "2:2"),
        ("14:05", "14:10"),
        ("3 hours", "4 hours"),
        ("12%", "13%"),
        ("FX-5 3 days ago", "FX-6 3 days ago"),
        ("死亡人数 12", "死亡人数 13"),
        ("12人获救", "13人获救"),
        ("赞成12票", "赞成13票"),
        ("票房：1.2亿", "票房：1.3亿"),
        ("公司3年前成立", "公司4年前成立"),
        ("参与人数不足 12 人", "参与人数不足 13 人"),
        ("3名读者受伤", "4名读者受伤"),
        ("更正：11月20日", "更正：11月21日"),
        ("首映 11月20日", "首映 11月21日"),
        ("When was it? 3 hours ago.", "When was it? 5 hours ago."),
    ],
)
def test_a_line_with_a_number_in_it_is_news(one: str, other: str) -> None:
    frame = NEWS if one.isascii() else NEWS_ZH
    assert lasting_part(one) == one
    assert fingerprint(frame.format(one)) != fingerprint(frame.format(other))
    assert compare(frame.format(one), frame.format(other)).classes != ()


@pytest.mark.parametrize(
    "piece", ["1 ", "阅读 ", "2025-11-13 ", "3 hours ", "updated ", "about ", "the ", "第", "12:",
    "a,",
              "views 1 ", "(by A ", "today ", "一", "last of the ", "3h "],
)  # fmt: skip
def test_a_hostile_line_costs_little(piece: str) -> None:
    for length in (150, 160, 100_000):
        line = (piece * length)[:length]
        assert lasting_part(line) in ("", line) or len(lasting_part(line)) < len(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Update 1: The ferry has docked.", "addition"),
        ("UPDATE 14:05 - The ferry has docked.", "addition"),
        ("Updated 14:05: The ferry has docked.", "addition"),
        ("14:05 The ferry has docked.", "addition"),
        ("更新：渡轮已经靠岸。", "addition"),
        ("【更新】渡輪已經靠岸。", "addition"),
        ("更新2：渡轮已经靠岸。", "addition"),
        ("Update: an earlier version of this story misstated the year.", "correction"),
        ("更新：此前版本的金额有误。", "correction"),
        ("Updated 3 May: the year was wrong.", "correction"),
    ],
)
def test_an_entry_of_a_live_blog_is_no_correction(line: str, expected: str) -> None:
    frame = NEWS if line.isascii() else NEWS_ZH
    found = compare(frame.replace("{}\n", ""), frame.format(line))
    assert found.classes == (expected,)
