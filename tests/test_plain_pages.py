"""Pages without classes: only their words tell the lines around the text from the text.

Each line is put before, into or behind an article in three bare layouts; all paragraphs must stay,
and the line must go or stay as its table says.
"""

from __future__ import annotations

import re

import pytest

from scraper.extraction import extract

TITLES = {
    "en": "Laboratory opens its largest model",
    "zh-CN": "实验室开放其最大模型",
    "zh-Hant": "實驗室開放其最大模型",
}
PARAGRAPHS = {
    "en": [
        "The laboratory said on Tuesday that it would publish the weights of its largest language"
        " model, a step that rivals have so far avoided because of cost and security concerns.",
        "Engineers who tried the model for a week described it as slower than commercial services"
        " but far easier to adapt, since every layer can be inspected and changed by its users.",
        "“We want people to build on this without asking us,” said Maria Keller, who leads the"
        " project. “That is the whole point of doing research in the open.”",
        "Regulators in three countries have asked for details of the training data. The laboratory"
        " answered that it would publish a list of sources next month, together with an audit.",
    ],
    "zh-CN": [
        "该实验室周二表示，将公布其最大语言模型的权重。此前出于成本和安全考虑，竞争对手一直没有迈出这一步。",
        "试用了一周的工程师介绍，与商业服务相比，该模型速度较慢，但更容易改造，因为每一层都可以由用户查看和修改。",
        "“我们希望大家不必征得我们同意就能在此基础上开发。”项目负责人柯丽表示，“这正是开放研究的意义所在。”",
        "三个国家的监管机构要求提供训练数据的详细情况。实验室回应称，下个月将公布来源清单，并同时发布审计报告。",
    ],
    "zh-Hant": [
        "該實驗室週二表示，將公布其最大語言模型的權重。此前出於成本與安全考量，競爭對手一直沒有跨出這一步。",
        "試用一週的工程師表示，與商業服務相比，該模型速度較慢，但更容易修改，因為每一層都可以由使用者檢視與調整。",
        "「我們希望大家不必取得我們同意，就能在此基礎上開發。」專案負責人柯麗說，「這正是開放研究的意義。」",
        "三個國家的主管機關要求提供訓練資料的細節。實驗室回應，下個月將公布來源清單，並同時發布稽核報告。",
    ],
}
LAYOUTS = (
    "<article><h1>{}</h1>{}{}{}</article>",
    '<header><h1>{}</h1></header><div class="content">{}{}{}</div>',
    '<div class="post"><h1>{}</h1><div id="content">{}{}{}</div></div>',
)
HEAD = {
    "en": [
        "<p>By Ann Marsh</p>",
        "<p><em>By Ann Marsh and Bo Lind, Staff Writers</em></p>",
        "<p>By Ann Marsh | March 3, 2026</p>",
        "<p>Ann Marsh, 3 March 2026</p>",
        '<span class="author">Ann Marsh</span> <time>March 3, 2026</time>',
        "<p>ANN MARSH<br>March 3, 2026, 9:00 AM ET</p>",
        "<p>Posted on March 3, 2026 by Ann Marsh in News</p>",
        "<p>Last updated: March 4, 2026</p>",
        "<p>5 min read</p>",
        "<ul class=meta><li>Ann Marsh</li><li>3 March 2026</li><li>12 comments</li></ul>",
    ],
    "zh-CN": [
        "<p>2026年3月3日 10:20 来源：晨光网</p>",
        "<p>2026-03-03 10:20</p>",
        "<p>晨光网 3月3日</p>",
        "<p>2026年03月03日 星期二</p>",
        "<p>来源：晨光网 作者：李明 编辑：周岚</p>",
        "<p>文｜李明 编辑｜周岚</p>",
        "<p>本报记者 李明 王强</p>",
        "<p>原创 李明 晨光科技 2026-03-03 10:20</p>",
        "<p>阅读 1.2万</p>",
        "<p>听新闻</p>",
    ],
    "zh-Hant": ["<p>發布時間：2026/03/03 10:20</p>", "<p>（編譯：周嵐）</p>"],
}
TAIL = {
    "en": [
        "<p>Tags: AI, open source</p>",
        '<p><a href="#">Leave a comment</a></p>',
        "<p>Comments (12)</p>",
        "<p>Have a tip? Email us at tips@ledger.example.</p>",
        "<p>(Reporting by Ann Marsh; Editing by Bo Lind)</p>",
        "<h3>Comments</h3><p>user1: Good, I have waited for this for months and try it now.</p>"
        "<p>user2: I do not believe a word of it, they said the same thing to us all last year, and"
        " then the year before.</p><p>user3: First!</p>",
        '<div><h3><a href="/1">Chip maker reports sales</a></h3><p>The firm sold more than it…</p>'
        '<h3><a href="/2">City votes on tram</a></h3><p>After a debate that took the…</p>'
        '<h3><a href="/3">Minister opens school</a></h3><p>Pupils in the north have a…</p></div>',
    ],
    "zh-CN": [
        "<h3>网友评论</h3><p>用户一：太好了，等了好几个月，今晚就去试试，看看能不能装在家里的机器上。</p>"
        "<p>用户二：沙发！</p>",
        '<div><h3><a href="/1">芯片公司销售额创新高</a></h3><p>这家公司表示，第三季度的…</p>'
        '<h3><a href="/2">城市投票决定新电车线路</a></h3><p>经过三个小时的讨论，镇议会…</p>'
        '<h3><a href="/3">部长为学校揭牌</a></h3><p>北方的学生从下个月起将…</p></div>',
        "<p>关键词：人工智能 开源</p>",
        "<p>声明：本文仅代表作者个人观点，不代表本站立场。</p>",
        "<p>图片来源：晨光网</p>",
        "<p>作者：李明 | 编辑：周岚 | 审核：王强</p>",
        "<p>（完）</p>",
        "<p>举报/反馈</p>",
        "<p>热门资讯</p><p>芯片公司销售额创新高</p><p>城市投票决定新电车线路</p>",
        '<p>相关内容</p><p><a href="/a">芯片公司销售额创新高</a></p>',
    ],
    "zh-Hant": ["<p>責任編輯：周嵐</p>", "<p>首圖來源：晨光網</p>"],
}
ANYWHERE = {
    "en": [
        "<p>ADVERTISEMENT - CONTINUE READING BELOW</p>",
        "<p>Sponsored by Acme Clouds</p>",
        "<p>Sign up for our newsletter and get the news every morning.</p>",
        '<p><a href="/">Home</a></p>',
        '<div class="sponsored"><h4>Sponsored</h4><p>Acme Clouds gives ten hours of computing to'
        " new customers who sign up this week and bring a friend.</p></div>",
        '<p>Read more: <a href="/x">Rival lab closes its model</a></p>',
        '<p><a href="/sub">Subscribe to The Ledger for unlimited access</a></p>',
    ],
    "zh-CN": [
        "<p>（广告）</p>",
        '<p>点击查看：<a href="/x">竞争对手关闭模型</a></p>',
        '<p>相关阅读：<a href="/x">竞争对手关闭模型</a></p>',
        "<p>扫码关注晨光网公众号</p>",
        "<p>订阅我们的电子报，每天早上收到新闻。</p>",
    ],
    "zh-Hant": [
        "<p>請繼續往下閱讀...</p>",
        "<p>加入會員，享受更多好康</p>",
        '<p>更多晨光網報導<br><a href="/a">晶片公司營收創新高</a><br><a href="/b">城市投票</a></p>',
    ],
}
STAYS = {
    "en": [
        "<h2>By the numbers</h2>",
        "<h2>Related work</h2>",
        "<h3>March 3, 2026</h3>",
        "<p>It was 3 March 2026.</p>",
        "<p>Not everyone agrees.</p>",
        "<p>By Tuesday evening, downloads had passed one million.</p>",
        "<p>Author Maria Keller declined to comment.</p>",
        "<p>Comments from regulators were mixed.</p>",
        "<p>Readers can sign up for a newsletter in which the laboratory tells what failed.</p>",
        '<h3><a href="/1">The large model</a></h3><p>It needs eight cards and answers slowly.</p>'
        '<h3><a href="/2">The small model</a></h3><p>It runs on a laptop without a network.</p>'
        '<h3><a href="/3">The code</a></h3><p>It has been cleaned since the last release.</p>',
        "<p>Correction, March 4, 2026: An earlier version misstated the number of countries.</p>",
        "<ul><li>Weights under Apache 2.0</li><li>Training code</li><li>Evaluations</li></ul>",
        "<table><tr><th>Model</th><th>Released</th></tr><tr><td>Large</td><td>March 3, 2026</td>"
        "</tr><tr><td>Small</td><td>April 9, 2026</td></tr></table>",
    ],
    "zh-CN": [
        "<h2>背景</h2>",
        "<p>2026年3月3日，模型正式上线。</p>",
        "<p>更正：此前版本误写了国家数量。</p>",
        "<p>作者柯丽拒绝评论。</p>",
        "<p>来源清单将于下月公布。</p>",
        "<p>声明指出，模型不用于军事。</p>",
        "<p>关注的焦点是价格。</p>",
        "<table><tr><th>模型</th><th>发布日期</th></tr><tr><td>大型</td><td>2026年3月3日</td></tr>"
        "<tr><td>小型</td><td>2026年4月9日</td></tr></table>",
    ],
    "zh-Hant": ["<p>更正：先前版本誤寫國家數量。</p>", "<p>並非所有人都同意。</p>"],
}
_CASES = [
    (language, line, at)
    for table, places in ((HEAD, (0,)), (TAIL, (4,)), (ANYWHERE, (0, 2, 4)))
    for language, lines in table.items()
    for line in lines
    for at in places
]
_STAY_CASES = [
    (language, line, at) for language, lines in STAYS.items() for line in lines for at in (0, 2, 4)
]


def _text(language: str, layout: str, line: str, at: int) -> list[str]:
    parts = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[language]]
    article = layout.format(TITLES[language], "".join(parts[:at]), line, "".join(parts[at:]))
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{TITLES[language]} - Ledger</title></head><body>"
        f'<nav><a href="/">Home</a> <a href="/n">News</a></nav><main>{article}</main>'
        "<footer>© The Ledger</footer></body></html>"
    )
    return extract(page.encode(), url="https://ledger.example/n/1").text.splitlines()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("language", "line", "at"), _CASES)
def test_a_line_of_furniture_goes(language: str, line: str, at: int, layout: str) -> None:
    assert _text(language, layout, line, at) == PARAGRAPHS[language]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("language", "line", "at"), _STAY_CASES)
def test_a_line_that_tells_something_stays(language: str, line: str, at: int, layout: str) -> None:
    lines = _text(language, layout, line, at)
    assert [p for p in PARAGRAPHS[language] if p not in lines] == []
    rest = "\n".join(lines)
    assert [part for part in re.findall(r">([^<]+)<", line) if part not in rest] == []
