"""Answers what a page that a browser draws asks for: by our own client, or with a refusal."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag

from scraper.errors import FetchError
from scraper.fetch.client import Client
from scraper.models import Page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route, WebSocketRoute

__all__ = ["MAX_REQUESTS", "Desk"]

# What a text does without, and streams that never end.
_DROPPED: Final = frozenset(
    ("image", "font", "media", "texttrack", "manifest", "ping", "eventsource", "other")
)
# Requests that one page may make; a feed without an end stops here.
MAX_REQUESTS: Final = 80
# Seconds that one of them may take: what is held open must not keep the host from the others.
_LONGEST: Final = 5.0
# Fields that are about the transfer, that set cookies, or that would bind our own hands.
_WITHHELD: Final = frozenset(
    (
        "connection",
        "content-encoding",
        "content-length",
        "content-security-policy",
        "refresh",
        "set-cookie",
        "transfer-encoding",
    )
)


class Desk:
    """Answers what one page asks for.

    Args:
        client: fetches it.
        most: bytes that all its requests may bring.
        page: the page itself, which is at hand.

    Attributes:
        wire_bytes: what came over the wire for it.
    """

    def __init__(self, client: Client, most: int, page: Page) -> None:
        self._client = client
        self._page = page
        self._left = most
        self._requests = 0
        self._shown = False
        self._closed = False
        self._parts: set[asyncio.Task[Page]] = set()
        self.wire_bytes = 0

    @property
    def busy(self) -> bool:
        """Whether the page waits for something."""
        return bool(self._parts)

    async def serve(self, context: BrowserContext) -> None:
        """Answer all requests of a context; it has no other way to the network."""
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", self._refuse)

    async def close(self) -> None:
        """Break off what is under way, so that nothing holds its hosts any longer."""
        self._closed = True
        parts = list(self._parts)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)

    async def _refuse(self, socket: WebSocketRoute) -> None:
        await socket.close()

    async def _answer(self, route: Route) -> None:
        from playwright.async_api import Error

        answer = await self._page_or_part(route)
        # The page may be gone by now.
        with suppress(Error):
            if answer is None:
                # A page that is refused another one stays where it is, unless it is told why.
                leaves = route.request.is_navigation_request()
                await route.abort("aborted" if leaves else "blockedbyclient")
                return
            headers = {k: v for k, v in answer.headers.items() if k.lower() not in _WITHHELD}
            await route.fulfill(status=answer.status, headers=headers, body=answer.body)

    async def _page_or_part(self, route: Route) -> Page | None:
        """Return what a request is answered with, or None to refuse it."""
        request = route.request
        if request.is_navigation_request():
            # Once: to where its scripts lead is another page, and to itself there is no end of it.
            asked, own = urldefrag(request.url)[0], urldefrag(self._page.final_url)[0]
            first, self._shown = asked == own and not self._shown, True
            return self._page if first else None
        if request.resource_type in _DROPPED or request.method != "GET" or self._closed:
            return None
        self._requests += 1
        if self._requests > MAX_REQUESTS or self._left <= 0:
            return None
        part = asyncio.ensure_future(self._client.get_part(request.url, max_bytes=self._left))
        self._parts.add(part)
        try:
            await asyncio.wait({part}, timeout=_LONGEST)
            if not part.done():
                part.cancel()
            answer = await part
        except (FetchError, asyncio.CancelledError):
            return None
        finally:
            self._parts.discard(part)
        self._left -= len(answer.body)
        self.wire_bytes += answer.wire_bytes
        return answer
