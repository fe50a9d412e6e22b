"""Gauntlet 31, 47 to 49: whom we believe, and how we behave; proved by the server's log."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from scraper.discovery import discover
from scraper.fetching import Client
from scraper.fetching.host_state import InMemoryHostStore
from scraper.models import Discovery, HostState, Page, Source
from scraper.workers import ParserPool
from tests.gauntlet.certificates import client_context, server_context
from tests.gauntlet.server import Asked, Server, reply
from tests.gauntlet.test_bodies import packed_zeros
from tests.gauntlet.trial import attempt, settings_for, trial, unharmed


@pytest.mark.parametrize("kind", ["expired", "wrong host", "unknown"])
def test_g31_certificates_that_prove_nothing(kind: str) -> None:
    trusting = client_context()
    found, server = trial({}, "/a", server_ssl=server_context(kind), client_ssl=trusting)
    assert found == ["tls"]
    assert server.asked == [], "nothing is said to a server that is not who it should be"


def test_g31_a_good_certificate() -> None:
    (page,), _ = trial({}, "/a", server_ssl=server_context("good"), client_ssl=client_context())
    assert isinstance(page, Page)


def test_g31_the_environment_names_no_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    found, _ = trial({}, "/a", server_ssl=server_context("good"))
    assert found == ["tls"]


def visit(server: Server, **changes: int) -> Discovery:
    """Visit the sitemap of a server through the real client."""
    source = Source(name="s", kind="sitemap", url=server.url("/sitemap.xml"), outlet="News")

    async def run() -> Discovery:
        # Sitemaps are parsed in a worker, as the pipeline does it.
        with ParserPool(workers=1, preload=("scraper.discovery",)) as pool:
            async with Client(settings_for(server.port, **changes)) as client, unharmed(client):
                return await discover(source, client.get, pool.run, at=datetime.now(UTC))

    return asyncio.run(run())


def test_g47_an_index_that_names_itself_is_read_once_and_a_bomb_not_at_all() -> None:
    with Server({}) as server:
        maps = "".join(
            f"<sitemap><loc>{server.url(path)}</loc></sitemap>"
            for path in ("/sitemap.xml", "/sitemap.xml#again", "/bomb.xml.gz", "/good.xml.gz")
        )
        good = f"<urlset><url><loc>{server.url('/story/1')}</loc></url></urlset>"
        server.routes = {
            "/sitemap.xml": reply(f"<sitemapindex>{maps}</sitemapindex>"),
            "/bomb.xml.gz": reply(packed_zeros(1024), Content_Type="application/gzip"),
            "/good.xml.gz": reply(gzip.compress(good.encode()), Content_Type="application/gzip"),
        }
        discovery = visit(server)
        assert [link.url for link in discovery.links] == [server.url("/story/1")]
        assert sorted(server.paths()) == ["/bomb.xml.gz", "/good.xml.gz", "/sitemap.xml"]
        (note,) = (note for note in discovery.notes if "bomb" in note)
        assert "more than" in note, "what was left out is told, and that it was too large"


async def hang(asked: Asked) -> None:
    """Never answer."""
    await asyncio.sleep(3600)


NO = "User-agent: *\nDisallow: /no\n"
ROBOTS: dict[str, tuple[bytes | Callable[..., object], str, str]] = {
    # name: (answer, outcome of /no/1, outcome of /yes/1)
    "rules": (reply(NO), "robots_denied", "page"),
    "404": (reply(NO, 404), "page", "page"),
    "403": (reply(NO, 403), "page", "page"),
    "500": (reply("", 500), "robots_unreachable", "robots_unreachable"),
    "429": (reply("", 429), "robots_unreachable", "robots_unreachable"),
    "silence": (hang, "robots_unreachable", "robots_unreachable"),
    "mark": (reply(b"\xef\xbb\xbf" + NO.encode()), "robots_denied", "page"),
    "returns": (reply(NO.replace("\n", "\r")), "robots_denied", "page"),
    "gzip": (reply(gzip.compress(NO.encode()), Content_Encoding="gzip"), "robots_denied", "page"),
    "2 MB": (reply(NO + "# filler\n" * 230_000), "robots_denied", "page"),
    "2 MB, rule beyond": (reply("# filler\n" * 230_000 + NO), "page", "page"),
    "2 MB of rules": (
        reply(NO + "".join(f"Disallow: /{n}*x$\n" for n in range(120_000))), "robots_denied", "page"
    ),
    "bomb": (
        reply(gzip.compress((NO + "# filler\n").encode() + b"#" * (64 << 20)),
              Content_Encoding="gzip"), "robots_denied", "page"
    ),
    "redirected": (
        b"HTTP/1.1 301 Go\r\nLocation: /rules\r\nContent-Length: 0\r\n\r\n", "robots_denied", "page"
    ),
    "loop": (
        b"HTTP/1.1 301 Go\r\nLocation: /robots.txt\r\nContent-Length: 0\r\n\r\n", "page", "page"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROBOTS)
def test_g48_robots(name: str) -> None:
    answer, *expected = ROBOTS[name]
    routes = {"127.0.0.1/robots.txt": answer, "/rules": reply(NO)}
    found, server = trial(routes, "/no/1", "/yes/1", read_timeout=0.5)  # type: ignore[arg-type]
    assert ["page" if isinstance(one, Page) else one for one in found] == expected
    asked = [path for path in server.paths("127.0.0.1") if path != "/rules"]
    whole = [f"/{word}/1" for word, one in zip(("no", "yes"), expected, strict=True)
             if one == "page"]  # fmt: skip
    assert asked == whole, "what is forbidden is never asked for"
    count = sum(a.path == "/robots.txt" and a.host == "127.0.0.1" for a in server.asked)
    assert count == 1, "robots.txt is asked for once"


def test_g48_the_cut_falls_between_rules() -> None:
    # Half of "Disallow: /no" would be "Disallow: /": it would forbid everything.
    cap = 4096
    text = "User-agent: *\n" + "#" * (cap - 15 - len("Disallow: /")) + "\nDisallow: /no\n"
    assert text[:cap].endswith("\nDisallow: /")
    (page,), _ = trial({"127.0.0.1/robots.txt": reply(text)}, "/a", max_robots_bytes=cap)
    assert isinstance(page, Page)


def test_g48_an_old_copy_serves_while_no_new_one_can_be_had() -> None:
    memory = InMemoryHostStore()
    with Server({"/robots.txt": reply("", 503, Retry_After="0")}) as server:
        host = f"127.0.0.1:{server.port}"
        day_before = datetime.now(UTC) - timedelta(days=2)
        memory.save(HostState(host=host, robots=NO, robots_at=day_before))

        async def run() -> list[Page | str]:
            settings = settings_for(server.port)
            async with Client(settings, hosts=memory) as client, unharmed(client):
                return [await attempt(client, server.url(p)) for p in ("/no", "/a", "/b")]

        denied, *pages = asyncio.run(run())
        assert denied == "robots_denied"
        assert all(isinstance(page, Page) for page in pages)
        assert [a.path for a in server.asked] == ["/robots.txt", "/a", "/b"]


def gaps(server: Server) -> list[float]:
    """Return the seconds between the end of each answer and the next request."""
    log = [a for a in server.asked if a.host == "127.0.0.1"]
    return [later.at - earlier.done for earlier, later in pairwise(log)]


def test_g49_crawl_delay_and_the_default_gap() -> None:
    slow = {"127.0.0.1/robots.txt": reply("User-agent: *\nCrawl-delay: 0.6\n")}
    _, server = trial(slow, "/1", "/2", "/3", delay=0.2)
    assert len(gaps(server)) == 3
    assert min(gaps(server)) >= 0.59
    _, server = trial({}, "/1", "/2", "/3", delay=0.3)
    assert min(gaps(server)) >= 0.29


def test_g49_a_host_is_asked_one_at_a_time() -> None:
    async def slow(asked: Asked) -> None:
        await asyncio.sleep(0.05)
        await asked.say(reply("slow", Connection="close"))

    with Server({f"/{n}": slow for n in range(6)}) as server:

        async def run() -> None:
            settings = settings_for(server.port, delay=0.02)
            async with Client(settings) as client, unharmed(client):
                await asyncio.gather(*(client.get(server.url(f"/{n}")) for n in range(6)))

        asyncio.run(run())
        assert min(gaps(server)) >= 0.01


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date", "garbage"])
def test_g49_retry_after(status: int, form: str) -> None:
    value = {
        "seconds": "1",
        "date": format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True),
        "garbage": "in a while",
    }[form]
    routes = {"/busy": reply("", status, Retry_After=value)}
    found, server = trial(routes, "/busy", "/after", delay=0.4)
    assert found[0] == "rate_limited" if status == 429 else isinstance(found[0], Page)
    assert isinstance(found[1], Page)
    # Garbage counts as none: between one and two times the gap, and never less than it.
    assert gaps(server)[-1] >= {"seconds": 0.98, "date": 0.98, "garbage": 0.39}[form]


def test_g49_a_long_retry_after_is_kept_in_memory_and_not_waited_for() -> None:
    memory = InMemoryHostStore()
    routes = {"/busy": reply("", 429, Retry_After="120")}
    with Server(routes) as server:

        async def run() -> list[Page | str]:
            settings = settings_for(server.port)
            async with Client(settings, hosts=memory) as client, unharmed(client):
                return [await attempt(client, server.url(p)) for p in ("/busy", "/after")]

        assert asyncio.run(run()) == ["rate_limited", "rate_limited"]
        # A second run, with the same memory, is as patient.
        assert asyncio.run(run()) == ["rate_limited", "rate_limited"]
        assert server.paths() == ["/busy"]
        state = memory.load(f"127.0.0.1:{server.port}")
        assert state.not_before is not None
        assert state.not_before > datetime.now(UTC) + timedelta(seconds=60)
