"""What stands around an article, and in its JSON-LD, and is of another one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scraper.extraction import extract
from scraper.extraction.metadata.han_bylines import names_alone
from scraper.extraction.metadata.kickers import without_kicker
from scraper.extraction.metadata.page_object import article_of

OWN = "The ferry stops at noon in winter"
URL = "https://paper.example/ferry"
PARAGRAPH = (
    "The ferry to the islands has run at noon since the war, and nobody in the harbour can "
    "remember a winter in which it had not, said the harbour master on day {} of the talks."
)


def thing(headline: str = "", url: str = "", **more: Any) -> dict[str, Any]:
    """Return an article of JSON-LD."""
    fields = {"headline": headline, "url": url, **more}
    return {"@type": "NewsArticle", **{key: value for key, value in fields.items() if value}}


OBJECTS = [
    # (objects, the one that is the page's)
    ([thing("Harvest moves to the square", f"{URL}-2"), thing(OWN)], 1),
    ([thing("Harvest moves to the square", f"{URL}-2", author="A", datePublished="B")], None),
    ([thing("Harvest moves to the square", f"{URL}-2"), thing("Noon ferry", URL)], 1),
    ([thing("Winter cuts hit commuters", f"{URL}/?utm_source=feed")], 0),
    ([thing("Winter cuts hit commuters")], 0),
    ([thing("Winter cuts hit commuters", "https://paper.example/")], 0),
    ([thing("", f"{URL}-2")], 0),
    ([thing(f"{OWN} | The Paper", f"{URL}-2")], 0),
    ([thing("In winter ferry stops at noon: what to know", "https://m.paper.example/9")], 0),
    ([thing("Harvest", mainEntityOfPage={"@id": f"{URL}-2"}), thing("Winter cuts", URL)], 1),
]


@pytest.mark.parametrize(("things", "expected"), OBJECTS)
def test_the_object_of_the_page_agrees_with_its_headline_or_address(
    things: list[dict[str, Any]], expected: int | None
) -> None:
    article, _ = article_of(things, URL, [OWN])
    assert article == ({} if expected is None else things[expected])


def test_addresses_that_differ_in_their_query_are_of_two_pages() -> None:
    other = thing("Harvest moves to the square", "https://paper.example/story?id=2")
    assert article_of([other], "https://paper.example/story?id=1", [OWN])[0] == {}


CHINESE = [
    ("丰收节改到老广场举行", False),
    ("渡轮中午停开 岛上居民有话要说", True),
    ("豐收節改到老廣場舉行", False),
]


@pytest.mark.parametrize(("headline", "kept"), CHINESE)
def test_chinese_headlines_agree_by_pairs_of_characters(headline: str, kept: bool) -> None:
    other = thing(headline, f"{URL}-2")
    found, _ = article_of([other], URL, ["外岛渡轮冬天中午停开，岛上居民有话要说"])
    assert found == (other if kept else {})


ALONE = [
    ("■王海宁", ["王海宁"], False),
    ("◆王海寧 陳立民", ["王海寧", "陳立民"], False),
    ("王海宁/文", ["王海宁"], False),
    ("王海寧／文", ["王海寧"], False),
    ("编译 / 王海宁", ["王海宁"], True),
    ("編譯：王海寧", ["王海寧"], True),
    ("國際中心 王海寧／綜合報導", ["王海寧"], False),
    ("王海寧／綜合報導", ["王海寧"], False),
    ("■要闻", [], False),
    ("王海宁", [], False),
    ("王海宁/图", [], False),
    ("责任编辑：王海宁", [], False),
    ("■" + "王海宁、" * 20, [], False),
]


@pytest.mark.parametrize(("line", "names", "adapted"), ALONE)
def test_lines_that_are_nothing_but_a_byline(line: str, names: list[str], adapted: bool) -> None:
    assert names_alone(line) == (names, adapted)


KICKERS = [
    ("Opinion A new pier", "A new pier", True, ["A new pier | Paper"], "A new pier"),
    ("Opinion A new pier", "A new pier", True, ["Opinion: A new pier"], "Opinion A new pier"),
    ("Opinion A new pier", "A new pier", True, [""], "A new pier"),
    ("Exclusive A new pier", "A new pier", False, ["A new pier | Paper"], "A new pier"),
    ("Exclusive A new pier", "A new pier", False, ["The pier"], "Exclusive A new pier"),
    ("独家 新码头动工", "新码头动工", False, ["新码头动工_海岸网"], "新码头动工"),
    ("獨家 新碼頭動工", "新碼頭動工", False, ["獨家｜新碼頭動工"], "獨家 新碼頭動工"),
]


@pytest.mark.parametrize(("whole", "rest", "called", "heads", "title"), KICKERS)
def test_when_a_label_in_a_heading_is_no_part_of_the_headline(
    whole: str, rest: str, called: bool, heads: list[str], title: str
) -> None:
    assert without_kicker(whole, rest, called, heads) == title


def page(
    byline: str, after: str = "", above: str = "", data: dict[str, Any] | None = None
) -> bytes:
    """Return a page with a byline below its headline and something after its article."""
    text = "".join(f"<p>{PARAGRAPH.format(day)}</p>" for day in ("one", "two", "three", "four"))
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
    return (
        f"<html lang=en><head><title>{OWN}</title>{script}</head><body><main><article>"
        f"<h1>{OWN}</h1>{byline}{text}</article>{after}</main></body></html>"
    ).encode()


TEASER = '<div><a href="/y">Harvest festival moves to the square</a> {}</div>'
BYLINES = [
    ("<p>By Mona Reed</p>", TEASER.format("<a rel=author href=/a/c>Carl Voss</a>"), ("Mona Reed",)),
    ("<p>By Mona Reed</p>", TEASER.format("<b class=author>Carl Voss</b>"), ("Mona Reed",)),
    ("", TEASER.format('<a href="/author/carl">Carl Voss</a>'), ()),
    ("", TEASER.format('<span class="byline">By Carl Voss</span>'), ()),
    ("", "<p>By <a rel=author href=/a/m>Mona Reed</a></p>", ("Mona Reed",)),
    ("<p>By Mona Reed</p>", "<p><a rel=author href=/a/c>Carl Voss</a></p>", ("Mona Reed",)),
    ("<p>By Mona Reed for The Daily Harbour</p>", "", ("Mona Reed",)),
    (
        "<p><a rel=author href=/a/m>Mona Reed</a></p><p><a rel=author href=/a/t>Tom Ashby</a></p>",
        "",
        ("Mona Reed", "Tom Ashby"),
    ),
]


@pytest.mark.parametrize(("byline", "after", "authors"), BYLINES)
def test_whose_byline_it_is(byline: str, after: str, authors: tuple[str, ...]) -> None:
    assert extract(page(byline, after), URL).authors == authors


def test_an_organisation_in_json_ld_stands_where_nobody_is_named() -> None:
    house = thing(OWN, URL, author={"@type": "Organization", "name": "Harbour Watch"})
    assert extract(page("", data=house), URL).authors == ("Harbour Watch",)
    assert extract(page("<p>By Mona Reed</p>", data=house), URL).authors == ("Mona Reed",)


def test_a_time_beside_the_headline_of_another_page_is_its_time() -> None:
    time = "<time datetime='2024-01-05'>Jan 5, 2024</time>"
    assert extract(page("", TEASER.format(time)), URL).published is None
    own = extract(page("", f"<div><h4>Published</h4>{time}</div>"), URL).published
    assert own is not None and own.isoformat()[:10] == "2024-01-05"
