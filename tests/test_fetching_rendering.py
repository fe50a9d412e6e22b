"""Pages that scripts fill, drawn by a real Chromium from a real server, within our bounds."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scraper.config import Config, ParseSettings
from scraper.errors import FetchError
from scraper.fetching import Client, PageRenderer
from scraper.models import FetchSettings, Page
from scraper.pipeline.pipeline import Pipeline
from tests.archiving import opened

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
needs_browser = pytest.mark.skipif(
    not BROWSER or importlib.util.find_spec("playwright") is None,
    reason="needs Chromium and the extra: pip install 'scraper[browser]'",
)

STORY = (
    "The tide tables of the harbour have been printed by hand since the year of the great flood, "
    "and the printer, who is eighty, says that nobody has yet offered to learn the trade from her.",
    "On Monday the council decided to buy a machine for it, which will print in an hour what she "
    "prints in a week, and which, as she said at the meeting, can't tell spring tide from a neap.",
    "The machine will be set up beside her press, and for a year both tables will be printed, so "
    "that those who go out with the boats may choose which of the two they would rather trust.",
)
FRAME = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>Tide tables</title></head>"
    "<body><div id=root></div>%s</body></html>"
)
FILL = """<script src=/app.js></script><script>
fetch('/api/story.json').then(r => r.json()).then(story => {
  document.getElementById('root').innerHTML = '<article><h1>Tide tables by hand</h1>'
    + story.map(p => '<p>' + p + '</p>').join('') + '<img src=/big.png></article>';
});
</script>"""


# Pages that fill themselves a moment later, whatever else they do; %d is a port out of reach.
LATER = """<p>here</p><script>setTimeout(() => fetch('/api/story.json').then(r => r.json()).then(
story => { document.getElementById('root').textContent = story.join(' ') }), 300);</script>"""
TRICKS = {
    "/pictures": "".join(f"<img src=/i{n}.png>" for n in range(100)) + LATER,
    "/stream": "<script>new EventSource('/endless')</script>" + LATER,
    "/poll": "<script>fetch('/endless')</script>" + LATER,
    "/big": "<script>fetch('/fifty')</script>" + LATER,
    "/reload": "<p>here</p><script>location.reload()</script>",
    "/reload-later": "<p>here</p><script>setTimeout(() => location.reload(), 50)</script>",
    "/refresh": "<meta http-equiv=refresh content='0;url=/story'><p>here</p>",
    "/inwards": "<p>here</p><script>fetch('/to-metadata').catch(() => document.body.append("
    "'refused'))</script>",
    "/file": "<p>here</p><script>location = 'file:///etc/passwd';"
    "location = 'chrome://version'; location = 'data:text/html,there'</script>",
    "/shadow": "<x-story><b slot=by>the printer</b></x-story><script>"
    "const root = document.querySelector('x-story').attachShadow({mode: 'open'});"
    "root.innerHTML = '<p>sha' + 'ded by <slot name=by></slot></p>'</script>",
    "/liar": "<script>document.body.append('x'.repeat(3000000));"
    "Object.defineProperty(Element.prototype, 'outerHTML', {get() { return 'x' }})</script>",
    "/ways-out": """<p>here</p><script>
const call = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:%d'}]});
call.createDataChannel('x');
call.createOffer().then(offer => call.setLocalDescription(offer));
new WebSocket('ws://127.0.0.1:%d/');
try { new WebTransport('https://127.0.0.1:%d/') } catch {}
open('http://127.0.0.1:%d/');
navigator.sendBeacon('http://127.0.0.1:%d/', 'x');
document.head.insertAdjacentHTML('beforeend', '<link rel=preconnect href=http://127.0.0.1:%d>' +
  '<link rel=prefetch href=http://127.0.0.1:%d/><link rel=preload as=fetch href=http://127.0.0.1:%d/>');
const ticks = setInterval(() => document.body.append('.'), 100);
setTimeout(() => clearInterval(ticks), 2000);
</script><iframe src="http://127.0.0.1:%d/"></iframe>""",
}


class Site(ThreadingHTTPServer):
    """Answers by path and remembers what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.forbidden = 9
        self.agents: set[str] = set()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.agents.add(self.headers["User-Agent"])
        if self.path == "/endless" or self.path == "/fifty":
            self.endless(b"x" * 2**20 if self.path == "/fifty" else b":\n")
            return
        if self.path == "/to-metadata":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        kind, body = "text/html; charset=utf-8", ""
        if self.path in TRICKS:
            body = FRAME % TRICKS[self.path].replace("%d", str(self.server.forbidden))
        elif self.path == "/story":
            body = FRAME % (FILL)
        elif self.path == "/app.js":
            kind, body = "text/javascript", "window.started = true;"
        elif self.path == "/api/story.json":
            kind, body = "application/json", json.dumps(STORY)
        elif self.path == "/busy":
            busy = "<p>busy</p><script src='/begun.js'></script><script>while (true) {}</script>"
            body = FRAME % busy
        elif self.path == "/begun.js":
            kind, body = "text/javascript", ""
        elif self.path == "/away":
            body = FRAME % ("<p>here</p><script>location.href = '/story'</script>")
        elif self.path == "/private":
            probe = (
                "<p id=out>asking</p><script>fetch('http://169.254.169.254/latest/').then("
                "() => document.getElementById('out').textContent = 'reached',"
                "() => document.getElementById('out').textContent = 'refused');"
                "try { new WebSocket(location.origin.replace('http', 'ws') + '/socket') } catch {}"
                "</script>"
            )
            body = FRAME % (probe)
        elif self.path == "/many":
            body = FRAME % (
                "<p>many</p><script>for (let i = 0; i < 300; i++) fetch('/part/' + i)</script>",
            )
        elif self.path == "/huge":
            body = FRAME % ("<script>document.body.append('x'.repeat(3000000))</script>"
            )  # fmt: skip
        elif self.path == "/robots.txt":
            kind, body = "text/plain", "User-agent: *\nDisallow: /secret/\n"
        elif self.path == "/asks-secret":
            body = FRAME % ("<p>asks</p><script>fetch('/secret/a.json')</script>")
        data = body.encode()
        self.send_response(200 if body or self.path.startswith("/part/") else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def endless(self, piece: bytes) -> None:
        """Go on until the other side has had enough, or fifty pieces of a megabyte."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for _ in range(50):
                self.wfile.write(piece)
                self.wfile.flush()
                self.server.asked.append("piece")
                time.sleep(0.001 if len(piece) > 9 else 0.5)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def settings(site: Site, **changes: object) -> FetchSettings:
    made = FetchSettings(
        delay=0.0,
        allow_private=("127.0.0.0/8",),
        ports=(80, 443, site.server_port),
        browser=BROWSER,
        ask_reservations=False,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def draw_all(site: Site, *paths: str, **changes: object) -> list[Page]:
    """Draw pages of the site, one after another in one browser."""

    async def run() -> list[Page]:
        made = settings(site, **changes)
        async with Client(made) as client, PageRenderer(client, made) as renderer:
            return [await renderer.get(site.base + path) for path in paths]

    return asyncio.run(run())


def draw(site: Site, path: str, **changes: object) -> Page:
    [page] = draw_all(site, path, **changes)
    return page


@needs_browser
def test_what_a_script_fills_is_the_page_and_pictures_are_not_asked_for(site: Site) -> None:
    page = draw(site, "/story")
    assert page.rendered
    assert all(line in page.body.decode() for line in STORY)
    assert "/app.js" in site.asked and "/big.png" not in site.asked
    assert {agent.split("/")[0] for agent in site.agents} == {"scraper"}


@needs_browser
def test_a_drawn_page_is_archived_and_marked(site: Site, tmp_path: Path) -> None:
    async def run(render: bool) -> str:
        made = Config(folder=tmp_path, fetch=settings(site), parse=ParseSettings(), sources=())
        async with Pipeline(made, open_archive=lambda: opened(tmp_path), render=render) as pipeline:
            found = [o.recorded.outcome async for o in pipeline.fetch([site.base + "/story"])]
        return found[0]

    assert asyncio.run(run(False)) == "rejected"
    assert asyncio.run(run(True)) == "kept"
    with opened(tmp_path) as archive:
        version = archive.version(site.base + "/story")
        rows = archive.fetches(site.base + "/story")
    assert version.article.text.splitlines() == list(STORY)
    assert sorted(row.rendered for row in rows) == [False, True]


@needs_browser
def test_a_page_reaches_neither_private_addresses_nor_sockets(site: Site) -> None:
    page = draw(site, "/private")
    assert b">refused<" in page.body
    assert "/socket" not in site.asked


@needs_browser
def test_robots_txt_holds_for_what_a_page_asks_for(site: Site) -> None:
    draw(site, "/asks-secret")
    assert "/secret/a.json" not in site.asked


@needs_browser
def test_a_page_that_leads_elsewhere_stays_itself(site: Site) -> None:
    assert b"here" in draw(site, "/away").body
    assert "/story" not in site.asked


@needs_browser
def test_requests_of_a_page_are_bounded(site: Site) -> None:
    draw(site, "/many")
    assert 0 < sum(path.startswith("/part/") for path in site.asked) <= 80


@needs_browser
def test_a_script_without_an_end_costs_one_page(site: Site) -> None:
    async def run() -> tuple[str, bool]:
        made = settings(site, total_timeout=6.0)
        async with Client(made) as client, PageRenderer(client, made) as renderer:
            with pytest.raises(FetchError) as caught:
                await renderer.get(site.base + "/busy")
            page = await renderer.get(site.base + "/story")
            return caught.value.error_class, STORY[0] in page.body.decode()

    assert asyncio.run(run()) == ("timeout", True)


@needs_browser
def test_what_grows_beyond_the_cap_is_refused(site: Site) -> None:
    with pytest.raises(FetchError) as caught:
        draw(site, "/huge", max_bytes=1_000_000)
    assert caught.value.error_class == "too_large"


@pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="needs the extra")
def test_a_missing_browser_is_named_with_what_to_do(site: Site) -> None:
    with pytest.raises(FetchError) as caught:
        draw(site, "/story", browser="/no/such/browser")
    assert caught.value.error_class == "no_browser"
    assert "/no/such/browser" in caught.value.message and "Chromium" in caught.value.message
    assert site.asked == []


@needs_browser
def test_what_a_page_asks_for_beside_its_text_does_not_cost_the_text(site: Site) -> None:
    for page in draw_all(site, "/pictures", "/stream", "/poll", "/big"):
        assert STORY[0] in page.body.decode(), page.url
    # Of fifty megabytes no more is read than the cap, and what waits in buffers on the way.
    assert site.asked.count("piece") < 40


@needs_browser
def test_a_page_that_leaves_is_shown_once(site: Site) -> None:
    paths = ("/reload", "/reload-later", "/file")
    for path, page in zip(paths, draw_all(site, *paths), strict=True):
        html = page.body.decode()
        assert "<p>here</p>" in html and "root:" not in html
        assert site.asked.count(path) == 1 and "/story" not in site.asked


@needs_browser
def test_a_page_that_leads_on_is_drawn_where_it_leads(site: Site) -> None:
    page = draw(site, "/refresh")
    assert page.final_url.endswith("/story") and STORY[0] in page.body.decode()
    assert site.asked.count("/refresh") == 1 and site.asked.count("/story") == 1


@needs_browser
def test_a_redirect_to_a_private_address_is_refused(site: Site) -> None:
    assert b"refused" in draw(site, "/inwards").body


@needs_browser
def test_no_way_leads_past_our_client(site: Site) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as streams,
    ):
        datagrams.bind(("127.0.0.1", 0))
        site.forbidden = datagrams.getsockname()[1]
        streams.bind(("127.0.0.1", site.forbidden))
        streams.listen()
        assert b"here" in draw(site, "/ways-out").body
        for sock, reached in ((datagrams, datagrams.recv), (streams, lambda _: streams.accept())):
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                reached(1)


@needs_browser
def test_open_shadow_trees_are_part_of_the_page(site: Site) -> None:
    assert b'<p>shaded by <b slot="by">the printer</b></p>' in draw(site, "/shadow").body


@needs_browser
def test_a_page_cannot_lie_about_its_size(site: Site) -> None:
    with pytest.raises(FetchError) as caught:
        draw(site, "/liar", max_bytes=1_000_000)
    assert caught.value.error_class == "too_large"


def descendants(pid: int) -> set[int]:
    """Return the processes below a process."""
    children = set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    return children.union(*map(descendants, children)) if children else set()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@needs_browser
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("part", [b"chrom", b"--type=renderer"])
def test_a_browser_that_dies_is_one_failed_page(site: Site, part: bytes) -> None:
    async def run() -> tuple[str, bool]:
        made = settings(site)
        async with Client(made) as client, PageRenderer(client, made) as renderer:
            await renderer.get(site.base + "/story")
            drawing = asyncio.ensure_future(renderer.get(site.base + "/busy"))
            # Before that, a browser that died would only be started again.
            await asyncio.to_thread(wait_until, lambda: "/begun.js" in site.asked)
            for pid in descendants(os.getpid()):
                # The others end with the one that began them.
                with suppress(FileNotFoundError, ProcessLookupError):
                    if part in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(pid, signal.SIGKILL)
            with pytest.raises(FetchError) as caught:
                await drawing
            page = await renderer.get(site.base + "/story")
            return caught.value.error_class, STORY[0] in page.body.decode()

    assert asyncio.run(run()) == ("browser", True)


KILLED = """
import asyncio, sys
from scraper.fetching import Client, PageRenderer
from scraper.models import FetchSettings

async def run():
    made = FetchSettings(allow_private=("127.0.0.0/8",), ports=(int(sys.argv[1]),), delay=0.0)
    async with Client(made) as client, PageRenderer(client, made) as renderer:
        await renderer.get(f"http://127.0.0.1:{sys.argv[1]}/busy")

asyncio.run(run())
"""


@needs_browser
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_browser_outlives_a_killed_scraper(site: Site) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(site.server_port)]) as scraper:
        wait_until(lambda: len(descendants(scraper.pid)) > 4)
        below = descendants(scraper.pid)
        scraper.kill()
    wait_until(lambda: not any(map(is_alive, below)))


def test_a_missing_extra_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "playwright" else found(name)
    )
    with pytest.raises(FetchError, match=r"scraper\[browser\]") as caught:
        draw(site, "/story", browser=sys.executable)
    assert caught.value.error_class == "no_browser" and site.asked == []
