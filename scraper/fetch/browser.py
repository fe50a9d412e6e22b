"""Pages that only a script fills: a real browser draws them, and we fetch for it.

The browser never touches the network. Each request that a page makes is answered by our own client,
so robots.txt, the guard, the caps and the decoders hold for it as for any fetch; behind that stands
a proxy that does not exist. Playwright (the extra ``browser``) drives the system's Chromium.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urldefrag

from scraper.errors import FetchError
from scraper.fetch.client import Client
from scraper.models import FetchSettings, Page

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Route, WebSocketRoute

__all__ = ["PageRenderer"]

# Names of the browser on the systems that we know of, in the order in which they are tried.
_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
_ARGUMENTS: Final = (
    # What is not answered by us goes to a proxy at a port where nobody listens.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
)
# What a text does without.
_DROPPED: Final = frozenset(("image", "font", "media", "texttrack", "manifest", "ping", "other"))
# Requests that one page may make; a feed without an end stops here.
MAX_REQUESTS: Final = 80
# Seconds of quiet after which a page counts as filled, and that are waited for it at most.
_QUIET: Final = 12.0
# Fields that are about the transfer, that set cookies, or that would bind our own hands.
_WITHHELD: Final = frozenset(
    (
        "connection",
        "content-encoding",
        "content-length",
        "content-security-policy",
        "set-cookie",
        "transfer-encoding",
    )
)


class PageRenderer:
    """Draws pages in one browser; an asynchronous context manager.

    The browser is started by the first page that needs it. Each page has a context of its own
    (no cookies, no cache, no service workers), and one is drawn at a time.

    Args:
        client: answers every request of every page; open.
        settings: bounds; `browser` may name the program.
    """

    def __init__(self, client: Client, settings: FetchSettings) -> None:
        self._client = client
        self._settings = settings
        self._turn = asyncio.Lock()
        self._open = AsyncExitStack()
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def get(
        self, url: str, *, etag: str = "", last_modified: str = "", max_bytes: int | None = None
    ) -> Page:
        """Fetch an address as `Client.get` does, and draw it where it is a page.

        Validators are not sent: that the frame which a script fills is the same as last time says
        nothing of what it is filled with.

        Returns:
            The page with what was drawn as its body, in UTF-8, and `rendered` set; what is no
            HTML page with status 200 as it came.

        Raises:
            FetchError: as `Client.get`; ``no_browser`` where the extra or the browser is missing,
                ``browser`` where it broke, ``timeout`` and ``too_large`` where a bound was passed.
        """
        program = self._program()
        page = await self._client.get(url, max_bytes=max_bytes)
        kind = page.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if page.status != 200 or kind not in ("text/html", "application/xhtml+xml", ""):
            return page
        async with self._turn:
            html = await self._bounded(page, program)
        return replace(
            page,
            body=html.encode("utf-8", "replace"),
            headers={**page.headers, "content-type": "text/html; charset=utf-8"},
            rendered=True,
        )

    def _program(self) -> str:
        named = self._settings.browser
        names = (named,) if named else _NAMES
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            raise FetchError(
                f"no browser is found ({', '.join(names)}): install Chromium, or set"
                " [fetch] browser in settings.toml to its path",
                error_class="no_browser",
            )
        return found

    async def _bounded(self, page: Page, program: str) -> str:
        """Draw a page within the time that one page may take."""
        # The extra is imported where it is used: everything else works without it.
        try:
            from playwright.async_api import Error
        except ImportError:
            raise FetchError(
                "to render pages, install the extra: pip install 'scraper[browser]'",
                url=page.url,
                error_class="no_browser",
            ) from None
        drawing = asyncio.ensure_future(self._draw(page, program))
        try:
            done, _ = await asyncio.wait({drawing}, timeout=self._settings.total_timeout)
            if not done:
                raise FetchError(
                    f"{page.url}: not drawn after {self._settings.total_timeout:g} s",
                    url=page.url,
                    error_class="timeout",
                )
            return drawing.result()
        except Error as error:
            await self._stop()
            first = str(error).splitlines()[0]
            raise FetchError(
                f"{page.url}: the browser failed ({first})", url=page.url, error_class="browser"
            ) from None
        finally:
            if not drawing.done():
                # A script that never ends answers nothing, not even a request to close.
                drawing.cancel()
                await self._stop()
                with suppress(asyncio.CancelledError, Error):
                    await drawing

    async def _draw(self, page: Page, program: str) -> str:
        from playwright.async_api import TimeoutError as NotQuiet

        browser = await self._started(program)
        context = await browser.new_context(
            user_agent=self._client.agent,
            service_workers="block",
            accept_downloads=False,
            locale="zh-CN",
        )
        try:
            await _Desk(self._client, self._settings, page).serve(context)
            tab = await context.new_page()
            # A tab that the page opens is none of the article's.
            context.on("page", lambda other: asyncio.ensure_future(other.close()))
            await tab.goto(page.final_url, wait_until="domcontentloaded", timeout=0)
            with suppress(NotQuiet):
                await tab.wait_for_load_state("networkidle", timeout=1000 * _QUIET)
            size: int = await tab.evaluate("document.documentElement.outerHTML.length")
            if size > self._settings.max_bytes:
                raise FetchError(
                    f"{page.url}: drawn, it has {size:,} characters, more than"
                    f" {self._settings.max_bytes:,}",
                    url=page.url,
                    error_class="too_large",
                )
            html: str = await tab.content()
            return html
        finally:
            if self._browser is not None:
                await context.close()

    async def _started(self, program: str) -> Browser:
        from playwright.async_api import async_playwright

        if self._browser is None or not self._browser.is_connected():
            playwright = await self._open.enter_async_context(async_playwright())
            as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
            self._browser = await playwright.chromium.launch(
                executable_path=program, args=[*_ARGUMENTS, *as_root], handle_sigint=False
            )
            self._open.push_async_callback(self._browser.close)
        return self._browser

    async def _stop(self) -> None:
        self._browser = None
        await self._open.aclose()
        self._open = AsyncExitStack()


class _Desk:
    """Answers what one page asks for."""

    def __init__(self, client: Client, settings: FetchSettings, page: Page) -> None:
        self._client = client
        self._page = page
        self._left = settings.max_bytes
        self._requests = 0

    async def serve(self, context: BrowserContext) -> None:
        """Answer all requests of a context; it has no other way to the network."""
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", self._refuse)

    async def _refuse(self, socket: WebSocketRoute) -> None:
        await socket.close()

    async def _answer(self, route: Route) -> None:
        request = route.request
        if request.is_navigation_request():
            # The page itself is at hand; where its scripts lead to is another page.
            if urldefrag(request.url)[0] == urldefrag(self._page.final_url)[0]:
                await self._fulfil(route, self._page)
            else:
                await route.abort("blockedbyclient")
            return
        self._requests += 1
        if (
            request.resource_type in _DROPPED
            or request.method != "GET"
            or self._requests > MAX_REQUESTS
            or self._left <= 0
        ):
            await route.abort("blockedbyclient")
            return
        try:
            part = await self._client.get_part(request.url, max_bytes=self._left)
        except FetchError:
            await route.abort("failed")
            return
        self._left -= len(part.body)
        await self._fulfil(route, part)

    async def _fulfil(self, route: Route, page: Page) -> None:
        headers = {k: v for k, v in page.headers.items() if k.lower() not in _WITHHELD}
        await route.fulfill(status=page.status, headers=headers, body=page.body)
