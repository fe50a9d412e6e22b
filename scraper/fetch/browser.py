"""Pages that only a script fills: a real browser draws them, and we fetch for it.

The browser never touches the network. Each request that a page makes is answered by our own client
(`desk`), so robots.txt, the guard, the caps and the decoders hold for it as for any fetch; behind
that stands a proxy that does not exist. Playwright (the extra ``browser``) drives the system's
Chromium.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from scraper.errors import FetchError
from scraper.fetch.client import Client
from scraper.fetch.desk import Desk
from scraper.models import FetchSettings, Page

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession

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
    # What is not answered by us goes to a proxy at a port where nobody listens, and finds no host.
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
# Seconds between two looks at a page; so many looks without a change, and it counts as filled.
_LOOK, _SAME = 0.25, 3
# Seconds that are waited for that at most.
_PATIENCE: Final = 20.0
# Both run in a world of their own, where the page's scripts can't have put on a false face.
_SIZE: Final = (
    "document.readyState === 'loading' ? null : document.documentElement?.innerHTML.length ?? 0"
)
# What stands in open shadow trees is what a reader sees: it takes the place of their hosts' own
# children, which show where a slot has them. Returns null beyond the cap.
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

        Validators are neither sent nor returned: that the frame which a script fills is the same as
        last time says nothing of what it is filled with.

        Returns:
            The page with what was drawn as its body, in UTF-8, and `rendered` set; its size on the
            wire and its duration are those of all that was asked for. What is no HTML page with
            status 200 comes as it is.

        Raises:
            FetchError: as `Client.get`; ``no_browser`` where the extra or the browser is missing,
                ``browser`` where it broke, ``timeout`` and ``too_large`` where a bound was passed.
        """
        program = self._program(url)
        page = await self._client.get(url, max_bytes=max_bytes)
        kind = page.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if page.status != 200 or kind not in ("text/html", "application/xhtml+xml", ""):
            return page
        async with self._turn:
            desk = Desk(self._client, self._settings.max_bytes, page)
            begun = asyncio.get_running_loop().time()
            html = await self._bounded(page, desk, program)
            took = asyncio.get_running_loop().time() - begun
        kept = {k: v for k, v in page.headers.items() if k not in ("etag", "last-modified")}
        return replace(
            page,
            body=html.encode("utf-8", "replace"),
            headers={**kept, "content-type": "text/html; charset=utf-8"},
            wire_bytes=page.wire_bytes + desk.wire_bytes,
            elapsed_ms=page.elapsed_ms + round(1000 * took),
            # The browser has closed what was left open.
            close_delimited=False,
            rendered=True,
        )

    def _program(self, url: str) -> str:
        """Return the browser's program, once all that is needed is there."""
        if importlib.util.find_spec("playwright") is None:
            raise FetchError(
                "to render pages, install the extra: pip install 'scraper[browser]'",
                url=url,
                error_class="no_browser",
            )
        named = self._settings.browser
        names = (named,) if named else _NAMES
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            raise FetchError(
                f"no browser is found ({', '.join(names)}): install Chromium (apt install chromium;"
                " brew install chromium), or set [fetch] browser in settings.toml to its path",
                url=url,
                error_class="no_browser",
            )
        return found

    async def _bounded(self, page: Page, desk: Desk, program: str) -> str:
        """Draw a page within what is left of the time that one page may take."""
        # The extra is imported where it is used: everything else works without it.
        from playwright.async_api import Error

        left = self._settings.total_timeout - page.elapsed_ms / 1000
        drawing = asyncio.ensure_future(self._draw(page, desk, program))
        try:
            done, _ = await asyncio.wait({drawing}, timeout=max(left, 0.0))
            if not done:
                raise FetchError(
                    f"{page.url}: not drawn after {self._settings.total_timeout:g} s",
                    url=page.url,
                    error_class="timeout",
                )
            return drawing.result()
        except Error as error:
            if self._browser is None or not self._browser.is_connected():
                await self._stop()
            raise FetchError(
                f"{page.url}: the browser failed ({_why(str(error))})",
                url=page.url,
                error_class="browser",
            ) from None
        finally:
            if not drawing.done():
                # A script that never ends answers nothing, not even a request to close.
                drawing.cancel()
                await self._stop()
                with suppress(asyncio.CancelledError, Error):
                    await drawing
            await desk.close()

    async def _draw(self, page: Page, desk: Desk, program: str) -> str:
        browser = await self._started(program)
        context = await browser.new_context(
            user_agent=self._client.agent,
            service_workers="block",
            accept_downloads=False,
            locale="zh-CN",
        )
        try:
            await desk.serve(context)
            return await self._filled(context, page, desk)
        finally:
            await desk.close()
            if browser.is_connected():
                await context.unroute_all(behavior="ignoreErrors")
                await context.close()

    async def _filled(self, context: BrowserContext, page: Page, desk: Desk) -> str:
        tab = await context.new_page()
        # A tab that the page opens is none of the article's.
        context.on("page", lambda other: asyncio.ensure_future(other.close()))
        await tab.goto(page.final_url, wait_until="commit", timeout=0)
        session = await context.new_cdp_session(tab)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
        where = int(world["executionContextId"])
        clock = asyncio.get_running_loop().time
        until, same = clock() + _PATIENCE, 0
        before: object = None
        while same < _SAME and clock() < until:
            size = await _evaluated(session, _SIZE, where)
            same = same + 1 if size is not None and size == before and not desk.busy else 0
            before = size
            await asyncio.sleep(_LOOK)
        html = await _evaluated(session, _SOURCE % self._settings.max_bytes, where)
        if not isinstance(html, str):
            raise FetchError(
                f"{page.url}: drawn, it has more than {self._settings.max_bytes:,} characters",
                url=page.url,
                error_class="too_large",
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


async def _evaluated(session: CDPSession, expression: str, where: int) -> object:
    """Return what an expression comes to in a world of a page, None where it fails."""
    asked = {"expression": expression, "contextId": where, "returnByValue": True}
    answer: dict[str, dict[str, object]] = await session.send("Runtime.evaluate", asked)
    return answer["result"].get("value")


def _why(said: str) -> str:
    """Return what matters of a message by Playwright, which may bring the browser's whole log."""
    if "No usable sandbox" in said:
        return "it can't set up its sandbox: allow unprivileged user namespaces on this machine"
    return said.splitlines()[0] if said else "without a word"
