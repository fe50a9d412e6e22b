"""JavaScript-rendered pages: a real browser renders them, and our client fetches for it.

The browser never touches the network. Our client answers each request that a page makes
(`RequestRouter`), so robots.txt, the address guard, the caps and the decoders hold for it as for
any fetch; behind that stands a proxy that does not exist. Playwright (the extra ``browser``) drives
the system's Chromium.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urldefrag

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.client import Client
from scraper.models import FetchSettings, Page

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Route, WebSocketRoute
    from playwright.async_api import Page as Tab

__all__ = ["MAX_REQUESTS", "PageRenderer", "RequestRouter"]


# What a text does not need, and streams that never end.
_DROPPED: Final = frozenset(
    ("image", "font", "media", "texttrack", "manifest", "ping", "eventsource", "other")
)
# Requests that one page may make: an endless feed stops here.
MAX_REQUESTS: Final = 80
# Seconds that one request may take: what is held open must not keep the host from the others.
_LONGEST: Final = 5.0
# Fields that are about the transfer, that set cookies, or that would keep us from reading the page.
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


class RequestRouter:
    """Answers the requests of one page.

    Args:
        client: fetches what they ask for.
        most: bytes that all answers together may have.
        page: the page itself, which is fetched already.

    Attributes:
        wire_bytes: bytes that came over the wire for them.
    """

    def __init__(self, client: Client, most: int, page: Page) -> None:
        self._client = client
        self._page = page
        self._left = most
        self._requests = 0
        self._served = False
        self._closed = False
        self._subresources: set[asyncio.Task[Page]] = set()
        self.wire_bytes = 0

    @property
    def busy(self) -> bool:
        """Whether the page waits for an answer."""
        return bool(self._subresources)

    async def serve(self, context: BrowserContext) -> None:
        """Answer all requests of a context; it has no other way to the network."""
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", self._refuse)

    async def close(self) -> None:
        """Cancel the requests under way, so that nothing holds their hosts any longer."""
        self._closed = True
        pending = list(self._subresources)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _refuse(self, socket: WebSocketRoute) -> None:
        await socket.close()

    async def _answer(self, route: Route) -> None:
        from playwright.async_api import Error

        answer = await self._page_or_subresource(route)
        # The page may be gone by now.
        with suppress(Error):
            if answer is None:
                # A page that is refused another one stays where it is, unless it is told why.
                leaves = route.request.is_navigation_request()
                await route.abort("aborted" if leaves else "blockedbyclient")
                return
            headers = {k: v for k, v in answer.headers.items() if k.lower() not in _WITHHELD}
            await route.fulfill(status=answer.status, headers=headers, body=answer.body)

    async def _page_or_subresource(self, route: Route) -> Page | None:
        """Return what a request is answered with, or None to refuse it."""
        request = route.request
        if request.is_navigation_request():
            # Once: where its scripts lead is another page, and reloading itself would never end.
            asked, own = urldefrag(request.url)[0], urldefrag(self._page.final_url)[0]
            first, self._served = asked == own and not self._served, True
            return self._page if first else None
        if request.resource_type in _DROPPED or request.method != "GET" or self._closed:
            return None
        self._requests += 1
        if self._requests > MAX_REQUESTS or self._left <= 0:
            return None
        task = asyncio.ensure_future(
            self._client.get_subresource(request.url, max_bytes=self._left)
        )
        self._subresources.add(task)
        try:
            await asyncio.wait({task}, timeout=_LONGEST)
            if not task.done():
                task.cancel()
            answer = await task
        except (FetchError, asyncio.CancelledError):
            return None
        finally:
            self._subresources.discard(task)
        self._left -= len(answer.body)
        self.wire_bytes += answer.wire_bytes
        return answer


# Names of the browser on the systems that we know of, in the order in which they are tried.
_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
_ARGUMENTS: Final = (
    # What we do not answer goes to a proxy at a port where nobody listens, and finds no host.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    # Megabytes that the scripts of a page may fill.
    "--js-flags=--max-old-space-size=512",
)
# Seconds between two checks of a page's size; after so many checks without a change it counts as
# rendered.
_CHECK_EVERY, _STABLE_CHECKS = 0.25, 3
# Seconds until a page counts as rendered, whatever it still does.
_LONGEST_RENDERING: Final = 20.0
# Both run in an isolated world, where the page's scripts cannot have replaced what they call.
_SIZE: Final = (
    "document.readyState === 'loading' ? null : document.documentElement?.innerHTML.length ?? 0"
)
# A reader sees what open shadow trees hold: it replaces their hosts' own children, which show where
# a slot has them. Returns null beyond the cap.
_SOURCE: Final = """(most => {
  const hosts = [];
  const find = root => root.querySelectorAll('*').forEach(host => {
    if (host.shadowRoot) { find(host.shadowRoot); hosts.push(host); }
  });
  find(document);
  for (const host of hosts) {
    host.shadowRoot.querySelectorAll('slot').forEach(slot => {
      const shown = slot.assignedNodes();
      if (shown.length) slot.replaceWith(...shown);
    });
    host.replaceChildren(...host.shadowRoot.childNodes);
  }
  const html = '<!DOCTYPE html>' + document.documentElement.outerHTML;
  return html.length > most ? null : html;
})(%d)"""


class PageRenderer:
    """Renders pages in one browser; an asynchronous context manager.

    The first page that needs the browser starts it. Each page has a context of its own (no cookies,
    no cache, no service workers), and pages are rendered one at a time.

    Args:
        client: answers every request of every page; open.
        settings: bounds; `browser` may name the program.
    """

    def __init__(self, client: Client, settings: FetchSettings) -> None:
        self._client = client
        self._settings = settings
        self._lock = asyncio.Lock()
        self._open = AsyncExitStack()
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def get(
        self, url: str, *, etag: str = "", last_modified: str = "", max_bytes: int | None = None
    ) -> Page:
        """Fetch an address as `Client.get` does, and render it where it is a page.

        Validators are neither sent nor returned: the HTML that scripts fill may be the same as last
        time while the text they fill it with is not.

        Returns:
            The page with the rendered HTML as its body, in UTF-8, and `rendered` set; its size on
            the wire and its duration include all its requests. What is no HTML page with status 200
            comes as it is.

        Raises:
            FetchError: as `Client.get`; ``no_browser`` where the extra or the browser is missing,
                ``browser`` where it broke, ``timeout`` and ``too_large`` where a bound was passed.
        """
        program = self._program(url)
        page = await self._client.get(url, max_bytes=max_bytes)
        kind = page.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if page.status != 200 or kind not in ("text/html", "application/xhtml+xml", ""):
            return page
        async with self._lock:
            router = RequestRouter(self._client, self._settings.max_bytes, page)
            begun = asyncio.get_running_loop().time()
            html = await self._bounded(page, router, program)
            took = asyncio.get_running_loop().time() - begun
        kept = {k: v for k, v in page.headers.items() if k not in ("etag", "last-modified")}
        return replace(
            page,
            body=html.encode("utf-8", "replace"),
            headers={**kept, "content-type": "text/html; charset=utf-8"},
            wire_bytes=page.wire_bytes + router.wire_bytes,
            elapsed_ms=page.elapsed_ms + round(1000 * took),
            # The browser has closed what was left open.
            close_delimited=False,
            rendered=True,
        )

    def _program(self, url: str) -> str:
        """Return the path of the browser (`FetchError` where it or the extra is missing)."""
        if importlib.util.find_spec("playwright") is None:
            raise FetchError(
                "to render pages, install the extra: pip install 'scraper[browser]'",
                url=url,
                error_class=ErrorClass.NO_BROWSER,
            )
        named = self._settings.browser
        names = (named,) if named else _NAMES
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            raise FetchError(
                f"no browser is found ({', '.join(names)}): install Chromium (apt install chromium;"
                " brew install chromium), or set [fetch] browser in settings.toml to its path",
                url=url,
                error_class=ErrorClass.NO_BROWSER,
            )
        return found

    async def _bounded(self, page: Page, router: RequestRouter, program: str) -> str:
        """Render a page within what is left of the time that one page may take."""
        # The extra is imported where it is used: everything else works without it.
        from playwright.async_api import Error

        left = self._settings.total_timeout - page.elapsed_ms / 1000
        rendering = asyncio.ensure_future(self._render(page, router, program))
        try:
            done, _ = await asyncio.wait({rendering}, timeout=max(left, 0.0))
            if not done:
                raise FetchError(
                    f"{page.url}: not rendered after {self._settings.total_timeout:g} s",
                    url=page.url,
                    error_class=ErrorClass.TIMEOUT,
                )
            return rendering.result()
        except Error as error:
            if self._browser is None or not self._browser.is_connected():
                await self._stop()
            raise FetchError(
                f"{page.url}: the browser failed ({_why(str(error))})",
                url=page.url,
                error_class=ErrorClass.BROWSER,
            ) from None
        finally:
            if not rendering.done():
                # A page whose script never ends answers nothing, not even a request to close.
                rendering.cancel()
                await self._stop()
                with suppress(asyncio.CancelledError, Error):
                    await rendering
            await router.close()

    async def _render(self, page: Page, router: RequestRouter, program: str) -> str:
        browser = await self._started(program)
        context = await browser.new_context(
            user_agent=self._client.agent,
            service_workers="block",
            accept_downloads=False,
            locale="zh-CN",
        )
        try:
            await router.serve(context)
            tab = await context.new_page()
            return await _unless_it_dies(tab, self._rendered(context, tab, page, router))
        finally:
            await router.close()
            if browser.is_connected():
                await context.unroute_all(behavior="ignoreErrors")
                await context.close()

    async def _rendered(
        self, context: BrowserContext, tab: Tab, page: Page, router: RequestRouter
    ) -> str:
        # A tab that the page opens is no part of the article.
        context.on("page", lambda other: asyncio.ensure_future(other.close()))
        await tab.goto(page.final_url, wait_until="commit", timeout=0)
        session = await context.new_cdp_session(tab)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
        where = int(world["executionContextId"])
        clock = asyncio.get_running_loop().time
        until, same = clock() + _LONGEST_RENDERING, 0
        before: object = None
        while same < _STABLE_CHECKS and clock() < until:
            size = await _evaluated(session, _SIZE, where)
            same = same + 1 if size is not None and size == before and not router.busy else 0
            before = size
            await asyncio.sleep(_CHECK_EVERY)
        html = await _evaluated(session, _SOURCE % self._settings.max_bytes, where)
        if not isinstance(html, str):
            raise FetchError(
                f"{page.url}: rendered, it has more than {self._settings.max_bytes:,} characters",
                url=page.url,
                error_class=ErrorClass.TOO_LARGE,
            )
        return html

    async def _started(self, program: str) -> Browser:
        from playwright.async_api import async_playwright

        if self._browser is None or not self._browser.is_connected():
            await self._stop()
            playwright = await self._open.enter_async_context(async_playwright())
            self._browser = await playwright.chromium.launch(
                executable_path=program,
                args=list(_ARGUMENTS),
                # Chromium refuses its sandbox to root, and is refused to nobody else.
                chromium_sandbox=not (hasattr(os, "geteuid") and os.geteuid() == 0),
                handle_sigint=False,
            )
            self._open.push_async_callback(self._browser.close)
        return self._browser

    async def _stop(self) -> None:
        self._browser = None
        await self._open.aclose()
        self._open = AsyncExitStack()


async def _unless_it_dies(tab: Tab, rendering: Coroutine[object, object, str]) -> str:
    """Return what rendering comes to, unless the process of its tab dies first.

    That process may run out of memory alone: the browser lives on, and what was asked of the tab is
    never answered.
    """
    from playwright.async_api import Error

    died = asyncio.Event()
    tab.on("crash", lambda _: died.set())
    tasks = [asyncio.ensure_future(rendering), asyncio.ensure_future(died.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if died.is_set():
            raise Error("the process of the page died")
        return str(tasks[0].result())
    finally:
        for task in tasks:
            task.cancel()
        # What the browser still says of it is of no interest.
        await asyncio.gather(*tasks, return_exceptions=True)


async def _evaluated(session: CDPSession, expression: str, where: int) -> object:
    """Return what an expression comes to in a world of a page, None where it fails."""
    asked = {"expression": expression, "contextId": where, "returnByValue": True}
    answer: dict[str, dict[str, object]] = await session.send("Runtime.evaluate", asked)
    return answer["result"].get("value")


def _why(said: str) -> str:
    """Return the cause in a message of Playwright, which may hold the browser's whole log."""
    if "No usable sandbox" in said:
        return "it can't set up its sandbox: allow unprivileged user namespaces on this machine"
    return said.splitlines()[0] if said else "no reason is given"
