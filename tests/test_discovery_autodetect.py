"""The ways to a source: what is found at an address, what stands in for what, what has moved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.discovery import DetectedSources, discover, find_sources
from scraper.discovery.feed import parse_feed, unwrap
from scraper.discovery.listing import parse_listing
from scraper.discovery.site_info import feed_links
from scraper.discovery.sitemap import MAX_BY_TURNS, MAX_LATE
from scraper.errors import DiscoverError, FetchError
from scraper.models import Discovery, Hop, Page, Source
from scraper.text.languages import normal_tag, same_language, zone_of, zone_of_times

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
SITE = "https://news.example"
Answer = bytes | str | tuple[int, bytes] | Page


def item(path: str, extra: str = "", title: str = "A headline that is long enough") -> str:
    return f"<item><title>{title}</title><link>{SITE}{path}</link>{extra}</item>"


def rss(*items: str, head: str = "") -> str:
    return (
        "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/"
        "content/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
        "xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>The Example: all of it</title>"
        f"<link>{SITE}/</link><language>en-gb</language>{head}{''.join(items)}</channel></rss>"
    )


def page(url: str, body: bytes | str = b"", status: int = 200, **more: Any) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(
        url=url, final_url=more.pop("final", url), status=status, headers={}, body=raw,
        fetched_at=NOW, **more,
    )  # fmt: skip


class Web:
    """A site on paper: bodies by path, 404 elsewhere; remembers what it was asked for."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, url: str, **options: Any) -> Page:
        path = url.removeprefix(SITE)
        self.asked.append(path)
        answer = self.answers.get(path, (404, b""))
        if isinstance(answer, Page):
            return answer
        if isinstance(answer, tuple):
            if answer[0] == 0:
                raise FetchError(f"{url}: nobody answers", url=url, error_class="connect")
            return page(url, answer[1], answer[0])
        return page(url, answer)


FRONT = "".join(
    f"<h2><a href='/2025/11/{day}/{word}-of-the-week'>{word.title()} is what mattered this week"
    "</a></h2>"
    for day, word in ((12, "silicon"), (13, "openness"), (14, "copper"), (15, "trust"))
)
LINKS = "".join(f"<a href='/2025/{n}/some-story-that-ran'>Story {n}</a>" for n in range(3))


def html(head: str = "", body: str = "", lang: str = "en") -> str:
    return (
        f"<!doctype html><html lang='{lang}'><head><title>The Example - News</title>{head}</head>"
        f"<body>{body}</body></html>"
    )


def find(answers: Mapping[str, Answer], at: str = "/") -> tuple[DetectedSources, list[str]]:
    web = Web(answers)
    return asyncio.run(find_sources(SITE + at, web, at=NOW)), web.asked


# What is found at an address


def test_the_feed_that_the_page_declares_comes_first_and_the_page_stands_behind_it() -> None:
    found, asked = find(
        {
            "/": html(
                "<link rel=alternate type=application/rss+xml href=/comments/feed title=Comments>"
                "<link rel='alternate' type='application/atom+xml' href='stories.atom'>",
                FRONT,
            ),
            "/stories.atom": rss(item("/a")),
            "/feed": rss(item("/never-asked-for")),
        }
    )
    assert [(candidate.kind, candidate.url) for candidate in found.candidates] == [
        ("feed", f"{SITE}/stories.atom"),
        ("listing", f"{SITE}/"),
    ]
    assert (found.outlet, found.language) == ("The Example", "en")
    assert "/comments/feed" not in asked and "/feed" not in asked


PLATFORMS = [
    ("WordPress", "<meta name=generator content='WordPress 6.9'>", "/", "/feed/"),
    ("WordPress", "<link href='/wp-content/themes/x.css'>", "/topic/ai/", "/topic/ai/feed/"),
    ("Ghost", "<meta name=generator content='Ghost 6.0'>", "/", "/rss/"),
    ("Substack", "<link href='https://substackcdn.com/x.css'>", "/", "/feed"),
    ("Medium", "<link href='https://miro.medium.com/x.png'>", "/@ida", "/feed/@ida"),
    ("Hexo", "<meta name='generator' content='Hexo 7.3'>", "/", "/atom.xml"),
    ("Hugo", "<meta name='generator' content='Hugo 0.150'>", "/posts/", "/posts/index.xml"),
    ("Jekyll", "<meta name='generator' content='Jekyll v4'>", "/", "/feed.xml"),
]


@pytest.mark.parametrize(("name", "head", "at", "feed"), PLATFORMS)
def test_the_software_of_a_site_tells_where_its_feed_is(
    name: str, head: str, at: str, feed: str
) -> None:
    found, asked = find({at: html(head), feed: rss(item("/a"))}, at)
    assert (found.platform, found.candidates[0].url) == (name, SITE + feed)
    assert asked.index(feed) <= 2


def test_a_feed_that_only_a_link_of_the_body_leads_to() -> None:
    body = f"{LINKS}<footer><a href='/syndication'>RSS</a></footer>"
    found, _ = find({"/": html(body=body), "/syndication": rss(item("/a"))})
    assert found.candidates[0].url == f"{SITE}/syndication"


@pytest.mark.parametrize("path", ["/feed", "/rss.xml", "/atom.xml", "/index.xml"])
def test_feeds_at_common_addresses(path: str) -> None:
    found, _ = find({"/": html(), path: rss(item("/a"))})
    assert (found.candidates[0].url, found.candidates[0].how) == (SITE + path, "a common address")


NEWS = (
    "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url>"
    f"<loc>{SITE}/2025/a</loc><news:news><news:publication><news:name>The Example</news:name>"
    "<news:language>zh-tw</news:language></news:publication><news:publication_date>2025-11-20"
    "</news:publication_date><news:title>T</news:title></news:news></url></urlset>"
)


def test_robots_txt_leads_to_the_news_sitemap_before_the_others() -> None:
    robots = f"User-agent: *\nSitemap: {SITE}/all.xml\nSitemap: {SITE}/maps/news-7.xml\n"
    found, asked = find(
        {"/": html(), "/robots.txt": robots, "/maps/news-7.xml": NEWS, "/all.xml": NEWS}
    )
    assert [(candidate.kind, candidate.url) for candidate in found.candidates] == [
        ("sitemap", f"{SITE}/maps/news-7.xml")
    ]
    assert "/all.xml" not in asked


def test_a_sitemap_index_shows_what_its_newest_child_holds() -> None:
    index = (
        f"<sitemapindex><sitemap><loc>{SITE}/s1.xml</loc><lastmod>2024-01-01</lastmod></sitemap>"
        f"<sitemap><loc>{SITE}/s2.xml</loc><lastmod>2025-11-01</lastmod></sitemap></sitemapindex>"
    )
    found, asked = find({"/": html(), "/sitemap.xml": index, "/s2.xml": NEWS})
    assert found.candidates[0].url == f"{SITE}/sitemap.xml" and "/s1.xml" not in asked
    assert [entry.title for entry in found.candidates[0].entries] == ["T"]


@pytest.mark.parametrize(("body", "kind"), [(rss(item("/a")), "feed"), (NEWS, "sitemap")])
def test_an_address_that_is_itself_to_be_watched(body: str, kind: str) -> None:
    found, asked = find({"/x": body}, "/x")
    assert [(candidate.kind, candidate.url) for candidate in found.candidates] == [
        (kind, f"{SITE}/x")
    ]
    assert (found.outlet, asked) == ("The Example", ["/x"])


def test_nothing_to_watch_is_told_with_what_was_tried() -> None:
    with pytest.raises(DiscoverError) as caught:
        find({"/": html(body="<p>under construction</p>")})
    assert caught.value.error_class == "no_links"
    assert "none of its blocks looks like a list" in caught.value.message
    assert 'kind = "listing"' in caught.value.message, "what to do instead"


def test_a_search_is_bounded() -> None:
    head = "".join(
        f"<link rel=alternate type=application/rss+xml href=/{n}.rss>" for n in range(200)
    )
    web = Web({"/": html(head, FRONT)})
    found = asyncio.run(find_sources(f"{SITE}/", web, at=NOW))
    assert [candidate.kind for candidate in found.candidates] == ["listing"]
    assert len(web.asked) <= 16


def test_an_address_that_cannot_be_had_is_a_failure() -> None:
    with pytest.raises(FetchError, match="503"):
        find({"/": (503, b"")})


CHINESE = "".join(
    f"<li><a href='/a/2025112{n}/1.html'>國產開源模型發布權重與論文，研究機構表示歡迎並將"
    "繼續跟進</a></li>"
    for n in range(4)
)


def test_script_and_zone_are_told_by_the_text_where_the_site_does_not() -> None:
    found, _ = find({"/": html(body=f"<ul>{CHINESE}</ul>", lang="")})
    assert (found.language, found.zone) == ("zh-Hant", "Asia/Taipei")


@pytest.mark.parametrize(
    ("tag", "normal"),
    [("en-US", "en"), ("zh_CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"),
     ("ZH-hans", "zh-Hans"), ("zh", "zh"), ("", ""), ("x", ""), ("zh-hk", "zh-Hant")],
)  # fmt: skip
def test_language_tags(tag: str, normal: str) -> None:
    assert normal_tag(tag) == normal


def test_zones() -> None:
    assert zone_of("https://a.com.tw/", "") == "Asia/Taipei"
    assert zone_of("https://a.example/", "zh-HK") == "Asia/Hong_Kong"
    assert zone_of("https://a.example/", "zh-cn") == "Asia/Shanghai"
    assert zone_of("https://a.example/", "en-US") == ""
    assert same_language("zh-TW", "zh-Hant") and not same_language("zh-CN", "zh-Hant")


# What stands in for what


def visit(answers: Mapping[str, Answer], source: Source, **options: Any) -> Discovery:
    return asyncio.run(discover(source, Web(answers), at=NOW, **options))


def feed_source(*fallback: str, **more: Any) -> Source:
    return Source(
        name="s", kind="feed", url=f"{SITE}/feed", outlet="N", fallback=fallback, **more
    )  # fmt: skip


LISTING, NEWS_MAP = f"listing {SITE}/tech/", f"sitemap {SITE}/news.xml"


def test_each_rung_is_tried_in_turn_and_why_the_others_failed_is_told() -> None:
    found = visit(
        {"/feed": html(), "/news.xml": (500, b""), "/tech/": html(body=FRONT)},
        feed_source(NEWS_MAP, LISTING),
    )
    assert found.served_by == LISTING and len(found.links) == 4
    assert {link.source for link in found.links} == {"s"}
    assert [(candidate.kind, candidate.error_class) for candidate in found.failed] == [
        ("feed", "not_a_feed"),
        ("sitemap", "http_error"),
    ]


def test_a_feed_that_works_asks_for_nothing_else() -> None:
    web = Web({"/feed": rss(item("/a"))})
    found = asyncio.run(discover(feed_source(LISTING), web, at=NOW))
    assert (found.served_by, found.failed, web.asked) == ("", (), ["/feed"])


def test_an_empty_feed_falls_back_but_is_no_failure_of_its_own() -> None:
    answers = {"/feed": rss(), "/tech/": html(body=FRONT)}
    assert visit(answers, feed_source(LISTING)).served_by == LISTING
    alone = visit(answers, feed_source())
    assert (alone.links, alone.served_by) == ((), "")
    assert "no entries" in alone.notes[0]
    assert visit({"/feed": rss()}, feed_source(LISTING)).links == ()


def test_where_all_fail_the_first_error_tells_of_the_others() -> None:
    with pytest.raises(FetchError) as caught:
        visit({"/feed": (410, b""), "/tech/": html()}, feed_source(LISTING))
    assert caught.value.error_class == "gone"
    assert "removed for good" in caught.value.message
    assert "in its stead listing" in caught.value.message


def test_a_host_that_is_down_is_not_asked_again_for_its_other_addresses() -> None:
    web = Web({"/feed": (0, b"")})
    with pytest.raises(FetchError):
        asyncio.run(discover(feed_source(NEWS_MAP, LISTING), web, at=NOW))
    assert web.asked == ["/feed"]


def test_a_page_in_place_of_a_feed_says_where_the_feed_is() -> None:
    page_ = html("<link rel=alternate type=application/rss+xml href=/feed/news.xml>")
    with pytest.raises(DiscoverError, match=r"names https://news\.example/feed/news\.xml"):
        visit({"/feed": page_}, feed_source())


# What has moved


def test_only_permanent_redirects_to_a_feed_mean_that_it_moved() -> None:
    new = f"{SITE}/new"

    def moved(*statuses: int, body: str = rss(item("/a"))) -> str:
        hops = tuple(Hop(status=status, url=new) for status in statuses)
        return visit(
            {"/feed": page(f"{SITE}/feed", body, final=new, hops=hops)}, feed_source()
        ).moved_to

    assert moved(301) == moved(308, 301) == new
    assert moved(302) == moved(301, 307) == ""
    assert moved(301, body=rss()) == "", "an empty feed must not take its place"
    with pytest.raises(DiscoverError):
        moved(301, body=html())


def test_a_feed_may_say_itself_that_it_moved_or_what_its_own_address_is() -> None:
    told = f"<itunes:new-feed-url>{SITE}/new</itunes:new-feed-url>"
    found = visit({"/feed": rss(item("/a"), head=told)}, feed_source())
    assert found.moved_to == f"{SITE}/new" and "has moved" in found.notes[0]
    own = f"<atom:link rel='self' href='{SITE}/canonical-feed'/>"
    found = visit({"/feed": rss(item("/a"), head=own)}, feed_source())
    assert found.moved_to == "" and "as its own address" in found.notes[0]


# Where an entry leads


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://www.search.example/url?q=https%3A%2F%2Fa.example%2F1&usg=x", "https://a.example/1"),
        ("https://link.social.example/?target=https%3A//a.example/1", "https://a.example/1"),
        ("https://t.example/redirect.php?id=7&url=https://a.example/1?x=2", "https://a.example/1?x=2"),
        ("https://a.example/story?share=https://b.example/1", "https://a.example/story?share=https://b.example/1"),
        ("https://t.example/click?to=javascript:http", "https://t.example/click?to=javascript:http"),
        ("https://t.example/r/123?x=https", "https://t.example/r/123?x=https"),
    ],
)  # fmt: skip
def test_redirectors_that_show_where_they_lead(url: str, target: str) -> None:
    assert unwrap(url) == target


def entry_urls(body: str) -> list[str]:
    return [
        e.url for e in parse_feed(body.encode(), f"{SITE}/feed", "", feed_source(), NOW).entries
    ]


def test_the_articles_own_address_comes_before_what_leads_to_it() -> None:
    through = "<item><link>https://count.test/c/1</link><guid>{}</guid></item>"
    assert entry_urls(rss(through.format(f"{SITE}/2025/a"))) == [f"{SITE}/2025/a"]
    assert entry_urls(rss(through.format("7"))) == ["https://count.test/c/1"]
    assert entry_urls(rss(through.format("https://other.test/a"))) == ["https://count.test/c/1"]


def test_relative_links_are_resolved_against_the_base_that_the_feed_declares() -> None:
    atom = (
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='{SITE}/blog/'>"
        "<entry xml:base='2025/'><title>A</title><link href='a.html'/></entry>"
        "<entry><title>B</title><link href='b'/></entry>"
        "</feed>"
    )
    assert entry_urls(atom) == [f"{SITE}/blog/2025/a.html", f"{SITE}/blog/b"]


def test_whole_articles_in_entries_come_as_plain_text_and_summaries_do_not() -> None:
    line = "The harbour board said that the weights would be published in full."
    whole = "".join(f"<p>{line} ({n})</p>" for n in range(8)) + "<script>steal()</script>"
    found = visit(
        {
            "/feed": rss(
                item("/a", f"<content:encoded><![CDATA[{whole}]]></content:encoded>"),
                item("/b", f"<description>{line}</description>"),
            )
        },
        feed_source(),
    )
    first, second = found.links
    assert first.content.splitlines() == [f"{line} ({n})" for n in range(8)]
    assert second.content == ""


# Sitemaps and listings: what is new


def test_of_a_sitemap_that_was_read_before_what_changed_or_is_not_known_is_taken() -> None:
    urls = "".join(
        f"<url><loc>{SITE}/{path}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for path, day in (
            ("old", "2025-01-01"),
            ("new", "2025-11-20"),
            ("x", ""),
            ("y", ""),
            ("late", "1970-01-01"),
        )
    )
    source = Source(name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N")
    answers = {"/map.xml": f"<urlset>{urls}</urlset>"}

    async def known(asked: Any) -> frozenset[str]:
        return frozenset({f"{SITE}/x", f"{SITE}/old"} & set(asked))

    first = visit(answers, source, known=known)
    later = visit(answers, source, known=known, since=NOW - timedelta(days=1))
    assert [link.url[-3:].strip("/") for link in first.links] == ["new", "old", "e/x", "e/y", "ate"]
    assert [link.url.removeprefix(SITE) for link in later.links] == ["/new", "/y", "/late"]


def test_of_a_large_sitemap_what_is_late_is_taken_bit_by_bit() -> None:
    urls = "".join(
        f"<url><loc>{SITE}/{n}</loc><lastmod>20{n // 100:02}-01-01</lastmod></url>"
        for n in range(2_500)
    )
    source = Source(name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N")
    since = NOW - timedelta(days=1)
    known: set[str] = set()

    async def were_met(asked: Any) -> frozenset[str]:
        return frozenset(known & set(asked))

    for _ in range(3):
        found = visit({"/map.xml": f"<urlset>{urls}</urlset>"}, source, known=were_met, since=since)
        assert len(found.links) == MAX_LATE
        assert any("wait for the next visits" in note for note in found.notes)
        assert not known & {link.url for link in found.links}
        known |= {link.url for link in found.links}
    assert f"{SITE}/2499" in known, "the newest first"


def test_children_that_did_not_change_are_read_by_turns_the_most_promising_always() -> None:
    children = "".join(
        f"<sitemap><loc>{SITE}/{n}.xml</loc><lastmod>2025-0{n}-01</lastmod></sitemap>"
        for n in range(1, 7)
    )
    web = Web({"/map.xml": f"<sitemapindex>{children}</sitemapindex>", "/6.xml": NEWS})
    source = Source(name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N")
    asked: list[str] = []
    for hour in range(24):
        web.asked.clear()
        at = NOW + timedelta(hours=hour)
        found = asyncio.run(discover(source, web, at=at, since=at - timedelta(hours=1)))
        assert web.asked[:3] == ["/map.xml", "/6.xml", "/5.xml"]
        same = 4 - len(web.asked[3:])
        assert any(f"{same} sitemaps did not change" in note for note in found.notes) or not same
        assert not found.conditional, "an index stays the same while its children change"
        asked += web.asked[3:]
    assert sorted(asked) == ["/1.xml", "/2.xml", "/3.xml", "/4.xml"], "each once a day"


def test_of_many_children_that_are_due_some_are_read_each_day_others() -> None:
    children = "".join(
        f"<sitemap><loc>{SITE}/{n}.xml</loc><lastmod>2020-01-01</lastmod></sitemap>"
        for n in range(40)
    )
    web = Web({"/map.xml": f"<sitemapindex>{children}</sitemapindex>", "/39.xml": NEWS})
    source = Source(name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N")
    for day in range(60):
        at = NOW + timedelta(days=day)
        asyncio.run(discover(source, web, at=at, since=at - timedelta(days=1)))
    assert len(web.asked) == 60 * (3 + MAX_BY_TURNS)
    assert len(set(web.asked)) == 41, "none is left out for good"


def test_children_on_another_site_are_read_where_robots_txt_places_them_there() -> None:
    index = (
        f"<sitemapindex><sitemap><loc>{SITE}/1.xml</loc></sitemap>"
        "<sitemap><loc>https://maps.store.test/2.xml</loc></sitemap>"
        "<sitemap><loc>https://elsewhere.test/3.xml</loc></sitemap></sitemapindex>"
    )
    answers = {
        "/map.xml": index,
        "/1.xml": NEWS,
        "https://maps.store.test/2.xml": f"<urlset><url><loc>{SITE}/b</loc></url></urlset>",
    }
    robots = "Sitemap: https://maps.store.test/all.xml\n"
    for named in (True, False):
        web = Web(answers | ({"/robots.txt": robots} if named else {}))
        source = Source(name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N")
        found = asyncio.run(discover(source, web, at=NOW))
        assert ("https://maps.store.test/2.xml" in web.asked) is named
        assert not any("elsewhere" in url for url in web.asked)
        assert any("on other sites were skipped" in note for note in found.notes)
    source = Source(name="s", kind="sitemap", url=f"{SITE}/robots.txt", outlet="N")
    robots = "Sitemap: https://maps.store.test/2.xml\n"
    found = visit(answers | {"/robots.txt": robots}, source)
    assert [link.url for link in found.links] == [f"{SITE}/b"]


def test_an_index_without_times_is_never_trusted_to_be_unchanged() -> None:
    index = f"<sitemapindex><sitemap><loc>{SITE}/1.xml</loc></sitemap></sitemapindex>"
    source = Source(name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N")
    assert not visit({"/map.xml": index, "/1.xml": NEWS}, source).conditional


def test_of_an_articles_editions_the_one_in_the_sources_language_is_taken() -> None:
    link = "<xhtml:link rel='alternate' hreflang='{}' href='{}'/>"
    editions = link.format("en", f"{SITE}/en/a") + link.format("zh-Hant", f"{SITE}/tw/a")
    body = (
        "<urlset xmlns:xhtml='http://www.w3.org/1999/xhtml'>"
        f"<url><loc>{SITE}/en/a</loc>{editions}</url><url><loc>{SITE}/tw/a</loc>{editions}</url>"
        f"<url><loc>{SITE}/en/b</loc></url></urlset>"
    )

    def urls(language: str) -> list[str]:
        source = Source(
            name="s", kind="sitemap", url=f"{SITE}/map.xml", outlet="N", language=language
        )
        return [link.url.removeprefix(SITE) for link in visit({"/map.xml": body}, source).links]

    assert urls("zh-Hant") == ["/tw/a", "/en/b"]
    assert urls("en") == ["/en/a", "/en/b"]
    assert urls("") == ["/en/a", "/tw/a", "/en/b"]


def section(number: int, following: str = "") -> str:
    heads = "".join(
        f"<h2><a href='/2025/11/{n + 10}/page-{number}-story-number-{n}'>Headline {n} of page "
        f"{number} of the section</a></h2>"
        for n in range(4)
    )
    return html(body=f"<main>{heads}</main>{following}")


NEXT = "<div class='pagination'><a href='/tech/?page={}'>{}</a></div>"


@pytest.mark.parametrize("words", ["Next page »", "下一页", "下一頁", "Older posts", "→"])
def test_a_listing_is_read_on_while_it_shows_nothing_but_what_is_new(words: str) -> None:
    answers = {"/tech/": section(1, NEXT.format(2, words))}
    answers |= {f"/tech/?page={n}": section(n, NEXT.format(n + 1, words)) for n in range(2, 9)}
    source = Source(name="s", kind="listing", url=f"{SITE}/tech/", outlet="N", pages=3)

    def pages_read(known_until: int) -> int:
        async def known(urls: Any) -> frozenset[str]:
            return frozenset(url for url in urls if f"page-{known_until}-" in url)

        return len(visit(answers, source, known=known).pages)

    assert pages_read(99) == 3, "the bound"
    assert pages_read(1) == 1, "what is known stands on the first page"
    assert pages_read(2) == 2


def test_a_listings_broken_or_circular_next_page_costs_nothing() -> None:
    source = Source(name="s", kind="listing", url=f"{SITE}/tech/", outlet="N", pages=9)
    broken = visit({"/tech/": section(1, NEXT.format(2, "Next"))}, source)
    assert len(broken.links) == 4 and "page 2" in broken.notes[0]
    circle = {"/tech/": section(1, "<a rel=next href='/tech/'>on</a>")}
    assert len(visit(circle, source).pages) == 1
    foreign = {"/tech/": section(1, "<a rel=next href='https://evil.test/'>on</a>")}
    assert len(visit(foreign, source).pages) == 1


def test_the_feeds_that_a_page_names() -> None:
    tree = html(
        "<base href='/sub/'><link rel='alternate' type='application/feed+json' href='f.json'>"
        "<link rel=alternate type=application/json href=/wp-json/wp/v2/pages/7>"
        "<link rel=alternate type=text/html hreflang=fr href=/fr/>",
        "<a href='/feeds/all.atom.xml'>x</a><a href='/feedback'>Feedback</a>"
        "<a href='/news'>RSS</a>",
    )
    assert [(link.url.removeprefix(SITE), link.declared) for link in feed_links(tree, SITE)] == [
        ("/sub/f.json", True),
        ("/feeds/all.atom.xml", False),
        ("/news", False),
    ]


def test_a_listing_tells_its_next_page() -> None:
    body = section(1, NEXT.format(2, "Next")).encode()
    source = Source(name="s", kind="listing", url=f"{SITE}/tech/", outlet="N")
    listing = parse_listing(body, f"{SITE}/tech/", "text/html", source, NOW)
    assert listing.next_url == f"{SITE}/tech/?page=2"


def test_offsets_of_printed_times_tell_the_zone() -> None:
    def times(*printed: str) -> list[datetime]:
        return [datetime.fromisoformat(time) for time in printed]

    eastern = times("2026-01-10T08:00:00-05:00", "2026-07-10T08:00:00-04:00")
    assert zone_of_times(eastern, "en", "") == "America/New_York"
    assert zone_of_times(times("2026-01-10T08:00:00-08:00"), "zh-Hans", "Asia/Shanghai") == (
        "America/Los_Angeles"
    ), "times that deny the usual zone win"
    eight = times("2026-01-10T08:00:00+08:00")
    assert zone_of_times(eight, "zh-Hant", "Asia/Hong_Kong") == "Asia/Hong_Kong"
    assert zone_of_times(eight, "zh-Hant", "") == "Asia/Taipei"
    assert zone_of_times(eight, "zh-Hans", "") == "Asia/Shanghai"
    assert zone_of_times(times("2026-01-10T08:00:00+00:00"), "en", "Europe/Paris") == "Europe/Paris"
    assert zone_of_times(times("2026-01-10T08:00:00+03:37"), "en", "") == ""


def test_an_answer_in_json_is_watched_as_a_listing() -> None:
    rows = [
        {"title": f"港口船票系统换用开放模型第{n}天", "url": f"/p/{31000 + n}"} for n in range(6)
    ]
    found, _ = find({"/": json.dumps({"data": rows})})
    assert (found.candidates[0].kind, found.language, found.zone) == (
        "listing", "zh-Hans", "Asia/Shanghai",
    )  # fmt: skip


def test_a_text_speaks_for_its_language_before_a_template_does() -> None:
    rows = "".join(
        f"<li><a href='/a/{31000 + n}.html'>港口船票系统换用开放权重的模型第{n}天</a></li>"
        for n in range(8)
    )
    found, _ = find({"/": f"<html lang='en'><title>海港网-首页</title><body><ul>{rows}</ul>"})
    assert (found.outlet, found.language, found.zone) == ("海港网", "zh-Hans", "Asia/Shanghai")
