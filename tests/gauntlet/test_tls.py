"""What goes wrong behind a good certificate, over HTTP/1.1 and HTTP/2."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import threading

import pytest
from h2.errors import ErrorCodes

from scraper.errors import FetchError
from scraper.fetching import Client
from scraper.models import Page
from tests.gauntlet.certificates import client_context, server_context
from tests.gauntlet.http2 import Answer, Conversation, Http2Server, endless, page, reset
from tests.gauntlet.server import Asked, Server, reply
from tests.gauntlet.trial import attempt, settings_for, trial

PAGE = b"<p>A page</p>"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"


def over_tls(script: object) -> Page | str:
    """Return what becomes of a path that is served over TLS and HTTP/1.1."""
    found, _ = trial(
        {"/b": script},  # type: ignore[dict-item]
        "/b",
        server_ssl=server_context("good"),
        client_ssl=client_context(),
        read_timeout=0.3,
    )
    return found[0]


@pytest.mark.parametrize("said", [b"", HALF])
def test_silence_is_a_timeout(said: bytes) -> None:
    async def silence(asked: Asked) -> None:
        await asked.say(said)
        await asyncio.sleep(3600)

    assert over_tls(silence) == "timeout"


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_breaks_off_is_a_truncated_page(reset: bool) -> None:
    async def half(asked: Asked) -> None:
        await asked.say(HALF)
        if reset:
            await asyncio.sleep(0.1)
            asked.reset()

    assert over_tls(half) == "truncated"


def test_plain_text_within_the_encrypted_stream_is_an_error_of_tls() -> None:
    async def slip(asked: Asked) -> None:
        await asked.say(HALF)
        await asyncio.sleep(0.1)
        # Past the layer that encrypts.
        os.write(asked.writer.get_extra_info("socket").fileno(), b"and half " * 20)
        await asyncio.sleep(0.3)

    assert over_tls(slip) == "tls"


def test_plain_text_instead_of_a_handshake_is_an_error_of_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def speak() -> None:
            for _ in range(2):
                connection, _ = plain.accept()
                with connection:
                    connection.sendall(reply("not encrypted"))
                    connection.recv(1000)

        threading.Thread(target=speak, daemon=True).start()
        port = plain.getsockname()[1]
        found, _ = trial({}, f"https://127.0.0.1:{port}/", more_ports=(port,))
    assert found == ["tls"]


def over_http2(
    answers: dict[str, Answer], *paths: str, **changes: object
) -> tuple[list[Page | str], Http2Server]:
    """Fetch paths one after another; return the outcomes and the server with its log."""
    server = Http2Server(answers)

    async def run() -> list[Page | str]:
        settings = settings_for(server.port, read_timeout=0.5, **changes)
        async with Client(settings, ssl_context=client_context()) as client:
            return [await attempt(client, server.url(path)) for path in paths]

    with server:
        return asyncio.run(run()), server


def test_http2_reads_pages_over_one_connection() -> None:
    answers = {
        "/packed": page(gzip.compress(PAGE), content_encoding="gzip"),
        "/moved": page(b"gone there", status="302", location="/a"),
    }
    found, server = over_http2(answers, "/a", "/packed", "/moved", "/b")
    assert [one.body for one in found if isinstance(one, Page)] == [PAGE] * 4
    assert len(server.dialled) == 1


def test_http2_sends_what_http1_does() -> None:
    _, server = over_http2({}, "/a")
    asked = server.asked[-1].headers
    assert asked["accept-encoding"] == "gzip, deflate, br"
    assert asked["user-agent"].startswith("scraper/")
    assert not {"cookie", "connection", "te"} & set(asked)


def test_http2_a_body_left_unread_blocks_no_later_page() -> None:
    # A stream that nobody reads fills the window of the whole connection.
    found, _ = over_http2({"/b": endless}, "/b", "/a", "/b", "/a", max_bytes=100_000)
    assert ["page" if isinstance(one, Page) else one for one in found] == [
        "too_large", "page", "too_large", "page"
    ]  # fmt: skip


def hang(said: Conversation, stream: int) -> None:
    """Say nothing."""


def hang_up(said: Conversation, stream: int) -> None:
    """End the connection before anything is said on the stream."""
    said.close_connection(last_stream_id=0)


def status(value: str) -> Answer:
    return page(status=value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (hang, "timeout"),
        (page(b"half", end=False), "timeout"),
        (hang_up, "connect"),
        (reset(ErrorCodes.REFUSED_STREAM), "connect"),
        (reset(ErrorCodes.INTERNAL_ERROR, page(b"half", end=False)), "truncated"),
        (page(b"half", content_length="100"), "truncated"),
        (page(gzip.compress(PAGE)[:-4], content_encoding="gzip"), "truncated"),
        (page(gzip.compress(bytes(12 << 20)), content_encoding="gzip"), "too_large"),
        (status("none"), "protocol"),
        (status("999"), "protocol"),
        (status("-200"), "protocol"),
        (page(**{f"x-{n}": "y" * 300 for n in range(300)}), "protocol"),
        (page(**{f"x-{n}": "y" for n in range(600)}), "protocol"),
    ],
    ids=["silence", "half", "hang-up", "refused", "reset", "short", "cut gzip", "bomb", "no status",
         "status 999", "negative status", "long headers", "many headers"],
)  # fmt: skip
def test_http2_failures_and_the_page_after_them(answer: Answer, expected: str) -> None:
    found, _ = over_http2({"/b": answer}, "/b", "/a")
    assert found[0] == expected
    assert isinstance(found[1], Page), "the next page is read as if nothing had happened"


def test_an_error_that_the_caller_was_handling_is_not_taken_for_the_new_one() -> None:
    async def run(server: Server) -> tuple[str, str | None]:
        settings = settings_for(server.port, read_timeout=0.3)
        async with Client(settings) as client:
            try:
                await client.get("https://127.0.0.1:1/")
            except FetchError:
                with pytest.raises(FetchError) as caught:
                    await client.get(server.url("/garbage"))
        return caught.value.error_class, caught.value.url

    with Server({"/garbage": b"SSH-2.0\r\n\r\n"}) as server:
        assert asyncio.run(run(server)) == ("protocol", server.url("/garbage"))
