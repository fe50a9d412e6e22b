"""Addresses: canonical form, identity of twins, sites."""

from __future__ import annotations

import pytest

from scraper.errors import FetchError
from scraper.urls import absolute, canonical, host_of, identity, is_home, same_site, site_of


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Example.COM:80/a?utm_source=x&id=3#top", "http://news.example.com/a?id=3"),
        ("https://example.com", "https://example.com/"),
        ("https://user:pw@example.com/a", "https://example.com/a"),
        ("https://例子.example/新闻", "https://xn--fsqu00a.example/%E6%96%B0%E9%97%BB"),
        ("https://example.com/a%20b?q=%E4%B8%AD", "https://example.com/a%20b?q=%E4%B8%AD"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        (
            "https://example.com/s?__biz=MzA==&mid=1&fbclid=9",
            "https://example.com/s?__biz=MzA==&mid=1",
        ),
        ("  https://example.com/a\n", "https://example.com/a"),
    ],
)
def test_canonical(url: str, expected: str) -> None:
    assert canonical(url) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/a",
        "ftp://example.com/",
        "javascript:alert(1)",
        "http://",
        "http://a b/",
        "http://127.0.0.1\\@1.1.1.1/",
        "http://" + "a" * 300 + ".example/",
        "http://example.com:99999/",
        "http://[::1",
    ],
)
def test_not_an_address(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        canonical(url)
    assert caught.value.error_class == "bad_url"


def test_twins_share_one_identity() -> None:
    twins = [
        "http://www.example.com/news/1/",
        "https://example.com/news/1",
        "https://m.example.com/news/1?utm_medium=social",
        "https://www.example.com/news/1/amp/",
    ]
    assert len({identity(url) for url in twins}) == 1


def test_different_pages_keep_different_identities() -> None:
    pages = ["https://example.com/a?id=1", "https://example.com/a?id=2", "https://example.com/b"]
    assert len({identity(url) for url in pages}) == 3


def test_sites() -> None:
    assert site_of("https://news.sina.com.cn/a") == "sina.com.cn"
    assert site_of("http://ledger.localhost:8400/") == "ledger.localhost"
    assert site_of("http://news.ledger.localhost:8400/") == "ledger.localhost"
    assert site_of("http://archive:8400/") == "archive"
    assert site_of("http://10.0.0.7/") == "10.0.0.7"
    assert site_of("http://[::1]:80/") == "[::1]"
    assert not same_site("http://10.0.0.7/", "http://10.1.0.7/")
    assert same_site("https://a.example.co.uk/", "http://b.example.co.uk/x")
    assert not same_site("https://a.co.uk/", "https://b.co.uk/")
    assert host_of("https://A.example:8443/x") == "a.example:8443"
    assert host_of("mailto:x@y.example") == ""


def test_absolute() -> None:
    assert absolute("https://a.example/x/y", "../z#f") == "https://a.example/z"
    assert absolute("https://a.example/", "javascript:void(0)") == ""
    assert absolute("https://a.example/", "http://[") == ""


def test_home_pages() -> None:
    assert is_home("https://a.example") and is_home("https://a.example/index.html")
    assert not is_home("https://a.example/news/") and not is_home("https://a.example/?p=3")


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("\\a\\1.html", "https://a.example/a/1.html"),
        ("..\\z", "https://a.example/z"),
        ("https:\\\\b.example\\x?y=\\z", "https://b.example/x?y=\\z"),
        ("\\\\b.example\\x", "https://b.example/x"),
        ("///b.example/x", "https://b.example/x"),
        ("\t /x\n/y \r", "https://a.example/x/y"),
        ("?q=1", "https://a.example/list/x;p=1?q=1"),
        (";id=1", "https://a.example/list/;id=1"),
        ("a;id=1/b;c", "https://a.example/list/a;id=1/b;c"),
        ("#top", "https://a.example/list/x;p=1"),
    ],
)
def test_addresses_as_the_url_standard_reads_them(href: str, expected: str) -> None:
    assert absolute("https://a.example/list/x;p=1", href) == expected


# RFC 3986, section 3.3: what a segment of a path may hold besides letters, digits and escapes.
@pytest.mark.parametrize("char", "-._~!$&'()*+,;=:@")
def test_a_character_of_a_path_selects_the_page(char: str) -> None:
    with_it = f"https://a.example/n{char}x/s{char}1"
    assert canonical(with_it) == with_it
    assert identity(with_it) != identity("https://a.example/nx/s1")
    assert identity(with_it) != identity(with_it[:-1] + "2")


@pytest.mark.parametrize("char", list('"<>[]^`{|} é中'))
def test_other_characters_of_a_path_are_escaped(char: str) -> None:
    made = canonical(f"https://a.example/n{char}x")
    assert made.isascii() and made.startswith("https://a.example/n%") and canonical(made) == made


@pytest.mark.parametrize(
    "parameters",
    [
        "srsltid=AfmBOo", "igsh=MzRl", "vd_source=9f", "spm_id_from=333", "chksm=ab&scene=27",
        "smid=url",
        "at_medium=RSS&at_campaign=KARANGA", "CMP=share_btn", "utm_source=x&UTM_Medium=y",
        "gad_source=1",
        "__hstc=1&__hssc=2&_hsenc=3", "trk=public_post", "wprov=sfla1",
        "share_source=copy&share_id=9",
        "pvid=1&scm=2&spm=3", "ns_mchannel=social", "elqTrackId=1", "amp;utm_source=rss",
        "PHPSESSID=ab12",
        "fbclid=1&mibextid=2", "rsv_idx=1", "gaa_at=la", "timestamp=1763625600",
    ],
)  # fmt: skip
def test_tracking_parameters_make_no_other_page(parameters: str) -> None:
    bare = "https://a.example/s?id=7"
    assert identity(f"{bare}&{parameters}") == identity(bare)
    assert identity(f"https://a.example/s?{parameters}") == identity("https://a.example/s")


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "p",
        "page",
        "aid",
        "cid",
        "mid",
        "sn",
        "idx",
        "__biz",
        "itemid",
        "sid",
        "ref",
        "from",
        "source",
        "src",
        "s",
        "c",
        "v",
        "q",
        "mod",
        "tid",
        "lang",
        "date",
        "y",
        "m",
        "art",
        "story",
        "article",
        "node",
        "post_id",
        "doc",
        "docid",
        "news_id",
        "xsec_token",
    ],
)
def test_parameters_that_select_an_article_stay(name: str) -> None:
    one, other = (f"https://a.example/s?{name}={value}" for value in "12")
    assert identity(one) != identity(other)
    assert canonical(one) == one


def test_a_session_in_the_path_makes_no_other_page() -> None:
    bare = "https://a.example/a/1.do?id=7"
    for session in (";jsessionid=AB0CD", ";JSESSIONID=AB0CD.node1", ";sid=0123456789abcdef01"):
        assert canonical(bare.replace("?", f"{session}?")) == bare
    assert identity("https://a.example/story;id=1") != identity("https://a.example/story;id=2")
    assert canonical("https://a.example/story;sid=3") == "https://a.example/story;sid=3"
