"""The article where the HTML lacks it: in scripts' data, hidden documents, live blogs."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest

from scraper.errors import ExtractError
from scraper.extraction import extract
from tests.test_extraction_article import EN, ZH, paragraphs, wrap

BODY = paragraphs(ZH)
APP = "<div id=app></div>"
TABLE = [{"state": 1}, {"article": 2}, {"title": 3, "content": 4}, "夜间开放", BODY]
CALL = f"(function(a,b){{return {{data:[{{title:a,content:{json.dumps(BODY)}}}]}}}}(1,2))"
ROWS = (
    '6:["$","div",null,{"dangerouslySetInnerHTML":{"__html":"$7"}}]\n'
    f"7:T{len(BODY.encode()):x},{BODY}"
)
BLOCKS = {"props": {"article": {"blocks": [{"type": "p", "text": text} for text in ZH]}}}


def script(text: str, attributes: str = "") -> str:
    return f"{APP}<script {attributes}>{text}</script>"


def pushed(*chunks: str) -> str:
    return APP + "".join(
        f"<script>self.__next_f.push({json.dumps([1, chunk])})</script>" for chunk in chunks
    )


@pytest.mark.parametrize(
    "body",
    [
        script(json.dumps(TABLE), "type=application/json id=__NUXT_DATA__"),
        script(f"window.__NUXT__={CALL}"),
        script(f"window.__INITIAL_STATE__ = {json.dumps({'a': {'content': BODY}})};f()"),
        script(f"window['pageData'] = {json.dumps({'a': {'content': BODY}})}"),
        script(f"window.__STATE__=JSON.parse({json.dumps(json.dumps({'content': BODY}))})"),
        script(f"window.__DATA__={json.dumps(quote(json.dumps({'content': BODY})))}"),
        script(f"var page = {{id: 7, content: '{BODY}', ok: !0}}"),
        script(json.dumps(BLOCKS), "type=application/json"),
        pushed('5:["$","main",null,' + json.dumps({"post": {"body": BODY}}) + "]\n"),
        pushed(ROWS[:90], ROWS[90:]),
        f"{APP}<noscript><h1>夜间开放</h1><article>{BODY}</article></noscript>",
        f"<x-a><template shadowrootmode=open><article>{BODY}</article></template></x-a>",
        f'<iframe srcdoc="{html.escape(f"<article>{BODY}</article>")}"></iframe>',
    ],
    ids=[
        "nuxt 3", "nuxt 2", "assigned", "by name", "JSON.parse", "percent-encoded", "not JSON",
        "list of blocks", "next stream", "next stream, referred to", "noscript", "shadow tree",
        "srcdoc",
    ],
)  # fmt: skip
def test_the_article_is_found(body: str) -> None:
    lines = extract(wrap(body), "http://site.example/a/1.html").text.splitlines()
    assert [line for line in lines if line != "夜间开放"] == list(ZH)


def test_a_live_blog_that_only_its_data_tells() -> None:
    updates = [{"@type": "BlogPosting", "headline": "x", "articleBody": text} for text in EN * 2]
    data = json.dumps({"@type": "LiveBlogPosting", "liveBlogUpdate": updates})
    head = f"<script type='application/ld+json'>{data}</script>"
    assert extract(wrap(APP, head=head)).text.splitlines() == list(EN * 2)


@pytest.mark.parametrize(
    "body",
    [
        "<noscript>You need to enable JavaScript to run this app, and to allow cookies.</noscript>",
        "<template><div class=card><a href=/x>Read more</a><p>Subscribe today</p></div></template>",
        script("var a = {content: '" + "x" * 70 + "'}"),
        script("window.__STATE__ = {" + '"content": ' * 9000),
        pushed("7:Tfffff,short", "zz\n\n\n"),
        pushed("\\ud800:\n" * 50),
        script("[" * 50_000, "type=application/json"),
    ],
)
def test_scraps_are_no_article(body: str) -> None:
    with pytest.raises(ExtractError) as caught:
        extract(wrap(body))
    assert caught.value.error_class == "empty_extract"
