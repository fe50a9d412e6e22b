"""Gauntlet 35 to 39: pages that parsers do not survive, through the pipeline and its workers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scraper import Archive
from scraper.config import load_config
from scraper.fetching import Client
from scraper.pipeline import LinkOutcome, Pipeline
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.test_runs import LINES, story
from tests.gauntlet.trial import settings_for, unharmed
from tests.processes import processes_below

ARTICLE = "<article><h1>渡轮模型公开</h1>" + "".join(f"<p>{line}</p>" for line in LINES)
ARTICLE += "</article>"
# Seconds that one page may take: a quarter of the default bound of 10 s, and what a busy machine
# adds until the worker is stopped.
LIMIT, SLACK = 2.5, 8.0
# Seconds between two looks at what the workers do.
_LOOK = 0.05

# A page's outcome, its reason, and the seconds until it was recorded.
Outcome = tuple[str, str, float]
Beside = Callable[[], Awaitable[None]]


def page(inner: str, *, title: str = "渡轮模型公开", head: str = "") -> bytes:
    return reply(
        f"<html lang='zh-CN'><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{inner}</body></html>"
    )


def address(server: Server, name: str, host: str = "127.0.0.1") -> str:
    return server.url(f"/2026/03/{name}-8123.html", host)


async def nothing() -> None:
    """Do nothing beside the pipeline."""


def collected(
    folder: Path, pages: Mapping[str, Script], beside: Beside = nothing, **parse: Any
) -> dict[str, Outcome]:
    """Fetch pages of a host each, and a healthy one first and last; return what came of each.

    The healthy one is read by the same workers: whatever a page does, they must be there again.
    """
    found: dict[str, Outcome] = {}

    async def run(server: Server) -> None:
        config = load_config()
        limits = {"timeout": LIMIT, "workers": 2, **parse}
        config = replace(
            config, fetch=settings_for(server.port), parse=replace(config.parse, **limits)
        )
        loop = asyncio.get_running_loop()
        async with (
            Pipeline(config, open_archive=lambda: Archive(folder)) as pipeline,
            Client(config.fetch) as client,
        ):

            async def fetch(*names: str) -> None:
                begun = loop.time()
                urls = {address(server, name, f"h{n}.localhost"): name
                        for n, name in enumerate(names)}  # fmt: skip
                one: LinkOutcome
                async for one in pipeline.fetch(list(urls)):
                    name = urls[one.attempt.link.url]
                    took = loop.time() - begun
                    found[name] = (one.recorded.outcome, one.recorded.reason, took)

            # The server that workers are forked from begins with the first page.
            await fetch("before")
            async with unharmed(client):
                await asyncio.gather(fetch(*pages), beside())
                await fetch("after")

    routes: dict[str, Script] = {
        f"/2026/03/{name}-8123.html": answer
        for name, answer in {**pages, "before": story(), "after": story()}.items()
    }
    with Server(routes) as server:
        asyncio.run(run(server))
    assert found.pop("before")[:2] == ("kept", "new")
    assert found.pop("after")[0] in ("kept", "unchanged")
    with Archive(folder, create=False) as archive:
        assert archive.doctor(least_free=0) == ()
    return found


def text_of(folder: Path, name: str) -> str:
    """Return the archived text of a page."""
    with Archive(folder, create=False) as archive:
        (hit,) = [entry for entry in archive.changes() if f"/{name}-8123" in entry.url]
        return archive.version(hit.url).article.text


def test_g35_a_hundred_thousand_nested_elements_cost_themselves(tmp_path: Path) -> None:
    found = collected(tmp_path, {"deep": page("<div>" * 100_000 + ARTICLE), "peer": story()})
    assert found["peer"][:2] == ("kept", "new")
    outcome, reason, took = found["deep"]
    assert (outcome, reason) == ("failed", "parse_timeout")
    assert took < LIMIT + SLACK


@pytest.mark.parametrize("element", ["div", "span", "section", "blockquote"])
def test_g36_a_text_three_hundred_elements_deep_is_kept(element: str, tmp_path: Path) -> None:
    inner = f"<{element}>" * 300 + ARTICLE + f"</{element}>" * 300
    found = collected(tmp_path, {"deep": page(inner)}, timeout=10.0)
    assert found["deep"][:2] == ("kept", "new")
    assert all(line in text_of(tmp_path, "deep") for line in LINES)


@pytest.mark.parametrize(
    "inner",
    [
        "<div " + " ".join(f"a{n}=b" for n in range(100_000)) + ">" + ARTICLE + "</div>",
        "<b><i>" * (40_000 // 6) + ARTICLE,
        "<b><i><p>" * (40_000 // 9) + ARTICLE,
        "<ul><li>" * 20_000 + ARTICLE,
    ],
    ids=["attributes", "formatting", "formatting in paragraphs", "lists"],
)
def test_g37_what_is_slow_to_parse_gives_its_text_or_ends_in_time(
    inner: str, tmp_path: Path
) -> None:
    found = collected(tmp_path, {"slow": page(inner)})
    outcome, reason, took = found["slow"]
    assert (outcome, reason) in (("kept", "new"), ("failed", "parse_timeout"))
    assert took < LIMIT + SLACK
    if outcome == "kept":
        assert all(line in text_of(tmp_path, "slow") for line in LINES)


def test_g38_a_parser_that_crashes_takes_no_other_page_with_it(tmp_path: Path) -> None:
    """The worker that reads a slow page gets the signal that a broken pointer gives."""

    async def crash() -> None:
        busy: Counter[int] = Counter()
        while True:
            for worker in processes_below(os.getpid()):
                busy[worker.pid] = busy[worker.pid] + 1 if worker.is_busy() else 0
                # The other pages take no second together.
                if busy[worker.pid] * _LOOK >= 2.0:
                    os.kill(worker.pid, signal.SIGSEGV)
                    return
            await asyncio.sleep(_LOOK)

    slow = page("<div>" * 100_000 + ARTICLE)
    peers = {f"peer{n}": story() for n in range(3)}
    found = collected(tmp_path, {"crash": slow, **peers}, crash, timeout=30.0)
    assert found.pop("crash")[:2] == ("failed", "parse_crash")
    assert {outcome[:2] for outcome in found.values()} == {("kept", "new")}


def test_g38_a_page_that_takes_all_memory_takes_no_other_page_with_it(tmp_path: Path) -> None:
    # Eight megabytes that make two million elements: more than a worker of 400 MB can hold.
    large = page(ARTICLE + "<p><b>" * (8 * 2**20 // 6))
    peers = {f"peer{n}": story() for n in range(3)}
    found = collected(tmp_path, {"large": large, **peers}, timeout=60.0, memory=400 * 2**20)
    assert found.pop("large")[:2] == ("failed", "parse_crash")
    assert {outcome[:2] for outcome in found.values()} == {("kept", "new")}


def test_g39_what_no_database_takes_is_stored_without_it(tmp_path: Path) -> None:
    data = (
        '{"@type": "NewsArticle", "headline": "渡轮\\ud800模型公开", "wordCount": '
        + "9" * 5000
        + ', "author": {"name": "林\\u0000岚"}, "datePublished": "2026-03-10T08:00:00+08:00"}'
    )
    inner = ARTICLE.replace("港口委员会周一", "港口&#xD800;委员\0会周一")
    odd = page(
        inner,
        title="渡轮&#56832;模型公开",
        head=f'<script type="application/ld+json">{data}</script>',
    )
    found = collected(tmp_path, {"odd": odd}, timeout=10.0)
    assert found["odd"][:2] == ("kept", "new")
    text = text_of(tmp_path, "odd")
    assert all(line in text for line in LINES[1:])
    assert LINES[0] in text.replace("\ufffd", "")
    with Archive(tmp_path, create=False) as archive:
        (hit,) = [entry for entry in archive.changes() if "/odd-8123" in entry.url]
        article = archive.version(hit.url).article
    shown = "".join((article.title, article.text, article.markdown, *article.authors))
    assert not any(0xD800 <= ord(c) < 0xE000 or c == "\0" for c in shown)
    assert article.title.replace("\ufffd", "") == "渡轮模型公开"
    assert article.authors == ("林岚",)
    assert article.published is not None
