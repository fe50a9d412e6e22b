"""The web through httpcore, httpx's engine: one request, its body raw, its failures translated.

The engine does what it does well (HTTP/1.1 and HTTP/2, TLS). What httpx does on top of it is ours,
or is not done: redirects, cookies, proxies from the environment, decoding. Its pool is not used
either: a host is asked one thing at a time, so that one connection for each is all there is to
keep, whereas a pool looks through all of them at each request.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import httpcore
import httpx

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.address_guard import GuardedBackend
from scraper.models import FetchSettings

__all__ = ["HttpTransport", "RawResponse", "Transport"]

_KEEPALIVE = 15.0
_MOST_KEPT = 128
# Bytes and seconds that the body of a redirect may take.
_SHORT, _SOON = 16 * 1024, 1.0
# How httpcore says that the other side ended a connection or a stream before its time.
_BROKEN_OFF = re.compile(
    r"closed connection|StreamReset|ConnectionTerminated|^Server disconnected$"
)
_TOO_SHORT = "InvalidBodyLengthError"
_UNUSABLE = (httpcore.ConnectionNotAvailable,)
_OF_HTTPCORE = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
# httpcore lets errors of TLS through that come after the handshake, and of a status in words.
_FAILURES = (*_OF_HTTPCORE, *_UNUSABLE, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """A response as it came: header fields and a body that is still encoded.

    Attributes:
        status: HTTP status.
        headers: (name, value) pairs in their order, as bytes.
        body: pieces of the body, Content-Encoding not undone.
        close_delimited: the body ends with its connection: neither a length nor a last chunk tells
            where it should (RFC 9112, section 6.3).
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: AsyncIterator[bytes]
    close_delimited: bool = False


class Transport(Protocol):
    """What may stand for the web: everything above it (redirects, caps, robots) stays real.

    `instant` says that nobody is troubled by a request, so that no gap need be kept.
    """

    instant: bool

    def get(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[RawResponse]:
        """Ask for one address, without following redirects.

        Raises:
            FetchError: there is no response.
        """


class HttpTransport:
    """The web itself.

    Args:
        settings: bounds in time, ports and networks that may be dialled.
        ssl_context: how servers are verified; by default against the public authorities.
    """

    instant = False

    def __init__(
        self, settings: FetchSettings, *, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._backend = GuardedBackend(
            ports=settings.ports,
            networks=settings.allow_private,
            connect_timeout=settings.connect_timeout,
        )
        self._ssl_context = ssl_context or httpx.create_ssl_context(trust_env=False)
        self._timeout = {
            "connect": settings.connect_timeout,
            "read": settings.read_timeout,
            "write": settings.read_timeout,
        }
        # Connections that wait for their host's next request, the one that waits longest first.
        self._kept: OrderedDict[str, httpcore.AsyncHTTPConnection] = OrderedDict()

    async def close(self) -> None:
        """Close all connections."""
        while self._kept:
            await self._kept.popitem()[1].aclose()

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[RawResponse]:
        """Ask for one address, without following redirects.

        Raises:
            FetchError: there is no response, or its body breaks off.
        """
        begun = settled = read = False

        async def pieces(response: httpcore.Response) -> AsyncIterator[bytes]:
            nonlocal settled, read
            settled, read = False, True
            async for piece in response.aiter_stream():
                yield piece
            settled = True

        try:
            request = self._request(url, headers)
            site = str(request.url.origin)
            connection, response = await self._send(request, site)
            begun = settled = True
            try:
                yield RawResponse(
                    status=response.status,
                    headers=response.headers,
                    body=pieces(response),
                    close_delimited=_is_close_delimited(response),
                )
                if not read:
                    await _drain(pieces(response))
            finally:
                await response.aclose()
                await self._keep(site, connection, settled)
        except _FAILURES as error:
            raise _translated(error, url, begun) from error

    def _request(self, url: str, headers: Mapping[str, str]) -> httpcore.Request:
        named = {"Host": urlsplit(url).netloc, **headers}
        # As bytes: a validator may hold any character that a server made up.
        raw = [(name.encode("ascii"), value.encode("utf-8")) for name, value in named.items()]
        return httpcore.Request("GET", url, headers=raw, extensions={"timeout": self._timeout})

    async def _send(
        self, request: httpcore.Request, site: str
    ) -> tuple[httpcore.AsyncHTTPConnection, httpcore.Response]:
        """Send a request; once more when it met a kept connection that the server had given up."""
        kept = self._kept.pop(site, None)
        if kept is not None and kept.is_available() and not kept.has_expired():
            with suppress(httpcore.NetworkError, httpcore.RemoteProtocolError, *_UNUSABLE):
                return kept, await _ask(kept, request)
        elif kept is not None:
            await kept.aclose()
        fresh = httpcore.AsyncHTTPConnection(
            request.url.origin,
            ssl_context=self._ssl_context,
            keepalive_expiry=_KEEPALIVE,
            http1=True,
            http2=True,
            network_backend=self._backend,
        )
        return fresh, await _ask(fresh, request)

    async def _keep(
        self, site: str, connection: httpcore.AsyncHTTPConnection, settled: bool
    ) -> None:
        """Keep a connection for its host's next request, unless that must not go over it.

        Over HTTP/1.1 it may hold bytes behind its response: httpcore would take what the server
        sent too much for its next answer. Over HTTP/2 the response may have been left half read:
        httpcore does not cancel its stream, which fills the connection's window until nothing else
        gets through.
        """
        state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
        clean = settled if state is None else not state.trailing_data[0]
        leaving = [connection]
        if clean and connection.is_idle():
            replaced = self._kept.pop(site, None)
            self._kept[site] = connection
            leaving = [replaced] if replaced is not None else []
        while self._kept and (
            len(self._kept) > _MOST_KEPT or next(iter(self._kept.values())).has_expired()
        ):
            leaving.append(self._kept.popitem(last=False)[1])
        for one in leaving:
            await one.aclose()


def _is_close_delimited(response: httpcore.Response) -> bool:
    if response.extensions.get("http_version") not in (b"HTTP/1.0", b"HTTP/1.1"):
        return False
    named = {name.lower() for name, _ in response.headers}
    return not named & {b"content-length", b"transfer-encoding"}


async def _drain(body: AsyncIterator[bytes]) -> None:
    """Read a body that nobody wants if it is short, so that its connection can be kept."""
    left = _SHORT
    with suppress(*_FAILURES):
        async with asyncio.timeout(_SOON):
            async for piece in body:
                left -= len(piece)
                if left < 0:
                    return


async def _ask(
    connection: httpcore.AsyncHTTPConnection, request: httpcore.Request
) -> httpcore.Response:
    try:
        return await connection.handle_async_request(request)
    except BaseException:
        await connection.aclose()
        raise


def _translated(error: Exception, url: str, begun: bool) -> FetchError:
    """Return our error for one of httpcore's or of the layers below it."""
    said = " ".join(str(error).split())[:200] or type(error).__name__
    # httpcore puts what it met into the arguments of its own error, and may drop the cause.
    met = error.args[0] if error.args and isinstance(error, _OF_HTTPCORE) else error
    if isinstance(met, ssl.SSLError):
        reason = getattr(met, "verify_message", "") or met.reason or "handshake failed"
        return FetchError(f"{url}: TLS: {reason}", url=url, error_class=ErrorClass.TLS)
    if isinstance(error, httpcore.TimeoutException):
        return FetchError(f"{url}: no answer in time", url=url, error_class=ErrorClass.TIMEOUT)
    if _TOO_SHORT in said:
        kind, said = ErrorClass.TRUNCATED, "the body is not as long as was announced"
    elif isinstance(error, httpcore.ReadError) or _BROKEN_OFF.search(said):
        kind, said = (
            ErrorClass.TRUNCATED if begun else ErrorClass.CONNECT,
            "the connection broke off",
        )
    elif isinstance(error, httpcore.ProtocolError | ValueError):
        kind, said = ErrorClass.PROTOCOL, f"this is not HTTP ({said})"
    else:
        kind, said = ErrorClass.CONNECT, f"cannot be reached ({said})"
    return FetchError(f"{url}: {said}", url=url, error_class=kind)
