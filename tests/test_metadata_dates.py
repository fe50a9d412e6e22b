"""Times as sites print them, and which of a page's times is the article's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.metadata import find_metadata
from scraper.models import Article, KeptBlock, RemovedBlock
from scraper.text.dates import parse_time

NOW = datetime(2025, 12, 10, 5, 30, tzinfo=UTC)

READ = [
    ("2025年12月09日 18:15", "2025-12-09T18:15:00+08:00", "minute"),
    ("2025年12月9日星期二 下午6:15", "2025-12-09T18:15:00+08:00", "minute"),
    ("2025-11-13T13:00:00+08:00", "2025-11-13T13:00:00+08:00", "second"),
    ("2025-11-13T13:00:00.389+0000", "2025-11-13T13:00:00+00:00", "second"),
    ("2025-09-04T12:00Z", "2025-09-04T12:00:00+00:00", "minute"),
    ("2025-11-13", "2025-11-13T00:00:00+00:00", "day"),
    ("2025/11/13 08:01", "2025-11-13T08:01:00+00:00", "minute"),
    ("20251113130501", "2025-11-13T13:05:01+00:00", "second"),
    ("1762999999", "2025-11-13T02:13:19+00:00", "second"),
    ("1762999999123", "2025-11-13T02:13:19+00:00", "second"),
    ("Tue, 11 Nov 2003 16:36:00 +0800", "2003-11-11T16:36:00+08:00", "second"),
    ("Tue, 11 Nov 2003 16:36:00 GMT", "2003-11-11T16:36:00+00:00", "second"),
    ("Thu Nov 13 2025 13:00:00 GMT+0800 (CST)", "2025-11-13T13:00:00+08:00", "second"),
    ("Updated Nov. 13, 2025 9:05 a.m. ET", "2025-11-13T09:05:00-05:00", "minute"),
    ("Published: 9:05 PM on 13 November 2025", "2025-11-13T21:05:00+00:00", "minute"),
    ("13. November 2025, 15.47 Uhr", "2025-11-13T15:47:00+00:00", "minute"),
    ("13 de noviembre de 2025", "2025-11-13T00:00:00+00:00", "day"),
    ("民國114年5月2日", "2025-05-02T00:00:00+08:00", "day"),
    ("二〇二五年十一月二十三日", "2025-11-23T00:00:00+08:00", "day"),
    ("11月13日 13:00", "2025-11-13T13:00:00+08:00", "minute"),
    ("12月31日 23:00", "2024-12-31T23:00:00+08:00", "minute"),
    ("3小时前", "2025-12-10T10:30:00+08:00", "minute"),
    ("3小時前", "2025-12-10T10:30:00+08:00", "minute"),
    ("昨天 13:00", "2025-12-09T13:00:00+08:00", "minute"),
    ("2 hours ago", "2025-12-10T03:30:00+00:00", "minute"),
    ("Ledger Wire·2025-11-13 13:00", "2025-11-13T13:00:00+00:00", "minute"),
    ("12/25/2024", "2024-12-25T00:00:00+00:00", "day"),
]


@pytest.mark.parametrize(("text", "value", "precision"), READ)
def test_reads_what_sites_print(text: str, value: str, precision: str) -> None:
    found = parse_time(text, relative_to=NOW)
    assert found is not None
    assert (found.value.isoformat(), found.precision) == (value, precision)


@pytest.mark.parametrize(
    "text",
    [
        "", "no date here", "3/4/2025", "2025-13-40", "1975-01-01", "2025-12-14", "12345678",
        "call 0755-2025-1234", "v2.0.2025", "9999999999999", "2025年", "\ud800 \x00", "9" * 5000,
    ],
)  # fmt: skip
def test_invents_nothing(text: str) -> None:
    assert parse_time(text, relative_to=NOW) is None


def test_times_that_count_from_the_reading_need_it() -> None:
    assert parse_time("3小时前") is None
    assert parse_time("11月13日 13:00") is None


def test_a_bare_time_is_read_in_the_given_zone_and_says_so() -> None:
    found = parse_time("2025-07-01 08:00", zone="America/New_York")
    assert found is not None
    assert found.value.isoformat() == "2025-07-01T08:00:00-04:00"
    assert found.zone_assumed == "America/New_York"


def test_cst_is_china_standard_time_in_asia_and_central_elsewhere() -> None:
    here = parse_time("2024-01-01 08:00 CST", zone="Asia/Shanghai")
    there = parse_time("2024-01-01 08:00 CST")
    assert here is not None and there is not None
    assert here.value.isoformat() == "2024-01-01T08:00:00+08:00"
    assert there.value.isoformat() == "2024-01-01T08:00:00-06:00"
    assert here.zone_assumed == there.zone_assumed == ""


def test_an_unknown_zone_is_no_error() -> None:
    found = parse_time("2024-01-01 08:00", zone="../etc/passwd")
    assert found is not None
    assert found.value.isoformat() == "2024-01-01T08:00:00+00:00"


def page(
    body: str, *, head: str = "", url: str = "", zone: str = "", kept: tuple[str, ...] = ()
) -> Article:
    """Return the metadata of a page whose paragraphs are its blocks; those in `kept` are kept."""
    tree = LexborHTMLParser(f"<html><head>{head}</head><body>{body}</body></html>")
    blocks: list[KeptBlock | RemovedBlock] = []
    for at, node in enumerate(tree.css("p,h1,div.line")):
        text = node.text().strip()
        if any(text.startswith(k) for k in kept):
            blocks.append(KeptBlock(position=at, place="body > p", text=text))
        else:
            blocks.append(RemovedBlock(position=at, place="body > p", rule="test", text=text))
    return find_metadata(tree, url=url, blocks=blocks, fetched_at=NOW, zone=zone)


LEAD = "新矿开采的第一周，镇上的旅馆住满了人，街上的车也比往年多了许多。"


def test_machine_readable_times_come_before_visible_ones() -> None:
    found = page(
        f"<h1>矿镇</h1><p>2025-12-03 09:00</p><p>{LEAD}</p>",
        head='<meta property="article:published_time" content="2025-12-02T07:00:00+08:00">',
        kept=(LEAD,),
    )
    assert found.published is not None
    assert found.published.isoformat() == "2025-12-02T07:00:00+08:00"
    losers = [c for c in found.candidates if c.field == "published" and not c.chosen]
    assert any(c.value == "2025-12-03T09:00:00+08:00" for c in losers)


def test_a_chinese_page_without_zone_is_read_in_shanghai_and_noted() -> None:
    found = page(f"<h1>矿镇</h1><p>2025-12-01 09:00</p><p>{LEAD}</p>", kept=(LEAD,))
    assert found.published is not None
    assert found.published.isoformat() == "2025-12-01T09:00:00+08:00"
    (winner,) = (c for c in found.candidates if c.field == "published" and c.chosen)
    assert "Asia/Shanghai assumed" in winner.note


def test_a_taiwanese_address_gives_its_zone() -> None:
    found = page(
        f"<h1>礦鎮</h1><p>2025-12-01 09:00</p><p>{LEAD}</p>",
        url="https://ledger.example.tw/1",
        kept=(LEAD,),
    )
    (winner,) = (c for c in found.candidates if c.field == "published" and c.chosen)
    assert "Asia/Taipei" in winner.note


def test_updated_and_published_are_told_apart() -> None:
    lead = "The first week of the new mine filled every inn in town, and the road was never empty."
    found = page(
        f"<h1>Mine</h1><p>Published Dec. 1, 2025 | Updated Dec. 3, 2025 4:10 PM</p><p>{lead}</p>",
        kept=(lead,),
    )
    assert found.published is not None and found.modified is not None
    assert found.published.date().isoformat() == "2025-12-01"
    assert found.modified.isoformat() == "2025-12-03T16:10:00+00:00"


def test_the_day_in_the_address_is_the_last_resort() -> None:
    lead = "The first week of the new mine filled every inn in town, and the road was never empty."
    url = "https://ledger.example/2025/11/30/mine"
    found = page(f"<h1>Mine</h1><p>{lead}</p>", url=url, kept=(lead,))
    assert found.published is not None
    assert found.published.isoformat() == "2025-11-30T00:00:00+00:00"
    (winner,) = (c for c in found.candidates if c.field == "published" and c.chosen)
    assert winner.origin == "address"


def test_a_copyright_year_and_days_in_the_text_are_no_dates() -> None:
    lead = (
        "On 3 March 2019 the first shaft was sunk, and by 5 May 2020 the town had three inns more."
    )
    body = f"<h1>Mine</h1><p>{lead}</p><p>Copyright © 2024-01-01 Ledger</p>"
    assert page(body, kept=(lead,)).published is None


def test_a_time_after_the_fetch_is_refused() -> None:
    head = '<meta property="article:published_time" content="2026-05-01T07:00:00+08:00">'
    assert page("<h1>Mine</h1>", head=head).published is None


def test_a_day_shown_before_the_heads_time_is_the_day_of_publication() -> None:
    found = page(
        f"<h1>矿镇</h1><p>2015-12-01 09:00</p><p>{LEAD}</p>",
        head='<meta property="article:published_time" content="2024-03-02T07:00:00+08:00">',
        kept=(LEAD,),
    )
    assert found.published is not None
    assert found.published.isoformat() == "2015-12-01T09:00:00+08:00"


def test_the_same_moment_in_the_publishers_own_zone_is_preferred() -> None:
    lead = "The first week of the new mine filled every inn in town, and the road was never empty."
    found = page(
        "<h1>Mine</h1><p><time class='published' datetime='2025-12-01T21:30:00-05:00'>Dec 1</time>"
        f"</p><p>{lead}</p>",
        head='<meta property="article:published_time" content="2025-12-02T02:30:00Z">',
        kept=(lead,),
    )
    assert found.published is not None
    assert found.published.isoformat() == "2025-12-01T21:30:00-05:00"


def test_a_page_that_shows_only_its_last_change_says_so_in_the_note() -> None:
    lead = "The first week of the new mine filled every inn in town, and the road was never empty."
    found = page(f"<h1>Mine</h1><p>Updated December 2, 2025</p><p>{lead}</p>", kept=(lead,))
    assert found.published == found.modified == datetime(2025, 12, 2, tzinfo=UTC)
    (winner,) = (c for c in found.candidates if c.field == "published" and c.chosen)
    assert "last change" in winner.note


def test_a_systems_time_of_change_in_the_head_is_no_day_of_publication() -> None:
    head = '<meta property="article:modified_time" content="2025-12-02T08:00:00Z">'
    found = page("<h1>Mine</h1>", head=head)
    assert found.published is None
    assert found.modified == datetime(2025, 12, 2, 8, tzinfo=UTC)


def test_a_time_beside_the_headline_is_surer_than_teasers_and_vague_meta_elements() -> None:
    lead = "The first week of the new mine filled every inn in town, and the road was never empty."
    found = page(
        "<p><time datetime='2025-12-07T12:00:00Z'>12/07/2025</time></p><h1>Mine</h1>"
        f"<p><time datetime='2025-03-01T12:00:00Z'>March 1, 2025</time></p><p>{lead}</p>"
        "<div><time class='published' datetime='2025-12-08T12:00:00Z'></time></div>",
        head='<meta name="dc.date" content="2025-07-05T10:00:00Z">',
        kept=(lead,),
    )
    assert found.published == datetime(2025, 3, 1, 12, tzinfo=UTC)


def test_of_two_times_in_unlisted_meta_elements_the_earlier_is_that_of_publication() -> None:
    head = (
        '<meta name="published-time" content="2025-11-09T08:45:32Z">'
        '<meta name="published-date" content="2021-02-16">'
    )
    assert page("<h1>Mine</h1>", head=head).published == datetime(2021, 2, 16, tzinfo=UTC)


def test_the_cut_headline_marks_the_place_of_the_date_where_no_title_repeats_it() -> None:
    lead = "The first week of the new mine filled every inn in town, and the road was never empty."
    tree = LexborHTMLParser("<title>All about inns</title>")
    rows = ["Menu"] * 9 + ["1 February 2022", "The first week"] + ["Share"] * 9 + [lead]
    blocks = [
        KeptBlock(position=at, place="body > p", text=text)
        if text == lead
        else RemovedBlock(
            position=at, rule="headline" if at == 10 else "test", place="body > h2", text=text
        )
        for at, text in enumerate(rows)
    ]
    assert find_metadata(tree, blocks=blocks).published == datetime(2022, 2, 1, tzinfo=UTC)
