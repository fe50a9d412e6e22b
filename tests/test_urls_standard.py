"""Addresses as the URL standard reads them (https://url.spec.whatwg.org), in a table of our own."""

from __future__ import annotations

import pytest

from scraper.errors import FetchError
from scraper.urls import absolute, canonical, host_of

READ = {
    # Schemes, slashes, ports
    "HTTP://EXAMPLE.com:080/": "http://example.com/",
    "https://example.com:443/x": "https://example.com/x",
    "http://example.com:/x": "http://example.com/x",
    "http://example.com:65535/": "http://example.com:65535/",
    "https://example.com:80/": "https://example.com:80/",
    "http:example.com/a": "http://example.com/a",
    "http:/example.com/a": "http://example.com/a",
    " \t http://example.com/a\tb\nc \r": "http://example.com/abc",
    # User names are not sent
    "http://user@example.com/": "http://example.com/",
    "http://a:b@c:d@example.com/": "http://example.com/",
    # Hosts
    "http://ex%41mple.com/": "http://example.com/",
    "http://faß.example/": "http://xn--fa-hia.example/",
    "http://☕.example/": "http://xn--53h.example/",
    "http://www.例え.jp/": "http://www.xn--r8jz45g.jp/",
    "http://例子.测试/": "http://xn--fsqu00a.xn--0zwm56d/",
    "http://ＧＯ.example/": "http://go.example/",
    "http://example。com/": "http://example.com/",
    "http://exa\u00admple.com/": "http://example.com/",
    "http://BÜCHER.example/": "http://xn--bcher-kva.example/",
    "http://a_b.example/": "http://a_b.example/",
    "http://example.com./a": "http://example.com/a",
    # Numbers for hosts
    "http://0x7f.1/": "http://127.0.0.1/",
    "http://2130706433/": "http://127.0.0.1/",
    "http://192.168.257/": "http://192.168.1.1/",
    "http://0300.0250.1/": "http://192.168.0.1/",
    "http://1.2.3/": "http://1.2.0.3/",
    "http://0x/": "http://0.0.0.0/",
    "http://１.2.3.4/": "http://1.2.3.4/",
    "http://1.2.3.4.example/": "http://1.2.3.4.example/",
    "http://[::FFFF:1.2.3.4]/": "http://[::ffff:102:304]/",
    "http://[1:0::]/": "http://[1::]/",
    "http://[2001:DB8:0:0:1:0:0:1]:8080/": "http://[2001:db8::1:0:0:1]:8080/",
    # Paths
    "http://example.com/a/./b/../c": "http://example.com/a/c",
    "http://example.com/a/%2e%2E/b": "http://example.com/b",
    "http://example.com/a/..%2fb": "http://example.com/a/..%2fb",
    "http://example.com/../../a": "http://example.com/a",
    "http://example.com/a/..": "http://example.com/",
    "https://example.com//a//b": "https://example.com//a//b",
    "https://example.com/a;b=c;d/e": "https://example.com/a;b=c;d/e",
    "http://example.com/a%zz": "http://example.com/a%zz",
    "http://example.com/\u00ad": "http://example.com/%C2%AD",
    "http://example.com/a b": "http://example.com/a%20b",
    "http://example.com/新闻?标题=开放": (
        "http://example.com/%E6%96%B0%E9%97%BB?%E6%A0%87%E9%A2%98=%E5%BC%80%E6%94%BE"
    ),
    # Queries and fragments
    "http://example.com?q": "http://example.com/?q",
    "http://example.com/a?b#c?d": "http://example.com/a?b",
    "http://example.com/a?q=<x>": "http://example.com/a?q=%3Cx%3E",
    "http://example.com/a?q='x'": "http://example.com/a?q='x'",
    "https://example.com/a?": "https://example.com/a",
    "https://example.com/a#": "https://example.com/a",
}
FAILS = (
    "", "example.com", "//example.com/", "http://", "http:///", "https:", "mailto:a@example.com",
    "data:text/html,x", "file:///etc/hosts", "http://a b.example/", "http://a<b.example/",
    "http://a%2Fb.example/", "http://a%00b.example/", "http://example.com:65536/",
    "http://example.com:8a/", "http://example.com:-1/", "http://256.1.1.1/", "http://1.2.3.4.5/",
    "http://09.1.1.1/", "http://1.2.3.4x.08/", "http://4294967296/", "http://0x100000000/",
    "http://[::1/", "http://[::1%25en]/", "http://[1::2::3]/", "http://[12345::]/", "http://[]/",
    "http://a^b.example/", "http://a|b.example/", "http://..example/", "http://example.com\\@evil/",
)  # fmt: skip


@pytest.mark.parametrize(("address", "read"), READ.items(), ids=list(READ))
def test_an_address_is_read_as_browsers_read_it(address: str, read: str) -> None:
    assert canonical(address) == read
    assert canonical(read) == read, "what was read once is read the same again"


@pytest.mark.parametrize("address", FAILS)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(FetchError) as caught:
        canonical(address)
    assert caught.value.error_class == "bad_url"
    assert host_of(address) in ("", host_of(address).lower())


PAGE = "https://example.com/a/b/c.html?q=1#f"
RESOLVED = {
    "%2e%2e/x": "https://example.com/a/x",
    ".%2E/x": "https://example.com/a/x",
    "/x/%2e": "https://example.com/x/",
    "x/%2e%2e/%2e%2E/y?z=%2e%2e/": "https://example.com/a/y?z=%2e%2e/",
    "/%2e%2ex": "https://example.com/%2e%2ex",
    "https://example.org/a/../b/%2e%2e/c": "https://example.org/c",
    "x//y": "https://example.com/a/b/x//y",
    "..": "https://example.com/a/",
    "../../../../x": "https://example.com/x",
    "?y": "https://example.com/a/b/c.html?y",
    "": "https://example.com/a/b/c.html?q=1",
    "https:x": "https://example.com/a/b/x",
    "http:x": "http://x",
    "//example.org": "https://example.org",
    "c:8/x": "",
    "./c:8/x": "https://example.com/a/b/c:8/x",
    "a\tb\nc": "https://example.com/a/b/abc",
    "x?y=../../z": "https://example.com/a/b/x?y=../../z",
}


@pytest.mark.parametrize(("href", "wanted"), RESOLVED.items())
def test_links_are_resolved_as_the_standard_says(href: str, wanted: str) -> None:
    assert absolute(PAGE, href) == wanted


def test_the_path_of_the_page_is_read_as_any_other() -> None:
    assert absolute("https://example.com/a/%2e%2e/b/c", "..") == "https://example.com/"
    assert absolute("https://example.com/a//b/c", "d") == "https://example.com/a//b/d"
    assert absolute("https://example.com?x", "y") == "https://example.com/y"
    assert absolute("", "x") == absolute("not an address", "//") == ""
