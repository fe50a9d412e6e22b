"""The whole way from bytes to article: forms of pages, and bytes that hold no article."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import ExtractError
from scraper.extraction import extract
from scraper.models import Article

ZH = (
    "市图书馆星期一恢复了夜间开放，阅览室的灯要到十一点才会熄灭，这是停办六年之后的第一次。",
    "馆长说，夜间的读者多半是刚下班的年轻人，他们要的不是新书，而是一张安静的桌子和一杯热水。",
    "为了照顾远处来的读者，公交公司把最后一班车推迟了二十分钟，司机们轮流值班，没有额外的补贴。",
)
EN = (
    "The library opened again at night on Monday, and the lamps burned until eleven.",
    "Most of those who came, the librarian said, wanted a quiet table and hot water.",
    "The bus company moved its last service by twenty minutes, and the drivers take turns.",
)  # fmt: skip


LIST = "".join(f"<li><a href='/a/{n}.html'>第{n}条新闻的标题</a></li>" for n in range(60))


def wrap(body: str, *, head: str = "", title: str = "夜间开放") -> bytes:
    menu = "".join(f"<li><a href='/{n}'>{n}频道</a></li>" for n in ("新闻", "财经", "体育", "文化"))
    return (
        f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>"
        f"<ul class=nav>{menu}</ul>{body}<div class=footer>联系我们 关于我们</div></body></html>"
    ).encode()


def paragraphs(texts: tuple[str, ...], tag: str = "p") -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize(
    "form",
    [
        lambda t: f"<h1>夜间开放</h1><div id=content>{paragraphs(t)}</div>",
        lambda t: f"<h1>夜间开放</h1><div class=a>{'<br><br>'.join(t)}</div>",
        lambda t: f"<h1>夜间开放</h1><div class=a>{paragraphs(t, 'div')}</div>",
        lambda t: f"<h1>夜间开放</h1><div class=x1f>{paragraphs(t, 'section')}</div>",
        lambda t: f"<h1>夜间开放</h1><blockquote>{paragraphs(t)}</blockquote>",
        lambda t: f"<div></div></body></html><h1>夜间开放</h1><article>{paragraphs(t)}</article>",
        lambda t: "<div>" * 300 + f"<article>{paragraphs(t)}</article>" + "</div>" * 300,
    ],
    ids=["p", "br", "div", "section", "blockquote", "after-html", "deep"],
)
def test_paragraphs_in_any_form(form: object, texts: tuple[str, ...]) -> None:
    article = extract(wrap(form(texts)))  # type: ignore[operator]
    assert [line for line in article.text.splitlines() if line != "夜间开放"] == list(texts)


def test_repeated_paragraphs_are_kept() -> None:
    refrain = "灯还亮着，灯还亮着，直到最后一个读者合上书。"
    lines = [ZH[0], refrain, ZH[1], refrain, ZH[2], refrain]
    body = f"<h1>夜间开放</h1><div class=content>{paragraphs(tuple(lines))}</div>"
    assert extract(wrap(body)).text.splitlines() == lines


def test_flash_news_of_one_line() -> None:
    flash = "北岸市气象台二十日十六时发布大风蓝色预警，预计未来十二小时内沿江地区阵风可达七级。"
    body = f"<h1>北岸发布大风预警</h1><div class=article-content><p>{flash}</p></div>"
    assert extract(wrap(body, title="北岸发布大风预警")).text == flash


def test_the_article_stands_in_json_ld_only() -> None:
    data = {"@type": "NewsArticle", "headline": "x", "articleBody": "\n".join(EN * 2)}
    head = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    article = extract(wrap("<div id=app></div>", head=head))
    assert article.text.splitlines() == list(EN * 2)
    assert {kept.place for kept in article.kept} == {"json-ld"}


def test_the_page_shows_a_part_of_what_json_ld_holds() -> None:
    data = {"@type": "NewsArticle", "articleBody": "\n".join(EN * 3)}
    head = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    article = extract(wrap(f"<h1>Night</h1><article><p>{EN[0]}</p></article>", head=head))
    assert article.text.splitlines() == list(EN * 3)
    assert EN[0] in [removed.text for removed in article.removed if removed.rule == "json-ld"]


@pytest.mark.parametrize(
    "script",
    [
        "<script id='__NEXT_DATA__' type='application/json'>{}</script>",
        "<script>window.__INITIAL_STATE__={};(function(){{}})()</script>",
    ],
)
def test_the_article_stands_in_framework_state_only(script: str) -> None:
    state = {"props": {"pageProps": {"post": {"id": 1, "content": paragraphs(ZH)}}}}
    article = extract(wrap("<div id=root></div>" + script.format(json.dumps(state))))
    assert article.text.splitlines() == list(ZH)


@pytest.mark.parametrize(
    ("body", "error_class"),
    [
        (b"", "not_html"),
        (b" \n\t ", "not_html"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3 <html>", "not_html"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "not_html"),
        (bytes(range(256)) * 40, "not_html"),
        (b"just a line of text", "not_html"),
        (b'{"error": "not found"}', "not_html"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "not_html"),
        (b"<html>" + b"x" * (50 * 1024 * 1024), "too_large"),
        (b"<html><body></body></html>", "empty_extract"),
        (b"<html><body><script>var a = 1</script></body></html>", "empty_extract"),
        (wrap(""), "empty_extract"),
        (wrap(f"<div>{LIST}</div>"), "empty_extract"),
        (wrap("<form>用户名<input>密码<input><button>登录</button></form>"), "empty_extract"),
    ],
    ids=[
        "empty", "blank", "pdf", "png", "binary", "plain", "json", "feed", "50 MB", "no body",
        "script only", "navigation only", "list only", "log-in",
    ],
)  # fmt: skip
def test_an_article_is_never_invented(body: bytes, error_class: str) -> None:
    with pytest.raises(ExtractError) as caught:
        extract(body, "http://site.example/")
    assert caught.value.error_class == error_class
    assert caught.value.url == "http://site.example/"


def test_a_truncated_page_gives_what_came() -> None:
    whole = wrap(f"<h1>夜间开放</h1><div class=content>{paragraphs(ZH)}</div>")
    article = extract(whole[: whole.index(ZH[2].encode()) + 31])
    assert article.text.splitlines()[:2] == list(ZH[:2])


def test_every_block_is_kept_or_removed_once_and_in_order() -> None:
    article = extract(wrap(f"<h1>夜间开放</h1><div class=content>{paragraphs(ZH)}</div>"))
    positions = sorted(block.position for block in (*article.kept, *article.removed))
    assert positions == list(range(len(positions)))
    assert [kept.position for kept in article.kept] == sorted(k.position for k in article.kept)
    assert all(removed.rule and removed.place and removed.text for removed in article.removed)


def test_how_the_bytes_were_decoded_is_on_record() -> None:
    body = wrap(f"<div class=content>{paragraphs(ZH)}</div>").decode().replace("utf-8", "gb2312")
    article = extract(body.encode("gb18030"))
    assert (article.encoding, article.encoding_origin, article.replaced) == ("gb18030", "meta", 0)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=600) | st.text(max_size=300).map(lambda t: f"<p>{t}</p>".encode()))
def test_any_bytes_give_an_article_or_the_documented_error(body: bytes) -> None:
    try:
        article = extract(body)
    except ExtractError as error:
        assert error.error_class in ("not_html", "empty_extract")
    else:
        assert isinstance(article, Article)
        assert article.text.strip()


@pytest.mark.parametrize(
    "body",
    [
        b"<p>&#xD800;&#0;&#x110000; text</p>",
        b"<script type='application/ld+json'>{\"a\": " + b"9" * 5000 + b"}</script><p>x</p>",
        b"<script type='application/ld+json'>" + b"[" * 5000 + b"</script><p>x</p>",
        b"<p " + b" ".join(b"a%d=1" % n for n in range(20_000)) + b">x</p>",
        b"<html><frameset><frame src=a></frameset></html>",
    ],
    ids=["surrogate", "long integer", "deep json", "attributes", "frames"],
)
def test_hostile_pages_raise_nothing_foreign(body: bytes) -> None:
    try:
        extract(body)
    except ExtractError as error:
        assert error.error_class == "empty_extract"
