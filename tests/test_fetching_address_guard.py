"""Which addresses may be dialled, as values; tests/gauntlet dials them."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading

import pytest

from scraper.errors import FetchError
from scraper.fetching import address_guard
from scraper.fetching.address_guard import GuardedBackend, check_url, is_allowed, is_public

PUBLIC = ("1.1.1.1", "8.8.8.8", "101.6.15.130", "2606:4700:4700::1111", "2400:3200::1")
NOT_PUBLIC = {
    "loopback": ("127.0.0.1", "127.1.2.3", "::1"),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "fc00::1", "fd12::1"),
    "link-local": ("169.254.0.1", "fe80::1", "fec0::1"),
    "metadata": ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
                 "fd00:ec2::254"),
    "carrier-grade NAT": ("100.64.0.1", "100.127.255.254"),
    "benchmarks": ("198.18.0.1", "198.19.255.255"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "protocol assignments": ("192.0.0.1", "192.88.99.1", "100::1", "2001::1", "5f00::1"),
    "multicast": ("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "255.255.255.255"),
    "IPv4-mapped": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    "IPv4-compatible": ("::127.0.0.1", "::8.8.8.8"),
    "NAT64": ("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"),
    "6to4": ("2002:7f00:1::", "2002:808:808::1"),
    "Teredo": ("2001:0:7f00:1::1",),
}  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))
    assert is_allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", [text for texts in NOT_PUBLIC.values() for text in texts])
def test_what_leads_elsewhere_is_not(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    assert not is_allowed(ipaddress.ip_address(text))


def test_mapped_public_addresses_are_what_they_embed() -> None:
    assert is_public(ipaddress.ip_address("::ffff:8.8.8.8"))


def test_a_network_that_was_let_in_is_let_in_and_no_other() -> None:
    networks = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("fd12::/16"))
    for text in ("127.0.0.1", "::ffff:127.0.0.1", "fd12::1", "8.8.8.8"):
        assert is_allowed(ipaddress.ip_address(text), networks)
    for text in ("10.0.0.1", "169.254.169.254", "::1", "fd13::1"):
        assert not is_allowed(ipaddress.ip_address(text), networks)


@pytest.mark.parametrize(
    "url",
    [
        "", "site.example", "//site.example/", "/path", "http://", "http:///path", "http://:80/",
        "ftp://site.example/", "file:///etc/passwd", "gopher://site.example/", "data:text/html,x",
        "javascript:alert(1)", "about:blank", "view-source:http://site.example/",
        "http://a\\@b/", "http://127.0.0.1\\@site.example/", "http://site.example:0/",
        "http://site.example:99999/", "http://site.example:http/", "http://[::1/",
        "http://[::1%25eth0]/", "http://xn--a/", f"http://{'x' * 300}.example/",
        f"http://{'x.' * 200}example/", "http://a b/", "http://..example/",
        "http://site.example%2f@other.example%00/",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        check_url(url)
    assert caught.value.error_class == "bad_url"
    assert caught.value.url == url


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("HTTP://Site.Example:80/A?b=1#c", "http://site.example/A?b=1"),
        ("https://name:word@site.example/", "https://site.example/"),
        ("https://新闻.example/新闻", "https://xn--efvy88h.example/%E6%96%B0%E9%97%BB"),
        ("http://site.example", "http://site.example/"),
        ("http://[2606:4700::1]:8080/", "http://[2606:4700::1]:8080/"),
        ("http://xn--fiqs8s/", "http://xn--fiqs8s/"),
        ("http://site.example/a/./b/../c", "http://site.example/a/c"),
        ("http://site.example/a/%2E%2e/b/..", "http://site.example/"),
        ("http://site.example/../a/.", "http://site.example/a/"),
        ("http://site.example//a/../../b", "http://site.example/b"),
        ("http://site.example/a/..b/...?c=/../d", "http://site.example/a/..b/...?c=/../d"),
    ],
)
def test_a_web_address_gets_one_spelling(url: str, target: str) -> None:
    assert check_url(url) == target


def dial(host: str, port: int = 80, *, ports: tuple[int, ...] = (80, 443)) -> str:
    """Return the class of the error that dialling ends in."""
    backend = GuardedBackend(ports=ports, networks=(), connect_timeout=1.0)

    async def dialled() -> None:
        await backend.connect_tcp(host, port)

    with pytest.raises(FetchError) as caught:
        asyncio.run(dialled())
    return caught.value.error_class


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0", "[::]", "[::1]",
             "::ffff:127.0.0.1", "localhost", "LOCALHOST.", "news.localhost", "169.254.169.254"]
)  # fmt: skip
def test_every_spelling_of_an_inner_address_is_refused(host: str) -> None:
    assert dial(host) == "blocked_address"


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 65535])
def test_only_the_webs_ports_are_dialled(port: int) -> None:
    assert dial("1.1.1.1", port) == "blocked_address"


def test_socket_files_are_not_dialled() -> None:
    backend = GuardedBackend(ports=(80,), networks=(), connect_timeout=1.0)
    with pytest.raises(FetchError) as caught:
        asyncio.run(backend.connect_unix_socket("/run/service.sock"))
    assert caught.value.error_class == "blocked_address"


def test_one_private_answer_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
        for address in ("8.8.8.8", "10.0.0.1")
    ])  # fmt: skip
    assert dial("two.example") == "blocked_address"


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("label too long")])
def test_a_name_without_an_address_is_a_dns_error(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert dial("nobody.example") == "dns"


def test_dead_names_hold_up_neither_other_names_nor_the_programs_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()
    asked: list[str] = []

    def lookup(name: str, *_: object, **__: object) -> list[object]:
        asked.append(name)
        if name.startswith("dead"):
            answered.wait(60)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(address_guard, "_LOOKUP_TIMEOUT", 0.5)
    backend = GuardedBackend(ports=(80,), networks=(), connect_timeout=1.0)

    async def one(host: str) -> str:
        with pytest.raises(FetchError) as caught:
            await backend.connect_tcp(host, 80)
        return caught.value.error_class

    async def all_of_them() -> list[str]:
        dead = [asyncio.create_task(one(f"dead{n % 50}.example")) for n in range(100)]
        await asyncio.sleep(0.05)
        return [await one("alive.example"), *await asyncio.gather(*dead)]

    outcome = asyncio.run(all_of_them())
    assert outcome == ["blocked_address"] + ["dns"] * 100
    assert len(asked) == 51, "a name that is being looked up is not looked up a second time"
    left = [thread for thread in threading.enumerate() if thread.name.startswith("dns dead")]
    assert left
    assert all(thread.daemon for thread in left)
    answered.set()
