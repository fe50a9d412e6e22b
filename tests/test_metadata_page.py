"""Headline, outlet, addresses, excerpt and next page; and pages that lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.metadata import find_metadata
from scraper.extraction.metadata.pagination import continues
from scraper.models import Article, KeptBlock, RemovedBlock

LEAD = "The first week of the new mine filled every inn in town, and the road was never empty."
SEEDS = Path(__file__).parents[2] / "shared" / "seeds"


def page(body: str, *, head: str = "", url: str = "", kept: str = LEAD) -> Article:
    """Return the metadata of a page; paragraphs and headings are its blocks."""
    tree = LexborHTMLParser(f"<html lang='en'><head>{head}</head><body>{body}</body></html>")
    blocks: list[KeptBlock | RemovedBlock] = []
    for at, node in enumerate(tree.css("p,h1,h2,li")):
        text = node.text().strip()
        place = f"body > {node.tag}"
        if text == kept:
            blocks.append(KeptBlock(position=at, place=place, text=text))
        else:
            blocks.append(RemovedBlock(position=at, rule="test", place=place, text=text))
    return find_metadata(tree, url=url, blocks=blocks)


TITLES = [
    ("<title>矿镇的第一周_矿业科技_矿业网</title>", "", "矿镇的第一周"),
    ("<title>矿镇的第一周--时政--矿业网</title>", "", "矿镇的第一周"),
    ("<title>矿镇的第一周——矿业网</title>", "", "矿镇的第一周"),
    ("<title>矿镇的第一周-股票频道-矿业网</title>", "", "矿镇的第一周"),
    ("<title>礦鎮的第一週 | 社會 | 礦業社 KY</title>", "", "礦鎮的第一週"),
    ("<title>Mine opens in the hills - The Ledger</title>", "", "Mine opens in the hills"),
    ("<title>Ledger | Mine opens in the hills</title>"
     '<meta property="og:site_name" content="Ledger">', "", "Mine opens in the hills"),
    ("<title>State-of-the-art mine opens - The Ledger</title>", "", "State-of-the-art mine opens"),
    ("<title>Mine opens | Ledger</title>", "<h1>Ledger</h1><h1>Mine opens</h1>", "Mine opens"),
    ('<meta property="og:title" content="Mine">'
     "<title>Mine “opens” in the hills</title>", "<h1>Mine “opens” in the hills</h1>",
     "Mine “opens” in the hills"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "title"), TITLES)
def test_the_headline_is_freed_of_the_sites_name(head: str, body: str, title: str) -> None:
    found = page(f"{body}<p>{LEAD}</p>", head=head, url="https://www.ledger.example/1")
    assert found.title == title


HEADINGS = [
    # A rubric or a day before the headline, which two titles of the head lack.
    ("Mining : Inns are full in the valley", "Inns are full in the valley", None),
    ("Dec 18 2025 Inns are full in the valley", "Inns are full in the valley", None),
    # A kicker in a line of its own has no mark behind it in the heading.
    ("Mine opens Inns are full", "Mine opens: Inns are full", "Mine opens: Inns are full"),
    # Quotation marks as most of the titles have them.
    ("The town’s inns are full", "The town's inns are full", "The town's inns are full"),
    # Part of the headline itself, not a rubric.
    (
        "The 2025 report of the valley: Inns are full in it",
        "Inns are full in it",
        "The 2025 report of the valley: Inns are full in it",
    ),
    # A paragraph in a heading is no headline.
    (f"{LEAD} {LEAD}", "Inns are full in the valley", None),
]


@pytest.mark.parametrize(("heading", "title", "expected"), HEADINGS)
def test_how_a_heading_and_the_heads_titles_agree(
    heading: str, title: str, expected: str | None
) -> None:
    head = f'<title>{title} - Ledger</title><meta property="og:title" content="{title}">'
    found = page(f"<h1>{heading}</h1><p>{LEAD}</p>", head=head)
    assert found.title.startswith(expected or title)
    assert [c.value for c in found.candidates if c.field == "title" and c.chosen] == [found.title]


def test_a_word_of_the_headline_in_another_heading_is_no_agreement() -> None:
    title = "The planning of a week in the town of the new mine"
    head = f'<title>{title} - Ledger</title><meta property="og:title" content="{title}">'
    found = page(f"<p>{LEAD}</p><b itemprop='headline'>Planning</b>", head=head)
    assert found.title == title


def test_a_line_above_the_text_does_not_displace_a_title_that_says_more() -> None:
    body = f"<h2>A first word to begin</h2><p>{LEAD}</p>"
    head = "<title>What the new mine did to the inns of the town | Playful Mine</title>"
    found = page(body, head=head, url="https://playful-mine.example/inns")
    assert found.title == "What the new mine did to the inns of the town"


def test_a_heading_in_the_words_of_the_head_is_the_headline() -> None:
    head = (
        "<title>Harbour ferries stop at noon this winter - Post</title>"
        '<meta property="og:title" content="Harbour ferries stop at noon this winter">'
    )
    # The head's title begins with a heading of the text, as a tag; the headline says it otherwise.
    body = "<h1>This winter, ferries of the harbour stop early</h1><h2>Harbour</h2>"
    found = page(f"{body}<p>{LEAD}</p>", head=head)
    assert found.title == "This winter, ferries of the harbour stop early"
    # A line with the words of the head above the text does not make the headline a masthead.
    trail = "<p>Harbour ferries stop at noon this winter</p>"
    found = page(f"{trail}{body}<p>{LEAD}</p>", head=head)
    assert found.title == "This winter, ferries of the harbour stop early"


def test_the_masthead_is_not_the_headline() -> None:
    body = f"<h1>矿镇人民政府网站</h1><h2>矿镇的第一周</h2><p>{LEAD}</p>"
    assert (
        page(body, head="<title>矿镇的第一周 - 矿镇人民政府门户网站</title>").title
        == "矿镇的第一周"
    )


def test_a_page_whose_head_names_only_the_site_takes_the_line_above_the_text() -> None:
    body = (
        "<p>首页 > 新闻</p><p>矿镇的第一周住满了人的旅馆</p>"
        f"<p>发布时间：2025-12-01 来源：矿业网</p><p>{LEAD}</p>"
    )
    assert page(body, head="<title>矿业网</title>").title == "矿镇的第一周住满了人的旅馆"


def test_every_title_is_kept_as_a_candidate_and_one_is_chosen() -> None:
    head = '<title>Mine opens - Ledger</title><meta property="og:title" content="New mine opens">'
    found = page(f"<h1>Mine opens</h1><p>{LEAD}</p>", head=head)
    titles = [c for c in found.candidates if c.field == "title"]
    assert {c.origin for c in titles} == {"heading", "og:title", "title"}
    assert [c.value for c in titles if c.chosen] == [found.title] == ["Mine opens"]


def test_outlet_addresses_image_and_excerpt() -> None:
    head = """<link rel="canonical" href="/mine"><meta property="og:site_name" content="The Ledger">
    <meta property="og:image" content="//pictures.ledger.example/mine.jpg">
    <meta name="description" content="A town of inns &amp;amp; lamps, and no room in either.">"""
    found = page(f"<h1>Mine opens</h1><p>{LEAD}</p>", head=head, url="https://ledger.example/m?x=1")
    assert found.outlet == "The Ledger"
    assert found.canonical_url == "https://ledger.example/mine"
    assert found.image == "https://pictures.ledger.example/mine.jpg"
    assert found.excerpt == "A town of inns & lamps, and no room in either."


def test_without_a_summary_the_first_sentences_are_the_excerpt() -> None:
    lead = " ".join([LEAD] * 9)
    found = page(f"<h1>Mine</h1><p>{lead}</p>", kept=lead)
    assert found.excerpt.startswith(LEAD)
    assert len(found.excerpt) <= 300


def test_the_outlet_stands_in_the_title_where_nothing_else_names_it() -> None:
    head = "<title>Mine opens - The Hill Ledger</title>"
    assert page(f"<h1>Mine opens</h1><p>{LEAD}</p>", head=head).outlet == "The Hill Ledger"


NEXT = [
    ("https://a.example/s/11.html", "https://a.example/s/11_2.html", True),
    ("https://a.example/s/11_2.html", "https://a.example/s/11_3.html", True),
    ("https://a.example/s/11.html", "https://a.example/s/12.html", False),
    ("https://a.example/s/11?page=2", "https://a.example/s/11?page=3", True),
    ("https://a.example/s/11", "https://a.example/s/11?page=2", True),
    ("https://a.example/s/mine/", "https://a.example/s/mine/2/", True),
    ("https://a.example/s/mine/", "https://a.example/s/other/2/", False),
    ("https://a.example/s/11_3.html", "https://a.example/s/11_2.html", False),
]


@pytest.mark.parametrize(("url", "other", "expected"), NEXT)
def test_which_address_is_the_next_page(url: str, other: str, expected: bool) -> None:
    assert continues(url, other) is expected


def test_a_pager_leads_to_the_next_page_and_the_next_story_does_not() -> None:
    url = "https://ledger.example/s/11.html"
    pager = (
        "<p><a href='11.html'>1</a> <a href='11_2.html'>2</a> <a href='11_2.html'>下一页</a></p>"
    )
    story = "<p>下一篇：<a href='12.html'>旅馆</a></p><p><a href='12.html'>下一页</a></p>"
    found = page(f"<h1>Mine</h1><p>{LEAD}</p>{pager}", url=url)
    assert found.next_url == "https://ledger.example/s/11_2.html"
    assert page(f"<h1>Mine</h1><p>{LEAD}</p>{story}", url=url).next_url == ""


def test_json_ld_is_followed_through_its_graph_and_by_the_pages_address() -> None:
    graph = {
        "@graph": [
            {"@type": "NewsArticle", "url": "https://a.example/other", "headline": "Another story",
             "datePublished": "2020-01-01", "author": {"name": "Tom Other"}, "articleBody": "x"},
            {"@type": ["NewsArticle"], "url": "https://a.example/mine", "headline": "Mine opens",
             "datePublished": "2025-12-01T08:00:00+01:00", "author": [{"@id": "#ann"}]},
            {"@type": "Person", "@id": "#ann", "name": "Ann Marsh"},
        ]
    }  # fmt: skip
    script = f"<script type='application/ld+json'>{json.dumps(graph)}</script>"
    found = page(f"<p>{LEAD}</p>", head=script, url="https://a.example/mine")
    assert (found.title, found.authors) == ("Mine opens", ("Ann Marsh",))
    assert found.published is not None
    assert found.published.isoformat() == "2025-12-01T08:00:00+01:00"


BROKEN = [
    '{"@type":"NewsArticle","headline":"Mine","wordCount":' + "9" * 5000 + "}",
    '{"@type":"NewsArticle","headline":"Mine",}',
    '{"@type":"NewsArticle","headline":"Mine","datePublished":"2025-12-01T08:00:00Z","bad":}',
    "<!-- {\"@type\":\"NewsArticle\",\"headline\":\"Mine\"} -->",
]  # fmt: skip


@pytest.mark.parametrize("raw", BROKEN)
def test_what_is_readable_of_broken_json_ld_is_read(raw: str) -> None:
    found = page("", head=f"<script type='application/ld+json'>{raw}</script>")
    assert found.title == "Mine"


HOSTILE = [
    '{"@type": {"@type": []}, "headline": 7, "author": {"name": {"name": 1}}, "image": [[[[[]]]]]}',
    '{"@type":"Article","headline":["\\ud800\\u0000x"],"author":null,"datePublished":{},"url":[]}',
    "[" * 100_000,
    '{"@type":"Article","author":' + "[" * 3000 + "]" * 3000 + "}",
    '"text"',
    "null",
    '{"@type":"Article","publisher":[1,null,{"name":[{"name":"x"}]}],"dateModified":-1e999}',
    '{"@graph":[{"@id":"#a","@type":"Article","author":{"@id":"#a"},"name":{"@id":"#a"}}]}',
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_ld_is_no_error(raw: str) -> None:
    head = f"<script type='application/ld+json'>{raw}</script>"
    found = page(f"<h1>Mine opens</h1><p>{LEAD}</p>", head=head)
    assert found.title
    assert all(c.value.encode() and "\x00" not in c.value for c in found.candidates)


def test_hostile_markup_is_no_error() -> None:
    head = (
        "<meta name=author content='" + "a, " * 20_000 + "'>"
        "<meta property='og:url' content='http://[::1'><link rel=canonical href='http://[bad/'>"
        "<meta property='article:published_time' content='" + "9" * 5000 + "'>"
        "<title>" + "- " * 20_000 + "</title>"
    )
    body = "<time datetime='\x00\ud7ff'>x</time><a rel=author></a><p>" + "记者" * 20_000 + "</p>"
    found = page(body, head=head, url="http://[::1", kept="")
    assert found.published is None
    assert find_metadata(LexborHTMLParser(""), url="", blocks=()) is not None


def test_the_aggregators_line_gives_outlet_and_time() -> None:
    line = "Kuang Ye Wang·2025-11-13 13:00"
    found = page(f"<h1>Mine opens</h1><p>{LEAD}</p><p>矿镇的第一周住满了人</p><p>{line}</p>")
    assert found.source == "Kuang Ye Wang"
    assert found.published is not None
    assert found.published.isoformat() == "2025-11-13T13:00:00+08:00"
    (winner,) = (c for c in found.candidates if c.field == "published" and c.chosen)
    assert "zone Asia/Shanghai assumed" in winner.note


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not beside this checkout")
def test_the_last_lines_of_the_seeds_are_read() -> None:
    read = []
    for path in sorted(SEEDS.glob("*.txt")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line]
        lines = [line for line in lines if line]
        body = "".join(f"<p>{line}</p>" for line in lines)
        tree = LexborHTMLParser(body)
        end = next((i for i, line in enumerate(lines) if line == "相关内容"), len(lines))
        blocks: list[KeptBlock | RemovedBlock] = [
            KeptBlock(position=at, place="body > p", text=line)
            if at < end and "·2025" not in line
            else RemovedBlock(position=at, rule="test", place="body > p", text=line)
            for at, line in enumerate(lines)
        ]
        found = find_metadata(tree, blocks=blocks, url="")
        read.append((found.source, str(found.published)[:16], found.authors))
    assert read == [
        ("Guan Cha Zhe Wang", "2025-11-13 13:00", ()),
        ("", "None", ("陳濟深",)),
        ("3 6 Ke", "2025-08-14 10:10", ()),
        ("", "None", ()),
        ("凤凰网科技", "2025-12-09 18:15", ()),
    ]
