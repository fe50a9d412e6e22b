"""The client against real servers on the loopback; hostile ones stand in tests/gauntlet."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from scraper.errors import FetchError, UsageError
from scraper.fetching import Client, fetch
from scraper.fetching.host_state import InMemoryHostStore
from scraper.fetching.transport import HttpTransport
from scraper.models import FetchSettings, HostState, Page
from tests.gauntlet.server import Asked, Script, Server, reply
from tests.gauntlet.trial import attempt, settings_for

GO = b"HTTP/1.1 301 Go\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"


def get(
    routes: Mapping[str, Script], *paths: str, settings: Mapping[str, Any] | None = None, **how: Any
) -> tuple[list[Page | str], Server]:
    """Fetch paths with one client; return what came of each, and the server with its log."""
    with Server(routes) as server:

        async def run() -> list[Page | str]:
            async with Client(settings_for(server.port, **(settings or {}))) as client:
                return [await attempt(client, server.url(path), **how) for path in paths]

        return asyncio.run(run()), server


def only(found: tuple[list[Page | str], Server]) -> tuple[Page, Server]:
    (page,), server = found
    assert isinstance(page, Page), page
    return page, server


def pages_asked(server: Server) -> list[Asked]:
    return [asked for asked in server.asked if asked.path != "/robots.txt"]


def test_a_page_says_what_was_asked_for_and_what_came() -> None:
    page, server = only(get({"/b": reply("text", X_Note="one"), "/a": GO}, "/a"))
    assert page.url == server.url("/a")
    assert page.final_url == server.url("/b")
    assert [(hop.status, hop.url) for hop in page.hops] == [(301, server.url("/b"))]
    assert (page.status, page.body, page.wire_bytes) == (200, b"text", 4)
    assert page.headers["x-note"] == "one"
    assert page.fetched_at.utcoffset() is not None


@pytest.mark.parametrize("status", [201, 203, 400, 401, 403, 404, 410, 451, 500, 503])
def test_a_complete_answer_is_a_page_whatever_its_status(status: int) -> None:
    page, _ = only(get({"/a": reply("said", status)}, "/a"))
    assert (page.status, page.body) == (status, b"said")


@pytest.mark.parametrize("status", [300, 301, 305])
def test_a_redirect_that_leads_nowhere_is_a_page(status: int) -> None:
    page, _ = only(get({"/a": reply("choose", status)}, "/a"))
    assert (page.status, page.body) == (status, b"choose")


def test_too_many_requests_is_an_error_that_tells_when_to_come_back() -> None:
    with Server({"/a": reply("", 429, Retry_After="77")}) as server:

        async def run() -> None:
            async with Client(settings_for(server.port)) as client:
                await client.get(server.url("/a"))

        with pytest.raises(FetchError) as caught:
            asyncio.run(run())
    assert caught.value.error_class == "rate_limited"
    assert caught.value.status == 429
    assert caught.value.retry_after == pytest.approx(77, abs=5)


def test_too_many_requests_names_the_address_that_answered_so() -> None:
    with Server({"/a": reply("", 301, Location="/b"), "/b": reply("", 429)}) as server:

        async def run() -> None:
            async with Client(settings_for(server.port)) as client:
                await client.get(server.url("/a"))

        with pytest.raises(FetchError) as caught:
            asyncio.run(run())
        assert str(caught.value) == f"{server.url('/b')}: too many requests (429)"
        assert caught.value.url == server.url("/b")


def test_repeated_fields_are_joined_and_read_in_any_charset() -> None:
    raw = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nX-B: \xe6\x96\xb0\r\nX-C: caf\xe9\r\n"
    page, _ = only(get({"/a": raw + b"Content-Length: 0\r\n\r\n"}, "/a"))
    assert page.headers["x-a"] == "1, 2"
    assert page.headers["x-b"] == "新"
    assert page.headers["x-c"] == "café"


def test_the_first_of_several_locations_counts() -> None:
    twice = b"HTTP/1.1 302 Go\r\nLocation: /b\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n"
    page, server = only(get({"/a": twice}, "/a"))
    assert page.final_url == server.url("/b")


@pytest.mark.parametrize(
    ("etag", "modified"),
    [('W/"5-新闻"', ""), ('"a"', "Sun, 01 Mar 2026 12:00:00 GMT"), ("", "yesterday")],
)
def test_validators_are_sent_and_304_is_a_page(etag: str, modified: str) -> None:
    routes = {"/a": b"HTTP/1.1 304 Same\r\nETag: x\r\n\r\n"}
    page, server = only(get(routes, "/a", etag=etag, last_modified=modified))
    assert (page.status, page.body) == (304, b"")
    sent = pages_asked(server)[0].headers
    assert sent.get("if-none-match", "").encode("latin-1").decode() == etag
    assert sent.get("if-modified-since", "") == modified


def test_validators_are_not_sent_on_after_a_redirect() -> None:
    _, server = only(get({"/a": GO}, "/a", etag='"a"', last_modified="yesterday"))
    first, second = pages_asked(server)
    assert "if-none-match" in first.headers
    assert not {"if-none-match", "if-modified-since"} & set(second.headers)


@pytest.mark.parametrize("etag", ['"a\r\nX-Injected: 1"', '"a\0"', '"a\n"'])
def test_a_validator_that_would_break_the_request_is_left_out(etag: str) -> None:
    _, server = only(get({}, "/a", etag=etag))
    assert not {"if-none-match", "x-injected"} & set(pages_asked(server)[0].headers)


def test_the_agent_says_who_asks_and_whom_to_turn_to() -> None:
    settings = {"user_agent": "archiver/2.0", "contact": "https://who.example/"}
    _, server = only(get({}, "/a", settings=settings))
    assert {a.headers["user-agent"] for a in server.asked} == {
        "archiver/2.0 (https://who.example/)"
    }
    assert [a.path for a in server.asked] == ["/robots.txt", "/a"]
    assert server.asked[1].headers["accept-encoding"] == "gzip, deflate, br"
    assert "zh-CN" in server.asked[1].headers["accept-language"]


def test_cookies_are_not_kept() -> None:
    cookie = reply("x", Set_Cookie="who=you; Path=/")
    _, server = get({"/a": cookie, "/b": GO, "/robots.txt": cookie}, "/a", "/b", "/c")
    assert not any("cookie" in asked.headers for asked in server.asked)


def test_what_stands_in_an_address_before_the_host_is_not_sent() -> None:
    with Server({}) as server:
        address = server.url("/a").replace("://", "://name:word@")

        async def run() -> Page:
            async with Client(settings_for(server.port)) as client:
                return await client.get(address)

        asyncio.run(run())
        assert not any("authorization" in asked.headers for asked in server.asked)


def test_one_connection_serves_one_host() -> None:
    moved = b"HTTP/1.1 302 Go\r\nLocation: /3\r\nContent-Length: 4\r\n\r\ngone"
    found, server = get({"/a": GO, "/2": moved}, "/1", "/2", "/a", "/missing")
    assert all(isinstance(page, Page) for page in found)
    assert len({asked.connection for asked in server.asked}) == 1


@pytest.mark.parametrize("said", [b"Content-Length: 9999\r\n\r\nhalf", b"\r\n" + b"x" * 99_999])
def test_a_redirect_is_followed_whatever_its_body(said: bytes) -> None:
    async def script(asked: Asked) -> None:
        await asked.say(b"HTTP/1.1 302 Go\r\nLocation: /b\r\n" + said)
        await asyncio.sleep(1.2)

    page, server = only(get({"/a": script}, "/a"))
    assert page.final_url == server.url("/b")


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_was_given_up_meanwhile_is_dialled_anew(reset: bool) -> None:
    async def once(asked: Asked) -> None:
        # The answer lets the connection stay; the second request on it gets no answer.
        await asked.say(reply("first"))
        await asyncio.sleep(0.15)
        if reset:
            asked.reset()

    found, _ = get({"/1": once}, "/1", "/2", settings={"delay": 0.1})
    assert [one.body if isinstance(one, Page) else one for one in found] == [
        b"first",
        b"<p>A page</p>",
    ]


def test_a_cap_of_its_own_goes_before_that_of_the_settings() -> None:
    body = reply(b"x" * 3000)
    assert get({"/a": body}, "/a", settings={"max_bytes": 2000})[0] == ["too_large"]
    page, _ = only(get({"/a": body}, "/a", settings={"max_bytes": 2000}, max_bytes=4000))
    assert len(page.body) == 3000


def test_robots_can_be_left_aside_and_each_hop_is_asked_about() -> None:
    routes = {"/robots.txt": reply("User-agent: *\nDisallow: /b\n"), "/a": GO}
    found, server = get(routes, "/a")
    assert found == ["robots_denied"]
    assert [asked.path for asked in pages_asked(server)] == ["/a"]
    _, server = only(get(routes, "/a", settings={"obey_robots": False}))
    assert [asked.path for asked in server.asked] == ["/a", "/b"]


def test_a_robots_txt_that_cannot_be_read_is_told_with_its_reason() -> None:
    async def run(server: Server) -> str:
        async with Client(settings_for(server.port)) as client:
            with pytest.raises(FetchError) as caught:
                await client.get(server.url("/a"))
        return str(caught.value)

    for answer, why in ((reply("", 503), "status 503"), (b"SSH-2.0\r\n\r\n", "protocol")):
        with Server({"/robots.txt": answer}) as server:
            said = asyncio.run(run(server))
        assert f"({why})" in said and server.url("/a") in said


def test_dots_in_a_path_lead_around_no_rule() -> None:
    rules = reply("User-agent: *\nDisallow: /private\n")
    found, server = get({"/robots.txt": rules}, "/open/../private/a", "/open/%2e%2E/private/b")
    assert found == ["robots_denied"] * 2
    assert pages_asked(server) == []


def test_a_rule_for_our_name_counts_before_that_for_all() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: Archiver\nDisallow: /b\n"
    found, _ = get(
        {"/robots.txt": reply(text)}, "/a", "/b", settings={"user_agent": "archiver/2.0"}
    )
    assert isinstance(found[0], Page)
    assert found[1] == "robots_denied"


def test_nobody_answers() -> None:
    with Server({}) as server:
        port = server.port

    async def run() -> Page | str:
        async with Client(settings_for(port)) as client:
            return await attempt(client, f"http://127.0.0.1:{port}/")

    assert asyncio.run(run()) == "connect"


class Shelf(httpx.AsyncBaseTransport):
    """Replays a page at every address, robots.txt excepted."""

    def __init__(self, status: int = 200) -> None:
        self.asked: list[str] = []
        self._status = status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))

        async def pieces() -> AsyncIterator[bytes]:
            yield b"from "
            yield b"the shelf"

        return httpx.Response(404 if "robots" in self.asked[-1] else self._status, content=pieces())


def test_another_transport_may_stand_for_the_network() -> None:
    shelf = Shelf()

    async def run() -> list[bytes]:
        # The gap of the settings is kept from servers only.
        async with Client(FetchSettings(delay=3600.0), transport=shelf) as client:
            return [(await client.get(f"http://shelf.example/{n}")).body for n in range(3)]

    assert asyncio.run(run()) == [b"from the shelf"] * 3
    assert shelf.asked[0] == "http://shelf.example/robots.txt"


def mocked(handler: Any) -> Page | str:
    """Return what comes of one address where `httpx.MockTransport` stands for the network."""

    async def run() -> Page | str:
        settings = FetchSettings(obey_robots=False)
        async with Client(settings, transport=httpx.MockTransport(handler)) as client:
            return await attempt(client, "http://site.example/a;v=1?q=%E6%B8%AF")

    return asyncio.run(run())


def test_the_mock_transport_of_httpx_fits() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/b":
            headers = {"Content-Encoding": "gzip", "X-Asked": str(request.url)}
            return httpx.Response(200, content=gzip.compress(b"a tide"), headers=headers)
        assert request.extensions["target"] == b"/a;v=1?q=%E6%B8%AF"
        assert request.headers["accept-encoding"] == "gzip, deflate, br"
        return httpx.Response(302, headers={"Location": "/b"})

    page = mocked(handler)
    assert isinstance(page, Page)
    assert (page.status, page.body) == (200, b"a tide")
    assert page.headers["x-asked"] == page.final_url == "http://site.example/b"
    assert not page.close_delimited


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (httpx.ConnectError("refused"), "connect"),
        (httpx.ConnectTimeout("late"), "timeout"),
        (httpx.ReadTimeout("late"), "timeout"),
        (httpx.RemoteProtocolError("what?"), "protocol"),
        (httpx.ReadError("reset"), "connect"),
    ],
)
def test_failures_of_httpx_have_our_classes(error: Exception, error_class: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    assert mocked(handler) == error_class


def test_a_body_that_breaks_off_in_a_transport_of_httpx_is_truncated() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise httpx.ReadError("reset")

    assert mocked(lambda request: httpx.Response(200, content=pieces())) == "truncated"


def test_the_network_transport_serves_a_client_of_httpx_too() -> None:
    with Server({"/a": reply(gzip.compress(b"tide"), Content_Encoding="gzip")}) as server:

        async def run() -> httpx.Response:
            transport = HttpTransport(settings_for(server.port))
            async with httpx.AsyncClient(transport=transport) as client:
                await client.get(server.url("/b"))
                return await client.get(server.url("/a"))

        response = asyncio.run(run())
    assert (response.status_code, response.content) == (200, b"tide")
    assert len({asked.connection for asked in server.asked}) == 1


def test_a_replay_teaches_nothing_about_hosts_and_heeds_nothing() -> None:
    host = "shelf.example"
    now = datetime.now(UTC)
    rules = "User-agent: *\nDisallow: /\n"
    forbidding = HostState(
        host=host, robots=rules, robots_at=now, not_before=now + timedelta(hours=1)
    )
    memory = InMemoryHostStore()
    memory.save(forbidding)

    async def run(status: int) -> Page | str:
        client = Client(FetchSettings(), transport=Shelf(status), hosts=memory)
        async with client:
            return await attempt(client, f"http://{host}/a")

    assert isinstance(asyncio.run(run(200)), Page)
    assert asyncio.run(run(429)) == "rate_limited"
    assert memory.load(host) == forbidding


class Simulated(Shelf):
    """Stands for servers that are to be treated as live ones are."""

    replay = False


def test_a_transport_that_is_no_replay_is_rate_limited_and_remembered() -> None:
    memory = InMemoryHostStore()

    async def run() -> float:
        settings = FetchSettings(delay=0.2, ask_reservations=False)
        async with Client(settings, transport=Simulated(), hosts=memory) as client:
            begun = asyncio.get_running_loop().time()
            for number in range(2):
                await client.get(f"http://shelf.example/{number}")
            return asyncio.get_running_loop().time() - begun

    # robots.txt and two pages: two gaps.
    assert asyncio.run(run()) >= 0.39
    assert memory.load("shelf.example").robots == ""


def test_fetch_without_a_loop_and_its_refusal_in_one() -> None:
    with Server({}) as server:
        settings = settings_for(server.port)
        assert fetch(server.url("/a"), settings=settings).body == b"<p>A page</p>"

        async def inside() -> None:
            fetch(server.url("/a"), settings=settings)

        with pytest.raises(UsageError):
            asyncio.run(inside())


def test_a_client_that_is_not_open_says_so() -> None:
    client = Client(FetchSettings(obey_robots=False))
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(client.get("http://site.example/"))


# Characters that may stand in a path (RFC 3986, section 3.3) or a query (3.4), those that browsers
# send besides (the URL standard), and escapes of what means something where it stands bare.
PATHS = [
    "/story;id=1", "/story;id=2", "/a;b;c=1,2;d", "/a;session=9/b;v=1.1/c", "/;x", "/v.do;mid=88",
    "/-._~", "/!$&'()*+,;=:@", "/%3B%2C%2F%3F%23%25%20", "/%E6%B8%AF", "/%b8%db", "/%zz", "/100%",
    "/a//b", "/a/", "//a", "/a:8080", "/@user/1", "/a=b&c", "/(a)", "/*", "/~me/", "/'quoted'",
]  # fmt: skip
QUERIES = [
    "id=1;page=2", "a;b", "q=-._~!$&'()*+,;=:@/?", "a=%26b%3D", "u=http://o.example/?x=1", "a[]=1",
    "a|b", "q=%E6%B8%AF", "q=%b8%db", "a=b=c", "=", "a", "a=1+2", "t=12:30", "100%",
]  # fmt: skip


def redirect(host: str, target: str) -> Script:
    """Return what redirects to a target of a host, "" for the host that was asked."""

    async def script(asked: Asked) -> None:
        port = asked.headers["host"].rpartition(":")[2]
        place = f"http://{host}:{port}{target}".encode()
        await asked.say(b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % place)

    return script


@pytest.mark.parametrize("way", ["asked", "redirected"])
def test_the_request_line_is_the_address(way: str) -> None:
    targets = [*PATHS, *(f"/a?{query}" for query in QUERIES), *(f"/b;p=1?{q}" for q in QUERIES)]
    routes = {f"/go{n}": redirect("127.0.0.1", target) for n, target in enumerate(targets)}
    with Server(routes) as server:

        async def run() -> None:
            async with Client(settings_for(server.port, obey_robots=False)) as client:
                for number, target in enumerate(targets):
                    await client.get(server.url(target if way == "asked" else f"/go{number}"))

        asyncio.run(run())
        asked = [one.path for one in server.asked if not one.path.startswith("/go")]
    assert asked == targets


def test_a_location_in_raw_utf8_is_followed_to_its_host_and_path() -> None:
    page, server = only(get({"/a": redirect("例子.localhost", "/新闻;页=1?题=港")}, "/a"))
    path = "/%E6%96%B0%E9%97%BB;%E9%A1%B5=1?%E9%A2%98=%E6%B8%AF"
    assert page.final_url == f"http://xn--fsqu00a.localhost:{server.port}{path}"
    last = pages_asked(server)[-1]
    assert last.path == path
    assert last.headers["host"] == f"xn--fsqu00a.localhost:{server.port}"


@pytest.mark.parametrize("control", ["\r\nX-Injected: 1", "\n", "\r", "\0", "\x1b[31m", "\x7f"])
def test_controls_in_field_values_end_where_they_come_in(control: str) -> None:
    # HTTP/2 carries them (RFC 9113, section 8.2.1); here a transport stands for it.
    def handler(request: httpx.Request) -> httpx.Response:
        raw = [
            (b"X-Note", f"one{control}two".encode()),
            (b"ETag", f'"a{control}b"'.encode()),
            (b"X-Bad\r\nName", b"1"),
            (b"", b"1"),
        ]
        return httpx.Response(200, headers=raw, content=b"text")

    page = mocked(handler)
    assert isinstance(page, Page)
    assert not {"x-injected", "x-bad\r\nname", ""} & set(page.headers)
    assert page.headers["x-note"].startswith("one ") and page.headers["x-note"].endswith("two")
    assert all(value.isprintable() for value in page.headers.values())


def test_an_address_without_end_is_refused_before_anything_is_asked() -> None:
    found, server = get({}, "/" + "a" * 9000)
    assert found == ["bad_url"]
    assert server.asked == []
