"""The web through httpx: one request, the body raw, every failure translated into our own.

httpx is used for what it does well (HTTP/1.1 and HTTP/2, TLS, a pool) and kept from what it does on
its own: redirects, cookies, proxies from the environment, decoding.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpcore
import httpx

from scraper.errors import FetchError
from scraper.fetch.guard import GuardedBackend
from scraper.fetch.politeness import MOST_AT_ONCE
from scraper.models import FetchSettings

__all__ = ["RawResponse", "Transport", "Web"]

_KEEPALIVE = 15.0
# How httpcore says that the other side ended a connection or a stream before its time.
_BROKEN_OFF = re.compile(
    r"closed connection|StreamReset|ConnectionTerminated|^Server disconnected$"
)
_TOO_SHORT = "InvalidBodyLengthError"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """A response as it came: header fields and a body that is still encoded.

    Attributes:
        status: HTTP status.
        headers: (name, value) pairs in their order, as bytes.
        body: pieces of the body, Content-Encoding not undone.
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: AsyncIterator[bytes]


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


class Web:
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
        context = ssl_context or httpx.create_ssl_context(trust_env=False)
        # The transport alone: httpx's client would read Location, keep cookies and ask for proxies.
        self._http = httpx.AsyncHTTPTransport(verify=context, http2=True, trust_env=False)
        # httpx has no argument for a network backend: its pool is replaced by one that has.
        self._pool = self._http._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=settings.concurrency * MOST_AT_ONCE,
            max_keepalive_connections=settings.concurrency,
            keepalive_expiry=_KEEPALIVE,
            http1=True,
            http2=True,
            network_backend=self._backend,
        )
        self._timeout = httpx.Timeout(
            settings.read_timeout, connect=settings.connect_timeout, pool=None
        ).as_dict()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[RawResponse]:
        """Ask for one address, without following redirects.

        Raises:
            FetchError: there is no response, or its body breaks off.
        """
        begun = settled = False

        async def pieces(response: httpx.Response) -> AsyncIterator[bytes]:
            nonlocal settled
            settled = False
            async for piece in response.aiter_raw():
                yield piece
            settled = True

        try:
            response = await self._send(url, headers)
            begun = settled = True
            try:
                yield RawResponse(
                    status=response.status_code,
                    headers=response.headers.raw,
                    body=pieces(response),
                )
            finally:
                await response.aclose()
        # httpcore lets errors of TLS through that come after the handshake.
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise _translated(error, url, begun) from error
        finally:
            await self._retire(url, settled)

    async def _send(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        """Send a request; once more when it met a kept connection that the server had given up."""
        # As bytes: a validator may hold any character that a server made up.
        raw = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
        dialled = False

        async def watch(event: str, _: Mapping[str, object]) -> None:
            nonlocal dialled
            dialled = dialled or event == "connection.connect_tcp.started"

        request = httpx.Request(
            "GET", url, headers=raw, extensions={"timeout": self._timeout, "trace": watch}
        )
        try:
            return await self._http.handle_async_request(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            if dialled:
                raise
        return await self._http.handle_async_request(request)

    async def _retire(self, url: str, settled: bool) -> None:
        """Close a host's idle connections that must not carry another request.

        Over HTTP/1.1 these hold bytes behind their response: httpcore would take what the server
        sent too much for its next answer. Over HTTP/2 a response was left half read: httpcore does
        not cancel its stream, which fills the connection's window until nothing else gets through.
        """
        origin = httpcore.URL(url).origin
        for connection in self._pool.connections:
            if connection.is_idle() and connection.can_handle_request(origin):
                kept = getattr(getattr(connection, "_connection", None), "_h11_state", None)
                if kept.trailing_data[0] if kept is not None else not settled:
                    await connection.aclose()


def _translated(error: Exception, url: str, begun: bool) -> FetchError:
    """Return our error for one of httpx's or of the layers below it."""
    said = " ".join(str(error).split())[:200] or type(error).__name__
    # httpcore puts what it met into the arguments of its own error, and drops the cause.
    cause = error.__cause__
    met = cause.args[0] if cause is not None and cause.args else error
    if isinstance(met, ssl.SSLError):
        reason = getattr(met, "verify_message", "") or met.reason or "handshake failed"
        return FetchError(f"{url}: TLS: {reason}", url=url, error_class="tls")
    if isinstance(error, httpx.TimeoutException):
        return FetchError(f"{url}: no answer in time", url=url, error_class="timeout")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return FetchError(f"{url}: not an address ({said})", url=url, error_class="bad_url")
    if _TOO_SHORT in said:
        kind, said = "truncated", "the body is not as long as was announced"
    elif isinstance(error, httpx.ReadError) or _BROKEN_OFF.search(said):
        kind, said = "truncated" if begun else "connect", "the connection broke off"
    elif isinstance(error, httpx.ProtocolError | ValueError):
        kind, said = "protocol", f"this is not HTTP ({said})"
    else:
        kind, said = "connect", f"cannot be reached ({said})"
    return FetchError(f"{url}: {said}", url=url, error_class=kind)
