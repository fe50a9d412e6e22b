"""The network as an httpx transport: one request over httpcore, with classified errors.

The interface is httpx's (`httpx.AsyncBaseTransport`, `httpx.Request`, `httpx.Response`), so
captures and `httpx.MockTransport` can replace `HttpTransport`. httpcore, the engine of httpx, does
HTTP/1.1, HTTP/2 and TLS. The features of `httpx.AsyncClient` (redirects, cookies, proxies from the
environment, decoding) are in `scraper.fetching.client` or left out. There is no pool: the client
makes one request at a time per host, so one connection per host is enough, and a pool would search
all connections at each request.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress

import httpcore
import httpx

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.address_guard import GuardedBackend
from scraper.models import FetchSettings
from scraper.text.patterns import lazy_compile

__all__ = ["HttpTransport", "as_fetch_error"]

_KEEPALIVE = 15.0
_MOST_KEPT = 128
# Limits in bytes and seconds for draining an unread body before its connection is closed.
_DRAIN_BYTES, _DRAIN_SECONDS = 16 * 1024, 1.0
# httpcore's messages for a connection or stream that the server closed early.
_BROKEN_OFF = lazy_compile(
    r"closed connection|StreamReset|ConnectionTerminated|^Server disconnected$"
)
_TOO_SHORT = "InvalidBodyLengthError"
_UNUSABLE = (httpcore.ConnectionNotAvailable,)
_OF_HTTPCORE = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
# httpcore does not translate TLS errors after the handshake, and errors for a non-numeric status.
_FAILURES = (*_OF_HTTPCORE, *_UNUSABLE, OSError, ValueError)

# Scheme, host and port, the key of a kept connection.
Origin = tuple[bytes, bytes, int | None]


class HttpTransport(httpx.AsyncBaseTransport):
    """The network, with every IP address checked before it is dialled.

    The request target is that of httpx's extension ``target``, or of `httpx.URL`. Response bodies
    are streams of the bytes on the wire; the caller must close the response.

    Args:
        settings: time limits, allowed ports and networks.
        ssl_context: context for the verification of servers; by default the public authorities.
    """

    replay = False

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
        # Idle connections, the longest idle first.
        self._kept: OrderedDict[Origin, httpcore.AsyncHTTPConnection] = OrderedDict()

    async def aclose(self) -> None:
        """Close all connections."""
        while self._kept:
            await self._kept.popitem()[1].aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; redirects are not followed and bodies are not decoded.

        Raises:
            FetchError: no response. The body raises it, too, if it is truncated.
        """
        url = request.url
        origin = (url.raw_scheme, url.raw_host, url.port)
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=origin[0], host=origin[1], port=origin[2], target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": self._timeout, **request.extensions},
        )
        try:
            connection, response = await self._send(asked, origin)
        except _FAILURES as error:
            raise as_fetch_error(error, str(url)) from error
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(self, origin, connection, response, str(url)),
            extensions={"http_version": response.extensions.get("http_version", b"")},
        )

    async def _send(
        self, request: httpcore.Request, origin: Origin
    ) -> tuple[httpcore.AsyncHTTPConnection, httpcore.Response]:
        """Send a request; repeat it once if the server had closed the kept connection."""
        kept = self._kept.pop(origin, None)
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

    async def keep(
        self, origin: Origin, connection: httpcore.AsyncHTTPConnection, complete: bool
    ) -> None:
        """Keep a connection for its host's next request, unless it is unsafe to reuse.

        An HTTP/1.1 connection may hold excess bytes after its response, which httpcore would take
        for the next response. On HTTP/2 the response may be only partly read: httpcore does not
        cancel its stream, which fills the connection's window and blocks all others.

        Args:
            origin: its scheme, host and port.
            connection: the connection; its response is closed.
            complete: whether the response was read to its end.
        """
        state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
        clean = complete if state is None else not state.trailing_data[0]
        leaving = [connection]
        if clean and connection.is_idle():
            replaced = self._kept.pop(origin, None)
            self._kept[origin] = connection
            leaving = [replaced] if replaced is not None else []
        while self._kept and (
            len(self._kept) > _MOST_KEPT or next(iter(self._kept.values())).has_expired()
        ):
            leaving.append(self._kept.popitem(last=False)[1])
        for one in leaving:
            await one.aclose()


class _Body(httpx.AsyncByteStream):
    """A response body as raw bytes; closing it keeps or closes the connection."""

    def __init__(
        self,
        transport: HttpTransport,
        origin: Origin,
        connection: httpcore.AsyncHTTPConnection,
        response: httpcore.Response,
        url: str,
    ) -> None:
        self._transport = transport
        self._origin = origin
        self._connection = connection
        self._response = response
        self._url = url
        self._begun = False
        self._complete = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._begun, self._complete = True, False
        try:
            async for piece in self._response.aiter_stream():
                yield piece
        except _FAILURES as error:
            raise as_fetch_error(error, self._url, begun=True) from error
        self._complete = True

    async def aclose(self) -> None:
        try:
            if not self._begun:
                await self._drain()
        finally:
            await self._response.aclose()
            await self._transport.keep(self._origin, self._connection, self._complete)

    async def _drain(self) -> None:
        """Read an unwanted body if it is short, so that its connection can be kept."""
        left = _DRAIN_BYTES
        with suppress(FetchError, TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                async for piece in self:
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


def as_fetch_error(error: Exception, url: str, *, begun: bool = False) -> FetchError:
    """Return the `FetchError` for an error of httpcore, httpx (with the same names) or the system.

    Args:
        error: the error.
        url: the address, for the message.
        begun: whether the response had begun, and so is truncated.
    """
    said = " ".join(str(error).split())[:200] or type(error).__name__
    # httpcore puts the original error into the arguments of its own, and may drop the cause.
    met = error.args[0] if error.args and isinstance(error, _OF_HTTPCORE) else error
    if isinstance(met, ssl.SSLError):
        reason = getattr(met, "verify_message", "") or met.reason or "handshake failed"
        return FetchError(f"{url}: TLS: {reason}", url=url, error_class=ErrorClass.TLS)
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return FetchError(f"{url}: no answer in time", url=url, error_class=ErrorClass.TIMEOUT)
    if _TOO_SHORT in said:
        kind, said = ErrorClass.TRUNCATED, "the body is shorter than announced"
    elif isinstance(error, httpcore.ReadError | httpx.ReadError) or _BROKEN_OFF.search(said):
        kind, said = (
            ErrorClass.TRUNCATED if begun else ErrorClass.CONNECT,
            "the connection broke off",
        )
    elif isinstance(error, httpcore.ProtocolError | httpx.ProtocolError | ValueError):
        kind, said = ErrorClass.PROTOCOL, f"not a valid HTTP response ({said})"
    else:
        kind, said = ErrorClass.CONNECT, f"cannot be reached ({said})"
    return FetchError(f"{url}: {said}", url=url, error_class=kind)
