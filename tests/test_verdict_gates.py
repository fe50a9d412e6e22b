"""Gates: a beginning whose rest is withheld is no article; offers under whole texts are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scraper.models import Page, Verdict
from scraper.pipeline.parse import read_page

URL = "https://paper.example/2026/11/18/ferries-7.html"
TITLE = "Ferry company lets an open model write its timetable"
STORY = (
    "The ferry company lets a small open model write its timetable from this week on, and any "
    "passenger may read on a web page what the model was told and what it answered to that.",
    "Two clerks compared each plan with the old one for a month; they found fewer missed "
    "connections, and one night on which the last boat would have left before the last train.",
    "The company bought no new computers for it, for the model runs on the machine that has "
    "counted tickets since the harbour was rebuilt, and it needs less than an hour a night.",
    "Passengers on the outer islands asked that no boat be cancelled without a person's word, and "
    "the board of the company agreed to that in a meeting which was open to everybody.",
    "What the model can't do is to see the weather: captains go on deciding by themselves whether "
    "they leave, and the page shows when they decided against the plan and why they did so.",
    "In spring the union of the crews will have its own people look at a full quarter of plans, "
    "and the company has promised to print what they find, whatever it is that they will find.",
)
TITLE_ZH = "轮渡公司让开放模型编排时刻表"
STORY_ZH = (
    "轮渡公司从本周起让一个开放的小模型编排航班时刻表，任何乘客都可以在网页上看到它收到了什么指令、给出了什么答复，公司说这样做是为了让人放心。",
    "两名职员用一个月的时间把每份计划同旧时刻表对照，发现误了转乘的情况变少了，只有一个晚上末班船会在末班火车到站之前开走，这一条后来改了过来。",
    "公司没有为此添置新的电脑，模型就跑在码头重建以来一直用来统计船票的那台机器上，每晚只需要不到一个小时，电费由港务局承担到明年年底为止。",
    "外岛的乘客要求，取消任何一班船都要有人点头，公司董事会在一次向所有人开放的会议上答应了这一点，并说会在每个码头贴出值班人员的姓名和电话。",
    "模型看不到天气，开不开船仍由船长自己决定，网页上会写明他们什么时候没有按计划行事，又是为了什么，乘客第二天早上就能在候船室里读到这些说明。",
    "工会将在春天请自己的人查看整整一个季度的计划，公司已经答应，不论他们发现什么都会原样刊登出来，并在三个月之内对每一条意见作出书面的答复。",
)
GATES = (
    ("en", "paywall", "Subscribe today to keep reading. Cancel whenever you like."),
    ("en", "paywall", "The rest of this report is reserved for our paying members."),
    ("en", "paywall", "You've used all of your free articles this month"),
    ("en", "paywall", "Want to finish reading this piece? Start your 30-day trial"),
    ("en", "paywall", "73% of this article is left to read. Choose a plan"),
    ("en", "login_wall", "Log in or create a free account to see the full story"),
    ("en", "login_wall", "To continue reading, please register. It takes a minute."),
    ("zh", "paywall", "余下内容仅限会员阅读"),
    ("zh", "paywall", "购买本期杂志，即可阅读全文"),
    ("zh", "paywall", "试读已结束，开通会员继续阅读"),
    ("zh", "paywall", "剩餘內容需訂閱後才能閱讀"),
    ("zh", "login_wall", "请登录后查看剩余内容"),
    ("zh", "login_wall", "繼續閱讀請先登入或註冊"),
)
OFFERS = (
    ("en", "Support our work: subscribe for unlimited access to everything we print."),
    ("en", "Sign up for our newsletter and get the best stories every Friday."),
    ("en", "Already a subscriber? Log in"),
    ("zh", "扫码关注我们，获取更多精彩内容"),
    ("zh", "登录后可参与评论"),
    ("zh", "开通会员，畅享无广告阅读"),
    ("zh", "订阅会员，畅读全文"),
    ("en", "Subscribe to get full access to our archive and every newsletter."),
)


def judged(language: str, told: int, behind: str, *, head: str = "", within: str = "") -> Verdict:
    """Judge a page with the first paragraphs of the story and what stands behind them."""
    title, story = (TITLE, STORY) if language == "en" else (TITLE_ZH, STORY_ZH)
    body = "\n".join(f"<p>{text}</p>" for text in story[:told])
    html = (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta property='og:type' content='article'>{head}</head><body><article><h1>{title}</h1>"
        f"<div class='story'>{body}{within}</div>{behind}</article>"
        "<footer><p>© Island Courier</p></footer></body></html>"
    )
    page = Page(
        url=URL,
        final_url=URL,
        status=200,
        headers={"content-type": "text/html; charset=utf-8"},
        body=html.encode(),
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    return read_page(page).verdict


@pytest.mark.parametrize("told", [2, 5])
@pytest.mark.parametrize("markup", ["<p>{}</p>", "<div class='box'><h3>{}</h3></div>"])
@pytest.mark.parametrize(("language", "kind", "gate"), GATES, ids=lambda value: value)
def test_a_text_that_ends_at_a_gate_is_no_article(
    language: str, kind: str, gate: str, markup: str, told: int
) -> None:
    verdict = judged(language, told, "", within=markup.format(gate))
    assert not verdict.is_article
    assert verdict.kind in (kind, "paywall", "login_wall") and verdict.evidence
    assert judged(language, told, markup.format(gate)).kind == verdict.kind


@pytest.mark.parametrize("told", [3, 6])
@pytest.mark.parametrize(("language", "offer"), OFFERS, ids=lambda value: value)
def test_an_offer_under_a_whole_text_closes_nothing(language: str, offer: str, told: int) -> None:
    assert judged(language, told, f"<p>{offer}</p>").is_article


@pytest.mark.parametrize(("language", "kind", "gate"), GATES, ids=lambda value: value)
def test_a_gate_that_the_text_goes_on_behind_closes_nothing(
    language: str, kind: str, gate: str
) -> None:
    story = STORY if language == "en" else STORY_ZH
    rest = "".join(f"<p>{text}</p>" for text in story[3:])
    assert judged(language, 3, "", within=f"<div class='box'>{gate}</div>{rest}").is_article, kind


@pytest.mark.parametrize(("language", "kind", "gate"), GATES, ids=lambda value: value)
def test_a_text_that_is_served_whole_below_its_cover_is_an_article(
    language: str, kind: str, gate: str
) -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".story"}
    facts = {"@type": "NewsArticle", "isAccessibleForFree": False, "hasPart": part}
    head = f"<script type='application/ld+json'>{json.dumps(facts)}</script>"
    assert judged(language, 6, f"<p>{gate}</p>", head=head).is_article, kind


def test_the_count_of_words_tells_a_whole_text_from_a_beginning() -> None:
    count = sum(len(text.split()) for text in STORY)
    gate = "<p>Subscribe to continue reading</p>"
    head = f'<script type="application/ld+json">{{"@type":"Article","wordCount":{count}}}</script>'
    assert judged("en", 6, gate, head=head).is_article
    assert judged("en", 3, gate, head=head).kind == "paywall"


def test_what_a_story_quotes_of_a_gate_is_told() -> None:
    last = "<p>“Subscribe to continue reading this article,” the page said, and she closed it.</p>"
    assert judged("en", 6, "", within=last).is_article
