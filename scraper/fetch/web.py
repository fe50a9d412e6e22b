"""The web through httpx: one request, the body raw, every failure translated into our own.

httpx is used for what it does well (HTTP/1.1 and HTTP/2, TLS, a pool) and kept from what it does on
its own: redirects, cookies, proxies from the environment, decoding.
"""

from __future__ import annotations

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
        begun = False
        try:
            response = await self._send(url, headers)
            try:
                begun = True
                yield RawResponse(
                    status=response.status_code,
                    headers=response.headers.raw,
                    body=response.aiter_raw(),
                )
            finally:
                await response.aclose()
                await self._drop_overfull()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise _translated(error, url, begun) from error

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

    async def _drop_overfull(self) -> None:
        """Close idle connections that hold bytes behind their response.

        httpcore keeps them, and would take what a server sent too much for its next answer.
        """
        for connection in self._pool.connections:
            kept = getattr(getattr(connection, "_connection", None), "_h11_state", None)
            if kept is not None and connection.is_idle() and kept.trailing_data[0]:
                await connection.aclose()


def _translated(error: Exception, url: str, begun: bool) -> FetchError:
    """Return our error for one of httpx's."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, FetchError):
            return cause
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "verify_message", "") or cause.reason or "handshake failed"
            return FetchError(f"{url}: TLS: {reason}", url=url, error_class="tls")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return FetchError(f"{url}: no answer in time", url=url, error_class="timeout")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return FetchError(f"{url}: not an address ({error})", url=url, error_class="bad_url")
    said = str(error) or type(error).__name__
    if isinstance(error, httpx.ReadError) or "closed connection" in said:
        if begun:
            return FetchError(
                f"{url}: the connection broke off in the body", url=url, error_class="truncated"
            )
        return FetchError(f"{url}: the connection broke off", url=url, error_class="connect")
    if isinstance(error, httpx.ProtocolError):
        return FetchError(f"{url}: this is not HTTP ({said})", url=url, error_class="protocol")
    return FetchError(f"{url}: cannot be reached ({said})", url=url, error_class="connect")
