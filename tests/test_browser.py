"""Pages that scripts fill, drawn by a real Chromium from a real server, within our bounds."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scraper.config import Config, ParseSettings
from scraper.errors import FetchError
from scraper.fetch import Client, PageRenderer
from scraper.models import FetchSettings, Page
from scraper.pipeline.run import Pipeline
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


class Site(ThreadingHTTPServer):
    """Answers by path and remembers what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.agents: set[str] = set()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.agents.add(self.headers["User-Agent"])
        kind, body = "text/html; charset=utf-8", ""
        if self.path == "/story":
            body = FRAME % (FILL)
        elif self.path == "/app.js":
            kind, body = "text/javascript", "window.started = true;"
        elif self.path == "/api/story.json":
            kind, body = "application/json", json.dumps(STORY)
        elif self.path == "/busy":
            body = FRAME % ("<p>busy</p><script>while (true) {}</script>")
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


def draw(site: Site, path: str, **changes: object) -> Page:
    async def run() -> Page:
        made = settings(site, **changes)
        async with Client(made) as client, PageRenderer(client, made) as renderer:
            return await renderer.get(site.base + path)

    return asyncio.run(run())


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


def test_a_missing_browser_is_named_with_what_to_do(site: Site) -> None:
    with pytest.raises(FetchError) as caught:
        draw(site, "/story", browser="/no/such/browser")
    assert caught.value.error_class == "no_browser"
    assert "/no/such/browser" in caught.value.message and "Chromium" in caught.value.message
    assert site.asked == []
