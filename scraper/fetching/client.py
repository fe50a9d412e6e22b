"""The client for all requests: articles, feeds, sitemaps, robots.txt.

It follows redirects (each hop is checked), obeys robots.txt and keeps each host's rate limit. An
httpx transport makes the requests: `HttpTransport` over the network, or one that replays stored
responses (`scraper.exchange.CaptureTransport`; `httpx.MockTransport` in tests).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from string import punctuation
from typing import Self
from urllib.parse import quote, urlencode, urljoin

import httpx

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.address_guard import check_url, parsed_url
from scraper.fetching.content_encoding import ACCEPTED
from scraper.fetching.host_state import HostStore, InMemoryHostStore
from scraper.fetching.opt_out_files import OptOutFiles
from scraper.fetching.rate_limit import ConcurrencyLimit, HostRateLimiter
from scraper.fetching.refresh import refresh_target
from scraper.fetching.response import Response, read_response
from scraper.fetching.robots import Robots
from scraper.fetching.transport import HttpTransport, as_fetch_error
from scraper.models import FetchSettings, Hop, Page, Reservation
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, host_of

__all__ = ["Client", "Transport"]

# A transport replays stored responses, without rate limit and stored state of hosts, unless its
# attribute `replay` is false.
Transport = httpx.AsyncBaseTransport

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPT_LANGUAGE = "zh-CN,zh;q=0.9,zh-TW;q=0.8,en;q=0.7"
_VALIDATORS = ("If-None-Match", "If-Modified-Since")
_ROBOTS_REDIRECTS = 5
# Maximum size of ai.txt and tdmrep.json in bytes.
_SMALL = 64 * 1024
_HOST_END = lazy_compile(r"[/?]")


class Client:
    """Fetches addresses within rate limits and size limits; an asynchronous context manager.

    Args:
        settings: limits and rates.
        transport: makes the requests; None for the network. A replay has no rate limit.
        hosts: stored state of hosts; by default kept in memory. A replay neither reads nor changes
            it.
        clock: function that returns the present time, aware.
        ssl_context: context for the verification of servers, for networks with their own authority;
            by default the public authorities. The environment is never read.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        transport: Transport | None = None,
        hosts: HostStore | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._own_transport: HttpTransport | None = None
        self._ssl_context = ssl_context
        self._clock = clock
        self._replay = transport is not None and bool(getattr(transport, "replay", True))
        # Captures say nothing about a host today: one without a robots.txt must not allow
        # everything on the live web, and an old 429 must not block it.
        store = hosts if hosts is not None and not self._replay else InMemoryHostStore()
        delay = 0.0 if self._replay else settings.delay
        self._limiter = HostRateLimiter(delay=delay, hosts=store, clock=clock)
        self._robots = Robots(
            agent=settings.user_agent.split("/")[0],
            memory=store,
            clock=clock,
            read=self._read_robots,
        )
        self._opt_outs = OptOutFiles(
            agent=settings.user_agent.split("/")[0],
            hosts=store,
            clock=clock,
            read=self._read_small,
        )
        self._hosts = store
        self._concurrency = ConcurrencyLimit(settings.concurrency)

    async def __aenter__(self) -> Self:
        if self._transport is None:
            self._own_transport = HttpTransport(self._settings, ssl_context=self._ssl_context)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._own_transport is not None:
            await self._own_transport.aclose()

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
            etag, last_modified: validators of an earlier response; the server may answer 304.
            accept: value of the Accept header.
            max_bytes: maximum size of the body, on the wire and decoded; by default that of the
                settings.

        Returns:
            The page, for a complete response of any status except 429.

        Raises:
            FetchError: no usable response; `error_class` has the reason.
        """
        headers = {"Accept": accept, "Accept-Language": ACCEPT_LANGUAGE}
        for name, value in zip(_VALIDATORS, (etag, last_modified), strict=True):
            if value and value.isprintable():
                headers[name] = value
        cap = max_bytes or self._settings.max_bytes
        page = await self._follow(
            check_url(url),
            url,
            headers,
            cap,
            self._settings.max_redirects,
            robots=True,
            refresh=True,
        )
        if page.status == 429:
            # The address that answered so: a redirect may have led to another host.
            error = FetchError(
                f"{page.final_url}: too many requests (429)",
                url=page.final_url,
                error_class=ErrorClass.RATE_LIMITED,
            )
            error.status = 429
            error.retry_after = self._limiter.rest(host_of(page.final_url))
            raise error
        return page

    @property
    def agent(self) -> str:
        """The User-Agent of every request, with the contact."""
        contact = self._settings.contact
        return self._settings.user_agent + (f" ({contact})" if contact else "")

    async def post_form(self, url: str, fields: Mapping[str, str]) -> Page:
        """Send a form to an address that a stranger names, such as a feed's hub.

        The address guard, the limits and the pace of its host hold; redirects are not followed.

        Raises:
            FetchError: no usable response.
        """
        start = check_url(url)
        await self._hosts.recall(host_of(start))
        headers = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._exchange(
            start, headers, _SMALL, self._settings.total_timeout, cut=True,
            form=urlencode(fields).encode("ascii"),
        )  # fmt: skip
        return Page(
            url=url, final_url=start, status=answer.status, headers=answer.fields,
            body=answer.body, fetched_at=self._clock(),
        )  # fmt: skip

    async def get_subresource(self, url: str, *, max_bytes: int) -> Page:
        """Fetch a subresource of a page during rendering: `get` without the gap between requests.

        A page's scripts belong to the fetch of the page; robots.txt, the address guard, the size
        limits and one request at a time per host apply to them, too.

        Raises:
            FetchError: no usable response.
        """
        cap = min(max_bytes, self._settings.max_bytes)
        most = self._settings.max_redirects
        headers = {"Accept": "*/*", "Accept-Language": ACCEPT_LANGUAGE}
        return await self._follow(check_url(url), url, headers, cap, most, robots=True, gap=False)

    async def reservations(self, url: str) -> tuple[Reservation, ...]:
        """Return the reservations of the host's ai.txt and tdmrep.json for an address.

        They are fetched once a day, if the settings say so, over the network only, and only from a
        host that had another request: a page that was saved elsewhere is no reason to send requests
        to its site.
        """
        if self._replay or not self._settings.ask_reservations:
            return ()
        if not self._limiter.has_met(host_of(check_url(url))):
            return ()
        return await self._opt_outs.ask(check_url(url))

    async def _follow(
        self,
        start: str,
        asked: str,
        headers: dict[str, str],
        cap: int,
        most: int,
        *,
        robots: bool,
        gap: bool = True,
        refresh: bool = False,
    ) -> Page:
        """Follow redirects.

        Args:
            start: the checked address.
            asked: the address as given.
            headers: request headers.
            cap: maximum size of the body in bytes.
            most: maximum number of redirects.
            robots: whether to obey robots.txt.
            gap: whether to keep the gap between two requests.
            refresh: whether an immediate meta refresh counts as a redirect.
        """
        hops: list[Hop] = []
        url, visited, spent = start, {start}, 0.0
        while True:
            await self._hosts.recall(host_of(url))
            if robots and self._settings.obey_robots:
                await self._robots.ask(url)
            left = self._settings.total_timeout - spent
            answer = await self._exchange(url, headers, cap, left, cut=not robots, gap=gap)
            spent += answer.seconds
            if answer.is_redirect:
                url = _redirect_target(url, answer.fields["location"], asked, visited)
            else:
                onward = refresh_target(url, answer.status, answer.fields, answer.body)
                # A page that redirects to itself to test cookies is the final page.
                if not (refresh and onward) or _checked(onward) in {"", *visited}:
                    break
                url = _checked(onward)
            hops.append(Hop(status=answer.status, url=url))
            if url in visited or len(hops) > most:
                raise FetchError(
                    f"{asked}: redirected {len(hops)} times without an end",
                    url=asked,
                    error_class=ErrorClass.REDIRECT_LOOP,
                )
            visited.add(url)
            # The validators belong to the first address only.
            for name in _VALIDATORS:
                headers.pop(name, None)
        return Page(
            url=asked,
            final_url=url,
            status=answer.status,
            headers=answer.fields,
            body=answer.body,
            fetched_at=self._clock(),
            hops=tuple(hops),
            wire_bytes=answer.wire,
            elapsed_ms=round(1000 * spent),
            close_delimited=answer.close_delimited,
        )

    async def _exchange(
        self,
        url: str,
        headers: Mapping[str, str],
        cap: int,
        left: float,
        *,
        cut: bool,
        gap: bool = True,
        form: bytes | None = None,
    ) -> Response:
        """Make one request in the host's turn, within `left` seconds of its start."""
        host = host_of(url)
        own_delay = 0.0 if self._replay else await self._robots.delay(host)
        loop = asyncio.get_running_loop()
        try:
            async with self._limiter.turn(host, own_delay, gap=gap), self._concurrency.one():
                begun = loop.time()
                async with asyncio.timeout(left):
                    answer = await self._read(url, headers, cap, cut=cut, form=form)
                self._limiter.answered(host, answer.status, answer.fields.get("retry-after", ""))
        except TimeoutError:
            raise FetchError(
                f"{url}: not complete after {self._settings.total_timeout:g} s",
                url=url,
                error_class=ErrorClass.TIMEOUT,
            ) from None
        except FetchError as error:
            error.url = error.url or url
            raise
        return replace(answer, seconds=loop.time() - begun)

    async def _read(
        self,
        url: str,
        headers: Mapping[str, str],
        cap: int,
        *,
        cut: bool,
        form: bytes | None = None,
    ) -> Response:
        """Make one request, a POST of a form if there is one.

        A body larger than `cap` is an error, or is truncated if `cut`.
        """
        sent = {"User-Agent": self.agent, "Accept-Encoding": ACCEPTED, **headers}
        transport = self._transport or self._own_transport
        if transport is None:
            raise RuntimeError("the client is not open: use it in `async with`")
        conditional = any(name in sent for name in _VALIDATORS)
        request = httpx.Request(
            "GET" if form is None else "POST",
            parsed_url(url),
            content=form,
            # As bytes: a validator may contain any character.
            headers=[(name.encode("ascii"), value.encode("utf-8")) for name, value in sent.items()],
            # The target exactly as in the address: no parser on the way changes it.
            extensions={"target": _target_of(url)},
        )
        try:
            response = await transport.handle_async_request(request)
        except httpx.TransportError as error:
            raise as_fetch_error(error, url) from error
        try:
            return await read_response(response, url, cap=cap, cut=cut, conditional=conditional)
        finally:
            await response.aclose()

    async def _read_small(self, address: str) -> tuple[int, str]:
        accept = {"Accept": "text/plain,application/json,*/*;q=0.5"}
        page = await self._follow(address, address, accept, _SMALL, _ROBOTS_REDIRECTS, robots=True)
        return page.status, page.body.decode("utf-8-sig", "replace")

    async def _read_robots(self, address: str) -> tuple[int, str]:
        cap = self._settings.max_robots_bytes
        accept = {"Accept": "text/plain,*/*;q=0.5"}
        page = await self._follow(address, address, accept, cap, _ROBOTS_REDIRECTS, robots=False)
        body = page.body
        if len(body) >= cap:
            # RFC 9309, 2.5: the first 500 KiB count. A truncated rule may forbid more than the
            # whole.
            body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
        return page.status, body.decode("utf-8-sig", "replace")


def _target_of(url: str) -> bytes:
    """Return the request target of an address (RFC 9112, section 3.2.1): all after its host.

    Only characters invalid in a request line are escaped: spaces, controls, non-ASCII characters.
    """
    rest = url.partition("#")[0].partition("://")[2]
    host = _HOST_END.split(rest, maxsplit=1)[0]
    target = rest[len(host) :]
    return quote(target if target.startswith("/") else f"/{target}", safe=punctuation).encode()


def _checked(url: str) -> str:
    """Return an allowed address in its canonical form, or ""."""
    try:
        return check_url(url)
    except FetchError:
        return ""


def _redirect_target(base: str, location: str, asked: str, visited: set[str]) -> str:
    """Return the target of a redirect."""
    try:
        # As it stands: what readers of addresses take for different hosts is followed to neither.
        check_url(urljoin(base, location))
        target = check_url(joined := absolute(base, location))
    except (FetchError, ValueError):
        raise FetchError(
            f"{asked}: redirects to {location[:200]!r}, which is not a web address",
            url=asked,
            error_class=ErrorClass.BAD_URL,
        ) from None
    # Some sites redirect to the same address with a tracking parameter, and require it.
    return joined if target in visited else target
