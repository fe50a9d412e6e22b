"""Pages made to take long: each costs at most ten times what an honest page of its size does."""

from __future__ import annotations

import time

import pytest

from scraper.errors import ExtractError
from scraper.extraction import extract

STORY = "".join(
    f"<p>The council met on day {n} and voted for the ferry; {n} members asked for a bridge.</p>"
    for n in range(8)
)
SIZE = 100_000
PIECES = {
    "nested lists": "<ul><li>Share</li>",
    "headings of comments": "<p>12 comments</p>",
    "headings of sections": "<h3>Related</h3><p>x</p>",
    "deep boxes": "<div class='a b c'>",
    "deep spans": "<span class='promo'>a",
    "spans between blocks": "<p>a</p><span class='x'>b</span>",
    "articles": "<article><h1>Other</h1><p>Text of another story.</p></article>",
    "open articles": "<article><h1>Other</h1>",
    "headlines": "<h1>The council votes for the ferry</h1>",
    "tables": "<table><tr><td>1</td><td>2</td></tr></table>",
    "nested tables": "<table><tr><td>1",
    "links": "<a href='/1'>The council votes for the ferry</a> ",
    "teasers": "<div><a href='/1'>A council votes</a><p>Short text that breaks off…</p></div>",
    "bold": "<b><i>a",
    "lines": "a<br>",
    "quotes": "<blockquote>“a”",
    "definitions": "<dl><dt>a</dt><dd>b</dd>",
    "formulas": "\\(a^2\\) $x$ ",
    "notes": "<sup><a href='#n1'>1</a></sup>",
    "ruby": "<ruby>字<rt>zi</rt></ruby>",
    "pictures": "<figure><img src=a alt='x'><figcaption>A ferry</figcaption></figure>",
    "scripts": '<script type=\'application/ld+json\'>{"@type":"Article"}</script>',
    "nested data": "<script type='application/ld+json'>" + "[" * 200 + "</script>",
    "meta": "<meta property='article:author' content='Ann Lee'>",
    "bylines": "<p class='byline'>By Ann Lee and Bo Berg, Cy Dahl</p>",
    "chinese bylines": "<p>作者：林嘉衡 周以安 发表于</p>",
    "times": "<time datetime='2026-11-20'>20 Nov 2026</time>",
    "hidden": "<div hidden>The council met on a day and voted for the new ferry.</div>",
    "gates": "<p>Subscribe to continue reading</p>",
    "offers": "<div><p>Only $1 a week. Cancel anytime.</p></div>",
    "entities": "&amp;&lt;&#x4e2d;&nbsp;",
    "open tags": "<p <div <span ",
    "comments": "<!-- <p> -->",
    "long attribute": "x",
}


@pytest.mark.parametrize("name", PIECES)
def test_a_hostile_page_costs_little(name: str) -> None:
    piece = PIECES[name]
    filler = piece * (SIZE // len(piece))
    if name == "long attribute":
        filler = f"<div class='{filler}'></div>"
    page = f"<html><body><article><h1>Ferry wins</h1>{STORY}{filler}</article></body></html>"
    begun = time.process_time()
    try:
        assert extract(page.encode(), "https://paper.example/ferry/1").kept
    except ExtractError as error:
        assert error.error_class == "empty_extract"
    # An honest page of this size takes a tenth of a second.
    assert time.process_time() - begun < 2.0
