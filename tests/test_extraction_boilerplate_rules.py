"""Reading boilerplate rules: what is wrong with the file is told, all of it at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scraper.errors import ConfigError
from scraper.extraction import extract
from scraper.extraction.boilerplate_rules import Rules, default_rules, load_rules

BODY = "".join(
    f"<p>Paragraph {n} of the report says, at some length, what the committee found in the {w}.</p>"
    for n, w in enumerate(("cellar", "attic", "kitchen", "garden", "stable", "library"))
)


def test_a_pattern_of_two_languages_cuts_lines_of_both(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        "[[line]]\nname = 'channel'\npattern = '^(?:join our channel|加入本频道)$'\n",
        encoding="utf-8",
    )
    rules = load_rules(file)
    for line in ("Join our channel", "加入本频道"):
        assert line in extract(page(f"<p>{line}</p>"), "https://a.example/1").text
        assert line not in extract(page(f"<p>{line}</p>"), "https://a.example/1", rules=rules).text


def page(extra: str) -> bytes:
    return (
        f"<html><body><h1>Report</h1><div class=content>{BODY}{extra}</div></body></html>".encode()
    )


REPORTED = {
    "en": """
        Copyright is not the point here.
        Copyright law is slow, the judge said.
        No comment.
        Got a question? Ask the clerk.
        Have a story, they say, and the town will listen.
        Write to the editor, they told her.
        Reporting by phone was the only way.
        Editing by hand is slow.
        To get the alerts, residents register by email.
        For years the town asked its people to register by email.
        The storm contributed to this story of loss.
        Each of the three floods contributed to the delay.
        The views expressed by residents do not match those of the council.
        Thanks for reading to us, the child said.
        “Thank you for reading it,” she wrote.
        The mayor is a writer of long letters.
        Mr Lee is an editor.
        This report is not an offer, the union said, and it must be taken as advice.
        Join us for the march, they shouted at the crowd, and get your tickets here.
        Email the editor at your peril, he said.
        Disclaimer or not, the mayor signed.
        Explainer: what the pier will cost
        Copyright Office officials declined to comment.
        He joined us for the walk.
        The letters may not be published, the judge said.
        The information is not for sale.
        Loading the ship took four days.
        Save for the bakery, nothing is open.
        By signing, the mayor agreed to pay.
        This article of the treaty is more than 100 years old.
        The end of the road is in sight.
        Our standards fell, the inspector said.
        For members only, the sign on the door said.
    """,
    "hans": """
        更多年轻人选择加入合作社，而不是离开镇子。
        更多家长开始关注孩子的睡眠问题。
        更多居民请求政府重新考虑。
        记者打开多款外卖App发现，配送费普遍上涨。
        苹果允许用户安装第三方应用商店。
        市民扫描车身上的二维码即可付款。
        监管部门正在关注微信支付的费率。
        她在2019年加入YouTube担任工程师。
        她去年加入Digital公司。
        下载这款应用的用户已经超过百万。
        主管部门回复“正在研究”，没有给出时间表。
        他回复“好的”，然后挂了电话。
        成为会员后，他每月只付五元。
        重要提示：请考生携带身份证。
        特别说明：本次考试不收取任何费用，考生须携带准考证。
        风险提示：油价下跌，需求不及预期。
        该公司称，未经授权，任何机构不得使用其数据训练模型。
        未经许可不得砍伐树木，这是村里的老规矩。
        文章认为，这一指数仅供参考。
        本文的结论不构成因果关系。
        编辑：您为什么写这本书？
        编辑：后来呢？
        设计：一个学生
        来源：一个不愿透露姓名的人
        作者认为，记者应当到现场去。
        作者是一名大学教授。
        版权归出版社所有，作者只拿一笔稿费。
        图书馆欢迎读者留言。
        他把公众号设为星标。
        该平台称，公司仅提供信息存储空间服务。
        本文来自一位读者的来信。
        编辑部的灯还亮着。
        会议到此结束。
        他在公众号后台回复“报告”后收到了全文。
        乘客打开手机应用，就能看到列车的位置。
        警方提醒，不要扫描陌生二维码。
        村民点击下方按钮即可订阅通知。
        居民下载客户端后即可预约。
        关注微信支付费率的专家不多。
        目前的位置：锚地北侧三海里。
        打印此页的人不多。
        加入微信群的人越来越多。
        记者：您打开过这个应用吗？
        他请大家关注公众号。
        会上，他欢迎大家留言讨论。
        更多人加入
    """,
    "hant": """
        更多年輕人選擇加入合作社，而不是離開鎮子。
        更多家長開始關注孩子的睡眠問題。
        記者打開多款外賣App發現，配送費普遍上漲。
        蘋果允許用戶安裝第三方應用商店。
        市民掃描車身上的二維碼即可付款。
        監管部門正在關注微信支付的費率。
        她在2019年加入YouTube擔任工程師。
        主管部門回覆「正在研究」，沒有給出時間表。
        他回覆「好的」，然後掛了電話。
        成為會員後，他每月只付五元。
        重要提示：請考生攜帶身分證。
        特別說明：本次考試不收取任何費用。
        風險提示：油價下跌，需求不及預期。
        該公司稱，未經授權，任何機構不得使用其數據訓練模型。
        文章認為，這一指數僅供參考。
        編輯：您為什麼寫這本書？
        設計：一個學生
        來源：一個不願透露姓名的人
        作者認為，記者應當到現場去。
        版權歸出版社所有，作者只拿一筆稿費。
        圖書館歡迎讀者留言。
        民眾打開手機應用程式，就能看到列車的位置。
        警方提醒，不要掃描陌生二維碼。
        民眾下載客戶端後即可預約。
        他請大家關注公眾號。
    """,
}
# What is cut wherever it stands.
FURNITURE = {
    "en": """
        Save for later
        ADVERTISEMENT meal kits: the new range from Brindlecorp is here.
        Sponsored: garden chairs at 30 percent off
        Share full article
        Skip advertisement
        Loading...
        Member-only story
        Subscriber exclusive
        You are here: Home > News > Harbour
        Toggle caption
        Enlarge this image
        Listen · 6:12 min
        To view this video please enable JavaScript
        Your browser does not support the video tag.
        By clicking sign up you agree to our terms and privacy policy.
        <b>READ: <a href=/x>Why the keeper will not retire</a></b>
        EXPLAINER: <a href=/x>How a harbour is dredged</a>
        ▶ <a href=/x>Why the keeper will not retire</a>
        → <a href=/x>Five bakeries with wood-fired ovens</a>
    """,
    "hans": """
        更多精彩内容请关注公众号。
        更多内容请下载海岸日报客户端。
        点击下方蓝字关注我们。
        扫描二维码关注海岸日报。
        长按识别二维码，关注我们。
        立即下载客户端，随时阅读新闻。
        打开新京报APP，阅读更多精彩资讯。
        请在微信搜索并关注海岸日报公众号。
        关注公众号，后台回复“报告”领取全文。
        觉得不错，请点个在看。
        成为会员，免费阅读全文。
        未经授权，不得转载。
        本文仅代表作者个人观点。
        特别声明：本文版权归原作者所有。
        风险提示及免责条款：市场有风险，投资需谨慎。
        责任编辑：李小明
        编辑：李小明 校对：陈美华
        本文共3200字，阅读约需8分钟
        【打印此页】【关闭窗口】
        返回列表 | 关闭窗口
        您现在的位置：首页 > 新闻 > 港口
        会员专享
        点击蓝字关注我们
        “设为星标”，第一时间收到推送
        建议横屏观看
        同场加映：<a href=/x>守灯塔的老人</a>
        ▶<a href=/x>守灯塔的老人为什么不肯退休</a>
        【<a href=/x>城里还有五家面包店</a>】
        ※ <a href=/x>港口怎样疏浚</a>
    """,
    "hant": """
        更多精彩內容請關注公眾號。
        掃描二維碼關注海岸日報。
        立即下載客戶端，隨時閱讀新聞。
        快下載海岸APP，拿專屬優惠碼！
        一起加入海岸報Telegram，新聞不漏接！
        本文僅代表作者個人觀點。
        未經授權，不得轉載。
        責任編輯：李小明
        本文共3200字，閱讀約需8分鐘
        點擊藍字關注我們
        同場加映：<a href=/x>守燈塔的老人</a>
        ▶<a href=/x>守燈塔的老人為什麼不肯退休</a>
        【<a href=/x>城裡還有五家麵包店</a>】
        → <a href=/x>港口怎樣疏浚</a>
    """,
}
# What the publisher says behind the last paragraph.
CLOSING = {
    "en": """
        Jane Roe writes about the sea for The Post.
        With contributions from Nina Strand
        - END -
        Anna Keller is a freelance writer based in Bergen. Her first book, The Salt Road, is out.
        Jonas Brandt is an associate professor of history at the University of Bergen.
        Nina Strand contributed to this report.
        Nina Strand and Ole Dahl contributed reporting from Oslo.
        Additional reporting contributed by Nina Strand
        The views expressed in this article are those of the author and not of The Coastal Paper.
        Opinions expressed by contributors are their own.
        This article is for information only and is not an offer or a recommendation to buy.
        The information on this site does not constitute financial advice.
        Thanks for reading The Tide! This post is public so feel free to share it.
        Join us at the Coast Forum in Bergen on October 14. Book your ticket today.
        Our Standards: The Thomson Reuters Trust Principles.
        Copyright 2025 The Coastal Paper
        Got a story? Write to us at desk@paper.example.
        Email the newsroom: desk@paper.example
        Reporting by Anna Keller; editing by Ole Dahl
        To get our newsletter, sign up with your email.
        No comments yet
    """,
    "hans": """
        作者王海宁，自由撰稿人，现居青岛，著有《盐路》等书，长期关注沿海城镇的变迁。
        （本文作者系海岸大学历史学教授）
        本平台为信息发布平台，仅提供信息存储空间服务，如有侵权请联系我们处理。
        风险提示及免责条款：市场有风险，投资需谨慎。本文不构成个人投资建议，也未考虑到用户的需要。
        本文来自微信公众号“海岸故事”（ID：haian），作者：王海宁，36氪经授权发布。
        题图来自Unsplash，基于CC0协议
        （海岸日报记者 王海宁 编辑 李小明 校对 陈美华）
        版权归原作者所有，如有侵权请联系删除
        你怎么看？欢迎留言讨论
        — END —
        图源：网络，侵删
        图片来源于网络，侵权请联系删除。
        投资有风险，入市需谨慎。
        点击“阅读原文”查看更多。
        欢迎关注我们的微信公众号。
        设计：李小明
        来源：海岸日报
    """,
    "hant": """
        作者王海寧，自由撰稿人，現居青島，著有《鹽路》等書。
        本平台為信息發布平台，僅提供信息存儲空間服務，如有侵權請聯繫我們處理。
        風險提示及免責條款：市場有風險，投資需謹慎。
        本文來自微信公眾號「海岸故事」，作者：王海寧，經授權發布。
        題圖來自Unsplash
        （海岸日報記者 王海寧 編輯 李小明 校對 陳美華）
        版權歸原作者所有，如有侵權請聯繫刪除
        你怎麼看？歡迎留言討論
        — END —
        點擊「閱讀原文」查看更多。
        歡迎加入海岸Facebook粉絲團。
        設計：李小明
    """,
}
PARAGRAPHS = {
    "en": BODY.replace(".</p>", ", and what its members think should be done about it.</p>"),
    "hans": "".join(
        f"<p>委员会在报告的第{n}段里写道，他们在{w}里找到了许多旧木板，其中一些已经有一百多年的历史。</p>"
        for n, w in enumerate(("地下室", "阁楼", "厨房", "花园", "马厩", "图书馆"))
    ),
    "hant": "".join(
        f"<p>委員會在報告的第{n}段裡寫道，他們在{w}裡找到了許多舊木板，其中一些已經有一百多年的歷史。</p>"
        for n, w in enumerate(("地下室", "閣樓", "廚房", "花園", "馬廄", "圖書館"))
    ),
}


def lines(table: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (script, line.strip())
        for script, text in table.items()
        for line in text.strip().split("\n")
    ]


def text_with(script: str, line: str, *, at_end: bool = False) -> str:
    """The text of an article that has a line after its third or its last paragraph."""
    paragraphs = PARAGRAPHS[script].split("</p>")
    paragraphs.insert(6 if at_end else 3, f"<p>{line}")
    body = "</p>".join(paragraphs)
    return extract(f"<html><body><h1>Report</h1><div>{body}</div></body></html>".encode()).text


def words(line: str) -> str:
    return re.sub("<[^>]*>", "", line)


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize(("script", "line"), lines(REPORTED))
def test_a_sentence_of_the_report_is_kept(script: str, line: str, at_end: bool) -> None:
    assert words(line) in text_with(script, line, at_end=at_end).splitlines()


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize(("script", "line"), lines(FURNITURE))
def test_what_bids_the_reader_is_cut_anywhere(script: str, line: str, at_end: bool) -> None:
    assert words(line)[2:] not in text_with(script, line, at_end=at_end)


@pytest.mark.parametrize(("script", "line"), lines(CLOSING))
def test_what_the_publisher_says_is_cut_at_the_end(script: str, line: str) -> None:
    assert words(line) not in text_with(script, line, at_end=True)


def test_a_line_on_somebody_in_the_report_is_the_report() -> None:
    line = "Anna Keller is a reporter based in Bergen."
    assert line not in text_with("en", line, at_end=True)
    body = BODY.replace("in the stable", "in the stable that Anna Keller owns")
    html = f"<html><body><h1>Report</h1><div>{body}<p>{line}</p></div></body></html>"
    assert line in extract(html.encode()).text


def rules(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "boilerplate.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def test_the_shipped_rules_have_unique_names_and_are_read_once() -> None:
    names = default_rules().names()
    assert len(set(names)) == len(names) > 30
    assert default_rules() is default_rules()


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        rules(
            tmp_path,
            """
            [[line]]
            name = "Bad Name"
            pattern = "("
            where = "middle"
            [[line]]
            patern = "x"
            [[element]]
            name = "empty"
            [[section]]
            name = "twice"
            pattern = "x"
            [[line]]
            name = "twice"
            pattern = "y"
            [[block]]
            name = "z"
            """,
        )
    problems = "\n".join(caught.value.problems)
    for expected in (
        "name = 'Bad Name'", "pattern = '('", "where = 'middle'", "patern is not a key",
        "name is missing", "pattern is missing", "names or pattern is missing",
        "name stands twice", "[[block]] is not a table",
    ):  # fmt: skip
        assert expected in problems


@pytest.mark.parametrize("text", ["[[line", "line = 3"])
def test_what_is_not_a_list_of_rules_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        rules(tmp_path, text)


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_rules(tmp_path / "none.toml")


def test_a_rule_of_ones_own_cuts_and_is_named(tmp_path: Path) -> None:
    own = rules(tmp_path, '[[line]]\nname = "motto"\npattern = "^Nulla dies sine linea"\n')
    article = extract(page("<p>Nulla dies sine linea, says the mayor of the town.</p>"), rules=own)
    assert "Nulla" not in article.text
    assert [r.rule for r in article.removed if "Nulla" in r.text] == ["motto"]


def test_a_rule_that_would_cut_most_of_the_body_is_overruled(tmp_path: Path) -> None:
    own = rules(tmp_path, '[[element]]\nname = "content"\nnames = ["content"]\n')
    assert "committee found in the library" in extract(page(""), rules=own).text
