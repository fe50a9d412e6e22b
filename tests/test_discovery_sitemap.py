"""Sitemaps: indexes, news, gzip and robots.txt lead to articles, newest first, within bounds."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.discovery import discover
from scraper.discovery.sitemap import MAX_LINKS, MAX_SITEMAPS, Sitemap, parse_sitemap
from scraper.errors import DiscoverError, ErrorClass, FetchError
from scraper.models import Discovery, Page, Source

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
HOST = "https://news.example"
REAL = Path(__file__).resolve().parents[2] / "shared" / "real" / "feeds"
NAMESPACE = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)


def urlset(*urls: str) -> bytes:
    return f"<?xml version='1.0'?><urlset {NAMESPACE}>{''.join(urls)}</urlset>".encode()


def url(path: str, modified: str = "", extra: str = "") -> str:
    stamp = f"<lastmod>{modified}</lastmod>" if modified else ""
    return f"<url><loc>{HOST}{path}</loc>{stamp}{extra}</url>"


def index(*paths: str) -> bytes:
    parts = "".join(
        f"<sitemap><loc>{path if '//' in path else HOST + path}</loc></sitemap>" for path in paths
    )
    return f"<sitemapindex {NAMESPACE}>{parts}</sitemapindex>".encode()


def visit(
    documents: Mapping[str, bytes], start: str = "/sitemap.xml", **options: tuple[str, ...]
) -> tuple[Discovery, list[str]]:
    """Visit a site that holds these documents; return what was found and what was asked for."""
    asked: list[str] = []

    async def get(
        url: str, *, etag: str = "", last_modified: str = "", max_bytes: int | None = None
    ) -> Page:
        asked.append(url)
        body = documents.get(url.removeprefix(HOST))
        status = 200 if body is not None else 404
        return Page(
            url=url, final_url=url, status=status, headers={}, body=body or b"", fetched_at=NOW
        )

    source = Source(name="s", kind="sitemap", url=HOST + start, outlet="News", **options)  # type: ignore[arg-type]
    return asyncio.run(discover(source, get, at=NOW)), asked


def paths(found: Discovery) -> list[str]:
    return [link.url.removeprefix(HOST) for link in found.links]


def test_newest_first_and_undated_last_in_their_order() -> None:
    found, _ = visit(
        {
            "/sitemap.xml": urlset(
                url("/u1"),
                url("/old", "2024-01-01"),
                url("/new", "2025-11-20T08:00:00+08:00"),
                url("/u2"),
            )
        }
    )
    assert paths(found) == ["/new", "/old", "/u1", "/u2"]


def test_news_give_headline_and_time_of_publication() -> None:
    news = (
        "<news:news><news:publication><news:name>N</news:name></news:publication>"
        "<news:publication_date>2025-11-19T08:30:00+08:00</news:publication_date>"
        "<news:title>Weights\n released</news:title></news:news>"
    )
    found, _ = visit({"/sitemap.xml": urlset(url("/a", "2025-11-20", news))})
    [link] = found.links
    assert link.title == "Weights released"
    assert link.published == datetime(2025, 11, 19, 0, 30, tzinfo=UTC)


def test_an_index_is_followed_three_deep_and_each_document_read_once() -> None:
    documents = {
        "/sitemap.xml": index("/sitemap.xml", "/one.xml", "/one.xml"),
        "/one.xml": index("/two.xml", "/sitemap.xml"),
        "/two.xml": index("/three.xml"),
        "/three.xml": b"<sitemapindex><sitemap><loc>https://news.example/four.xml</loc></sitemap>"
        b"<url><loc>https://news.example/a</loc></url></sitemapindex>",
        "/four.xml": urlset(url("/too-deep")),
    }
    found, asked = visit(documents)
    assert paths(found) == ["/a"]
    assert len(asked) == len(set(asked)) == 4


def test_children_on_other_sites_are_left_out_and_a_broken_one_hides_no_other() -> None:
    documents = {
        "/sitemap.xml": index("https://evil.test/s.xml", "/gone.xml", "/html.xml", "/ok.xml"),
        "/html.xml": b"<!DOCTYPE html><html></html>",
        "/ok.xml": urlset(url("/a")),
    }
    found, asked = visit(documents)
    assert paths(found) == ["/a"]
    assert not any("evil" in address for address in asked)
    assert len(found.notes) == 3


def test_an_index_of_which_nothing_can_be_read_is_a_failure() -> None:
    with pytest.raises(DiscoverError) as caught:
        visit({"/sitemap.xml": index("/gone.xml")})
    assert caught.value.error_class == "no_links"


def test_of_a_large_index_the_most_promising_are_read() -> None:
    names = [f"/sitemap-2025-{n:02}.xml" for n in range(1, 41)] + ["/news.xml"]
    documents = {name: urlset(url(f"{name}/a")) for name in names}
    found, asked = visit({**documents, "/sitemap.xml": index(*names)})
    assert len(asked) == MAX_SITEMAPS + 1
    assert asked[1:3] == [HOST + "/news.xml", HOST + "/sitemap-2025-40.xml"]
    assert any("were not read" in note for note in found.notes)


def test_of_fifty_thousand_addresses_the_newest_are_taken() -> None:
    urls = [url(f"/{n}", f"20{n % 25:02}-01-01") for n in range(20_000)]
    found, _ = visit({"/sitemap.xml": urlset(*urls)})
    assert len(found.links) == MAX_LINKS
    assert {link.published.year for link in found.links if link.published} <= {2023, 2024, 2022}
    assert any("newest" in note for note in found.notes)


def test_robots_txt_names_the_sitemaps() -> None:
    robots = (
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x\n"
        b"SITEMAP: https://news.example/a.xml\nSitemap: /b.xml"
    )
    documents = {
        "/robots.txt": robots,
        "/a.xml": urlset(url("/a")),
        "/b.xml": gzip.compress(urlset(url("/b"))),
    }
    found, _ = visit(documents, "/robots.txt")
    assert sorted(paths(found)) == ["/a", "/b"]


def test_patterns_choose_articles_but_not_sitemaps() -> None:
    documents = {
        "/sitemap.xml": index("/s/1.xml"),
        "/s/1.xml": urlset(url("/2025/a"), url("/tag/b")),
    }
    found, _ = visit(documents, include=("/2025/",))
    assert paths(found) == ["/2025/a"]


@pytest.mark.parametrize("shape", ["members", "cut"])
def test_gzip_of_several_members_or_cut_short(shape: str) -> None:
    whole = urlset(*(url(f"/{n}") for n in range(3000)))
    body = (
        gzip.compress(whole[:5000]) + gzip.compress(whole[5000:])
        if shape == "members"
        else gzip.compress(whole)[:-2000]
    )
    found, _ = visit({"/sitemap.xml": body})
    assert paths(found)[0] == "/0" and len(found.links) >= 500


def refused(body: bytes) -> DiscoverError:
    source = Source(name="s", kind="sitemap", url=HOST + "/sitemap.xml", outlet="News")
    with pytest.raises(DiscoverError) as caught:
        parse_sitemap(body, source.url, "", source, NOW)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>x</body></html>",
        b"<rss><channel/></rss>",
        b"no addresses here",
        b"\x1f\x8b\x08broken",
    ],
    ids=["empty", "html", "rss", "text", "bad gzip"],
)
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    assert refused(body).error_class == "not_a_sitemap"


def test_a_bomb_is_too_large() -> None:
    assert refused(gzip.compress(bytes(60 * 1024**2))).error_class == "too_large"


def test_entities_are_neither_expanded_nor_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(HOST + "/SECRET")
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 9))
    body = (
        f"<!DOCTYPE u [<!ENTITY x SYSTEM 'file://{secret}'><!ENTITY l0 'ha'>{laughs}]>"
        f"<urlset>{url('/a')}<url><loc>&x;</loc></url><url><loc>{HOST}/&l8;</loc></url></urlset>"
    )
    source = Source(name="s", kind="sitemap", url=HOST + "/sitemap.xml", outlet="News")
    found = parse_sitemap(body.encode(), source.url, "", source, NOW)
    assert all("SECRET" not in e.url and len(e.url) < 200 for e in found.entries)
    assert found.entries[0].url == HOST + "/a"


def test_the_first_document_must_come() -> None:
    with pytest.raises(FetchError) as caught:
        visit({})
    assert caught.value.error_class == "gone"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real sitemaps are not here")
@pytest.mark.parametrize(
    ("name", "entries", "children"),
    [("sitemap.xml", 84, 0), ("sitemap.xml.gz", 84, 0), ("sitemap2.xml", 0, 2),
     ("sitemap-hreflang.xml", 3, 1)],
)  # fmt: skip
def test_real_sitemaps_read_as_they_should(name: str, entries: int, children: int) -> None:
    source = Source(name="s", kind="sitemap", url=HOST + "/" + name, outlet="News")
    found = parse_sitemap((REAL / name).read_bytes(), source.url, "", source, NOW)
    assert (len(found.entries), len(found.children)) == (entries, children)


def _parsed(body: bytes | str, language: str = "") -> Sitemap:
    source = Source(name="s", kind="sitemap", url=f"{HOST}/s.xml", outlet="S", language=language)
    raw = body if isinstance(body, bytes) else body.encode()
    return parse_sitemap(raw, f"{HOST}/s.xml", "", source, NOW)


_TWO = f"<urlset><url><loc>{HOST}/a?x=1{{}}y=2</loc></url><url><loc>{HOST}/b</loc></url></urlset>"
_FEED = "<{0}><channel><title>T</title><item><title>A</title><link>/a?x=1&amp;y=2</link></item>" + (
    "<item><title>B</title><link>/b</link></item></channel></{0}>"
)


@pytest.mark.parametrize(
    "body",
    [
        _TWO.format("&"),
        _TWO.format("&amp;").replace("urlset", "URLSET").replace("loc>", "LOC>"),
        "Warning: something on line 7\n<?xml version='1.0'?>" + _TWO.format("&amp;"),
        "\ufeff\ufeff" + _TWO.format("&amp;"),
        _TWO.format("&amp;").replace("</url>", "<news:news><news:title/></news:news></url>"),
        "<!-- made by hand -->" + _TWO.format("&") + "<script>count()</script>",
        _FEED.format("rss"),
        gzip.compress(gzip.compress(_TWO.format("&amp;").encode())),
    ],
    ids=["ampersand", "capitals", "warning", "marks", "prefix", "around", "feed", "packed twice"],
)  # fmt: skip
def test_sitemaps_that_are_nearly_right_give_the_addresses_that_were_meant(
    body: bytes | str,
) -> None:
    entries = _parsed(body).entries
    assert [entry.url for entry in entries] == [f"{HOST}/a?x=1&y=2", f"{HOST}/b"]


def test_a_title_that_was_escaped_twice_is_plain() -> None:
    news = "<news:news><news:title><![CDATA[A &amp; B]]></news:title></news:news>"
    body = f"<urlset xmlns:news='n'><url><loc>{HOST}/a</loc>{news}</url></urlset>"
    assert _parsed(body).entries[0].title == "A & B"


# Addresses that are not the article's


IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
VIDEO = "http://www.google.com/schemas/sitemap-video/1.1"


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
def test_pictures_and_videos_of_an_article_are_not_its_address(declared: bool) -> None:
    spaces = f" xmlns:image='{IMAGE}' xmlns:video='{VIDEO}'" if declared else ""
    parts = (
        f"<image:loc>{HOST}/1.jpg</image:loc><image:title>Crane</image:title>",
        f"<image:image><image:loc>{HOST}/2.jpg</image:loc></image:image>",
        f"<video:loc>{HOST}/3.mp4</video:loc><video:publication_date>2020-01-01"
        "</video:publication_date>",
    )
    for part in parts:
        for inner in (f"<loc>{HOST}/a</loc>{part}", f"{part}<loc>{HOST}/a</loc>"):
            [entry] = _parsed(f"<urlset {NAMESPACE}{spaces}><url>{inner}</url></urlset>").entries
            assert (entry.url, entry.title, entry.published) == (f"{HOST}/a", "", None)
        only = f"<urlset {NAMESPACE}{spaces}><url>{part}</url></urlset>"
        assert _parsed(only).entries == ()


@pytest.mark.parametrize("prefix", ["sm:", ""])
def test_addresses_are_found_under_any_prefix_of_the_sitemap_itself(prefix: str) -> None:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    at = f"xmlns{':sm' if prefix else ''}='{space}'"
    body = "<{0}urlset {1}><{0}url><{0}loc>{2}/a</{0}loc></{0}url></{0}urlset>"
    assert [e.url for e in _parsed(body.format(prefix, at, HOST)).entries] == [f"{HOST}/a"]
    mixed = f"<sm:urlset xmlns:sm='{space}'><sm:url><loc>{HOST}/a</loc></sm:url></sm:urlset>"
    assert [e.url for e in _parsed(mixed).entries] == [f"{HOST}/a"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_sitemap_that_breaks_off_anywhere_gives_no_address_or_time_that_is_none(
    packed: bool,
) -> None:
    whole = urlset(url("/a/1", "2025-11-20"), url("/a/22", "2025-11-19")).decode()
    for end in range(whole.index("<url>"), len(whole)):
        entries = _parsed(gzip.compress(whole[:end].encode()) if packed else whole[:end]).entries
        assert {entry.url for entry in entries} <= {f"{HOST}/a/1", f"{HOST}/a/22"}, end
        assert {e.published_raw for e in entries} <= {"2025-11-20", "2025-11-19", ""}, end


def test_the_limit_on_sitemaps_is_that_of_the_settings_and_named_so() -> None:
    body = urlset(*(url(f"/{n}") for n in range(1_000)))
    source = Source(name="s", kind="sitemap", url=f"{HOST}/sitemap.xml", outlet="News")

    def read(raw: bytes, limit: int) -> Discovery:
        async def get(address: str, *, max_bytes: int, **options: str) -> Page:
            assert max_bytes == limit
            if len(raw) > max_bytes:
                raise FetchError(
                    "too large ([fetch] max_bytes)", url=address, error_class=ErrorClass.TOO_LARGE
                )
            return Page(
                url=address, final_url=address, status=200, headers={}, body=raw, fetched_at=NOW
            )

        return asyncio.run(discover(source, get, at=NOW, max_sitemap_bytes=limit))

    assert len(read(body, 100_000).links) == 1_000
    for raw in (body, gzip.compress(body)):
        with pytest.raises((FetchError, DiscoverError)) as caught:
            read(raw, 20_000)
        assert caught.value.error_class == "too_large"
        assert "max_sitemap_bytes" in caught.value.message and "20,000" in caught.value.message
