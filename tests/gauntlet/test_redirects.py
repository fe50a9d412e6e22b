"""Gauntlet 23 to 25, 28 to 30: where an address may lead."""

from __future__ import annotations

import socket
import sys

import pytest

from scraper.models import Page
from tests.gauntlet.server import Server, reply
from tests.gauntlet.trial import healthy, trial


def to(location: bytes | str, status: int = 302) -> bytes:
    """Return a redirect."""
    raw = location.encode() if isinstance(location, str) else location
    return b"HTTP/1.1 %d Go\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, raw)


def test_g23_loops_and_too_many_hops() -> None:
    routes = {"/self": to("/self"), "/a": to("/b"), "/b": to("/c", 307), "/c": to("/a", 308)}
    routes |= {f"/{n}": to(f"/{n + 1}") for n in range(1, 30)}
    found, server = trial(routes, "/self", "/a", "/1")
    assert found == ["redirect_loop"] * 3
    asked = server.paths("127.0.0.1")
    assert asked == ["/self", "/a", "/b", "/c", *(f"/{n}" for n in range(1, 12))]


def test_g23_ten_hops_are_followed() -> None:
    routes = {f"/{n}": to(f"/{n + 1}", 301 + n % 3) for n in range(10)}
    (page,), server = trial(routes, "/0")
    assert isinstance(page, Page)
    assert page.final_url == server.url("/10")
    assert [hop.url for hop in page.hops] == [server.url(f"/{n}") for n in range(1, 11)]
    assert page.hops[0].status == 301


def test_g23_a_site_that_insists_on_a_tracking_parameter_is_no_loop() -> None:
    routes = {"/a": to("/a?utm_source=home"), "/a?utm_source=home": reply("the page")}
    (page,), _ = trial(routes, "/a")
    assert isinstance(page, Page)
    assert page.body == b"the page"


ELSEWHERE = [
    "file:///etc/hostname", "gopher://127.0.0.1:70/", "javascript:alert(1)", "data:text/html,x",
    "ftp://127.0.0.1/", "view-source:http://127.0.0.1/", "http://a\\@b/",
    "http://xn--a/", f"http://{'x' * 300}.example/", "http://[::1", "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
]  # fmt: skip


# What Python opened and dialled while the list was there to be written to; hooks can't be removed.
_SEEN: list[list[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _SEEN and event in ("open", "socket.connect", "subprocess.Popen", "os.system"):
        _SEEN[-1].append(f"{event} {arguments[-1] if event == 'socket.connect' else arguments[0]}")


sys.addaudithook(_note)


def test_g24_redirects_out_of_the_web() -> None:
    routes = {f"/{n}": to(location) for n, location in enumerate(ELSEWHERE)}
    _SEEN.append([])
    try:
        found, server = trial(routes, *routes)
    finally:
        seen = _SEEN.pop()
    dialled = {line for line in seen if line.startswith("socket.connect")}
    ports = {server.port, healthy().port}
    assert {int(line.rstrip(")").rpartition(" ")[2]) for line in dialled} <= ports
    assert not [line for line in seen if "hostname" in line or "subprocess" in line]
    assert any("/proc/" in line for line in seen), "what is opened would be seen"
    assert dict(zip(ELSEWHERE, found, strict=True)) == dict.fromkeys(ELSEWHERE, "bad_url")
    assert server.paths("127.0.0.1") == list(routes), "nothing else was asked for"


@pytest.mark.parametrize("url", ["http://a\\@b/", "http://xn--a/", f"http://{'x' * 300}/", "//x"])
def test_g28_what_is_no_address_is_not_dialled(url: str) -> None:
    found, server = trial({}, url if url.startswith("http") else f"http:{url}\\")
    assert found == ["bad_url"]
    assert server.paths("127.0.0.1") == []


def test_g29_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server({}) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")
        (page,), _ = trial({}, "/a")
        assert isinstance(page, Page)
        assert proxy.dialled == []


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/新闻".encode("gbk"), "/%D0%C2%CE%C5"),
        ("/新聞?q=新".encode("big5"), "/%B7s%BBD?q=%B7s"),
        ("/新闻".encode(), "/%E6%96%B0%E9%97%BB"),
        (b"/%D0%C2%CE%C5", "/%D0%C2%CE%C5"),
        (b"/a b|c", "/a%20b%7Cc"),
        (b"../up?x=1&y=2#part", "/up?x=1&y=2"),
        (b"?only=query", "/go?only=query"),
    ],
)
def test_g30_raw_bytes_in_location(location: bytes, path: str) -> None:
    (page,), server = trial({"/go": to(location)}, "/go")
    assert isinstance(page, Page)
    assert server.paths("127.0.0.1") == ["/go", path]
    assert page.final_url == server.url(path)


def test_g25_redirects_inwards_are_refused_where_nothing_is_let_in() -> None:
    # Whole networks of addresses are dialled in test_namespaces; here those of one's own machine.
    inner = socket.socket()
    with inner:
        inner.bind(("127.0.0.9", 0))
        inner.listen()
        port = inner.getsockname()[1]
        spelled = ["127.0.0.9", "127.9", "0x7f000009", "2130706441", "[::ffff:127.0.0.9]"]
        routes = {f"/{n}": to(f"http://{host}:{port}/") for n, host in enumerate(spelled)}
        found, _ = trial(routes, *routes, allow_private=("127.0.0.1/32",), more_ports=(port,))
        inner.settimeout(0.1)
        with pytest.raises(TimeoutError):
            inner.accept()
    assert found == ["blocked_address"] * len(spelled)
