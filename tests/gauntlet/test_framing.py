"""Gauntlet 16 to 22: what is almost HTTP."""

from __future__ import annotations

import asyncio

import pytest

from scraper.models import Page
from tests.gauntlet.server import Asked, Script, reply
from tests.gauntlet.trial import trial

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def saying(data: bytes, *, reset: bool = False) -> Script:
    """Return a script that says something and hangs up, rudely if so asked."""

    async def script(asked: Asked) -> None:
        await asked.say(data)
        if reset:
            await asyncio.sleep(0.1)
            asked.reset()

    return script


def outcome(script: Script) -> Page | str:
    return trial({"/b": script}, "/b")[0][0]


@pytest.mark.parametrize("reset", [False, True])
def test_g16_content_length_too_big(reset: bool) -> None:
    assert outcome(saying(OK + b"Content-Length: 100\r\n\r\nhalf", reset=reset)) == "truncated"


def test_g16_reset_in_a_chunked_body() -> None:
    assert outcome(saying(CHUNKED + b"4\r\nhalf\r\n", reset=True)) == "truncated"


def test_g16_reset_or_hangup_before_an_answer() -> None:
    assert outcome(saying(b"", reset=True)) == "connect"
    assert outcome(saying(b"")) == "protocol"


def test_g17_content_length_too_small() -> None:
    # What stands behind the body must not be taken for the answer to the next request.
    forged = reply("forged", X_Forged="yes")
    routes = {"/b": OK + b"Content-Length: 4\r\n\r\nreal" + forged, "/next": reply("true")}
    (page, following), server = trial(routes, "/b", "/next")
    assert isinstance(page, Page)
    assert page.body == b"real"
    assert isinstance(following, Page)
    assert following.body == b"true"
    first, second = (a for a in server.asked if a.path in routes)
    assert first.connection != second.connection


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 4\r\nContent-Length: 8\r\n", b"Content-Length: -4\r\n",
     b"Content-Length: 4, 8\r\n", b"Content-Length: four\r\n", b"Content-Length: 0x4\r\n",
     b"Content-Length: " + b"9" * 400 + b"\r\n"],
)  # fmt: skip
def test_g18_lengths_that_contradict_or_are_none(head: bytes) -> None:
    assert outcome(saying(OK + head + b"\r\nrealbody")) == "protocol"


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [(b"zz\r\nhalf\r\n0\r\n\r\n", "protocol"), (b"-4\r\nhalf\r\n0\r\n\r\n", "protocol"),
     (b"4\r\nhalf and more\r\n0\r\n\r\n", "protocol"), (b"4\r\nhalf\r\n", "truncated"),
     (b"400\r\nhalf", "truncated"), (b"4\r\nhalf\r\n0\r\n", "truncated"),
     (b"f" * 30 + b"\r\nhalf", "protocol")],
)  # fmt: skip
def test_g19_bad_or_unfinished_chunks(chunks: bytes, expected: str) -> None:
    assert outcome(saying(CHUNKED + chunks)) == expected


def test_g20_a_body_that_ends_with_its_connection() -> None:
    # Nothing tells whether it was cut; the verdict and the shrink guard have to.
    page = outcome(saying(OK + b"\r\n<p>The first half of"))
    assert isinstance(page, Page)
    assert page.body == b"<p>The first half of"
    assert "content-length" not in page.headers
    assert "transfer-encoding" not in page.headers


@pytest.mark.parametrize(
    "head",
    [b"X-Long: " + b"x" * 200_000 + b"\r\n", b"".join(b"X-%d: y\r\n" % n for n in range(5000)),
     b"a: b\r\n" * 5000],
    ids=["long", "many", "many-short"],
)  # fmt: skip
def test_g21_a_flood_of_headers(head: bytes) -> None:
    assert outcome(saying(OK + head + b"Content-Length: 4\r\n\r\nbody")) == "protocol"


@pytest.mark.parametrize(
    "said",
    [b"<html>HTTP/0.9</html>", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
     b"\0" * 500, b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc No\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
     b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 600 Odd\r\n\r\n",
     b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
     b"HTTP/1.1 304 Same\r\n\r\n"],
)  # fmt: skip
def test_g22_what_is_not_http(said: bytes) -> None:
    assert outcome(saying(said)) == "protocol"
