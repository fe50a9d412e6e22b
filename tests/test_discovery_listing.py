"""Listings: the article links of a section page are found without being told where they stand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.discovery.link_ranking import address_score, find_time
from scraper.discovery.listing import parse_listing
from scraper.discovery.visit import Entry
from scraper.errors import DiscoverError
from scraper.models import Source

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
URL = "https://news.example/tech/"
REAL = Path(__file__).resolve().parents[2] / "shared" / "real" / "feeds"

MENU = (
    "<div class='site-nav'><ul><li><a href='/'>Home</a></li><li><a href='/tech/'>Technology</a>"
    "</li><li><a href='/tech/artificial-intelligence-and-robots/'>Artificial intelligence and "
    "robots</a></li></ul></div>"
)
FOOT = (
    "<div class='pagination'><a href='/tech/page/2'>Older posts, page two of ninety</a></div>"
    "<footer><a href='/2019/01/01/how-we-report-corrections-and-errors'>How we report corrections"
    "</a><a href='/about/the-people-behind-this-newspaper'>The people behind this newspaper</a>"
    "</footer>"
)
HEADLINES = [
    "Openness pays, say the makers of small models",
    "Eleven licences and what they really allow",
    "A laboratory gives away its largest network",
    "Who audits the auditors of training data?",
    "Chips are scarce again, and prices show it",
    "The translator that knows both scripts",
]
HANS = [
    "国产大模型再开源 参数规模创新高",
    "芯片厂商公布新一代架构路线图",
    "机器人公司获新一轮融资",
    "自动驾驶出租车进入第三座城市",
    "云服务价格下调 中小企业受益",
    "操作系统发布长期支持版本",
]


def parse(html: str, *, selector: str = "", url: str = URL) -> tuple[Entry, ...]:
    source = Source(
        name="s", kind="listing", url=url, outlet="N", selector=selector, zone="Asia/Shanghai"
    )
    return parse_listing(html.encode(), url, "text/html", source, NOW).entries


def page(body: str) -> str:
    return f"<html><body>{MENU}<div id='main'>{body}</div>{FOOT}</body></html>"


def slug(title: str) -> str:
    return "-".join(word.strip(",?").lower() for word in title.split())


def cards() -> str:
    """Cards with a picture, a headline and a summary that all lead to the article."""
    return "".join(
        f"<div class='card'><a href='/tech/{slug(t)}'><img src='/p/{n}.jpg' alt=''></a>"
        f"<h3><a href='/tech/{slug(t)}'>{t}</a></h3><p>Summary. <a href='/tech/{slug(t)}'>Read more"
        f"</a></p><a href='/author/ida-lund'>Ida Lund, technology correspondent</a>"
        f"<time datetime='2025-11-{19 - n}T08:00:00+00:00'>yesterday</time></div>"
        for n, t in enumerate(HEADLINES)
    )


def lines() -> str:
    """A Chinese portal's list: one line a headline, with its date."""
    return "<ul class='list'>" + "".join(
        f"<li><a href='./202511/t20251119_{4400 + n}.html' target=_blank>{t}</a>"
        f"<span>2025-11-19 0{n}:30</span></li>"
        for n, t in enumerate(HANS)
    ) + "</ul>"  # fmt: skip


def whole_cards() -> str:
    """The whole card is one link, headline, summary and date inside."""
    return "".join(
        f"<a class='teaser t{n}' href='/article/{7700 + n}'><h2>{t}</h2><p>Some words that sum it "
        f"up and go on for a while.</p><span>{n + 1} hours ago</span></a>"
        for n, t in enumerate(HEADLINES)
    )


def queries() -> str:
    return "".join(
        f"<p class='row'><a href='show.php?id={n}&cat=3' title='{t}'>{t[:8]}…</a></p>"
        for n, t in enumerate(HANS)
    )


LAYOUTS = {
    "cards": (cards, HEADLINES),
    "lines": (lines, HANS),
    "whole cards": (whole_cards, HEADLINES),
    "queries": (queries, HANS),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_list_is_found_in_order_and_nothing_else(layout: str) -> None:
    make, titles = LAYOUTS[layout]
    assert [entry.title for entry in parse(page(make()))] == titles


def test_times_that_stand_in_the_items() -> None:
    times = [entry.published for entry in parse(page(cards()))]
    assert times[0] == datetime(2025, 11, 19, 8, tzinfo=UTC) and all(times)
    assert [e.published_raw for e in parse(page(lines()))][1] == "2025-11-19 01:30"
    first = parse(page(lines()))[0].published
    assert first is not None and first.astimezone(UTC).hour == 16  # Shanghai's midnight and a half
    hours = parse(page(whole_cards()))[2].published
    assert hours is not None and (NOW - hours).total_seconds() == 3 * 3600


def test_what_is_popular_gives_way_to_what_is_new() -> None:
    side = "<div class='hot-news sidebar'>" + "".join(
        f"<a href='/2019/05/0{n}/an-old-story-that-many-read'>An old story that many read {n}</a>"
        for n in range(1, 8)
    )  # fmt: skip
    entries = parse(page(cards() + side + "</div>"))
    assert [entry.title for entry in entries] == HEADLINES
    # A page that is nothing but such a list is a list all the same.
    assert len(parse(f"<html><body>{MENU}{side}</div></body></html>")) == 7


def test_links_to_other_sites_are_no_articles_of_this_one() -> None:
    elsewhere = lines().replace("./202511", "https://other.test/202511")
    sister = lines().replace("./202511", "https://tech.example.com/202511")
    assert len(parse(page(sister), url="https://www.example.com/tech/")) == len(HANS)
    with pytest.raises(DiscoverError):
        parse(page(elsewhere))


def test_a_selector_overrides_what_is_learned() -> None:
    html = page(cards() + "<div class='wire'><a href='https://other.test/x'>Wire</a></div>")
    assert [e.url for e in parse(html, selector="div.wire")] == ["https://other.test/x"]
    assert len(parse(html, selector=".card h3 a")) == len(HEADLINES)


@pytest.mark.parametrize("selector", ["div[", "..", ".absent"])
def test_a_selector_that_is_wrong_or_finds_nothing_is_told(selector: str) -> None:
    with pytest.raises(DiscoverError) as caught:
        parse(page(cards()), selector=selector)
    assert caught.value.error_class == "no_links"
    assert selector in caught.value.message


@pytest.mark.parametrize(
    "html", ["", "<html></html>", page(""), "<p>text only</p>", "%PDF-1.4", '{"a": 1}']
)
def test_a_page_without_articles_is_an_error(html: str) -> None:
    with pytest.raises(DiscoverError) as caught:
        parse(html)
    assert caught.value.error_class == "no_links"


def test_base_element_and_declared_characters_are_obeyed() -> None:
    html = (
        f"<html><head><meta charset=gb2312><base href='https://news.example/sub/'></head>{lines()}"
    )
    source = Source(name="s", kind="listing", url=URL, outlet="N")
    entries = parse_listing(html.encode("gb18030"), URL, "text/html", source, NOW).entries
    assert entries[0].title == HANS[0]
    assert entries[0].url.startswith("https://news.example/sub/202511/")


@pytest.mark.parametrize(
    ("address", "article"),
    [
        ("https://a.example/2025/11/20/x.html", True),
        ("https://a.example/news/a-story-about-open-models", True),
        ("https://a.example/a/20251120/881234.shtml", True),
        ("https://a.example/show?id=88", True),
        ("https://a.example/", False),
        ("https://a.example/tag/ai", False),
        ("https://a.example/tech/page/2", False),
        ("https://a.example/login", False),
        ("https://a.example/2025/11/20/photo.jpg", False),
    ],
)
def test_shapes_of_addresses(address: str, article: bool) -> None:
    assert (address_score(address) >= 0.8) is article


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Headline 2025-11-20 08:30 by X", "2025-11-20 08:30"),
        ("标题 2025年11月20日 8:30 来源", "2025年11月20日 8:30"),
        ("Story Nov 20, 2025", "Nov 20, 2025"),
        ("標題 3小時前", "3小時前"),
        ("Version 2.5 of 2025", ""),
    ],
)
def test_times_in_a_text(text: str, found: str) -> None:
    assert find_time(text) == found


@pytest.mark.skipif(not REAL.is_dir(), reason="the real pages are not here")
@pytest.mark.parametrize(
    ("name", "least"), [("listing-163-2.html", 150), ("listing-163-war.html", 125)]
)
def test_real_section_pages(name: str, least: int) -> None:
    source = Source(name="s", kind="listing", url="https://www.163.com/x/", outlet="N")
    entries = parse_listing(
        (REAL / name).read_bytes(), source.url, "text/html", source, NOW
    ).entries
    assert len(entries) >= least
    assert all(len(entry.title) >= 4 for entry in entries)
    dated = sum(address_score(entry.url) >= 0.8 for entry in entries)
    assert dated >= 0.95 * len(entries)
