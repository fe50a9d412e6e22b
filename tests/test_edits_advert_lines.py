"""Adverts among an article's paragraphs: passed over when versions are compared, never lost."""

from __future__ import annotations

import pytest

from scraper.edits import comparable_text, compare, compare_articles, fingerprint
from scraper.edits.advert_lines import is_advert
from scraper.models import Article

NEWS = "The harbour opened on Monday.\n{}\nShips waited outside the bay for 3 weeks."


@pytest.mark.parametrize(
    "line",
    [
        "Sponsored: Oakwise now offers garden chairs at 30 percent off.",
        "Advertisement: kitchen knives by Mopsa",
        "ADVERTISEMENT Mopsa. Hearing aids you can trust.",
        "[Ad] Thinking of mattresses? Ask Mopsa first.",
        "Partner content — a river cruise",
        "Paid post: winter tyres",
        "From our sponsors: why thousands have switched",
        "广告：海棠旅行净水器限时3折。",
        "【广告】选净水器，就选海棠旅行。",
        "廣告：選淨水器，就選海棠旅行。",
        "[推广] 净水器新品上市",
        "商业推广：想买净水器？先问海棠旅行",
        "Subscribe for $1 a week",
        "Sign up to our morning newsletter",
        "Start your free trial today",
        "Download our app for breaking news",
        "Upgrade to Harbour Plus and get the Monday briefing.",
        "下载港口日报客户端，看独家报道。",
        "扫码加入读者群，每日早报准时送达。",
        "點擊領取會員三折券，限時三天。",
        "关注我们的公众号，不错过每一条新闻",
        "5,193 supporters so far. Be the next one",
        "Support us: 11,438 readers already do",
        "We have reached 29% of our goal. Donate today",
        "已有1,204位读者支持本报，欢迎捐助",
        "新使用者註冊即送一個月會員",
    ],
)
def test_an_advert_is_no_edit(line: str) -> None:
    assert is_advert(line)
    assert fingerprint(NEWS.format(line)) == fingerprint(NEWS.replace("{}\n", ""))
    assert compare(NEWS.format(line), NEWS.replace("{}\n", "")).classes == ()


@pytest.mark.parametrize(
    "line",
    [
        "Advertising revenue fell by 3 percent.",
        "Ads on the platform will be labelled, the company said.",
        "Sponsored bills reached the floor on Monday.",
        "Get tested at any pharmacy in the city, officials advise.",
        "Save the whales, the placard read.",
        "Follow the money: how the harbour was sold",
        "Join hands across the border",
        "Promotion: the club moves up",
        "The charity raised 29% of its goal in 2 days.",
        "Donors gave 3 million to the appeal, and 12,000 people support it.",
        "支持率下降3%。",
        "有12个国家支持这一决议。",
        "广告收入下降3%。",
        "推广这一做法的城市已有12个。",
        "下载量超过1亿次，会员人数翻倍。",
        "订阅人数达到1200万，会员收入增长。",
        "立即停止销售，监管部门要求。",
        "加入欧盟的谈判已于周二开始。",
        "领取养老金的老人可免费乘车，市政府称。",
    ],
)
def test_news_of_adverts_is_news(line: str) -> None:
    assert not is_advert(line)
    assert compare(NEWS.replace("{}\n", ""), NEWS.format(line)).classes == ("addition",)


def linked(words: str, address: str, shape: str = "*[{}]({})*") -> Article:
    return Article(
        url="https://harbour.example/1",
        title="Harbour opens",
        text=NEWS.format(words),
        markdown=NEWS.replace("\n", "\n\n").format(shape.format(words, address)),
    )


@pytest.mark.parametrize(
    "address",
    ["https://ads.adnet.example/c?1", "https://harbour.example.clicks.example/x", "https://shop.test/"],
)  # fmt: skip
def test_a_paragraph_that_is_one_link_elsewhere_is_an_advert(address: str) -> None:
    one, other = linked("Members save this week.", address), linked("Try the puzzle.", address)
    assert "Members save" in one.text and "Members save" not in comparable_text(one)
    assert compare_articles(one, other).classes == ()


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("https://harbour.example/2", "[{}]({})"),
        ("https://www.harbour.example/report.pdf", "**[{}]({})**"),
        ("https://shop.test/", "Read: [{}]({})"),
        ("https://shop.test/", "- [{}]({})"),
    ],
)
def test_other_links_are_the_articles(address: str, shape: str) -> None:
    one = linked("The report of the year", address, shape)
    assert compare_articles(one, linked("The report of May", address, shape)).classes != ()


def test_a_teaser_that_leads_elsewhere_each_time_is_no_edit() -> None:
    one, other = (
        linked(f"How quay number {n} came to the town", f"https://harbour.example/{n}", "[{}]({})")
        for n in (7, 8)
    )
    assert compare_articles(one, other).classes == ()
