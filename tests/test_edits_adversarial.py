"""Pairs made to mislead: what must not look like an edit, and what must not look like less.

Each sentence stands in a paragraph, as it would in an article.
"""

from __future__ import annotations

import pytest

from scraper.edits import compare, fingerprint
from scraper.edits.figures import NumberToken, figures
from scraper.text.sentences import fix_mojibake

ENGLISH = "Officials said {} in the city on Monday. The council met and nothing else was decided."
CHINESE = "记者从市政府获悉，{}。会议持续了数小时，没有作出其他决定。"
NOTED = ("The council met on Monday and voted.\n", "市议会周一开会，通过了该计划。\n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # clocks and counters, with credits in their line
        ("Text.\nPosted 3 hours ago by Staff", "Text.\nPosted 5 hours ago by Staff"),
        ("正文。\n新华社 3小时前", "正文。\n新华社 5小时前"),
        ("正文。\n阅读 1.2万", "正文。\n阅读 1.3万"),
        ("正文。\n阅读量：10万+", "正文。\n阅读量：9821"),
        ("Text.\n1,024 views", "Text.\n2,311 views"),
        ("正文。\n浏览1024次", "正文。\n浏览2048次"),
        ("正文。\n12条评论", "正文。\n15条评论"),
        ("Text.\nLast updated on 14 November 2025 at 09:00 GMT",
         "Text.\nLast updated on 15 November 2025 at 10:00 GMT"),
        ("正文。\n最后更新于2025-11-13 13:05", "正文。\n最后更新于2025-11-14 08:00"),
        ("正文。\n2025-11-13 13:05 来源：新华网", "正文。\n2025-11-14 08:00 来源：新华网"),
        ("正文。\n更新時間：2025/11/13 13:05", "正文。\n更新時間：2025/11/14 08:00"),
        # width, style, space
        ("他说，价格为１２３元，上涨５％。", "他说,价格为123元,上涨5%."[:-1] + "。"),
        ("「好」他说。", "“好”他说。"),
        ("他说：“所谓‘革命’。”", "他说：「所谓『革命』。」"),
        ("con\u200btent\u00a0is here", "content is here"),
        ("　　在 AI 领域", "在AI领域"),
        ("ﬁnance and the ⽤户", "finance and the 用户"),
        ("It rose 5 % to 1,024 people.", "It rose 5% to 1024 people."),
        ("One sentence. Two sentence.", "One sentence.\nTwo sentence."),
        # what a decoder spoiled
        ("It was Obamaâ€™s cafÃ©.", "It was Obama’s café."),
        ("â€œYes,â€\x9d he said – â‚¬5.", "“Yes,” he said – €5."),
        ("ä¸\xadå›½äººæ°‘", "中国人民"),
        ("中国人民的生活，很好".encode().decode("gb18030"), "中国人民的生活，很好"),
        ("Tom &amp;amp; Jerry &lt;met&gt;.", "Tom & Jerry <met>."),
    ],
)  # fmt: skip
def test_no_edit(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)
    assert compare(one, other).classes == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("正文。\n2025-11-13 来源：新华网", "正文。\n2025-11-13 来源：人民网"),
        ("Text.\nPosted 3 hours ago by Ann Lee", "Text.\nPosted 3 hours ago by Bob Lee"),
        ("It has 10² and 5 ①.", "It has 102 and 5 1."),
        ("Scores: 1,5 and 10,24", "Scores: 15 and 1024"),
        ("Spaß“ 1.5", "Spaß“ 15"),
        ("Founded 3 years ago in Rome.", "Founded 4 years ago in Rome."),
    ],
)
def test_still_an_edit(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("old", "new", "classes", "severity"),
    [
        ("it cost $5 million", "it cost €5 million", ("number",), 3),
        ("it cost ¥500", "it cost $500", ("number",), 3),
        ("it cost 5 million dollars", "it cost 5 million euros", ("number",), 3),
        ("it cost $5m", "it cost $5bn", ("number",), 3),
        ("prices rose 5 percent", "prices rose 15 percent", ("number",), 3),
        ("prices rose 5%", "prices rose 5", ("number",), 3),
        ("growth was -10 percent", "growth was 10 percent", ("number",), 3),
        ("it is 5 km away", "it is 5 miles away", ("number",), 3),
        ("three people came", "five people came", ("number",), 2),
        ("half of voters came", "a third of voters came", ("number",), 2),
        ("it came 1st", "it came 2nd", ("number",), 2),
        ("it runs since May 3", "it runs since May 8", ("number",), 2),
        ("it runs since 2019", "it runs since 2018", ("number",), 2),
        ("it starts at 5:30 pm", "it starts at 6:30 pm", ("number",), 2),
        ("the plan was approved", "the plan was not approved", ("negation",), 3),
        ("they can do it", "they can't do it", ("negation",), 3),
        ("he confirmed the report", "he denied the report", ("negation",), 3),
        ("the act was lawful", "the act was unlawful", ("negation",), 3),
        ("prices rose sharply", "prices fell sharply", ("negation",), 3),
        ("two were killed", "two were injured", ("negation",), 3),
        ("the alleged thief ran", "the thief ran", ("certainty",), 2),
        ("it may open", "it will open", ("certainty",), 2),
        ("Mr. Anna Berg spoke", "Mr. Anna Burg spoke", ("name",), 2),
        ("he said “we will go”", "he said “we will stay”", ("quote",), 2),
        ("he said “we will win”", "he said “we will lose”", ("negation", "quote"), 3),
        ("the goverment met the mayor", "the government met the mayor", ("typo",), 0),
        ("the big plan went on", "the large plan went on", ("wording",), 1),
        ("the plan went on", "the plan, first seen by the council 2 years ago in Rome, went on",
         ("addition",), 1),
    ],
)  # fmt: skip
def test_english_edits(old: str, new: str, classes: tuple[str, ...], severity: int) -> None:
    found = compare(ENGLISH.format(old), ENGLISH.format(new))
    assert (found.classes, found.severity) == (classes, severity)


@pytest.mark.parametrize(
    ("old", "new", "classes", "severity"),
    [
        ("融资5万元", "融资5亿元", ("number",), 3),
        ("花费460万元", "花费640万元", ("number",), 2),
        ("上涨5%", "上涨5", ("number",), 3),
        ("花费500元", "花费500美元", ("number",), 3),
        ("花费500万人民币", "花费500万港元", ("number",), 3),
        ("增长3倍", "增长3成", ("number",), 3),
        ("两人到场", "三人到场", ("number",), 2),
        ("十余人到场", "数十人到场", ("number",), 2),
        ("排名第三", "排名第五", ("number",), 2),
        ("十三五规划", "十四五规划", ("number",), 2),
        ("自5月3日起", "自5月8日起", ("number",), 2),
        ("将于周二举行", "将于周三举行", ("number",), 2),
        ("计划会实施", "计划不会实施", ("negation",), 3),
        ("计划获批", "计划未获批", ("negation",), 3),
        ("患者有症状", "患者无症状", ("negation",), 3),
        ("该行为合法", "该行为非法", ("negation",), 3),
        ("公司承认此事", "公司否认此事", ("negation",), 3),
        ("股价上涨", "股价下跌", ("negation",), 3),
        ("3人死亡", "3人受伤", ("negation",), 3),
        ("张某涉嫌盗窃", "张某盗窃", ("certainty",), 2),
        ("公司或将上市", "公司将上市", ("certainty",), 2),
        ("张伟表示支持", "张玮表示支持", ("name",), 2),
        ("局长王强出席", "局长王刚出席", ("name",), 2),
        ("来自河南省的游客", "来自河北省的游客", ("name",), 2),
        ("《三体》出版", "《球状闪电》出版", ("name",), 2),
        ("他说“我们会去”", "他说“我们会留”", ("quote",), 2),
        ("不过他来了", "但他来了", ("wording",), 1),
        ("产量不断上升", "产量上升", ("wording",), 1),
        ("他门都来了，一起参加了这次盛大的开幕式并且合影留念",
         "他们都来了，一起参加了这次盛大的开幕式并且合影留念", ("typo",), 0),
    ],
)  # fmt: skip
def test_chinese_edits(old: str, new: str, classes: tuple[str, ...], severity: int) -> None:
    found = compare(CHINESE.format(old), CHINESE.format(new))
    assert (found.classes, found.severity) == (classes, severity)


def test_the_same_in_the_other_script() -> None:
    traditional = "記者說，這個計劃將於明年開始。\n會議持續了數小時，沒有作出其他決定。"
    simplified = "记者说，这个计划将于明年开始。\n会议持续了数小时，没有作出其他决定。"
    for old, new in ((traditional, simplified), (simplified, traditional)):
        found = compare(old, new, old_title="會議", new_title="会议")
        assert (found.classes, found.severity) == (("headline", "script"), 1)
    found = compare(traditional, simplified.replace("明年", "后年"))
    assert "wording" in found.classes or "typo" in found.classes


def test_a_name_at_the_start_is_known_from_elsewhere() -> None:
    text = "Berg said no. Then it rained on Anna Berg and on the town."
    assert compare(text, text.replace("Berg said", "Burg said")).classes == ("name",)
    other = "Rain said no. Then it rained on the town."
    assert compare(other, other.replace("Rain", "Rein")).classes == ("typo",)


def test_capitals_of_a_headline_are_no_names() -> None:
    found = compare("", "", old_title="Mayor Opens New Bridge", new_title="Mayor Visits New Bridge")
    assert found.classes == ("headline", "wording")


def test_a_headline_alone_and_a_moved_paragraph() -> None:
    one, two = "The first paragraph says this.", "The next paragraph says that."
    assert compare(one, one, old_title="A dog", new_title="The dog").classes[0] == "headline"
    found = compare(f"{one}\n{two}", f"{two}\n{one}")
    assert (found.classes, found.severity) == (("reorder",), 0)


@pytest.mark.parametrize(
    "note",
    [
        "Correction: The date was wrong.",
        "CORRECTION (Nov. 3): The date was wrong.",
        "This story has been updated.",
        "This story has been updated to include a statement.",
        "An earlier version of this article misstated the date.",
        "A previous version of this story gave the wrong age.",
        "EDITOR’S NOTE — Details were changed.",
        "Clarification: An earlier headline implied more.",
        "UPDATED: adds comment",
        "• This article was amended on 3 May 2025 to correct the name.",
        "We have corrected the spelling of the name.",
        "Correction appended.",
        "(Corrects to show it was Monday, not Tuesday, in paragraph 2)",
        "(This story corrects the year in paragraph 3)",
        "Due to an editing error, the age was wrong.",
        "Retraction: we withdraw this article.",
        "The Post regrets the error.",
        "更正：此前版本金额有误。",
        "更正启事：上期本报有误。",
        "【更正】本文日期有误",
        "〔更正〕標題應為640萬",
        "编者按：本文已更新。",
        "編者注：標題有誤",
        "勘误：第三段应为640万元。",
        "本文于11月3日更新，修正了金额。",
        "（本文更新于11月3日）",
        "本报昨日报道中人名有误，特此更正并致歉。",
        "撤稿声明：本文撤回",
        "注：本文早前版本误将李明写为李鸣。",
        "本文初稿將費用誤植為460萬元，已更正。",
        "说明：此前稿件中的数据有误，现予以更正",
    ],
)
def test_correction_notes(note: str) -> None:
    for text in NOTED:
        found = compare(text, text + note)
        assert (found.classes, found.severity) == (("correction",), 3)


@pytest.mark.parametrize(
    "sentence",
    [
        "The company will update the software on Friday.",
        "Update 3.2 brings new features.",
        "Officials said the error would be corrected.",
        "The earlier version of the law was weaker.",
        "Corrections officers went on strike.",
        "公司将更新软件。",
        "更新后的系统更快。",
        "编者按语的作用很大。",
        "他要求对方更正说法。",
        "声明：本公司从未授权。",
    ],
)
def test_no_correction_notes(sentence: str) -> None:
    for text in NOTED:
        assert compare(text, text + sentence).classes == ("addition",)


def test_figures() -> None:
    assert (
        figures("$5 million") == figures("5m dollars") == {NumberToken("5", "million", "dollar"): 1}
    )
    assert figures("twenty-one people") == figures("21 people") == figures("二十一人")
    assert figures("投资3个亿元") == figures("投资三亿元") == figures("投资30000万元")
    assert figures("3个亿") != figures("3个百分点")
    assert figures("1.2.3万") == {NumberToken("1.2.3", "万"): 1}
    assert figures("三百五十六") == {NumberToken("356"): 1}
    assert set(figures("May 3, 2025")) >= {NumberToken("3", unit="day"), NumberToken("2025")}
    assert figures("2019-2020")[NumberToken("-2020")] == 0


def test_repair_leaves_sound_text_alone() -> None:
    for text in (
        "Spaß“ und café”…",
        "São Paulo à la carte",
        "涓涓细流",
        "R&D; AT&T",
        "naïve — ½ €5",
    ):
        assert fix_mojibake(text) == text
