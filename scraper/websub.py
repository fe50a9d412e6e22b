"""Hubs tell when a feed changes (W3C WebSub): ``[websub] callback``.

Where a feed names a hub, the daemon subscribes to it. The hub verifies that at our callback and
posts there, signed, whenever the feed changes. A message only says that the feed is to be visited:
what it holds is not read, and articles come from the feed itself as ever. Feeds are polled all the
same, so that a hub that fails, lies or is silent costs nothing.

The callback's addresses and the keys of signatures are derived from a key file beside the archive.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs

from scraper.archive import Archive
from scraper.archive.hubs import HubSubscription, lease_of
from scraper.config import HubSettings
from scraper.errors import FetchError, ScraperError, UsageError
from scraper.pipeline import Pipeline
from scraper.record import record

__all__ = ["HubListener", "key_of_archive", "signature_holds"]

T = TypeVar("T")

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
# Bytes and seconds that a request may take, and requests at a time.
_MOST_HEAD, _MOST_BODY, _TIMEOUT, _MOST_OPEN = 16 * 1024, 1024 * 1024, 10.0, 32
# Requests to hubs in one round.
_MOST_ASKED = 5
# Seconds for which a lease is asked.
_LEASE = 7 * 86400
_LONGEST_CHALLENGE = 1024
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
# Messages whose repetition is known.
_MOST_REMEMBERED = 1000
# SHA-1, which the standard still lists, is not accepted.
_METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_ANSWERS = {
    200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 411: "Length Required", 413: "Content Too Large",
    503: "Service Unavailable",
}  # fmt: skip


@record(kw_only=False)
class _Answer:
    status: int
    body: bytes = b""


def key_of_archive(folder: Path) -> bytes:
    """Return the key of an archive's folder; it is made where there is none.

    Raises:
        UsageError: it can be neither read nor made.
    """
    path = folder / "websub.key"
    try:
        with suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read or made: {error.strerror}") from None
    if len(key) < 32:
        raise UsageError(f"{path} is damaged: delete it, and hubs are asked anew")
    return key


def signature_holds(secret: str, body: bytes, given: str) -> bool:
    """Return whether ``X-Hub-Signature`` is that of a body, compared in constant time.

    Args:
        secret: that the hub was given.
        body: as it came.
        given: ``sha256=…`` in hexadecimal digits; sha384 and sha512 count as well.
    """
    method, _, digest = given.strip().partition("=")
    function = _METHODS.get(method.lower())
    if function is None or not digest.isascii():
        return False
    expected = hmac.new(secret.encode(), body, function).hexdigest()
    return hmac.compare_digest(expected, digest.lower())


class HubListener:
    """Subscribes to hubs and answers them; an asynchronous context manager.

    Args:
        pipeline: asks hubs, at the pace of any host, and holds the archive.
        settings: the callback, and the port that it leads to.
        folder: of the archive.
        clock: the present moment.

    Raises:
        UsageError: the port is taken, or the key file cannot be made.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        settings: HubSettings,
        folder: Path,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._clock = clock
        self._key = key_of_archive(folder)
        self._fingerprint = hashlib.sha256(b"fingerprint" + self._key).hexdigest()[:16]
        self._subscriptions: Mapping[str, HubSubscription] = {}
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._open = 0

    async def __aenter__(self) -> HubListener:
        await self._load()
        try:
            self._server = await asyncio.start_server(
                self._serve, _HOST, self._settings.port, limit=_MOST_HEAD
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise UsageError(
                f"[websub] port = {self._settings.port} cannot be used: {reason}"
            ) from error
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        """The port that it answers on."""
        return int(self._server.sockets[0].getsockname()[1])

    # Requests to hubs

    async def round(self) -> int:
        """Ask the hubs that are due, a few at a time; return how many were asked.

        Raises:
            ArchiveError: the archive could not be read or written.
        """
        asked, at = 0, self._clock()
        for found in await self._load():
            known = found.key == self._fingerprint or not found.key
            if asked >= _MOST_ASKED or (found.next_at > at and known):
                continue
            if known and found.is_unverified:
                said = "the hub did not verify the subscription within an hour"
                await self._failed(found, said)
                continue
            asked += 1
            await self._ask(found)
        return asked

    async def _ask(self, found: HubSubscription) -> None:
        """Ask a hub for a subscription, or to go on with one."""
        name, fingerprint = found.source, self._fingerprint
        # First: the hub may verify before it answers.
        await self._call(lambda archive: archive.hub_asked(name, fingerprint, self._clock()))
        await self._load()
        fields = {
            "hub.mode": "subscribe",
            "hub.topic": found.topic,
            "hub.callback": f"{self._settings.callback.rstrip('/')}/{self._token(found)}",
            "hub.secret": self._secret(found),
            "hub.lease_seconds": str(_LEASE),
        }
        try:
            status = await self._pipeline.ask_hub(found.hub, fields)
        except FetchError as error:
            await self._failed(found, error.message)
            return
        if not 200 <= status < 300:
            await self._failed(found, f"{found.hub}: the hub answered {status}")

    async def _failed(self, found: HubSubscription, message: str, *, denied: bool = False) -> None:
        log.warning("websub: %s: %s (the feed is polled as before)", found.source, message)
        await self._call(
            lambda archive: archive.hub_failed(found.source, message, self._clock(), denied=denied)
        )
        await self._load()

    def _token(self, found: HubSubscription) -> str:
        return self._derived(b"callback", found)[:43]

    def _secret(self, found: HubSubscription) -> str:
        return self._derived(b"secret", found)

    def _derived(self, use: bytes, found: HubSubscription) -> str:
        parts = (found.source, found.hub, found.topic)
        said = b"\0".join((use, *(part.encode("utf-8", "surrogatepass") for part in parts)))
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()

    async def _load(self) -> tuple[HubSubscription, ...]:
        found = await self._call(lambda archive: archive.hub_subscriptions())
        self._subscriptions = {self._token(one): one for one in found}
        return found

    async def _call(self, function: Callable[[Archive], T]) -> T:
        thread = self._pipeline.archive_thread
        return await thread.call(function, thread.archive_or_fail())

    # Requests of hubs

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(_TIMEOUT):
                answer = await self._answer(reader)
                writer.write(_http(answer))
                await writer.drain()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError,
                asyncio.LimitOverrunError):  # fmt: skip
            pass  # whoever asked has gone, is too slow, or asked nonsense
        except ScraperError as error:
            log.warning("websub: %s", error.message)
            with suppress(OSError):
                writer.write(_http(_Answer(503)))
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> _Answer:
        if self._open > 2 * _MOST_OPEN:
            raise ValueError("too many requests at a time")
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        if self._open > _MOST_OPEN:
            return _Answer(503)
        method, target, *_ = head[0].split(" ")
        lines = (line.partition(":") for line in head[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        path, _, query = target.partition("?")
        found = self._subscriptions.get(path.rstrip("/").rpartition("/")[2])
        if found is None:
            return _Answer(404)
        if method == "GET":
            return await self._verify(found, query)
        if method != "POST":
            return _Answer(405)
        coding, length = (headers.get(n, "") for n in ("transfer-encoding", "content-length"))
        if coding.lower() == "chunked" and not length:
            # As web servers pass on what they do not hold back until its length is known.
            whole = await _chunked_body(reader)
            return _Answer(413) if whole is None else await self._message(found, whole, headers)
        if coding or not (length.isascii() and length.isdigit()):
            return _Answer(411)
        if len(length) > 9 or int(length) > _MOST_BODY:
            return _Answer(413)
        return await self._message(found, await reader.readexactly(int(length)), headers)

    async def _verify(self, found: HubSubscription, query: str) -> _Answer:
        """Answer a hub that asks whether we want what was asked of it."""
        fields = {name: values[0] for name, values in parse_qs(query, max_num_fields=20).items()}
        mode, challenge = fields.get("hub.mode", ""), fields.get("hub.challenge", "")
        if fields.get("hub.topic") != found.topic:
            return _Answer(404)
        if mode == "denied":
            said = "the hub denied the subscription"
            reason = " ".join(fields.get("hub.reason", "").split())[:200]
            await self._failed(found, f"{said}: {reason}" if reason else said, denied=True)
            return _Answer(200)
        wanted = mode == "subscribe" and found.state in ("asked", "active") and found.asked_at
        # Nobody but us asks for a subscription, and we ask for no end of one.
        if not wanted or not found.is_unverified or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return _Answer(404)
        lease = lease_of(fields.get("hub.lease_seconds", ""))
        at = self._clock()
        await self._call(lambda archive: archive.hub_verified(found.source, lease, at))
        await self._load()
        log.info("websub: %s: %s tells when it changes", found.source, found.hub)
        return _Answer(200, challenge.encode("utf-8", "replace"))

    async def _message(
        self, found: HubSubscription, body: bytes, headers: Mapping[str, str]
    ) -> _Answer:
        """Take a message: a signed one, for a lease that lasts, hastens the next visit."""
        at = self._clock()
        lasts = found.state == "active" and found.expires_at is not None and found.expires_at > at
        given = headers.get("x-hub-signature", "")
        if not lasts or not signature_holds(self._secret(found), body, given):
            return _Answer(403)
        digest = hashlib.sha256(found.source.encode() + b"\0" + body).digest()
        if digest not in self._seen:
            self._seen[digest] = None
            while len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
            hastened = await self._call(lambda archive: archive.hub_told(found.source, at))
            if hastened:
                log.info("websub: %s: something is new; it is visited soon", found.source)
        return _Answer(202)


async def _chunked_body(reader: asyncio.StreamReader) -> bytes | None:
    """Read a body in chunks (RFC 9112, section 7.1); None where it is too long.

    Raises:
        ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError: it is none.
    """
    body = bytearray()
    while True:
        line = (await reader.readuntil(b"\r\n")).partition(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(line):
            raise ValueError("no size of a chunk")
        size = int(line, 16)
        if len(body) + size > _MOST_BODY:
            return None
        if not size:
            break
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise ValueError("no end of a chunk")
    # Fields behind the body are passed over; the time that a request may take bounds them.
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(body)


def _http(answer: _Answer) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} {_ANSWERS[answer.status]}\r\n"
        "content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
        f"content-length: {len(answer.body)}\r\nconnection: close\r\n"
        "cache-control: no-store\r\n\r\n"
    )
    return head.encode("latin-1") + answer.body
