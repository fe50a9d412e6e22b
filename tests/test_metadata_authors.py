"""Names of people and of outlets in bylines and credit lines."""

from __future__ import annotations

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.metadata import find_metadata
from scraper.extraction.metadata.outlet_names import (
    credits,
    dateline_source,
    outlet_name,
    stamp_neighbour,
)
from scraper.extraction.metadata.person_names import people
from scraper.extraction.metadata.visible_bylines import reporters
from scraper.models import Article, KeptBlock, RemovedBlock

LEAD = "新矿开采的第一周，镇上的旅馆住满了人，街上的车也比往年多了许多，商铺的灯一直亮到深夜。"


def page(*lines: str, kept: tuple[str, ...] = (LEAD,), head: str = "", url: str = "") -> Article:
    """Return the metadata of a page of these lines; those in `kept` belong to the article."""
    body = "".join(f"<p>{line}</p>" for line in lines)
    tree = LexborHTMLParser(f"<head>{head}</head><body><h1>矿镇一周</h1>{body}</body>")
    blocks: list[KeptBlock | RemovedBlock] = [
        RemovedBlock(position=0, rule="test", place="body > h1", text="矿镇一周")
    ]
    for at, line in enumerate(lines, 1):
        if line in kept:
            blocks.append(KeptBlock(position=at, place="body > p", text=line))
        else:
            blocks.append(RemovedBlock(position=at, rule="test", place="body > p", text=line))
    return find_metadata(tree, url=url, blocks=blocks)


BYLINES = [
    ("（文/林嘉衡 編輯/周以安）", ("林嘉衡",)),
    ("文/林嘉衡 编辑/周以安", ("林嘉衡",)),
    ("文｜矿业观察 林嘉衡", ("林嘉衡",)),
    ("作者：林嘉衡 周以安 责任编辑：郑小禾", ("林嘉衡", "周以安")),
    ("作者：买买提·艾力", ("买买提·艾力",)),
    ("作者：Tom Harding", ("Tom Harding",)),
    ("作者：张 三 周以安", ("张三", "周以安")),
    ("山镇新闻·矿业商报记者林嘉衡/文 受访者供图", ("林嘉衡",)),
    ("本报记者 林嘉衡 周以安", ("林嘉衡", "周以安")),
    ("矿镇日报记者 欧阳嘉 矿镇报道", ("欧阳嘉",)),
    ("記者林嘉衡／台北報導", ("林嘉衡",)),
    ("执笔/矿工小林、老周&阿禾", ("矿工小林", "老周", "阿禾")),
    ("2025-12-09 18:15来源：矿业网作者：林嘉衡责任编辑：郑小禾", ("林嘉衡",)),
    ("作者：林嘉衡 發表於 2025-12-09 08:00", ("林嘉衡",)),
    ("作者：林嘉衡 刊登于 12月9日", ("林嘉衡",)),
    ("作者：林嘉衡 周以安 首发于 2025", ("林嘉衡", "周以安")),
    ("作者：林嘉衡 阅读 123", ("林嘉衡",)),
    ("文／林嘉衡 上傳於昨天", ("林嘉衡",)),
    ("作者 林嘉衡 编辑于 3小时前", ("林嘉衡",)),
]


@pytest.mark.parametrize(("line", "authors"), BYLINES)
def test_chinese_bylines(line: str, authors: tuple[str, ...]) -> None:
    assert page(line, LEAD).authors == authors


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑：郑小禾",
        "编辑 郑小禾 校对 李明一 审核 王五",
        "林嘉衡 摄影",
        "图为矿镇车站。矿镇社记者 林嘉衡 摄",
        "记者从镇政府了解到，旅馆已经住满",
        "作者：未知",
    ],
)
def test_editors_photographers_and_prose_name_no_author(line: str) -> None:
    assert page(line, LEAD).authors == ()


def test_a_signature_at_the_end_of_the_text_names_the_author() -> None:
    last = "入夜以后，矿区的灯还亮着，远处的山影一直看得见。（林嘉衡 周以安）"
    assert page(LEAD, last, kept=(LEAD, last)).authors == ("林嘉衡", "周以安")
    remark = "入夜以后，矿区的灯还亮着，远处的山影一直看得见。（完）"
    assert page(LEAD, remark, kept=(LEAD, remark)).authors == ()


def test_a_reporter_who_signs_at_the_end_of_a_long_paragraph_is_found() -> None:
    last = "入夜以后，矿区的灯还亮着，远处的山影一直看得见。" * 20 + "（矿报记者 林嘉衡）"
    assert page(LEAD, last, kept=(LEAD, last)).authors == ("林嘉衡",)


def test_a_reporters_name_ends_where_the_town_begins() -> None:
    assert reporters("（中央社記者林嘉衡台北21日電）行政院今天表示") == ["林嘉衡"]
    assert reporters("（记者 林嘉衡）11月25日，矿镇发布消息") == ["林嘉衡"]


def test_behind_a_label_with_a_slash_uncommon_family_names_are_names() -> None:
    line = "【記者／闗淨尹、林嘉衡 首圖／礦業聯盟提供】"
    assert reporters(line) == ["闗淨尹", "林嘉衡"]
    assert reporters("（記者闗淨尹在礦鎮）") == []


def test_who_posts_on_a_platform_is_the_author_and_the_time_is_the_articles() -> None:
    found = page(
        "最新推荐文章于 2025-12-11 22:12:13 发布", "A-矿镇-学院 于 2025-12-09 15:47:53 发布", LEAD
    )
    assert found.authors == ("A-矿镇-学院",)
    assert found.published is not None
    assert found.published.date().isoformat() == "2025-12-09"


VALUES = [
    ("By Ann Marsh and Tom Harding", ["Ann Marsh", "Tom Harding"]),
    ("Written by Ann Marsh, Senior Staff Writer", ["Ann Marsh"]),
    ("By Ann Carlton | Updated Dec. 3, 2025", ["Ann Carlton"]),
    ("Ann Marsh, ann.marsh@ledger.example", ["Ann Marsh"]),
    ("BY ANN O'MARSH", ["Ann O'Marsh"]),
    ("Von Jürgen Weiß und Anna Groß", ["Jürgen Weiß", "Anna Groß"]),
    ("https://social.example/ledger", []),
    ("ledger.example, Ulm, Germany", ["ledger.example"]),
    ("ledger.example, Ann Marsh", ["ledger.example", "Ann Marsh"]),
    ("Centre for Harbour Studies and Survey", ["Centre for Harbour Studies and Survey"]),
    ("Office of Harbours and Ann Marsh", ["Office of Harbours", "Ann Marsh"]),
    ("By Ann Marsh Technology Reporter", ["Ann Marsh"]),
    ("Technology Reporter", []),
    ("Foreign Affairs Correspondent", []),
    ("Harbour Travel Editor, SMT", []),
    ("Ann Marsh Senior Foreign Affairs Correspondent", ["Ann Marsh"]),
    ("Ann Marsh MD, reviewed by Tom Harding", ["Ann Marsh"]),
    ("Jean DUPONT", ["Jean DUPONT"]),
    ("Community Editor", []),
    ("Ledger Contributor", ["Ledger Contributor"]),
    ("伊利亚· 戈尔金", ["伊利亚·戈尔金"]),
    ("伊利亚 ·戈尔金 https://ledger.example/ilja.jpg", ["伊利亚·戈尔金"]),
    ("作者：玛丽亚 • 戈尔金娜", ["玛丽亚•戈尔金娜"]),
    ("王小明 • 李大海", ["王小明", "李大海"]),
    ("admin", []),
]


@pytest.mark.parametrize(("line", "names"), VALUES)
def test_names_in_a_value(line: str, names: list[str]) -> None:
    assert people(line) == names


def test_outlets_and_agencies_are_no_people_and_agencies_are_credited() -> None:
    head = """<meta property="og:site_name" content="The Ledger">
    <script type="application/ld+json">{"@type": "NewsArticle", "author": [
    {"name": "The Ledger"}, {"name": "Reuters"}, {"name": "Ann Marsh"}]}</script>"""
    found = page(LEAD, head=head)
    assert found.authors == ("Ann Marsh",)
    assert found.source == "Reuters"


def test_a_visible_byline_is_surer_than_the_head_of_a_chinese_page() -> None:
    head = '<meta name="author" content="郑小禾">'
    assert page("作者：林嘉衡", LEAD, head=head).authors == ("林嘉衡",)
    assert page(LEAD, head=head).authors == ("郑小禾",)


SOURCES = [
    ("来源：矿业网科技", "矿业网科技"),
    ("來源： 矿业網 責任編輯：鄭小禾", "矿业網"),
    ("2025-12-09 18:15:10 来源: 矿业日报(广州) 举报", "矿业日报"),
    ("发表于2025-12-09 18:15| 116次阅读| 来源矿业网| 0 条评论", "矿业网"),
    ("2025-12-09 18:15:10 矿业时报网", "矿业时报网"),
    ("Kuang Ye Wang·2025-11-13 13:00", "Kuang Ye Wang"),
    ("9 9 Kuang·2025-08-14 10:10", "9 9 Kuang"),
    ("本文来源：矿业网 作者：林嘉衡", "矿业网"),
    ("来源：网络", ""),
    ("来源：矿业网 “分享到", "矿业网"),
    ("来源：矿业网-《矿业日报》", "矿业网-《矿业日报》"),
    ("来源：《矿业日报》", "矿业日报"),
    ("2025-12-09 18:15:10 来自广东", ""),
    ("北京矿业网 (2025-12-09 18:15)", "北京矿业网"),
    ("2025-12-09 18:15 中央社／ 台北9日電", "中央社"),
    ("2025-12-09 18:15 礦業報 記者林嘉衡／台北報導", "礦業報"),
    ("2025-12-09 18:15 林嘉衡／台北報導", ""),
]


@pytest.mark.parametrize(("line", "source"), SOURCES)
def test_credited_outlets(line: str, source: str) -> None:
    assert page(line, LEAD).source == source


def test_a_pictures_source_is_not_the_articles() -> None:
    assert page("图片来源：矿业图库", LEAD).source == ""


def test_datelines() -> None:
    assert dateline_source(["新华社北京4月24日电 矿镇的第一周"])[0] == "新华社"
    assert dateline_source(["（中央社記者林嘉衡台北21日電）矿镇"])[0] == "中央社"
    assert dateline_source(["LONDON, April 24 (Reuters) - The mine"])[0] == "Reuters"
    assert dateline_source(["The mine (a deep one) - was sunk in April"])[0] == ""


def test_labels_cut_a_line_into_roles() -> None:
    found = [(c.role, c.value) for c in credits("来源：矿业网 作者：林嘉衡 责任编辑：郑小禾")]
    assert found == [("source", "矿业网"), ("author", "林嘉衡"), ("editor", "郑小禾")]


def test_what_is_no_outlets_name_is_refused() -> None:
    assert outlet_name("2025-12-09 18:15") == ""
    assert outlet_name("江苏") == ""
    assert stamp_neighbour("2025年12月09日，矿镇的第一周，旅馆住满了人") == ("", "")


def test_a_label_below_the_text_credits_its_last_picture_where_the_time_names_an_outlet() -> None:
    assert page("2025-12-09 · 矿镇城市报道", LEAD, "来源：矿镇交警").source == "矿镇城市报道"
    assert page("2025-12-09 18:15", LEAD, "来源：矿镇交警").source == "矿镇交警"


ENGLISH = (
    "The first week of the new mine filled every inn in town, and the road was never empty, by day "
    "or by night."
)
LATIN_LINES = [
    # A name in a line of its own below the headline; an unusual one is none.
    ((0, "Emily Marsh"), ("Emily Marsh",)),
    ((0, "Summer Offers"), ()),
    ((0, "12/01/2025 by Ann Marsh, speaker of the miners' council"), ("Ann Marsh",)),
    ((0, "By Ann Marsh ⋅ Review Editor ⋅ Updated November 18, 2025"), ("Ann Marsh",)),
    ((0, "By Ann Marsh, FAND, E-RYT 200"), ("Ann Marsh",)),
    ((1, "This post was written by Ann Marsh, head of the council"), ("Ann Marsh",)),
    ((1, "Written by Ann Marsh"), ("Ann Marsh",)),
    ((1, "Emily Marsh"), ()),
]


@pytest.mark.parametrize(("line", "authors"), LATIN_LINES)
def test_bylines_near_an_english_text(line: tuple[int, str], authors: tuple[str, ...]) -> None:
    below, text = line
    lines = (ENGLISH, text) if below else (text, ENGLISH)
    assert page(*lines, kept=(ENGLISH,)).authors == authors


def test_libraries_file_people_under_their_family_names() -> None:
    head = "".join(
        f'<meta name="citation_author" content="{name}">' for name in ("Marsh, Ann", "Harding, Tom")
    )
    assert page(ENGLISH, kept=(ENGLISH,), head=head).authors == ("Ann Marsh", "Tom Harding")


@pytest.mark.parametrize("name", ["Ledger Staff", "The Ledger Team", "ann.marsh", "site admin"])
def test_a_team_or_an_account_gives_way_to_a_person(name: str) -> None:
    thing = json.dumps({"@type": "NewsArticle", "author": {"name": name}})
    head = f'<script type="application/ld+json">{thing}</script>'
    assert page("By Ann Marsh", ENGLISH, kept=(ENGLISH,), head=head).authors == ("Ann Marsh",)


def test_a_site_may_bear_its_authors_name() -> None:
    for name, authors in (("Emily Marsh", ("Emily Marsh",)), ("Marsh Mattresses", ())):
        head = (
            f'<meta property="og:site_name" content="{name}"><meta name="author" content="{name}">'
        )
        assert page(ENGLISH, kept=(ENGLISH,), head=head).authors == authors


def test_a_crowd_of_authors_is_that_of_other_articles() -> None:
    teasers = [f"<i class='author'>{name} Marsh</i>" for name in ("Ann", "Tom", "Emily", "Paul")]
    below = [*["More"] * 20, *teasers]
    assert page(ENGLISH, *below, kept=(ENGLISH,)).authors == ()
    assert page(ENGLISH, *below[:-2], kept=(ENGLISH,)).authors == ("Ann Marsh",)
    assert page("Emily Marsh", ENGLISH, *below, kept=(ENGLISH,)).authors == ("Emily Marsh",)
