"""WebSub: hubs verify, renew and tell; whoever else asks gets nothing, and polling goes on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.archive.hubs import HubSubscription, ask_again, lease_of, next_request
from scraper.cli import main
from scraper.config import Config, HubSettings, load_config
from scraper.discovery.hub_links import header_links, hub_and_topic
from scraper.errors import ConfigError, UsageError
from scraper.models import Discovery, Source
from scraper.pipeline import Pipeline
from scraper.websub import HubListener, key_of_archive, signature_holds
from tests.archiving import HOUR, START, opened, page

FEED = (
    "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Quay</title>"
    "<link rel='hub' href='{hub}'/><link rel='self' href='{own}'/></feed>"
)


class Quay(BaseHTTPRequestHandler):
    """A site with a feed, and its hub, on one port of the loopback."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        feed = self.path == "/feed"
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        body = FEED.format(hub=f"{base}/hub", own=f"{base}/feed").encode() if feed else b""
        self.server.visits.append(self.path)
        self._reply(200 if feed else 404, body, "application/atom+xml")

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self.server.asked.append({name: values[0] for name, values in fields.items()})
        self._reply(self.server.status, b"", "text/plain")

    def _reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def quay() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quay)
    server.asked, server.visits, server.status = [], [], 202
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Desk:
    """An archive that is subscribed to what a quay tells, and a clock that the test sets."""

    def __init__(self, folder: Path, server: ThreadingHTTPServer) -> None:
        self.folder, self.server, self.now = folder, server, START

    @property
    def config(self) -> Config:
        shipped = load_config()
        port = self.server.server_address[1]
        fetch = replace(shipped.fetch, delay=0.0, ports=(port,), allow_private=("127.0.0.0/8",))
        source = Source(name="quay", kind="feed", url=f"http://127.0.0.1:{port}/feed", outlet="Q")
        return replace(shipped, fetch=fetch, parse=replace(shipped.parse, workers=1),
                       sources=(source,))  # fmt: skip

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[HubListener]:
        async with Pipeline(
            self.config, open_archive=lambda: Archive(self.folder), clock=lambda: self.now
        ) as pipeline:
            settings = HubSettings(callback="https://desk.example/hooks/", port=0)
            async with HubListener(
                pipeline, settings, self.folder, clock=lambda: self.now
            ) as listener:
                self.collect = pipeline.collect
                yield listener

    @property
    def state(self) -> HubSubscription:
        with opened(self.folder) as archive:
            [found] = archive.hub_subscriptions()
        return found

    @property
    def due(self) -> datetime | None:
        with opened(self.folder) as archive:
            return archive.status(self.now).sources[0].next_due_at

    @property
    def path(self) -> str:
        callback = self.server.asked[-1]["hub.callback"]
        assert callback.startswith("https://desk.example/hooks/")
        return callback.removeprefix("https://desk.example")

    def question(self, **changes: str) -> str:
        asked = {
            "hub.mode": "subscribe", "hub.topic": self.server.asked[-1]["hub.topic"],
            "hub.challenge": "ch&llenge", "hub.lease_seconds": "864000",
        } | {f"hub.{name}": value for name, value in changes.items()}  # fmt: skip
        return f"{self.path}?{urlencode(asked)}"


async def raw(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send bytes as they are; return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def get(port: int, target: str) -> tuple[int, bytes]:
    head = f"GET {target} HTTP/1.1\r\nhost: desk\r\n\r\n"
    return parted(await raw(port, head.encode()))


def parted(answer: bytes) -> tuple[int, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def post(
    port: int, path: str, body: bytes = b"<feed/>", secret: str = "", method: str = "sha256"
) -> int:
    digest = hmac.new(secret.encode(), body, method).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: desk\r\ncontent-length: {len(body)}\r\n"
        f"x-hub-signature: {method}={digest}\r\n\r\n"
    )
    return parted(await raw(port, head.encode() + body))[0]


def test_a_feed_is_subscribed_to_verified_told_and_renewed(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        async with desk.at_work() as listener:
            await desk.collect()
            assert desk.state.state == "found"
            assert await listener.round() == 1
            assert await listener.round() == 0
            [asked] = desk.server.asked
            assert asked["hub.mode"] == "subscribe"
            assert asked["hub.topic"] == desk.config.sources[0].url
            assert (desk.state.state, len(asked["hub.secret"])) == ("asked", 64)
            # Nobody tells of anything before it is verified.
            secret = asked["hub.secret"]
            assert await post(listener.port, desk.path, secret=secret) == 403
            for wrong in ({"topic": "http://127.0.0.1/other"}, {"mode": "unsubscribe"},
                          {"challenge": "x" * 2000}, {"mode": "publish"}):  # fmt: skip
                assert (await get(listener.port, desk.question(**wrong)))[0] == 404
            assert await get(listener.port, desk.question()) == (200, b"ch&llenge")
            assert desk.state.state == "active"
            # A request is verified once: nobody else can make us say yes.
            assert (await get(listener.port, desk.question(lease_seconds="9"))) == (404, b"")
            assert desk.state.expires_at == START + timedelta(days=10)
            # A message hastens the visit, to ten minutes after the last at the soonest.
            assert desk.due == START + HOUR
            desk.now += timedelta(minutes=3)
            assert await post(listener.port, desk.path, secret=secret) == 202
            assert desk.due == START + timedelta(minutes=10)
            assert desk.state.last_push_at == desk.now
            told = CliRunner().invoke(main, ["--archive", str(desk.folder), "status"])
            assert "websub   active 1; last message 2026-03-01 08:03" in told.output
            # Its repetition is no news.
            desk.now += timedelta(minutes=30)
            await desk.collect()
            due = desk.due
            assert await post(listener.port, desk.path, secret=secret) == 202
            assert desk.due == due
            assert await post(listener.port, desk.path, b"<feed>2</feed>", secret, "sha512") == 202
            assert desk.due is not None and due is not None and desk.due < due
            # A tenth of the lease is left.
            desk.now = START + timedelta(days=9) - HOUR
            assert await listener.round() == 0
            desk.now += 2 * HOUR
            assert await listener.round() == 1
            assert desk.state.state == "active"
            assert desk.server.asked[1] == asked
            assert (await get(listener.port, desk.question()))[0] == 200
            assert desk.state.expires_at == desk.now + timedelta(days=10)
            # The lease ends: what comes then is not taken.
            desk.now += timedelta(days=11)
            assert await post(listener.port, desk.path, b"3", secret) == 403

    with quay() as server:
        asyncio.run(play(Desk(tmp_path / "archive", server)))


def test_a_hub_that_fails_denies_or_never_verifies_is_asked_ever_less(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        async with desk.at_work() as listener:
            await desk.collect()
            desk.server.status = 503
            await listener.round()
            assert (desk.state.state, desk.state.failures) == ("failed", 1)
            assert "503" in desk.state.message
            desk.now += HOUR
            desk.server.status = 202
            await listener.round()
            desk.now += HOUR
            # It did not verify in time, and is told nothing when it does so late.
            await listener.round()
            assert (desk.state.failures, "did not verify" in desk.state.message) == (2, True)
            assert (await get(listener.port, desk.question()))[0] == 404
            assert desk.state.next_at == desk.now + 2 * HOUR
            desk.now += 2 * HOUR
            await listener.round()
            denied = desk.question(mode="denied", reason="no such topic")
            assert (await get(listener.port, denied))[0] == 200
            assert (desk.state.state, desk.state.failures) == ("denied", 3)
            assert desk.state.message.endswith("no such topic")
            # The feed is polled all the while.
            visits = len(desk.server.visits)
            await desk.collect()
            assert len(desk.server.visits) == visits + 1

    with quay() as server:
        asyncio.run(play(Desk(tmp_path / "archive", server)))


def test_what_strangers_send_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("scraper.websub._TIMEOUT", 0.5)

    async def play(desk: Desk) -> None:
        async with desk.at_work() as listener:
            await desk.collect()
            await listener.round()
            await get(listener.port, desk.question())
            due, port, path = desk.due, listener.port, desk.path
            secret = desk.server.asked[0]["hub.secret"]
            desk.now += timedelta(minutes=5)
            assert await post(port, path, secret="wrong") == 403
            assert await post(port, path, secret=secret, method="sha1") == 403
            assert await post(port, "/hooks/" + "0" * 43, secret=secret) == 404
            assert (await get(port, "/"))[0] == 404
            head = f"POST {path} HTTP/1.1\r\nhost: desk\r\n"
            for fields, status in (
                ("content-length: 1048577\r\n", 413), ("content-length: 99999999999\r\n", 413),
                ("content-length: -1\r\n", 411), ("transfer-encoding: gzip\r\n", 411),
                ("transfer-encoding: chunked\r\ncontent-length: 5\r\n", 411),
                ("transfer-encoding: chunked\r\n\r\n100001\r\n", 413),
                ("transfer-encoding: chunked\r\n\r\n0\r\n", 403),
                ("content-length: \u0664\r\n", 411), ("content-length: 0\r\n", 403),
            ):  # fmt: skip
                answer = await raw(port, f"{head}{fields}\r\n".encode())
                assert parted(answer)[0] == status, fields
            assert parted(await raw(port, f"PUT {path} HTTP/1.1\r\n\r\n".encode()))[0] == 405
            # Nonsense, a head without an end, a body that never comes, one byte at a time.
            for pieces in (
                [b"\x16\x03\x01\r\n\r\n"], [b"G" * 100_000],
                [f"{head}content-length: 9\r\n\r\nabc".encode()],
                [f"{head}transfer-encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n".encode()],
                [f"{head}transfer-encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n".encode()],
                [f"{head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n".encode()],
                [bytes([c]) for c in b"POST /x"],
            ):  # fmt: skip
                assert await raw(port, *pieces, pause=0.1) == b""
            assert desk.due == due
            assert desk.state.last_push_at is None
            # Those who are served still are, and in chunks too.
            assert await post(port, path, secret=secret) == 202
            digest = hmac.new(secret.encode(), b"<feed>2</feed>", "sha256").hexdigest()
            answer = await raw(
                port,
                f"{head}Transfer-Encoding: Chunked\r\nx-hub-signature: sha256={digest}\r\n\r\n"
                "6;x=y\r\n<feed>\r\n".encode(),
                b"8\r\n2</feed>\r\n0\r\nlast: field\r\n\r\n",
            )
            assert parted(answer)[0] == 202

    with quay() as server:
        asyncio.run(play(Desk(tmp_path / "archive", server)))


def test_no_more_requests_than_some_are_served_at_a_time(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        async with desk.at_work() as listener:
            await desk.collect()
            await listener.round()
            with ExitStack() as opened_:
                for _ in range(32):
                    opened_.enter_context(socket.create_connection(("127.0.0.1", listener.port)))
                await asyncio.sleep(0.2)
                assert (await get(listener.port, desk.question()))[0] == 503
                for _ in range(32):
                    opened_.enter_context(socket.create_connection(("127.0.0.1", listener.port)))
                await asyncio.sleep(0.2)
                assert await raw(listener.port, b"GET / HTTP/1.1\r\n\r\n") == b""
            await asyncio.sleep(0.2)
            assert (await get(listener.port, desk.question()))[0] == 200

    with quay() as server:
        asyncio.run(play(Desk(tmp_path / "archive", server)))


def test_another_key_file_asks_anew_with_other_addresses(tmp_path: Path) -> None:
    async def asked(desk: Desk) -> dict[str, str]:
        async with desk.at_work() as listener:
            await desk.collect()
            await listener.round()
            await get(listener.port, desk.question())
        return desk.server.asked[-1]

    with quay() as server:
        desk = Desk(tmp_path / "archive", server)
        first = asyncio.run(asked(desk))
        assert asyncio.run(asked(desk)) is first
        key = desk.folder / "websub.key"
        assert key.stat().st_mode & 0o777 == 0o600
        key.unlink()
        other = asyncio.run(asked(desk))
        assert other["hub.callback"] != first["hub.callback"]
        assert other["hub.secret"] != first["hub.secret"]
        key.write_bytes(b"short")
        with pytest.raises(UsageError, match="damaged"):
            key_of_archive(desk.folder)


def test_a_feed_that_names_another_hub_or_none_begins_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        source = Source(name="quay", kind="feed", url="https://quay.example/feed", outlet="Quay")
        archive.sync_sources([source], START)

        def visited(hub: str, **keys: object) -> list[tuple[str, str]]:
            found = Discovery(links=(), pages=(page(url=source.url),), hub=hub,
                              topic=source.url, **keys)  # fmt: skip
            archive.record_visit("quay", START, discovery=found)
            return [(one.hub, one.state) for one in archive.hub_subscriptions()]

        assert visited("https://hub.example/") == [("https://hub.example/", "found")]
        archive.hub_asked("quay", "key", START)
        archive.hub_verified("quay", 86400, START)
        assert visited("https://hub.example/") == [("https://hub.example/", "active")]
        assert visited("", unchanged=True) == [("https://hub.example/", "active")]
        assert visited("", served_by="listing https://quay.example/")[0][1] == "active"
        assert visited("https://other.example/") == [("https://other.example/", "found")]
        # A source that fails, or has its own times, is not hastened.
        assert archive.hub_told("quay", START + HOUR / 2)
        archive.sync_sources([replace(source, cron="0 7 * * *")], START)
        assert not archive.hub_told("quay", START + HOUR)
        assert visited("") == []
        assert not archive.hub_told("quay", START + HOUR)


BASE = "https://quay.example/news/feed"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<https://hub.example/>; rel="hub", </feed>; rel=self',
         {"hub": "https://hub.example/", "self": "https://quay.example/feed"}),
        ('<a>; title="x"; REL="Hub other"', {"hub": "https://quay.example/news/a",
                                              "other": "https://quay.example/news/a"}),
        ('<javascript:x>; rel=hub', {}), ("<x>", {}), ("", {}), ("<" * 9000, {}),
        ("<x>;rel=" * 3000, {}),
    ],
)  # fmt: skip
def test_links_of_a_header(value: str, expected: dict[str, str]) -> None:
    assert header_links(value, BASE) == expected


def test_the_header_counts_before_the_document() -> None:
    headers = {"link": '<https://one.example/>; rel="hub"'}
    assert hub_and_topic(headers, BASE, ["https://two.example/"], "") == (
        "https://one.example/", BASE,
    )  # fmt: skip
    assert hub_and_topic({}, BASE, ["https://two.example/"], "https://quay.example/own") == (
        "https://two.example/", "https://quay.example/own",
    )  # fmt: skip
    assert hub_and_topic({}, BASE, [], "https://quay.example/own") == ("", "")


def test_leases_and_pauses_are_bounded() -> None:
    assert [lease_of(text) for text in ("864000", "1", "9" * 11, "-5", "", "\u0664", "9" * 99)] == [
        864000, 300, 90 * 86400, 86400, 86400, 86400, 86400,
    ]  # fmt: skip
    for lease in (300, 3600, 86400, 90 * 86400):
        assert START < ask_again(START, lease) < START + timedelta(seconds=lease)
    assert next_request(START, 1) == START + HOUR
    assert next_request(START, 99) == START + timedelta(days=7)


def test_signatures() -> None:
    good = hmac.new(b"key", b"body", hashlib.sha256).hexdigest()
    assert signature_holds("key", b"body", f"sha256={good}")
    assert signature_holds("key", b"body", f"SHA256={good.upper()}")
    for bad in ("", "sha256=", good, f"sha1={good}", f"sha256={good[:-1]}", "sha256=\u00e9", "=",
                f"md5={good}"):  # fmt: skip
        assert not signature_holds("key", b"body", bad)


@pytest.mark.parametrize(
    "value", ["ftp://a.example/", "https://a.example/?x=1", "https://u:p@a.example/", "a.example"]
)
def test_a_wrong_callback_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    (tmp_path / "settings.toml").write_text(f'[websub]\ncallback = "{value}"\n')
    with pytest.raises(ConfigError, match=r"settings\.toml:2 .*callback"):
        load_config(tmp_path, need_sources=False)
