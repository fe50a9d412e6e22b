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
