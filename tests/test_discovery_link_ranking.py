"""Listings in the many forms that sites give them: by markup, by data, with times beside, paged.

The pages model layouts and hold invented headlines; none stands for a known site.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.discovery.link_ranking import Items
from scraper.discovery.listing import Listing, parse_listing
from scraper.discovery.site_info import attribute
from scraper.errors import DiscoverError
from scraper.models import Source

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SITE = "https://www.harbour-press.com"
HERE = f"{SITE}/tech/"
ZH = (
    "港口船票系统换用开放权重模型", "芯片厂商预告明年量产推理卡", "投资人从实验室转向落地应用",
    "省级数据局就语料共享征求意见", "高校联合发布小参数推理评测集", "许可证之争再起社区呼吁统一",
    "云厂商下调推理价格超过六成", "自动驾驶公司公开仿真数据集",
)  # fmt: skip
EN = (
    "Harbour board swaps its ticketing model for open weights",
    "Chip maker promises an inference card for next year",
    "Investors turn from laboratories to applications",
    "Province drafts rules on sharing of training text",
    "University team releases a small reasoning benchmark",
    "Licence dispute returns to the open source world",
    "Cloud prices fall by more than sixty percent",
    "Driving firm opens its simulation data to research",
)


def slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def read(body: str, url: str = HERE, *, zone: str = "Asia/Shanghai") -> Listing:
    source = Source(name="s", kind="listing", url=url, outlet="S", zone=zone)
    return parse_listing(body.encode(), url, "text/html; charset=utf-8", source, NOW)


def page(body: str, attributes: str = "") -> str:
    return f"<!doctype html><html><head><title>T</title></head><body {attributes}>{body}</body>"


def each(layout: Callable[[int], str], count: int = 8) -> str:
    return "".join(layout(number) for number in range(count))


def dated(n: int) -> str:
    return f"/a/2026/1123/{1000 + n}.html"


def named(n: int) -> str:
    return f"/2026/11/{slug(EN[n])}"


LAYOUTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "headline in an attribute for readers of screens": (
        each(lambda n: f'<div><a href="{named(n)}" aria-label="{EN[n]}"></a><i>{EN[n]}</i></div>'),
        named,
    ),
    "empty link laid over a card": (
        each(
            lambda n: (
                f'<article><a class="over" href="{named(n)}"></a><div><h3>{EN[n]}</h3>'
                "<p>What it is about.</p></div></article>"
            )
        ),
        named,
    ),
    "short headlines and addresses with a time": (
        each(lambda n: f'<li><a href="/posts/p{n}/">{ZH[n][:6]}</a><time>2026-11-1{n}</time></li>'),
        lambda n: f"/posts/p{n}/",
    ),
    "short headlines in headings": (
        each(lambda n: f'<article><h2><a href="/blog/n{n}">{EN[n][:9]}</a></h2></article>'),
        lambda n: f"/blog/n{n}",
    ),
    "articles filed below archives": (
        each(lambda n: f'<li><h2><a href="/archives/{10321 + n}">{ZH[n]}</a></h2></li>'),
        lambda n: f"/archives/{10321 + n}",
    ),
    "the whole page in a block that is called after its menu": (
        f'<div id="page" class="has-nav menu">'
        f"{each(lambda n: f'<h3><a href={dated(n)}>{ZH[n]}</a></h3>')}</div>",
        dated,
    ),
    "main element with a pager's name": (
        f'<main class="pages">{each(lambda n: f"<h3><a href={dated(n)}>{ZH[n]}</a></h3>")}</main>',
        dated,
    ),
    "cards with a foot of their own": (
        each(
            lambda n: (
                f'<article><footer><h3><a href="{named(n)}">{EN[n]}</a></h3></footer></article>'
            )
        ),
        named,
    ),
    "references within the sentences of whole posts": (
        each(
            lambda n: (
                f'<article><h1><a href="{named(n)}">{EN[n]}</a></h1><p>As was told before in a '
                f'long report, <a href="/2020/05/what-was-said-of-old-{n}">what was said of '
                "old</a>, and in many words that all follow after the link and after it again, "
                "the board has not met since then and will not meet before the spring.</p>"
                "</article>"
            )
        ),
        named,
    ),
    "state of a script, assigned": (
        "<div id=app></div><script>window.__STATE__="
        + json.dumps(
            {
                "menu": [{"title": "财经", "url": f"/c{n}/"} for n in range(6)],
                "list": {"rows": [{"newsTitle": ZH[n], "linkUrl": dated(n)} for n in range(8)]},
            }
        )
        + ";start()</script>",
        dated,
    ),
    "state of a script, as a string": (
        "<script>var s = JSON.parse("
        + json.dumps(json.dumps({"a": [{"title": EN[n], "path": named(n)} for n in range(8)]}))
        + ")</script>",
        named,
    ),
    "state of a script, as a document": (
        '<script type="application/json">'
        + json.dumps({"x": {f"id{n}": {"title": EN[n], "href": named(n)} for n in range(8)}})
        + "</script>",
        named,
    ),
    "list in JSON-LD": (
        '<script type="application/ld+json">'
        + json.dumps(
            {
                "@type": "ItemList",
                "itemListElement": [
                    {"@type": "ListItem", "item": {"@id": SITE + named(n), "name": EN[n]}}
                    for n in range(8)
                ],
            }
        )
        + "</script>",
        lambda n: named(n),
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_articles_are_found_in_their_order_and_nothing_else(layout: str) -> None:
    body, address = LAYOUTS[layout]
    menu = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in ("world", "tech", "about"))
    listing = read(page(f'<ul class="top">{menu}</ul>{body}'))
    assert [entry.url for entry in listing.entries] == [SITE + address(n) for n in range(8)]
    assert all(entry.title for entry in listing.entries)


@pytest.mark.parametrize(
    "answer",
    [
        '{{"code":0,"data":{{"list":{rows}}}}}',
        "{rows}",
        'callback_7({{"result":{rows}}});',
    ],
)
def test_an_answer_in_json_is_a_listing(answer: str) -> None:
    rows = [
        {"id": n, "title": f"<b>{ZH[n]}</b>", "url": SITE + dated(n), "ctime": 1795400000000 + n}
        for n in range(8)
    ]
    listing = read(answer.format(rows=json.dumps(rows)))
    assert [entry.title for entry in listing.entries] == list(ZH)
    assert listing.entries[0].published == datetime(2026, 11, 23, 2, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "answer",
    [
        '{"code":404,"msg":"not found"}',
        json.dumps([{"title": f"栏目{n}", "url": f"/c{n}/"} for n in range(9)]),
        "[" * 5000,
    ],
)
def test_json_without_articles_is_told(answer: str) -> None:
    with pytest.raises(DiscoverError, match="no article links"):
        read(answer)


@pytest.mark.parametrize(
    ("printed", "utc"),
    [
        ("11-22", "2026-11-21T16:00"),
        ("12-30", "2025-12-29T16:00"),
        ("[11/22]", "2026-11-21T16:00"),
        ("昨天", "2026-11-21T16:00"),
        ("昨日 08:30", "2026-11-22T00:30"),
        ("刚刚", "2026-11-23T08:00"),
        ("半小时前", "2026-11-23T07:30"),
        ("3个小时前", "2026-11-23T05:00"),
        ("2周前", "2026-11-08T16:00"),
        ("11月22日", "2026-11-21T16:00"),
        ("2h ago", "2026-11-23T06:00"),
        ("an hour ago", "2026-11-23T07:00"),
        ("35m ago", "2026-11-23T07:25"),
        ("yesterday", "2026-11-21T16:00"),
        ("Nov 22", "2026-11-21T16:00"),
        ("Sept. 3", "2026-09-02T16:00"),
        ("22 November", "2026-11-21T16:00"),
        # No times: a score, a share of a whole, a version, a month as a word.
        ("24-10 Sieg", None),
        ("3/4 of it", None),
        ("v11-22b", None),
        ("may 5 things", None),
    ],
)
def test_times_beside_the_headlines(printed: str, utc: str | None) -> None:
    rows = each(lambda n: f'<li><a href="{dated(n)}">{ZH[n]}</a><span>{printed}</span></li>')
    for entry in read(page(f"<ul>{rows}</ul>")).entries:
        told = entry.published.astimezone(UTC).isoformat()[:16] if entry.published else None
        assert told == utc, entry.published_raw


PAGERS = {
    "numbers, the current one without a link": (
        '<div class="pages"><b>1</b><a href="?page=2">2</a><a href="?page=3">3</a></div>',
        "?page=2",
    ),
    "numbers, all linked, the current one marked": (
        '<ul class="pager"><li><a href="index.html">1</a></li><li><a class="on" '
        'href="index_2.html">2</a></li><li><a href="index_3.html">3</a></li></ul>',
        "index_3.html",
    ),
    "a picture of an arrow": (
        '<div class="page"><a class="next page-numbers" href="/tech/page/2/"><svg></svg></a></div>',
        "page/2/",
    ),
    "older posts": ('<a href="/tech/page/2/">← Older posts</a>', "page/2/"),
    "more that leads on": ('<a href="/tech/list_2.shtml">加载更多</a>', "list_2.shtml"),
    "more in a button": ('<button data-next="/tech/?p=2">Load more</button>', "?p=2"),
    "more of another kind": ('<a href="/topics/">查看更多</a>', None),
    "a calendar": (
        "<table>" + "".join(f'<td><a href="/day/{d}">{d}</a>' for d in range(1, 9)) + "</table>",
        None,
    ),
    "the page itself": ('<a href="/tech/">下一页</a>', None),
    "a button without an address": ('<div class="page"><a href="#">下一页</a></div>', None),
}  # fmt: skip


@pytest.mark.parametrize("pager", PAGERS)
def test_where_a_listing_goes_on(pager: str) -> None:
    markup, target = PAGERS[pager]
    rows = each(lambda n: f'<li><a href="{dated(n)}">{ZH[n]}</a></li>')
    assert read(page(f"<ul>{rows}</ul>{markup}")).next_url == (HERE + target if target else "")


def test_each_block_is_asked_for_its_links_once() -> None:
    rows = "".join(f'<li><a href="/a/{31000 + n}.html">{ZH[n % 8]}</a></li>' for n in range(300))
    tree = LexborHTMLParser(page(f"<div><ul>{rows}</ul></div>"))
    asked: list[str] = []

    def article_at(href: str) -> str:
        asked.append(href)
        return href

    items = Items(article_at)
    for node in tree.css("a[href]"):
        assert items.around(node, attribute(node, "href")).tag == "li"
    assert len(asked) < 3 * 300, "a list of thousands must not be read anew for each of its links"
