"""The one adapter around httpx: polite, bounded, and right about what it got.

Everything that fetches uses this client: articles, feeds, sitemaps, robots.txt, the command line.
The body is read raw and decoded by `encodings`, redirects are followed here (each hop checked
anew), addresses are checked by `guard` at dial time, manners are kept by `politeness`.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import quote, urljoin

import httpcore
import httpx

from scraper.errors import FetchError
from scraper.fetch.encodings import ACCEPTED, Inflater
from scraper.fetch.guard import GuardedBackend, check_url
from scraper.fetch.politeness import (
    HostMemory,
    MemoryOfHosts,
    Pace,
    crawl_delay,
    may_fetch,
    robots_due,
    robots_outcome,
)
from scraper.models import FetchSettings, Hop, HostState, Page
from scraper.urls import host_of

__all__ = ["Client", "RawResponse", "Transport"]

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPT_LANGUAGE = "zh-CN,zh;q=0.9,zh-TW;q=0.8,en;q=0.7"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_HEADERS = 500
_ROBOTS_REDIRECTS = 5


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


class _Web:
    """The web itself, through httpx."""

    instant = False

    def __init__(self, settings: FetchSettings) -> None:
        self._backend = GuardedBackend(
            ports=settings.ports,
            networks=settings.allow_private,
            connect_timeout=settings.connect_timeout,
        )
        limits = httpx.Limits(
            max_connections=settings.concurrency * 2,
            max_keepalive_connections=settings.concurrency,
            keepalive_expiry=15.0,
        )
        transport = httpx.AsyncHTTPTransport(http2=True, trust_env=False, limits=limits)
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            http1=True,
            http2=True,
            network_backend=self._backend,
        )
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(
                settings.read_timeout, connect=settings.connect_timeout, pool=None
            ),
        )

    async def close(self) -> None:
        await self._client.aclose()
        self._backend.close()

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[RawResponse]:
        self._client.cookies.clear()
        begun = False
        try:
            async with self._client.stream("GET", url, headers=dict(headers)) as response:
                begun = True
                yield RawResponse(
                    status=response.status_code,
                    headers=response.headers.raw,
                    body=response.aiter_raw(),
                )
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise _translated(error, url, begun) from error


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
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return FetchError(f"{url}: not an address ({error})", url=url, error_class="bad_url")
    said = str(error) or type(error).__name__
    if isinstance(error, httpx.ReadError) or "closed connection" in said:
        if begun:
            return FetchError(
                f"{url}: the connection broke off in the body", url=url, error_class="truncated"
            )
        kind = "protocol" if "without sending" in said else "connect"
        return FetchError(f"{url}: the connection broke off", url=url, error_class=kind)
    if isinstance(error, httpx.ProtocolError):
        return FetchError(f"{url}: this is not HTTP ({said})", url=url, error_class="protocol")
    return FetchError(f"{url}: cannot be reached ({said})", url=url, error_class="connect")


class Client:
    """Fetches addresses politely and within bounds; an asynchronous context manager.

    Args:
        settings: bounds and manners.
        transport: what stands for the web, or None for the web.
        hosts: what is remembered of hosts; by default only for this client's life.
        clock: the present moment, aware.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        transport: Transport | None = None,
        hosts: HostMemory | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._hosts = hosts or MemoryOfHosts()
        self._clock = clock
        self._agent = settings.user_agent.split("/")[0]
        self._pace = Pace(
            delay=0.0 if transport is not None and transport.instant else settings.delay,
            memory=self._hosts,
            clock=clock,
        )
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._robots_locks: dict[str, asyncio.Lock] = {}
        self._web: _Web | None = None

    async def __aenter__(self) -> Self:
        if self._transport is None:
            self._web = _Web(self._settings)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._web is not None:
            await self._web.close()

    async def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = ACCEPT,
        max_bytes: int | None = None,
    ) -> Page:
        """Fetch an address and follow its redirects.

        Args:
            url: an http or https address.
            etag, last_modified: validators of an earlier answer; the server may answer 304.
            accept: value of the Accept header.
            max_bytes: cap on the body, on the wire and decoded; by default that of the settings.

        Returns:
            The page, for any complete response whatever its status, 429 excepted.

        Raises:
            FetchError: no usable response; `error_class` tells why.
        """
        headers = {"Accept": accept, "Accept-Language": ACCEPT_LANGUAGE}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        cap = max_bytes or self._settings.max_bytes
        page = await self._follow(
            check_url(url), url, headers, cap, self._settings.max_redirects, robots=True
        )
        if page.status == 429:
            error = FetchError(
                f"{url}: too many requests (429)", url=url, error_class="rate_limited"
            )
            error.status = 429
            raise error
        return page

    async def _follow(
        self, start: str, asked: str, headers: dict[str, str], cap: int, most: int, *, robots: bool
    ) -> Page:
        """Follow redirects; `robots` says whether robots.txt is asked, or is what is read."""
        hops: list[Hop] = []
        url, visited = start, {start}
        begun = time.monotonic()
        while True:
            if robots and self._settings.obey_robots:
                await self._ask_robots(url)
            raw, status, fields = await self._exchange(url, headers, cap, cut=not robots)
            location = fields.get("location", "")
            if status not in _REDIRECTS or not location:
                break
            url = self._target(url, location, asked)
            hops.append(Hop(status=status, url=url))
            if url in visited or len(hops) > most:
                raise FetchError(
                    f"{asked}: redirected {len(hops)} times without an end",
                    url=asked,
                    error_class="redirect_loop",
                )
            visited.add(url)
            # What the first address answered last time says nothing of another one.
            headers.pop("If-None-Match", None)
            headers.pop("If-Modified-Since", None)
        body, wire = raw
        return Page(
            url=asked,
            final_url=url,
            status=status,
            headers=fields,
            body=body,
            fetched_at=self._clock(),
            hops=tuple(hops),
            wire_bytes=wire,
            elapsed_ms=round(1000 * (time.monotonic() - begun)),
        )

    @staticmethod
    def _target(base: str, location: str, asked: str) -> str:
        try:
            return check_url(urljoin(base, location))
        except (FetchError, ValueError):
            raise FetchError(
                f"{asked}: redirects to {location[:200]!r}, which is no web address",
                url=asked,
                error_class="bad_url",
            ) from None

    async def _exchange(
        self, url: str, headers: Mapping[str, str], cap: int, *, cut: bool
    ) -> tuple[tuple[bytes, int], int, dict[str, str]]:
        """Make one request in the host's turn; the whole of it is bounded in time."""
        host = host_of(url)
        state = self._hosts.load(host)
        own_delay = crawl_delay(state.robots, self._agent) if state.robots else 0.0
        if self._transport is not None and self._transport.instant:
            own_delay = 0.0
        async with self._pace.turn(host, own_delay), self._slots:
            try:
                async with asyncio.timeout(self._settings.total_timeout):
                    raw, status, fields = await self._read(url, headers, cap, cut=cut)
            except TimeoutError:
                raise FetchError(
                    f"{url}: not complete after {self._settings.total_timeout:g} s",
                    url=url,
                    error_class="timeout",
                ) from None
            except FetchError as error:
                error.url = error.url or url
                raise
        self._pace.answered(host, status, fields.get("retry-after", ""))
        return raw, status, fields

    async def _read(
        self, url: str, headers: Mapping[str, str], cap: int, *, cut: bool
    ) -> tuple[tuple[bytes, int], int, dict[str, str]]:
        settings = self._settings
        agent = settings.user_agent + (f" ({settings.contact})" if settings.contact else "")
        sent = {"User-Agent": agent, "Accept-Encoding": ACCEPTED, **headers}
        web = self._transport or self._web
        if web is None:
            raise RuntimeError("the client is not open: use it in `async with`")
        async with web.get(url, sent) as response:
            fields = _fields(response.headers, url)
            if not 200 <= response.status < 600:
                raise FetchError(
                    f"{url}: status {response.status} is not HTTP", url=url, error_class="protocol"
                )
            if response.status in _REDIRECTS or response.status == 304:
                return (b"", 0), response.status, fields
            announced = fields.get("content-length", "")
            if announced.isdigit() and int(announced[:18]) > cap and not cut:
                raise _too_large(url, cap)
            inflater = Inflater(fields.get("content-encoding", ""), url)
            body, wire = bytearray(), 0
            async for piece in response.body:
                wire += len(piece)
                if wire > cap and not cut:
                    raise _too_large(url, cap)
                for step in inflater.feed(piece):
                    body += step
                    if len(body) > cap:
                        if cut:
                            # RFC 9309, 2.5: at least the first 500 KiB of robots.txt count.
                            return (bytes(body[:cap]), wire), response.status, fields
                        raise _too_large(url, cap)
                    # Decoding is work for the processor: let others have their turn.
                    if len(step) >= 65536:
                        await asyncio.sleep(0)
            inflater.finish()
            return (bytes(body), wire), response.status, fields

    # -- robots.txt ----------------------------------------------------------------------------

    async def _ask_robots(self, url: str) -> None:
        """Raise unless robots.txt lets us fetch the address."""
        host = host_of(url)
        async with self._robots_locks.setdefault(host, asyncio.Lock()):
            state = self._hosts.load(host)
            if robots_due(state, self._clock()):
                state = await self._read_robots(url, host)
        if state.robots is None:
            raise FetchError(
                f"{url}: robots.txt of {host} cannot be read, which means no (RFC 9309)",
                url=url,
                error_class="robots_unreachable",
            )
        if state.robots and not may_fetch(state.robots, url, self._agent):
            raise FetchError(
                f"{url}: robots.txt of {host} forbids it", url=url, error_class="robots_denied"
            )

    async def _read_robots(self, url: str, host: str) -> HostState:
        address = urljoin(url, "/robots.txt")
        cap = self._settings.max_robots_bytes
        status, text = 0, ""
        try:
            page = await self._follow(
                address, address, {"Accept": "text/plain,*/*;q=0.5"}, cap, _ROBOTS_REDIRECTS,
                robots=False,
            )  # fmt: skip
            status, text = page.status, page.body.decode("utf-8-sig", "replace")
        except FetchError as error:
            if error.error_class == "not_captured":
                status = 404
            elif error.error_class == "redirect_loop":
                # More than five redirects: may be taken for absent (RFC 9309, 2.3.1.2).
                status = 404
            elif error.error_class in ("dns", "connect", "tls", "timeout", "blocked_address"):
                raise FetchError(error.message, url=url, error_class=error.error_class) from error
        state = robots_outcome(self._hosts.load(host), status, text, self._clock())
        self._hosts.save(state)
        return state


def _fields(raw: Sequence[tuple[bytes, bytes]], url: str) -> dict[str, str]:
    """Return header fields by lower-case name, repeated ones joined."""
    if len(raw) > _MOST_HEADERS:
        raise FetchError(f"{url}: {len(raw)} header fields", url=url, error_class="protocol")
    fields: dict[str, str] = {}
    for name_, value_ in raw:
        name = name_.decode("latin-1").lower()
        if name == "location":
            # Raw bytes in it are in the site's own encoding: percent-encode them as they are.
            value = re.sub(rb"[\x80-\xff]", lambda m: quote(m[0]).encode(), value_).decode("ascii")
        else:
            try:
                value = value_.decode("utf-8")
            except UnicodeDecodeError:
                value = value_.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _too_large(url: str, cap: int) -> FetchError:
    return FetchError(
        f"{url}: more than {cap:,} bytes (settings.toml, [fetch] max_bytes)",
        url=url,
        error_class="too_large",
    )
