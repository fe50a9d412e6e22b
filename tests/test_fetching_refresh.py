"""Refresh redirects: read as browsers read them, and told from pages that reload themselves."""

from __future__ import annotations

import time

import pytest

from scraper.fetching.refresh import refresh_target
from scraper.models import Page
from tests.gauntlet.server import reply
from tests.test_fetching_client import get, only

URL = "https://news.example/old/1"
NEW = "https://news.example/new/1"


def target(page: str, status: int = 200, **headers: str) -> str:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return refresh_target(URL, status, fields, page.encode())


@pytest.mark.parametrize(
    "value",
    [
        "0; url=https://news.example/new/1", "0;URL='https://news.example/new/1'",
        '0; url="/new/1"', "0;url=/new/1", "0; Url = /new/1", "0, url=/new/1", "0 url=/new/1",
        "0; /new/1", "0;../new/1", "3; url=/new/1", "0.5; url=/new/1", " 0 ; url=/new/1 ",
        "0;url='/new/1' class", ".0; url=/new/1", "0;\nurl=/new/1",
    ],
)  # fmt: skip
def test_every_spelling_of_a_refresh_at_once_is_a_redirect(value: str) -> None:
    assert target("<p>moved</p>", refresh=value) == NEW
    quoted = value.replace('"', "&quot;")
    assert target(f'<html><head><META content="{quoted}" HTTP-EQUIV=Refresh></head>') == NEW
    if "'" not in value and '"' not in value:
        assert target(f"<meta http-equiv='refresh' content='{value}'/>") == NEW


@pytest.mark.parametrize(
    "value",
    ["30; url=/new/1", "300", "0", "", "soon; url=/new/1", "-1; url=/new/1", "0x; url=/new/1",
     "0; url=/old/1", "0; url=#top", "0; url=", "0; url=javascript:go()", "0;url=mailto:a@b.c",
     "99999999999999999999;url=/new/1"],
)  # fmt: skip
def test_what_is_late_or_leads_nowhere_else_is_no_redirect(value: str) -> None:
    assert target("<p>here</p>", refresh=value) == ""
    assert target(f'<meta http-equiv="refresh" content="{value}">') == ""


@pytest.mark.parametrize(
    "page",
    [
        '<noscript><meta http-equiv="refresh" content="0; url=/new/1"></noscript>',
        '<!--[if lt IE 9]><meta http-equiv="refresh" content="0; url=/new/1"><![endif]-->',
        "<script>document.write('<meta http-equiv=refresh content=\"0;url=/new/1\">')</script>",
        '<template><meta http-equiv="refresh" content="0; url=/new/1"></template>',
        '<textarea><meta http-equiv="refresh" content="0; url=/new/1"></textarea>',
        '<meta name="refresh" content="0; url=/new/1">',
        '<metadata http-equiv="refresh" content="0; url=/new/1">',
        '<script>unclosed <meta http-equiv="refresh" content="0; url=/new/1">',
        "&lt;meta http-equiv=refresh content='0; url=/new/1'&gt;",
    ],
)
def test_what_no_browser_would_follow_is_no_redirect(page: str) -> None:
    assert target(page) == ""


def test_only_a_page_that_is_there_redirects() -> None:
    page = '<meta http-equiv="refresh" content="0; url=/new/1">'
    assert [target(page, status) for status in (404, 410, 403, 503, 201)] == [""] * 5
    assert target(page, content_type="text/html; charset=gbk") == NEW
    assert target(page, content_type="application/rss+xml") == ""


def test_a_base_and_a_title_before_it_count() -> None:
    page = '<title>a > b</title><base href="/zh/"><meta http-equiv=refresh content="0;url=新/1">'
    assert refresh_target(URL, 200, {}, page.encode()) == "https://news.example/zh/新/1"


@pytest.mark.parametrize(
    "page",
    ["<meta a=\"" * 8000, "<!--" * 16_000, "<script " * 8000, "<meta " * 11_000,
     "<meta" + " a='" * 20_000, "<meta" + " a" * 30_000],
)  # fmt: skip
def test_hostile_sources_cost_little(page: str) -> None:
    begun = time.process_time()
    assert target("refresh" + page) == ""
    assert time.process_time() - begun < 1


def test_the_client_follows_a_refresh_as_it_follows_a_redirect() -> None:
    moved = reply('<meta http-equiv="refresh" content="0; url=/b">')
    page, server = only(get({"/a": moved, "/b": reply("text", Refresh="0;url=/c")}, "/a"))
    assert page.final_url == server.url("/c")
    assert [(hop.status, hop.url) for hop in page.hops] == [
        (200, server.url("/b")), (200, server.url("/c")),
    ]  # fmt: skip


def test_a_refresh_asks_robots_and_ends_where_it_leads_in_a_circle() -> None:
    there = reply('<meta http-equiv="refresh" content="0; url=/b">')
    back = reply('<meta http-equiv="refresh" content="1; url=/a">')
    page, server = only(get({"/a": there, "/b": back}, "/a"))
    assert page.final_url == server.url("/b")
    rules = reply("User-agent: *\nDisallow: /b\n")
    assert get({"/a": there, "/robots.txt": rules}, "/a")[0] == ["robots_denied"]
    outside = reply('<meta http-equiv="refresh" content="0; url=http://10.0.0.1/">')
    assert get({"/a": outside}, "/a")[0] == ["blocked_address"]
    (kept,), _ = get({"/a": reply('<meta http-equiv="refresh" content="0; url=http://[b/">')}, "/a")
    assert isinstance(kept, Page)
